#!/usr/bin/env bash
# libphonenumber-js 1.13.16: of tel: URIs with a phone-context (RFC 3966, 5.1.5) every second one is no number, whichever it is: the
# same URI asked four times is a number, none, a number, none. The check of the context keeps the place where its last search ended.
# A list is read by halves, and which half depends on what was asked before; google-libphonenumber takes all four.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error libphonenumber-js@1.13.16 google-libphonenumber@3.2.47 >/dev/null
cat >ask.mjs <<'JS'
import { parsePhoneNumberWithError } from "libphonenumber-js";
import google from "google-libphonenumber";
const util = google.PhoneNumberUtil.getInstance();
const uri = "tel:600-000-001;phone-context=+34";
for (let i = 1; i <= 4; i++) {
  let own;
  try {
    own = parsePhoneNumberWithError(uri).number;
  } catch (error) {
    own = error.message;
  }
  console.log(i, own, util.format(util.parse(uri), google.PhoneNumberFormat.E164));
}
JS
seen=$(node ask.mjs)
echo "version: libphonenumber-js 1.13.16, google-libphonenumber 3.2.47"
echo "source: https://github.com/catamphetamine/libphonenumber-js (pull request 498 is about it)"
echo "behaviour: every second number with a phone-context is refused"
echo "input: tel:600-000-001;phone-context=+34, four times"
echo "seen: what libphonenumber-js and google-libphonenumber say:"
echo "$seen"
want=$'1 +34600000001 +34600000001\n2 NOT_A_NUMBER +34600000001\n3 +34600000001 +34600000001\n4 NOT_A_NUMBER +34600000001'
[ "$seen" = "$want" ] || { echo "CHANGED" >&2; exit 1; }
