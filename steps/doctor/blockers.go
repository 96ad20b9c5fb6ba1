package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/whatsapp"
)

// checkVersion warns of a version of the API that ends soon. Sends of most versions are alike, so a newer one may be put in its place.
func (d *doctor) checkVersion(a *sendingAccount, add addCheck) {
	const soon = 180 * 24 * time.Hour
	version, end := whatsapp.VersionEnd(a.connection.BaseURL)
	hint := "set connection.baseUrl to " + whatsapp.DefaultBaseURL + ", or leave it out"
	switch left := end.Sub(d.Now()); {
	case version == "":
		add("version", Warning, "the address names no version of the API, so that WhatsApp chooses one", hint)
	case end.IsZero():
		add("version", OK, version+", of which no end is known here", "")
	case left < 0:
		add("version", Warning, fmt.Sprintf("%s ended on %s: WhatsApp answers by a later one", version, end.Format(time.DateOnly)), hint)
	case left < soon:
		add("version", Warning, fmt.Sprintf("%s ends on %s, in %d days", version, end.Format(time.DateOnly), int(left.Hours()/24)), hint)
	default:
		add("version", OK, version+" answers until "+end.Format(time.DateOnly), "")
	}
}

// checkBlockers checks what makes every message of a kind fail.
func checkBlockers(account whatsapp.Account, a *sendingAccount, add addCheck) {
	a.marketingOff = account.MarketingOff
	switch {
	case !account.BlockersKnown:
		add("payment", Skipped, "the account does not tell whether it can pay", "")
	case account.FundingID != "":
		add("payment", OK, "the account has a payment method", "")
	case a.testNumber:
		add("payment", Warning, "the account has no payment method: other numbers than this one, which is for trying, are not delivered (131042)",
			"add one in WhatsApp Manager, Payment settings, before other numbers send")
	default:
		add("payment", Failed, "the account has no payment method: templates, and texts beyond the month's free ones, are taken and not delivered (131042)",
			"add one in WhatsApp Manager, Payment settings")
	}
	if account.MarketingOff {
		add("marketing", Warning, "the account takes marketing templates by the Marketing Messages API alone (131063)",
			"steps that send them say via: marketing, or via: auto")
	}
}

// ownNumber returns the id of a number that was given in place of its id; empty: it is no number of the account.
func ownNumber(ctx context.Context, a *sendingAccount, refusal error) string {
	failure, ok := errors.AsType[*whatsapp.Error](refusal)
	if !ok || !failure.ObjectMissing() || a.connection.WABAID == "" {
		return ""
	}
	numbers, err := a.client.PhoneNumbers(ctx, a.connection.WABAID)
	if err != nil {
		return "" // the account's own check says why
	}
	given := digits(a.connection.PhoneNumberID)
	for _, n := range numbers {
		if given != "" && digits(n.DisplayPhoneNumber) == given {
			return n.ID
		}
	}
	return ""
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
