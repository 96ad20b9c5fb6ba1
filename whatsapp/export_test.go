package whatsapp

import "slices"

// Remembered is the number of recipients that a Limiter holds.
func (p Pace) Remembered() int {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	return len(p.limiter.pairs.byRecipient)
}

// Rate is the present rate in messages a second; +Inf without a limit.
func (p Pace) Rate() float64 {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	return p.rate()
}

// Codes is the whole table in the order of the codes.
func Codes() []Code { return slices.Clone(codes()) }

// EncodedBody is the body as encoding/json writes it.
func (m Message) EncodedBody() ([]byte, error) { return m.encoded() }

// IsPlain says whether the body is written without encoding/json.
func (m Message) IsPlain() bool {
	_, ok := m.plainBody()
	return ok
}
