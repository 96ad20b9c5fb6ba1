package leftover_test

import (
	"testing"

	"waybill/engine/leftover"
)

func TestRemark(t *testing.T) {
	for text, want := range map[string]string{
		"GARCÍA, EVA (FALLECIDA)": "FALLECIDA",
		"Ana Ruiz - NO LLAMAR":    "NO LLAMAR",
		"John Smith †deceased":    "deceased",
		"duplicado":               "duplicado",
		"Éxitus 2025":             "Éxitus",
		"Ana Ruiz":                "",
		"No":                      "",
		"Duplicados García":       "",
		"Contest Testa":           "",
	} {
		if got := leftover.Remark(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
