package leftover_test

import (
	"fmt"
	"strings"
	"testing"

	"waybill/engine/leftover"
)

func TestIn(t *testing.T) {
	kinds := map[leftover.Kind]string{leftover.Braces: "braces", leftover.Placeholder: "placeholder", leftover.Escape: "escape", leftover.Markup: "markup"}
	for text, want := range map[string]string{
		"Hola {{ p.name }}, {% if vip %}VIP{% endif %}":         "braces {{ p.name }}|braces {% if vip %}|braces {% endif %}",
		"{{{name}}} {{1}} {{ a\nb }}":                           "braces {{{name}}}|braces {{1}}|braces {{ a\nb }}",
		"<%= name %> %name% [[name]] *|FNAME|*":                 "placeholder <%= name %>|placeholder %name%|placeholder [[name]]|placeholder *|FNAME|*",
		"%%First_Name%% <<Nombre>> ##NAME## {name} {0}":         "placeholder %%First_Name%%|placeholder <<Nombre>>|placeholder ##NAME##|placeholder {name}|placeholder {0}",
		"#{name} ${name} [First Name] {{ name }":                "placeholder #{name}|placeholder ${name}|placeholder [First Name]|placeholder {{",
		`a\nb\r\nc\td \u00e9`:                                   `escape \n|escape \r\n|escape \t|escape \u00e9`,
		"Hola<br>tú<BR/> &amp; &nbsp;&#39; <b>x</b>":            "markup <br>|markup <BR/>|markup &amp;|markup &nbsp;|markup &#39;|markup <b>|markup </b>",
		"Hola $item.name, @item.name, $(item.name) y item.name": "placeholder $item.name|placeholder @item.name|placeholder $(item.name)|placeholder item.name",
		"Hola $nombre, $cita.hora":                              "placeholder $nombre|placeholder $cita.hora",
		"Ana_x000D_":                                            "escape _x000D_",
		// What people write.
		"US$usd, 5$each, $5, $MXN 100, A$AP":              "",
		"https://x.es/item.html item.example/a, one item": "",
		"50% de descuento, 20% más":                       "",
		"100%pure% and https://x.es/%C3%A1%C3%B1":         "",
		`C:\temp\new and \\server\new`:                    "",
		"a < b, 3 <5 > 2, I <3 you, *bold* _it_ [1]":      "",
		"R&D; AT&T; x &y; &nosuchthing;":                  "",
		"$${{ name }} {{}} {{ }}":                         "",
		"":                                                "",
	} {
		var got []string
		for _, p := range leftover.In(text) {
			got = append(got, fmt.Sprint(kinds[p.Kind], " ", text[p.From:p.To]))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, strings.Join(got, "|"), want)
		}
	}
}

func TestValue(t *testing.T) {
	for kind, values := range map[leftover.Kind][]string{
		leftover.Nothing: {
			"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "NULL", " null ", "nan", "NaN", "undefined", "infinity",
			"[object Object]", "Invalid Date", "########", "<nil>", "None", "(none)", "N/A", "NA", "#¡REF!", "#NV", "Err:502",
			"0000-00-00", "00/00/00", "00/00/0000 00:00:00", "1899-12-30", "1900-01-00", "1970-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-04-01", "0001/01/01", "Loading...", "Cargando…",
			"?", "..", "xxx", "XXXX", "Sin nombre", "Unknown",
		},
		leftover.Placeholder: {"«Nombre»", "<Nombre>", "DD/MM/AAAA", "hh:mm", "dd-mm-yyyy hh:mm"},
		leftover.Formula:     {`=A2&" "&B2`, "=SUM(A1)", "=-1", "=1+1"},
		0:                    {"", " ", "-", "Ana", "Na", "Nan Ana", "#1", "none of it", "=", "=>", "== x", "0", "null and void", "«El Quijote»", "loading", "Infinity", "infinity pool", "30/12/2026", "0001-23-45", "0001-12345", "0001/2026", "mm", "<3", "Da. Mm", "XX", "x", "unknown person", "Xx Yy"},
	} {
		for _, value := range values {
			if got := leftover.Value(value); got != kind {
				t.Errorf("%q is %d, want %d", value, got, kind)
			}
		}
	}
}

func TestCutTime(t *testing.T) {
	for of, want := range map[[2]string]string{
		{"Hora", "9.3"}:       "9:30",
		{"hora_cita", "16,0"}: "16:00",
		{"hour", "09.5"}:      "09:50",
		{"Hora", "9.7"}:       "",
		{"Hora", "24.3"}:      "",
		{"Hora", "9.30"}:      "",
		{"Hora", "9"}:         "",
		{"Precio", "9.3"}:     "",
		{"Fecha", "9.3"}:      "",
	} {
		if got := leftover.CutTime(of[0], of[1]); got != want {
			t.Errorf("%v: got %q, want %q", of, got, want)
		}
	}
}

func TestSerial(t *testing.T) {
	for of, want := range map[[2]string]string{
		{"Fecha", "46356"}:                        "2026-11-30",
		{"fecha_cita", "46356,4166666667"}:        "2026-11-30 10:00",
		{"startDate", "46356.5"}:                  "2026-11-30 12:00",
		{"Hora", "0,375"}:                         "09:00",
		{"time", "0.395833333333333"}:             "09:30",
		{"Due date (local)", "45371"}:             "2024-03-20",
		{"amount", "46356"}:                       "",
		{"update", "46356"}:                       "",
		{"date", "2026"}:                          "",
		{"date", "20261130"}:                      "",
		{"date", "30/11/2026"}:                    "",
		{"time", "0"}:                             "",
		{"time", "10"}:                            "",
		{"date", "46356.41666666666666666666666"}: "",
	} {
		if got := leftover.Serial(of[0], of[1]); got != want {
			t.Errorf("%q %q: got %q, want %q", of[0], of[1], got, want)
		}
	}
}
