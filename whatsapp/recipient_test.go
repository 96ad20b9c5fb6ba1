package whatsapp_test

import (
	"strings"
	"testing"

	"waybill/whatsapp"
)

func TestRecipient(t *testing.T) {
	for to, want := range map[whatsapp.Recipient]struct{ valid, userID bool }{
		"+34612345678":                {valid: true},
		"+1234567":                    {valid: true},
		"+123456789012345":            {valid: true},
		"US.13491208655302741918":     {true, true},
		"US.ENT.11815799212886844830": {true, true},
		"ES.a":                        {true, true},
		"":                            {},
		"34612345678":                 {},
		"+34 612345678":               {},
		"+0612345678":                 {},
		"+123456":                     {},
		"+1234567890123456":           {},
		"us.1":                        {},
		"US.":                         {},
		"US." + whatsapp.Recipient(strings.Repeat("1", 129)): {},
	} {
		if to.Valid() != want.valid || to.IsUserID() != want.userID {
			t.Errorf("%q: valid is %v, and a user id %v", to, to.Valid(), to.IsUserID())
		}
	}
}
