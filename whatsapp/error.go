package whatsapp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waybill/whatsapp/internal/http1"
)

// ErrUnsendable is wrapped by an *Error whose request could not even be made; sending it again does not help.
var ErrUnsendable = errors.New("the request cannot be made")

const (
	maxErrorText  = 1000
	maxRetryAfter = 24 * time.Hour
)

// Error is a failed call: what was answered, or why there was no answer. Fields that the answer did not have are zero.
// It holds no body and no token.
type Error struct {
	Op      string // what was being done, such as "send a message"
	Status  int    // HTTP status; zero: no answer came
	Graph   bool   // the answer was a Graph error with a code, so Code counts even when it is 0
	Code    int    // error.code; meanings by Explain
	Subcode int    // error.error_subcode
	Title   string // error.error_user_title, else the table's title of Code
	Message string // error.message
	Details string // error.error_data.details, else error.error_user_msg: the useful text
	Type    string // error.type, mostly OAuthException
	TraceID string // fbtrace_id or its header: what Meta's support asks for

	Transient  bool          // error.is_transient
	RetryAfter time.Duration // from the header, never negative; zero: choose
	Sent       bool          // the request may have left; false: nothing was accepted
	Page       string        // media type of an answer that was not JSON, such as "text/html"
	Err        error         // why there was no answer, or none that could be read
}

// Error returns one line of text.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	switch {
	case e.Graph:
		e.describe(&b)
	case e.Status != 0 && e.Err != nil:
		fmt.Fprintf(&b, "answered HTTP %d, but %v", e.Status, e.Err)
	case e.Status >= 300 && e.Status < 400:
		fmt.Fprintf(&b, "answered HTTP %d, a redirect, which is never followed: check the base address", e.Status)
	case e.Status != 0 && e.Page != "":
		fmt.Fprintf(&b, "answered HTTP %d with a %s page", e.Status, e.Page)
	case e.Status != 0:
		fmt.Fprintf(&b, "answered HTTP %d without an error that can be read", e.Status)
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		b.WriteString("no answer")
	}
	if e.TraceID != "" {
		b.WriteString(" (trace " + e.TraceID + ")")
	}
	return oneLine(b.String())
}

