package steps

import (
	"container/list"
	"context"
	"sync"

	"waybill/engine"
	"waybill/whatsapp"
)

// maxUploads bounds the cache. Where each recipient gets a file of their own, an id is used once; a file that is needed
// again after so many others is uploaded again, which does no harm.
const maxUploads = 1024

// uploadCache holds the ids of uploaded files, so that a file is uploaded once a run for each number, however many
// recipients get it. It keeps the most recently used ones, and all that are in use.
type uploadCache struct {
	mu    sync.Mutex
	byKey map[uploadKey]*list.Element
	order *list.List // of *cachedUpload, the most recently used first
}

type uploadKey struct {
	run, baseURL, number, path string
	kind                       whatsapp.MediaType // which may decide on the MIME type
}

// cachedUpload is one file, uploaded or being uploaded.
type cachedUpload struct {
	key       uploadKey
	refs      int           // calls that use it; uploadCache.mu is held
	uploading chan struct{} // held by the call that uploads; the id is guarded by it
	id        string        // "" until the file is uploaded
}

func newUploadCache() *uploadCache {
	return &uploadCache{byKey: map[uploadKey]*list.Element{}, order: list.New()}
}

// acquire returns the upload of a file and keeps it in the cache until release.
func (u *uploadCache) acquire(key uploadKey) *cachedUpload {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, ok := u.byKey[key]
	if !ok {
		at = u.order.PushFront(&cachedUpload{key: key, uploading: make(chan struct{}, 1)})
		u.byKey[key] = at
	}
	u.order.MoveToFront(at)
	used := at.Value.(*cachedUpload)
	used.refs++
	return used
}

// release ends a use, and evicts the least recently used files above maxUploads that are not in use.
func (u *uploadCache) release(used *cachedUpload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	used.refs--
	for at := u.order.Back(); at != nil && u.order.Len() > maxUploads; {
		oldest, before := at.Value.(*cachedUpload), at.Prev()
		if oldest.refs == 0 {
			u.order.Remove(at)
			delete(u.byKey, oldest.key)
		}
		at = before
	}
}

// uploadOnce returns the media id of a file, and uploads it first if this run did not do so yet. Other calls for the same
// file wait meanwhile.
func (cs *clients) uploadOnce(ctx context.Context, c *engine.Call, f *attachment) (string, error) {
	u := cs.uploads.acquire(uploadKey{c.Run, c.Connection.BaseURL, c.Connection.PhoneNumberID, f.path, f.kind})
	defer cs.uploads.release(u)
	select {
	case u.uploading <- struct{}{}:
		defer func() { <-u.uploading }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if u.id != "" {
		return u.id, nil
	}
	id, err := cs.uploadFile(ctx, c, f)
	if err != nil {
		return "", err
	}
	u.id = id
	return id, nil
}
