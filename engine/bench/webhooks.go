package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	appSecret = "secret-of-the-benchmark"
	// readyFor is how long a receiver may take to start.
	readyFor = 30 * time.Second
)

// acceptedFile is where the server keeps what it accepted: id, recipient and callback, a line a message.
func acceptedFile(dir string) string { return filepath.Join(dir, "accepted.tsv") }

// webhooks sends n messages, then has as many processes as asked receive a signed webhook for each, and prints how fast they took them,
// as the sender sees it. Each must be in the ledger at the end.
func (s *shared) webhooks(ctx context.Context, n int, out io.Writer) error {
	if err := writeRows(s.dir, n); err != nil {
		return err
	}
	sender := *s
	sender.o.processes = 1
	if _, _, err := sender.run(ctx, n, sender.applyProcess, false); err != nil {
		return err
	}
	s.databases = sender.databases
	url := s.server.URL(fmt.Sprint("bench_", s.databases))
	bodies, err := s.statuses()
	if err != nil {
		return err
	}
	receivers, err := s.receivers(ctx, url)
	if err != nil {
		return err
	}
	before, err := s.spent(ctx, url, receivers)
	if err != nil {
		return errors.Join(err, receivers.stop())
	}
	began := time.Now()
	took, err := receivers.post(ctx, bodies, s.o.workers)
	wall := time.Since(began)
	after, spentErr := s.spent(ctx, url, receivers)
	if err := errors.Join(err, spentErr, receivers.stop()); err != nil {
		return err
	}
	slices.Sort(took)
	per10k := func(of func(spent) time.Duration) float64 {
		return (of(after) - of(before)).Seconds() / float64(n) * 10_000
	}
	fmt.Fprintf(out, "%d webhooks to %d receivers, %d at the same time, ledger in PostgreSQL\n", n, s.o.processes, s.o.workers)
	fmt.Fprintf(out, "%.0f/s; half took less than %s, 99 of 100 less than %s; %.1f a group\n", float64(n)/wall.Seconds(),
		took[n/2].Round(100*time.Microsecond), took[n*99/100].Round(100*time.Microsecond), float64(n)/float64(after.groups-before.groups))
	fmt.Fprintf(out, "CPU s/10,000: receivers %.3f, their server %.3f, who sends them %.3f\n", per10k(func(s spent) time.Duration { return s.receivers }),
		per10k(func(s spent) time.Duration { return s.server }), per10k(func(s spent) time.Duration { return s.sender }))
	return recorded(ctx, url, n)
}

// spent is what was spent until now: processor time, and groups that were written.
type spent struct {
	receivers, server, sender time.Duration
	groups                    int64
}

func (s *shared) spent(ctx context.Context, url string, r *receivers) (sum spent, err error) {
	if sum.server, err = serverCPU(s.server.Dir); err != nil {
		return sum, err
	}
	for _, c := range r.commands {
		n, _, err := ticks(strconv.Itoa(c.Process.Pid), false)
		if err != nil {
			return sum, err
		}
		sum.receivers += clockTick * time.Duration(n)
	}
	own, _, err := ticks("self", false)
	if err != nil {
		return sum, err
	}
	sum.sender = clockTick * time.Duration(own)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return sum, err
	}
	err = conn.QueryRow(ctx, `SELECT sum(groups)::int8 FROM waybill.process`).Scan(&sum.groups)
	return sum, errors.Join(err, conn.Close(ctx))
}

// statuses are the bodies that say of each message that it was delivered.
func (s *shared) statuses() ([][]byte, error) {
	file, err := os.Open(acceptedFile(s.dir))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // opened for reading
	var bodies [][]byte
	lines := bufio.NewScanner(file)
	for now := time.Now().Unix(); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("%s: %q has no three fields", file.Name(), lines.Text())
		}
		bodies = append(bodies, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":`+
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[`+
			`{"id":"%s","status":"delivered","timestamp":"%d","recipient_id":"%s","biz_opaque_callback_data":"%s",`+
			`"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}}]},"field":"messages"}]}]}`,
			fields[0], now, fields[1], fields[2]))
	}
	return bodies, lines.Err()
}

// receivers are processes that receive webhooks.
type receivers struct {
	commands  []*exec.Cmd
	addresses []string
}

// receivers starts as many as asked and waits until each is ready.
func (s *shared) receivers(ctx context.Context, url string) (*receivers, error) {
	r := &receivers{}
	for range s.o.processes {
		address, err := freeAddress()
		if err != nil {
			return nil, errors.Join(err, r.stop())
		}
		command := exec.CommandContext(ctx, s.program, "serve", "--listen", address, "--state", url)
		command.Dir = s.dir
		command.Env = append(os.Environ(), "WHATSAPP_APP_SECRET="+appSecret, "WHATSAPP_VERIFY_TOKEN=verify")
		command.Stdout, command.Stderr = io.Discard, io.Discard
		if err := command.Start(); err != nil {
			return nil, errors.Join(err, r.stop())
		}
		r.commands, r.addresses = append(r.commands, command), append(r.addresses, address)
		if err := awaitReady(ctx, address); err != nil {
			return nil, errors.Join(err, r.stop())
		}
	}
	return r, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func awaitReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, readyFor)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil && errors.Join(answer.Body.Close()) == nil && answer.StatusCode == http.StatusOK {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the receiver at %s is not ready: %w", address, errors.Join(err, ctx.Err()))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// stop ends them in order.
func (r *receivers) stop() error {
	var errs []error
	for _, c := range r.commands {
		errs = append(errs, c.Process.Signal(syscall.SIGTERM), c.Wait())
	}
	return errors.Join(errs...)
}

// post sends each body to one of the receivers in turn, so many at the same time, and returns how long each took.
func (r *receivers) post(ctx context.Context, bodies [][]byte, workers int) ([]time.Duration, error) {
	took := make([]time.Duration, len(bodies))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	failed := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for n := w; n < len(bodies) && failed[w] == nil; n += workers {
				began := time.Now()
				failed[w] = deliver(ctx, client, r.addresses[n%len(r.addresses)], bodies[n])
				took[n] = time.Since(began)
			}
		})
	}
	group.Wait()
	return took, errors.Join(failed...)
}

func deliver(ctx context.Context, client *http.Client, address string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/webhooks", bytes.NewReader(body))
	if err != nil {
		return err
	}
	sum := hmac.New(sha256.New, []byte(appSecret))
	_, _ = sum.Write(body) // of a hash, it never fails
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("a webhook was answered %s", answer.Status)
	}
	return err
}

// recorded looks whether the ledger holds what every webhook said.
func recorded(ctx context.Context, url string, n int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	var found int
	err = conn.QueryRow(ctx, `SELECT count(*) FROM waybill.status s JOIN waybill.delivery d ON d.id = s.delivery AND d.status_at IS NOT NULL`).Scan(&found)
	if err = errors.Join(err, conn.Close(ctx)); err == nil && found != n {
		err = fmt.Errorf("the ledger knows of %d statuses, %d were sent", found, n)
	}
	return err
}
