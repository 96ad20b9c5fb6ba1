package ledger

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"waybill/engine"
)

const (
	// ballastShare is how much of the room that must be free is laid by: 8 of 64 MiB. It is given up when the disk is
	// full, so that the outcomes of what was sent can still be written.
	ballastShare = 8
	// perRequest is what the log may grow by for one request and its outcome, generously.
	perRequest = 1 << 10
)

// space watches the room on the disk.
type space struct {
	path    string
	min     int64
	ballast bool // whether the ballast lies there
	dropped bool // whether it was given up: the disk was full
}

// short returns the reason why n more requests must not be made: too little room to write down how they end.
func (s *space) short(n int) error {
	free, err := freeSpace(s.path)
	if err != nil {
		return nil //nolint:nilerr // a system that cannot tell has no say; a write that finds no room still has
	}
	need := s.min + int64(n)*perRequest
	if free < need {
		return fmt.Errorf("%w: %d MiB are free and %d MiB must be, so that outcomes find room: make room and run the command again",
			engine.ErrFull, free>>20, need>>20)
	}
	s.dropped = false
	return nil
}

// keep lays the ballast, once there is room for it.
func (s *space) keep(log *slog.Logger) {
	if s.ballast || s.dropped {
		return
	}
	s.ballast = true // one try: without it outcomes may be lost on a full disk, yet no message is sent twice
	if err := s.lay(); err != nil {
		log.Debug("no ballast was laid", errorAttr(err))
		s.remove()
	}
}

func (s *space) lay() error {
	name, size := s.path+suffixBallast, s.min/ballastShare
	if found, err := os.Lstat(name); err == nil && found.Size() == size {
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) //nolint:gosec // the path is the user's to choose
	if err != nil {
		return err
	}
	// Zeros are written, for a hole would take no room.
	_, err = io.CopyN(f, zeros{}, size)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return restrict(s.path)
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// drop gives the ballast's room to the next write.
func (s *space) drop() {
	s.remove()
	s.ballast, s.dropped = false, true
}

func (s *space) remove() {
	_ = os.Remove(s.path + suffixBallast) // gone already is as good
}
