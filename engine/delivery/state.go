package delivery

// State is where a delivery stands. The numbers are stored in ledgers: never renumber them.
type State uint8

// The states of a delivery, and who moves it there.
const (
	Planned   State = 1 // Settle, when an attempt ended with nothing sent, or Resolve; a delivery that is in no ledger is planned too
	Intended  State = 2 // Intend: a request may be on its way
	InDoubt   State = 3 // Settle, or Lock after a crash: the request may have reached WhatsApp and its answer is lost
	Rejected  State = 4 // Settle: WhatsApp answered that it will not be sent
	Accepted  State = 5 // Settle with a message id, a status that came first, or Resolve
	Sent      State = 6 // Record: on its way to the phone
	Delivered State = 7 // Record: on the phone
	Read      State = 8 // Record: the person saw it (also a voice note that was played)
	Failed    State = 9 // Record: accepted, and then not delivered; final unless a status says that it arrived, or it is tried again
)

// States lists them all in order.
func States() []State {
	return []State{Planned, Intended, InDoubt, Rejected, Accepted, Sent, Delivered, Read, Failed}
}

// String returns the state as people read it: "in doubt" for InDoubt.
func (s State) String() string { return Words(s.Name()) }

// Name returns the one word by which programs know the state, in JSON, CSV, metrics, addresses and flags: "inDoubt" for InDoubt.
func (s State) Name() string {
	switch s {
	case Planned:
		return "planned"
	case Intended:
		return "intended"
	case InDoubt:
		return "inDoubt"
	case Rejected:
		return "rejected"
	case Accepted:
		return "accepted"
	case Sent:
		return "sent"
	case Delivered:
		return "delivered"
	case Read:
		return "read"
	case Failed:
		return "failed"
	}
	return "unknown"
}

// Reached says whether WhatsApp took the message: accepted, and also when it failed later.
func (s State) Reached() bool { return s >= Accepted }

// Succeeded says whether WhatsApp took the message and it did not fail later: it is on its way, or arrived.
func (s State) Succeeded() bool { return s.Reached() && s != Failed }

// Rank orders what can become of a message by how much it proves. Failed comes between: a message may fail after it
// was sent, and one that arrived did not fail, in any order of the words. 0: nothing was accepted.
func (s State) Rank() int {
	switch s {
	case Accepted:
		return 1
	case Sent:
		return 2
	case Failed:
		return 3
	case Delivered:
		return 4
	case Read:
		return 5
	case Planned, Intended, InDoubt, Rejected:
	}
	return 0
}

// Open says whether the delivery still waits for something: a run is over when none is open.
func (s State) Open() bool { return s == Planned || s == Intended || s == InDoubt }
