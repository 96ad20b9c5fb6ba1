// Package sandbox is an emulator of WhatsApp's Cloud API: the same paths, bodies, answers, error envelopes and
// webhooks, without an account. It is how a newcomer starts (--sandbox, waybill sandbox) and what the tests of
// everything else run against, by socket (ServeHTTP) or in memory (RoundTrip, which works inside a synctest bubble).
//
// Start reading at server.go (what happens to a request), then route.go, messages.go and status.go (what becomes of a message), webhooks.go
// (how it is told), faults.go (what goes wrong on demand) and admin.go (the back door).
//
//	s := sandbox.New(sandbox.Options{OpenWindow: true})
//	client := &http.Client{Transport: s} // any host; the token is sandbox.DefaultToken
//
// # What this package must not know
//
// It knows nothing of the client, the engine or the steps, and shares no types with them: two sides that share a struct agree on every
// typo. Its checks are written from the vendor's documentation and judged by Meta's own examples.
//
// # What it does
//
// Paths begin with /{version}/, the version being any or none. Under a phone number id there are:
//
//   - POST messages: every type that can be sent, read receipts, typing
//   - POST marketing_messages
//   - POST media
//   - GET message_history
//   - GET of the number itself
//
// Under the WABA: message_templates (GET, POST, DELETE), phone_numbers, subscribed_apps, and the account with its fields analytics,
// conversation_analytics and pricing_analytics. Further: GET and DELETE of a file, its download address, GET and POST of a template, GET
// events of a history entry. Everything else is Graph's 400 with code 100 and subcode 33.
//
// The parameters of a POST may stand in a JSON body, a form or the query, and an object or a list there as JSON in a string. Requests are
// checked in this order: token, id, call budget, parameters and fields, template, files, own number, allow list, throughput, pair limit.
// An accepted message is sent, delivered and read, or fails, on a clock that Options.Speed and POST /__sandbox/clock move; the history
// shows that at once, and Run tells it by signed webhooks.
//
// # Levers
//
// Levers lists what the sandbox does on demand, each with the number or the call that asks for it. It goes by the rules of
// the end of 2026, or of Options.AsOf: business-scoped user ids (a bijection of the wa_id, so that a user id leads to its
// person), hidden numbers, prices, standby. The wa_id of a number is that which WhatsApp is known to answer with:
// Mexico's with the 1, Brazil's without the ninth digit but in the areas 11 to 28, Argentina's with the 9 and without the 15.
// A user id in "to" instead of "recipient" is taken, never delivered, and warned of in the request log.
// A wish about marketing messages holds for templates of that category alone. Allowances are checked when a message
// is taken and count what will be delivered.
//
// A recipient whose number ends with 555 and a code gets it, such as +34 555 131026: by webhook 131000,
// 131026, 131031, 131042, 131047, 131049, 131050, 131053, 130472, 132015, 135000, 137000; in the HTTP answer 130429,
// 131016, 131030, 131048, 131056, 131061, 131062, 131063, 131065, 131070. A media link whose host ends with ".invalid"
// fails with 131053. Options.NoMagicRecipients switches the numbers off.
//
// # The back door
//
// No token is needed; a fault or answer may say a delay as "2s" or in milliseconds.
//
//	GET    /__sandbox/messages?to=&limit=    accepted messages that are kept, oldest first, and the total
//	GET    /__sandbox/recipients             how many messages each recipient was sent, of all
//	GET    /__sandbox/requests               the newest requests, with refusals, faults and warnings
//	GET    /__sandbox/state, templates, faults
//	POST   /__sandbox/reset                  as it was at the start
//	POST   /__sandbox/webhook                {"url":"http://127.0.0.1:8080/webhooks"}
//	DELETE /__sandbox/faults                 takes all away
//	POST   /__sandbox/NAME                   a lever
//
// Each has a method of Server beside it.
//
// # Failures that come late
//
// WhatsApp says 200 and means perhaps. Faults say what becomes of messages afterwards; a match narrows them to a recipient, a type
// or a template, and times, skip, every and probability to some of those. A delay is of the sandbox's clock, so
// POST /__sandbox/clock makes it pass at once.
//
//	{"kind":"failed","code":131042,"times":5,"delay":"90s"}            the next five are taken, and fail 90 s later
//	{"kind":"failed","code":131049,"match":{"to":"+34600000001"}}      the next message to that number fails
//	{"kind":"held","every":1,"delay":"4s"}                             templates are held for 4 s and released
//	{"kind":"held","every":1,"delay":"4s","code":132015}               templates are held for 4 s and dropped
//
// The sandbox of --sandbox cannot be reached by HTTP: there the numbers of the levers say it.
//
// # What it does not do
//
// Calls, groups beyond sending to an id, Flows, registration, billing, Direct Send, max prices, thread_control and template_analytics are
// not there. Templates are not reviewed: one made by POST message_templates stays PENDING until POST /__sandbox/templates approves it.
// Media links are not fetched, and of a file only type and size are looked at. Numbers without a country code are taken as whole numbers.
// A conversation is counted for each delivered message. Prices are invented, and the same at each run. Nothing survives the process but
// Options.AcceptLog.
//
// The text of a refusal is Meta's where public logs show it, else ours. Where the sources leave a code open, the choice is ours too, so read
// codes by class: of a malformed number, an unknown file id, a file too large, a full portfolio (131048), and a service message that nobody
// can pay (131042).
package sandbox
