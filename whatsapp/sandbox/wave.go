package sandbox

import (
	"fmt"
	"time"
)

// The words of SetWave.
const (
	WaveHold    = "hold"    // templates are taken from now on, and held
	WaveRelease = "release" // those that are held go out, and no more are held
	WaveDrop    = "drop"    // those that are held fail with 132015, and no more are held
)

// wave is what portfolio pacing holds. The caller holds the server's lock.
type wave struct {
	holds bool
	held  []heldMessage
}

// heldMessage is a message whose statuses are not planned yet.
type heldMessage struct {
	record  *record
	draft   *draft
	effects effects
}

// SetWave holds the templates that are sent from now on, as WhatsApp does to portfolios that it paces, or decides what
// becomes of those it holds. The error names an unknown word.
func (s *Server) SetWave(word string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch word {
	case WaveHold:
		s.wave.holds = true
	case WaveRelease:
		s.endWave(0)
	case WaveDrop:
		s.endWave(132015)
	default:
		return fmt.Errorf("wave %q: it is %q, %q or %q", word, WaveHold, WaveRelease, WaveDrop)
	}
	return nil
}

// endWave lets what is held go its way from now on; with a code it fails. The caller holds the lock.
func (s *Server) endWave(code int) {
	now := s.clock.now()
	for _, h := range s.wave.held {
		if code != 0 {
			h.effects.fail = code
		}
		s.decide(h, now)
	}
	s.wave = wave{}
}

// decide plans what becomes of a message. The caller holds the lock.
func (s *Server) decide(h heldMessage, now time.Time) {
	s.planStages(h.record, h.draft, h.effects, now)
	s.counts.add(h.record)
	s.schedule(h.record, h.effects)
}
