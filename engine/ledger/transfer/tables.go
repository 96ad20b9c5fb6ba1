package transfer

import "strings"

// Kind says what a column holds, as both ledgers are to understand it.
type Kind int

// The kinds of columns. NULL is nil in a Row, whatever the kind.
const (
	Int     Kind = iota // int64; also an instant, and a truth (0 or 1)
	Bool                // int64, 0 or 1
	Text                // string
	Word                // string; empty and NULL are the same, and nil in a Row
	Bytes               // []byte
	ID                  // string: a recipient, or who wrote
	Message             // string: the id of a message
)

// Column is one column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is one table of a ledger. A later table may refer to an earlier one.
type Table struct {
	Name    string
	Columns []Column
}

// Row is one row of a table, in the order of its columns.
type Row []any

// Tables are all that is copied. What the schemas have beside it is named where each ledger says why it is left.
func Tables() []Table {
	return []Table{
		table("run", `seq, id text, job text, mode text, scope text, status text, file text, digest text, inputs text, asked text, errors text,
			started_at, finished_at, counts text, reason text, resumes, started_by text, ordered text, cancelled text, repairs text, met, waits_until, tell_at`),
		table("outline", `digest text, parts text`),
		table("unchanged", `job text, scope text, digest text`),
		table("uncertain", `job text, scope text`),
		table("run_count", `run, part, outcome, n`),
		table("met", `seq, digest bytes, ids bytes`),
		table("met_count", `met, outcome, n`),
		table("unsent", `run, step text, item text, line, outcome, file text, cell text, reason text, message text, until, at, recipient text`),
		table("run_left_out", `run, reason text, n`),
		table("step", `seq, job text, scope text, path text, template bool`),
		table("rollout", `step, state text`),
		table("charge", `seq, category text, type text, model text, country text`),
		table("run_charge", `run, charge, n`),
		table("business_number", `seq, id text`),
		table("mould", `seq, form bytes, keep_ms`),
		table("delivery", `id, step, item text, number, run, business, recipient id, digest, line, state, again bool, attempts, intended_at, result, result_flags,
			settled_ms, ended_ms, message message, held_back text, http, code, answer text, trace text, cause, status_at, failure_code, failure text,
			failed_by, mould, text bytes`),
		table("attempt", `delivery, number, run, intended_at, ended_ms, result, result_flags, message message, held_back text, http, code, answer text,
			trace text, cause, mould, text bytes`),
		table("double_accept", `delivery, message message, attempt, found_at`),
		table("inbox", `seq, received_at, digest bytes, body bytes`),
		table("status", `seq, message message, delivery, attempt, callback text, state, word word, at, received_at, recipient id, again bool, http, code,
			answer text, trace text, cause, inbox, raw_from, raw_size, raw bytes, charge`),
		table("inbound", `seq, id text, number_id text, sender text, user_id text, profile_name text, at, type text, text text, reply_to text, raw bytes,
			username text, payload text, standby bool`),
		table("notice", `seq, field text, account_id text, at, raw bytes`),
		table("news", `seq, run, delivery, person text`),
		table("letter", `seq, job text, target text, event text, at`),
		table("pair", `number id, other id, number_id text, username text, at, ended_at`),
		table("moved", `was_number id, was_user_id id, number id, user_id id, at`),
		table("forgotten", `seq, code text`),
		table("forgotten_callback", `delivery, attempt, code text`),
		table("opt_out", `seq, person id, also text, number_id text, scope text, back bool, source text, word text, by text, at, received_at, second bool`),
	}
}

// table reads columns that are written "name kind, …"; without a kind it is a number.
func table(name, columns string) Table {
	t := Table{Name: name}
	for c := range strings.SplitSeq(columns, ",") {
		words := strings.Fields(c)
		column := Column{Name: words[0]}
		if len(words) > 1 {
			column.Kind = map[string]Kind{"bool": Bool, "text": Text, "word": Word, "bytes": Bytes, "id": ID, "message": Message}[words[1]]
		}
		t.Columns = append(t.Columns, column)
	}
	return t
}

// Names are the names of a table's columns.
func (t Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Head is what a ledger says of itself as a whole. Zero is "none".
type Head struct {
	CallbackKey, DigestKey []byte // what was sent goes by them: callbacks, and digests of texts
	CreatedAt, BegunAt     int64  // Unix milliseconds, as are the others
	ReceivedAt             int64
	ListeningUntil         int64
	ForeignCallbacks       int64
	SoughtWords            string // JSON
}
