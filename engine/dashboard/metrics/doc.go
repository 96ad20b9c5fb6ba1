// Package metrics counts what a sending and receiving process does, and answers Prometheus.
//
// There are two kinds of metrics: counters that the program moves as things happen (Attempt, WebhookReceived, …), which begin
// at zero with each process; and gauges that are read from the ledger when Prometheus asks, so that they are right
// after a restart, and are kept for a while that grows with what they cost.
//
// No label holds a phone number, an item, a message or a run: labels are words of closed lists, error codes, and the
// names of jobs, a bounded number of them. What comes from the network and is in no list counts as "other".
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL and no HTTP beyond its own handler. The caller that mounts the handler decides who may ask,
// with dashboard.Guard if it is to be the operator alone.
//
// Start reading at metrics.go for the counters, then collector.go for what is read.
package metrics
