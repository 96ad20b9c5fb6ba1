package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
)

type sandboxOptions struct {
	listen, webhook, acceptLog, asOf, format string
	speed                                    float64
	window, sample                           bool
	throughput, answers, numbers             int
}

func (a *app) sandboxCommand() *cobra.Command {
	o := sandboxOptions{}
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve an emulator of WhatsApp's Cloud API",
		Long: `Serves the emulator until it is interrupted, and prints the token and the number id that it takes. Nobody is messaged.
GET /__sandbox/messages lists what it accepted; POST /__sandbox/faults and the others drive it.`,
		Example: `  waybill sandbox
  waybill sandbox --listen 127.0.0.1:0 -o json
  curl -s 127.0.0.1:9090/__sandbox/faults -d '{"kind":"throttle","times":2}'
` + listLevers(),
		Args: exactly(),
	}
	flags := c.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9090", "`ADDR` to serve on; port 0 takes a free one")
	flags.StringVar(&o.webhook, "webhook", "", "`URL` that gets the signed webhooks")
	flags.StringVar(&o.acceptLog, "accept-log", "", "`FILE` that gets one JSON line for each accepted message")
	flags.StringVar(&o.asOf, "as-of", "", "`DATE` (YYYY-MM-DD) whose rules the platform goes by: user ids, prices (default the end of 2026)")
	flags.Float64Var(&o.speed, "speed", 1, "how many times faster than in life statuses come and windows close")
	flags.BoolVar(&o.window, "service-window", false, "keep the 24-hour rule: free-form messages to people who did not write first fail")
	flags.BoolVar(&o.sample, "sample-analytics", false, "add invented figures to the analytics")
	flags.IntVar(&o.throughput, "throughput", 0, "messages a second (default 80; below 0: no limit)")
	flags.IntVar(&o.answers, "answers", 0, "people answer each `N`th message that reaches them; 0: nobody does")
	flags.IntVar(&o.numbers, "numbers", 1, "how many business numbers there are, up to 100; their ids follow each other")
	bindFormat(c, &o.format, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error { return a.sandbox(c.Context(), o) }
	return c
}

// listLevers is the list of what the sandbox does when it is asked to, in lines that fit a terminal.
func listLevers() string {
	var b strings.Builder
	b.WriteString("\nLevers, by the end of the recipient's number or by POST /__sandbox/NAME JSON:\n")
	for _, lever := range sandbox.Levers() {
		b.WriteString(strings.TrimRight(fmt.Sprintf("  %-50s %s", lever.What, lever.Number), " ") + "\n")
		if lever.Call != "" {
			fmt.Fprintf(&b, "      %s\n", lever.Call)
		}
	}
	return b.String()
}

func (a *app) sandbox(ctx context.Context, o sandboxOptions) (err error) {
	if o.speed <= 0 {
		return usageError("--speed is above 0", "")
	}
	if o.numbers < 1 || o.numbers > embeddedNumbers {
		return usageError(fmt.Sprintf("--numbers is 1 to %d", embeddedNumbers), "")
	}
	asOf, err := readAsOf(o.asOf)
	if err != nil {
		return err
	}
	options := sandbox.Options{
		AsOf: asOf, Numbers: o.numbers,
		Now: a.env.Now, Speed: o.speed, OpenWindow: !o.window, SampleAnalytics: o.sample, Throughput: o.throughput,
		WebhookURL: o.webhook, Answers: sandbox.Answers{Every: o.answers}, Log: a.log(a.err),
	}
	if o.acceptLog != "" {
		file, err := os.OpenFile(o.acceptLog, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return usageError(fmt.Sprintf("--accept-log: %v", err), "")
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		options.AcceptLog = io.Writer(file)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return usageError(fmt.Sprintf("--listen %s: %v", o.listen, err), "choose another: --listen 127.0.0.1:0 takes a free port")
	}
	box := sandbox.New(options)
	if err := a.writeSandbox(o.format, listener.Addr().String(), box.PhoneNumberIDs()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serveSandbox(ctx, listener, box)
}

// readAsOf reads --as-of; empty is the zero time.
func readAsOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, usageError(fmt.Sprintf("--as-of %s is no day", text), "write it as 2025-06-01")
	}
	return day, nil
}

func (a *app) writeSandbox(format, address string, numbers []string) error {
	card := sandboxCard(address)
	card.PhoneNumberIDs = numbers
	if format == "json" {
		return report.WriteJSON(a.out, card)
	}
	return report.WriteSandbox(a.out, card, a.paintOut())
}

// serveSandbox answers requests and delivers webhooks until ctx ends.
func serveSandbox(ctx context.Context, listener net.Listener, box *sandbox.Server) error {
	const patience = 5 * time.Second
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	var background sync.WaitGroup
	defer background.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	background.Go(func() { _ = box.Run(ctx) }) // ends with ctx, and has nothing else to say
	background.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the sandbox: %w", err)
	}
	return nil
}
