// Package jobs holds the playbooks that come with the program: each is short, runs on the sandbox, and is commented
// for those who will change it.
//
// It must not know anything: it is files. Start reading at quickstart.yaml.
package jobs

import "embed"

// Files are the playbooks and their data.
//
//go:embed *.yaml *.csv *.jsonl *.pdf
var Files embed.FS

// First and FirstRows are what `waybill init` writes: a playbook and its rows.
const (
	First     = "appointment-reminders.yaml"
	FirstRows = "appointments.csv"
)
