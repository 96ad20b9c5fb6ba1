#!/usr/bin/env bash
# @chat-adapter/whatsapp 4.41.1: a card without buttons sends links that lead elsewhere: https://example.org/a_b goes out as https://example.org/a\_b.
# Every _ * ~ of its texts gets a backslash, which is Markdown's escape; of WhatsApp's signs (Help Center, how to format your messages) none is
# one, so that Order A_12 is read as Order A\_12. The same card with one button has no backslash, for there nothing is escaped. Of a message
# in Markdown the _ is left, but 5 * 3 becomes 5 \* 3, a line break \ and a line break, and a link stands in < >.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error chat@4.41.1 @chat-adapter/whatsapp@4.41.1 >/dev/null
cat >ask.mjs <<'JS'
import { createServer } from "node:http";
import { createWhatsAppAdapter } from "@chat-adapter/whatsapp";
import { Actions, Button, Card, CardText, ConsoleLogger } from "chat";
const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const { text, interactive } = JSON.parse(body);
  console.log(JSON.stringify(text?.body ?? `${interactive.header.text}: ${interactive.body.text}`));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ messaging_product: "whatsapp", contacts: [], messages: [{ id: "wamid.1" }] }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const adapter = createWhatsAppAdapter({
  accessToken: "token", appSecret: "secret", phoneNumberId: "1", verifyToken: "verify", userName: "shop", logger: new ConsoleLogger("error"),
  apiUrl: `http://127.0.0.1:${server.address().port}`,
});
const to = adapter.encodeThreadId({ phoneNumberId: "1", userWaId: "34600000001" });
const text = CardText("See https://example.org/a_b");
await adapter.postMessage(to, Card({ title: "Order A_12", children: [text] }));
await adapter.postMessage(to, Card({ title: "Order A_12", children: [text, Actions([Button({ id: "ok", label: "OK" })])] }));
await adapter.postMessage(to, { markdown: "Order A_12: 5 * 3  \nSee https://example.org/a_b" });
server.close();
server.closeAllConnections();
JS
seen=$(node ask.mjs)
echo "version: @chat-adapter/whatsapp 4.41.1, chat 4.41.1"
echo "source: https://github.com/vercel/chat"
echo "behaviour: Markdown's backslashes are sent to WhatsApp, in links too"
echo "input: a card with a link that holds _, the same card with a button, and a message in Markdown"
echo "seen: the texts that go out, as JSON"
echo "$seen"
want='"*Order A\\_12*\n\nSee https://example.org/a\\_b"
"Order A_12: See https://example.org/a_b"
"Order A_12: 5 \\* 3\\\nSee <https://example.org/a_b>"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
