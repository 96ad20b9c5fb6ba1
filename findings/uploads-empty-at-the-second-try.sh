#!/usr/bin/env bash
# resty v2.17.2 and axios 1.21.1 with axios-retry 4.5.0: a file that is read from a stream is sent once. If the first answer is 503, the second try goes
# out with the file's name and nothing in it, or with no body at all, and its 200 is what the caller is told: an upload that succeeded. The
# stream was at its end, and neither keeps what it read, nor says that it cannot send it again. (resty winds back readers of a form
# after SetRetryResetReaders, off by default, and not those of SetBody.) A form of the package form-data hangs in axios until its timeout. got 16.1.0
# refuses, "Cannot retry with consumed body stream", and ky 2.1.0 sends the file twice. A body in memory, or a path (SetFile), goes out whole.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error axios@1.21.1 axios-retry@4.5.0 form-data@4.0.6 got@16.1.0 ky@2.1.0 >/dev/null
cat >ask.mjs <<'JS'
import { createServer } from "node:http";
import { Readable } from "node:stream";
import axios from "axios";
import axiosRetry from "axios-retry";
import FormData from "form-data";
import got from "got";
import ky from "ky";
let bodies;
const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  bodies.push(/\r\n\r\n(.*)\r\n/.exec(body)?.[1] ?? body);
  response.writeHead(bodies.length === 1 ? 503 : 200).end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}/`;
const patient = axios.create({ timeout: 2000 });
axiosRetry(patient, { retries: 1, retryCondition: () => true });
const tries = {
  "axios-retry": () => patient.post(url, Readable.from(["invoice"])),
  "axios-retry, form-data": () => {
    const form = new FormData();
    form.append("file", "invoice", { filename: "invoice.txt" });
    return patient.post(url, form);
  },
  got: () => got.post(url, { body: Readable.from(["invoice"]), retry: { limit: 1, methods: ["POST"], calculateDelay: ({ computedValue }) => computedValue && 1 } }),
  ky: () => ky.post(url, { body: new Blob(["invoice"]).stream(), retry: { limit: 1, methods: ["post"], delay: () => 1 } }),
};
for (const [name, post] of Object.entries(tries)) {
  bodies = [];
  const told = await post().then((response) => response.status ?? response.statusCode, (error) => error.message.replace(/ of \d+ms/, ""));
  console.log(`${name}: ${JSON.stringify(bodies)}, told ${told}`);
}
server.closeAllConnections();
server.close();
JS
go mod init finding 2>/dev/null
go get github.com/go-resty/resty/v2@v2.17.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

func main() {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body []byte
		var err error
		if file, _, ferr := r.FormFile("file"); ferr == nil {
			body, err = io.ReadAll(file)
		} else {
			body, err = io.ReadAll(r.Body)
		}
		check(err)
		bodies = append(bodies, string(body))
		if len(bodies) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	client := resty.New().SetRetryCount(1).SetRetryWaitTime(time.Millisecond)
	client.AddRetryCondition(func(r *resty.Response, _ error) bool { return r.StatusCode() == http.StatusServiceUnavailable })
	check(os.WriteFile("invoice.txt", []byte("invoice"), 0o600))
	for _, try := range []struct {
		name    string
		request *resty.Request
	}{
		{"resty SetBody", client.R().SetBody(strings.NewReader("invoice"))},
		{"resty SetFileReader", client.R().SetFileReader("file", "invoice.txt", strings.NewReader("invoice"))},
		{"resty SetFile", client.R().SetFile("file", "invoice.txt")},
	} {
		bodies = nil
		response, err := try.request.Post(server.URL)
		check(err)
		fmt.Printf("%s: %q, told %d\n", try.name, bodies, response.StatusCode())
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run . && timeout 60 node ask.mjs)
echo "version: github.com/go-resty/resty/v2 v2.17.2, axios 1.21.1, axios-retry 4.5.0, got 16.1.0, ky 2.1.0, form-data 4.0.6"
echo "source: https://github.com/go-resty/resty, https://github.com/axios/axios, https://github.com/softonic/axios-retry"
echo "behaviour: the second try of an upload sends nothing, and counts as done"
echo "input: the text invoice as a stream, to a server that answers 503 once"
echo "seen: what the server got, and what the caller is told:"
echo "$seen"
want='resty SetBody: ["invoice" ""], told 200
resty SetFileReader: ["invoice" ""], told 200
resty SetFile: ["invoice" "invoice"], told 200
axios-retry: ["invoice",""], told 200
axios-retry, form-data: ["invoice"], told timeout exceeded
got: ["invoice"], told Cannot retry with consumed body stream
ky: ["invoice","invoice"], told 200'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
