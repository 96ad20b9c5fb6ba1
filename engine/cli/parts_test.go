package cli

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/pflag"

	"waybill/engine"
	"waybill/engine/runner"
)

// fickle is an engine that is not always there.
type fickle struct {
	connects []error // of each try; then it is reached
	works    []error // of each work; then it works until ctx ends
	worked   int
}

func (*fickle) Name() string        { return "fickle" }
func (*fickle) Bind(*pflag.FlagSet) {}
func (*fickle) Close()              {}

func (f *fickle) Connect(context.Context, EngineEnv) (EngineConnection, error) {
	if len(f.connects) > 0 {
		err := f.connects[0]
		f.connects = f.connects[1:]
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (*fickle) Drive(context.Context, DrivenRun) (Driven, error) { return Driven{}, nil }

func (f *fickle) Work(ctx context.Context, _ string, _ []string, _ Parts) error {
	if f.worked++; len(f.works) == 0 {
		<-ctx.Done()
		return nil
	}
	err := f.works[0]
	f.works = f.works[1:]
	return err
}

// TestStay has a worker's engine not be there, be lost between connecting and working, and be lost for good in the middle of the work: the
// worker says so each time and tries again, at first soon. What the user got wrong ends it.
func TestStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		w := &worker{app: newApp(Env{
			Now: time.Now, Stdout: &said, Stderr: &said, LookupEnv: func(string) (string, bool) { return "", false },
		})}
		ctx, end := context.WithTimeout(t.Context(), time.Hour)
		defer end()
		e := &fickle{connects: []error{errors.New("not there"), nil}, works: []error{errors.New("lost")}}
		work := func(c EngineConnection) error {
			if e.worked == 1 {
				time.Sleep(time.Minute)
				e.worked++
				return errors.New("its namespace is gone")
			}
			return c.Work(ctx, "", nil, nil)
		}
		if err := w.stay(ctx, e, work); err != nil {
			t.Errorf("it ends with %v", err)
		}
		want := "waiting: not there; the next try is in 1s\nwaiting: lost; the next try is in 2s\nwaiting: its namespace is gone; the next try is in 1s\n"
		if got := said.String(); got != want {
			t.Errorf("it said\n%swant\n%s", got, want)
		}
		wrong := usageError("the address is no address", "")
		if err := w.stay(ctx, &fickle{connects: []error{wrong}}, work); !errors.Is(err, wrong) {
			t.Errorf("it ends with %v", err)
		}
	})
}

// TestCrew has parts of several stages asked for, and the run come to them.
func TestCrew(t *testing.T) {
	now := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	p := &parts{worker: &worker{app: &app{env: Env{Now: func() time.Time { return now }}}}, crews: map[string]*crew{}, start: func(*crew) {}}
	open := engine.Lease{Open: []int{3, 4, 5}, Held: []int{4}}
	second := runner.Stage{Number: 1}
	for at, want := range map[stagePart]PartEnd{
		{0, 63}:    {Done: true}, // it is over
		{1, 2}:     {Done: true}, // whoever did it
		{1, 4}:     {Held: true},
		{1, begun}: {Done: true},
		{2, 0}:     {Before: true}, // the run was taken up anew
		{2, begun}: {Before: true},
		{1, 3}:     {},
	} {
		c, s := p.sit("run", at)
		if stays, err := c.Stands(second, open); err != nil || !stays {
			t.Errorf("%v: it stays %v, %v", at, stays, err)
		}
		if s.end != want {
			t.Errorf("%v: it ended as %+v, want %+v", at, s.end, want)
		}
	}
	c, s := p.sit("run", stagePart{2, 7})
	if got := c.Parts(second); len(got) != 1 || got[0] != 3 {
		t.Errorf("of the second stage it takes %v", got)
	}
	if _, err := c.Stands(second, engine.Lease{}); err != nil || s.end != (PartEnd{}) {
		t.Errorf("on the way to its stage it ended as %+v, %v", s.end, err)
	}
	if got := c.Parts(runner.Stage{Number: 5}); got == nil || len(got) > 0 {
		t.Errorf("of a stage that nobody asked for it takes %v", got)
	}
	clear(c.seats)
	now = now.Add(crewIdle)
	if stays, _ := c.Stands(second, engine.Lease{Open: []int{3}, Has: []int{3}}); !stays {
		t.Error("it leaves with a part")
	}
	if stays, _ := c.Stands(second, open); stays {
		t.Error("nobody asks for a part, and it stays")
	}
}
