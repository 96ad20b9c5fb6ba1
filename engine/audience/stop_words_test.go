package audience_test

import (
	"strings"
	"testing"

	"waybill/engine/audience"
)

func TestStopWords(t *testing.T) {
	words := audience.NewWords("baja", "إيقاف", "रोकें", "désabonner", "Nicht mehr", "停止")
	for _, c := range []struct {
		text string
		want string // stop, start or neither
	}{
		{"STOP", "stop"},
		{"stop", "stop"},
		{"  Stop! ", "stop"},
		{"S.T.O.P.", "stop"},
		{"«stop»", "stop"},
		{"¡Baja!", "stop"},
		{"BAJA", "stop"},
		{"ＳＴＯＰ", "stop"}, // full width
		{"إيقاف", "stop"},
		{"إيقاف.", "stop"},
		{"रोकें", "stop"},
		{"रोकें।", "stop"},
		{"DÉSABONNER", "stop"},
		{"de\u0301sabonner", "stop"}, // a letter and its accent apart
		{"nicht mehr", "stop"},
		{"Nichtmehr", "stop"},
		{"停止。", "stop"},
		{"START", "start"},
		{"start 🙂", "start"},
		{"please STOP", ""},
		{"stop it", ""},
		{"STOP STOP", ""},
		{"stopp", ""},
		{"the bus stop", ""},
		{"desabonner", ""}, // another word without its accent: it is not guessed
		{"रोक", ""},
		{"", ""},
		{"   ", ""},
		{"🛑", ""},
		{"STOP" + strings.Repeat(" ", 200), ""},
		{strings.Repeat("stop ", 1000), ""},
	} {
		word, stop, start := words.Said(c.text)
		got := map[[2]bool]string{{true, false}: "stop", {false, true}: "start"}[[2]bool{stop, start}]
		if got != c.want || (got != "") != (word != "") {
			t.Errorf("%q is %q (%q), want %q", c.text, got, word, c.want)
		}
	}
	if word, stop, _ := words.Said("No more", "baja"); !stop || word != "baja" {
		t.Errorf("the payload of a button: %q, %t", word, stop)
	}
	if _, stop, start := (audience.Words{}).Said("STOP"); stop || start || !(audience.Words{}).None() || words.None() {
		t.Error("the zero value knows a word")
	}
	if _, stop, start := audience.NewWords("start").Said("start"); stop || !start {
		t.Error("START is a stop word now")
	}
}
