package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// object is one JSON object of a request, read field by field: no struct, so that a missing field, a wrong
// type and an empty value stay three different findings.
type object map[string]any

// draft is a request that passed the checks of its form; what is left depends on the sandbox's state.
type draft struct {
	input    string // "to" or "recipient" as it came
	to       string // digits, a business-scoped user id or a group id
	who      person // whom to names
	lost     bool   // to holds a user id, which belongs in recipient: WhatsApp takes it, and nothing happens
	scoped   bool   // to is a business-scoped user id
	group    bool
	kind     string // the message type
	text     string // what a person would read
	template object // of template messages
	name     string // of the template
	language string
	category string // of the template; empty for free-form
	callback string
	context  string   // the message replied to
	mediaIDs []string // uploaded files it names
	links    []string // files it asks Meta to fetch
	unknown  []string // top-level keys that are not documented
	payload  []byte
}

// scopedID is compiled when it is first asked: most recipients are numbers.
var scopedID = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // constant
	return regexp.MustCompile(`^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$`)
})

var placeholder = regexp.MustCompile(`^(\{\{.*\}\}|<.*>)$`)

// checker checks the form of requests.
type checker struct {
	placeholders bool
	now          time.Time
	rules        rules
}

// parseObject reads a request body.
func parseObject(body []byte) (object, *graphError) {
	var o object
	if err := json.Unmarshal(body, &o); err != nil || o == nil {
		return nil, refuse(100, "The request body is not a JSON object.")
	}
	return o, nil
}

// message checks the form of a send, required fields first, then values.
func (chk checker) message(o object, body []byte) (*draft, *graphError) {
	d := &draft{payload: body, unknown: unknownKeys(o)}
	if refusal := chk.recipient(o, d); refusal != nil {
		return nil, refusal
	}
	var refusal *graphError
	if d.callback, _, refusal = o.optional("biz_opaque_callback_data", ""); refusal != nil {
		return nil, refusal
	}
	if utf8.RuneCountInString(d.callback) > 512 {
		return nil, tooLong("biz_opaque_callback_data", 512)
	}
	if refusal = chk.replyTo(o, d); refusal != nil {
		return nil, refusal
	}
	if d.kind, refusal = messageType(o); refusal != nil {
		return nil, refusal
	}
	return d, chk.content(o, d)
}

func (chk checker) recipient(o object, d *draft) *graphError {
	product, ok, refusal := o.optional("messaging_product", "")
	switch {
	case refusal != nil:
		return refusal
	case !ok:
		return refuse(100, "The parameter messaging_product is required.")
	case product != "whatsapp":
		return refuse(100, "Param messaging_product must be one of {WHATSAPP} - got \"%s\".", product)
	}
	kind, ok, refusal := o.optional("recipient_type", "")
	if refusal != nil {
		return refusal
	}
	if ok && kind != "individual" && kind != "group" {
		return refuse(100, "Param recipient_type must be one of {INDIVIDUAL, GROUP} - got \"%s\".", kind)
	}
	d.group = kind == "group"
	if d.input, ok, refusal = o.optional("to", ""); refusal != nil {
		return refusal
	}
	if !ok && chk.rules.toUserID {
		if d.input, ok, refusal = o.optional("recipient", ""); refusal != nil {
			return refusal
		}
		if ok && !scopedID().MatchString(d.input) {
			return refuse(131009, "Param recipient must be a business-scoped user id such as US.13491208655302741918 - got "+
				"\"%s\".", d.input)
		}
		d.scoped = ok
	}
	if d.input == "" {
		return refuse(100, "The parameter to is required.")
	}
	return chk.address(d)
}

// address fills d.to from d.input.
func (chk checker) address(d *draft) *graphError {
	if d.scoped || d.group {
		d.to = d.input
		return nil
	}
	if digits, ok := normalNumber(d.input); ok {
		d.to = digits
		return nil
	}
	if chk.rules.toUserID && scopedID().MatchString(d.input) {
		d.to, d.scoped, d.lost = d.input, true, true
		return nil
	}
	if chk.placeholders && placeholder.MatchString(d.input) {
		d.to = "15550100000"
		return nil
	}
	return refuse(131009, "Param to is not a valid phone number - got \"%s\".", d.input)
}

// normalNumber is a phone number's digits. Meta takes plus, blanks, dashes and parentheses; a number without
// plus and country code would get the business's own country, which cannot be told from a whole number, so
// bare digits are taken as whole. Source: Meta, messages/send-messages.
func normalNumber(input string) (string, bool) {
	rest := strings.TrimPrefix(strings.TrimSpace(input), "+")
	var digits strings.Builder
	for _, r := range rest {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case strings.ContainsRune(" -()\u00a0", r):
		default:
			return "", false
		}
	}
	n := digits.String()
	return n, len(n) >= 7 && len(n) <= 15 && n[0] != '0'
}

// replyTo reads context. A reply to a message unknown here is fine: it arrives without the quoted bubble.
func (chk checker) replyTo(o object, d *draft) *graphError {
	context, ok, refusal := o.child("context", "")
	if refusal != nil || !ok {
		return refusal
	}
	if d.context, refusal = context.required("message_id", "context"); refusal != nil {
		return refusal
	}
	return nil
}

// messageType is the type; Meta's own examples leave it out where the object shows it.
func messageType(o object) (string, *graphError) {
	kind, ok, refusal := o.optional("type", "")
	if refusal != nil {
		return "", refusal
	}
	if !ok {
		for _, candidate := range sendable() {
			if _, there := o[candidate]; there {
				return candidate, nil
			}
		}
		return "text", nil
	}
	kind = strings.ToLower(kind)
	if slices.Contains(sendable(), kind) {
		return kind, nil
	}
	switch kind {
	case "button", "order", "system", "unsupported", "edit", "revoke", "request_welcome":
		return "", refuse(131051, "Message type \"%s\" comes from people and cannot be sent.", kind)
	}
	return "", refuse(100, "Param type must be one of {%s} - got \"%s\".", strings.ToUpper(strings.Join(sendable(), ", ")), kind)
}

func sendable() []string {
	return []string{
		"text", "image", "audio", "video", "document", "sticker", "location", "contacts", "interactive", "template", "reaction",
	}
}

// unknownKeys are top-level keys that no source documents. Graph ignores them; the sandbox says so in GET /__sandbox/requests.
func unknownKeys(o object) []string {
	var unknown []string
	for key := range o {
		switch key {
		case "messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data",
			"recipient_identity_key_hash", "message_activity_sharing", "product_policy", "messaging_account_id",
			"paid_messaging_account_id", "bid_spec", "status", "message_id", "typing_indicator":
		default:
			if !slices.Contains(sendable(), key) {
				unknown = append(unknown, key)
			}
		}
	}
	return unknown
}
