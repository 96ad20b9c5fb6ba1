#!/usr/bin/env bash
# nicksnyder/go-i18n v2.7.0: of all numbers a million is the one whose message is not sent. Asked for 1000000 points in Spanish, French, Italian,
# Portuguese or Catalan, Localize returns the right text and an error beside it, "message has no plural form many", and a program in Go
# looks at the error. CLDR gave these languages a form for whole millions (un millón de puntos) some years ago; many catalogues have one and other,
# and other stands for whatever has no form of its own (UTS #35, part 3, 5). 999999 and 1000001 pass, so that no test meets it; a
# catalogue needs many. i18next 27.1.2 and intl-messageformat 12.1.5 take other.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error i18next@27.1.2 intl-messageformat@12.1.5 >/dev/null
cat >ask.mjs <<'JS'
import i18next from "i18next";
import { IntlMessageFormat } from "intl-messageformat";
const counts = [999999, 1000000, 1000001];
const translation = { points_one: "{{count}} punto", points_other: "{{count}} puntos" };
await i18next.init({ lng: "es", resources: { es: { translation } }, showSupportNotice: false });
console.log(`i18next: ${counts.map((count) => i18next.t("points", { count })).join(", ")}`);
const message = new IntlMessageFormat("{count, plural, one {un punto} other {# puntos}}", "es");
console.log(`intl-messageformat: ${counts.map((count) => message.format({ count })).join(", ")}`);
JS
go mod init finding 2>/dev/null
go get github.com/nicksnyder/go-i18n/v2@v2.7.0 golang.org/x/text@v0.44.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

func main() {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, lang := range []string{"es", "en"} {
		bundle.MustParseMessageFileBytes([]byte(`{"points": {"one": "{{.PluralCount}} punto", "other": "{{.PluralCount}} puntos"}}`), lang+".json")
		for _, count := range []int{999999, 1000000, 1000001} {
			text, err := i18n.NewLocalizer(bundle, lang).Localize(&i18n.LocalizeConfig{MessageID: "points", PluralCount: count})
			fmt.Printf("go-i18n, %s: %s, error %v\n", lang, text, err)
		}
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run . && node ask.mjs)
echo "version: github.com/nicksnyder/go-i18n/v2 v2.7.0, i18next 27.1.2, intl-messageformat 12.1.5"
echo "source: https://github.com/nicksnyder/go-i18n"
echo "behaviour: a message without the form many is an error at whole millions in Spanish"
echo "input: a message with one and other, and three numbers"
echo "seen:"
echo "$seen"
want='go-i18n, es: 999999 puntos, error <nil>
go-i18n, es: 1000000 puntos, error message "points" has no plural form "many"
go-i18n, es: 1000001 puntos, error <nil>
go-i18n, en: 999999 puntos, error <nil>
go-i18n, en: 1000000 puntos, error <nil>
go-i18n, en: 1000001 puntos, error <nil>
i18next: 999999 puntos, 1000000 puntos, 1000001 puntos
intl-messageformat: 999.999 puntos, 1.000.000 puntos, 1.000.001 puntos'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
