// Package webhook receives what WhatsApp calls back: it answers the handshake, checks the signature over
// the raw bytes, and reads statuses, inbound messages and everything else without losing any of it.
//
// It does not know the client, the ledger or who a delivery belongs to; it remembers nothing. Whether a
// callback is new, and what it changes, is for whoever gets the Event: WhatsApp repeats callbacks, batches
// up to 1000 of them, sends several at once and promises no order.
//
// Start reading at Handler (handler.go), then Parse (event.go). Sign is exported so that a test or an
// emulator can sign as the vendor does.
package webhook
