package mould_test

import (
	"fmt"
	"strings"
	"testing"

	"waybill/engine/mould"
)

const reminder = `{"messaging_product":"whatsapp","to":"34612345678","type":"template","template":{"name":"reminder","language":{"code":"es"},` +
	`"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"},{"type":"text","text":"12 May"},{"type":"text","text":"10:30"},{"type":"text","text":"Dr. Gil"}]}]}}`

func maker() *mould.Maker {
	return mould.New([]mould.Word{{"messaging_product", "whatsapp"}, {"type", "template"}, {"type", "body"}, {"type", "text"}},
		[]string{"reminder", "es"}, []string{"Dear ", ", see you at "})
}

func TestSplit_SharesWhatIsEverybodys(t *testing.T) {
	m := maker()
	form, values := m.Split(reminder)
	for _, own := range []string{"34612345678", "Ana", "12 May", "10:30", "Gil"} {
		if strings.Contains(form, own) {
			t.Errorf("the mould holds %q of one person: %s", own, form)
		}
	}
	if len(values) > 40 {
		t.Errorf("four short values and a number take %d bytes", len(values))
	}
	again, _ := m.Split(strings.ReplaceAll(strings.ReplaceAll(reminder, "Ana", "José \\\"Pepe\\\""), "34612345678", "447700900123"))
	if again != form {
		t.Errorf("another person's message has another mould:\n%s\n%s", form, again)
	}
}

func TestSplit_TakesPiecesOutOfAText(t *testing.T) {
	form, values := maker().Split(`{"text":{"body":"Dear Eva, see you at 10:30"}}`)
	if strings.Contains(values, "see you") || strings.Contains(form, "Eva") {
		t.Errorf("got %q and %q", form, values)
	}
}

func TestSplit_AWordStandsUnderItsName(t *testing.T) {
	form, _ := maker().Split(`{"type":"text","text":"text"}`)
	if strings.Count(form, "text") != 2 { // the word, and the name: not what a person gave
		t.Errorf("got %q", form)
	}
}

func TestSplit_BodiesOfManyMakesAreKeptWhole(t *testing.T) {
	m, moulds := maker(), map[string]bool{}
	for i := range 5000 {
		form, values := m.Split(fmt.Sprintf(`{"name%d":"x"}`, i))
		moulds[form] = true
		if body, err := mould.Join(form, values); err != nil || body != fmt.Sprintf(`{"name%d":"x"}`, i) {
			t.Fatalf("got %q, %v", body, err)
		}
	}
	if len(moulds) > 300 {
		t.Errorf("%d moulds", len(moulds))
	}
}

func TestJoin_RefusesWhatDoesNotFit(t *testing.T) {
	form, values := maker().Split(reminder)
	for name, broken := range map[string]string{"cut": values[:len(values)-1], "longer": values + "\x00", "empty": "", "unknown": "\x03"} {
		if body, err := mould.Join(form, broken); err == nil {
			t.Errorf("%s: got %s", name, body)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(reminder)
	for _, s := range []string{"", `"`, `{"a":-1.5e+3,"b":0123,"c":"+0"}`, "\x1f", `{"a":"\"\\"}`, `{"a":"+34612345678901234567890"}`, "{\"a\":\n1}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, values := maker().Split(body)
		if got, err := mould.Join(form, values); err != nil || got != body {
			t.Fatalf("%q became %q, %v (mould %q, values %q)", body, got, err, form, values)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	m := maker()
	_, values := m.Split(reminder)
	b.ReportAllocs()
	for b.Loop() {
		m.Split(reminder)
	}
	b.ReportMetric(float64(len(values)), "B/message")
}
