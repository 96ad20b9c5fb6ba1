#!/usr/bin/env bash
# @great-detail/whatsapp 9.2.0: media.upload throws at a Buffer, which its README passes ("file: fileBuffer", from
# fs.readFileSync). It calls FormData.set with a third argument, the file's name, even when none is given, and with three
# arguments FormData takes a Blob alone. Nothing is sent. Wrapped into a Blob it goes.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @great-detail/whatsapp@9.2.0 >/dev/null
cat >ask.mjs <<'JS'
import { createServer } from "node:http";
import Client from "@great-detail/whatsapp";
const server = createServer((request, response) => request.resume().on("end", () => response.end('{"id":"1"}')));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const sdk = new Client({ baseUrl: "http://127.0.0.1:" + server.address().port });
for (const file of [Buffer.from("%PDF-1.4"), new Blob(["%PDF-1.4"], { type: "application/pdf" })]) {
  try {
    const { id } = await sdk.media.upload({ phoneNumberID: "1", mimeType: "application/pdf", file }).json();
    console.log(file.constructor.name, "uploaded as", id);
  } catch (error) {
    console.log(file.constructor.name, error.name);
  }
}
process.exit(0);
JS
seen=$(node ask.mjs)
echo "version: @great-detail/whatsapp 9.2.0, node $(node --version)"
echo "source: https://www.npmjs.com/package/@great-detail/whatsapp"
echo "behaviour: media.upload throws at a Buffer"
echo "input: media.upload of a Buffer, and of a Blob"
echo "seen:"
echo "$seen"
[ "$seen" = $'Buffer TypeError\nBlob uploaded as 1' ] || { echo "CHANGED: expected Buffer TypeError, Blob uploaded as 1" >&2; exit 1; }
