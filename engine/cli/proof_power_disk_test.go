//go:build linux

package cli_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tracer is the path of strace, where it is here and may trace.
func tracer(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not here (Debian: apt-get install strace)")
	}
	if out, err := exec.Command(strace, "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %v %s", err, out)
	}
	return strace
}

// event is what one system call did to the disk, or the request that it handed to a socket.
type event struct {
	call   string // open, write, truncate, sync, unlink, rename; syncs: where a sync began
	path   string
	onto   string // of rename
	data   []byte // of write
	at     int64  // of write: the place; of truncate: the size; -1: at the end
	thread string // of sync and syncs
	to     string // of a request: the number that it is for
}

// watched applies the job under strace and returns what it did, in order.
func (p *proof) watched(strace string) []event {
	p.Helper()
	path := filepath.Join(p.TempDir(), "story")
	command := append([]string{
		strace, "-f", "-y", "-xx", "-s", "16384", "-o", path, "-e", "signal=none",
		"-e", "trace=open,openat,pwrite64,write,sendto,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat", "waybill",
	}, append(p.apply(), "--state", p.state)...)
	launch(p.T, command, filepath.Dir(p.job), p.env).want(0)
	f, err := os.Open(path)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	w := watch{folder: filepath.Dir(p.state), begun: map[string]string{}, places: map[string]int64{}}
	for lines.Scan() {
		w.line(p.T, lines.Text())
	}
	if err := lines.Err(); err != nil {
		p.Fatal(err)
	}
	return w.story
}

// watch reads what strace writes.
type watch struct {
	folder string            // of the ledger: other files are of no account
	begun  map[string]string // by thread: a call that has not returned
	places map[string]int64  // where the next write to a file goes
	story  []event
}

var (
	aCall    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (-?\d+)`)
	resumed  = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)`)
	aText    = regexp.MustCompile(`["<]((?:\\x[0-9a-f]{2})*)[">](\.\.\.)?`)
	aNumber  = regexp.MustCompile(`"to":"\+(\d+)"`)
	syncing  = regexp.MustCompile(`^(\d+) +f(?:data)?sync\(`)
	handing  = regexp.MustCompile(`^(\d+) +(?:write|sendto)\(\d+<((?:\\x[0-9a-f]{2})*)>`)
	inFull   = regexp.MustCompile(`, (\d+)(?:, (\d+))?$`)
	unending = " <unfinished ...>"
)

// texts returns the paths and data of a call, without its escapes.
func texts(t *testing.T, call string) (list []string) {
	t.Helper()
	for _, m := range aText.FindAllStringSubmatch(call, -1) {
		plain, err := hex.DecodeString(strings.ReplaceAll(m[1], `\x`, ""))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(plain))
	}
	return list
}

func (w *watch) line(t *testing.T, line string) {
	t.Helper()
	if m := handing.FindStringSubmatch(line); m != nil && !w.ours(texts(t, "<"+m[2]+">")[0]) {
		if said := texts(t, line); len(said) > 1 {
			if to := aNumber.FindStringSubmatch(said[1]); to != nil {
				w.story = append(w.story, event{to: to[1]}) // from here on it may have left
			}
		}
		return
	}
	if m := syncing.FindStringSubmatch(line); m != nil {
		w.story = append(w.story, event{call: "syncs", path: texts(t, line)[0], thread: m[1]})
	}
	if begun, unfinished := strings.CutSuffix(line, unending); unfinished {
		thread, _, _ := strings.Cut(line, " ")
		w.begun[thread] = begun
		return
	}
	if m := resumed.FindStringSubmatch(line); m != nil {
		line = w.begun[m[1]] + m[2]
		delete(w.begun, m[1])
	}
	if m := aCall.FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[4], "-") {
		w.returned(t, m[1], m[2], m[3], m[4])
	}
}

func (w *watch) ours(path string) bool {
	return path == w.folder || filepath.Dir(path) == w.folder && !strings.HasSuffix(path, "-shm") // shared memory is none of the disk's
}

