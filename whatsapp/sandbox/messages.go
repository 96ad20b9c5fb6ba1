package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

type sendAnswer struct {
	Product  string        `json:"messaging_product"`
	Contacts []sendContact `json:"contacts"`
	Messages []sendID      `json:"messages"`
}

type sendContact struct {
	Input  string `json:"input"`
	WaID   string `json:"wa_id,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

type sendID struct {
	ID      string `json:"id"`
	GroupID string `json:"group_id,omitempty"`
	Status  string `json:"message_status,omitempty"`
}

// postMessage is POST /{phone-number-id}/messages: a message, or a read receipt; and POST marketing_messages, which takes
// templates of that category alone.
func (s *Server) postMessage(c *call) (answer, *graphError) {
	o := c.object
	if c.broken != nil {
		return answer{}, c.broken
	}
	if _, receipt := o["status"]; receipt {
		return s.markRead(c, o)
	}
	chk := checker{placeholders: s.options.Placeholders, now: s.clock.now(), rules: s.rules}
	d, refusal := chk.message(o, c.payload(o))
	if refusal != nil {
		return answer{}, refusal
	}
	if len(d.unknown) > 0 {
		c.info.warnings = append(c.info.warnings, "unknown keys, ignored: "+strings.Join(d.unknown, ", "))
	}
	if d.lost {
		c.info.warnings = append(c.info.warnings, "to holds a user id, which is taken and never delivered: it belongs in recipient")
	}
	if d.kind == "template" {
		if refusal = chk.against(s.templateFor(d.name, d.language), d); refusal != nil {
			return answer{}, refusal
		}
	}
	if refusal = s.endpoint(c, d); refusal != nil {
		return answer{}, refusal
	}
	d.who = s.addressee(d)
	if refusal = s.reachable(c.number, d); refusal != nil {
		return answer{}, refusal
	}
	return s.accept(c, d)
}

// endpoint checks that a message is sent where its kind is taken.
func (s *Server) endpoint(c *call, d *draft) *graphError {
	switch {
	case c.marketing && d.kind != "template":
		return refuse(131055, "Only marketing templates can be sent through marketing_messages.")
	case c.marketing && d.category != "marketing":
		return refuse(134100, "The template %s is of category %s; send it through messages.", d.name, strings.ToUpper(d.category))
	case c.marketing || d.category != "marketing":
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.allowances.noMarketing {
		return refuse(131063, "Marketing templates are sent through marketing_messages by this account.")
	}
	return nil
}

// reachable checks a send against the state of the account: its files, its own number, its allow list.
func (s *Server) reachable(n *number, d *draft) *graphError {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range d.mediaIDs {
		if found := s.files.get(id, s.clock.now()); found == nil || found.number != n {
			return refuse(100, "Param %s['id'] is not a valid whatsapp business account media attachment ID: %s", d.kind, id)
		}
	}
	if s.isOwn(d.to) {
		return refuse(131021, "Recipient cannot be sender: %s", d.input)
	}
	if s.allowed != nil && !s.allowed[d.to] {
		return refuse(131030, "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.")
	}
	if code := s.magicRecipient(d.who.key()); refusedAtOnce(code) {
		return refuse(code, "The recipient's number asks the sandbox for this code.")
	}
	return nil
}

// accept takes the message, or refuses it for the number's limits. From here on it is a message.
func (s *Server) accept(c *call, d *draft) (answer, *graphError) {
	now := s.clock.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal := c.number.limits.admit(d.who.key(), now); refusal != nil {
		return answer{}, refusal
	}
	effects := s.effects(c)
	s.holdMagic(d, &effects)
	held := s.wave.holds && d.kind == "template"
	effects.held = effects.held || held
	r := s.newRecord(c.number, d, now)
	if !held {
		s.planStages(r, d, effects, now)
	}
	if err := s.writeAcceptLog(r); err != nil {
		details := "The accept log cannot be written: " + err.Error()
		return answer{}, &graphError{status: http.StatusInternalServerError, code: 131000, details: details}
	}
	s.accepted.add(r)
	s.takeOver(r, now)
	if held {
		s.wave.held = append(s.wave.held, heldMessage{r, d, effects})
	} else {
		s.counts.add(r)
		s.schedule(r, effects)
	}
	c.info.accepted = true
	if effects.early {
		c.early = func(ctx context.Context) { s.deliverEarly(ctx, r) }
	}
	return jsonAnswer(http.StatusOK, s.sendAnswer(d, r, effects)), nil
}

// writeAcceptLog writes a message to the accept log, before its answer: the log has every message that a client knows of.
func (s *Server) writeAcceptLog(r *record) error {
	if s.options.AcceptLog == nil {
		return nil
	}
	line, err := json.Marshal(r.Message)
	if err != nil {
		return err
	}
	_, err = s.options.AcceptLog.Write(append(line, '\n'))
	return err
}

func (s *Server) sendAnswer(d *draft, r *record, effects effects) sendAnswer {
	contact := sendContact{Input: d.input, WaID: r.To, UserID: r.who.userID}
	sent := sendID{ID: r.ID}
	switch {
	case d.group:
		contact.WaID, sent.GroupID = "", d.to
	case d.scoped:
		contact.WaID = ""
	case effects.noWaID:
		contact.WaID = ""
	}
	if d.kind == "template" {
		sent.Status = "accepted"
		if effects.held {
			sent.Status = "held_for_quality_assessment"
		}
	}
	return sendAnswer{Product: "whatsapp", Contacts: []sendContact{contact}, Messages: []sendID{sent}}
}

// markRead is a read receipt, with or without a typing indicator. Source: Meta, messages/mark-message-as-read, typing-indicators.
func (s *Server) markRead(c *call, o object) (answer, *graphError) {
	c.info.operation = "read"
	product, _, refusal := o.optional("messaging_product", "")
	if refusal != nil {
		return answer{}, refusal
	}
	if product != "whatsapp" {
		return answer{}, refuse(100, "The parameter messaging_product is required.")
	}
	status, refusal := o.required("status", "")
	if refusal != nil {
		return answer{}, refusal
	}
	if status != "read" {
		return answer{}, refuse(100, "Param status must be one of {READ} - got \"%s\".", status)
	}
	id, refusal := o.required("message_id", "")
	if refusal != nil {
		return answer{}, refusal
	}
	if !strings.HasPrefix(id, "wamid.") && (!s.options.Placeholders || !placeholder.MatchString(id)) {
		return answer{}, refuse(100, "Invalid parameter: message_id is not a message id - got \"%s\".", id)
	}
	typing, there, refusal := o.child("typing_indicator", "")
	if refusal != nil {
		return answer{}, refusal
	}
	if there {
		if kind, _ := typing["type"].(string); kind != "text" {
			return answer{}, refuse(100, "Param typing_indicator['type'] must be one of {TEXT}.")
		}
	}
	return success(), nil
}
