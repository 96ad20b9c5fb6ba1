#!/usr/bin/env bash
# ky 1.14.3, got 14.6.6, axios-retry 4.5.0 and undici 7.30.2 (its RetryAgent): how long Retry-After is waited for depends on where the client runs. Of
# the three forms of a date that a recipient must read (RFC 9110, 5.6.7) one, asctime's, names no zone and is UTC; they read it as local
# time. In Madrid three seconds are over at once, and the server that asked for patience is asked again; in New York they are hours.
# The form with GMT, which servers are to send, is waited for everywhere. Go's http.ParseTime reads all three.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ky@1.14.3 got@14.6.6 axios@1.21.1 axios-retry@4.5.0 undici@7.30.2 >/dev/null
cat >ask.mjs <<'JS'
import { createServer } from "node:http";
import axios from "axios";
import axiosRetry, { exponentialDelay } from "axios-retry";
import got from "got";
import ky from "ky";
import { Agent, RetryAgent, fetch } from "undici";
const patient = axios.create();
axiosRetry(patient, { retries: 1, retryDelay: exponentialDelay });
const dispatcher = new RetryAgent(new Agent(), { maxRetries: 1, maxTimeout: 1e9 });
const clients = {
  ky: (url) => ky(url, { retry: { limit: 1 } }).text(),
  got: (url) => got(url, { retry: { limit: 1 } }).text(),
  "axios-retry": (url) => patient.get(url),
  undici: async (url) => (await fetch(url, { dispatcher })).text(),
};
const forms = {
  GMT: (date) => date.toUTCString(),
  asctime: (date) => date.toUTCString().replace(/^(...), (..) (...) (....) (.*) GMT$/, (_, week, day, month, year, time) =>
    `${week} ${month} ${day.replace(/^0/, " ")} ${time} ${year}`),
};
// waited asks a server that wants three seconds of patience, and says after how long it was asked again.
const waited = async (ask, form) => {
  const at = [];
  const server = createServer((_, response) => {
    at.push(Date.now());
    if (at.length > 1) return response.end("done");
    response.writeHead(503, { "retry-after": form(new Date(Date.now() + 3000)) }).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ask(`http://127.0.0.1:${server.address().port}/`).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 6000));
  server.close();
  server.closeAllConnections();
  return at.length === 1 ? "longer" : at[1] - at[0] > 1500 ? "as asked" : "not";
};
const line = async ([name, ask]) => {
  const parts = await Promise.all(Object.entries(forms).map(async ([form, write]) => `${form} ${await waited(ask, write)}`));
  return `  ${name}: ${parts.join(", ")}`;
};
console.log((await Promise.all(Object.entries(clients).map(line))).join("\n"));
process.exit();
JS
seen=$(for zone in UTC Europe/Madrid America/New_York; do
	echo "$zone"
	TZ=$zone node ask.mjs
done)
echo "version: ky 1.14.3, got 14.6.6, axios-retry 4.5.0 with axios 1.21.1, undici 7.30.2"
echo "source: https://github.com/sindresorhus/ky, https://github.com/sindresorhus/got, https://github.com/softonic/axios-retry, https://github.com/nodejs/undici"
echo "behaviour: a date of Retry-After without a zone is read as local time"
echo "input: 503 with Retry-After of three seconds, as Sun, 06 Nov 1994 08:49:37 GMT and as Sun Nov  6 08:49:37 1994"
echo "seen: whether it is waited for"
echo "$seen"
want='UTC
  ky: GMT as asked, asctime as asked
  got: GMT as asked, asctime as asked
  axios-retry: GMT as asked, asctime as asked
  undici: GMT as asked, asctime as asked
Europe/Madrid
  ky: GMT as asked, asctime not
  got: GMT as asked, asctime not
  axios-retry: GMT as asked, asctime not
  undici: GMT as asked, asctime not
America/New_York
  ky: GMT as asked, asctime longer
  got: GMT as asked, asctime longer
  axios-retry: GMT as asked, asctime longer
  undici: GMT as asked, asctime longer'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
