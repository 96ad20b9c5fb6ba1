#!/usr/bin/env bash
# fflate 0.8.3: of a gzip file of two members gunzipSync gives the first, and of that no more bytes than the last member has: its room is as
# large as the file's last four bytes tell. No error says that rows are missing, nor that one ends within a number. A file may have
# several members (RFC 1952, 2.2): cat of two .gz files makes one, and bgzip writes no others. fflate's own stream (Gunzip) reads it whole,
# as do Node's zlib, DecompressionStream, pako 3.0.3 and gzip.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error fflate@0.8.3 pako@3.0.3 >/dev/null
printf 'phone,name\n' | gzip -n >head.gz
printf '+34600000001,Ana\n+34600000002,Luis\n' | gzip -n >rows.gz
cat head.gz rows.gz >list.gz
cat rows.gz head.gz >turned.gz
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { gunzipSync as nodes } from "node:zlib";
import { Gunzip, gunzipSync } from "fflate";
import * as pako from "pako";
const text = (bytes) => JSON.stringify(Buffer.from(bytes).toString());
for (const name of ["list.gz", "turned.gz"]) {
  const file = readFileSync(name);
  console.log(`${name}, gunzipSync:`, text(gunzipSync(file)));
  const parts = [];
  new Gunzip((part) => parts.push(part)).push(file, true);
  const others = [Buffer.concat(parts), nodes(file), pako.ungzip(file)];
  others.push(await new Response(new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  console.log(`${name}, the others:`, [...new Set(others.map(text))].join());
}
JS
seen=$(node ask.mjs)
echo "version: fflate 0.8.3, pako 3.0.3"
echo "source: https://github.com/101arrowz/fflate"
echo "behaviour: a gzip file of two members is its first one, cut to the length of the last"
echo "input: a header and two rows, each compressed, one behind the other in both orders; gzip says: $(gzip -dc list.gz | wc -l) lines"
echo "seen:"
echo "$seen"
want='list.gz, gunzipSync: "phone,name\n"
list.gz, the others: "phone,name\n+34600000001,Ana\n+34600000002,Luis\n"
turned.gz, gunzipSync: "+3460000000"
turned.gz, the others: "+34600000001,Ana\n+34600000002,Luis\nphone,name\n"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
