package steps

import (
	"container/list"
	"context"
	"sync"

	"waybill/engine"
	"waybill/whatsapp"
)

// mostUploads bounds the files whose ids are remembered. Where each person gets a file of their own the ids are of no
// further use, and a file that is asked for again after so many others is harmlessly uploaded again.
const mostUploads = 1024

// uploads remembers what runs uploaded: a file goes up once a run for each number, however many people get it. Those
// asked for last are kept, and those that somebody waits for.
type uploads struct {
	mu    sync.Mutex
	known map[uploadKey]*list.Element
	order *list.List // of *upload, the one asked for last in front
}

type uploadKey struct {
	run, baseURL, number, path string
	kind                       whatsapp.MediaType // which may decide on the MIME type
}

// upload is one file on its way or there.
type upload struct {
	key   uploadKey
	users int           // who asked and has no answer yet; uploads.mu is held
	turn  chan struct{} // one of them uploads, and the id is theirs
	id    string        // "" until the file is there
}

func newUploads() *uploads {
	return &uploads{known: map[uploadKey]*list.Element{}, order: list.New()}
}

// take gives the upload of a file to one more user, who gives it back.
func (u *uploads) take(key uploadKey) *upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, ok := u.known[key]
	if !ok {
		at = u.order.PushFront(&upload{key: key, turn: make(chan struct{}, 1)})
		u.known[key] = at
	}
	u.order.MoveToFront(at)
	taken := at.Value.(*upload)
	taken.users++
	return taken
}

// giveBack ends a use, and forgets what is too much.
func (u *uploads) giveBack(taken *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken.users--
	for at := u.order.Back(); at != nil && u.order.Len() > mostUploads; {
		oldest, before := at.Value.(*upload), at.Prev()
		if oldest.users == 0 {
			u.order.Remove(at)
			delete(u.known, oldest.key)
		}
		at = before
	}
}

// upload gives the id of a file, and uploads it first if this run did not do so yet. Whoever wants the same file
// meanwhile waits.
func (l *lines) upload(ctx context.Context, c *engine.Call, f *attachment) (string, error) {
	u := l.uploads.take(uploadKey{c.Run, c.Connection.BaseURL, c.Connection.PhoneNumberID, f.path, f.kind})
	defer l.uploads.giveBack(u)
	select {
	case u.turn <- struct{}{}:
		defer func() { <-u.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
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
