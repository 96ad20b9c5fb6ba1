package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// loop is the least that sends the same messages with the same durable writes: a row is read, its intent is
// committed, its request made, its outcome handed over. It knows no jobs, expressions, retries or limits. Without a ledger it is what
// the requests alone cost.
func loop(ctx context.Context, o options) error {
	var kept *ledger
	if o.part == partLoop {
		var err error
		wait := gather
		if o.rate > 0 {
			wait = tick
		}
		if kept, err = openLedger(ctx, filepath.Join(o.dir, "loop.db"), wait); err != nil {
			return err
		}
	}
	err := sendRows(ctx, o, kept)
	if kept != nil {
		err = errors.Join(err, kept.close())
	}
	return err
}

// sendRows sends each row of the file.
func sendRows(ctx context.Context, o options, kept *ledger) error {
	file, err := os.Open(filepath.Join(o.dir, "people.csv"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // opened for reading
	workers := o.workers
	if o.rate > 0 {
		workers = max(workers, o.rate/2)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers}}
	rows := make(chan []string, workers)
	failed := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			s := sender{client: client, address: o.address, kept: kept, durable: make(chan error, 1)}
			for row := range rows {
				if err := s.row(ctx, row); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err = feed(csv.NewReader(file), rows, failed, o.rate)
	close(rows)
	group.Wait()
	return err
}

// feed hands rows on, at the rate if there is one.
func feed(from *csv.Reader, rows chan<- []string, failed <-chan error, rate int) error {
	if _, err := from.Read(); err != nil {
		return err
	}
	next := time.Now()
	for {
		row, err := from.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rate > 0 {
			if early := time.Until(next); early > tick {
				time.Sleep(early)
			}
			if now := time.Now(); next.Before(now) {
				next = now // what was lost is not caught up: the server would refuse it
			}
			next = next.Add(time.Duration(float64(time.Second) / (0.98 * float64(rate))))
		}
		select {
		case rows <- row:
		case err := <-failed:
			return err
		}
	}
}

type parameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type component struct {
	Type       string      `json:"type"`
	Parameters []parameter `json:"parameters"`
}

type message struct {
	Product   string   `json:"messaging_product"`
	Recipient string   `json:"recipient_type"`
	To        string   `json:"to"`
	Callback  string   `json:"biz_opaque_callback_data"`
	Type      string   `json:"type"`
	Template  template `json:"template"`
}

type template struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []component `json:"components"`
}

// sender is one of those that send side by side.
type sender struct {
	client  *http.Client
	address string
	kept    *ledger // nil: nothing is
	durable chan error
	sent    int64 // without a ledger
}

// row sends one row.
func (s *sender) row(ctx context.Context, row []string) error {
	id, err := s.intend(row)
	if err != nil {
		return err
	}
	m := message{Product: "whatsapp", Recipient: "individual", To: row[1], Callback: fmt.Sprint("wb1.", id), Type: "template"}
	m.Template.Name, m.Template.Language.Code = "appointment_reminder", "es"
	body := component{Type: "body"}
	for _, text := range row[2:6] {
		body.Parameters = append(body.Parameters, parameter{"text", text})
	}
	m.Template.Components = []component{body}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	got, err := post(ctx, s.client, s.address, text)
	if err != nil || s.kept == nil {
		return err
	}
	_, err = s.kept.write(record{id: id, message: got})
	return err
}

// intend returns when the intent is on disk.
func (s *sender) intend(row []string) (id int64, err error) {
	if s.kept == nil {
		s.sent++
		return s.sent, nil
	}
	if id, err = s.kept.write(record{key: row[0], to: row[1], durable: s.durable}); err != nil {
		return 0, err
	}
	return id, <-s.durable
}

// post makes the request, and makes it again a little later when the server found it too early: a busy machine bunches
// what was paced. It returns the message's id.
func post(ctx context.Context, client *http.Client, address string, text []byte) (string, error) {
	const most = 100
	for range most {
		id, status, err := request(ctx, client, address, text)
		if err != nil || id != "" {
			return id, err
		}
		if status != http.StatusBadRequest {
			return "", fmt.Errorf("HTTP %d without an id", status)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", fmt.Errorf("refused %d times", most)
}

// request makes one request: an id, or the status of an answer without one.
func request(ctx context.Context, client *http.Client, address string, text []byte) (id string, status int, err error) {
	url := "http://" + address + "/v23.0/106540352242922/messages"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return "", 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer EAAG-of-the-benchmark")
	response, err := client.Do(request)
	if err != nil {
		return "", 0, err
	}
	var answer struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	err = errors.Join(json.NewDecoder(response.Body).Decode(&answer), response.Body.Close())
	if err == nil && len(answer.Messages) > 0 {
		id = answer.Messages[0].ID
	}
	return id, response.StatusCode, err
}
