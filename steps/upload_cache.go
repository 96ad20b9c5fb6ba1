package steps

import (
	"container/list"
	"context"
	"sync"
	"time"

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

// keyOfUpload tells the upload of a file for a call from others.
func keyOfUpload(c *engine.Call, f *attachment) uploadKey {
	return uploadKey{c.Run, c.Connection.BaseURL, c.Connection.PhoneNumberID, f.path, f.kind}
}

// cachedUpload is one file, uploaded or being uploaded.
type cachedUpload struct {
	key       uploadKey
	refs      int           // calls that use it; uploadCache.mu is held
	uploading chan struct{} // held by the call that uploads; what follows is guarded by it
	id        string        // "" until the file is uploaded
	at        time.Time     // when it was
	renewed   bool          // the id took the place of one that was gone, and was not accepted yet
}

// uploadLifetime is how long an id is used: numbers without storage keep media for an hour. Source: Meta, no-storage.
const uploadLifetime = 50 * time.Minute

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
	u := cs.uploads.acquire(keyOfUpload(c, f))
	defer cs.uploads.release(u)
	select {
	case u.uploading <- struct{}{}:
		defer func() { <-u.uploading }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	now := cs.world.Now()
	if u.id != "" && now.Sub(u.at) < uploadLifetime {
		return u.id, nil
	}
	id, err := cs.uploadFile(ctx, c, f)
	if err != nil {
		return "", err
	}
	u.id, u.at = id, now
	return id, nil
}

// useUpload does something to the upload of a file that a message carries, alone.
func (cs *clients) useUpload(c *engine.Call, f *attachment, do func(*cachedUpload)) {
	u := cs.uploads.acquire(keyOfUpload(c, f))
	defer cs.uploads.release(u)
	u.uploading <- struct{}{}
	defer func() { <-u.uploading }()
	do(u)
}

// forgetUploads forgets the ids of a message that was refused because they are gone, so that the files are uploaded again before the
// next try. false: nothing is gained by another try, since other ids were refused alike.
func (cs *clients) forgetUploads(c *engine.Call, d *draft, refusal *whatsapp.Error) bool {
	again := false
	for i, file := range d.files {
		if i >= len(d.ids) || !refusal.MediaGone(d.ids[i]) {
			continue
		}
		cs.useUpload(c, file, func(u *cachedUpload) {
			switch {
			case u.id != d.ids[i]: // another message had it uploaded again
				again = true
			case !u.renewed:
				u.id, u.renewed, again = "", true, true
			}
		})
	}
	return again
}

// confirmUploads notes that ids were accepted: when they are gone later, that is another time.
func (cs *clients) confirmUploads(c *engine.Call, d *draft) {
	for i, file := range d.files {
		cs.useUpload(c, file, func(u *cachedUpload) { u.renewed = u.renewed && u.id != d.ids[i] })
	}
}
