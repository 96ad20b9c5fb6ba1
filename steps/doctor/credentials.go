package doctor

import (
	"strings"

	"waybill/engine/secret"
	"waybill/whatsapp"
)

// Credential is an environment variable as it is set: an id, or a secret. It is checked, and never shown.
type Credential struct {
	Name string
	Text string
	Kind CredentialKind
}

// CredentialKind says what a variable holds.
type CredentialKind int

// The kinds of a Credential.
const (
	ID    CredentialKind = iota // digits
	Token                       // an access token
	Word                        // a secret of any form
)

// checkCredentials checks the variables. false: with one of them nothing else can be asked.
func (d *doctor) checkCredentials() bool {
	sound := true
	for _, c := range d.Credentials {
		bare := secret.Trim(c.Text)
		if bare != c.Text && bare != "" {
			d.found.add(Check{
				Name: "variable", Status: Warning, About: "variables", Summary: c.Name + " has white space at its ends, which is taken off",
				Hint: "take it off there, too: other programs may send it along",
			})
		}
		if bare == "" {
			continue // what is missing is said where it is needed
		}
		if problem := c.problem(bare); problem != "" {
			d.found.add(Check{Name: "variable", Status: Failed, About: "variables", Summary: c.Name + " " + problem, Hint: "set it anew"})
			sound = sound && c.Kind == Word
		}
	}
	return sound
}

func (c Credential) problem(bare string) string {
	var err error
	switch c.Kind {
	case ID:
		err = whatsapp.CheckID(bare)
	case Token:
		err = whatsapp.CheckToken(bare)
	case Word:
		if strings.Trim(bare, "\"'`“”‘’") != bare {
			return "is in quotes, which are part of it here: take them away"
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