func (e *Error) describe(b *strings.Builder) {
	fmt.Fprintf(b, "WhatsApp error %d", e.Code)
	if e.Subcode != 0 {
		fmt.Fprintf(b, "/%d", e.Subcode)
	}
	if e.Title != "" {
		b.WriteString(", " + e.Title)
	}
	switch {
	case e.Details != "":
		b.WriteString(": " + e.Details)
	case e.Message != "":
		b.WriteString(": " + e.Message)
	}
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Class returns the class of the code (see Code.Class); of an error without a known code, the class of its HTTP status.
func (e *Error) Class() Class {
	if code, ok := Explain(e.Code); ok && e.Graph {
		return code.Class
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return ClassAuth
	case e.Status == http.StatusForbidden:
		return ClassPermission
	case e.Status == http.StatusTooManyRequests:
		return ClassSlow
	case e.Status >= 400 && e.Status < 500 && !e.Transient:
		return ClassRequest
	default:
		return ClassBackoff
	}
}

// Throttled reports whether the number, the app or the account is asked too much: its rate should go down. An HTTP
// status of 429 counts only where no known code says something else.
func (e *Error) Throttled() bool {
	if code, ok := Explain(e.Code); ok && e.Graph {
		return code.Throttles()
	}
	return e.Status == http.StatusTooManyRequests
}

// PairThrottled reports whether this recipient alone gets too many messages from the number.
func (e *Error) PairThrottled() bool { return e.Graph && e.Code == codePair }

// ObjectMissing reports whether the number or account in the path does not exist, or is not visible to this token.
func (e *Error) ObjectMissing() bool {
	return e.Graph && e.Code == codeParameter && e.Subcode == subcodeMissing
}

// MediaGone reports whether a message was refused because the medium with this id is not there, or not any more: media are kept for 30
// days, by numbers without storage for an hour. The code 100 of that names the id, with a subcode of its own or with none. Source: Meta,
// support/error-codes; no-storage.
func (e *Error) MediaGone(id string) bool {
	return e.Graph && (e.Code == codeMedia || e.Code == codeParameter && id != "" && strings.Contains(e.Message+" "+e.Details, id))
}

// misread returns the *Error of an answer of 200 in which something is not as it should be.
func misread(op string, err error) *Error {
	return &Error{Op: op, Status: http.StatusOK, Sent: true, Err: err}
}

// newError returns the *Error of an answer that is no success, or of no answer. left says that the request may have
// left; cause is nil when the whole answer was read.
func (c *Client) newError(op string, got answer, cause error, left bool) *Error {
	e := &Error{Op: op, Status: got.status, Sent: left, Err: cause}
	if got.status == 0 {
		return e
	}
	e.RetryAfter = retryAfter(got.header, c.now)
	e.TraceID = cmp.Or(got.header.Get("X-Fb-Trace-Id"), got.header.Get("X-Fb-Request-Id"))
	e.readEnvelope(got.body)
	if !e.Graph && !json.Valid(got.body) && len(got.body) > 0 {
		e.Page = mediaType(got.header)
	}
	for _, text := range []*string{&e.Title, &e.Message, &e.Details, &e.Type, &e.TraceID, &e.Page} {
		*text = oneLine(c.token.redact(*text))
	}
	if e.Graph {
		e.Err = nil
	}
	return e
}

type envelope struct {
	Error *struct {
		Message   json.RawMessage `json:"message"`
		Type      json.RawMessage `json:"type"`
		Code      json.RawMessage `json:"code"`
		Subcode   json.RawMessage `json:"error_subcode"`
		Data      json.RawMessage `json:"error_data"`
		UserTitle json.RawMessage `json:"error_user_title"`
		UserText  json.RawMessage `json:"error_user_msg"`
		TraceID   json.RawMessage `json:"fbtrace_id"`
		Transient json.RawMessage `json:"is_transient"`
	} `json:"error"`
}

// readEnvelope reads a Graph error. Each member is read by itself, so that one of an unexpected type costs no other.
func (e *Error) readEnvelope(body []byte) {
	var wire envelope
	if json.Unmarshal(body, &wire) != nil || wire.Error == nil {
		return
	}
	e.Code, e.Graph = integer(wire.Error.Code)
	e.Subcode, _ = integer(wire.Error.Subcode)
	e.Message, e.Type = text(wire.Error.Message), text(wire.Error.Type)
	e.Title, e.Details = text(wire.Error.UserTitle), details(wire.Error.Data)
	e.Details = cmp.Or(e.Details, text(wire.Error.UserText))
	e.TraceID = cmp.Or(text(wire.Error.TraceID), e.TraceID)
	e.Transient = string(wire.Error.Transient) == "true"
	if known, ok := Explain(e.Code); ok && e.Graph && e.Title == "" {
		e.Title = known.Title
	}
}

// isGraphError reports whether a body is a Graph error, which may come with any status.
func isGraphError(body []byte) bool {
	if !bytes.Contains(body, []byte(`"error"`)) {
		return false
	}
	var e Error
	e.readEnvelope(body)
	return e.Graph
}

func integer(raw json.RawMessage) (int, bool) {
	number, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	return number, err == nil
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// details reads error_data, an object with details in WhatsApp's answers and a plain text in others of Graph's.
func details(raw json.RawMessage) string {
	var data struct {
		Details string `json:"details"`
	}
	if json.Unmarshal(raw, &data) == nil {
		return data.Details
	}
	return text(raw)
}

func mediaType(header http1.Header) string {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind == "" {
		return "non-JSON"
	}
	return kind
}

// retryAfter reads the header: seconds, or a time that is compared with the answer's own Date, so that a wrong
// clock on either side does no harm. Meta documents no such header; gateways send it.
func retryAfter(header http1.Header, now func() time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	moment, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		if now == nil {
			return 0
		}
		from = now()
	}
	return min(max(moment.Sub(from), 0), maxRetryAfter)
}

// oneLine takes line breaks and control characters out of a text, and cuts a very long one.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) > maxErrorText {
		text = string([]rune(text)[:maxErrorText]) + "…"
	}
	return text
}
