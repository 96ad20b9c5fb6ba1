package form

import (
	"encoding/base32"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Forgotten knows which people a ledger was told to forget: not who they are, but their keyed digests, so that who comes again is
// recognised. It is never changed; With makes another. The methods are idempotent: what stands in place of an id stays.
type Forgotten struct {
	keys    *Keys
	Newest  int64 // the row of the newest digest
	digests map[string]struct{}
}

// NewForgotten returns one that knows nobody.
func NewForgotten(keys *Keys) *Forgotten { return &Forgotten{keys: keys} }

// With returns one that knows more digests. newest is the row of the last.
func (f *Forgotten) With(newest int64, codes ...string) *Forgotten {
	more := &Forgotten{keys: f.keys, Newest: newest, digests: maps.Clone(f.digests)}
	if more.digests == nil {
		more.digests = map[string]struct{}{}
	}
	for _, c := range codes {
		more.digests[c] = struct{}{}
	}
	return more
}

// Nobody says whether nobody was forgotten.
func (f *Forgotten) Nobody() bool { return len(f.digests) == 0 }

// Has says whether a digest is known.
func (f *Forgotten) Has(code string) bool {
	_, has := f.digests[code]
	return has
}

// lowerBase32 has no letters that are confused, and is read out easily.
//
//nolint:gochecknoglobals // a constant, but for the language
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// codeOf is a keyed digest of 80 bits. The parts are separated by what is in no id.
func (f *Forgotten) codeOf(kind string, parts ...string) string {
	sum := f.keys.digest.sum([]byte("\x00forgotten\x00" + kind + "\x00" + strings.Join(parts, "\x00")))
	return lowerBase32.EncodeToString(sum[:10])
}

// PersonCode is the digest of an id of a person, with its plus where it is a number.
func (f *Forgotten) PersonCode(id string) string { return f.codeOf("person", id) }

// ItemCode is the digest of an item's key, which is of its job.
func (f *Forgotten) ItemCode(job, item string) string { return f.codeOf("item", job, item) }

// Person returns an id as the ledger has it.
func (f *Forgotten) Person(id string) string {
	if f.Nobody() || id == "" || engine.IsForgotten(id) {
		return id
	}
	if code := f.PersonCode(id); f.Has(code) {
		return engine.Forgotten(code)
	}
	return id
}

// OwnDigest is the digest of an id, whether or not it is forgotten: by it the ledger knows a number that somebody gave up and who was
// forgotten, and whoever has it since is not. Empty where nobody was forgotten.
func (f *Forgotten) OwnDigest(id string) string {
	if f.Nobody() || id == "" || engine.IsForgotten(id) {
		return ""
	}
	return engine.Forgotten(f.PersonCode(id))
}

// Moves gives moves from an id, and to it, in which its digest stands, the id itself.
func (f *Forgotten) Moves(id string, moves []engine.Moved) []engine.Moved {
	digest := f.OwnDigest(id)
	if digest == "" {
		return moves
	}
	for k := range moves {
		m := &moves[k]
		for _, in := range []*string{&m.WasNumber, &m.WasUserID, &m.Number, &m.UserID} {
			if *in == digest {
				*in = id
			}
		}
	}
	return moves
}

// Persons is Person for several.
func (f *Forgotten) Persons(ids []string) []string {
	if f.Nobody() {
		return ids
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = f.Person(id)
	}
	return out
}

// Item returns the key of an item as the ledger has it. One that is an id of a person is known as that.
func (f *Forgotten) Item(job, item string) string {
	if f.Nobody() || item == "" {
		return item
	}
	if known := f.Person(item); known != item || engine.IsForgotten(item) {
		return known
	}
	if code := f.ItemCode(job, item); f.Has(code) {
		return engine.Forgotten(code)
	}
	return item
}

// Key is Item for a key.
func (f *Forgotten) Key(k delivery.Key) delivery.Key {
	k.Item = f.Item(k.Job, k.Item)
	return k
}

// Found gives what was found under keys as the ledger has them to the keys that were asked for.
func (f *Forgotten) Found(keys []delivery.Key, found map[delivery.KeyHash]delivery.Delivery) {
	if f.Nobody() {
		return
	}
	for _, k := range keys {
		if d, ok := found[f.Key(k).First().Hash()]; ok {
			found[k.First().Hash()] = d
		}
	}
}

// Message returns what stands in place of a message id, whoever it is of. Message ids hold the number of the person.
func (f *Forgotten) Message(id string) string {
	if id == "" || engine.IsForgotten(id) {
		return id
	}
	return engine.Forgotten(f.codeOf("message", id))
}

// Intent returns an intent as the ledger has it: what is said to somebody who was forgotten is not kept.
func (f *Forgotten) Intent(i delivery.Intent) delivery.Intent {
	if !f.Nobody() {
		i.Key, i.Recipient = f.Key(i.Key), f.Person(i.Recipient)
	}
	if engine.IsForgotten(i.Recipient) || engine.IsForgotten(i.Key.Item) {
		i.Text = delivery.Text{}
	}
	return i
}

// Attempt returns how an attempt for a recipient ended as the ledger has it.
func (f *Forgotten) Attempt(a delivery.Attempt, recipient string) delivery.Attempt {
	if engine.IsForgotten(recipient) {
		a.MessageID, a.Answer.Message, a.Answer.TraceID = f.Message(a.MessageID), "", ""
	}
	return a
}

// Unsent returns a row that became no request as the ledger has it. What a row says of somebody who was forgotten is not kept.
func (f *Forgotten) Unsent(job string, u engine.Unsent) engine.Unsent {
	if known := f.Item(job, u.Item); known != u.Item {
		u.Item, u.Cell, u.Message = known, "", ""
	}
	u.Person = f.Person(u.Person)
	return u
}

// Identity returns how somebody was named as the ledger has it, with the digests that are new: who has one id that was forgotten is
// forgotten by all.
func (f *Forgotten) Identity(i engine.Identity) (engine.Identity, []string) {
	codes := f.together(&i.Number, &i.WaID, &i.UserID)
	if engine.IsForgotten(i.Number) || engine.IsForgotten(i.WaID) || engine.IsForgotten(i.UserID) {
		i.Username = ""
	}
	return i, codes
}

// OptOut is Identity for a word about an opt-out.
func (f *Forgotten) OptOut(w engine.OptOut) (engine.OptOut, []string) {
	codes := f.together(&w.Person, &w.Also)
	return w, codes
}

// together puts digests in place of the ids of one person where one of them is known, and returns those that are new.
func (f *Forgotten) together(ids ...*string) (codes []string) {
	if f.Nobody() {
		return nil
	}
	known := false
	for _, id := range ids {
		known = known || f.Person(*id) != *id || engine.IsForgotten(*id)
	}
	for _, id := range ids {
		if !known || *id == "" || engine.IsForgotten(*id) {
			continue
		}
		code := f.PersonCode(*id)
		if !f.Has(code) {
			codes = append(codes, code)
		}
		*id = engine.Forgotten(code)
	}
	return codes
}

// Report returns a webhook as the ledger has it: what it says of people who were forgotten is kept without their ids and words. ours
// says of what stands in place of a message id that the ledger has it. codes are digests that are new; named says that somebody who was
// forgotten is in it, so that its body is not kept.
func (f *Forgotten) Report(r engine.Report, ours func(message string) (bool, error)) (out engine.Report, codes []string, named bool, err error) {
	if f.Nobody() {
		return r, nil, false, nil
	}
	// Copies: a report may be applied again, after a rollback.
	r.Statuses, r.Inbound, r.Notices = slices.Clone(r.Statuses), slices.Clone(r.Inbound), slices.Clone(r.Notices)
	r.Identities, r.OptOuts, r.Moved = slices.Clone(r.Identities), slices.Clone(r.OptOuts), slices.Clone(r.Moved)
	for k := range r.Statuses {
		about, err := f.status(&r.Statuses[k], ours)
		if err != nil {
			return r, nil, false, err
		}
		named = named || about
	}
	for k := range r.Inbound {
		more, from := f.inbound(&r.Inbound[k])
		codes, named = append(codes, more...), named || from
	}
	for k, i := range r.Identities {
		known, more := f.Identity(i)
		r.Identities[k], codes, named = known, append(codes, more...), named || known != i
	}
	for k, w := range r.OptOuts {
		known, more := f.OptOut(w)
		r.OptOuts[k], codes, named = known, append(codes, more...), named || known != w
	}
	for k := range r.Moved {
		was := r.Moved[k]
		known, more := f.moved(was)
		r.Moved[k], codes, named = known, append(codes, more...), named || known != was
	}
	for k := range r.Notices {
		if named {
			r.Notices[k].Raw = nil
		}
	}
	return r, codes, named, nil
}

// moved is Identity for a move. A number that was given up is not forgotten for that: it is another person's.
func (f *Forgotten) moved(m engine.Moved) (engine.Moved, []string) {
	number := m.WasNumber
	codes := f.together(&m.WasNumber, &m.WasUserID, &m.Number, &m.UserID)
	if m.Gave(m.WasNumber) && f.Person(number) == number {
		codes = slices.DeleteFunc(codes, func(c string) bool { return c == f.PersonCode(number) })
	}
	return m, codes
}

// status takes the person out of what WhatsApp said of a message to somebody who was forgotten.
func (f *Forgotten) status(s *delivery.Status, ours func(message string) (bool, error)) (about bool, err error) {
	if id := ContactID(s.Recipient); f.Person(id) != id {
		about = true
	} else if about, err = ours(f.Message(s.MessageID)); !about || err != nil {
		return false, err
	}
	s.MessageID, s.Recipient, s.Raw, s.Answer.Message, s.Answer.TraceID = f.Message(s.MessageID), "", nil, "", ""
	return about, nil
}

// inbound takes the person and the words out of a message from somebody who was forgotten.
func (f *Forgotten) inbound(m *engine.Inbound) (codes []string, from bool) {
	number, user := "", m.UserID
	if m.From != "" {
		number = ContactID(m.From)
	}
	was := number
	if codes = f.together(&number, &user); number == was && user == m.UserID {
		return nil, false
	}
	*m = engine.Inbound{
		ID: f.Message(m.ID), NumberID: m.NumberID, From: number, UserID: user, At: m.At, Type: m.Type, ReplyTo: f.Message(m.ReplyTo), Standby: m.Standby,
	}
	return codes, true
}
