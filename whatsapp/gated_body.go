package whatsapp

import (
	"bytes"
	"sync"
)

// Gate holds a message back until it may leave. An error of either function stops the request, and nothing can have
// been accepted. The zero value holds nothing back.
type Gate struct {
	Wait func() error // called once when the connection stands; it may take its time
	Ask  func() error // called in the moment in which the message is handed to the connection; it must not wait
}

// gatedBody is a message on its way into a connection. The body that the transport was given is empty until it says
// that the headers are written, into a buffer as yet; only then is the message laid in. So both leave in one write,
// and a transport that says nothing sends nothing. A transport may go on after the call has ended, so the end seals
// it: what has not left then never will, and what is told about it stays true.
type gatedBody struct {
	gate    Gate
	message []byte
	watch   *stageTimer
	ended   func() error // the call's context: a message whose call is over must not leave
	body    bytes.Reader // used by the goroutine that writes alone; net/http buffers what it knows to be in memory

	mu      sync.Mutex
	waited  bool
	asked   bool
	left    bool
	sealed  bool
	refusal error
}

// connected waits for the gate. It is for httptrace.ClientTrace.GotConn, which holds up this one call.
func (d *gatedBody) connected() {
	d.watch.connected()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waited || d.sealed {
		return
	}
	d.waited = true
	if d.gate.Wait == nil {
		return
	}
	d.watch.pause()
	d.mu.Unlock() // the call may end meanwhile
	refusal := d.gate.Wait()
	d.mu.Lock()
	d.watch.connected()
	d.refuse(refusal)
}

// headersWritten asks the gate and lays the message in. It is for httptrace.ClientTrace.WroteHeaders, during which
// HTTP/2 holds up the whole connection.
func (d *gatedBody) headersWritten() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.waited || d.asked || d.sealed || d.refusal != nil {
		return
	}
	d.asked = true
	if d.gate.Ask != nil {
		d.refuse(d.gate.Ask())
	}
	if d.refusal != nil || d.ended() != nil {
		return
	}
	d.left = true
	d.watch.connected()
	d.body.Reset(d.message)
}

// refuse notes what the gate said against the message, and ends the request, whose body never comes. mu is held.
func (d *gatedBody) refuse(refusal error) {
	if refusal != nil {
		d.refusal = refusal
		d.watch.cancel(refusal)
	}
}

// seal ends the departure and says whether the message may have left, and what the gate said against it.
func (d *gatedBody) seal() (left bool, refusal error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sealed = true
	return d.left, d.refusal
}
