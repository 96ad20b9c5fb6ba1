package steps_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
	"waybill/steps"
	"waybill/whatsapp"
	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

// failedLater returns what a status webhook that says failed, with this code, means.
func failedLater(codes ...int) delivery.Status {
	s := webhook.Status{ID: "wamid.1", Status: webhook.StatusFailed}
	for _, code := range codes {
		s.Errors = append(s.Errors, webhook.Error{Code: code, Title: "x"})
	}
	return steps.Receive(webhook.Event{Statuses: []webhook.Status{s}}, nil, time.Now(), audience.Words{}).Statuses[0]
}

// Every code has a cause, in an answer and in a webhook, and a code that stops a run is the account's on both ways.
func TestEveryCodeHasACause(t *testing.T) {
	for _, code := range codes(t) {
		v := steps.Judge(&whatsapp.Error{Status: 400, Graph: true, Code: code.Code, Sent: true})
		later := failedLater(code.Code)
		if v.Cause == 0 || later.Cause == 0 {
			t.Errorf("%d has no cause: %d in an answer, %d later", code.Code, v.Cause, later.Cause)
		}
		stops := code.StopsRun()
		if (v.Cause == delivery.CauseAccount) != stops || (later.Cause == delivery.CauseAccount) != stops {
			t.Errorf("%d stops a run: %t; its causes are %d in an answer, %d later", code.Code, stops, v.Cause, later.Cause)
		}
		again := stops || later.Cause == delivery.CausePacing || code.Retry != whatsapp.RetryNever
		if later.Retryable != again {
			t.Errorf("%d later: tried again %t, want %t", code.Code, later.Retryable, again)
		}
	}
}

func TestWhoseFaultACodeIs(t *testing.T) {
	want := map[delivery.Cause][]int{
		delivery.CauseMessage: {
			100, 131008, 131009, 131051, 131053, 131055, 131061, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018,
			132021, 132068, 135000,
		},
		delivery.CausePerson: {
			130403, 130472, 130497, 131021, 131026, 131030, 131047, 131049, 131050, 131062, 131065, 131070, 137000,
		},
		delivery.CauseAccount: {0, 3, 10, 33, 190, 200, 250, 299, 368, 803, 131005, 131031, 131042, 131044, 131045, 131048, 131064, 133010, 139200},
		delivery.CauseLimit:   {4, 17, 341, 613, 80007, 130429, 131056, 132069},
		delivery.CauseService: {1, 2, 131000, 131016, 131057, 133004, 134101},
	}
	for cause, codes := range want {
		for _, code := range codes {
			if got := steps.Judge(&whatsapp.Error{Status: 400, Graph: true, Code: code, Sent: true}).Cause; got != cause {
				t.Errorf("%d: got %d, want %d", code, got, cause)
			}
			later := cause
			if slices.Contains([]int{132015, 135000}, code) {
				later = delivery.CausePacing
			}
			if got := failedLater(code, 131026).Cause; got != later {
				t.Errorf("%d by webhook: got %d, want %d", code, got, later)
			}
		}
	}
	if got := failedLater(); got.Cause != 0 || got.Retryable || got.Answer.Message == "" {
		t.Errorf("without a reason: %+v", got)
	}
	if got := failedLater(999999); got.Cause != 0 || got.Retryable || got.Answer.Code != 999999 {
		t.Errorf("with a code that is not known: %+v", got)
	}
}

func TestWhoseFaultAnErrorWithoutAKnownCodeIs(t *testing.T) {
	for _, test := range []struct {
		e    whatsapp.Error
		want delivery.Cause
	}{
		{whatsapp.Error{}, delivery.CauseConnection},
		{whatsapp.Error{Err: context.DeadlineExceeded}, delivery.CauseConnection},
		{whatsapp.Error{Err: context.Canceled}, 0},
		{whatsapp.Error{Err: engine.ErrLate}, 0},
		{whatsapp.Error{Err: whatsapp.ErrUnsendable}, delivery.CauseMessage},
		{whatsapp.Error{Sent: true}, delivery.CauseService},
		{whatsapp.Error{Status: 100, Sent: true}, delivery.CauseService},
		{whatsapp.Error{Status: 200, Sent: true}, delivery.CauseService},
		{whatsapp.Error{Status: 302, Sent: true}, delivery.CauseAccount},
		{whatsapp.Error{Status: 401}, delivery.CauseAccount},
		{whatsapp.Error{Status: 403}, delivery.CauseAccount},
		{whatsapp.Error{Status: 404}, delivery.CauseMessage},
		{whatsapp.Error{Status: 404, Err: context.DeadlineExceeded}, delivery.CauseService},
		{whatsapp.Error{Status: 408}, delivery.CauseService},
		{whatsapp.Error{Status: 429}, delivery.CauseLimit},
		{whatsapp.Error{Status: 503}, delivery.CauseService},
		{whatsapp.Error{Status: 400, Graph: true, Code: 100, Subcode: 33}, delivery.CauseAccount},
		{whatsapp.Error{Status: 401, Graph: true, Code: 999999}, delivery.CauseAccount},
		{whatsapp.Error{Status: 403, Graph: true, Code: 999999}, delivery.CauseMessage},
		{whatsapp.Error{Status: 429, Graph: true, Code: 999999}, delivery.CauseLimit},
		{whatsapp.Error{Status: 500, Graph: true, Code: 999999}, delivery.CauseService},
		{whatsapp.Error{Status: 400, Graph: true, Code: 999999, Transient: true}, delivery.CauseService},
	} {
		if got := steps.Judge(&test.e).Cause; got != test.want {
			t.Errorf("%+v: got %d, want %d", test.e, got, test.want)
		}
	}
}

// What the sandbox says later reaches the ledger with its cause: of a number that asks for it, and of a fault.
func TestLateFailuresOfTheSandboxHaveACause(t *testing.T) {
	for to, want := range map[whatsapp.Recipient]delivery.Cause{
		"+34555131042": delivery.CauseAccount, "+34555131049": delivery.CausePerson, "+34555131053": delivery.CauseMessage,
		"+34555000005": delivery.CausePacing, "+34555135000": delivery.CausePacing, "+34600000001": delivery.CauseAccount, "+34555000004": 0,
	} {
		t.Run(string(to), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var heard []delivery.Status
				s := sandbox.New(sandbox.Options{Now: time.Now, Deliver: func(_ context.Context, body []byte, _ string) error {
					ev, err := webhook.Parse(body)
					heard = append(heard, steps.Receive(ev, body, time.Now(), audience.Words{}).Statuses...)
					return err
				}})
				late := sandbox.Fault{Kind: sandbox.FaultFailed, Code: 131031, Delay: time.Minute, Match: sandbox.Match{To: "+34600000001"}}
				if _, err := s.AddFault(late); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- s.Run(ctx) }()
				hello := whatsapp.Message{To: to, Template: &whatsapp.TemplateMessage{Name: "hello_world", Language: whatsapp.Language{Code: "en_US"}}}
				_, err := fromSandbox(t, whatsapp.Config{Transport: s}).Send(ctx, sandbox.DefaultPhoneNumberID, hello, whatsapp.Gate{})
				time.Sleep(2 * time.Minute)
				cancel()
				if ended := <-done; err != nil || ended != nil {
					t.Fatal(err, ended)
				}
				last := heard[len(heard)-1]
				if failed := want != 0; last.Cause != want || (last.State == delivery.Failed) != failed {
					t.Errorf("heard %+v, want cause %d", last, want)
				}
			})
		})
	}
}
