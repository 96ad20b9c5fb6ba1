#!/usr/bin/env bash
# Go's mime/multipart (1.26.8) beside undici 7.30.2, Node's fetch: a file whose name has a quotation mark cannot be handed from one to the other. Go
# writes the mark as \", a quoted string of mail headers, which RFC 7578, 4.2 builds on; undici reads by the WHATWG's rules, where it is %22,
# and formData() says "Failed to parse body as FormData." of the whole request, whatever other fields it has. busboy reads Go's,
# but of undici's form it gives the letters %22. What is sent by one and received by another should have no quotation marks.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error undici@7.30.2 @fastify/busboy@3.2.6 >/dev/null
go mod init finding 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"mime/multipart"
	"os"
)

func main() {
	form := multipart.NewWriter(os.Stdout)
	check(form.SetBoundary("boundary"))
	check(form.WriteField("type", "application/pdf"))
	part, err := form.CreateFormFile("file", os.Args[1])
	check(err)
	fmt.Fprint(part, "%PDF-1.7")
	check(form.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
go build -o ask .
cat >ask.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { Busboy } from "@fastify/busboy";
import { FormData, Response } from "undici";
const nodes = async (type, body) => {
  try {
    return (await new Response(body, { headers: { "content-type": type } }).formData()).get("file").name;
  } catch (error) {
    return error.message;
  }
};
const busboys = (type, body) =>
  new Promise((resolve, reject) => {
    const reader = new Busboy({ headers: { "content-type": type } });
    reader.on("file", (_, stream, name) => stream.resume().on("end", () => resolve(name)));
    reader.on("error", reject);
    reader.end(body);
  });
for (const name of ["May 2026.pdf", 'Offer "May".pdf']) {
  const go = execFileSync("./ask", [name]);
  const form = new FormData();
  form.set("file", new Blob(["%PDF-1.7"]), name);
  const response = new Response(form);
  const [type, node] = [response.headers.get("content-type"), Buffer.from(await response.arrayBuffer())];
  for (const [writer, head, body] of [["Go", "multipart/form-data; boundary=boundary", go], ["undici", type, node]]) {
    console.log(`${name} by ${writer}: undici ${await nodes(head, body)} | busboy ${await busboys(head, body)}`);
  }
}
JS
seen=$(node ask.mjs)
echo "version: $(go version), undici 7.30.2, @fastify/busboy 3.2.6"
echo "source: https://go.googlesource.com/go, https://github.com/nodejs/undici"
echo "behaviour: a form with a quotation mark in a file's name, written by one, is refused or read otherwise by the other"
echo "input: a form with one file, of two names"
echo "seen:"
echo "$seen"
want='May 2026.pdf by Go: undici May 2026.pdf | busboy May 2026.pdf
May 2026.pdf by undici: undici May 2026.pdf | busboy May 2026.pdf
Offer "May".pdf by Go: undici Failed to parse body as FormData. | busboy Offer "May".pdf
Offer "May".pdf by undici: undici Offer "May".pdf | busboy Offer %22May%22.pdf'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
