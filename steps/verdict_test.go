package steps_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/steps"
	"waybill/whatsapp"
	"waybill/whatsapp/sandbox"
)

// codes reads the whole table of error codes.
func codes(t *testing.T) []whatsapp.Code {
	t.Helper()
	raw, err := os.ReadFile("../whatsapp/codes.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []whatsapp.Code
	if err := json.Unmarshal(raw, &table); err != nil || len(table) < 50 {
		t.Fatalf("%d codes, %v", len(table), err)
	}
	return table
}

// A known code decides whatever the HTTP status is.
func TestJudgeByCode(t *testing.T) {
	for _, code := range codes(t) {
		want := delivery.ResultNotSent
		if code.Retry == whatsapp.RetryNever {
			want = delivery.ResultRefused
		}
		for _, status := range []int{200, 400, 401, 403, 404, 422, 429, 500, 503} {
			e := &whatsapp.Error{Status: status, Graph: true, Code: code.Code, Sent: true, Transient: true}
			if got := steps.Judge(e).Result; got != want {
				t.Errorf("%d under HTTP %d: got %v, want %v", code.Code, status, got, want)
			}
		}
	}
}

func TestJudgeStopsTheRun(t *testing.T) {
	stops := map[int]bool{}
	for _, code := range codes(t) {
		v := steps.Judge(&whatsapp.Error{Status: 400, Graph: true, Code: code.Code})
		stops[code.Code] = v.Stop
		if paused := code.Code == 132015; v.Retryable != (v.Stop || paused) {
			t.Errorf("%d: stops the run: %t, is tried again by apply: %t", code.Code, v.Stop, v.Retryable)
		}
	}
	for _, code := range []int{0, 3, 10, 102, 104, 190, 200, 131005, 131031, 368, 131042, 131045, 133010, 131048, 33, 803} {
		if !stops[code] {
			t.Errorf("%d does not stop the run", code)
		}
	}
	for _, code := range []int{100, 131026, 131030, 131047, 131049, 131050, 130472, 130497, 132000, 132001, 132015, 131053, 4, 130429, 131056, 131000} {
		if stops[code] {
			t.Errorf("%d stops the run", code)
		}
	}
	if missing := steps.Judge(&whatsapp.Error{Status: 400, Graph: true, Code: 100, Subcode: 33}); !missing.Stop || !missing.Retryable {
		t.Error("a number that does not exist does not stop the run")
	}
}

func TestJudgeOtherwise(t *testing.T) {
	graph := func(status, code int) whatsapp.Error {
		return whatsapp.Error{Status: status, Graph: true, Code: code, Sent: true}
	}
	page := func(status int) whatsapp.Error { return whatsapp.Error{Status: status, Sent: true} }
	retry := engine.Verdict{Result: delivery.ResultNotSent}
	refused := engine.Verdict{Result: delivery.ResultRefused}
	stop := engine.Verdict{Result: delivery.ResultRefused, Stop: true, Retryable: true}
	unclear := engine.Verdict{Result: delivery.ResultNotSent, Ambiguous: true}
	inDoubt := engine.Verdict{Result: delivery.ResultInDoubt}
	for _, test := range []struct {
		e    whatsapp.Error
		want engine.Verdict
	}{
		{graph(400, 999999), refused},
		{graph(401, 999999), stop},
		{graph(404, 999999), refused},
		{graph(429, 999999), retry},
		{graph(500, 999999), retry},
		{whatsapp.Error{Status: 400, Graph: true, Code: 999999, Transient: true}, retry},
		{graph(500, 131057), engine.Verdict{Result: delivery.ResultNotSent, Advised: time.Minute}},
		{graph(400, 134101), engine.Verdict{Result: delivery.ResultNotSent, Advised: 10 * time.Minute}},
		{
			whatsapp.Error{Status: 400, Graph: true, Code: 134101, RetryAfter: time.Hour},
			engine.Verdict{Result: delivery.ResultNotSent, After: time.Hour},
		},
		{whatsapp.Error{Status: 429, Sent: true, RetryAfter: time.Second}, engine.Verdict{Result: delivery.ResultNotSent, After: time.Second}},
		{page(307), stop},
		{page(400), refused},
		{whatsapp.Error{Status: 400, Sent: true, Err: errors.New("cut")}, retry},
		{page(401), stop},
		{page(403), stop},
		{page(404), refused},
		{page(407), stop},
		{page(408), refused},
		{whatsapp.Error{Status: 408}, retry},
		{page(500), unclear},
		{page(504), unclear},
		{page(200), inDoubt},
		{whatsapp.Error{Status: 503}, retry},
		{whatsapp.Error{Status: 200}, retry},
		{whatsapp.Error{Sent: true}, inDoubt},
		{whatsapp.Error{}, retry},
		{whatsapp.Error{Err: whatsapp.ErrUnsendable}, refused},
	} {
		got := *steps.Judge(&test.e)
		if got.Stop != (got.Cause == delivery.CauseAccount) {
			t.Errorf("%+v: stops the run: %t, cause %d", test.e, got.Stop, got.Cause)
		}
		got.Answer, got.Err, got.Cause = delivery.Answer{}, nil, 0
		if got != test.want {
			t.Errorf("%+v: got %+v, want %+v", test.e, got, test.want)
		}
	}
}

// fromSandbox makes a client of a sandbox, over a socket or in memory.
func fromSandbox(t *testing.T, c whatsapp.Config) *whatsapp.Client {
	t.Helper()
	c.Token = whatsapp.Token(sandbox.DefaultToken)
	client, err := whatsapp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// sendOne sends a text and returns the error, if there is one, as the client gives it and as it is judged.
func sendOne(t *testing.T, c *whatsapp.Client) (whatsapp.Sent, *whatsapp.Error, delivery.Result) {
	t.Helper()
	m := whatsapp.Message{To: "+34612345678", Text: &whatsapp.Text{Body: "x"}}
	sent, err := c.Send(t.Context(), sandbox.DefaultPhoneNumberID, m, whatsapp.Gate{})
	if err == nil {
		return sent, nil, accepted
	}
	failure, ok := errors.AsType[*whatsapp.Error](err)
	if !ok {
		t.Fatalf("it fails with %T: %v", err, err)
	}
	v := steps.Judge(failure)
	if v.Ambiguous {
		return sent, failure, ambiguous
	}
	return sent, failure, v.Result
}

// accepted is no judgement: nothing went wrong.
const accepted delivery.Result = 0

// ambiguous stands for a Verdict that is so.
const ambiguous delivery.Result = 200

// Whatever goes wrong: what is judged as not accepted was not accepted, and an id means that it was.
func TestFaultsAreJudged(t *testing.T) {
	for _, test := range []struct {
		fault sandbox.Fault
		want  delivery.Result
	}{
		{sandbox.Fault{Kind: sandbox.FaultError}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultError, Code: 131016}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultError, Code: 190}, delivery.ResultRefused},
		{sandbox.Fault{Kind: sandbox.FaultError, Code: 131045}, delivery.ResultRefused},
		{sandbox.Fault{Kind: sandbox.FaultThrottle}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultThrottle, Code: 80007}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultThrottle, Code: 131056}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultStatus, RetryAfter: 7}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 408}, delivery.ResultRefused},
		{sandbox.Fault{Kind: sandbox.FaultHTML}, ambiguous},
		{sandbox.Fault{Kind: sandbox.FaultHTML, Accepted: true}, ambiguous},
		{sandbox.Fault{Kind: sandbox.FaultHTML, Status: 504}, ambiguous},
		{sandbox.Fault{Kind: sandbox.FaultRefuse}, delivery.ResultNotSent},
		{sandbox.Fault{Kind: sandbox.FaultCut}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultLost}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultCutBody}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultNoID}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultNotJSON}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 3 * time.Second}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: 3 * time.Second}, delivery.ResultInDoubt},
		{sandbox.Fault{Kind: sandbox.FaultLatency, Delay: time.Second}, accepted},
		{sandbox.Fault{Kind: sandbox.FaultNoWaID}, accepted},
	} {
		t.Run(fmt.Sprintf("%s %d %d", test.fault.Kind, test.fault.Code, test.fault.Status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sandbox.New(sandbox.Options{Now: time.Now, Seed: 1, OpenWindow: true})
				if _, err := s.AddFault(test.fault); err != nil {
					t.Fatal(err)
				}
				sent, failure, got := sendOne(t, fromSandbox(t, whatsapp.Config{Transport: s, ConnectTimeout: time.Second, ReadTimeout: 2 * time.Second}))
				synctest.Wait()
				arrived := s.Messages("")
				if got != test.want {
					t.Errorf("got %d, want %d: %v", got, test.want, failure)
				}
				switch got {
				case accepted:
					if len(arrived) != 1 || sent.MessageID != arrived[0].ID {
						t.Errorf("the sandbox accepted %d, the client has %q", len(arrived), sent.MessageID)
					}
				case delivery.ResultNotSent, delivery.ResultRefused:
					if len(arrived) != 0 {
						t.Errorf("judged %d, but the sandbox accepted it", got)
					}
				case delivery.ResultInDoubt, delivery.ResultAccepted, ambiguous:
				}
				if want := time.Duration(test.fault.RetryAfter) * time.Second; want > 0 && failure.RetryAfter != want {
					t.Errorf("got %v", failure)
				}
			})
		})
	}
}

