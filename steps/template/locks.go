package template

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"waybill/engine/diag"
	"waybill/whatsapp"
)

// maxLock is more than a lock of the 6,000 templates that an account may have.
const maxLock = 64 << 20

// recheck is how long a lock is used before its file is looked at again: serve goes on for months.
const recheck = time.Second

// Locks are the lock files of folders, each read once and again when it changes. Now is required. It is safe for concurrent use.
type Locks struct {
	Now  func() time.Time
	Name func(path string) string // how people see a path; nil: as it is

	// AnyAccount looks for a template in all accounts of a lock: the sandbox stands for each of them.
	AnyAccount bool
	// Reviewing takes a template that is paused or in review for one that can be sent, with a warning: nothing is sent yet.
	Reviewing bool

	mu      sync.Mutex
	folders map[string]*folder
}

// folder is what is known of the templates of the jobs in one folder.
type folder struct {
	lock    *Lock
	err     error
	checked time.Time
	size    int64
	changed time.Time
	asked   *Lock // what accounts answered, where there is no file; nil: nobody asked
}

// Of returns the lock of a folder; nil where there is none. A *diag.ListError says what is wrong with the file.
func (ls *Locks) Of(dir string) (*Lock, error) {
	if ls == nil {
		return nil, nil
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	f := ls.folder(dir)
	if now := ls.Now(); f.checked.IsZero() || now.Sub(f.checked) >= recheck || now.Before(f.checked) {
		f.checked = now
		ls.refresh(f, filepath.Join(dir, LockName))
	}
	if f.lock == nil && f.err == nil {
		return f.asked, nil
	}
	return f.lock, f.err
}

func (ls *Locks) folder(dir string) *folder {
	if ls.folders == nil {
		ls.folders = map[string]*folder{}
	}
	f := ls.folders[dir]
	if f == nil {
		f = &folder{}
		ls.folders[dir] = f
	}
	return f
}

// refresh reads the file where it is another one than before.
func (ls *Locks) refresh(f *folder, path string) {
	stat, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.lock, f.err, f.size, f.changed = nil, nil, 0, time.Time{}
		return
	case err == nil && f.lock != nil && stat.Size() == f.size && stat.ModTime().Equal(f.changed):
		return
	case err == nil:
		f.size, f.changed = stat.Size(), stat.ModTime()
	}
	name := path
	if ls.Name != nil {
		name = ls.Name(path)
	}
	f.lock, f.err = Open(path, name)
}

// Open reads a lock file; nil where there is none. name is how people see it.
func Open(path, name string) (*Lock, error) {
	file, err := os.Open(path) //nolint:gosec // it is beside the user's jobs
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lock of the templates: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxLock+1))
	if err != nil {
		return nil, fmt.Errorf("read the lock of the templates: %w", err)
	}
	if len(text) > maxLock {
		return nil, fmt.Errorf("%s has more than %d MiB: it is no lock of templates", name, maxLock>>20)
	}
	lock, found := ReadLock(&diag.Source{Name: filepath.ToSlash(name), Text: text})
	return lock, found.Err()
}

// Know keeps what an account answered for the jobs of a folder that has no lock file: its templates of one name, or with an empty
// name all of them. Of other names that were asked for before, it still knows.
func (ls *Locks) Know(dir, wabaID, name string, list []whatsapp.Template) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	f := ls.folder(dir)
	account := NewAccount(wabaID, ls.Now(), list)
	known := &Lock{Accounts: []*Account{account}}
	if name != "" {
		account.asked = map[string]bool{name: true}
		account.keep(f.asked.Account(wabaID), name)
	}
	if f.asked != nil {
		for _, a := range f.asked.Accounts {
			if a.ID != wabaID {
				known.Accounts = append(known.Accounts, a)
			}
		}
	}
	f.asked = known
}

// keep takes over what was known of other names.
func (a *Account) keep(before *Account, but string) {
	if before == nil {
		return
	}
	for _, name := range before.names {
		if name != but {
			a.names = append(a.names, name)
			a.entries[name] = before.entries[name]
		}
	}
	if before.asked == nil {
		a.asked = nil
		return
	}
	for name := range before.asked {
		a.asked[name] = true
	}
}
