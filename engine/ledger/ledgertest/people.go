package ledgertest

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// wantPerson asks for a person by each of their ids.
func (d *desk) wantPerson(want ...string) {
	d.Helper()
	for _, id := range want {
		got, err := d.Person(d.Context(), id)
		d.must(err)
		if len(got) == 0 || got[0] != id {
			d.Errorf("the person with id %s is %v", id, got)
		}
		got, all := slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
		if !reflect.DeepEqual(got, all) {
			d.Errorf("the person with id %s is %v, want %v", id, got, all)
		}
	}
}

// learn makes what was learnt durable, too.
func (d *desk) learn(named ...engine.Identity) {
	d.Helper()
	d.must(d.Learn(d.Context(), named))
	d.must(d.OptOut(d.Context(), []engine.OptOut{{Person: "+10000000000", Scope: engine.ScopeAll, Source: engine.SourceHand}}))
}

const (
	asWritten = "+5531988888888"
	asKnown   = "+553188888888"
	userID    = "BR.13491208655302741918"
	newUserID = "BR.99"
)

// testPersons pairs ids, and ends pairs that hold no more.
func testPersons(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	d.wantPerson(asWritten)
	d.learn(engine.Identity{Number: asWritten, WaID: asKnown, UserID: userID, NumberID: "1", At: at(10)})
	d.reopen()
	d.lock()
	d.wantPerson(asWritten, asKnown, userID)
	d.learn(engine.Identity{WaID: asKnown, UserID: userID, NumberID: "2", Username: "ana", At: at(11)})
	d.learn(engine.Identity{WaID: asKnown, UserID: newUserID, NumberID: "1", At: at(5)}) // older than what is known
	d.wantPerson(asWritten, asKnown, userID)
	// The webhook's own transaction keeps what it says of people. What ends a pair ends it for every business number that was told it.
	d.must(d.Record(t.Context(), engine.Report{
		ReceivedAt: at(30), Body: []byte("{}"), Identities: []engine.Identity{{WaID: asKnown, UserID: newUserID, NumberID: "1", At: at(20)}},
	}))
	d.wantPerson(asWritten, asKnown, newUserID)
	d.wantPerson(userID)
	var held, all []engine.Pair
	for p, err := range d.Pairs(t.Context(), engine.PairFilter{}) {
		d.must(err)
		held = append(held, p)
	}
	for p, err := range d.Pairs(t.Context(), engine.PairFilter{Of: userID, Ended: true}) {
		d.must(err)
		all = append(all, p)
	}
	want := []engine.Pair{
		{Number: asKnown, Other: newUserID, NumberID: "1", At: at(20)}, {Number: asWritten, Other: asKnown, At: at(10)},
	}
	if !reflect.DeepEqual(held, want) {
		t.Errorf("pairs %+v, want %+v", held, want)
	}
	if len(all) != 2 || !all[0].Ended.Equal(at(20)) || all[1].Username != "ana" {
		t.Errorf("pairs that ended: %+v", all)
	}
	d.wantEndsTold(2)
	d.must(d.Record(t.Context(), engine.Report{ReceivedAt: at(31), Inbound: []engine.Inbound{
		{ID: "a", NumberID: "1", From: asKnown[1:], At: at(1)},
		{ID: "b", NumberID: "1", UserID: newUserID, At: at(2)},
		{ID: "c", NumberID: "1", From: "34600000000", At: at(3)},
	}}))
	for _, contact := range []string{asWritten, asWritten[1:], asKnown, newUserID} {
		d.wantInbound(contact, 2)
	}
	i := intent("ana")
	i.Recipient = asWritten
	d.settle(d.intend(i), accepted(wamid(1)))
	for _, id := range []string{asWritten, asKnown, newUserID} {
		got, err := d.Tally(t.Context(), engine.DeliveryFilter{Recipient: id})
		d.must(err)
		if got[delivery.Accepted] != 1 {
			t.Errorf("deliveries to %s: %v", id, got)
		}
	}
}

// wantInbound wants so many messages of a person.
func (d *desk) wantInbound(contact string, want int) {
	d.Helper()
	n := 0
	for _, err := range d.Inbound(d.Context(), engine.InboundFilter{Contact: contact}) {
		d.must(err)
		n++
	}
	if n != want {
		d.Errorf("%d messages of %s, want %d", n, contact, want)
	}
}

