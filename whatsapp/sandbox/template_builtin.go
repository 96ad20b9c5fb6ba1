package sandbox

import "encoding/json"

// builtinTemplates are there from the start, so that a newcomer has something to send: one of each kind, and
// one of each state that cannot be sent.
const builtinTemplates = `[
{"id":"1192339204654487","name":"hello_world","language":"en_US","category":"UTILITY","components":[
  {"type":"HEADER","format":"TEXT","text":"Hello World"},
  {"type":"BODY","text":"Welcome and congratulations! This message shows that you can send a template."},
  {"type":"FOOTER","text":"Waybill sandbox"}]},
{"id":"9100000000000101","name":"appointment_reminder","language":"es","category":"UTILITY","components":[
  {"type":"BODY","text":"Hola {{1}}, le recordamos su cita del {{2}} a las {{3}} con {{4}}. Si no puede venir, avísenos.",
   "example":{"body_text":[["Juan","25/03/2026","10:00","Dra. García"]]}}]},
{"id":"9100000000000102","name":"appointment_reminder","language":"en_US","category":"UTILITY","components":[
  {"type":"BODY","text":"Hello {{1}}, this is a reminder of your appointment on {{2}} at {{3}} with {{4}}. Tell us if you cannot come.",
   "example":{"body_text":[["John","03/25/2026","10:00","Dr. Smith"]]}}]},
{"id":"9100000000000103","name":"order_confirmation","language":"en_US","category":"UTILITY","components":[
  {"type":"BODY","text":"Thank you, {{1}}. We have your order {{2}} over {{3}}.","example":{"body_text":[["Ana","A-1001","$42.00"]]}}]},
{"id":"9100000000000104","name":"order_confirmation","language":"es","category":"UTILITY","components":[
  {"type":"BODY","text":"Gracias, {{1}}. Tenemos su pedido {{2}} por {{3}}.","example":{"body_text":[["Ana","A-1001","42,00 €"]]}}]},
{"id":"9100000000000105","name":"shipping_update","language":"en_US","category":"UTILITY","components":[
  {"type":"HEADER","format":"TEXT","text":"Order {{1}}","example":{"header_text":["A-1001"]}},
  {"type":"BODY","text":"Hi {{1}}, your order is on its way and should arrive on {{2}}.","example":{"body_text":[["Ana","Friday"]]}},
  {"type":"BUTTONS","buttons":[
    {"type":"URL","text":"Track","url":"https://example.com/track/{{1}}","example":["https://example.com/track/abc"]},
    {"type":"QUICK_REPLY","text":"Call me"}]}]},
{"id":"9100000000000106","name":"spring_sale","language":"en_US","category":"MARKETING","components":[
  {"type":"HEADER","format":"IMAGE","example":{"header_handle":["https://scontent.whatsapp.net/sandbox"]}},
  {"type":"BODY","text":"Hi {{1}}, everything is {{2}} off until Sunday.","example":{"body_text":[["Ana","20%"]]}},
  {"type":"FOOTER","text":"Reply STOP to opt out"},
  {"type":"BUTTONS","buttons":[
    {"type":"QUICK_REPLY","text":"Stop promotions"},
    {"type":"COPY_CODE","text":"Copy offer code","example":["SPRING20"]}]}]},
{"id":"9100000000000107","name":"invoice","language":"en_US","category":"UTILITY","components":[
  {"type":"HEADER","format":"DOCUMENT","example":{"header_handle":["https://scontent.whatsapp.net/sandbox"]}},
  {"type":"BODY","text":"Dear {{1}}, here is your invoice {{2}}.","example":{"body_text":[["Ana","INV-1"]]}}]},
{"id":"9100000000000108","name":"welcome_named","language":"en_US","category":"UTILITY","parameter_format":"NAMED","components":[
  {"type":"HEADER","format":"TEXT","text":"Welcome, {{first_name}}","example":{"header_text_named_params":[{"param_name":"first_name","example":"Ana"}]}},
  {"type":"BODY","text":"Your account {{account_number}} is ready, and {{advisor}} will call you.",
   "example":{"body_text_named_params":[{"param_name":"account_number","example":"77"},{"param_name":"advisor","example":"Luis"}]}}]},
{"id":"9100000000000109","name":"login_code","language":"en_US","category":"AUTHENTICATION","components":[
  {"type":"BODY","text":"{{1}} is your verification code.","add_security_recommendation":true,"example":{"body_text":[["123456"]]}},
  {"type":"FOOTER","code_expiration_minutes":10},
  {"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE","text":"Copy code"}]}]},
{"id":"9100000000000110","name":"paused_promotion","language":"en_US","status":"PAUSED","category":"MARKETING","quality_score":{"score":"RED"},
 "components":[{"type":"BODY","text":"Hi {{1}}, have you seen this?","example":{"body_text":[["Ana"]]}}]},
{"id":"9100000000000111","name":"disabled_promotion","language":"en_US","status":"DISABLED","category":"MARKETING","quality_score":{"score":"RED"},
 "components":[{"type":"BODY","text":"Hi {{1}}, a last chance for you.","example":{"body_text":[["Ana"]]}}]},
{"id":"9100000000000112","name":"rejected_offer","language":"en_US","status":"REJECTED","category":"MARKETING","rejected_reason":"PROMOTIONAL",
 "components":[{"type":"BODY","text":"Hi {{1}}, you have won.","example":{"body_text":[["Ana"]]}}]},
{"id":"9100000000000113","name":"pending_notice","language":"en_US","status":"PENDING","category":"UTILITY",
 "components":[{"type":"BODY","text":"Hi {{1}}, our hours have changed.","example":{"body_text":[["Ana"]]}}]}
]`

func builtin() []Template {
	var list []Template
	if err := json.Unmarshal([]byte(builtinTemplates), &list); err != nil {
		panic("sandbox: built-in templates: " + err.Error())
	}
	for i := range list {
		if list[i].QualityScore == nil {
			list[i].QualityScore = &Quality{Score: "GREEN", Date: 1_714_000_000}
		}
	}
	return list
}
