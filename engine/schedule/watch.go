package schedule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"waybill/engine"
)

// pollEvery is how often the files are looked at. A change counts when two looks in a row saw the same content, so
// that a file is not read while it is being written.
const pollEvery = 2 * time.Second

// Load makes jobs of a file's bytes; the path is where they came from. An error means that none of them is to run;
// that of a diag.List is handed on as it is.
type Load func(path string, text []byte) ([]*engine.Job, error)

// ChangeKind says what became of a job file.
type ChangeKind uint8

// The kinds of changes.
const (
	Reloaded ChangeKind = iota + 1 // a new version is in force; Jobs
	Broken                         // the new version cannot be used, the old one stays in force; Err
	Gone                           // the file was removed, and its jobs with it
)

// Change tells what became of a job file.
type Change struct {
	Kind ChangeKind
	Path string
	Jobs []*engine.Job
	Err  error
}

// Files keeps jobs as their files are. It is made by Open.
type Files struct {
	load    Load
	files   []*file
	changed chan struct{}

	mu   sync.Mutex
	jobs []*engine.Job
}

// Open reads the job files and starts nothing. All of them must be right; the error joins what is wrong with each.
func Open(paths []string, load Load) (*Files, error) {
	f := &Files{load: load, changed: make(chan struct{}, 1)}
	var wrong []error
	for _, path := range paths {
		one := &file{path: path}
		f.files = append(f.files, one)
		err := one.read()
		if err == nil {
			one.settled = true
			err = f.judge(one)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	f.publish()
	return f, nil
}

// Jobs gives the jobs that are in force, in the order of the files. It may be called by many goroutines.
func (f *Files) Jobs() []*engine.Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs
}

// Changed gets a value after Jobs changed.
func (f *Files) Changed() <-chan struct{} { return f.changed }

// Run looks at the files every two seconds until ctx ends, and returns nil. A file is read again when its time, size
// or identity changed, and twice a minute in any case. What happens to one is told to report, once; report must be
// quick.
func (f *Files) Run(ctx context.Context, report func(Change)) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for _, one := range f.files {
			if change, ok := f.look(one); ok {
				f.react(change)
				report(change)
			}
		}
	}
}

// react makes new jobs known, and lets the broken files be judged again: the name that one of them wants may be free.
func (f *Files) react(change Change) {
	if change.Kind == Broken {
		return
	}
	f.publish()
	for _, one := range f.files {
		if one.version != one.judged {
			one.judged = sum{}
		}
	}
}

// look brings one file up to date. It is ok when there is something to tell.
func (f *Files) look(one *file) (Change, bool) {
	err := one.look()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if one.missing++; one.missing != 2 {
			return Change{}, false // an editor may be about to put the new file in its place
		}
		one.forget()
		return Change{Kind: Gone, Path: one.path}, true
	case err != nil:
		return one.broken(err)
	}
	one.missing = 0
	if !one.settled || one.seen == one.judged {
		if one.settled && one.version == one.seen {
			one.trouble = "" // the old version is back, or the file can be read again
		}
		return Change{}, false
	}
	if err := f.judge(one); err != nil {
		return one.broken(err)
	}
	return Change{Kind: Reloaded, Path: one.path, Jobs: one.jobs}, true
}

// judge puts the content that was read in force, if it is right.
func (f *Files) judge(one *file) error {
	one.judged = one.seen
	jobs, err := f.load(one.path, one.text)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if err := f.acceptable(one, job); err != nil {
			return fmt.Errorf("%s: %w", one.path, err)
		}
	}
	one.jobs, one.version, one.trouble = jobs, one.judged, ""
	return nil
}

// acceptable refuses a job that cannot be scheduled, or that shares its name with one of another file: in the ledger
// they would be one.
func (f *Files) acceptable(one *file, job *engine.Job) error {
	if s := job.Schedule; s != nil {
		if _, err := Parse(s.Cron, s.Zone); err != nil {
			return fmt.Errorf("schedule of job %s: %w", job.Name, err)
		}
	}
	for _, other := range f.files {
		for _, namesake := range other.jobs {
			if other != one && namesake.Name == job.Name {
				return fmt.Errorf("a job of %s is named %s as well; give one of them another name", other.path, job.Name)
			}
		}
	}
	return nil
}

// publish makes the jobs of all files known.
func (f *Files) publish() {
	var jobs []*engine.Job
	for _, one := range f.files {
		jobs = append(jobs, one.jobs...)
	}
	f.mu.Lock()
	f.jobs = jobs
	f.mu.Unlock()
	select {
	case f.changed <- struct{}{}:
	default:
	}
}
