package leftover

import "waybill/engine/pattern"

// remark is what people add to a name when nobody is to be written to any more: there is no column for it where they keep the list.
var remark = pattern.Lazy(`(?i)(?:^|[^\pL])(fallecid[oa]s?|[eé]xitus|deceased|falecid[oa]|décédée?|decedut[oa]|verstorben|` + //nolint:gochecknoglobals // constant
	`no (?:llamar|contactar|escribir|enviar|usar)|do not (?:call|contact|text|write|use|send)|não (?:ligar|contactar|usar)|` +
	`ne pas (?:appeler|contacter|utiliser)|non (?:chiamare|contattare|usare)|nicht (?:anrufen|kontaktieren|verwenden|mehr)|` +
	`duplicad[oa]|duplicate|doublon|dublette|duplicato|test test|prueba prueba)(?:$|[^\pL])`)

// Remark returns the words of a cell that say that its person is dead, is there twice, or is not to be written to; empty: none do.
func Remark(text string) string {
	if found := remark().FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