// wantEndsTold wants so many notices that a pair ended.
func (d *desk) wantEndsTold(want int) {
	d.Helper()
	told := 0
	for n, err := range d.Notices(d.Context(), 0) {
		d.must(err)
		if n.Field == engine.NoticeIdentity {
			told++
		}
	}
	if told != want {
		d.Errorf("%d notices tell of pairs that ended, want %d", told, want)
	}
}

// testOptOuts keeps who left and who came back, and tells runs that are under way.
func testOptOuts(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	further := d.open()
	word := engine.OptOut{
		Person: asKnown, Also: userID, NumberID: "1", Scope: engine.ScopeAll, Source: engine.SourceWord, Word: "Stop!", At: at(3),
	}
	hand := engine.OptOut{Person: "+34600000000", Scope: engine.ScopeMarketing, Source: engine.SourceHand, By: engine.Actor{User: "eva"}, At: at(4)}
	var cursor int64
	news := d.watch(&cursor, func() {
		d.must(further.Record(t.Context(), engine.Report{ReceivedAt: at(30), Body: []byte("{}"), OptOuts: []engine.OptOut{word}}))
	})
	if !news.OptOuts || len(news.Failures) != 0 || news.Order != nil {
		t.Errorf("told of an opt-out: %+v", news)
	}
	news = d.watch(&cursor, func() { // ids of people about whom there is a word, and of nobody else
		d.must(further.Record(t.Context(), engine.Report{ReceivedAt: at(30), Body: []byte("[]"), Identities: []engine.Identity{
			{WaID: "+34999999999", UserID: "ES.9", NumberID: "1", At: at(3)}, {Number: asWritten, WaID: asKnown, At: at(3)},
		}}))
	})
	if slices.Sort(news.Persons); news.OptOuts || !slices.Equal(news.Persons, slices.Sorted(slices.Values([]string{asWritten, asKnown}))) {
		t.Errorf("told of a pair: %+v", news)
	}
	news = d.watch(&cursor, func() {
		d.must(further.OptOut(t.Context(), []engine.OptOut{word})) // nothing new
		d.must(further.OptOut(t.Context(), []engine.OptOut{hand}))
	})
	if !news.OptOuts {
		t.Errorf("told of another opt-out: %+v", news)
	}
	d.reopen()
	list := func(f engine.OptOutFilter) (found []engine.OptOut) {
		for w, err := range d.OptOuts(t.Context(), f) {
			d.must(err)
			if w.Seq == 0 {
				t.Errorf("a word without its place: %+v", w)
			}
			w.Seq = 0
			found = append(found, w)
		}
		return found
	}
	if got := list(engine.OptOutFilter{}); !reflect.DeepEqual(got, []engine.OptOut{word, hand}) {
		t.Errorf("opt-outs %+v", got)
	}
	second := word
	second.Person, second.Also = word.Also, word.Person
	if got := list(engine.OptOutFilter{ByPerson: true}); len(got) != 3 || !slices.Contains(got, second) {
		t.Errorf("opt-outs by person %+v", got)
	}
	if got := list(engine.OptOutFilter{Persons: []string{userID}}); !reflect.DeepEqual(got, []engine.OptOut{second}) {
		t.Errorf("opt-outs of one id %+v", got)
	}
	if got := list(engine.OptOutFilter{Limit: 1}); len(got) != 1 {
		t.Errorf("the first opt-out %+v", got)
	}
}

// testSoughtWords keeps which words the inbox was looked through for.
func testSoughtWords(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	want := func(want ...string) {
		t.Helper()
		got, err := d.SoughtWords(t.Context())
		d.must(err)
		if !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("words %v, want %v", got, want)
		}
	}
	want()
	d.must(d.KeepSoughtWords(t.Context(), []string{"stop", "إيقاف"}))
	d.must(d.KeepSoughtWords(t.Context(), []string{"stop", "baja"}))
	d.reopen()
	want("baja", "stop", "إيقاف")
}

func decided(err error) bool {
	_, ok := errors.AsType[*delivery.DecidedError](err)
	return ok
}

