// Package http1 makes POST requests to one address over HTTP/1.1 connections that it keeps. Each request is written and its answer read by
// the goroutine of the caller: the head is made once, head and body leave in one write, and an ordinary answer is read by one or two reads.
// What is not ordinary in an answer (chunks, interim answers, a body that ends with its connection) is left to net/http's ReadResponse.
//
// It never repeats a request, follows no redirect, knows no proxy and no HTTP/2, and says of each request whether it may have left. It knows
// nothing of WhatsApp.
//
// # Why not net/http's Transport
//
// Its Transport gives each connection two goroutines, and each request goes to one of them and its answer comes back from the other. For
// messages of a kilobyte that, its maps of headers, its contexts and its traces are most of what a request costs: two thirds of the
// processor's time and nine tenths of the allocations, by BenchmarkWire in package whatsapp.
//
// # What HTTP/1.1 costs and gains
//
// One connection carries one request at a time, so that as many connections are open as requests are in flight, where HTTP/2 needs one or
// a few. Each costs a handshake at the start, which later ones shorten by resuming a session of TLS, and its buffers. In return no request
// waits for another's lost packet, a connection that dies leaves one request in doubt and not all that were in flight, and a message costs a
// third of the processor's time that net/http takes over HTTP/2. To a server that speaks HTTP/2 alone there is no connection.
//
// # Did it leave?
//
// A connection that was closed while it was idle is the usual reason for a request that may or may not have arrived. So each is asked right before
// it is written to whether its end has come, without waiting (line.go). No goroutine watches it in the meantime.
//
// Start reading at Transport.Post (transport.go); then conn.go, answer.go and pool.go.
package http1
