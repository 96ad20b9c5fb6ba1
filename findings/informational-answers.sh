#!/usr/bin/env bash
# Answers of 1xx before the one that counts, which a client must be able to read, asked for or not (RFC 9110, 15.2), are read by few.
# Python's http.client (3.6.15 to 3.13.0), and what builds on it, takes 103 Early Hints and 102 for the answer: status 103, no body, and the
# answer that follows stays unread. undici 7.30.2, Node's fetch, ends the connection at a 100 that it did not ask for. Whether the request
# was carried out is not known then. curl reads all three, and so does Go.
set -euo pipefail
for tool in python3 npm; do command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 2; }; done
dir=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error undici@7.30.2 >/dev/null
cat >serve.mjs <<'JS'
import { createServer } from "node:http";
const server = createServer((request, response) => {
  if (request.url === "/100") response.writeContinue();
  if (request.url === "/102") response.writeProcessing();
  if (request.url === "/103") response.writeEarlyHints({ link: "</a.css>; rel=preload" });
  response.end("done");
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
setTimeout(() => process.exit(), 60_000);
JS
cat >ask.py <<'PY'
import http.client, sys
for path in ["/100", "/102", "/103"]:
    client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
    client.request("GET", path)
    answer = client.getresponse()
    print("http.client", path, answer.status, answer.read().decode())
PY
cat >ask.mjs <<'JS'
import { fetch } from "undici";
for (const path of ["/100", "/102", "/103"]) {
  try {
    const answer = await fetch("http://127.0.0.1:" + process.argv[2] + path);
    console.log("undici", path, answer.status, await answer.text());
  } catch (error) {
    console.log("undici", path, error.message + ":", error.cause?.message);
  }
}
JS
node serve.mjs >port &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
seen=$({ python3 ask.py "$(cat port)" && node ask.mjs "$(cat port)"; } | sed 's/ *$//')
echo "version: $(python3 --version), undici 7.30.2"
echo "source: https://github.com/python/cpython, https://github.com/nodejs/undici"
echo "behaviour: an informational answer is taken for the answer, or ends the connection"
echo "input: a server that answers 100, 102 or 103 and then 200 with the body done"
echo "seen:"
echo "$seen"
want='http.client /100 200 done
http.client /102 102
http.client /103 103
undici /100 fetch failed: bad response
undici /102 200 done
undici /103 200 done'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
