// Package schedule runs jobs at their times: it reads cron expressions, says when they are due in a time zone, starts
// what is due, and re-reads job files that changed.
//
// # The clock that counts
//
// A cron expression names times on the wall clock of the job's zone: the times, to the minute, at which its five
// fields match. When both day fields are restricted, a day that matches either is taken, as cron(5) has always done. A star with
// a step restricts like any other list of days; to Debian's cron it does not, see StarredDay.
//
// Where the zone changes its clock, three sentences hold, for every zone and every size of change:
//
//   - Spring. A time that the clock leaves out still happens, once, at the instant at which it would have come had the
//     clock not been changed: with Europe/Madrid's 02:00 → 03:00 of 29 March 2026, 02:30 runs at 03:30 summer time (RFC
//     5545, section 3.3.5, decides the same). Where that instant is one of the schedule's own times, they are one.
//   - Autumn, hour fixed. A time that comes twice runs once, at its first pass: on 25 October 2026, 02:30 runs at 02:30
//     summer time and not again an hour later.
//   - Autumn, hour open. A schedule whose hour field has a star ("*", "*/2") runs at both passes, so that what is to
//     happen every hour or every ten minutes goes on through every real hour.
//
// # An occurrence is a scope
//
// An Occurrence is one such time of one job. Its Scope is made of the wall clock and the zone alone:
//
//	schedule/2026-10-25T02:30[Europe/Madrid]
//	schedule/2026-10-25T02:00+01:00[Europe/Madrid]    the second pass, where there is one
//
// The scope is part of every delivery's key, so a tick that comes twice, a second process, a restart and a clock that
// jumped back all mean the deliveries that the ledger knows already. Loop asks the ledger before it starts an
// occurrence, to make no empty run; that no message goes out twice does not rest on it.
//
// # What is missed
//
// After a start, and after the machine slept, the occurrences since the last run that the ledger has are due. The
// latest of them runs if `missed` is run and it is no later than `maxLateness`; the others are skipped, and said to be.
// What a crash or Ctrl-C interrupted is taken up again under its own scope, whatever `missed` says, within
// `maxLateness`. A job runs one occurrence at a time: what comes due meanwhile waits with missed: run (the latest
// alone), and is skipped with missed: skip. An occurrence also waits while another sender holds the ledger.
//
// A job without any run in the ledger begins with the first occurrence after it was loaded.
//
// # What this package must not know
//
// It knows no file format, no ledger but the runs that it is given to read, and no way to execute a job. It imports
// engine for the nouns. Of go-cron it uses the parser and Next, in UTC, for the arithmetic of the fields; zones are
// dealt with here, in fire_time.go and period.go, for the library's own rules lose or double times.
//
// Start reading at cron.go, then fire_time.go for the three sentences above, occurrence.go, and loop.go.
package schedule
