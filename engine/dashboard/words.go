package dashboard

import "waybill/engine"

// word is what is printed of a state, a result or a run's status.
func word(of any) string {
	switch v := of.(type) {
	case engine.State:
		return v.String()
	case engine.Result:
		return v.String()
	case engine.RunStatus:
		if v == engine.RunInDoubt {
			return "in doubt"
		}
		return clean(string(v))
	}
	return ""
}

// tone is the class of the style sheet in which a state, a result or a run's status is shown. Colour never says
// anything alone: the word stands beside it.
func tone(of any) string {
	switch v := of.(type) {
	case engine.State:
		return stateTone(v)
	case engine.Result:
		return resultTone(v)
	case engine.RunStatus:
		return statusTone(v)
	}
	return "plain"
}

func stateTone(s engine.State) string {
	switch s {
	case engine.InDoubt:
		return "doubt"
	case engine.Rejected, engine.Failed:
		return "bad"
	case engine.Accepted:
		return "accepted"
	case engine.Sent:
		return "sent"
	case engine.Delivered:
		return "delivered"
	case engine.Read:
		return "read"
	case engine.Planned, engine.Intended:
		return "plain"
	}
	return "plain"
}

func resultTone(r engine.Result) string {
	switch r {
	case engine.ResultAccepted:
		return "accepted"
	case engine.ResultRefused:
		return "bad"
	case engine.ResultInDoubt:
		return "doubt"
	case engine.ResultNotSent:
		return "plain"
	}
	return "plain"
}

func statusTone(s engine.RunStatus) string {
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
