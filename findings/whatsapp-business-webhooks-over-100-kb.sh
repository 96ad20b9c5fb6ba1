#!/usr/bin/env bash
# whatsapp-business 1.7.2: its WebhookClient answers 413 to a webhook of more than 100 kB, the limit that express.json() has of itself,
# and prints a stack. WhatsApp's are up to 3 MB (Cloud API, webhooks, overview), and sent again for days when they are not answered with
# 200: the larger the mailing, the sooner no status arrives. 500 statuses in one webhook are too many.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error whatsapp-business@1.7.2 >/dev/null
cat >ask.mjs <<'JS'
import { createServer } from "node:net";
import whatsapp from "whatsapp-business";
const free = createServer().listen(0, "127.0.0.1");
await new Promise((resolve) => free.once("listening", resolve));
const { port } = free.address();
await new Promise((resolve) => free.close(resolve));
let told = 0;
await new Promise((onStartListening) =>
  new whatsapp.WebhookClient({ path: "/hook", port, token: "x" }).initWebhook({ onStartListening, onStatusReceived: () => told++ }));
for (const count of [400, 500]) {
  const statuses = Array.from({ length: count }, (_, i) => ({
    id: "wamid.HBgLMzQ2MDAwMDAwMDEVAgARGBI" + String(i).padStart(20, "0"), status: "delivered", timestamp: "1774429200",
    recipient_id: "34600000001", pricing: { billable: true, pricing_model: "PMP", category: "utility" } }));
  const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value: {
    messaging_product: "whatsapp", metadata: { display_phone_number: "1", phone_number_id: "2" }, statuses } }] }] });
  told = 0;
  const { status } = await fetch(`http://127.0.0.1:${port}/hook`, { method: "POST", headers: { "content-type": "application/json" }, body });
  console.log(`${count} statuses, ${Math.round(body.length / 1024)} kB: ${status}, ${told} told`);
}
process.exit(0);
JS
seen=$(node ask.mjs 2>/dev/null)
echo "version: whatsapp-business 1.7.2"
echo "source: https://github.com/MarcosNicolau/whatsapp-business-sdk"
echo "behaviour: a webhook of more than 100 kB is refused"
echo "input: one webhook with 400, and one with 500 statuses"
echo "seen:"
echo "$seen"
want=$'400 statuses, 82 kB: 200, 400 told\n500 statuses, 102 kB: 413, 0 told'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
