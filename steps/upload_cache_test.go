package steps_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// media counts the uploads of each file, by its first line.
type media struct {
	mu      sync.Mutex
	uploads map[string]int
	slow    string // takes its time
}

func (m *media) answer(_ int, r asked) (int, string) {
	if !strings.HasSuffix(r.Path, "/media") {
		return 200, `{"messages":[{"id":"wamid.B"}]}`
	}
	_, name, _ := strings.Cut(r.Body, `filename="`)
	name, _, _ = strings.Cut(name, `"`)
	m.mu.Lock()
	m.uploads[name]++
	m.mu.Unlock()
	if name == m.slow {
		time.Sleep(time.Minute)
	}
	return 200, `{"id":"id-of-` + name + `"}`
}

// attachments runs one job that sends these files, each to somebody else.
func attachments(t *testing.T, concurrency int, slow string, files []string) map[string]int {
	t.Helper()
	h := newHarness(t)
	m := &media{uploads: map[string]int{}, slow: slow}
	h.wire.answer = m.answer
	var items []string
	for i, name := range files {
		h.file(name, pdf+name)
		items = append(items, fmt.Sprintf(`{ to: "+3460000%04d", file: %s }`, i, name))
	}
	_, s := h.run(fmt.Sprintf(`
  - forEach: { items: [%s], key: "${{ item.to }}", concurrency: %d }
    sendMedia: { to: "${{ item.to }}", file: "${{ item.file }}", mediaType: document, throughput: 1000000, readTimeout: 10m }`,
		strings.Join(items, ", "), concurrency))
	if s.Run.Counts.Succeeded != len(files) {
		t.Fatalf("counts %+v, errors %v", s.Run.Counts, s.Errors)
	}
	for _, r := range h.wire.asked {
		if strings.HasSuffix(r.Path, "/messages") && !strings.Contains(r.Body, `"id":"id-of-`) {
			t.Errorf("sent %s", r.Body)
		}
	}
	return m.uploads
}

// others are n files of their own.
func others(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("p%d.pdf", i))
	}
	return names
}

// A run that sends each person a file of their own does not remember them all; what is asked for in between stays.
func TestOldUploadsAreForgotten(t *testing.T) {
	files := []string{"early.pdf"}
	for i, name := range others(1100) {
		files = append(files, name)
		if i%500 == 0 {
			files = append(files, "often.pdf")
		}
	}
	files = append(files, "often.pdf", "p1099.pdf", "p200.pdf", "early.pdf")
	got := attachments(t, 1, "", files)
	for name, want := range map[string]int{"often.pdf": 1, "p1099.pdf": 1, "p200.pdf": 1, "early.pdf": 2} {
		if got[name] != want {
			t.Errorf("%s was uploaded %d times, want %d", name, got[name], want)
		}
	}
}

// A file on its way is not forgotten, however many others go up meanwhile: who wants it waits.
func TestAnUploadInFlightIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := append([]string{"slow.pdf", "slow.pdf"}, others(1100)...)
		got := attachments(t, 4, "slow.pdf", append(files, "slow.pdf"))
		if got["slow.pdf"] != 1 || len(got) != 1101 {
			t.Errorf("the slow file was uploaded %d times; %d files", got["slow.pdf"], len(got))
		}
	})
}

// An id that is gone is uploaded again, and the message tried once more; nobody gets it twice.
func TestAMediumThatIsGone(t *testing.T) {
	const missing = `{"error":{"message":"Unsupported post request. Object with ID 'ID' does not exist","code":100,"error_subcode":33}}`
	const unfit = `{"error":{"message":"(#131053) Media upload error","code":131053}}`
	for _, c := range []struct {
		name, refusal  string
		gone           int // so many ids are not taken
		uploads, sends int
		succeeds       bool
	}{
		{"once", missing, 1, 2, 2, true},
		{"once, by its own code", unfit, 1, 2, 2, true},
		{"again and again", missing, 9, 2, 2, false},
		{"another object", strings.Replace(missing, "'ID'", "'555'", 1), 9, 1, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t)
				h.file("a.pdf", pdf)
				uploads, sends := 0, 0
				h.wire.answer = func(_ int, r asked) (int, string) {
					if strings.HasSuffix(r.Path, "/media") {
						uploads++
						return 200, fmt.Sprintf(`{"id":"id-%d"}`, uploads)
					}
					sends++
					if strings.Contains(r.Body, fmt.Sprintf(`"id":"id-%d"`, uploads)) && uploads <= c.gone {
						return 400, strings.Replace(c.refusal, "'ID'", fmt.Sprintf("'id-%d'", uploads), 1)
					}
					return 200, `{"messages":[{"id":"wamid.B"}]}`
				}
				_, s := h.run("\n  - sendMedia: { to: +34600000001, file: a.pdf, mediaType: document }\n    retry: { attempts: 4 }")
				if uploads != c.uploads || sends != c.sends || s.Run.Counts.Succeeded == 1 != c.succeeds {
					t.Errorf("%d uploads and %d sends, want %d and %d; counts %+v", uploads, sends, c.uploads, c.sends, s.Run.Counts)
				}
			})
		})
	}
}

// Numbers without storage keep a medium for an hour, so that an id is not used for longer than that.
func TestAnOldUploadIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		m := &media{uploads: map[string]int{}}
		h.wire.answer = func(n int, r asked) (int, string) {
			if strings.HasSuffix(r.Path, "/messages") {
				time.Sleep(20 * time.Minute)
			}
			return m.answer(n, r)
		}
		h.file("a.pdf", pdf)
		_, s := h.run(`
  - forEach: { items: ["+34600000001", "+34600000002", "+34600000003", "+34600000004"], key: "${{ item }}", concurrency: 1 }
    sendMedia: { to: "${{ item }}", file: a.pdf, mediaType: document, readTimeout: 30m }`)
		if s.Run.Counts.Succeeded != 4 || m.uploads["a.pdf"] != 2 {
			t.Errorf("%d uploads, want 2; counts %+v, errors %v", m.uploads["a.pdf"], s.Run.Counts, s.Errors)
		}
	})
}