// testReach takes a person's place in the transaction of the intent.
func testReach(t *testing.T, newStore NewStore) {
	t.Helper()
	refused := func(d *desk, i delivery.Intent) *engine.PlaceTakenError {
		d.Helper()
		_, err := d.Intend(t.Context(), i)
		taken, ok := errors.AsType[*engine.PlaceTakenError](err)
		if !ok {
			t.Fatalf("Intend returned %v, want a PlaceTakenError", err)
		}
		return taken
	}
	to := func(item, recipient string, r delivery.Reach) delivery.Intent {
		i := intent(item)
		i.Recipient, i.Reach = recipient, r
		return i
	}
	once := delivery.Reach{Once: true}
	t.Run("once", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.learn(engine.Identity{Number: asWritten, WaID: asKnown, NumberID: "1", At: at(1)})
		first := d.intend(to("ana", asWritten, delivery.Reach{}))
		if got := refused(d, to("eva", asKnown, once)); !got.Once || got.By.Key.Item != "ana" || got.By.Row != 2 {
			t.Errorf("refused by %+v", got)
		}
		if _, taken := errors.AsType[*engine.PlaceTakenError](d.HasPlace(t.Context(), to("eva", asKnown, once))); !taken {
			t.Error("there is a place for what is refused")
		}
		d.must(d.HasPlace(t.Context(), to("eva", "+34600000007", once)))
		d.must(d.HasPlace(t.Context(), to("zoe", "+34600000007", once))) // who asks keeps none
		d.settle(first, delivery.Attempt{Result: delivery.ResultRefused, Answer: delivery.Answer{Code: 131026}})
		d.settle(d.intend(to("eva", asKnown, once)), accepted(wamid(1))) // what was refused does not count
		d.reopen()
		d.lock()
		if got := refused(d, to("zoe", asWritten, once)); got.By.Key.Item != "eva" {
			t.Errorf("refused by %+v", got)
		}
		other := to("zoe", asWritten, once)
		other.Key.Step = "patients/other"
		d.intend(other)
		if got, err := d.Lookup(t.Context(), []delivery.Key{key("zoe")}); err != nil || len(got) != 0 {
			t.Errorf("what was refused its place is in the ledger: %v, %v", got, err)
		}
		n := 0
		for r, err := range d.Reached(t.Context(), engine.ReachFilter{Job: "job", Scope: "ever", Step: "patients/remind"}) {
			d.must(err)
			n++
			if r.Key.Item != "eva" || r.Recipient != asKnown || r.At.IsZero() {
				t.Errorf("reached: %+v", r)
			}
		}
		if n != 1 {
			t.Errorf("%d count, want 1", n)
		}
	})
	t.Run("by number", func(t *testing.T) {
		d := newDesk(t, newStore)
		by := func(item, number string) delivery.Intent {
			i := intent(item)
			i.NumberID = number
			return i
		}
		refusal := delivery.Attempt{Result: delivery.ResultNotSent}
		d.settle(d.intend(by("ana", "2")), accepted(wamid(1)))
		d.settle(d.intend(by("eva", theNumber)), accepted(wamid(2)))
		d.settle(d.intend(by("zoe", "2")), refusal)
		d.settle(d.intend(by("zoe", "3")), accepted(wamid(3))) // it went by another at last
		d.settle(d.intend(by("ben", "")), accepted(wamid(4)))
		d.reopen()
		for item, number := range map[string]string{"ana": "2", "eva": theNumber, "zoe": "3", "ben": ""} {
			if got := d.look(item); got.NumberID != number {
				t.Errorf("%s went by %q, want %q", item, got.NumberID, number)
			}
		}
		var got []string
		for r, err := range d.Reached(t.Context(), engine.ReachFilter{NumberIDs: []string{"3", "2", "9"}}) {
			d.must(err)
			got = append(got, r.Key.Item+" by "+r.NumberID)
		}
		if want := []string{"ana by 2", "zoe by 3"}; !slices.Equal(got, want) {
			t.Errorf("reached %v, want %v", got, want)
		}
	})
	t.Run("at most", func(t *testing.T) {
		d := newDesk(t, newStore)
		two := delivery.Reach{AtMost: 2, Per: time.Hour}
		first := d.intend(to("ana", asKnown, two))
		d.settle(first, accepted(wamid(1)))
		other := to("ana", asKnown, two)
		other.Key.Job = "another"
		d.intend(other)
		got := refused(d, to("zoe", asKnown, two))
		if got.Once || !got.Until.Equal(first.At.Add(time.Hour)) || got.By.Key.Item != "ana" {
			t.Errorf("refused: %+v, want until %v", got, first.At.Add(time.Hour))
		}
		d.intend(to("zoe", asWritten, two)) // nobody said that they are one
		again := to("eva", "+34600000009", delivery.Reach{AtMost: 1, Per: time.Hour})
		for again.Allowed.Again = true; again.Key.Again < 3; again.Key.Again++ { // a person asked for further ones: the item's place is its own
			d.settle(d.intend(again), accepted(wamid(2+again.Key.Again)))
		}
	})
	t.Run("people of a day", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.learn(engine.Identity{Number: asWritten, WaID: asKnown, NumberID: "1", At: at(1)})
		two := delivery.Reach{PerDay: 2}
		template := func(item, recipient string, r delivery.Reach) delivery.Intent {
			i := to(item, recipient, r)
			i.Key.Step, i.Template = "patients/template", true
			return i
		}
		d.settle(d.intend(to("leo", "+34600000000", two)), accepted(wamid(1))) // a text, which counts for nobody
		d.settle(d.intend(template("ana", asWritten, delivery.Reach{})), accepted(wamid(2)))
		second := d.intend(template("eva", "+34600000001", two))
		if got := refused(d, template("zoe", "+34600000002", two)); !got.PerDay || got.Once || !got.Until.After(second.At) {
			t.Errorf("refused: %+v", got)
		}
		if until := refused(d, template("zoe", "+34600000002", two)).Until; until.Sub(second.At) > delivery.Day {
			t.Errorf("the place is free at %v, a day behind the first is before %v", until, second.At.Add(delivery.Day))
		}
		twin := template("eva", "+34600000002", two) // another row of an item that was begun: it waits for nothing
		twin.Row++
		if _, err := d.Intend(t.Context(), twin); !decided(err) {
			t.Errorf("what is decided has no need of a place: %v", err)
		}
		d.intend(to("zoe", "+34600000002", two))      // a text may go
		d.intend(template("ana again", asKnown, two)) // who got one today may get another
		d.settle(second, delivery.Attempt{Result: delivery.ResultRefused, Answer: delivery.Answer{Code: 131026}})
		d.intend(template("zoe", "+34600000002", two)) // what was refused does not count
		d.reopen()
		d.lock()
		other := template("kim", "+34600000003", two)
		other.Key.Job = "another"
		if got := refused(d, other); !got.PerDay {
			t.Errorf("another job's is refused: %+v", got)
		}
		people := map[string]bool{}
		for r, err := range d.Reached(t.Context(), engine.ReachFilter{Since: second.At.Add(-time.Hour), Templates: true}) {
			d.must(err)
			if !r.Template {
				t.Errorf("no template: %+v", r)
			}
			people[r.Recipient] = true
		}
		if len(people) != 3 || !people["+34600000002"] || people["+34600000001"] {
			t.Errorf("people who got templates: %v", people)
		}
	})
	t.Run("messages of tests do not count", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, StartedAt: at(1), Asked: engine.Asked{TestTo: asKnown}}))
		test := to("ana", asKnown, delivery.Reach{})
		test.Run, test.Key.Scope = anotherRun, anotherRun
		d.intend(test)
		d.intend(to("ana", asKnown, delivery.Reach{Once: true, AtMost: 1, Per: time.Hour}))
	})
}

