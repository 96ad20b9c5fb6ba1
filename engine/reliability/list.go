package main

// proof is one line of the table.
type proof struct {
	name   string // of its file
	what   string // that is done, as the README says it
	unit   string
	wanted int
	folder string // of its package
	test   string // empty: fuzzing, see targets
	beside bool   // its worlds may be played side by side
	note   string // what it needs, where it is not there on every machine
}

// list is what is proved, in the order of the README.
func list() []proof {
	const program = "engine/cli"
	return []proof{
		{
			name: "kills", unit: "kills", wanted: 10_000, folder: program, test: "TestKill", beside: true,
			what: "`apply` killed (SIGKILL) at random moments, batches of 2,000 people at 400 a second, until it says that nothing is left",
		},
		{
			name: "calls", unit: "faults", wanted: 5_000, folder: program, test: "TestSystemCalls", beside: true, note: "strace",
			what: "the kth write, sync, open, truncation, read or removal of one of the ledger's files fails with EIO or ENOSPC, or is where `apply` is killed",
		},
		{
			name: "power", unit: "losses", wanted: 1_000, folder: program, test: "TestPowerLoss", beside: true, note: "strace",
			what: "power lost at a random system call: the ledger's folder with any part of what was not synced, down to single sectors",
		},
		{
			name: "stops", unit: "stops and jumps", wanted: 300, folder: program, test: "TestStopsAndJumps", beside: true,
			what: "`apply` stopped (SIGSTOP) and woken, other processes beside, its clock set forward and back by up to days",
		},
		{
			name: "answers", unit: "answers", wanted: 200_000, folder: program, test: "TestFaultedAnswers", beside: true,
			what: "connections and answers that go wrong in 48 ways, before TLS, in its handshake, after the head of the request, after all of it, after acceptance, and in the middle of the answer; `strict`",
		},
		{
			name: "webhooks", unit: "webhooks", wanted: 1_000_000, folder: program, test: "TestServeFloodAndKill", beside: true,
			what: "webhooks, a tenth of them twice, shuffled, 5 % forged, the receiver killed in the middle: what was answered 200 is there once, and nothing of the forged ones",
		},
		{
			name: "copies", unit: "kills", wanted: 500, folder: program, test: "TestCopyKilled", note: "PostgreSQL",
			what: "`ledger copy` killed at random moments, from files and databases to files and databases, also through PgBouncer",
		},
		{
			name: "many", unit: "worlds", wanted: 500, folder: program, test: "TestManyKilled", beside: true, note: "PostgreSQL",
			what: "three processes on one ledger in PostgreSQL, one of them killed",
		},
		{
			name: "stages", unit: "worlds", wanted: 500, folder: program, test: "TestStagesKilled", beside: true, note: "PostgreSQL",
			what: "the same, of a job with two `forEach`s and steps before, between and behind them",
		},
		{
			name: "waves", unit: "worlds", wanted: 500, folder: program, test: "TestWavesKilled", beside: true, note: "PostgreSQL",
			what: "the same, of a rollout in three waves",
		},
		{
			name: "frozen", unit: "worlds", wanted: 300, folder: program, test: "TestManyFrozen", beside: true, note: "PostgreSQL",
			what: "three processes on one ledger in PostgreSQL, one of them stopped (SIGSTOP) for twice its lease, and woken",
		},
		{
			name: "databases", unit: "worlds", wanted: 200, folder: program, test: "TestManyAndKilledDatabase", beside: true, note: "PostgreSQL",
			what: "three processes on one ledger in PostgreSQL, which is killed and started again",
		},
		{
			name: "cuts", unit: "worlds", wanted: 100, folder: program, test: "TestManyCutOff", beside: true, note: "PostgreSQL",
			what: "three processes on one ledger in PostgreSQL, one of them cut off from it for twice its lease; then what was on its way arrives",
		},
		{
			name: "promoted", unit: "worlds", wanted: 100, folder: program, test: "TestManyAndPromotedStandby", beside: true, note: "PostgreSQL",
			what: "two processes on one ledger in PostgreSQL, whose standby takes over without what was committed last; then `ledger adopt`",
		},
		{
			name: "snapshots", unit: "worlds", wanted: 50, folder: program, test: "TestManyAndSnapshot", beside: true, note: "PostgreSQL",
			what: "two processes on one ledger in PostgreSQL, in the place of which a copy from the middle of their run is put, during it or after; then `ledger adopt`",
		},
		{
			name: "histories", unit: "histories", wanted: 10_000_000, folder: "engine/delivery", test: "TestModel",
			what: "random histories of deliveries against the promises of the core, in memory",
		},
		{
			name: "ledgers", unit: "ledgers", wanted: 1, folder: program, test: "TestEarlierLedgers",
			what: "the ledger of each earlier version (testdata/ledgers), with messages sent, in doubt and refused, opened and finished by this one",
		},
		{
			name: "soak", unit: "minutes", wanted: 120, folder: program, test: "TestSoak",
			what: "80 messages a second with `serve` beside that takes their webhooks: memory and open files of both stay flat",
		},
		{
			name: "fuzz", unit: "CPU seconds", wanted: 24 * 60 * 60,
			what: "fuzzing of what comes from outside: job files, expressions, CSV, JSON lines, workbooks, phone numbers, webhooks, answers of the API, template locks, rate cards and files of inputs",
		},
	}
}

// target is one function that is fuzzed.
type target struct{ folder, name string }

func targets() []target {
	return []target{
		{"engine/jobfile", "FuzzLoad"},
		{"engine/eval", "FuzzTemplate"},
		{"engine/rows", "FuzzCSV"},
		{"engine/rows", "FuzzJSONL"},
		{"engine/sources/xlsx", "FuzzSheet"},
		{"engine/phone", "FuzzRead"},
		{"whatsapp/webhook", "FuzzParse"},
		{"whatsapp/webhook", "FuzzVerify"},
		{"whatsapp", "FuzzAnswer"},
		{"whatsapp", "FuzzUsualAnswer"},
		{"whatsapp/internal/http1", "FuzzAnswer"},
		{"whatsapp/internal/http1", "FuzzOrdinary"},
		{"steps/template", "FuzzLock"},
		{"engine/price", "FuzzCard"},
		{"engine/cli", "FuzzInputs"},
	}
}
