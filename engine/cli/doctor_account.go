package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"waybill/whatsapp"
)

// examine makes all checks of one number and its account. Only what the answers prove fails; what they do not tell, or
// tell in words that are new, does not.
func (d *doctor) examine(ctx context.Context, p *patient) {
	say := func(name string, status checkStatus, summary, hint string) {
		d.found.add(check{Name: name, Status: status, About: p.name(), Summary: summary, Hint: hint})
	}
	if err := d.connect(p); err != nil {
		if len(p.varies) > 0 {
			say("connection", checkSkipped, err.Error()+"; it cannot be checked before the run", "")
			return
		}
		say("token", checkFailed, err.Error(), "export WHATSAPP_TOKEN=…, or give connection.token in the job file")
		return
	}
	if d.number(ctx, p, say) {
		d.account(ctx, p, say)
		d.checkTemplates(ctx, p)
	}
	d.clock(p, say)
}

type sayer func(name string, status checkStatus, summary, hint string)

// number checks token and number. false: nobody answered, or not to this token.
func (d *doctor) number(ctx context.Context, p *patient, say sayer) bool {
	id := p.connection.PhoneNumberID
	if id == "" {
		say("number", checkSkipped, "no phone number id is given", "export WHATSAPP_PHONE_NUMBER_ID=…, or give connection.phoneNumberId")
		return true
	}
	n, err := p.client.PhoneNumber(ctx, id)
	if err != nil {
		return d.refused(err, "number", fmt.Sprintf("number id %s: %v", id, err), say)
	}
	say("token", checkOK, "it is taken, and may read the number", "")
	d.standing(n, say)
	switch strings.ToUpper(n.QualityRating) {
	case "GREEN":
		say("quality", checkOK, "GREEN", "")
	case "YELLOW":
		say("quality", checkWarning, "YELLOW: people block or report the number's messages", "send less, and to people who asked for it; the limit may go down")
	case "RED":
		say("quality", checkWarning, "RED: many people block or report the number's messages", "stop campaigns until it recovers; the number may be restricted")
	case "", "UNKNOWN":
		say("quality", checkOK, "not rated yet", "")
	default:
		say("quality", checkOK, n.QualityRating, "")
	}
	d.throughput(n, p, say)
	d.sending(ctx, p, say)
	return true
}

// refused explains why there is no answer. false: no other question of this patient will be answered.
func (d *doctor) refused(err error, name, summary string, say sayer) bool {
	var failure *whatsapp.Error
	if !errors.As(err, &failure) || failure.Status == 0 {
		say("connection", checkFailed, err.Error(), "is the network there, the proxy, the baseUrl?")
		return false
	}
	code, known := whatsapp.Explain(failure.Code)
	switch {
	case failure.Graph && known && code.Class == whatsapp.ClassAuth:
		say("token", checkFailed, err.Error(), code.Action)
		return false
	case failure.Graph && known && code.Class == whatsapp.ClassPermission:
		say("permissions", checkFailed, err.Error(), code.Action)
		return true
	case failure.Graph && failure.Code == 100 && failure.Subcode == 33:
		say(name, checkFailed, summary, "the id is wrong, or the token's system user was not given this asset; it is an id of Meta's, not the phone number")
		return true
	case failure.Status >= 500 || failure.Graph && known && code.Retry != whatsapp.RetryNever:
		say(name, checkSkipped, summary, "it passes by itself; ask again later")
		return true
	}
	say(name, checkFailed, summary, code.Action)
	return true
}

// standing says how a number is.
func (d *doctor) standing(n whatsapp.PhoneNumber, say sayer) {
	words := []string{n.DisplayPhoneNumber, n.VerifiedName, n.Status, n.MessagingLimit}
	text := strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
	switch strings.ToUpper(n.Status) {
	case "BANNED", "DISCONNECTED", "MIGRATED", "DELETED":
		say("number", checkFailed, text, "it cannot send as it is: look at it in WhatsApp Manager")
	case "RESTRICTED", "FLAGGED", "RATE_LIMITED", "PENDING", "UNVERIFIED":
		say("number", checkWarning, text, "look at it in WhatsApp Manager")
	default:
		say("number", checkOK, text, "")
	}
	switch strings.ToUpper(n.NameStatus) {
	case "DECLINED", "EXPIRED", "NONE":
		say("name", checkWarning, "the display name is "+n.NameStatus, "give the number a display name in WhatsApp Manager")
	}
}

// throughput compares what the jobs ask for with what the number may.
func (d *doctor) throughput(n whatsapp.PhoneNumber, p *patient, say sayer) {
	const standard = 80 // messages a second (throughput)
	level := strings.ToUpper(n.ThroughputLevel)
	switch {
	case level == "":
		say("throughput", checkSkipped, "the number does not tell its level", "")
	case level == "STANDARD" && p.throughput > standard:
		say("throughput", checkWarning, fmt.Sprintf("STANDARD is %d messages a second, and a job asks for %g", standard, p.throughput),
			fmt.Sprintf("set connection.throughput to %d; more is throttled (130429), and slower in the end", standard))
	default:
		say("throughput", checkOK, n.ThroughputLevel, "")
	}
}

// sending asks the health of the number. The shape of the answer is documented thinly: only BLOCKED fails.
func (d *doctor) sending(ctx context.Context, p *patient, say sayer) {
	h, err := p.client.Health(ctx, p.connection.PhoneNumberID)
	if err != nil || h.CanSend == "" {
		say("sending", checkSkipped, "the number does not tell whether it can send", "")
		return
	}
	var reasons []string
	for _, e := range h.Entities {
		for _, reason := range e.Reasons {
			reasons = append(reasons, e.Type+": "+reason)
		}
	}
	text := strings.Join(append([]string{h.CanSend}, reasons...), "; ")
	switch strings.ToUpper(h.CanSend) {
	case "BLOCKED":
		say("sending", checkFailed, text, "do what the reasons say, in WhatsApp Manager")
	case "LIMITED":
		say("sending", checkWarning, text, "do what the reasons say, in WhatsApp Manager")
	default:
		say("sending", checkOK, text, "")
	}
}

