#!/usr/bin/env bash
# @microfox/whatsapp-business 1.5.2: the preview of a link cannot be turned off. Its README has previewUrl: false for "explicitly disable
# URL preview"; what goes out is previewUrl || true, and a text with a link comes with a picture of the page.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @microfox/whatsapp-business@1.5.2 >/dev/null
cat >ask.mjs <<'JS'
import { WhatsAppBusinessSDK } from "@microfox/whatsapp-business";
let body;
globalThis.fetch = async (_, request) => {
  body = JSON.parse(request.body);
  return Response.json({ messages: [] });
};
const client = new WhatsAppBusinessSDK({ phoneNumberId: "1", businessAccountId: "2", accessToken: "token" });
for (const previewUrl of [true, false]) {
  await client.sendTextMessage("34600000001", "https://example.org", { recipientType: "individual", previewUrl });
  console.log(`previewUrl ${previewUrl}: preview_url ${body.text.preview_url}`);
}
JS
seen=$(node ask.mjs)
echo "version: @microfox/whatsapp-business 1.5.2"
echo "source: https://github.com/microfox-ai/microfox"
echo "behaviour: previewUrl: false is sent as true"
echo "input: sendTextMessage with previewUrl true, and false"
echo "seen:"
echo "$seen"
want='previewUrl true: preview_url true
previewUrl false: preview_url true'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
