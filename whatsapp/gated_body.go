package whatsapp

import (
	"bytes"
	"sync"
)

// Gate holds a message back until it may leave. An error of either function stops the request before the message
// leaves, so that nothing was accepted. The zero value holds nothing back.
type Gate struct {
	Wait func() error // called once when there is a connection; it may block
	Ask  func() error // called right before the message is written to the connection; it must not block
}

// gatedBody is a request body that stays empty until the gate lets the message go. The transport reports through
// httptrace that it wrote the headers, into a buffer at first; the message is put into the body then. So both leave in
// one write, and a transport that reports nothing sends nothing. A transport may go on reading after the call returned:
// seal makes sure that a message which had not left by then never leaves.
type gatedBody struct {
	gate    Gate
	message []byte
	timer   *stageTimer
	ended   func() error // the call's context: a message must not leave after its call returned
	body    bytes.Reader // used only by the goroutine that writes; a bytes.Reader, for net/http buffers what is in memory

	mu      sync.Mutex
	waited  bool
	asked   bool
	left    bool
	sealed  bool
	refusal error
}

// connected waits for the gate. It is the GotConn of a httptrace.ClientTrace, which blocks this call alone.
func (b *gatedBody) connected() {
	b.timer.connected()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waited || b.sealed {
		return
	}
	b.waited = true
	if b.gate.Wait == nil {
		return
	}
	b.timer.pause()
	b.mu.Unlock() // the call may end meanwhile
	refusal := b.gate.Wait()
	b.mu.Lock()
	b.timer.connected()
	b.refuse(refusal)
}

// headersWritten asks the gate and fills the body. It is the WroteHeaders of a httptrace.ClientTrace, during which
// HTTP/2 blocks the whole connection.
func (b *gatedBody) headersWritten() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.waited || b.asked || b.sealed || b.refusal != nil {
		return
	}
	b.asked = true
	if b.gate.Ask != nil {
		b.refuse(b.gate.Ask())
	}
	if b.refusal != nil || b.ended() != nil {
		return
	}
	b.left = true
	b.timer.connected()
	b.body.Reset(b.message)
}

// refuse keeps the gate's error and ends the request, whose body stays empty. mu is held.
func (b *gatedBody) refuse(refusal error) {
	if refusal != nil {
		b.refusal = refusal
		b.timer.cancel(refusal)
	}
}

// seal keeps the message from leaving from now on, and returns whether it may have left and the gate's error.
func (b *gatedBody) seal() (left bool, refusal error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sealed = true
	return b.left, b.refusal
}
