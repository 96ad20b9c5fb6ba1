package proof

import (
	"reflect"

	"waybill/engine/delivery"
)

// verdict is how a line of a proof stands to what the ledger would write now.
type verdict int

const (
	same verdict = iota
	changed
	forgotten
	pruned
	gone
	different
)

// compareLines judges a line of a proof; now is nil where the ledger has no such delivery, or no request of the run for it. what says
// where they are different.
func compareLines(was, now *deliveryLine) (v verdict, what string) {
	switch {
	case now == nil:
		return gone, ""
	case reflect.DeepEqual(was, now):
		return same, ""
	case was.Key != now.Key:
		return forgotten, "" // a key never changes otherwise
	case was.Step != now.Step || was.Number != now.Number || was.Item != now.Item && was.RecipientDigest == now.RecipientDigest:
		return different, "another step or item under one key"
	}
	sameRequests := len(was.Attempts) == len(now.Attempts) && was.LaterRun == now.LaterRun
	if sameRequests && was.RecipientDigest != now.RecipientDigest {
		if was.last().MessageID == now.last().MessageID {
			return different, "the recipient"
		}
		return forgotten, "" // no message changes its recipient and its id together
	}
	if sameRequests && was.Recipient != now.Recipient {
		return different, "the recipient"
	}
	if sameRequests && was.PhoneNumberID != now.PhoneNumberID {
		return different, "the number that it went by"
	}
	return compareAttempts(was.Attempts, now.Attempts)
}

// compareAttempts judges the requests of a delivery. Those that came later are no difference.
func compareAttempts(was, now []attemptLine) (v verdict, what string) {
	later := make(map[int]attemptLine, len(now))
	for _, a := range now {
		later[a.Number] = a
	}
	v = changed
	for _, a := range was {
		b, kept := later[a.Number]
		if !kept {
			v = pruned
			continue
		}
		switch next, what := compareAttempt(a, b); next {
		case different:
			return different, what
		case pruned:
			v = pruned
		default:
		}
	}
	return v, ""
}

// compareAttempt judges one request: what is known of it may grow, and is never taken back.
func compareAttempt(was, now attemptLine) (v verdict, what string) {
	before, after := stateOf(was.Status), stateOf(now.Status)
	switch {
	case !reflect.DeepEqual(was.At, now.At):
		return different, "when a request was made"
	case was.MessageID != "" && was.MessageID != now.MessageID:
		return different, "the message id"
	case delivery.Words(was.Result) != delivery.Words(now.Result) && !mayBecome(was.Result, now.Result): // proofs had words once
		return different, "how a request ended"
	case was.Ended != nil && !reflect.DeepEqual(was.Ended, now.Ended):
		return different, "when a request ended"
	case was.ByHand != "" && was.ByHand != now.ByHand:
		return different, "what a person said of a request"
	case after.Rank() < before.Rank() && now.StatusAt == nil && now.MessageID != "":
		return pruned, "" // only that it was accepted is kept
	case after.Rank() < before.Rank():
		return different, "the status"
	case after == before && was.StatusAt != nil && (now.StatusAt == nil || *now.StatusAt > *was.StatusAt):
		return different, "WhatsApp's time of the status" // of two statuses the earlier one stays
	}
	return changed, ""
}

// mayBecome says whether a request whose end was told so may be told otherwise later: an answer comes late, a webhook shows that it
// was accepted.
func mayBecome(was, now string) bool {
	unanswered, inDoubt := delivery.Result(0).Name(), delivery.ResultInDoubt.String()
	return was == unanswered || delivery.Words(was) == inDoubt || now == delivery.ResultAccepted.Name()
}
