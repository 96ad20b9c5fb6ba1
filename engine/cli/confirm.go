package cli

import (
	"context"
	"errors"

	"waybill/engine/report"
	"waybill/engine/runner"
	"waybill/engine/wording"
)

// askAbove is how many people may be messaged without --yes.
const askAbove = 100

// confirm asks before many people are messaged, and returns how many messages that are at most; zero when it did
// not need to count. In the sandbox nobody is messaged and nothing is asked; it counts for the live line alone.
func (s *session) confirm(ctx context.Context, requests []runner.Request) (int, error) {
	if s.flags.again.chosen().Asked() {
		return s.confirmAgain(ctx, requests)
	}
	asks := !s.flags.sandbox && !s.flags.yes
	watched := s.app.live() && !s.app.quiet
	if !asks && !watched || !needsCount(requests) {
		return 0, nil
	}
	people, price, all, err := s.countAll(ctx, requests)
	switch {
	case err != nil:
		return 0, err
	case !asks || all && people <= askAbove:
		return people, nil
	case !all:
		// Items that a step finds cannot be counted beforehand.
		return 0, s.app.askToSend(ctx, "The items of a step are not known before the run, so nobody can say how many people will be messaged.")
	}
	return people, s.app.askToSend(ctx, wording.People(people)+" will be messaged"+s.sentAs(ctx, requests)+price+".")
}

// countAll counts whom the requests would reach, by the ledger as it is now. price says what it can cost, where there are rate cards; all
// that nobody beside those people is messaged.
func (s *session) countAll(ctx context.Context, requests []runner.Request) (people int, price string, all bool, err error) {
	done, err := s.openBeforeSending()
	if err != nil {
		return 0, "", false, err
	}
	defer func() { err = errors.Join(err, done()) }()
	all = true
	for i, req := range requests {
		counted, err := s.count(ctx, req)
		if err != nil {
			return 0, "", false, err
		}
		requests[i].Counted = &counted
		people, all = people+counted.People, all && !counted.Unknown
		price += report.CostOf(counted.Cost)
	}
	return people, price, all, nil
}

// count counts whom a request would reach. A saved plan says it, and is held against the rows when it is applied.
func (s *session) count(ctx context.Context, req runner.Request) (runner.Audience, error) {
	if req.Expect != nil {
		return req.Expect.Audience(), nil
	}
	return s.engine(nil).Count(ctx, req)
}

// needsCount: a job without a forEach that has few steps cannot reach many.
func needsCount(requests []runner.Request) bool {
	senders := 0
	for _, req := range requests {
		n, repeated := req.Job.Senders()
		if repeated {
			return true
		}
		senders += n
	}
	return senders > askAbove
}