// The same over a socket, where connections are really cut.
func TestFaultsOverSocketAreJudged(t *testing.T) {
	s := sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true, NoPairLimit: true})
	server := httptest.NewServer(s)
	defer server.Close()
	c := fromSandbox(t, whatsapp.Config{BaseURL: server.URL + "/v25.0", ReadTimeout: time.Second, ConnectTimeout: time.Second})
	for kind, want := range map[string]delivery.Result{
		sandbox.FaultCut: delivery.ResultInDoubt, sandbox.FaultLost: delivery.ResultInDoubt, sandbox.FaultCutBody: delivery.ResultInDoubt,
		sandbox.FaultHTML: ambiguous, sandbox.FaultNoID: delivery.ResultInDoubt, sandbox.FaultError: delivery.ResultNotSent,
	} {
		for range 3 {
			if _, err := s.AddFault(sandbox.Fault{Kind: kind}); err != nil {
				t.Fatal(err)
			}
			before := len(s.Messages(""))
			_, failure, got := sendOne(t, c)
			if got != want || !failure.Sent {
				t.Errorf("%s: got %d, %v", kind, got, failure)
			}
			if got := len(s.Messages("")) - before; got > 1 {
				t.Errorf("%s: one call, %d messages", kind, got)
			}
		}
	}
}
