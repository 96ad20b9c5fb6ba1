package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// emulator answers a send with an id, and enforces a rate over any second when it has one.
type emulator struct {
	rate    int
	latency time.Duration

	mu       sync.Mutex
	accepted int
	refused  int
	most     int
	second   []time.Time   // arrivals of the last second
	kept     *bufio.Writer // a line for each message; nil: none is kept
}

// serve answers on a port of its own until its input ends; then it prints what it saw.
func serve(o options, in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e := &emulator{rate: o.rate, latency: o.latency}
	if o.webhooks {
		file, err := os.Create(acceptedFile(o.dir))
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // flushed below, where it counts
		e.kept = bufio.NewWriter(file)
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	fmt.Fprintln(out, listener.Addr())
	_, _ = io.Copy(io.Discard, in) // the parent closes it
	e.mu.Lock()
	defer e.mu.Unlock()
	fmt.Fprintln(out, e.accepted, e.refused, e.most)
	if e.kept != nil {
		err = e.kept.Flush()
	}
	return errors.Join(err, server.Close())
}

func (e *emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n, ok := e.admit(time.Now())
	time.Sleep(e.latency)
	w.Header().Set("Content-Type", "application/json")
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"(#130429) Rate limit hit","type":"OAuthException","code":130429}}`)
		return
	}
	to := textOf(body, `"to":"+`)
	id := messageID(to, n)
	if e.kept != nil {
		e.mu.Lock()
		fmt.Fprintf(e.kept, "%s\t%s\t%s\n", id, to, textOf(body, `"biz_opaque_callback_data":"`))
		e.mu.Unlock()
	}
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":"+%s","wa_id":"%s"}],"messages":[{"id":"%s"}]}`, to, to, id)
}

// messageID is an id as WhatsApp makes them: the number that the message went to, and a number of its own.
func messageID(to []byte, n int) string {
	raw := fmt.Appendf(nil, "\x1c\x18%c%s\x15\x02\x00\x11\x18\x125E1B7C2D90%08X\x00", len(to), to, n)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

// textOf returns what stands in a request behind a text, until the next quote.
func textOf(body []byte, behind string) []byte {
	_, rest, _ := bytes.Cut(body, []byte(behind))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	return text
}

// admit counts an arrival, and says whether the second before it had room.
func (e *emulator) admit(now time.Time) (n int, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rate > 0 {
		for len(e.second) > 0 && now.Sub(e.second[0]) >= time.Second {
			e.second = e.second[1:]
		}
		if len(e.second) >= e.rate {
			e.refused++
			return 0, false
		}
		e.second = append(e.second, now)
		e.most = max(e.most, len(e.second))
	}
	e.accepted++
	return e.accepted, true
}
