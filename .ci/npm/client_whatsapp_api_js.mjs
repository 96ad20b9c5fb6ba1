import assert from "node:assert/strict";
import { WhatsAppAPI } from "whatsapp-api-js";
import * as m from "whatsapp-api-js/messages";
import { files, link } from "./media.mjs";

export function use(at) {
  // It knows no other address than Graph's.
  const here = (url, options) => fetch(String(url).replace("https://graph.facebook.com", at.url), options);
  const api = new WhatsAppAPI({ token: at.token, appSecret: at.appSecret, v: "v24.0", ponyfill: { fetch: here } });
  return {
    async listen(raw, headers) {
      const heard = [], whole = JSON.parse(raw);
      assert.ok(await api.verifyRequestSignature(raw, headers["x-hub-signature-256"]), "signature");
      // Of a webhook with several statuses it tells the first alone, so they are given to it one by one.
      const one = new WhatsAppAPI({ token: at.token, secure: false, v: "v24.0" });
      one.on.status = ({ id, status, error }) => heard.push({ id, status, code: error?.code });
      for (const entry of whole.entry) for (const change of entry.changes) for (const status of change.value.statuses ?? []) {
        await one.post({ ...whole, entry: [{ ...entry, changes: [{ ...change, value: { ...change.value, statuses: [status] } }] }] });
      }
      return heard;
    },
    async send({ person, unreachable }, sent) {
      const send = async (kind, message, to = person, context) => {
        const answer = await api.sendMessage(at.phoneNumberId, to, message, context, "tag");
        assert.ok(answer.messages, `${kind}: ${JSON.stringify(answer)}`);
        sent(kind, answer.messages[0].id);
        return answer.messages[0].id;
      };
      const first = await send("text", new m.Text("Hello https://example.com", true));
      await send("reply", new m.Text("Again"), person, first);
      await send("unreachable", new m.Text("Hello"), unreachable);
      await send("reaction", new m.Reaction(first, "👍"));
      await send("location", new m.Location(-3.7, 40.4, "Clinic", "Main street 1"));
      await send("contacts", new m.Contacts([
        new m.Name("Ana Ruiz", "Ana"), new m.Phone("+34600000002", "WORK", "34600000002"), new m.Email("ana@example.com", "WORK"),
        new m.Organization("Clinic"), new m.Url("https://example.com", "WORK"), new m.Birthday("1990", "01", "31"),
        new m.Address("Spain", "ES", "", "Madrid", "Main street 1", "28001", "HOME"),
      ]));

      const ids = {};
      for (const [kind, file] of Object.entries(files)) {
        const form = new FormData();
        form.set("file", new Blob([file.bytes], { type: file.type }), file.name);
        const answer = await api.uploadMedia(at.phoneNumberId, form);
        assert.match(answer.id ?? "", /^\d+$/, `upload of ${kind}: ${JSON.stringify(answer)}`);
        ids[kind] = answer.id;
      }
      const about = await api.retrieveMedia(ids.image);
      assert.equal(about.mime_type, "image/png");
      assert.deepEqual(Buffer.from(await (await api.fetchMedia(about.url)).arrayBuffer()), files.image.bytes);
      const media = { image: m.Image, document: m.Document, audio: m.Audio, video: m.Video, sticker: m.Sticker };
      for (const [kind, Kind] of Object.entries(media)) {
        await send(kind, new Kind(ids[kind], true));
        await send(kind + " by link", new Kind(link));
      }
      await send("voice", new m.Audio(ids.audio, true, true));
      await send("image with caption", new m.Image(ids.image, true, "Look"));
      assert.equal((await api.deleteMedia(ids.sticker)).success, true);

      const body = new m.Body("What now?"), footer = new m.Footer("Clinic");
      const product = new m.Product("sku-1"), catalogued = new m.CatalogProduct("sku-1", "cat-1");
      for (const [kind, ...parts] of [
        ["buttons", new m.ActionButtons(new m.Button("a", "Yes"), new m.Button("b", "No")), body, new m.Header("Hello"), footer],
        ["buttons with image", new m.ActionButtons(new m.Button("a", "Yes")), body, new m.Header(new m.Image(ids.image, true))],
        ["list", new m.ActionList("Choose", new m.ListSection("One", new m.Row("a", "A", "about")), new m.ListSection("Two", new m.Row("b", "B"))), body],
        ["catalog", new m.ActionCatalog(product), body],
        ["product", new m.ActionProduct(catalogued)],
        ["product list", new m.ActionProductList("cat-1", new m.ProductSection("One", product)), body, new m.Header("Hello")],
        ["cta", new m.ActionCTA("Open", "https://example.com"), body],
        ["flow", new m.ActionNavigateFlow("token", "123456", "Begin", "FIRST", { a: 1 }), body],
        ["flow that asks", new m.ActionDataExchangeFlow("token", "123456", "Begin"), body],
        ["location request", new m.ActionLocation(), body],
        ["call permission", new m.ActionCallPermission(), body],
        ["contact request", new m.ActionContactRequest(), body],
      ]) {
        await send(kind, new m.Interactive(...parts));
      }

      const texts = (...all) => new m.BodyComponent(...all.map((text) => new m.BodyParameter(text)));
      await send("template", new m.Template("hello_world", "en_US"));
      await send("template with parameters", new m.Template("appointment_reminder", new m.Language("es", "deterministic"), texts("Ana", "25/03", "10:00", "Dr. Ruiz")));
      await send("template with money", new m.Template("order_confirmation", "es", new m.BodyComponent(
        new m.BodyParameter("Ana"), new m.BodyParameter("12"), new m.BodyParameter(new m.Currency(100990, "EUR", "100,99 €")))));
      await send("template with buttons", new m.Template("shipping_update", "en_US",
        new m.HeaderComponent(new m.HeaderParameter("12")), texts("Ana", "Monday"), new m.URLComponent("12"), new m.PayloadComponent("stop")));
      await send("template with document", new m.Template("invoice", "en_US",
        new m.HeaderComponent(new m.HeaderParameter(new m.Document(ids.document, true, undefined, "a.pdf"))), texts("Ana", "7")));
      await send("template with coupon", new m.Template("spring_sale", "en_US",
        new m.HeaderComponent(new m.HeaderParameter(new m.Image(link))), texts("Ana", "10%"), new m.PayloadComponent("stop"), new m.CopyComponent("SPRING")));
      await send("template with code", new m.Template("login_code", "en_US", texts("123456"), new m.URLComponent("123456")));
      await send("template with names", new m.Template("welcome_named", "en_US",
        new m.HeaderComponent(new m.HeaderParameter("Ana", "first_name")),
        new m.BodyComponent(new m.BodyParameter("12", "account_number"), new m.BodyParameter("Eva", "advisor"))));
    },
  };
}
