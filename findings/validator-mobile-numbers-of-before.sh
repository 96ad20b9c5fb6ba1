#!/usr/bin/env bash
# validator 13.15.35 (npm): isMobilePhone refuses mobile numbers of countries whose rules it has, and takes one that is no longer dialled.
# Benin's numbers have ten digits, 01 before the eight of old, since 30 November 2024 (ITU, numbering plan of Benin); its rule wants eight.
# Ranges are missing in others, 96 of Malta and 628 of Luxembourg, or all that is mobile: 7 of Afghanistan, 3 to 5 of Guatemala, 81 of Namibia.
# libphonenumber has them. "any" instead of a country takes none either: a form that checks by it turns those people away.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error validator@13.15.35 google-libphonenumber@3.2.47 >/dev/null
cat >ask.mjs <<'JS'
import google from "google-libphonenumber";
import validator from "validator";
const numbers = google.PhoneNumberUtil.getInstance();
const { MOBILE, FIXED_LINE_OR_MOBILE } = google.PhoneNumberType;
for (const [text, locale] of [["+2290195123456", "fr-BJ"], ["+22995123456", "fr-BJ"], ["+93701234567", "fa-AF"], ["+93791234567", "fa-AF"],
  ["+35696961234", "en-MT"], ["+35699961234", "en-MT"], ["+352628123456", "de-LU"], ["+352621123456", "de-LU"], ["+50251234567", "es-GT"],
  ["+50231234567", "es-GT"], ["+50241234567", "es-GT"], ["+264811234567", "en-NA"]]) {
  const number = numbers.parse(text);
  const mobile = numbers.isValidNumber(number) && [MOBILE, FIXED_LINE_OR_MOBILE].includes(numbers.getNumberType(number));
  console.log(text, locale, validator.isMobilePhone(text, locale), "| any", validator.isMobilePhone(text, "any"), "| libphonenumber", mobile);
}
JS
seen=$(node ask.mjs)
echo "version: validator 13.15.35, google-libphonenumber 3.2.47"
echo "source: https://github.com/validatorjs/validator.js"
echo "behaviour: mobile numbers of countries that it knows are refused, and one of before is taken"
echo "input: mobile numbers of six countries, and Benin's of eight digits"
echo "seen: whether it is a mobile number"
echo "$seen"
want='+2290195123456 fr-BJ false | any false | libphonenumber true
+22995123456 fr-BJ true | any true | libphonenumber false
+93701234567 fa-AF false | any false | libphonenumber true
+93791234567 fa-AF false | any false | libphonenumber true
+35696961234 en-MT false | any false | libphonenumber true
+35699961234 en-MT true | any true | libphonenumber true
+352628123456 de-LU false | any false | libphonenumber true
+352621123456 de-LU true | any true | libphonenumber true
+50251234567 es-GT false | any false | libphonenumber true
+50231234567 es-GT false | any false | libphonenumber true
+50241234567 es-GT false | any false | libphonenumber true
+264811234567 en-NA false | any false | libphonenumber true'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
