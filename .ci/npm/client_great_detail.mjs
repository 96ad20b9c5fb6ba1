import assert from "node:assert/strict";
import Client from "@great-detail/whatsapp";
import { files, link } from "./media.mjs";

export function use(at) {
  const sdk = new Client({ baseUrl: at.url, graphVersion: "v24.0", request: { headers: { Authorization: "Bearer " + at.token }, retry: 0 } });
  return {
    async listen(raw, headers) {
      const event = await sdk.webhook.eventNotification({ method: "POST", query: {}, body: raw, headers });
      await event.verifySignature(at.appSecret);
      return event.eventNotification.entry.flatMap((e) => e.changes).flatMap((c) => c.value.statuses ?? [])
        .map(({ id, status, errors }) => ({ id, status, code: errors?.[0]?.code }));
    },
    async send({ person, unreachable }, sent) {
      const send = async (kind, type, content, more = {}) => {
        let answer;
        try {
          answer = await sdk.message.createMessage({ phoneNumberID: at.phoneNumberId, to: person, type, [type]: content, ...more }).json();
        } catch (error) {
          throw new Error(`${kind}: ${error.message} ${JSON.stringify(error.data ?? "")}`);
        }
        sent(kind, answer.messages[0].id);
        return answer.messages[0].id;
      };
      const first = await send("text", "text", { body: "Hello https://example.com", preview_url: true }, { biz_opaque_callback_data: "tag" });
      await send("reply", "text", { body: "Again" }, { context: { message_id: first } });
      await send("unreachable", "text", { body: "Hello" }, { to: unreachable });
      await send("reaction", "reaction", { message_id: first, emoji: "👍" });
      await send("location", "location", { latitude: 40.4, longitude: -3.7, name: "Clinic", address: "Main street 1" });
      await send("contacts", "contacts", [{ name: { formatted_name: "Ana Ruiz", first_name: "Ana" }, phones: [{ phone: "+34600000002", type: "WORK" }] }]);

      const ids = {};
      for (const [kind, file] of Object.entries(files)) {
        ids[kind] = (await sdk.media.upload({ phoneNumberID: at.phoneNumberId, mimeType: file.type, filename: file.name, file: new Blob([file.bytes], { type: file.type }) }).json()).id;
        assert.match(ids[kind], /^\d+$/);
        await send(kind, kind, { id: ids[kind] });
        await send(kind + " by link", kind, { link });
      }
      assert.equal((await sdk.media.getURL({ mediaID: ids.image, phoneNumberID: at.phoneNumberId }).json()).mime_type, "image/png");
      assert.equal((await sdk.media.delete({ mediaID: ids.sticker }).json()).success, true);

      const body = { text: "What now?" };
      for (const [kind, type, action, more] of [
        ["buttons", "button", { buttons: [{ type: "reply", reply: { id: "a", title: "Yes" } }, { type: "reply", reply: { id: "b", title: "No" } }] }],
        ["list", "list", { button: "Choose", sections: [{ title: "One", rows: [{ id: "a", title: "A", description: "about" }] }] }],
        ["cta", "cta_url", { name: "cta_url", parameters: { display_text: "Open", url: "https://example.com" } }],
        ["product", "product", { catalog_id: "cat-1", product_retailer_id: "sku-1" }],
        ["product list", "product_list", { catalog_id: "cat-1", sections: [{ title: "One", product_items: [{ product_retailer_id: "sku-1" }] }] }, { header: { type: "text", text: "Hello" } }],
        ["catalog", "catalog_message", { name: "catalog_message", parameters: { thumbnail_product_retailer_id: "sku-1" } }],
        ["location request", "location_request_message", { name: "send_location" }],
        ["flow", "flow", { name: "flow", parameters: { flow_message_version: "3", flow_token: "token", flow_id: "123456", flow_cta: "Begin", flow_action: "navigate", flow_action_payload: { screen: "FIRST" } } }],
      ]) {
        await send(kind, "interactive", { type, body, action, ...more });
      }

      const text = (...all) => ({ type: "body", parameters: all.map((one) => ({ type: "text", text: one })) });
      await send("template", "template", { name: "hello_world", language: { code: "en_US" } });
      await send("template with parameters", "template", { name: "appointment_reminder", language: { code: "es" }, components: [text("Ana", "25/03", "10:00", "Dr. Ruiz")] });
      await send("template with money", "template", { name: "order_confirmation", language: { code: "es" }, components: [{ type: "body", parameters: [
        { type: "text", text: "Ana" }, { type: "date_time", date_time: { fallback_value: "12" } },
        { type: "currency", currency: { fallback_value: "100,99 €", code: "EUR", amount_1000: 100990 } }] }] });
      await send("template with document", "template", { name: "invoice", language: { code: "en_US" }, components: [
        { type: "header", parameters: [{ type: "document", document: { id: ids.document, filename: "a.pdf" } }] }, text("Ana", "7")] });
    },
  };
}
