package steps

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"sync"

	"waybill/engine"
	"waybill/whatsapp"
)

// attachment is a file of the user's that a message carries.
type attachment struct {
	kind whatsapp.MediaType
	path string // as the job file gives it
	put  func(m *whatsapp.Message, id string)
}

func newAttachment(kind whatsapp.MediaType, path string, put func(*whatsapp.Message, string)) *attachment {
	return &attachment{kind: kind, path: path, put: put}
}

// placeholder stands for the id until the file is uploaded; plan shows it.
func (f *attachment) placeholder() string { return "<id of " + f.path + ">" }

func (f *attachment) name() string { return path.Base(filepath.ToSlash(f.path)) }

func (f *attachment) mime() string { return whatsapp.MIMETypeOf(f.path) }

// look checks that the file is there and may be sent: its kind and its size.
func (f *attachment) look(open engine.Opener) error {
	file, err := open.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // opened for reading
	stat, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at %s: %w", f.path, err)
	}
	if stat.IsDir() {
		return fmt.Errorf("%s is a folder", f.path)
	}
	return whatsapp.CheckMedia(f.kind, f.mime(), stat.Size())
}

// uploads remembers what a run uploaded: a file goes up once for each number, however many people get it.
type uploads struct {
	mu   sync.Mutex
	done map[uploadKey]*upload
}

type uploadKey struct{ run, baseURL, number, path string }

type upload struct {
	mu sync.Mutex
	id string
}

// upload gives the id of a file, and uploads it first if this run did not do so yet. Whoever wants the same file
// meanwhile waits.
func (l *lines) upload(ctx context.Context, c *engine.Call, f *attachment) (string, error) {
	key := uploadKey{c.Run, c.Connection.BaseURL, c.Connection.PhoneNumberID, f.path}
	l.uploads.mu.Lock()
	u, ok := l.uploads.done[key]
	if !ok {
		u = &upload{}
		l.uploads.done[key] = u
	}
	l.uploads.mu.Unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.id != "" {
		return u.id, nil
	}
	id, err := l.uploadNow(ctx, c, f)
	if err != nil {
		return "", err
	}
	u.id = id
	return id, nil
}

func (l *lines) uploadNow(ctx context.Context, c *engine.Call, f *attachment) (string, error) {
	client, err := l.client(c.Connection)
	if err != nil {
		return "", err
	}
	file, err := c.Open.Open(f.path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // opened for reading
	stat, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", f.path, err)
	}
	id, err := client.Upload(ctx, c.Connection.PhoneNumberID, f.name(), f.mime(), file, stat.Size())
	if err != nil {
		return "", readVerdict(err)
	}
	return id, nil
}
