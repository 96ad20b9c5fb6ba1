package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/schedule"
)

// folder is some job files, each a list of NAME CRON lines, and what was told of them.
type folder struct {
	dir   string
	files *schedule.Files
	loads int

	mu   sync.Mutex
	told []string
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *folder) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(f.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *folder) load(path string, text []byte) ([]*engine.Job, error) {
	f.loads++
	var jobs []*engine.Job
	for line := range strings.Lines(string(text)) {
		name, cron, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			return nil, fmt.Errorf("%s: broken: %s", filepath.Base(path), name)
		}
		job := &engine.Job{Name: name}
		if cron != "never" {
			job.Schedule = &engine.Schedule{Cron: cron, Zone: time.UTC, Missed: "run"}
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

func (f *folder) open(t *testing.T, names ...string) error {
	t.Helper()
	var paths []string
	for _, name := range names {
		paths = append(paths, f.path(name))
	}
	var err error
	f.files, err = schedule.Open(paths, f.load, f.tell)
	return err
}

// watched opens the files and looks at them until the end of the test.
func (f *folder) watched(t *testing.T, names ...string) (stop func()) {
	t.Helper()
	if err := f.open(t, names...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- f.files.Run(ctx, f.tell)
	}()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// tell notes what became of a file.
func (f *folder) tell(c schedule.Change) {
	word := map[schedule.ChangeKind]string{schedule.Reloaded: "reloaded", schedule.Broken: "broken", schedule.Gone: "gone"}[c.Kind]
	if c.Err != nil {
		word += ": " + strings.ReplaceAll(c.Err.Error(), f.dir+string(filepath.Separator), "")
	}
	f.mu.Lock()
	f.told = append(f.told, filepath.Base(c.Path)+" "+word)
	f.mu.Unlock()
}

func (f *folder) jobs() string {
	var all []string
	for _, job := range f.files.Jobs() {
		cron := "never"
		if job.Schedule != nil {
			cron = job.Schedule.Cron
		}
		all = append(all, job.Name+" "+cron)
	}
	return strings.Join(all, ", ")
}

// decidedUntil lets some time pass and says what was told and what is in force then.
func (f *folder) after(t *testing.T, pause time.Duration, jobs string, told ...string) {
	t.Helper()
	time.Sleep(pause)
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := f.jobs(); got != jobs {
		t.Errorf("in force: got %s, want %s", got, jobs)
	}
	if got, want := strings.Join(f.told, "\n"), strings.Join(told, "\n"); got != want {
		t.Errorf("told: got\n%s\nwant\n%s", got, want)
	}
	f.told = nil
}

func inFolder(t *testing.T, test func(t *testing.T, f *folder)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, &folder{dir: dir}) })
}

const (
	pollOnce = 2 * time.Second
	settle   = 5 * time.Second // two looks
)

