package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// toAddress posts what body makes of an event.
func toAddress(to *url.URL, body func(Event) ([]byte, error)) (func(context.Context, http.RoundTripper, Event) error, error) {
	switch {
	case to.Hostname() == "":
		return nil, errors.New("names no host")
	case to.Fragment != "":
		return nil, errors.New("must hold no fragment")
	case to.Scheme == "http" && !loopback(to.Hostname()):
		return nil, errClear
	}
	return func(ctx context.Context, over http.RoundTripper, e Event) error {
		content, err := body(e)
		if err != nil {
			return &failure{reason: err.Error()}
		}
		return post(ctx, over, to, content)
	}, nil
}

// post makes one request. A user in the address is sent as basic authentication.
func post(ctx context.Context, over http.RoundTripper, to *url.URL, content []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(content))
	if err != nil {
		return &failure{reason: "its address is impossible"} // the reason would repeat it
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "waybill")
	if to.User != nil {
		password, _ := to.User.Password()
		req.SetBasicAuth(to.User.Username(), password)
	}
	resp, err := over.RoundTrip(req) // an http.Client would follow redirects
	if err != nil {
		return failureOf(err)
	}
	defer func() { _ = resp.Body.Close() }()                      // nothing is read after it
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // the answer was the status
	return answered(resp.StatusCode, retryAfter(resp.Header))
}

// retryAfter reads the seconds that a server asked for; zero: none, or a date.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// oldTeamsHost ends the hosts of Teams' connectors, which shoutrrr serves; their successors are workflows.
const oldTeamsHost = ".webhook.office.com"

// teamsCard is the event's text as a workflow of Teams takes it: an adaptive card, whose lines are paragraphs.
func teamsCard(e Event) ([]byte, error) {
	type object = map[string]any
	title, rest, _ := strings.Cut(e.Text(), "\n")
	blocks := []object{{"type": "TextBlock", "text": title, "weight": "bolder", "wrap": true}}
	for line := range strings.Lines(rest) {
		blocks = append(blocks, object{"type": "TextBlock", "text": strings.TrimSuffix(line, "\n"), "wrap": true})
	}
	card := object{"type": "AdaptiveCard", "version": "1.4", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "body": blocks}
	attachment := object{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
	return json.Marshal(object{"type": "message", "attachments": []object{attachment}})
}
