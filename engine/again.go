package engine

// Again is what of a job is to be sent once more, though it was sent. The zero value: nothing is, and everything else is sent as ever.
// Otherwise what it does not choose is not sent.
type Again struct {
	NewRecipient bool     `json:"newRecipient,omitempty"` // items that were sent and now name another recipient
	Changed      bool     `json:"changed,omitempty"`      // items that were sent and whose message is another one now
	Items        []string `json:"items,omitempty"`        // these items by their keys, whatever became of them
}

// Asked says whether anything is to be sent once more.
func (a Again) Asked() bool { return a.NewRecipient || a.Changed || len(a.Items) > 0 }