// returned notes what a call did that succeeded.
func (w *watch) returned(t *testing.T, thread, call, args, result string) {
	t.Helper()
	said := texts(t, args)
	if len(said) == 0 {
		return
	}
	count, err := strconv.ParseInt(result, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	note := func(e event) {
		if w.ours(e.path) {
			w.story = append(w.story, e)
		}
	}
	path := said[0]
	switch call {
	case "open", "openat":
		path = absolute(said)
		if strings.Contains(args, "O_CREAT") {
			note(event{call: "open", path: path})
		}
		if strings.Contains(args, "O_TRUNC") {
			note(event{call: "truncate", path: path})
		}
		w.places[path] = 0
	case "pwrite64":
		note(event{call: "write", path: path, data: sizedData(said[1], count), at: w.last(t, args, 2)})
	case "write":
		note(event{call: "write", path: path, data: sizedData(said[1], count), at: w.places[path]})
		w.places[path] += count
	case "ftruncate":
		note(event{call: "truncate", path: path, at: w.last(t, args, 1)})
	case "fsync", "fdatasync":
		note(event{call: "sync", path: path, thread: thread})
	case "unlink", "unlinkat":
		note(event{call: "unlink", path: absolute(said)})
	case "rename":
		note(event{call: "rename", path: said[0], onto: said[1]})
	default: // renameat
		note(event{call: "rename", path: absolute(said[:2]), onto: absolute(said[2:4])})
	}
}

// absolute is the path of a call that names a folder first, or none.
func absolute(said []string) string {
	if filepath.IsAbs(said[len(said)-1]) {
		return said[len(said)-1]
	}
	return filepath.Join(said...)
}

// last returns the nth number of those that end a call's arguments.
func (w *watch) last(t *testing.T, args string, nth int) int64 {
	t.Helper()
	m := inFull.FindStringSubmatch(args)
	if m == nil || m[nth] == "" {
		t.Fatalf("a call with the arguments %.200s", args)
	}
	n, err := strconv.ParseInt(m[nth], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sizedData is what was written, also where strace shortened it: only zeros are written in such lengths.
func sizedData(shown string, count int64) []byte {
	data := make([]byte, count)
	copy(data, shown)
	return data
}

// disk is the ledger's folder: what is durable of it, and what is not.
type disk struct {
	folder  string
	entries map[string]*inode   // as a program sees them
	durable map[string]*inode   // as they are found after a loss
	pending []entry             // changes of entries that are not durable, in order
	syncs   map[string]covering // by thread: a sync that has not returned
}

type inode struct {
	durable []byte
	pending []event // writes and truncations that are not durable
}

// entry is one change of the folder: names that are set, or taken away.
type entry struct{ set map[string]*inode }

// covering is what a sync makes durable when it returns.
type covering struct{ writes, entries int }

func newDisk(t *testing.T, folder string) *disk {
	t.Helper()
	d := &disk{folder: folder, entries: map[string]*inode{}, syncs: map[string]covering{}}
	files, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		d.entries[filepath.Join(folder, f.Name())] = &inode{durable: text}
	}
	d.durable = maps.Clone(d.entries)
	return d
}

func (d *disk) change(set map[string]*inode) {
	for path, n := range set {
		if n == nil {
			delete(d.entries, path)
		} else {
			d.entries[path] = n
		}
	}
	d.pending = append(d.pending, entry{set})
}

// see plays one event.
func (d *disk) see(e event) {
	n := d.entries[e.path]
	switch e.call {
	case "open":
		if n == nil {
			d.change(map[string]*inode{e.path: {}})
		}
	case "unlink":
		d.change(map[string]*inode{e.path: nil})
	case "rename":
		d.change(map[string]*inode{e.path: nil, e.onto: n})
	case "write", "truncate":
		if n != nil {
			n.pending = append(n.pending, e)
		}
	case "syncs":
		c := covering{entries: len(d.pending)}
		if n != nil {
			c.writes = len(n.pending)
		}
		d.syncs[e.thread] = c
	case "sync":
		d.synced(e, n)
	}
}

// synced makes durable what there was when the sync began. That of a file also keeps the entries up to its own, as the file
// systems with a journal do.
func (d *disk) synced(e event, n *inode) {
	c := d.syncs[e.thread]
	delete(d.syncs, e.thread)
	if n != nil {
		c.writes = min(c.writes, len(n.pending)) // another sync may have returned meanwhile
		for _, w := range n.pending[:c.writes] {
			n.durable = w.done(n.durable)
		}
		n.pending = n.pending[c.writes:]
	}
	keep := min(c.entries, len(d.pending))
	if e.path != d.folder {
		for keep > 0 && d.pending[keep-1].set[e.path] == nil {
			keep--
		}
	}
	for _, change := range d.pending[:keep] {
		change.done(d.durable)
	}
	d.pending = d.pending[keep:]
}

func (c entry) done(entries map[string]*inode) {
	for path, n := range c.set {
		if n == nil {
			delete(entries, path)
		} else {
			entries[path] = n
		}
	}
}

// done returns a file's content with a write or a truncation in it.
func (e event) done(content []byte) []byte {
	size := e.at + int64(len(e.data))
	if e.call == "truncate" {
		size = e.at
	}
	if grows := size - int64(len(content)); grows > 0 {
		content = append(slices.Clip(content), make([]byte, grows)...)
	}
	if e.call == "truncate" {
		return slices.Clip(content[:size])
	}
	content = slices.Clone(content)
	copy(content[e.at:], e.data)
	return content
}

// sector is what a disk writes whole.
const sector = 512

// lose makes the folder as it may be found after a loss of power now, and says which of the possible ones it is.
func (d *disk) lose(t *testing.T, r *rand.Rand) string {
	t.Helper()
	how := r.IntN(5)
	share := r.Float64()
	kept := func() bool {
		switch how {
		case 0:
			return false
		case 1:
			return true
		}
		return r.Float64() < share
	}
	found := maps.Clone(d.durable)
	entries := r.IntN(len(d.pending) + 1)
	switch how {
	case 0:
		entries = 0
	case 1:
		entries = len(d.pending)
	}
	for _, c := range d.pending[:entries] {
		c.done(found)
	}
	if err := os.RemoveAll(d.folder); err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return "nothing was durable"
	}
	if err := os.MkdirAll(d.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(found)) { // in one order, so that the dice fall the same
		n := found[path]
		content, pending := n.durable, n.pending
		if how == 2 { // the first ones
			pending = pending[:r.IntN(len(pending)+1)]
		}
		for _, w := range pending {
			switch {
			case how == 2:
				content = w.done(content)
			case how == 4 && w.call == "write": // each sector by itself
				for at := 0; at < len(w.data); at += sector {
					if kept() {
						content = event{call: "write", at: w.at + int64(at), data: w.data[at:min(at+sector, len(w.data))]}.done(content)
					}
				}
			case kept():
				content = w.done(content)
			}
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("kept are %s, and %d of %d changes of the folder",
		[...]string{"no writes", "all writes", "the first writes", "some writes", "some sectors"}[how], entries, len(d.pending))
}
