#!/usr/bin/env bash
# whatsapp-api-js 6.3.0: a contacts message goes out with "contacts" as text that holds JSON, inside the JSON body; every other kind
# goes out as an object. The reference of POST /messages wants an array. Whoever stands between (an emulator, a proxy, a log that
# looks for numbers) and checks by the reference refuses or overlooks it.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error whatsapp-api-js@6.3.0 >/dev/null
cat >ask.mjs <<'JS'
import { WhatsAppAPI } from "whatsapp-api-js";
import { Contacts, Location, Name } from "whatsapp-api-js/messages";
const api = new WhatsAppAPI({ token: "x", secure: false, v: "v24.0", ponyfill: { fetch: async (_, { body }) => {
  const sent = JSON.parse(body);
  console.log(sent.type, typeof sent[sent.type]);
  return new Response('{"messaging_product":"whatsapp","contacts":[],"messages":[{"id":"wamid.A"}]}');
} } });
await api.sendMessage("1", "34600000001", new Location(-3.7, 40.4));
await api.sendMessage("1", "34600000001", new Contacts([new Name("Ana", "Ana")]));
JS
seen=$(node ask.mjs)
echo "version: whatsapp-api-js 6.3.0"
echo "source: https://www.npmjs.com/package/whatsapp-api-js"
echo "behaviour: contacts are sent as text that holds JSON, other kinds as objects"
echo "input: a location and a contacts message by sendMessage"
echo "seen: the type of the message's part of the body:"
echo "$seen"
[ "$seen" = $'location object\ncontacts string' ] || { echo "CHANGED: expected location object, contacts string" >&2; exit 1; }
