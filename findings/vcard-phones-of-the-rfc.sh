#!/usr/bin/env bash
# vcard4-ts 0.4.1 and vcard-parser 1.0.0 (npm): the telephone number that RFC 6350, 6.4.1 gives as its example is read otherwise than it says.
# TYPE="voice,home" are two types; vcard4-ts has one, "voice,home", and remarks on the comma, vcard-parser keeps the quotes, too.
# Its number, a URI with an extension, vcard-parser cuts in two at the semicolon, though a TEL is one value. vcf 2.1.2, vcard4 4.0.5 and ical.js
# 2.2.1 read both. Who looks for a home number by its type finds none.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error vcard4-ts@0.4.1 vcard-parser@1.0.0 vcf@2.1.2 vcard4@4.0.5 ical.js@2.2.1 >/dev/null
cat >ask.mjs <<'JS'
import ICAL from "ical.js";
import { parseVCards } from "vcard4-ts";
import { parse } from "vcard4";
import vcardParser from "vcard-parser";
import vcf from "vcf";
const card = ["BEGIN:VCARD", "VERSION:4.0", "FN:Ana", 'TEL;VALUE=uri;TYPE="voice,home":tel:+34-600-000-001;ext=5', "END:VCARD", ""].join("\r\n");
const show = (name, type, value) => console.log(`${name}: ${JSON.stringify(type)} ${JSON.stringify(value)}`);
const ts = parseVCards(card).vCards[0].TEL[0];
show("vcard4-ts", ts.parameters.TYPE, ts.value);
const parser = vcardParser.parse(card).tel[0];
show("vcard-parser", parser.meta.type, parser.value);
const [, parameters, , value] = vcf.parse(card)[0].toJSON()[1].find(([name]) => name === "tel");
show("vcf", parameters.type, value);
const v4 = parse(card).parsedVcard.find(({ property }) => property === "TEL");
show("vcard4", v4.parameters.TYPE, v4.value);
const tel = new ICAL.Component(ICAL.parse(card)).getFirstProperty("tel");
show("ical.js", tel.getParameter("type"), tel.getFirstValue());
JS
seen=$(node ask.mjs)
echo "version: vcard4-ts 0.4.1, vcard-parser 1.0.0, vcf 2.1.2, vcard4 4.0.5, ical.js 2.2.1"
echo "source: https://www.npmjs.com/package/vcard4-ts, https://www.npmjs.com/package/vcard-parser"
echo "behaviour: two types of a telephone number are read as one, and a number with an extension as two values"
echo 'input: TEL;VALUE=uri;TYPE="voice,home":tel:+34-600-000-001;ext=5'
echo "seen: types and value"
echo "$seen"
want='vcard4-ts: ["voice,home"] "tel:+34-600-000-001;ext=5"
vcard-parser: ["\"voice,home\""] ["tel:+34-600-000-001","ext=5"]
vcf: ["voice","home"] "tel:+34-600-000-001;ext=5"
vcard4: ["voice","home"] "tel:+34-600-000-001;ext=5"
ical.js: ["voice","home"] "tel:+34-600-000-001;ext=5"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
