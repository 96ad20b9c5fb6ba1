//go:build linux

package cli_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestIntentsReachTheDiskFirst watches the program's system calls. A kill cannot prove that an intent is on the disk,
// for the system keeps what a dead process wrote; it takes a loss of power to show the difference, or this.
//
// Each delivery's row holds its item's key in clear, and the first write to the ledger's log that shows the key is the
// one of its intent. The rule: when a request is handed to a socket, the first log write that holds its person's key
// has returned, and after that a sync of the log has begun and returned without an error.
func TestIntentsReachTheDiskFirst(t *testing.T) {
	t.Parallel()
	const people = 200
	strace := tracer(t)
	p := newProof(t, terms{people: people, throughput: 1000})
	story := filepath.Join(t.TempDir(), "story")
	command := append([]string{
		strace, "-f", "-y", "-s", "16384", "-o", story, "-e", "trace=pwrite64,pwritev,fsync,fdatasync,write,writev,sendto,sendmsg",
		"waybill",
	}, append(p.apply(), "--state", p.state)...)
	launch(t, command, filepath.Dir(p.job), p.env).want(0)
	p.nobodyTwice()

	seen := readStory(t, story)
	t.Logf("%d requests, %d writes to the log, %d syncs of it", seen.requests, seen.writes, seen.syncs)
	if seen.requests != people || seen.writes == 0 || len(seen.durable) != people {
		t.Errorf("seen were %d requests, %d writes to the log and %d keys on the disk; want %d, some and %d",
			seen.requests, seen.writes, len(seen.durable), people, people)
	}
	for _, v := range seen.violations {
		t.Errorf("the request for %s left before its intent was on the disk", v)
	}
	p.everybodyOnce()
}

// story is what strace saw, in order.
type story struct {
	requests, writes, syncs int
	violations              []string

	unsynced map[string]bool   // keys in log writes that returned
	durable  map[string]bool   // keys that a sync covered that began after that and returned
	begun    map[string]effect // by thread: a call that has not returned
}

// effect is what a call does once it returned.
type effect struct {
	keys []string
	sync bool
}

var (
	callBegins  = regexp.MustCompile(`^(\d+) +(\w+)\(\d+<([^>]*)>`)
	callResumes = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>`)
	keyInside   = regexp.MustCompile(`person-(\d{5})-`)
	toInside    = regexp.MustCompile(`"to\\":\\"\+346000(\d{5})\\".*biz_opaque_callback_data`)
)

func readStory(t *testing.T, path string) *story {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s := &story{unsynced: map[string]bool{}, durable: map[string]bool{}, begun: map[string]effect{}}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		s.line(lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *story) line(line string) {
	if m := callResumes.FindStringSubmatch(line); m != nil {
		e := s.begun[m[1]]
		delete(s.begun, m[1])
		s.returned(e, line)
		return
	}
	m := callBegins.FindStringSubmatch(line)
	if m == nil {
		return
	}
	thread, call, file := m[1], m[2], m[3]
	var e effect
	switch {
	case strings.HasSuffix(file, "-wal") && strings.Contains(call, "sync"):
		s.syncs++
		e.sync = true
		for key := range s.unsynced {
			e.keys = append(e.keys, key)
		}
	case strings.HasSuffix(file, "-wal"):
		s.writes++
		for _, key := range keyInside.FindAllStringSubmatch(line, -1) {
			e.keys = append(e.keys, key[1])
		}
	default:
		if to := toInside.FindStringSubmatch(line); to != nil {
			s.requests++
			if !s.durable[to[1]] {
				s.violations = append(s.violations, person5(to[1]))
			}
		}
		return
	}
	if strings.HasSuffix(line, "<unfinished ...>") {
		s.begun[thread] = e
		return
	}
	s.returned(e, line)
}

func person5(digits string) string { return "person-" + digits }

// returned lets a call take effect.
func (s *story) returned(e effect, line string) {
	failed := strings.Contains(line[max(0, len(line)-80):], "= -1 ")
	for _, key := range e.keys {
		switch {
		case failed:
		case e.sync:
			s.durable[key] = true
			delete(s.unsynced, key)
		case !s.durable[key]:
			s.unsynced[key] = true
		}
	}
}
