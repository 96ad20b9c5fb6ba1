#!/usr/bin/env bash
# @kapso/whatsapp-cloud-api 0.3.0: buildTemplateSendPayload cannot make a template's currency parameter. It wants the amount as amount1000,
# and what it sends is amount1000 too, for no capital letter tells where the _ of amount_1000 was, as Meta's reference calls it
# (CurrencyObject); amount_1000 itself it refuses. fallbackValue beside it becomes fallback_value. buildTemplatePayload lets both pass.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @kapso/whatsapp-cloud-api@0.3.0 >/dev/null
cat >ask.mjs <<'JS'
import { buildTemplateSendPayload, WhatsAppClient } from "@kapso/whatsapp-cloud-api";
let body;
const client = new WhatsAppClient({
  accessToken: "token",
  fetch: async (_, request) => {
    body = request.body;
    return Response.json({});
  },
});
for (const amount of [{ amount1000: 100990 }, { amount_1000: 100990 }]) {
  const currency = { fallbackValue: "$100.99", code: "USD", ...amount };
  try {
    const template = buildTemplateSendPayload({ name: "bill", language: "en_US", body: [{ type: "currency", currency }] });
    await client.messages.sendTemplate({ phoneNumberId: "1", to: "34600000001", template });
    console.log("sent:", JSON.stringify(JSON.parse(body).template.components[0].parameters[0].currency));
  } catch (error) {
    console.log("refused:", error.issues.map((issue) => issue.path.join(".")).join());
  }
}
JS
seen=$(node ask.mjs)
echo "version: @kapso/whatsapp-cloud-api 0.3.0"
echo "source: https://github.com/gokapso/whatsapp-cloud-api-js"
echo "behaviour: the amount of a currency parameter goes out under a name that the API does not have"
echo "input: a currency parameter with amount1000, and one with amount_1000"
echo 'expected: {"fallback_value":"$100.99","code":"USD","amount_1000":100990}'
echo "seen:"
echo "$seen"
want='sent: {"fallback_value":"$100.99","code":"USD","amount1000":100990}
refused: body.0.currency.amount1000'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
