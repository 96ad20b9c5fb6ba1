-- Instants are Unix milliseconds. NULL is "none"; a column that ends in _at is an instant, one that ends in _ms
-- counts from intended_at. See stored_value.go for how recipients and message ids are packed.

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Keyed digests of ids and keys of people who were forgotten, and by what codes the callbacks of requests to them are genuine; see
-- form.Forgotten. Nothing is deleted.
CREATE TABLE forgotten (
	seq  INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE forgotten_callback (
	delivery INTEGER NOT NULL,
	attempt  INTEGER NOT NULL,
	code     TEXT NOT NULL,
	PRIMARY KEY (delivery, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
	seq         INTEGER PRIMARY KEY,
	id          TEXT NOT NULL UNIQUE,
	job         TEXT NOT NULL,
	mode        TEXT NOT NULL,
	scope       TEXT NOT NULL,
	status      TEXT NOT NULL,
	file        TEXT NOT NULL,
	digest      TEXT NOT NULL,
	inputs      TEXT,
	asked       TEXT,                      -- JSON, see engine.Asked
	errors      TEXT,                      -- JSON, the first failures
	started_at  INTEGER NOT NULL,
	finished_at INTEGER,
	counts      TEXT,                      -- JSON, engine.Counts of a job that makes no delivery; see run_count for others
	reason      TEXT NOT NULL DEFAULT '',
	resumes     INTEGER NOT NULL DEFAULT 0,
	started_by  TEXT,                      -- JSON, see engine.Actor
	ordered     TEXT,                      -- JSON, see engine.Order: to stop
	cancelled   TEXT,                      -- JSON, see engine.Order: to drop what waits
	repairs     TEXT,                      -- JSON, see engine.Repair
	met         INTEGER,                   -- the row of met that it shares
	waits_until INTEGER                    -- when the first of its rows that wait may go
) STRICT;
CREATE INDEX run_started ON run (started_at);

-- What became of the messages of a run, see delivery.Outcome: of the deliveries that it made attempts for (part 0), and of the rows
-- that became no request (part 1). It is changed in the transaction that changes what it counts.
CREATE TABLE run_count (
	run     INTEGER NOT NULL,
	part    INTEGER NOT NULL,
	outcome INTEGER NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (run, part, outcome)
) STRICT, WITHOUT ROWID;

-- Deliveries that an apply met and left as earlier runs had decided, each with the number of its attempts then. Runs that met the
-- same share one row. Rows are never deleted.
CREATE TABLE met (
	seq    INTEGER PRIMARY KEY,
	digest BLOB NOT NULL UNIQUE, -- SHA-256 of ids, its first 16 bytes
	ids    BLOB NOT NULL         -- see met_set.go
) STRICT;
CREATE TABLE met_count (
	met     INTEGER NOT NULL,
	outcome INTEGER NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (met, outcome)
) STRICT, WITHOUT ROWID;

-- Rows of runs that became no request: those that are invalid or wait, or waited and were cancelled. Others are counted alone.
CREATE TABLE unsent (
	run     INTEGER NOT NULL,
	step    TEXT NOT NULL,
	item    TEXT NOT NULL,
	line    INTEGER NOT NULL,
	outcome INTEGER NOT NULL,
	file    TEXT,
	cell    TEXT,
	reason  TEXT,
	message TEXT,
	until   INTEGER,
	at      INTEGER NOT NULL,
	PRIMARY KEY (run, line, step, item)
) STRICT, WITHOUT ROWID;

-- What wakes a run that is under way: a delivery of it failed after it was accepted, or (NULL) an order was given. Run 0 is every run:
-- somebody opted out or came back, or (person) an id of somebody about whom there is a word was paired or parted. Nothing is deleted.
CREATE TABLE news (
	seq      INTEGER PRIMARY KEY,
	run      INTEGER NOT NULL,
	delivery INTEGER,
	person   TEXT
) STRICT;

-- The part of a key that many deliveries share, written once.
CREATE TABLE step (
	seq   INTEGER PRIMARY KEY,
	job   TEXT NOT NULL,
	scope TEXT NOT NULL,
	path  TEXT NOT NULL,
	template INTEGER NOT NULL DEFAULT 0, -- 1: it sent templates. All its deliveries count as such, which is a byte less for each
	UNIQUE (job, scope, path)
) STRICT;

-- The business numbers that messages went by, each written once.
CREATE TABLE business_number (
	seq INTEGER PRIMARY KEY,
	id  TEXT NOT NULL UNIQUE -- phone number id
) STRICT;

-- A delivery with its current attempt inline. UNIQUE (step, item, number) is the promise: one row a key. A number beyond the first is a
-- further delivery of an item that had been sent, which a person asked for.
-- step and run name rows of tables from which nothing is ever deleted. Ids are never used twice, for the same reason.
CREATE TABLE delivery (
	id           INTEGER PRIMARY KEY,
	step         INTEGER NOT NULL,
	item         TEXT NOT NULL,
	number       INTEGER NOT NULL,           -- 1 for the first
	run          INTEGER NOT NULL,
	recipient    ANY NOT NULL,
	business     INTEGER NOT NULL,           -- the row of the business number that it went by last; 0: not known
	digest       INTEGER NOT NULL,
	line         INTEGER NOT NULL,
	state        INTEGER NOT NULL,
	again        INTEGER NOT NULL DEFAULT 0,
	attempts     INTEGER NOT NULL,
	intended_at  INTEGER NOT NULL,
	result       INTEGER NOT NULL DEFAULT 0, -- of the current attempt; 0 is unanswered
	result_flags INTEGER NOT NULL DEFAULT 0, -- 1: Attempt.Last, 2: Attempt.Again
	settled_ms   INTEGER,                    -- Delivery.SettledAt
	ended_ms     INTEGER,                    -- Attempt.Ended
	message      ANY,
	message_hash INTEGER,
	held_back    TEXT,
	http         INTEGER,
	code         INTEGER,
	answer       TEXT,
	trace        TEXT,
	cause        INTEGER,
	status_at    INTEGER,
	failure_code INTEGER,                    -- why it failed after it was accepted
	failure      TEXT,
	failed_by    INTEGER,                    -- the cause of that
	room         BLOB,                       -- while intended: room for the outcome, so that its row grows in place
	UNIQUE (step, item, number)
) STRICT;
CREATE INDEX delivery_run ON delivery (run);
-- A message id hashes to anywhere, and a group of outcomes would dirty a page each. So the index is cut into blocks of
-- 2,048 deliveries that were made together: a group touches a few pages, and whoever looks an id up asks each block.
CREATE INDEX delivery_message ON delivery (id >> 11, message_hash) WHERE message_hash IS NOT NULL;
-- What waits for somebody is little and asked for often. Intended is not in it: all deliveries pass through that.
CREATE INDEX delivery_held ON delivery (state) WHERE state IN (1, 3);

-- How WhatsApp says that messages were charged, and how many of each run. A message counts when it was delivered.
CREATE TABLE charge (
	seq      INTEGER PRIMARY KEY,
	category TEXT NOT NULL,
	type     TEXT NOT NULL,
	model    TEXT NOT NULL,
	country  TEXT NOT NULL,
	UNIQUE (category, type, model, country)
) STRICT;
CREATE TABLE run_charge (
	run    INTEGER NOT NULL,
	charge INTEGER NOT NULL,
	n      INTEGER NOT NULL,
	PRIMARY KEY (run, charge)
) STRICT, WITHOUT ROWID;

-- Attempts before the current one.
CREATE TABLE attempt (
	delivery     INTEGER NOT NULL REFERENCES delivery (id),
	number       INTEGER NOT NULL,
	run          INTEGER NOT NULL,
	intended_at  INTEGER NOT NULL,
	ended_ms     INTEGER,
	result       INTEGER NOT NULL,
	result_flags INTEGER NOT NULL,
	message      ANY,
	message_hash INTEGER,
	held_back    TEXT,
	http         INTEGER,
	code         INTEGER,
	answer       TEXT,
	trace        TEXT,
	cause        INTEGER,
	PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_run ON attempt (run);
CREATE INDEX attempt_message ON attempt (message_hash) WHERE message_hash IS NOT NULL;

-- Message ids beyond the first that a delivery was accepted with: proof that a person got it twice.
CREATE TABLE double_accept (
	delivery     INTEGER NOT NULL REFERENCES delivery (id),
	message      ANY NOT NULL,
	message_hash INTEGER NOT NULL,
	attempt      INTEGER NOT NULL,
	found_at     INTEGER NOT NULL,
	PRIMARY KEY (delivery, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX double_accept_message ON double_accept (message_hash);

-- Webhooks as they came. Identical ones are kept once.
CREATE TABLE inbox (
	seq         INTEGER PRIMARY KEY,
	received_at INTEGER NOT NULL,
	digest      BLOB NOT NULL UNIQUE, -- SHA-256 of the body, its first 16 bytes
	body        BLOB NOT NULL
) STRICT;

-- What WhatsApp said of messages. delivery is NULL until it is known which one it is about; callback is then the
-- code that would tell. The raw form is in the inbox from byte raw_from on for raw_size bytes, or in raw.
CREATE TABLE status (
	seq          INTEGER PRIMARY KEY,
	message      ANY NOT NULL,
	message_hash INTEGER NOT NULL,
	delivery     INTEGER REFERENCES delivery (id),
	attempt      INTEGER,
	callback     TEXT,
	state        INTEGER NOT NULL,
	word         TEXT,                -- NULL: the word of state
	at           INTEGER NOT NULL,
	received_at  INTEGER NOT NULL,
	recipient    ANY,
	again        INTEGER NOT NULL,
	http         INTEGER,
	code         INTEGER,
	answer       TEXT,
	trace        TEXT,
	cause        INTEGER,
	inbox        INTEGER,
	raw_from     INTEGER,
	raw_size     INTEGER,
	raw          BLOB,
	charge       INTEGER              -- of one status of a message at most: the first that told
) STRICT;
CREATE INDEX status_message ON status (message_hash);
CREATE INDEX status_pending ON status (callback) WHERE delivery IS NULL;

CREATE TABLE inbound (
	seq          INTEGER PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	number_id    TEXT NOT NULL,
	sender       TEXT NOT NULL,
	user_id      TEXT NOT NULL,
	profile_name TEXT NOT NULL,
	at           INTEGER NOT NULL,
	type         TEXT NOT NULL,
	text         TEXT NOT NULL,
	reply_to     TEXT NOT NULL,
	raw          BLOB,
	username     TEXT,
	payload      TEXT,
	standby      INTEGER NOT NULL
) STRICT;
CREATE INDEX inbound_at ON inbound (at);
CREATE INDEX inbound_sender ON inbound (sender, at);
CREATE INDEX inbound_user ON inbound (user_id, at) WHERE user_id <> '';

CREATE TABLE notice (
	seq        INTEGER PRIMARY KEY,
	field      TEXT NOT NULL,
	account_id TEXT NOT NULL,
	at         INTEGER NOT NULL,
	raw        BLOB
) STRICT;
CREATE INDEX notice_at ON notice (at);

-- What the job of a run said, part by part; see engine.PartDigest. Runs of one job with the same inputs share a row.
CREATE TABLE outline (
	digest TEXT PRIMARY KEY, -- of run
	parts  TEXT NOT NULL     -- JSON
) STRICT, WITHOUT ROWID;

-- With what digest of its rows an apply of a job in a scope found that each row that was sent still makes the message that was sent.
-- The next run in that scope takes it out until it has found the same.
CREATE TABLE unchanged (
	job    TEXT NOT NULL,
	scope  TEXT NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (job, scope)
) STRICT, WITHOUT ROWID;

-- Jobs and scopes of which the ledger may not know all that was sent: it was adopted after its file was put back to an earlier time.
CREATE TABLE uncertain (
	job   TEXT NOT NULL,
	scope TEXT NOT NULL,
	PRIMARY KEY (job, scope)
) STRICT, WITHOUT ROWID;

-- How far a rollout has come: a wave goes on where it was, whoever takes it up.
CREATE TABLE rollout (
	step  INTEGER PRIMARY KEY, -- the forEach, in the table of steps
	state TEXT NOT NULL        -- JSON, see engine.RolloutState
) STRICT;

-- What is still to be told to those whom jobs notify. A row goes when it was told. Numbers are not used twice: who tells one late takes
-- out no other.
CREATE TABLE letter (
	seq    INTEGER PRIMARY KEY AUTOINCREMENT,
	job    TEXT NOT NULL,
	target TEXT NOT NULL,
	event  TEXT NOT NULL, -- JSON, see notify.Event
	at     INTEGER NOT NULL
) STRICT;

-- Two ids of one person: a number and the number under which WhatsApp knows its account, or that and a business-scoped user id, by what
-- the business number number_id was told. See audience.Learn, and stored_value.go for how ids are packed.
CREATE TABLE pair (
	number    ANY NOT NULL,
	other     ANY NOT NULL,
	number_id TEXT NOT NULL,
	username  TEXT,
	at        INTEGER NOT NULL,
	ended_at  INTEGER, -- NULL: it holds
	PRIMARY KEY (number, other, number_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_other ON pair (other);

-- Words about who does not want to be written to, and who came back. Nothing is deleted. A word that named a person by two ids has two
-- rows, the second of them marked.
CREATE TABLE opt_out (
	seq         INTEGER PRIMARY KEY,
	person      ANY NOT NULL,
	also        TEXT,
	number_id   TEXT NOT NULL, -- empty: every business number
	scope       TEXT NOT NULL,
	back        INTEGER NOT NULL,
	source      TEXT NOT NULL,
	word        TEXT,
	by          TEXT,          -- JSON, see engine.Actor
	at          INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	second      INTEGER NOT NULL,
	UNIQUE (person, number_id, scope, source, at, back)
) STRICT;
