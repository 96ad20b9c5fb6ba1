// Package webhook receives what WhatsApp calls back: it answers the handshake, checks the signature over
// the raw bytes, and reads statuses, inbound messages and everything else without losing any of it.
//
// It does not know the client, the ledger or the delivery that a status belongs to, and it keeps no state. The receiver
// of an Event decides whether it is new and what it changes: WhatsApp repeats callbacks, batches up to 1000 of them, sends
// several at once and promises no order.
//
// Start reading at Handler (handler.go), then Parse (event.go). Sign is exported so that a test or an
// emulator can sign as the vendor does.
package webhook
