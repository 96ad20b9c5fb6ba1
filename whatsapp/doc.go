// Package whatsapp speaks WhatsApp's Cloud API: one method a call, one *Error for every failure, the
// table of what each error code means, a limiter that keeps a number inside its throughput, and the checks
// that can be made before anything is sent.
//
// It makes exactly one attempt a call. It never retries, logs, reads the environment or the wall clock, and
// never sets an Idempotency-Key header, which would let net/http replay a POST by itself. Messages travel over connections of package
// http1 where they can (post.go), everything else by net/http. It knows no job,
// step or ledger: an *Error states facts, and what they mean for a delivery is decided by package steps.
//
// Start reading at Client.Send (send.go) and Message (messages.go); then error.go and codes.go. Facts of the
// API are Meta's pages at https://developers.facebook.com/documentation/business-messaging/whatsapp/, named
// where they are used.
package whatsapp
