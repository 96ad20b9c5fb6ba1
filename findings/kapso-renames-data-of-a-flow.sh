#!/usr/bin/env bash
# @kapso/whatsapp-cloud-api 0.3.0: the data that a message gives a Flow arrives under other names. Every key of a request is turned from
# camelCase into snake_case, the keys of flow_action_payload.data and flow_action_data too, which Meta has as the Flow's own ("<CUSTOM_KEY>"),
# and sendRaw's as well. Its part that uploads Flows turns them not, and refuses first_name: there the key must be firstName. A Flow made
# by one half of the library and opened by the other finds none of its data.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @kapso/whatsapp-cloud-api@0.3.0 >/dev/null
cat >ask.mjs <<'JS'
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
let body;
const client = new WhatsAppClient({
  accessToken: "token",
  fetch: async (_, request) => {
    body = request.body;
    return Response.json({});
  },
});
const to = { phoneNumberId: "1", to: "34600000001" };
const json = (data) => ({ version: "7.3", screens: [{ id: "WELCOME", title: "Welcome", data, layout: { type: "SingleColumnLayout", children: [] } }] });
await client.flows.updateAsset({ flowId: "2", json: json({ firstName: { type: "string", __example__: "Ana" } }) });
console.log("uploaded:", Object.keys(JSON.parse(await body.get("file").text()).screens[0].data).join());
await client.flows.updateAsset({ flowId: "2", json: json({ first_name: { type: "string", __example__: "Ana" } }) }).catch((e) => console.log("refused:", e.message));
const payload = { screen: "WELCOME", data: { firstName: "Ana" } };
await client.messages.sendInteractiveFlow({ ...to, bodyText: "Hello", parameters: { flowId: "2", flowCta: "Open", flowAction: "navigate", flowActionPayload: payload } });
console.log("sendInteractiveFlow:", JSON.stringify(JSON.parse(body).interactive.action.parameters.flow_action_payload.data));
await client.messages.sendRaw({ phoneNumberId: "1", payload: { interactive: { action: { parameters: { flow_action_payload: payload } } } } });
console.log("sendRaw:", JSON.stringify(JSON.parse(body).interactive.action.parameters.flow_action_payload.data));
const action = { flow_token: "token", flow_action_data: { firstName: "Ana" } };
const components = [{ type: "button", sub_type: "flow", index: "0", parameters: [{ type: "action", action }] }];
await client.messages.sendTemplate({ ...to, template: { name: "welcome", language: { code: "es" }, components } });
console.log("sendTemplate:", JSON.stringify(JSON.parse(body).template.components[0].parameters[0].action.flow_action_data));
JS
seen=$(node ask.mjs)
echo "version: @kapso/whatsapp-cloud-api 0.3.0"
echo "source: https://github.com/gokapso/whatsapp-cloud-api-js"
echo "behaviour: the keys of a Flow's own data are renamed in a message, and not in the Flow"
echo "input: a Flow whose screen has the data firstName, and messages that give it"
echo "expected: firstName in all of them"
echo "seen:"
echo "$seen"
want='uploaded: firstName
refused: Flow JSON authoring should use camelCase key "firstName" instead of "first_name". Please update your source.
sendInteractiveFlow: {"first_name":"Ana"}
sendRaw: {"first_name":"Ana"}
sendTemplate: {"first_name":"Ana"}'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
