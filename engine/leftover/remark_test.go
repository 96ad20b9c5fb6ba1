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
		"Ana Ruiz (baja)":         "baja",
		"Ana Ruiz - CANCELADO":    "CANCELADO",
		"*Anulada* Ana":           "",
		"Ana *No venir*":          "No venir",
		"Ana Ruiz (ex paciente)":  "ex paciente",
		"TEST":                    "TEST",
		"Ejemplo":                 "Ejemplo",
		"Test de embarazo":        "",
		"C/ Baja":                 "",
		"Cita cancelada":          "",
		"cancelada":               "",
		"Planta baja":             "",
		"Ana - Baja del Carmen":   "",
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
