#!/usr/bin/env bash
# @kapso/whatsapp-cloud-api 0.3.0: media.download gives the words of an error as the file. It asks the address that Meta answers without
# the token, "for public WhatsApp CDNs" as its README says; Meta's reference (Cloud API, business phone numbers, media) wants the token there,
# too. The 401 that comes is not looked at, and its JSON is the ArrayBuffer that is saved as an invoice. With auth: "always" the file comes.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @kapso/whatsapp-cloud-api@0.3.0 >/dev/null
cat >ask.mjs <<'JS'
import { createServer } from "node:http";
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
const server = createServer((request, response) => {
  const json = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (request.headers.authorization !== "Bearer token") return json(401, { error: { message: "Authentication Error" } });
  if (request.url === "/v23.0/5") return json(200, { id: "5", mime_type: "application/pdf", url: `${base}/attachments?mid=5` });
  response.end("%PDF-1.7");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const client = new WhatsAppClient({ accessToken: "token", baseUrl: base });
for (const auth of [undefined, "always"]) {
  console.log(`auth ${auth}:`, Buffer.from(await client.media.download({ mediaId: "5", auth })).toString());
}
server.close();
server.closeAllConnections();
JS
seen=$(node ask.mjs)
echo "version: @kapso/whatsapp-cloud-api 0.3.0"
echo "source: https://github.com/gokapso/whatsapp-cloud-api-js"
echo "behaviour: a download goes without the token, and what an error says is the file"
echo "input: media.download from a server that wants the token for the file, as Meta's does"
echo "expected: %PDF-1.7, or an error"
echo "seen:"
echo "$seen"
want='auth undefined: {"error":{"message":"Authentication Error"}}
auth always: %PDF-1.7'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
