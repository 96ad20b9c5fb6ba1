import assert from "node:assert/strict";
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { files, link } from "./media.mjs";

export function use(at) {
  const client = new WhatsAppClient({ accessToken: at.token, baseUrl: at.url, graphVersion: "v24.0" });
  return {
    async listen(raw, headers) {
      assert.ok(verifySignature({ appSecret: at.appSecret, rawBody: raw, signatureHeader: headers["x-hub-signature-256"] }), "signature");
      return normalizeWebhook(JSON.parse(raw)).statuses.map(({ id, status, errors }) => ({ id, status, code: errors?.[0]?.code }));
    },
    async send({ person, unreachable }, sent) {
      const to = { phoneNumberId: at.phoneNumberId, to: person };
      const send = async (kind, how, input) => {
        let answer;
        try {
          answer = await client.messages[how]({ ...to, ...input });
        } catch (error) {
          throw new Error(`${kind}: ${error.message} ${JSON.stringify(error.raw ?? error.issues ?? "")}`);
        }
        sent(kind, answer.messages[0].id);
        return answer.messages[0].id;
      };
      const first = await send("text", "sendText", { body: "Hello https://example.com", previewUrl: true, bizOpaqueCallbackData: "tag" });
      await send("reply", "sendText", { body: "Again", contextMessageId: first });
      await send("unreachable", "sendText", { to: unreachable, body: "Hello" });
      await send("reaction", "sendReaction", { reaction: { messageId: first, emoji: "👍" } });
      await send("location", "sendLocation", { location: { latitude: 40.4, longitude: -3.7, name: "Clinic", address: "Main street 1" } });
      await send("contacts", "sendContacts", { contacts: [{
        name: { formattedName: "Ana Ruiz", firstName: "Ana" }, birthday: "1990-01-31", phones: [{ phone: "+34600000002", waId: "34600000002", type: "WORK" }],
        emails: [{ email: "ana@example.com", type: "WORK" }], org: { company: "Clinic" }, urls: [{ url: "https://example.com", type: "WORK" }],
        addresses: [{ street: "Main street 1", city: "Madrid", zip: "28001", country: "Spain", countryCode: "ES", type: "HOME" }],
      }] });

      const ids = {};
      for (const [kind, file] of Object.entries(files)) {
        ids[kind] = (await client.media.upload({ phoneNumberId: at.phoneNumberId, type: file.type, file: new Blob([file.bytes], { type: file.type }), fileName: file.name })).id;
        assert.match(ids[kind], /^\d+$/);
        await send(kind, "send" + kind[0].toUpperCase() + kind.slice(1), { [kind]: { id: ids[kind] } });
        await send(kind + " by link", "send" + kind[0].toUpperCase() + kind.slice(1), { [kind]: { link } });
      }
      await send("voice", "sendAudio", { audio: { id: ids.audio, voice: true } });
      await send("document with caption", "sendDocument", { document: { id: ids.document, caption: "Look", filename: "a.pdf" } });
      assert.equal((await client.media.get({ mediaId: ids.image })).mimeType, "image/png");
      assert.deepEqual(Buffer.from(await client.media.download({ mediaId: ids.image, auth: "always" })), files.image.bytes);
      assert.equal((await client.media.delete({ mediaId: ids.sticker })).success, true);

      const bodyText = "What now?";
      await send("buttons", "sendInteractiveButtons", { bodyText, footerText: "Clinic", header: { type: "text", text: "Hello" }, buttons: [{ id: "a", title: "Yes" }, { id: "b", title: "No" }] });
      await send("list", "sendInteractiveList", { bodyText, buttonText: "Choose", sections: [{ title: "One", rows: [{ id: "a", title: "A", description: "about" }] }] });
      await send("product", "sendInteractiveProduct", { catalogId: "cat-1", productRetailerId: "sku-1" });
      await send("product list", "sendInteractiveProductList", { bodyText, header: { type: "text", text: "Hello" }, catalogId: "cat-1", sections: [{ title: "One", productItems: [{ productRetailerId: "sku-1" }] }] });
      await send("flow", "sendInteractiveFlow", { bodyText, parameters: { flowId: "123456", flowCta: "Begin", flowToken: "token", flowAction: "navigate", flowActionPayload: { screen: "FIRST" } } });
      await send("address", "sendInteractiveAddress", { bodyText, parameters: { country: "IN" } });
      await send("location request", "sendInteractiveLocationRequest", { bodyText, parameters: { requestMessage: "Where?" } });
      await send("call permission", "sendInteractiveCallPermission", { bodyText, parameters: { phoneNumber: "34600000003" } });
      await send("cta", "sendInteractiveCtaUrl", { bodyText, parameters: { displayText: "Open", url: "https://example.com" } });
      await send("catalog", "sendInteractiveCatalogMessage", { bodyText, parameters: { thumbnailProductRetailerId: "sku-1" } });
      const card = (cardIndex) => ({ cardIndex, header: { type: "image", image: { link } }, bodyText: "Card", action: { displayText: "Open", url: "https://example.com" } });
      await send("carousel", "sendInteractiveCarousel", { bodyText, cards: [card(0), card(1)] });

      const template = (name, code, ...components) => ({ template: { name, language: { code }, ...(components.length ? { components } : {}) } });
      const body = (...texts) => ({ type: "body", parameters: texts.map((text) => ({ type: "text", text })) });
      await send("template", "sendTemplate", template("hello_world", "en_US"));
      await send("template with parameters", "sendTemplate", template("appointment_reminder", "es", body("Ana", "25/03", "10:00", "Dr. Ruiz")));
      await send("template with buttons", "sendTemplate", template("shipping_update", "en_US", { type: "header", parameters: [{ type: "text", text: "12" }] }, body("Ana", "Monday"),
        { type: "button", subType: "url", index: 0, parameters: [{ type: "text", text: "12" }] },
        { type: "button", subType: "quick_reply", index: 1, parameters: [{ type: "payload", payload: "stop" }] }));
      await send("template with document", "sendTemplate", template("invoice", "en_US", { type: "header", parameters: [{ type: "document", document: { id: ids.document } }] }, body("Ana", "7")));
      await send("template with names", "sendTemplate", template("welcome_named", "en_US",
        { type: "header", parameters: [{ type: "text", text: "Ana", parameterName: "first_name" }] },
        { type: "body", parameters: [{ type: "text", text: "12", parameterName: "account_number" }, { type: "text", text: "Eva", parameterName: "advisor" }] }));
    },
  };
}
