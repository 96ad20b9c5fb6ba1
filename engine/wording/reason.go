package wording

// Reason returns the words for why a message was left out or waits, of a code of `waybill explain`; the code itself for one that it does
// not know.
func Reason(code string) string {
	switch code {
	case "where":
		return "by where, for their rows"
	case "condition":
		return "by the step's if"
	case "earlier-step":
		return "a step before theirs was not done"
	case "duplicate-key":
		return "another row is the same item"
	case "same-person":
		return "another row is of the same person"
	case "excluded":
		return "on a list of people who get nothing"
	case "opted-out":
		return "opted out of all messages"
	case "opted-out-of-marketing":
		return "opted out of marketing"
	case "quiet-hours":
		return "quiet hours"
	case "at-most":
		return "had as many messages as one person gets"
	case "per-day":
		return "limits.perDay: the day's people are reached"
	case "not-chosen":
		return "not chosen by the flags"
	case "cancelled":
		return "a person dropped what waited"
	case "expired":
		return "their time is over, or will be before they may go"
	case "pair-limit":
		return "one recipient takes a message every six seconds"
	case "sending-rate":
		return "the number's throughput"
	case "no-pace":
		return "the number's pace, which the ledger keeps and cannot tell now"
	case "slow-ledger":
		return "the ledger takes more than five seconds to write down what is to be sent, or this process stood still for so long"
	}
	return code
}
