package steps

import (
	"container/list"
	"context"
	"sync"

	"waybill/engine"
	"waybill/whatsapp"
)

// maxUploads bounds the files whose ids are remembered. Where each person gets a file of their own the ids are of no
// further use, and a file that is asked for again after so many others is harmlessly uploaded again.
const maxUploads = 1024

// uploadCache remembers what runs uploaded: a file goes up once a run for each number, however many people get it. Those
// asked for last are kept, and those that somebody waits for.
type uploadCache struct {
	mu    sync.Mutex
	byKey map[uploadKey]*list.Element
	order *list.List // of *upload, the one asked for last in front
}

type uploadKey struct {
	run, baseURL, number, path string
	kind                       whatsapp.MediaType // which may decide on the MIME type
}

// uploadOnce is one file on its way or there.
type cachedUpload struct {
	key       uploadKey
	refs      int           // who asked and has no answer yet; uploads.mu is held
	uploading chan struct{} // one of them uploads, and the id is theirs
	id        string        // "" until the file is there
}

func newUploadCache() *uploadCache {
	return &uploadCache{byKey: map[uploadKey]*list.Element{}, order: list.New()}
}

// acquire gives the upload of a file to one more user, who gives it back.
func (u *uploadCache) acquire(key uploadKey) *cachedUpload {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, ok := u.byKey[key]
	if !ok {
		at = u.order.PushFront(&cachedUpload{key: key, uploading: make(chan struct{}, 1)})
		u.byKey[key] = at
	}
	u.order.MoveToFront(at)
	taken := at.Value.(*cachedUpload)
	taken.refs++
	return taken
}

// release ends a use, and forgets what is too much.
func (u *uploadCache) release(taken *cachedUpload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken.refs--
	for at := u.order.Back(); at != nil && u.order.Len() > maxUploads; {
		oldest, before := at.Value.(*cachedUpload), at.Prev()
		if oldest.refs == 0 {
			u.order.Remove(at)
			delete(u.byKey, oldest.key)
		}
		at = before
	}
}

// uploadOnce gives the id of a file, and uploads it first if this run did not do so yet. Whoever wants the same file
// meanwhile waits.
func (l *clients) uploadOnce(ctx context.Context, c *engine.Call, f *attachment) (string, error) {
	u := l.uploads.acquire(uploadKey{c.Run, c.Connection.BaseURL, c.Connection.PhoneNumberID, f.path, f.kind})
	defer l.uploads.release(u)
	select {
	case u.uploading <- struct{}{}:
		defer func() { <-u.uploading }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if u.id != "" {
		return u.id, nil
	}
	id, err := l.uploadFile(ctx, c, f)
	if err != nil {
		return "", err
	}
	u.id = id
	return id, nil
}
