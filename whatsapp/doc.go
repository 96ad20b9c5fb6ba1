// Package whatsapp speaks WhatsApp's Cloud API: one method a call, one *Error for every failure, the
// table of what each error code means, a limiter that keeps a number inside its throughput, and the checks
// that can be made before anything is sent.
//
// It makes exactly one attempt a call. It never retries, logs, reads the environment or the wall clock, and
// never sets an Idempotency-Key header, which would let net/http replay a POST by itself. Messages travel over connections of package
// http1 where they can (post.go), everything else by net/http.
//
// # What this package must not know
//
// It knows no job, step or ledger: an *Error states facts, and what they mean for a delivery is decided by package steps.
//
// Start reading at Client.Send (send.go) and Message (messages.go); then error.go and codes.go. From there:
//
//	sending    send.go, post.go, gated_body.go: one message, held back until it may leave; call.go: every other request
//	checking   check.go, check_template.go: a message by itself; comparison.go: against the definition of its template; media_file.go: a file
//	pace       limiter.go, rate_window.go, pair_limit.go: of one process; shared_pace.go: of several
//	reading    account.go, templates.go, analytics.go, history.go, paging.go
//
// Bodies and answers of the usual form are written and read without reflection (plain_body.go, plain_reader.go); encoding/json does the
// others, and tests hold both to one result.
//
// Facts of the API are Meta's pages at https://developers.facebook.com/documentation/business-messaging/whatsapp/, named
// where they are used.
package whatsapp
