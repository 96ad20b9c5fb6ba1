#!/usr/bin/env bash
# yaml-language-server 2.0.0: completing a key whose value is an object writes also those of its properties that are not required,
# where they have a "default". A default in JSON Schema says what holds when the key is absent (draft-07 validation, 10.2: an
# annotation). Here a job that says nothing of its timeout is pinned to today's, by pressing Enter once.
# A schema for editors better tells defaults in descriptions. (There is a setting yaml.disableDefaultProperties; it is off.)
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error yaml-language-server@2.0.0 vscode-jsonrpc@10.0.0 >/dev/null
cat >schema.json <<'JSON'
{ "type": "object", "properties": { "call": { "type": "object", "required": ["to"], "properties": {
  "to": { "type": "string" },
  "timeout": { "type": "integer", "default": 30 },
  "region": { "type": "string", "default": "eu" } } } } }
JSON
cat >ask.mjs <<'JS'
import { spawn } from "node:child_process";
import rpc from "vscode-jsonrpc/node";
const server = spawn(process.execPath, ["node_modules/yaml-language-server/bin/yaml-language-server", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const wire = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
wire.onRequest("workspace/configuration", ({ items }) => items.map(({ section }) =>
  section === "yaml" ? { schemas: { ["file://" + process.cwd() + "/schema.json"]: "*.yaml" }, schemaStore: { enable: false } } : null));
wire.onRequest("client/registerCapability", () => null);
wire.onRequest("custom/schema/request", () => []);
const ready = new Promise((resolve) => wire.onNotification("textDocument/publishDiagnostics", resolve));
wire.listen();
await wire.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {
  workspace: { configuration: true }, textDocument: { completion: { completionItem: { snippetSupport: true } } } } });
wire.sendNotification("initialized", {});
wire.sendNotification("workspace/didChangeConfiguration", { settings: {} });
const uri = "file:///a.yaml";
wire.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text: "c" } });
await ready;
const list = await wire.sendRequest("textDocument/completion", { textDocument: { uri }, position: { line: 0, character: 1 } });
console.log((list.items ?? list).find((item) => item.label === "call").textEdit.newText);
server.kill();
process.exit(0);
JS
seen=$(node ask.mjs)
want='call:
  to: $1
  timeout: ${2:30}
  region: ${3:eu}'
echo "version: yaml-language-server 2.0.0"
echo "source: https://www.npmjs.com/package/yaml-language-server"
echo "behaviour: completing an object writes optional properties that have a default"
echo "input: a schema in which to is required, and timeout and region have defaults; completing call"
echo "seen: the text that is inserted:"
echo "$seen"
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
