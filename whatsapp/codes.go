package whatsapp

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

//go:embed codes.json
var codesJSON []byte

// Codes with a meaning of their own beside the table's.
const (
	codeParameter  = 100    // with subcodeMissing: the object does not exist
	codePair       = 131056 // too many messages to one person
	codeMedia      = 131053 // a medium cannot be had
	subcodeMissing = 33
)

// Class says how far an error reaches.
type Class string

// The classes of the table. Source of the grouping: Meta, support/error-codes.
const (
	ClassAuth       Class = "auth"                // the token: the run
	ClassPermission Class = "permission"          // the token's rights: the run
	ClassAccount    Class = "account/billing"     // the account or the number: the run
	ClassPolicy     Class = "policy"              // the number's or the person's standing
	ClassTemplate   Class = "template"            // the template of the message
	ClassRecipient  Class = "recipient"           // this person
	ClassWindow     Class = "window"              // this person, until they write
	ClassRequest    Class = "fix-request"         // this request
	ClassBackoff    Class = "retry-after-backoff" // passes by itself
	ClassSlow       Class = "retry-slowly"        // passes at a lower rate
)

// The words of Code.Retry.
const (
	RetryNever   = "never"   // the same request will fail again
	RetryBackoff = "backoff" // in seconds, a few times
	RetrySlow    = "slow"    // in minutes, the rest at a lower rate
)

// Code is what one error code means. Source: Meta, support/error-codes.
type Code struct {
	Code     int    `json:"code"`
	CodeMax  int    `json:"codeMax"` // last code of a range, else equal to Code
	HTTP     int    `json:"http"`    // status as last documented, zero: none; documented as changing
	Title    string `json:"title"`
	Class    Class  `json:"class"`
	Retry    string `json:"retry"`    // RetryNever, RetryBackoff or RetrySlow
	Delivery string `json:"delivery"` // sync: in the answer; async: in a status webhook; both. Expect every code on both ways
	Action   string `json:"action"`   // what to do
}

// StopsRun reports whether the code is about the token, the account or the number, so that every other message would be
// refused too.
func (c Code) StopsRun() bool {
	switch c.Class {
	case ClassAuth, ClassPermission, ClassAccount:
		return true
	case ClassPolicy, ClassTemplate, ClassRecipient, ClassWindow, ClassRequest, ClassBackoff, ClassSlow:
	}
	switch c.Code {
	case 33, 803: // the number or account is not there
		return true
	case 368, 131031, 131048, 131064: // of the policies, those that stop the sender rather than one message
		return true
	}
	return false
}

// Throttles reports whether too much was asked of the number, the app or the account.
func (c Code) Throttles() bool {
	switch c.Code {
	case 4, 17, 341, 613, 80007, 130429:
		return true
	}
	return false
}

// Wait returns the least wait that Meta's page names for a code, else zero: 131057 a minute, 134101 ten minutes, 132069
// six minutes, as ten pass in an hour.
func (c Code) Wait() time.Duration {
	switch c.Code {
	case 131057:
		return time.Minute
	case 132069:
		return 6 * time.Minute
	case 134101:
		return 10 * time.Minute
	}
	return 0
}

// Explain returns what a code means, and false for one that the table does not have. A code inside a range, such as 200
// to 299, has the meaning of the range.
func Explain(code int) (Code, bool) {
	table := codes()
	at, found := slices.BinarySearchFunc(table, code, func(c Code, code int) int {
		switch {
		case c.CodeMax < code:
			return -1
		case c.Code > code:
			return 1
		}
		return 0
	})
	if !found {
		return Code{}, false
	}
	return table[at], true
}

//nolint:gochecknoglobals // a read-only table that is read once
var codes = sync.OnceValue(func() []Code {
	var table []Code
	if err := json.Unmarshal(codesJSON, &table); err != nil {
		panic("whatsapp: codes.json is broken: " + err.Error())
	}
	slices.SortFunc(table, func(a, b Code) int { return a.Code - b.Code })
	return table
})
