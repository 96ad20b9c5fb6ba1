#!/usr/bin/env bash
# whatsapp-cloud-api 0.3.1 (npm): what people answer to a template and to a Flow does not arrive. A tap on a template's quick reply, which Meta sends as
# a message of type button (Cloud API, webhooks, messages), is answered with 200 and told to nobody, though its README has "Listen to ALL incoming
# messages" for bot.on("message"); so are reactions and orders. A completed Flow (interactive, nfm_reply) is told with data that is empty: what was
# typed into it, response_json, is gone. Meta does not send again what was answered with 200. A tap on a button of an interactive
# message, and a text, arrive.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error whatsapp-cloud-api@0.3.1 express@4.22.1 >/dev/null
cat >ask.mjs <<'JS'
import express from "express";
import whatsapp from "whatsapp-cloud-api";
const app = express();
const bot = whatsapp.createBot("1", "token");
await bot.startExpressServer({ app });
let told = [];
bot.on("message", (message) => told.push(message));
const server = app.listen(0, "127.0.0.1");
await new Promise((ready) => server.on("listening", ready));
const messages = [
  { type: "text", text: { body: "Yes" } },
  { type: "interactive", interactive: { type: "button_reply", button_reply: { id: "yes", title: "Yes" } } },
  { type: "button", button: { payload: "yes", text: "Yes" } },
  { type: "interactive", interactive: { type: "nfm_reply", nfm_reply: { name: "flow", body: "Sent", response_json: '{"time":"10:30"}' } } },
  { type: "reaction", reaction: { message_id: "wamid.1", emoji: "\u2705" } },
];
for (const message of messages) {
  told = [];
  const value = { messaging_product: "whatsapp", metadata: { display_phone_number: "34600000000", phone_number_id: "1" }, contacts: [{ profile: { name: "Ana" }, wa_id: "34600000001" }],
    messages: [{ from: "34600000001", id: "wamid.2", timestamp: "1774429200", ...message }] };
  const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "2", changes: [{ field: "messages", value }] }] });
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/webhook/whatsapp`, { method: "POST", headers: { "content-type": "application/json" }, body });
  await new Promise((done) => setTimeout(done, 50));
  const kind = message.interactive?.type ?? message.type;
  console.log(`${kind}: ${answer.status}, told ${told.length ? JSON.stringify(told[0].data) : "nothing"}`);
}
server.closeAllConnections();
server.close();
JS
seen=$(timeout 30 node ask.mjs)
echo "version: whatsapp-cloud-api 0.3.1"
echo "source: https://github.com/tawn33y/whatsapp-cloud-api"
echo "behaviour: replies to templates and answers to Flows are taken and told to nobody"
echo "input: five webhooks, each with a message"
echo "seen: the answer, and what bot.on(\"message\") is told:"
echo "$seen"
want='text: 200, told {"text":"Yes"}
button_reply: 200, told {"id":"yes","title":"Yes"}
button: 200, told nothing
nfm_reply: 200, told {}
reaction: 200, told nothing'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
