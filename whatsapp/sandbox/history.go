package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// history is GET /{phone-number-id}/message_history: statuses without contents, newest message first.
func (s *Server) history(c *call) (answer, *graphError) {
	fields, refusal := asked(c, "id,message_id")
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var records []*record
	var p *paging
	if id := c.query.Get("message_id"); id != "" {
		found := s.accepted.byID[id]
		if found == nil {
			return answer{}, &graphError{
				status: http.StatusUnprocessableEntity, code: 100, kind: "GraphMethodException",
				message: "The requested message_id was not found in the message history",
			}
		}
		records = []*record{found}
	} else {
		var lo, hi int
		if lo, hi, p, refusal = s.accepted.listing().page(c, 25, 100); refusal != nil {
			return answer{}, refusal
		}
		for i := lo; i < hi; i++ {
			records = append(records, s.accepted.at(s.accepted.total-1-uint64(i))) //nolint:gosec // a place in the list is not negative
		}
	}
	rows := make([]map[string]any, 0, len(records))
	for _, r := range records {
		row, refusal := s.historyRow(r, fields)
		if refusal != nil {
			return answer{}, refusal
		}
		rows = append(rows, row)
	}
	return listAnswer(rows, p), nil
}

func listAnswer[T any](rows []T, p *paging) answer {
	if rows == nil {
		rows = []T{}
	}
	return jsonAnswer(http.StatusOK, struct {
		Rows   []T     `json:"data"`
		Paging *paging `json:"paging,omitempty"`
	}{rows, p})
}

// listing pages from the newest record; a key is a sequence number.
func (a *accepted) listing() listing {
	return listing{
		size: len(a.ring),
		key:  func(i int) string { return strconv.FormatUint(a.total-1-uint64(i), 10) }, //nolint:gosec // not negative
		place: func(key string) (int, bool) {
			seq, err := strconv.ParseUint(key, 10, 64)
			if err != nil || a.at(seq) == nil {
				return 0, false
			}
			return int(a.total - 1 - seq), true //nolint:gosec // below the number of records kept
		},
	}
}

func (s *Server) historyRow(r *record, fields []field) (map[string]any, *graphError) {
	row := map[string]any{"id": r.historyID()}
	for _, f := range fields {
		switch f.name {
		case "id":
		case "message_id":
			row["message_id"] = r.ID
		case "events":
			events, refusal := s.rowEvents(r, f.sub)
			if refusal != nil {
				return nil, refusal
			}
			row["events"] = map[string]any{"data": events}
		default:
			return nil, nonexisting(f.name, "WhatsAppMessageHistory")
		}
	}
	return row, nil
}

func nonexisting(name, kind string) *graphError {
	message := "(#100) Tried accessing nonexisting field (" + name + ") on node type (" + kind + ")"
	return &graphError{status: http.StatusBadRequest, code: 100, message: message}
}

// rowEvents are the statuses that are due, in the words and the form of message_history.
func (s *Server) rowEvents(r *record, fields []field) ([]map[string]any, *graphError) {
	if len(fields) == 0 {
		fields = []field{{name: "id"}, {name: "delivery_status"}, {name: "timestamp"}}
	}
	events := []map[string]any{}
	for i, st := range r.stages {
		if st.due.After(s.clock.now()) {
			continue
		}
		node := map[string]any{
			"id": r.eventID(i), "delivery_status": strings.ToUpper(st.status), "timestamp": st.due.Unix(),
			"webhook_update_state": st.webhookState, "application": map[string]any{"id": appID}, "webhook_uri": nil,
			"error_description": nil,
		}
		if s.account.webhook != "" {
			node["webhook_uri"] = s.account.webhook
		}
		if st.webhookState == "FAILED" || st.webhookState == "RETRYING" {
			node["error_description"] = "The webhook endpoint did not answer 200"
		}
		event, refusal := choose(node, fields, "MessageDeliveryStatusEvent")
		if refusal != nil {
			return nil, refusal
		}
		events = append(events, event)
	}
	return events, nil
}

func (r *record) eventID(i int) string {
	return strconv.FormatUint(8_000_000_000_000_000+r.seq*8+uint64(i), 10) //nolint:gosec // a place in a short list
}

// event is the i-th stage of a message as GET events shows it.
func (r *record) event(i int) map[string]any {
	st := r.stages[i]
	node := map[string]any{
		"id": r.eventID(i), "delivery_status": strings.ToUpper(st.status), "occurrence_timestamp": st.due.Unix(),
		"status_timestamp": st.due.Unix(), "application": map[string]any{"id": appID, "name": appName}, "error_description": nil,
	}
	if st.code != 0 {
		node["error_description"] = titleOf(st.code) + ": " + st.details
	}
	return node
}

// events is GET /{message-history-id}/events: the fields have other names than in message_history and stand in a wrapper, and the text is the
// failure of the delivery. Source: Meta's OpenAPI description.
func (s *Server) events(c *call) (answer, *graphError) {
	filter := strings.ToUpper(c.query.Get("status_filter"))
	switch filter {
	case "", "SENT", "DELIVERED", "READ", "FAILED", "DELETED":
	default:
		return answer{}, refuse(100, "Param status_filter must be one of {SENT, DELIVERED, READ, FAILED, DELETED} - got \"%s\".", filter)
	}
	fields, refusal := asked(c, "id,delivery_status,error_description,occurrence_timestamp,status_timestamp,application")
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.accepted.byHistoryID(c.parts[0])
	if r == nil {
		return answer{}, unsupported(c.method, c.parts[0])
	}
	rows := []map[string]any{}
	for i, st := range r.stages {
		if st.due.After(s.clock.now()) || (filter != "" && filter != strings.ToUpper(st.status)) {
			continue
		}
		chosen, refusal := choose(r.event(i), fields, "WhatsAppBusinessMessageDeliveryStatusOccurrence")
		if refusal != nil {
			return answer{}, refusal
		}
		rows = append(rows, map[string]any{"cursor": cursor(r.eventID(i)), "node": chosen})
	}
	list := listing{
		size: len(rows), key: func(i int) string { return rows[i]["node"].(map[string]any)["id"].(string) },
		place: func(key string) (int, bool) {
			for i := range rows {
				if rows[i]["node"].(map[string]any)["id"] == key {
					return i, true
				}
			}
			return 0, false
		},
	}
	lo, hi, p, refusal := list.page(c, 25, 100)
	if refusal != nil {
		return answer{}, refusal
	}
	return listAnswer(rows[lo:hi], p), nil
}
