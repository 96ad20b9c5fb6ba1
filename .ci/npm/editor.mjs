// What yaml-language-server says of job files by the schema of `waybill schema`, and what it writes into them; and that ajv
// compiles the schema in strict mode without a warning. node editor.mjs SCHEMA
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import Ajv from "ajv";
import rpc from "vscode-jsonrpc/node";

const schema = process.argv[2];
const warnings = [];
const keep = (message) => warnings.push(message);
new Ajv({ strict: true, logger: { log: keep, warn: keep, error: keep } }).compile(JSON.parse(readFileSync(schema, "utf8")));
assert.deepEqual(warnings, [], "ajv warns");

const main = fileURLToPath(new URL("node_modules/yaml-language-server/bin/yaml-language-server", import.meta.url));
const server = spawn(process.execPath, [main, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const wire = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
const waiting = new Map();
wire.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
wire.onRequest("workspace/configuration", ({ items }) =>
  items.map(({ section }) => (section === "yaml" ? { schemas: { [pathToFileURL(schema)]: "*.yaml" }, schemaStore: { enable: false } } : null)));
wire.onRequest("client/registerCapability", () => null);
wire.onRequest("custom/schema/request", () => []);
wire.listen();
const completion = { completionItem: { snippetSupport: true } };
await wire.sendRequest("initialize", {
  processId: process.pid, rootUri: null,
  capabilities: { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } }, textDocument: { completion } },
});
wire.sendNotification("initialized", {});
wire.sendNotification("workspace/didChangeConfiguration", { settings: {} });

let opened = 0;
// open shows a file to the server, and returns its address and what is marked in it: "5:5 Property sendText is not allowed."
async function open(text) {
  const uri = `file:///jobs/${++opened}.yaml`;
  const marked = new Promise((resolve, reject) => {
    waiting.set(uri, resolve);
    setTimeout(() => reject(new Error("nothing is said of " + text)), 20000).unref();
  });
  wire.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
  const marks = (await marked).map((d) => `${d.range.start.line + 1}:${d.range.start.character + 1} ${d.message}`);
  return { uri, marks: marks.sort() };
}

const head = "version: 1\nname: a\nsteps:\n";
async function marks(steps, want) {
  assert.deepEqual((await open(head + steps)).marks, want, steps);
}

await marks("  - sendText: { to: +34612345678, body: x }\n", []);
await marks('  - forEach: { csv: a.csv }\n    sendMedia: { to: "${{ item.phone }}", mediaType: "${{ item.type }}", mediaUrl: "${{ item.url }}" }\n', []);
await marks('  - sendText: { to: "1234567", body: x, previewUrl: "${{ inputs.preview }}" }\n', []);
await marks("  - steps:\n      - getMessages: {}\n", []);
await marks("  - sendText: { to: 1234567, body: x }\n    getStatus: { messageId: x }\n",
  ["4:5 Property sendText is not allowed.", "5:5 Property getStatus is not allowed."]);
await marks("  - id: x\n", ['4:5 Missing property "sendTemplate".']);
await marks("  - forEach: { csv: a.csv, items: [1] }\n    sendText: { to: 1234567, body: x }\n",
  ["4:16 Property csv is not allowed.", "4:28 Property items is not allowed."]);
await marks("  - forEach: { key: a }\n    sendText: { to: 1234567, body: x }\n", ['4:5 Missing property "csv".']);
await marks("  - sendMedia: { to: 1234567, mediaType: gif, mediaUrl: x }\n",
  ['4:42 Value is not accepted. Valid values: "image", "document", "audio", "video", "sticker".']);
await marks("  - sendText: { to: 1234567, bdy: x }\n", ["4:30 Property bdy is not allowed.", '4:5 Missing property "body".']);

// inserts says what the server writes for a key, without the marks of the places to fill in.
async function inserts(text, line, character, want) {
  const { uri } = await open(text);
  const list = await wire.sendRequest("textDocument/completion", { textDocument: { uri }, position: { line, character } });
  for (const [label, wanted] of Object.entries(want)) {
    const found = (list.items ?? list).filter((item) => item.label === label);
    assert.equal(found.length, 1, `${label} is offered ${found.length} times`);
    assert.equal(found[0].textEdit.newText.replace(/\$\d|\$\{\d\}/g, "").replace(/[ \t]+$/gm, ""), wanted, label);
  }
}

await inserts(head + "  - \n", 3, 4, {
  sendTemplate: "sendTemplate:\n    to:\n    templateName:\n    languageCode:",
  sendText: "sendText:\n    to:\n    body:",
  sendMedia: "sendMedia:\n    to:\n    mediaType:",
  getStatus: "getStatus:\n    messageId:",
  listConversations: "listConversations:\n",
  getMessages: "getMessages:\n",
  forEach: "forEach:\n",
  retry: "retry:\n",
  steps: "steps:\n    -",
  continueOnError: "continueOnError:",
});
await inserts(head + "  - sendText: { to: 1234567, body: x }\n    forEach:\n      \n", 5, 6, {
  csv: "csv:", sql: "sql:\n  driver:\n  dsn:\n  query:",
});
await inserts("version: 1\nname: a\n\n", 2, 0, { connection: "connection:\n", schedule: "schedule:\n  cron:" });
server.kill();
console.log("yaml-language-server and ajv: as wanted");
process.exit(0);
