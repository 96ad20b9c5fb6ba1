#!/usr/bin/env bash
# whatsapp-api-js 6.3.0: post() tells of one status of a webhook, the first, and returns as if all was taken. Meta sends several in
# one ("up to 1000 updates", Graph API webhooks, batching), so that whoever answers 200 to what post() took loses the others for
# good: a message stays "sent" that was delivered and read. The same holds for entries, changes and messages.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error whatsapp-api-js@6.3.0 >/dev/null
cat >ask.mjs <<'JS'
import { WhatsAppAPI } from "whatsapp-api-js";
const api = new WhatsAppAPI({ token: "x", secure: false, v: "v24.0" });
api.on.status = ({ id, status }) => console.log(id, status);
const status = (id, status) => ({ id, status, timestamp: "1774429200", recipient_id: "34600000001" });
const value = (...statuses) => ({ messaging_product: "whatsapp", metadata: { display_phone_number: "1", phone_number_id: "2" }, statuses });
await api.post({ object: "whatsapp_business_account", entry: [
  { id: "3", changes: [
    { field: "messages", value: value(status("wamid.A", "sent"), status("wamid.A", "delivered"), status("wamid.B", "failed")) },
    { field: "messages", value: value(status("wamid.C", "read")) }] },
  { id: "3", changes: [{ field: "messages", value: value(status("wamid.D", "read")) }] }] });
JS
seen=$(node ask.mjs)
echo "version: whatsapp-api-js 6.3.0"
echo "source: https://www.npmjs.com/package/whatsapp-api-js"
echo "behaviour: post() tells of the first status of a webhook alone"
echo "input: one webhook with five statuses: three in one change, one in a second change, one in a second entry"
echo "seen: on.status is called with: $seen"
[ "$seen" = "wamid.A sent" ] || { echo "CHANGED: expected wamid.A sent" >&2; exit 1; }
