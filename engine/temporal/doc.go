// Package temporal has Temporal drive runs: apply --engine temporal, and waybill-temporal worker. It is a module of its own, so that
// waybill carries nothing of it.
//
// A run is one workflow, and each of the parts that it is divided into (engine.Parts) is an activity, stage by stage; so is what one process
// does for all, and the way from a stage to the next. What Temporal is for is to place the parts: on workers that live, again when one dies,
// and to show how it goes. What was sent is the ledger's to know: an activity that runs twice, or that a worker goes on with after Temporal
// gave it up, takes the part in the ledger or leaves it, and sends nobody a second message. So a run needs Temporal for nothing but that, and
// resume --engine local finishes it.
//
// A part that another process has keeps no worker's place: the workflow asks the ledger, once for all such parts, until they are free.
// A part that takes long is asked for once more each hour, and a long history goes on in a new one. Where everybody left a run, the next
// worker takes it up anew, from its first stage; the workflow hears that and asks how it stands.
//
// Temporal's history holds the run's id, numbers of stages and parts, and words for states: no row, no number, no name, and of a failure only
// that there was one. The rest stays in the ledger and in the workers' own output.
//
// # The rooms
//
//	engine.go      where Temporal is, and the run's way to it
//	workflow.go    the workflow: deterministic, replayed against testdata. What changes in it goes through workflow.GetVersion
//	drive.go       its way with the parts of a stage
//	activities.go  what it asks of a worker
//	worker.go      the worker
//	watch.go       whether Temporal is there, for people
//	cmd/waybill-temporal  the command
//	testserver     a real Temporal server for tests, a module of its own
//
// Schedules are no business of Temporal's: waybill serve fires them.
package temporal