// account checks the WABA: that it is there, that the number is its own, and that its webhooks come to somebody.
func (d *doctor) account(ctx context.Context, p *patient, say sayer) {
	id := p.connection.WABAID
	if id == "" {
		say("account", checkSkipped, "no WABA id is given: templates, permissions and webhook cannot be checked",
			"export WHATSAPP_WABA_ID=…, or give connection.wabaId")
		return
	}
	account, err := p.client.Account(ctx, id)
	if err != nil {
		d.refused(err, "account", fmt.Sprintf("account %s: %v", id, err), say)
		return
	}
	say("permissions", checkOK, "whatsapp_business_management: it may read the account", "")
	say("permissions", checkSkipped, "whatsapp_business_messaging shows only when something is sent", "")
	if review := strings.ToUpper(account.ReviewStatus); review != "" && review != "APPROVED" {
		say("account", checkWarning, fmt.Sprintf("%s is %s", account.Name, account.ReviewStatus), "look at it in Meta's Business settings")
	} else {
		say("account", checkOK, account.Name, "")
	}
	d.belongs(ctx, p, say)
	d.subscription(ctx, p, say)
}

// belongs finds the number among those of the account.
func (d *doctor) belongs(ctx context.Context, p *patient, say sayer) {
	number := p.connection.PhoneNumberID
	if number == "" {
		return
	}
	numbers, err := p.client.PhoneNumbers(ctx, p.connection.WABAID)
	if err != nil {
		d.refused(err, "account", err.Error(), say)
		return
	}
	var ids []string
	for _, n := range numbers {
		if n.ID == number {
			return
		}
		ids = append(ids, n.ID)
	}
	say("account", checkFailed, fmt.Sprintf("number id %s is none of account %s's", number, p.connection.WABAID),
		"its numbers are "+strings.Join(ids, ", ")+"; templates of one account cannot be sent by a number of another")
}

// subscription says whether anybody gets the account's webhooks.
func (d *doctor) subscription(ctx context.Context, p *patient, say sayer) {
	apps, err := p.client.SubscribedApps(ctx, p.connection.WABAID)
	if err != nil {
		d.refused(err, "webhook", err.Error(), say)
		return
	}
	if len(apps) == 0 {
		say("webhook", checkFailed, "no app gets the account's webhooks: statuses and answers never come",
			fmt.Sprintf("POST /%s/subscribed_apps with this token, and set the app's callback to https://…%s", p.connection.WABAID, webhookPath))
		return
	}
	var names []string
	for _, app := range apps {
		name := app.Name
		if app.CallbackURI != "" {
			name += " (" + app.CallbackURI + ")"
		}
		names = append(names, name)
	}
	say("webhook", checkOK, "goes to "+strings.Join(names, ", "), "")
}

// clock compares the clocks. A wrong one runs schedules at the wrong time, and `since` reads the wrong messages.
func (d *doctor) clock(p *patient, say sayer) {
	const slight, much = 30 * time.Second, 5 * time.Minute
	if !p.clock.told {
		say("clock", checkSkipped, "no answer told the time", "")
		return
	}
	off := p.clock.ahead.Round(time.Second)
	text := fmt.Sprintf("this machine's is %s ahead of WhatsApp's", off)
	if off < 0 {
		text = fmt.Sprintf("this machine's is %s behind WhatsApp's", -off)
	}
	switch {
	case off.Abs() > much:
		say("clock", checkFailed, text, "set it, and let NTP keep it: schedules run by it")
	case off.Abs() > slight:
		say("clock", checkWarning, text, "let NTP keep it: schedules run by it")
	default:
		say("clock", checkOK, "right to within "+max(off.Abs(), time.Second).String(), "")
	}
}

// receiving checks this side of the webhook: the secrets, and whether anything ever came.
func (d *doctor) receiving(ctx context.Context) {
	say := func(status checkStatus, summary, hint string) {
		d.found.add(check{Name: "receiver", Status: status, About: "waybill serve", Summary: summary, Hint: hint})
	}
	if d.emulator != nil {
		return
	}
	for _, name := range []string{varAppSecret, varVerifyToken} {
		if d.app.variable(name) == "" {
			say(checkWarning, name+" is not set here", "waybill serve needs it; where serve runs elsewhere it need not be set here")
		}
	}
	if d.state == "" {
		say(checkSkipped, "the jobs lie in several folders, and have several ledgers", "name one: --state FILE")
		return
	}
	if _, err := os.Stat(d.state); errors.Is(err, fs.ErrNotExist) {
		say(checkSkipped, "there is no ledger "+d.state+" yet", "")
		return
	}
	l, err := d.app.readLedger(d.state)
	if err != nil {
		say(checkSkipped, "the ledger cannot be read", "") // checkLedgers says why
		return
	}
	at, err := l.Receiving(ctx)
	switch err = errors.Join(err, l.Close()); {
	case err != nil:
		say(checkFailed, err.Error(), "")
	case at.IsZero():
		say(checkWarning, "no webhook was ever recorded in "+d.state, "run waybill serve on it, and register its address with Meta")
	default:
		say(checkOK, "the last webhook was recorded "+d.app.env.Now().Sub(at).Round(time.Second).String()+" ago", "")
	}
}
