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

// pollEvery is how often the files are polled. A change counts when two readings in a row found the same content, so
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
	Broken                         // the new version cannot be used, the old one, if there is one, stays in force; Err
	Gone                           // the file was removed, and its jobs with it
)

// Change tells what became of a job file.
type Change struct {
	Kind ChangeKind
	Path string
	Jobs []*engine.Job // of Broken: the old ones, which stay in force
	Err  error
}

// Files keeps jobs as their files are. It is made by Open.
type Files struct {
	load    Load
	files   []*watchedFile
	changed chan struct{}

	mu   sync.Mutex
	jobs []*engine.Job
}

// Open reads the job files and starts nothing. report is told of each that is Broken: its jobs are not in force until it is mended.
// Where none is right the error joins what is wrong with each, and nothing is told.
func Open(paths []string, load Load, report func(Change)) (*Files, error) {
	f := &Files{load: load, changed: make(chan struct{}, 1)}
	var broken []Change
	var wrong []error
	for _, path := range paths {
		one := &watchedFile{path: path}
		f.files = append(f.files, one)
		err := one.read()
		if err == nil {
			one.stable = true
			err = f.loadFile(one)
		}
		if err != nil {
			change, _ := one.reportOnce(err)
			broken, wrong = append(broken, change), append(wrong, err)
		}
	}
	if len(broken) == len(paths) && len(paths) > 0 {
		return nil, errors.Join(wrong...)
	}
	for _, change := range broken {
		report(change)
	}
	f.publish()
	return f, nil
}

// Jobs returns the jobs that are in force, in the order of the files. It may be called by many goroutines.
func (f *Files) Jobs() []*engine.Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs
}

// Changed gets a value after Jobs changed.
func (f *Files) Changed() <-chan struct{} { return f.changed }

// Run polls the files every two seconds until ctx ends, and returns nil. A file is read again when its time, size or
// identity changed, and twice a minute in any case. report is called once with what happens to one; it must be quick.
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
			if change, ok := f.poll(one); ok {
				f.publishChange(change)
				report(change)
			}
		}
	}
}

// publishChange publishes new jobs, and has the broken files loaded again: a name that was taken may be free.
func (f *Files) publishChange(change Change) {
	if change.Kind == Broken {
		return
	}
	f.publish()
	for _, one := range f.files {
		if one.inForce != one.loaded {
			one.loaded = digest{}
		}
	}
}

// poll brings one file up to date. It is ok when there is a Change to report.
func (f *Files) poll(one *watchedFile) (Change, bool) {
	err := one.poll()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if one.missing++; one.missing != 2 {
			return Change{}, false // an editor may be about to put the new file in its place
		}
		one.reset()
		return Change{Kind: Gone, Path: one.path}, true
	case err != nil:
		return one.reportOnce(err)
	}
	one.missing = 0
	if !one.stable || one.content == one.loaded {
		if one.stable && one.inForce == one.content {
			one.lastError = "" // the old version is back, or the file can be read again
		}
		return Change{}, false
	}
	if err := f.loadFile(one); err != nil {
		return one.reportOnce(err)
	}
	return Change{Kind: Reloaded, Path: one.path, Jobs: one.jobs}, true
}

// loadFile puts the content that was read in force, if it is right.
func (f *Files) loadFile(one *watchedFile) error {
	one.loaded = one.content
	jobs, err := f.load(one.path, one.text)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if err := f.checkJob(one, job); err != nil {
			return fmt.Errorf("%s: %w", one.path, err)
		}
	}
	one.jobs, one.inForce, one.lastError = jobs, one.loaded, ""
	return nil
}

// checkJob refuses a job that cannot be scheduled, or that shares its name with one of another file: in the ledger
// they would be one.
func (f *Files) checkJob(one *watchedFile, job *engine.Job) error {
	if job.Schedule != nil {
		if _, err := cronOf(job); err != nil {
			return err
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
