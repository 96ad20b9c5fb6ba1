package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waybill/steps"
	"waybill/whatsapp"
)

// addCheck notes one finding about an account.
type addCheck func(name string, status Status, summary, hint string)

// checkAccount makes all checks of one number and its account, in the order in which a person would repair what they find: what
// makes all that follows fail comes first. Only what the answers prove fails; what they do not tell,
// or tell in words that are new, does not.
func (d *doctor) checkAccount(ctx context.Context, a *sendingAccount) {
	add := func(name string, status Status, summary, hint string) {
		d.found.add(Check{Name: name, Status: status, About: a.name(), Summary: summary, Hint: hint})
	}
	if err := d.connect(a); err != nil {
		if len(a.varies) > 0 {
			add("connection", Skipped, err.Error()+"; it cannot be checked before the run", "")
			return
		}
		add("token", Failed, err.Error(), "export WHATSAPP_TOKEN=…, or give connection.token in the job file")
		return
	}
	d.checkVersion(a, add)
	if checkNumber(ctx, a, add) {
		found := checkWABA(ctx, a, add)
		d.checkTemplates(ctx, a)
		if found {
			checkSubscription(ctx, a, add)
		}
	}
	checkClock(a, add)
}

// checkNumber checks token and number. false: no server answered, or not to this token.
func checkNumber(ctx context.Context, a *sendingAccount, add addCheck) bool {
	id := a.connection.PhoneNumberID
	if id == "" {
		add("number", Skipped, "no phone number id is given", "export WHATSAPP_PHONE_NUMBER_ID=…, or give connection.phoneNumberId")
		return true
	}
	n, err := a.client.PhoneNumber(ctx, id)
	if err != nil {
		if own := ownNumber(ctx, a, err); own != "" {
			add("number", Failed, id+" is the phone number, and not the id that Meta gave it", "the id of this number is "+own)
			return true
		}
		return explainRefusal(err, "number", fmt.Sprintf("number id %s: %v", id, err), add)
	}
	a.testNumber = strings.EqualFold(n.AccountMode, "SANDBOX")
	add("token", OK, "it is taken, and may read the number", "")
	checkStanding(n, add)
	switch strings.ToUpper(n.QualityRating) {
	case "GREEN":
		add("quality", OK, "GREEN", "")
	case "YELLOW":
		add("quality", Warning, "YELLOW: people block or report the number's messages",
			"send less, and to people who asked for it; the limit may go down")
	case "RED":
		add("quality", Warning, "RED: many people block or report the number's messages",
			"stop campaigns until it recovers; the number may be restricted")
	case "", "UNKNOWN":
		add("quality", OK, "not rated yet", "")
	default:
		add("quality", OK, n.QualityRating, "")
	}
	checkThroughput(n, a, add)
	checkHealth(ctx, a, add)
	return true
}

// explainRefusal notes why there is no answer. false: no other question about this account will be answered.
func explainRefusal(err error, name, summary string, add addCheck) bool {
	var failure *whatsapp.Error
	if !errors.As(err, &failure) || failure.Status == 0 {
		add("connection", Failed, err.Error(), "is the network there, the proxy, the baseUrl?")
		return false
	}
	code, known := whatsapp.Explain(failure.Code)
	switch {
	case failure.Graph && known && code.Class == whatsapp.ClassAuth:
		add("token", Failed, err.Error(), code.Action)
		return false
	case failure.Graph && known && code.Class == whatsapp.ClassPermission:
		add("permissions", Failed, err.Error(), code.Action)
		return true
	case failure.Graph && failure.Code == 100 && failure.Subcode == 33:
		add(name, Failed, summary,
			"the id is wrong, or the token's system user was not given this asset; it is an id of Meta's, not the phone number")
		return true
	case failure.Status >= 500 || failure.Graph && known && code.Retry != whatsapp.RetryNever:
		add(name, Skipped, summary, "it passes by itself; ask again later")
		return true
	}
	add(name, Failed, summary, code.Action)
	return true
}

// checkStanding checks the number's status and its display name.
func checkStanding(n whatsapp.PhoneNumber, add addCheck) {
	words := []string{n.DisplayPhoneNumber, n.VerifiedName, n.Status, n.MessagingLimit}
	text := strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
	switch strings.ToUpper(n.Status) {
	case "BANNED", "DISCONNECTED", "MIGRATED", "DELETED":
		add("number", Failed, text, "it cannot send as it is: look at it in WhatsApp Manager")
	case "RESTRICTED", "FLAGGED", "RATE_LIMITED", "PENDING", "UNVERIFIED":
		add("number", Warning, text, "look at it in WhatsApp Manager")
	default:
		add("number", OK, text, "")
	}
	switch strings.ToUpper(n.NameStatus) {
	case "DECLINED", "EXPIRED", "NONE":
		add("name", Warning, "the display name is "+n.NameStatus, "give the number a display name in WhatsApp Manager")
	}
}

