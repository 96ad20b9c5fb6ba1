package dashboard

import (
	"waybill/engine"
	"waybill/engine/delivery"
)

// label is what is printed of a state, a result or a run's status.
func label(of any) string {
	switch v := of.(type) {
	case delivery.State:
		return v.String()
	case delivery.Result:
		return v.String()
	case delivery.Outcome:
		return v.String()
	case engine.RunStatus:
		return delivery.Words(clean(string(v)))
	}
	return ""
}

// cssClass is the class of the style sheet in which a state, a result or a run's status is shown. Colour never says
// anything alone: the word stands beside it.
func cssClass(of any) string {
	switch v := of.(type) {
	case delivery.State:
		return stateClass(v)
	case delivery.Result:
		return resultClass(v)
	case delivery.Outcome:
		if v == delivery.OutcomeInvalid {
			return "bad"
		}
	case engine.RunStatus:
		return statusClass(v)
	}
	return "plain"
}

func stateClass(s delivery.State) string {
	switch s {
	case delivery.InDoubt:
		return "doubt"
	case delivery.Rejected, delivery.Failed:
		return "bad"
	case delivery.Accepted:
		return "accepted"
	case delivery.Sent:
		return "sent"
	case delivery.Delivered:
		return "delivered"
	case delivery.Read:
		return "read"
	case delivery.Planned, delivery.Intended:
		return "plain"
	}
	return "plain"
}

func resultClass(r delivery.Result) string {
	switch r {
	case delivery.ResultAccepted:
		return "accepted"
	case delivery.ResultRefused:
		return "bad"
	case delivery.ResultInDoubt:
		return "doubt"
	case delivery.ResultNotSent:
		return "plain"
	}
	return "plain"
}

func statusClass(s engine.RunStatus) string {
	switch s {
	case engine.RunRunning:
		return "sent"
	case engine.RunSucceeded:
		return "read"
	case engine.RunFailed:
		return "bad"
	case engine.RunInDoubt, engine.RunStopped, engine.RunInterrupted:
		return "doubt"
	}
	return "plain"
}
