package leftover

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// remarks are what people add to a name when nobody is to be written to any more: there is no column for it where they keep the list.
var remarks = byFirst( //nolint:gochecknoglobals // constant
	"fallecido", "fallecida", "fallecidos", "fallecidas", "éxitus", "exitus", "deceased", "falecido", "falecida", "décédé", "décédée",
	"decedut", "deceduto", "deceduta", "verstorben",
	"no llamar", "no contactar", "no escribir", "no enviar", "no usar",
	"do not call", "do not contact", "do not text", "do not write", "do not use", "do not send",
	"não ligar", "não contactar", "não usar", "ne pas appeler", "ne pas contacter", "ne pas utiliser",
	"non chiamare", "non contattare", "non usare", "nicht anrufen", "nicht kontaktieren", "nicht verwenden", "nicht mehr",
	"duplicado", "duplicada", "duplicate", "doublon", "dublette", "duplicato", "test test", "prueba prueba",
)

// struck are words that mean that only where signs set them apart, as in "Ana (baja)" and "Ana - CANCELADA": a text may speak of them.
var struck = byFirst( //nolint:gochecknoglobals // constant
	"baja", "cancelado", "cancelada", "cancelled", "canceled", "anulado", "anulada", "annulé", "annulée", "annullato", "annullata", "storniert", "abgesagt",
	"ex paciente", "expaciente", "ex cliente", "no viene", "no venir", "no quiere", "no show",
)

// samples are what stands alone in a row that somebody made to try something.
var samples = byFirst( //nolint:gochecknoglobals // constant
	"test", "ejemplo", "example", "prueba", "beispiel", "esempio", "exemplo", "teste", "muster",
	"exemple", //nolint:misspell // French
)

// byFirst lists words by their first letter, small and capital.
func byFirst(words ...string) map[rune][]string {
	of := map[rune][]string{}
	for _, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		of[first] = append(of[first], w)
		of[unicode.ToUpper(first)] = of[first]
	}
	return of
}

// Remark returns the words of a cell that say that its person is dead, is there twice, or is not to be written to; empty: none do. It is asked
// of each value of a batch, and looks at the beginnings of words alone.
func Remark(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); slices.ContainsFunc(samples[first], func(word string) bool { return strings.EqualFold(text, word) }) {
		return text
	}
	inWord := false
	for at, r := range text {
		begins := !inWord
		if inWord = unicode.IsLetter(r); !inWord || !begins {
			continue
		}
		for _, words := range remarks[r] {
			if end := at + len(words); end <= len(text) && strings.EqualFold(text[at:end], words) && !continues(text[end:]) {
				return text[at:end]
			}
		}
		for _, words := range struck[r] {
			if end := at + len(words); end <= len(text) && strings.EqualFold(text[at:end], words) && setApart(text[:at], text[end:]) {
				return text[at:end]
			}
		}
	}
	return ""
}

// setApart says whether signs part what stands between two pieces of a text from the first, and nothing but signs follows.
func setApart(before, behind string) bool {
	const signs = "-–—(*[|"
	before = strings.TrimRight(before, " ")
	last, _ := utf8.DecodeLastRuneInString(before)
	return before != "" && strings.ContainsRune(signs, last) && strings.Trim(behind, " )*].!-–—|") == ""
}

// continues says whether a text goes on with a letter.
func continues(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r)
}
