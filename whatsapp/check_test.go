package whatsapp_test

import (
	"strings"
	"testing"

	"waybill/whatsapp"
)

func paths(problems []whatsapp.Problem) string {
	var list []string
	for _, p := range problems {
		if p.Summary == "" || strings.HasSuffix(p.Summary, ".") {
			list = append(list, "BAD SUMMARY: "+p.Summary)
		}
		path := p.Path
		if p.Warning {
			path += "?"
		}
		list = append(list, path)
	}
	return strings.Join(list, " ")
}

func TestCheckMessage(t *testing.T) {
	param := func(change func(*whatsapp.Parameter)) whatsapp.Parameter {
		p := whatsapp.Parameter{Type: "text", Text: "x"}
		change(&p)
		return p
	}
	body := func(parameters ...whatsapp.Parameter) whatsapp.Message {
		return template("promo", "es", component("body", parameters...))
	}
	const at = "template.components[0].parameters[0]"
	for _, test := range []struct {
		name string
		m    whatsapp.Message
		want string
	}{
		{"good", plain("Hi"), ""},
		{"nobody", whatsapp.Message{Text: &whatsapp.Text{Body: "x"}}, "to"},
		{"bare digits", with(plain("x"), func(m *whatsapp.Message) { m.To = "34612345678" }), "to"},
		{"nothing", whatsapp.Message{To: "+34612345678"}, "type"},
		{"empty text", plain(" \n"), "text.body"},
		{"broken text", plain("a\xff"), "text.body"},
		{"4096 characters", plain(strings.Repeat("😀", 4096)), ""},
		{"4097 characters", plain(strings.Repeat("é", 4097)), "text.body"},
		{"callback data", with(plain("x"), func(m *whatsapp.Message) { m.CallbackData = strings.Repeat("x", 513) }), "biz_opaque_callback_data"},
		{"no file", media(whatsapp.Media{Type: "image"}), "image"},
		{"two files", media(whatsapp.Media{Type: "image", ID: "1", Link: "https://example.com/a.jpg"}), "image"},
		{"local file", media(whatsapp.Media{Type: "image", Link: "a.jpg"}), "image.link"},
		{"this machine", media(whatsapp.Media{Type: "image", Link: "http://localhost/a.jpg"}), "image.link"},
		{"example's address", media(whatsapp.Media{Type: "image", Link: "https://scontent.whatsapp.net/v/a.jpg"}), "image.link?"},
		{"caption", media(whatsapp.Media{Type: "video", ID: "1", Caption: strings.Repeat("x", 1025)}), "video.caption"},
		{"caption of audio", media(whatsapp.Media{Type: "audio", ID: "1", Caption: "x"}), "audio.caption"},
		{"caption of sticker", media(whatsapp.Media{Type: "sticker", ID: "1", Caption: "x"}), "sticker.caption"},
		{"file name of image", media(whatsapp.Media{Type: "image", ID: "1", Filename: "a.jpg"}), "image.filename"},
		{"voice of video", media(whatsapp.Media{Type: "video", ID: "1", Voice: true}), "video.voice"},
		{"no name", template("", "es"), "template.name"},
		{"odd name", template("Promo", "es"), "template.name"},
		{"no language", template("promo", ""), "template.language.code"},
		{"odd language", template("promo", "es-ES"), "template.language.code"},
		{"reply", with(template("promo", "es"), func(m *whatsapp.Message) { m.ReplyTo = "wamid.1" }), "context.message_id?"},
		{"unknown component", template("promo", "es", component("footer")), "template.components[0].type?"},
		{"empty parameter", body(text("")...), at + ".text"},
		{"line break", body(text("a\nb")...), at + ".text"},
		{"tab", body(text("a\tb")...), at + ".text"},
		{"4 blanks", body(text("a    b")...), ""},
		{"5 blanks", body(text("a     b")...), at + ".text"},
		{"body too long", body(text(strings.Repeat("x", 1025))...), at + ".text"},
		{"payload in body", body(param(func(p *whatsapp.Parameter) { p.Type = "payload" })), at + ".type"},
		{"header too long", template("promo", "es", component("header", text(strings.Repeat("x", 61))...)), at + ".text"},
		{"two headers", template("promo", "es", component("header", text("a", "b")...)), "template.components[0].parameters"},
		{"body twice", template("promo", "es", component("body", text("a")...), component("body", text("b")...)), "template.components[1]"},
		{"mixed names", body(text("a")[0], param(func(p *whatsapp.Parameter) { p.Name = "b" })), "template.components"},
		{"a name twice", body(param(func(p *whatsapp.Parameter) { p.Name = "b" }), param(func(p *whatsapp.Parameter) { p.Name = "b" })), "template.components[0].parameters[1].parameter_name"},
		{"no amount", body(whatsapp.Parameter{Type: "currency"}), at + ".currency"},
		{"odd currency", body(param(func(p *whatsapp.Parameter) {
			p.Type, p.Currency = "currency", &whatsapp.Currency{FallbackValue: "1", Code: "eur"}
		})), at + ".currency.code"},
		{"no moment", body(whatsapp.Parameter{Type: "date_time"}), at + ".date_time"},
		{"no image", template("promo", "es", component("header", whatsapp.Parameter{Type: "image"})), at + ".image"},
		{"no place", template("promo", "es", component("header", whatsapp.Parameter{Type: "location", Location: &whatsapp.Location{Latitude: "91", Longitude: "x"}})), at + ".location.latitude " + at + ".location.longitude"},
		{"no sub type", template("promo", "es", button("", "0", text("x")[0])), "template.components[0].sub_type"},
		{"index", template("promo", "es", button("url", "10", text("x")[0])), "template.components[0].index"},
		{"no index", template("promo", "es", button("url", "", text("x")[0])), "template.components[0].index"},
		{"payload", template("promo", "es", button("quick_reply", "0", whatsapp.Parameter{Type: "payload", Payload: strings.Repeat("x", 257)})), at + ".payload"},
		{"coupon", template("promo", "es", button("copy_code", "0", whatsapp.Parameter{Type: "coupon_code", CouponCode: strings.Repeat("x", 21)})), at + ".coupon_code"},
		{"upper case sub type", template("promo", "es", button("URL", "0", text("x")[0])), ""},
		{"two buttons", template("promo", "es", button("url", "0", text("x")[0]), button("url", "1", text("x")[0])), ""},
		{"one card", template("promo", "es", whatsapp.Component{Type: "carousel", Cards: []whatsapp.Card{{}}}), "template.components[0].cards"},
	} {
		if got := paths(test.m.Check()); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func definition() whatsapp.Template {
	return whatsapp.Template{
		Name: "appointment_reminder", Language: "es", Status: "APPROVED", ParameterFormat: "POSITIONAL",
		Components: []whatsapp.TemplateComponent{
			{Type: "HEADER", Format: "IMAGE"},
			{Type: "BODY", Text: "Hola {{1}}, su cita es el {{2}}. {{1}}!"},
			{Type: "FOOTER", Text: "Clínica Norte"},
			{Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{
				{Type: "QUICK_REPLY", Text: "Confirmar"}, {Type: "URL", Text: "Ver", URL: "https://example.com/{{1}}"}, {Type: "URL", Text: "Web", URL: "https://example.com"},
			}},
		},
	}
}

func TestCheckTemplate(t *testing.T) {
	image := component("header", whatsapp.Parameter{Type: "image", Image: &whatsapp.File{ID: "1"}})
	track := button("url", "1", text("abc")[0])
	good := template("appointment_reminder", "es", image, component("body", text("Ana", "25/03")...), track)
	named := whatsapp.Template{Name: "n", Language: "es", Status: "APPROVED", Components: []whatsapp.TemplateComponent{{Type: "BODY", Text: "Hi {{ first_name }} and {{last}}"}}}
	name := func(n string) whatsapp.Parameter { return whatsapp.Parameter{Type: "text", Name: n, Text: "x"} }
	with := func(change func(*whatsapp.Template)) whatsapp.Template {
		d := definition()
		change(&d)
		return d
	}
	for _, test := range []struct {
		name string
		t    whatsapp.Template
		m    whatsapp.Message
		want string
	}{
		{"good", definition(), good, ""},
		{"text", definition(), plain("x"), "template"},
		{"name", with(func(d *whatsapp.Template) { d.Name = "other" }), good, "template.name"},
		{"language", with(func(d *whatsapp.Template) { d.Language = "es_ES" }), good, "template.language.code"},
		{"paused", with(func(d *whatsapp.Template) { d.Status = "PAUSED" }), good, "template.name"},
		{"disabled", with(func(d *whatsapp.Template) { d.Status = "DISABLED" }), good, "template.name"},
		{"pending", with(func(d *whatsapp.Template) { d.Status = "PENDING" }), good, "template.name"},
		{"too few", definition(), template("appointment_reminder", "es", image, component("body", text("Ana")...), track), "template.components[1]"},
		{"none", definition(), template("appointment_reminder", "es", image, track), "template.components"},
		{"names", definition(), template("appointment_reminder", "es", image, component("body", name("a"), name("b")), track), "template.components[1].parameters[0].parameter_name template.components[1].parameters[1].parameter_name"},
		{"no header", definition(), template("appointment_reminder", "es", component("body", text("Ana", "x")...), track), "template.components"},
		{"other header", definition(), template("appointment_reminder", "es", component("header", text("x")...), component("body", text("Ana", "x")...), track), "template.components[0].parameters[0].type"},
		{"filled too long", definition(), template("appointment_reminder", "es", image, component("body", text(strings.Repeat("x", 600), "x")...), track), "template.components[1]"},
		{"no button", definition(), template("appointment_reminder", "es", image, component("body", text("Ana", "x")...)), "template.components"},
		{"button's kind", definition(), template("appointment_reminder", "es", image, component("body", text("Ana", "x")...), track, button("url", "0", text("x")[0])), "template.components[3].sub_type"},
		{"static button", definition(), template("appointment_reminder", "es", image, component("body", text("Ana", "x")...), track, button("url", "2", text("x")[0])), "template.components[3]"},
		{"button's place", definition(), template("appointment_reminder", "es", image, component("body", text("Ana", "x")...), track, button("url", "3", text("x")[0])), "template.components[3].index"},
		{"upper case", definition(), template("appointment_reminder", "es", image, component("body", text("Ana", "x")...), button("URL", "1", text("x")[0])), ""},
		{"address too long", definition(), template("appointment_reminder", "es", image, component("body", text("Ana", "x")...), button("url", "1", text(strings.Repeat("x", 1995))[0])), "template.components[2]"},
		{"named", named, template("n", "es", component("body", name("last"), name("first_name"))), ""},
		{"unknown name", named, template("n", "es", component("body", name("last"), name("first"))), "template.components[0].parameters[1].parameter_name"},
		{"no names", named, template("n", "es", component("body", text("a", "b")...)), "template.components[0].parameters[0].parameter_name template.components[0].parameters[1].parameter_name"},
		{"too much", whatsapp.Template{Name: "n", Language: "es", Status: "APPROVED"}, template("n", "es", component("body", text("a")...)), "template.components[0]"},
		{"otp", whatsapp.Template{Name: "n", Language: "es", Components: []whatsapp.TemplateComponent{{Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{{Type: "OTP"}}}}}, template("n", "es", button("url", "0", text("1")[0])), ""},
		{"coupon missing", whatsapp.Template{Name: "n", Language: "es", Components: []whatsapp.TemplateComponent{{Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{{Type: "COPY_CODE"}}}}}, template("n", "es"), "template.components"},
	} {
		if got := paths(test.t.Check(test.m)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCheckCarousel(t *testing.T) {
	card := []whatsapp.TemplateComponent{{Type: "HEADER", Format: "IMAGE"}, {Type: "BODY", Text: "{{1}} off"}, {Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{{Type: "QUICK_REPLY"}}}}
	d := whatsapp.Template{Name: "carousel", Language: "es", Status: "APPROVED", Components: []whatsapp.TemplateComponent{{Type: "CAROUSEL", Cards: [][]whatsapp.TemplateComponent{card, card}}}}
	m := templates()["carousel"]
	if got := paths(d.Check(m)); got != "" {
		t.Errorf("got %q", got)
	}
	m.Template.Components[0].Cards[1].Components[1].Parameters = nil
	if got, want := paths(d.Check(m)), "template.components[0].cards[1].components[1]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := paths(d.Check(template("carousel", "es"))), "template.components"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
