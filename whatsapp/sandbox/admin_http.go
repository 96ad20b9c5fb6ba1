package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"time"
)

// admin answers requests under /__sandbox. It needs no token, and errors are {"error":"…"} with 400 or 404.
func (s *Server) admin(c *call) answer {
	name := ""
	if len(c.parts) == 2 {
		name = c.parts[1]
	}
	var result any
	err := errUnknownPath
	switch c.method {
	case http.MethodGet, http.MethodHead:
		result, err = s.adminGet(name, c)
	case http.MethodPost:
		result, err = s.adminPost(name, c.body)
	case http.MethodDelete:
		if name == "faults" {
			s.ClearFaults()
			result, err = s.Faults(), nil
		}
	}
	if err != nil {
		status := http.StatusBadRequest
		if err == errUnknownPath { //nolint:errorlint // never wrapped
			status = http.StatusNotFound
		}
		return jsonAnswer(status, map[string]string{"error": err.Error()})
	}
	return jsonAnswer(http.StatusOK, result)
}

var errUnknownPath = fmt.Errorf("no such path; there are GET messages, recipients, requests, faults, templates, state " +
	"and POST reset, clock, window, throughput, templates, inbound, preferences, allowances, number, thread, wave, faults, webhook, answers; DELETE faults")

// adminGet answers GET.
func (s *Server) adminGet(name string, c *call) (any, error) {
	switch name {
	case "messages":
		limit := 0
		if text := c.query.Get("limit"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return nil, fmt.Errorf("limit %q is not a number", text)
			}
			limit = n
		}
		list := s.newest(c.query.Get("to"), limit)
		return map[string]any{"messages": list, "total": s.State().Accepted}, nil
	case "recipients":
		return s.recipientList(), nil
	case "requests":
		return map[string]any{"requests": s.Requests(), "total": s.State().Requests}, nil
	case "faults":
		return map[string]any{"faults": s.Faults()}, nil
	case "templates":
		return map[string]any{"templates": s.Templates()}, nil
	case "state", "":
		return s.State(), nil
	default:
		return nil, errUnknownPath
	}
}

type recipientCount struct {
	To    string `json:"to"`
	Count int    `json:"count"`
}

func (s *Server) recipientList() any {
	counts := s.Recipients()
	list := make([]recipientCount, 0, len(counts))
	for to, n := range counts {
		list = append(list, recipientCount{to, n})
	}
	sort.Slice(list, func(a, b int) bool { return list[a].To < list[b].To })
	return map[string]any{"recipients": list, "total": len(list)}
}

// adminPost answers POST. Unknown keys are refused, so that a setting that does not exist does not seem to work.
func (s *Server) adminPost(name string, body []byte) (any, error) {
	switch name {
	case "reset":
		s.Reset()
		return s.State(), nil
	case "clock":
		return s.adminClock(body)
	case "window":
		return s.adminWindow(body)
	case "throughput":
		return s.adminThroughput(body)
	case "templates":
		var t Template
		if err := json.Unmarshal(body, &t); err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		return s.AddTemplate(t)
	case "inbound":
		return s.adminInbound(body)
	case "faults":
		var f Fault
		if err := strict(body, &f); err != nil {
			return nil, err
		}
		return s.AddFault(f)
	case "webhook":
		return pull(s, body, func(o struct {
			URL string `json:"url"`
		},
		) error {
			s.SetWebhook(o.URL)
			return nil
		})
	case "answers":
		return pull(s, body, func(a Answers) error {
			s.SetAnswers(a)
			return nil
		})
	case "allowances":
		return pull(s, body, s.SetAllowances)
	case "number":
		return pull(s, body, func(o struct {
			User   string `json:"user"`
			Number string `json:"number"`
		},
		) error {
			return s.ChangeNumber(o.User, o.Number)
		})
	case "thread":
		return pull(s, body, s.SetThread)
	case "preferences":
		return pull(s, body, s.setPreference)
	case "wave":
		return pull(s, body, func(o struct {
			Wave string `json:"wave"`
		},
		) error {
			return s.SetWave(o.Wave)
		})
	default:
		return nil, errUnknownPath
	}
}

// pull reads what a lever is given, pulls it, and answers with the state after it.
func pull[T any](s *Server, body []byte, lever func(T) error) (any, error) {
	var given T
	if err := strict(body, &given); err != nil {
		return nil, err
	}
	if err := lever(given); err != nil {
		return nil, err
	}
	return s.State(), nil
}

func (s *Server) adminClock(body []byte) (any, error) {
	var o struct {
		Advance duration `json:"advance"`
		Speed   float64  `json:"speed"`
	}
	if err := strict(body, &o); err != nil {
		return nil, err
	}
	if err := s.Advance(time.Duration(o.Advance)); err != nil {
		return nil, err
	}
	if o.Speed != 0 {
		if err := s.SetSpeed(o.Speed); err != nil {
			return nil, err
		}
	}
	return s.State(), nil
}

func (s *Server) adminWindow(body []byte) (any, error) {
	var o struct {
		To   string `json:"to"`
		Open *bool  `json:"open"`
	}
	if err := strict(body, &o); err != nil {
		return nil, err
	}
	open := o.Open == nil || *o.Open
	if o.To == "" {
		s.SetOpenWindow(open)
		return s.State(), nil
	}
	if err := s.OpenWindowFor(o.To, open); err != nil {
		return nil, err
	}
	return s.State(), nil
}

func (s *Server) adminThroughput(body []byte) (any, error) {
	var o struct {
		PerSecond *int  `json:"perSecond"`
		PairLimit *bool `json:"pairLimit"`
	}
	if err := strict(body, &o); err != nil {
		return nil, err
	}
	if o.PerSecond != nil {
		s.SetThroughput(*o.PerSecond)
	}
	if o.PairLimit != nil {
		s.SetPairLimit(*o.PairLimit)
	}
	return s.State(), nil
}

func (s *Server) adminInbound(body []byte) (any, error) {
	var in Inbound
	if err := strict(body, &in); err != nil {
		return nil, err
	}
	id, err := s.Receive(in)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

// preference is what POST /__sandbox/preferences is given.
type preference struct {
	User      string `json:"user"`
	Marketing string `json:"marketing"`
}

func (s *Server) setPreference(p preference) error {
	if p.Marketing != "stop" && p.Marketing != "resume" {
		return fmt.Errorf("preferences: marketing %q: it is \"stop\" or \"resume\"", p.Marketing)
	}
	return s.SetMarketing(p.User, p.Marketing == "resume")
}

// strict reads JSON without unknown keys; an empty body is an empty object.
func strict(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	return nil
}
