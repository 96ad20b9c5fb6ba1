package sandbox

// Lever is something that the sandbox does when it is asked to.
type Lever struct {
	What   string // what happens
	Number string // the end of the recipient's number that asks for it; empty: none does
	Call   string // the path below /__sandbox and its JSON, or the flag of waybill sandbox, that asks for it; empty: none does
}

// Levers lists all of them, in the order in which people look for them: it is what waybill sandbox --help and the README
// print.
func Levers() []Lever {
	return []Lever{
		{"a message is delivered and never read", "555000001", ""},
		{"it is never delivered", "555000002", ""},
		{"it is read without delivered", "555000003", `faults {"kind":"webhook-no-delivered"}`},
		{"it fails by webhook", "555131026", `faults {"kind":"failed","code":131042,"delay":"90s"}`},
		{"it is refused in the answer", "555131056", `faults {"kind":"error","code":131070}`},
		{"a template is held, then sent", "555000004", `wave {"wave":"hold"} … {"wave":"release"}`},
		{"a template is held, then dropped (132015)", "555000005", `wave {"wave":"hold"} … {"wave":"drop"}`},
		{"the person writes STOP", "555000006", `inbound {"from":"+34…","text":"STOP"}`},
		{"stops marketing (user_preferences, 131050)", "555000007", `preferences {"user":"+34…","marketing":"stop"}`},
		{"resumes marketing", "", `preferences {"user":"+34…","marketing":"resume"}`},
		{"writes without a number: user id, user name", "555000008", `inbound {"from":"+34…","hidden":true,"text":"Hi"}`},
		{"writes to another responder (standby)", "555000009", `thread {"user":"+34…","owner":"other"}`},
		{"the other responder writes", "", `thread {"user":"+34…","owner":"other","says":"Hi"}`},
		{"the thread comes back (handover)", "", `thread {"user":"+34…","owner":"business"}`},
		{"takes another number (user_changed_number)", "", `number {"user":"+34…","number":"+34600000000"}`},
		{"presses a button", "", `inbound {"from":"+34…","button":"Yes"}`},
		{"free messages end, nobody can pay (131042)", "", `allowances {"freeServiceMessages":10,"paymentMethod":false}`},
		{"the portfolio's people a day (131048)", "", `allowances {"portfolio":250}`},
		{"marketing to one person a day (131049)", "", `allowances {"marketingPerUser":2}`},
		{"marketing by messages is refused (131063)", "", `allowances {"marketingOnMessages":false}`},
		{"a template is paused, generated, wrongly filed", "", `templates {"name":"n","language":"es","status":"PAUSED"}`},
		{"time passes", "", `clock {"advance":"25h"}`},
		{"a service window opens or closes", "", `window {"to":"+34…","open":false}`},
		{"fewer messages a second, no pair limit", "", `throughput {"perSecond":5,"pairLimit":false}`},
		{"an answer is lost, cut, late, HTML, …", "", `faults {"kind":"lost"}`},
		{"statuses come early, twice, out of order, …", "", `faults {"kind":"webhook-twice"}`},
		{"each Nth person answers", "", `answers {"every":3,"text":"Gracias"}`},
		{"the platform of an earlier day", "", `--as-of 2025-06-01`},
	}
}