func TestWatch(t *testing.T) {
	inFolder(t, func(t *testing.T, f *folder) {
		t.Helper()
		f.write(t, "a.yaml", "a 0 9 * * *\na2 never\n")
		f.write(t, "b.yaml", "b 0 8 * * *\n")
		stop := f.watched(t, "a.yaml", "b.yaml")
		<-f.files.Changed()
		const b = ", b 0 8 * * *"
		f.after(t, time.Hour, "a 0 9 * * *, a2 never"+b)

		f.write(t, "a.yaml", "a 0 10 * * *\n")
		f.after(t, settle, "a 0 10 * * *"+b, "a.yaml reloaded")
		select {
		case <-f.files.Changed():
		default:
			t.Error("Changed got nothing")
		}
		// A broken version keeps the old one, and is told once, also if it is touched; another broken one is told too.
		f.write(t, "a.yaml", "broken\n")
		f.after(t, settle, "a 0 10 * * *"+b, "a.yaml broken: a.yaml: broken: broken")
		if err := os.Chtimes(f.path("a.yaml"), time.Time{}, time.Unix(1000, 0)); err != nil {
			t.Fatal(err)
		}
		f.after(t, time.Hour, "a 0 10 * * *"+b)
		f.write(t, "a.yaml", "a 0 9 31 2 *\n")
		f.after(
			t, settle, "a 0 10 * * *"+b,
			`a.yaml broken: a.yaml: schedule of job a: no year has such a day: day of the month "31" in month "2"`,
		)
		f.write(t, "a.yaml", "broken\n")
		f.after(t, settle, "a 0 10 * * *"+b, "a.yaml broken: a.yaml: broken: broken")
		// The old version comes back: that is told, for the trouble is over.
		f.write(t, "a.yaml", "a 0 10 * * *\n")
		f.after(t, settle, "a 0 10 * * *"+b, "a.yaml reloaded")
		// A file of the same length, time and identity is found at the next reading.
		about, err := os.Stat(f.path("a.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		f.write(t, "a.yaml", "a 0 11 * * *\n")
		if err := os.Chtimes(f.path("a.yaml"), time.Time{}, about.ModTime()); err != nil {
			t.Fatal(err)
		}
		f.after(t, 35*time.Second, "a 0 11 * * *"+b, "a.yaml reloaded")
		// Removed, and put back.
		if err := os.Remove(f.path("a.yaml")); err != nil {
			t.Fatal(err)
		}
		f.after(t, settle, "b 0 8 * * *", "a.yaml gone")
		f.after(t, time.Hour, "b 0 8 * * *")
		f.write(t, "a.yaml", "a 0 11 * * *\n")
		f.after(t, settle, "a 0 11 * * *"+b, "a.yaml reloaded")
		stop()
	})
}

// A file that is being written is not read half.
func TestHalfWritten(t *testing.T) {
	inFolder(t, func(t *testing.T, f *folder) {
		t.Helper()
		f.write(t, "a.yaml", "a 0 9 * * *\n")
		stop := f.watched(t, "a.yaml")
		text := ""
		for i := range 10 {
			text += fmt.Sprintf("a%d 0 9 * * *\n", i)
			f.write(t, "a.yaml", text)
			f.after(t, 1900*time.Millisecond, "a 0 9 * * *")
		}
		time.Sleep(settle + pollOnce/2) // and on, to between two looks: at one of them chance would say what is seen
		if got := len(f.files.Jobs()); got != 10 {
			t.Errorf("got %d jobs, want 10", got)
		}
		if f.loads != 2 {
			t.Errorf("it was loaded %d times, want twice", f.loads)
		}
		// An editor that puts a new file in the place of the old one.
		f.write(t, "new", "a 0 7 * * *\n")
		if err := os.Remove(f.path("a.yaml")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(pollOnce)
		if err := os.Rename(f.path("new"), f.path("a.yaml")); err != nil {
			t.Fatal(err)
		}
		f.after(t, settle, "a 0 7 * * *", "a.yaml reloaded", "a.yaml reloaded") // and never gone
		stop()
	})
}

// A job that moves to another file is refused there until the first file lets go of it.
func TestNamesakes(t *testing.T) {
	inFolder(t, func(t *testing.T, f *folder) {
		t.Helper()
		f.write(t, "a.yaml", "a 0 9 * * *\nx 0 9 * * *\n")
		f.write(t, "b.yaml", "b 0 9 * * *\n")
		stop := f.watched(t, "a.yaml", "b.yaml")
		f.write(t, "b.yaml", "x 0 7 * * *\n")
		f.after(t, time.Minute, "a 0 9 * * *, x 0 9 * * *, b 0 9 * * *",
			"b.yaml broken: b.yaml: a job of a.yaml is named x as well; give one of them another name")
		f.write(t, "a.yaml", "a 0 9 * * *\n")
		f.after(t, settle, "a 0 9 * * *, x 0 7 * * *", "a.yaml reloaded", "b.yaml reloaded")
		stop()
	})
}

// What cannot be read keeps its jobs: it is not gone.
func TestUnreadable(t *testing.T) {
	inFolder(t, func(t *testing.T, f *folder) {
		t.Helper()
		f.write(t, "a.yaml", "a 0 9 * * *\n")
		stop := f.watched(t, "a.yaml")
		for range 2 {
			if err := os.Remove(f.path("a.yaml")); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(f.path("a.yaml"), 0o700); err != nil {
				t.Fatal(err)
			}
			f.after(t, time.Minute, "a 0 9 * * *", "a.yaml broken: read job file: a.yaml is no regular file")
			if err := os.Remove(f.path("a.yaml")); err != nil {
				t.Fatal(err)
			}
			f.write(t, "a.yaml", "a 0 9 * * *\n")
			f.after(t, time.Minute, "a 0 9 * * *")
		}
		stop()
	})
}

func TestOpenRefusesWhatIsAllWrong(t *testing.T) {
	f := &folder{dir: t.TempDir()}
	f.write(t, "broken", "broken\n")
	f.write(t, "late", "c 0 25 * * *\n")
	err := f.open(t, "broken", "absent", "late")
	for _, want := range []string{"broken: broken", "absent", `schedule of job c: hour "25"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not ErrNotExist", err)
	}
	if len(f.told) > 0 {
		t.Errorf("told as well: %q", f.told)
	}
}

// What is wrong with one file keeps no other from being in force, and is told once; mended it is in force, too.
func TestOpenLeavesOutWhatIsWrong(t *testing.T) {
	inFolder(t, func(t *testing.T, f *folder) {
		t.Helper()
		f.write(t, "good.yaml", "a 0 9 * * *\n")
		f.write(t, "broken.yaml", "broken\n")
		f.write(t, "twin.yaml", "a 0 7 * * *\n")
		stop := f.watched(t, "good.yaml", "broken.yaml", "twin.yaml")
		f.after(t, time.Hour, "a 0 9 * * *", "broken.yaml broken: broken.yaml: broken: broken",
			"twin.yaml broken: twin.yaml: a job of good.yaml is named a as well; give one of them another name")
		f.write(t, "broken.yaml", "b 0 8 * * *\n")
		f.after(t, settle, "a 0 9 * * *, b 0 8 * * *", "broken.yaml reloaded")
		stop()
	})
}

// The watch and the loop together: a new time in the file is the time at which the job runs.
func TestWatchAndLoop(t *testing.T) {
	dir := t.TempDir()
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		f := &folder{dir: dir}
		f.write(t, "a.yaml", "a 0 20 * * *\n")
		stop := f.watched(t, "a.yaml")
		s := b.serve(t)
		s.loop.Jobs, s.loop.Changed = f.files.Jobs, f.files.Changed()
		s.start(t)
		time.Sleep(time.Minute)
		f.write(t, "a.yaml", "a 52 7 * * *\n")
		time.Sleep(time.Minute)
		if err := os.Remove(f.path("a.yaml")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Hour)
		s.stop()
		stop()
		s.expect(t, "start a 2026-03-26T07:52[UTC] at 26T07:52:00")
	})
}
