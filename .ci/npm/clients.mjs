// Clients of WhatsApp that other people wrote send each kind of message that they know to the sandbox, upload media, and hear by
// its webhooks what became of all of it. node clients.mjs WAYBILL
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import * as greatDetail from "./client_great_detail.mjs";
import * as kapso from "./client_kapso.mjs";
import * as whatsappApiJs from "./client_whatsapp_api_js.mjs";

const waybill = process.argv[2];
// From a magic number the sandbox reports that it could not deliver.
const person = "34600000001", unreachable = "34555131026";

async function run(name, client) {
  const heard = []; // {id, status}, as the client understood each webhook
  let listen, faults = [];
  const receiver = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const raw = Buffer.concat(chunks).toString();
      heard.push(...(await listen(raw, request.headers)));
      response.end();
    } catch (error) {
      faults.push(error);
      response.writeHead(500).end();
    }
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const sandbox = spawn(waybill, ["sandbox", "--listen", "127.0.0.1:0", "--speed", "50", "-o", "json",
    "--webhook", `http://127.0.0.1:${receiver.address().port}/`], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let text = "", at;
    for await (const line of createInterface(sandbox.stdout)) {
      text += line;
      if (line === "}") break;
    }
    at = JSON.parse(text);
    const sent = []; // [kind, id]
    const used = client.use(at);
    listen = used.listen;
    await used.send({ person, unreachable }, (kind, id) => {
      assert.match(id ?? "", /^wamid\./, `${name}: ${kind} has no id`);
      sent.push([kind, id]);
    });
    const wanted = (kind) => (kind === "unreachable" ? ["failed"] : kind === "reaction" ? ["sent"] : ["sent", "delivered", "read"]);
    const lacking = () => sent.flatMap(([kind, id]) =>
      wanted(kind).filter((status) => !heard.some((h) => h.id === id && h.status === status)).map((status) => `${kind}: ${status}`));
    for (let i = 0; i < 200 && lacking().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(faults, [], `${name}: webhooks that it does not take`);
    assert.deepEqual(lacking(), [], `${name}: statuses that it did not hear`);
    assert.ok(heard.find((h) => h.status === "failed").code === 131026, `${name}: the code of the failure`);
    const { total } = await (await fetch(at.url + "/__sandbox/messages?limit=1")).json();
    assert.equal(total, sent.length, `${name}: messages that the sandbox counts`);
    console.log(`${name}: ${sent.length} messages, ${heard.length} statuses`);
  } finally {
    sandbox.kill();
    receiver.close();
  }
}

await run("whatsapp-api-js 6.3.0", whatsappApiJs);
await run("@kapso/whatsapp-cloud-api 0.3.0", kapso);
await run("@great-detail/whatsapp 9.2.0", greatDetail);
process.exit(0);