// testWaiting keeps until when rows wait, and takes notes back.
func testWaiting(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	waiting := engine.Unsent{
		Run: theRun, Step: "patients/remind", Item: "eva", Row: 5, Outcome: delivery.OutcomeWaiting, Reason: "quiet-hours", Until: at(50), At: at(4),
	}
	d.note(waiting)
	d.wantUnsent(engine.UnsentFilter{}, waiting)
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeWaiting: 1})
	d.note(engine.Unsent{Step: waiting.Step, Item: waiting.Item, Row: waiting.Row})
	d.wantUnsent(engine.UnsentFilter{})
	d.wantCounts(theRun, nil)
	d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunStopped, FinishedAt: at(40), WaitsUntil: at(50)}, nil))
	d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, Job: "job", StartedAt: at(60)}))
	var found []string
	for r, err := range d.Runs(t.Context(), engine.RunFilter{Waiting: true}) {
		d.must(err)
		found = append(found, r.ID)
	}
	if !slices.Equal(found, []string{theRun}) {
		t.Errorf("%v wait", found)
	}
	if r, err := d.Run(t.Context(), theRun); err != nil || !r.WaitsUntil.Equal(at(50)) {
		t.Errorf("the run waits until %v, %v", r.WaitsUntil, err)
	}
	d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
	if r, err := d.Run(t.Context(), theRun); err != nil || !r.WaitsUntil.IsZero() {
		t.Errorf("taken up again, the run waits until %v, %v", r.WaitsUntil, err)
	}
}
