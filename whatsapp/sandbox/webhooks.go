package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"waybill/whatsapp/webhook"
)

// delivery is one webhook and its attempts.
type delivery struct {
	updates  []*update
	body     []byte
	attempts int
	due      time.Time
	epoch    int
}

func errorAttr(err error) slog.Attr { return slog.String("error", err.Error()) }

// delivers reports whether there is a receiver. The caller holds the lock.
func (s *Server) delivers() bool { return s.options.Deliver != nil || s.account.webhook != "" }

// Run delivers webhooks until ctx ends, and returns nil then. Those under way are waited for; what is still
// due stays in the queue for the next Run. Everything else works without it.
func (s *Server) Run(ctx context.Context) error {
	var retries redeliveries
	defer s.keep(&retries)
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, s.options.Parallel)
	for {
		next, wait := s.nextDelivery(&retries)
		if next == nil {
			if !s.idle(ctx, wait) {
				return nil
			}
			continue
		}
		select {
		case <-ctx.Done():
			s.putBack(next)
			return nil
		case free <- struct{}{}:
		}
		running.Go(func() {
			defer func() { <-free }()
			s.attempt(ctx, next, &retries)
		})
	}
}

// idle waits until an update is due or wakeRun is called; false: ctx ended.
func (s *Server) idle(ctx context.Context, wait time.Duration) bool {
	var due <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-s.wake:
	case <-due:
	}
	return true
}

// redeliveries are the webhooks that were refused and wait for another try.
type redeliveries struct {
	mu   sync.Mutex
	list []*delivery
}

func (r *redeliveries) take(now time.Time) (*delivery, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wait time.Duration
	for i, d := range r.list {
		left := d.due.Sub(now)
		if left <= 0 {
			r.list = append(r.list[:i], r.list[i+1:]...)
			return d, 0
		}
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait
}

// nextDelivery returns a refused webhook that is due again, else a new one with the updates that are due.
func (s *Server) nextDelivery(retries *redeliveries) (*delivery, time.Duration) {
	now := s.clock.now()
	repeat, wait := retries.take(now)
	if repeat != nil {
		return repeat, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	updates, next := s.queue.due(now, s.options.BatchSize)
	if len(updates) > 0 {
		return s.newDelivery(updates), 0
	}
	if wait == 0 || (next > 0 && next < wait) {
		wait = next
	}
	return nil, wait
}

// newDelivery builds a webhook; inbound messages in it open the service window. The caller holds the lock.
func (s *Server) newDelivery(updates []*update) *delivery {
	for _, u := range updates {
		switch {
		case u.inbound != nil:
			s.receive(u.inbound)
		case u.stops != nil:
			u.change, u.stops = s.prefer(u.stops.number, u.stops.who, false, false, u.due), nil
		}
	}
	return &delivery{updates: updates, body: s.body(updates), epoch: s.queue.epoch}
}

// keep puts the webhooks that wait for another attempt back into the queue, for the next Run.
func (s *Server) keep(retries *redeliveries) {
	retries.mu.Lock()
	defer retries.mu.Unlock()
	for _, d := range retries.list {
		s.putBack(d)
	}
}

func (s *Server) putBack(d *delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.epoch == s.queue.epoch {
		for _, u := range d.updates {
			s.queue.put(u)
		}
	}
}

// attempt delivers once. Meta tries again at once and then less and less often, for days; here the number is bounded.
func (s *Server) attempt(ctx context.Context, d *delivery, retries *redeliveries) {
	err := s.deliver(ctx, d.body)
	d.attempts++
	switch {
	case err == nil:
		s.mark(d, "DELIVERED")
	case ctx.Err() != nil:
		s.putBack(d)
	case d.attempts >= s.options.Attempts:
		s.mark(d, "FAILED")
		s.options.Log.Warn("webhook given up; the receiver has to answer 200", slog.Int("attempts", d.attempts), errorAttr(err))
	default:
		s.mark(d, "RETRYING")
		s.options.Log.Debug("webhook not taken, to be delivered again", slog.Int("attempts", d.attempts), errorAttr(err))
		if d.attempts == 1 {
			d.due = s.clock.now()
		} else {
			d.due = s.clock.now().Add(s.clock.scaled(time.Second << min(d.attempts-2, 12)))
		}
		s.mu.Lock()
		stale := d.epoch != s.queue.epoch
		s.mu.Unlock()
		if !stale {
			retries.mu.Lock()
			retries.list = append(retries.list, d)
			retries.mu.Unlock()
		}
		s.wakeRun()
	}
}

// mark sets the state of a webhook in the message history.
func (s *Server) mark(d *delivery, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range d.updates {
		if u.record != nil {
			u.record.stages[u.stage].webhookState = state
		}
	}
	switch state {
	case "DELIVERED":
		s.account.delivered++
	case "FAILED":
		s.account.lost++
	}
}

// deliver signs a body and delivers it; nil means that the receiver took it.
func (s *Server) deliver(ctx context.Context, body []byte) error {
	signature := webhook.Sign(s.options.AppSecret, body)
	if s.options.Deliver != nil {
		return s.options.Deliver(ctx, body, signature)
	}
	s.mu.Lock()
	address := s.account.webhook
	s.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post webhook: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("X-Hub-Signature-256", signature)
	response, err := s.options.WebhookClient.Do(request)
	if err != nil {
		return fmt.Errorf("post webhook: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("read answer to webhook: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("post webhook: the receiver answered %s", response.Status)
	}
	return nil
}

// deliverEarly delivers a message's first status before its HTTP answer. It makes one attempt; where that fails the status
// goes into the queue.
func (s *Server) deliverEarly(ctx context.Context, r *record) {
	s.mu.Lock()
	if !s.delivers() || len(r.stages) == 0 {
		s.mu.Unlock()
		return
	}
	first := &update{due: s.clock.now(), record: r}
	d := s.newDelivery([]*update{first})
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := s.deliver(ctx, d.body); err != nil {
		s.options.Log.Debug("early webhook not taken", errorAttr(err))
		s.putBack(d)
		s.wakeRun()
		return
	}
	s.mark(d, "DELIVERED")
}

// Verify does the handshake of webhook registration with the receiver at WebhookURL, which has to return the
// challenge.
func (s *Server) Verify(ctx context.Context) error {
	s.mu.Lock()
	address := s.account.webhook
	s.mu.Unlock()
	target, err := url.Parse(address)
	if err != nil || address == "" {
		return fmt.Errorf("verify webhook: %q is not an address", address)
	}
	challenge := s.newID()
	query := target.Query()
	query.Set("hub.mode", "subscribe")
	query.Set("hub.challenge", challenge)
	query.Set("hub.verify_token", s.options.VerifyToken)
	target.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return fmt.Errorf("verify webhook: %w", err)
	}
	response, err := s.options.WebhookClient.Do(request)
	if err != nil {
		return fmt.Errorf("verify webhook: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("verify webhook: read answer: %w", err)
	}
	if response.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != challenge {
		return fmt.Errorf("verify webhook: the receiver answered %s and not the challenge; is its verify token the same?", response.Status)
	}
	return nil
}
