package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// question is asked on the terminal before something is done that cannot be undone. Only a yes goes on.
type question struct {
	text    string // what would be done, in whole sentences
	prompt  string // what is asked about it; empty: text asks already
	undone  string // what a no keeps from happening: "sent", "changed"
	allowed string // how a command line says yes where there is no terminal
	hint    string // what else may help there; may be empty
}

// nothing says what became of it after a no.
func (q question) nothing() string { return "nothing was " + q.undone }

// askToSend asks before people are messaged.
func (a *app) askToSend(ctx context.Context, text string) error {
	return a.ask(ctx, question{
		text: text, prompt: "Go on?", undone: "sent", allowed: "say --yes to allow it", hint: "waybill plan shows what would be sent",
	})
}

// askToChange asks before something is changed for good.
func (a *app) askToChange(ctx context.Context, text string) error {
	return a.ask(ctx, question{text: text, prompt: "Go on?", undone: "changed", allowed: "say --yes to allow it"})
}

// ask waits for a yes on the terminal. Where there is none the question is refused: only the command line can answer it there.
func (a *app) ask(ctx context.Context, q question) error {
	if !a.env.Terminal.In || !a.env.Terminal.Err {
		return usageError(fmt.Sprintf("%s Nothing was %s: %s", q.text, q.undone, q.allowed), q.hint)
	}
	fmt.Fprint(a.err, strings.TrimSpace(q.text+" "+q.prompt)+" [y/N] ")
	if err := a.err.Flush(); err != nil {
		return err
	}
	answer, err := a.answer(ctx, q)
	if err != nil {
		return err
	}
	switch answer {
	case "y", "yes":
		return nil
	}
	return usageError(q.nothing(), "")
}

// answer reads a line of standard input, in lower case. Ctrl-C is a no.
func (a *app) answer(ctx context.Context, q question) (string, error) {
	type line struct {
		text string
		err  error
	}
	lines := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(a.env.Stdin).ReadString('\n')
		lines <- line{text, err}
	}()
	select {
	case l := <-lines:
		if l.err != nil && !errors.Is(l.err, io.EOF) {
			return "", fmt.Errorf("read the answer: %w", l.err)
		}
		return strings.ToLower(strings.TrimSpace(l.text)), nil
	case <-ctx.Done():
		fmt.Fprintln(a.err)
		return "", &ExitError{Code: ExitInterrupted, Err: errors.New("interrupted: " + q.nothing())}
	}
}