// checkThroughput compares what the jobs ask for with what the number may.
func checkThroughput(n whatsapp.PhoneNumber, a *sendingAccount, add addCheck) {
	const standard = 80 // messages a second (throughput)
	level := strings.ToUpper(n.ThroughputLevel)
	switch {
	case level == "":
		add("throughput", Skipped, "the number does not tell its level", "")
	case level == "STANDARD" && a.throughput > standard:
		add("throughput", Warning, fmt.Sprintf("STANDARD is %d messages a second, and a job asks for %g", standard, a.throughput),
			fmt.Sprintf("set connection.throughput to %d; more is throttled (130429), and slower in the end", standard))
	default:
		add("throughput", OK, n.ThroughputLevel, "")
	}
}

// checkHealth asks whether the number can send. The shape of the answer is documented thinly: only BLOCKED fails.
func checkHealth(ctx context.Context, a *sendingAccount, add addCheck) {
	h, err := a.client.Health(ctx, a.connection.PhoneNumberID)
	if err != nil || h.CanSend == "" {
		add("sending", Skipped, "the number does not tell whether it can send", "")
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
		add("sending", Failed, text, "do what the reasons say, in WhatsApp Manager")
	case "LIMITED":
		add("sending", Warning, text, "do what the reasons say, in WhatsApp Manager")
	default:
		add("sending", OK, text, "")
	}
}

// checkWABA checks the account: that it is there, that the number is its own, and that it may send what the jobs send. false: it
// cannot be asked for more.
func checkWABA(ctx context.Context, a *sendingAccount, add addCheck) bool {
	id := a.connection.WABAID
	if id == "" {
		add("account", Skipped, "no WABA id is given: templates, permissions and webhook cannot be checked",
			"export WHATSAPP_WABA_ID=…, or give connection.wabaId")
		return false
	}
	account, err := a.client.Account(ctx, id)
	if err != nil {
		explainRefusal(err, "account", fmt.Sprintf("account %s: %v", id, err), add)
		return false
	}
	add("permissions", OK, "whatsapp_business_management: it may read the account", "")
	add("permissions", Skipped, "whatsapp_business_messaging shows only when something is sent", "")
	if review := strings.ToUpper(account.ReviewStatus); review != "" && review != "APPROVED" {
		add("account", Warning, fmt.Sprintf("%s is %s", account.Name, account.ReviewStatus), "look at it in Meta's Business settings")
	} else {
		add("account", OK, account.Name, "")
	}
	checkOwner(ctx, a, add)
	checkBlockers(account, a, add)
	return true
}

// checkOwner finds the number among those of the account.
func checkOwner(ctx context.Context, a *sendingAccount, add addCheck) {
	number := a.connection.PhoneNumberID
	if number == "" {
		return
	}
	numbers, err := a.client.PhoneNumbers(ctx, a.connection.WABAID)
	if err != nil {
		explainRefusal(err, "account", err.Error(), add)
		return
	}
	var ids []string
	for _, n := range numbers {
		if n.ID == number {
			return
		}
		ids = append(ids, n.ID)
	}
	add("account", Failed, fmt.Sprintf("number id %s is none of account %s's", number, a.connection.WABAID),
		"its numbers are "+strings.Join(ids, ", ")+"; templates of one account cannot be sent by a number of another")
}

// checkSubscription checks whether an app gets the account's webhooks.
func checkSubscription(ctx context.Context, a *sendingAccount, add addCheck) {
	apps, err := a.client.SubscribedApps(ctx, a.connection.WABAID)
	if err != nil {
		explainRefusal(err, "webhook", err.Error(), add)
		return
	}
	if len(apps) == 0 {
		add("webhook", Failed, "no app gets the account's webhooks: statuses and answers never come",
			fmt.Sprintf("POST /%s/subscribed_apps with this token, and set the app's callback to https://…%s",
				a.connection.WABAID, steps.WebhookPath))
		return
	}
	var names []string
	overridden := false
	for _, app := range apps {
		name := app.Name
		if app.CallbackURI != "" {
			name, overridden = name+" ("+app.CallbackURI+")", true
		}
		names = append(names, name)
	}
	add("webhook", OK, "goes to "+strings.Join(names, ", "), "")
	if overridden {
		// Source: Meta, webhooks/override.
		add("webhook", Warning, "the account has a callback address of its own: messages and statuses come there, but news of templates and of the account, "+
			"and who stopped marketing messages, go to the app's default address",
			"let the app's default address lead to waybill serve, too")
	}
}
