// Command bench measures `waybill apply` beside the least that could do the same: a bare Go loop that makes the
// same requests with the same durable writes, in one run, on one machine. It prints figures and ratios and judges
// nothing.
//
//	go run ./engine/bench                               1,000 to 100,000 rows at full speed
//	go run ./engine/bench -rows 1000000                 a million
//	go run ./engine/bench -table README.md              what the table in the README tells, written there
//	go run ./engine/bench -rate 1000 -latency 100ms     paced, against a server that enforces the rate
//	go run ./engine/bench -postgres -processes 4        with the ledger in PostgreSQL, four at a time
//	go run ./engine/bench -postgres -processes 4 -webhooks -rows 30000      what four receivers take
//
// Every part is a process of its own, so that the operating system's accounting tells them apart: the server, the
// loop, and waybill as it is built. CPU is user and system time of the one process; memory is its peak resident
// set.
//
// It must not know the engine: it calls the program as a user does. Start reading at main.go.
package main
