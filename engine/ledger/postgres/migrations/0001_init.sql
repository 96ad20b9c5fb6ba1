-- Instants are Unix milliseconds, but for those by which processes judge each other: these are by the clock of the database. NULL is
-- "none"; a column that ends in _at is an instant, one that ends in _ms counts from intended_at. Texts are as putText makes them, and
-- compare byte by byte. JSON is kept as text: jsonb takes no zero character.

CREATE SCHEMA IF NOT EXISTS waybill;

-- One row: what the ledger is. The identity of the cluster and the epoch tell when the database was restored or copied.
CREATE TABLE waybill.ledger (
	one               boolean PRIMARY KEY DEFAULT true CHECK (one),
	id                text NOT NULL,
	version           integer NOT NULL,
	created_at        bigint NOT NULL,
	begun_at          bigint,            -- since when messages may be sent from it; see engine.Keeper
	callback_key      bytea NOT NULL,
	digest_key        bytea NOT NULL,
	sandbox           boolean NOT NULL,  -- what it holds was never sent to people
	system_identifier text NOT NULL,
	timeline          text NOT NULL,
	dbid              bigint NOT NULL,
	epoch             bigint NOT NULL,   -- rises with each sender
	adopted_at        timestamptz,
	sought_words      text,              -- JSON: stop and start words that the inbox was looked through for
	moved_to          text,              -- it was copied there, and nothing is sent from it
	moved_as          text,              -- by the copy of that name
	arrived_as        text,              -- the copy that this ledger was made by
	incoming          boolean NOT NULL DEFAULT false -- it is not finished, and nobody may use it
);

-- Each that writes, by a row of its own that nobody else writes while it lives: its groups are counted, and what shared rows would
-- count for all is summed up. Rows are never deleted. Deliveries name the sender that may make their request.
CREATE TABLE waybill.process (
	id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	holder          text NOT NULL,
	since           timestamptz NOT NULL DEFAULT clock_timestamp(),
	sending         boolean NOT NULL DEFAULT false,
	seen            timestamptz NOT NULL DEFAULT clock_timestamp(), -- of a sender: its lease counts from here
	ended           timestamptz,                                    -- it makes no request any more
	swept           boolean NOT NULL DEFAULT false,                 -- nothing of it is under way
	session         integer NOT NULL DEFAULT 0,                     -- rises with each connection that writes for it
	groups          bigint NOT NULL DEFAULT 0,
	received_at     bigint,                                         -- when the last webhook came
	listening_until bigint,                                         -- until when it receives webhooks
	foreigners      bigint NOT NULL DEFAULT 0                       -- callbacks that this ledger did not make
) WITH (fillfactor = 50);
CREATE INDEX process_sending ON waybill.process (id) WHERE sending AND NOT swept;

-- Keyed digests of ids and keys of people who were forgotten, and by what codes the callbacks of requests to them are genuine; see
-- form.Forgotten. Nothing is deleted.
CREATE TABLE waybill.forgotten (
	seq  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	code text COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE waybill.forgotten_callback (
	delivery bigint NOT NULL,
	attempt  integer NOT NULL,
	code     text COLLATE "C" NOT NULL,
	PRIMARY KEY (delivery, attempt)
);

CREATE TABLE waybill.run (
	seq         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id          text COLLATE "C" NOT NULL UNIQUE,
	job         text COLLATE "C" NOT NULL,
	mode        text COLLATE "C" NOT NULL,
	scope       text COLLATE "C" NOT NULL,
	status      text COLLATE "C" NOT NULL,
	file        text NOT NULL,
	digest      text NOT NULL,
	inputs      text,
	asked       text,                      -- JSON, see engine.Asked
	errors      text,                      -- JSON, the first failures
	started_at  bigint NOT NULL,
	finished_at bigint,
	counts      text,                      -- JSON, engine.Counts of a job that makes no delivery; see run_count for others
	reason      text NOT NULL DEFAULT '',
	resumes     integer NOT NULL DEFAULT 0,
	started_by  text,                      -- JSON, see engine.Actor
	ordered     text,                      -- JSON, see engine.Order: to stop
	cancelled   text,                      -- JSON, see engine.Order: to drop what waits
	repairs     text,                      -- JSON, see engine.Repair
	met         integer,                   -- the row of met that it shares
	waits_until bigint                     -- when the first of its rows that wait may go
);
CREATE INDEX run_started ON waybill.run (started_at);

-- Who works at a run: what a sender that is gone left is looked for there.
CREATE TABLE waybill.run_process (
	run         integer NOT NULL,
	process     integer NOT NULL,
	status      text,                       -- of a divided run: how its rows have fared, once some part of them was done
	reason      text,
	waits_until bigint,
	left_it     boolean NOT NULL DEFAULT false, -- it said that it is done with the run
	progress    text,                       -- JSON, see engine.Progress
	PRIMARY KEY (process, run)
) WITH (fillfactor = 50);
CREATE INDEX run_process_run ON waybill.run_process (run);

-- What became of the messages of a run, see delivery.Outcome: of the deliveries that it made attempts for (part 0), and of the rows
-- that became no request (part 1). A count is the sum of its shards: processes that count at once do not wait for each other.
CREATE TABLE waybill.run_count (
	run     integer NOT NULL,
	part    smallint NOT NULL,
	shard   smallint NOT NULL,
	outcome smallint NOT NULL,
	n       bigint NOT NULL,
	PRIMARY KEY (run, part, shard, outcome)
) WITH (fillfactor = 50);

-- How WhatsApp says that messages were charged, and how many of each run. A message counts when it was delivered. A count is the sum of
-- its shards.
CREATE TABLE waybill.charge (
	seq      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	category text COLLATE "C" NOT NULL,
	type     text COLLATE "C" NOT NULL,
	model    text COLLATE "C" NOT NULL,
	country  text COLLATE "C" NOT NULL,
	UNIQUE (category, type, model, country)
);
CREATE TABLE waybill.run_charge (
	run    integer NOT NULL,
	charge integer NOT NULL,
	shard  smallint NOT NULL,
	n      bigint NOT NULL,
	PRIMARY KEY (run, charge, shard)
);

-- Deliveries that an apply met and left as earlier runs had decided, each with the number of its attempts then. Runs that met the
-- same share one row. Rows are never deleted.
CREATE TABLE waybill.met (
	seq    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest bytea NOT NULL UNIQUE, -- SHA-256 of ids, its first 16 bytes
	ids    bytea NOT NULL         -- see form.Set
);
CREATE TABLE waybill.met_count (
	met     integer NOT NULL,
	shard   smallint NOT NULL,
	outcome smallint NOT NULL,
	n       bigint NOT NULL,
	PRIMARY KEY (met, shard, outcome)
) WITH (fillfactor = 50);

-- Rows of runs that became no request: those that are invalid or wait, or waited and were cancelled. Others are counted alone.
CREATE TABLE waybill.unsent (
	run     integer NOT NULL,
	line    integer NOT NULL,
	step    text COLLATE "C" NOT NULL,
	item    text COLLATE "C" NOT NULL,
	outcome smallint NOT NULL,
	file    text,
	cell    text,
	reason  text,
	message text,
	until   bigint,
	at      bigint NOT NULL,
	PRIMARY KEY (run, line, step, item)
);

-- What wakes a run that is under way: a delivery of it failed after it was accepted, or (NULL) an order was given. Run 0 is every run:
-- somebody opted out or came back, or (person) an id of somebody about whom there is a word was paired or parted. xid is the transaction that told it: numbers are not in the order in which they become visible.
CREATE TABLE waybill.news (
	seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
	run      integer NOT NULL,
	delivery bigint,
	person   text
);
CREATE INDEX news_run ON waybill.news (run, xid);

-- The part of a key that many deliveries share, written once.
CREATE TABLE waybill.step (
	seq  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job   text COLLATE "C" NOT NULL,
	scope text COLLATE "C" NOT NULL,
	path  text COLLATE "C" NOT NULL,
	template boolean NOT NULL DEFAULT false, -- it sent templates: all its deliveries count as such
	UNIQUE (job, scope, path)
);

-- What the first process of a run read of a source that may be another for the next one, by the path of a step; see engine.RowKeeper. Piece
-- 0 says how many there are and what they are together (JSON, see keptHead), and is written last. Others are gzip, of 512 KiB each.
CREATE TABLE waybill.run_rows (
	run   text COLLATE "C" NOT NULL, -- id; it may not have begun
	step  text COLLATE "C" NOT NULL,
	piece integer NOT NULL,
	at    bigint NOT NULL,
	data  bytea NOT NULL,
	PRIMARY KEY (run, step, piece)
);

-- The business numbers that messages went by, each written once.
CREATE TABLE waybill.business_number (
	seq smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id  text COLLATE "C" NOT NULL UNIQUE -- phone number id
);

-- A delivery with its current attempt inline. UNIQUE (step, item, number) is the promise: one row a key. A number beyond the first is a
-- further delivery of an item that had been sent, which a person asked for. Wide columns stand first: none
-- is padded.
CREATE TABLE waybill.delivery (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest       bigint NOT NULL,
	intended_at  bigint NOT NULL,
	settled_ms   bigint,                     -- Delivery.SettledAt, where it is not the end of the attempt
	ended_ms     bigint,                     -- Attempt.Ended
	status_at    bigint,
	step         integer NOT NULL,
	run          integer NOT NULL,
	owner        integer NOT NULL,           -- the process that the last request was allowed to
	line         integer NOT NULL,
	code         integer,
	failure_code integer,                    -- why it failed after it was accepted
	business     smallint NOT NULL,          -- the row of the business number that it went by last; 0: not known
	number       smallint NOT NULL,          -- among the deliveries of its item: 1 for the first
	state        smallint NOT NULL,
	attempts     smallint NOT NULL,
	result       smallint NOT NULL DEFAULT 0, -- of the current attempt; 0 is unanswered
	result_flags smallint NOT NULL DEFAULT 0, -- see packFlags
	http         smallint,
	cause        smallint,
	failed_by    smallint,                   -- the cause of a later failure
	again        boolean NOT NULL DEFAULT false,
	held         boolean NOT NULL DEFAULT false, -- planned or in doubt
	item         text COLLATE "C" NOT NULL,
	recipient    text COLLATE "C" NOT NULL,
	message      bytea,                      -- see packMessage
	held_back    text,
	answer       text,
	trace        text,
	failure      text,
	UNIQUE (step, item, number)
) WITH (fillfactor = 100, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX delivery_run ON waybill.delivery (run);
-- What waits for somebody is little and asked for often. Its index may look at no column that changes with each delivery, as state does.
CREATE INDEX delivery_held ON waybill.delivery (id) WHERE held;

-- By what message ids deliveries are found, under the number of form.MessageHash. It is no column of delivery with an index: an outcome,
-- and each status after it, would then write anew each index entry of its delivery.
CREATE TABLE waybill.message (
	delivery bigint NOT NULL,
	hash     integer NOT NULL
);
CREATE INDEX message_hash ON waybill.message (hash);

-- Attempts before the current one.
CREATE TABLE waybill.attempt (
	delivery     bigint NOT NULL,
	number       smallint NOT NULL,
	run          integer NOT NULL,
	intended_at  bigint NOT NULL,
	ended_ms     bigint,
	result       smallint NOT NULL,
	result_flags smallint NOT NULL,
	message_hash integer,
	http         smallint,
	code         integer,
	cause        smallint,
	message      bytea,
	held_back    text,
	answer       text,
	trace        text,
	PRIMARY KEY (delivery, number)
);
CREATE INDEX attempt_run ON waybill.attempt (run);
CREATE INDEX attempt_message ON waybill.attempt (message_hash) WHERE message_hash IS NOT NULL;

-- Message ids beyond the first that a delivery was accepted with: proof that a person got it twice.
CREATE TABLE waybill.double_accept (
	delivery     bigint NOT NULL,
	message      bytea NOT NULL,
	message_hash integer NOT NULL,
	attempt      integer NOT NULL,
	found_at     bigint NOT NULL,
	PRIMARY KEY (delivery, message)
);
CREATE INDEX double_accept_message ON waybill.double_accept (message_hash);

-- Webhooks as they came. Identical ones are kept once.
CREATE TABLE waybill.inbox (
	seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at bigint NOT NULL,
	digest      bytea NOT NULL UNIQUE, -- SHA-256 of the body, its first 16 bytes
	body        bytea NOT NULL
);

-- What WhatsApp said of messages. delivery is NULL until it is known which one it is about; callback is then the
-- code that would tell. The raw form is in the inbox from byte raw_from on for raw_size bytes, or in raw.
CREATE TABLE waybill.status (
	seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at           bigint NOT NULL,
	received_at  bigint NOT NULL,
	delivery     bigint,
	inbox        bigint,
	message_hash integer NOT NULL,
	attempt      integer,
	code         integer,
	raw_from     integer,
	raw_size     integer,
	state        smallint NOT NULL,
	http         smallint,
	cause        smallint,
	again        boolean NOT NULL,
	message      bytea NOT NULL,
	callback     text COLLATE "C",
	word         text COLLATE "C" NOT NULL DEFAULT '', -- empty: the word of state
	recipient    text,
	answer       text,
	trace        text,
	raw          bytea,
	charge       integer                           -- of one status of a message at most: the first that told
);
CREATE UNIQUE INDEX status_once ON waybill.status (message_hash, message, state, at, word);
CREATE INDEX status_pending ON waybill.status (callback) WHERE delivery IS NULL;

CREATE TABLE waybill.inbound (
	seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id           text COLLATE "C" NOT NULL UNIQUE,
	number_id    text COLLATE "C" NOT NULL,
	sender       text COLLATE "C" NOT NULL,
	user_id      text COLLATE "C" NOT NULL,
	profile_name text NOT NULL,
	at           bigint NOT NULL,
	type         text NOT NULL,
	text         text NOT NULL,
	reply_to     text NOT NULL,
	raw          bytea,
	username     text,
	payload      text,
	standby      boolean NOT NULL
);
CREATE INDEX inbound_at ON waybill.inbound (at);
CREATE INDEX inbound_sender ON waybill.inbound (sender, at);
CREATE INDEX inbound_user ON waybill.inbound (user_id, at) WHERE user_id <> '';

CREATE TABLE waybill.notice (
	seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	field      text NOT NULL,
	account_id text NOT NULL,
	at         bigint NOT NULL,
	raw        bytea
);
CREATE INDEX notice_at ON waybill.notice (at);

-- How far a rollout has come: a wave goes on where it was, whoever takes it up.
CREATE TABLE waybill.rollout (
	step  integer PRIMARY KEY, -- the forEach, in the table of steps
	state text NOT NULL        -- JSON, see engine.RolloutState
);

-- What is still to be told to those whom jobs notify. A row goes when it was told.
CREATE TABLE waybill.letter (
	seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job    text COLLATE "C" NOT NULL,
	target text NOT NULL,
	event  text NOT NULL, -- JSON, see notify.Event
	at     bigint NOT NULL
);
CREATE INDEX letter_job ON waybill.letter (job, seq);

-- Jobs and scopes of which the ledger may not know all that was sent: it was adopted after its database went back in time.
CREATE TABLE waybill.uncertain (
	job   text COLLATE "C" NOT NULL,
	scope text COLLATE "C" NOT NULL,
	PRIMARY KEY (job, scope)
);

-- Two ids of one person: a number and the number under which WhatsApp knows its account, or that and a business-scoped user id, by what
-- the business number number_id was told. See audience.Learn.
CREATE TABLE waybill.pair (
	number    text COLLATE "C" NOT NULL,
	other     text COLLATE "C" NOT NULL,
	number_id text COLLATE "C" NOT NULL,
	username  text,
	at        bigint NOT NULL,
	ended_at  bigint, -- NULL: it holds
	PRIMARY KEY (number, other, number_id)
);
CREATE INDEX pair_other ON waybill.pair (other);

-- Words about who does not want to be written to, and who came back. Nothing is deleted. A word that named a person by two ids has two
-- rows, the second of them marked. Numbers are in the order in which they become visible: see keepOptOuts.
CREATE TABLE waybill.opt_out (
	seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          bigint NOT NULL,
	received_at bigint NOT NULL,
	back        boolean NOT NULL,
	second      boolean NOT NULL,
	person      text COLLATE "C" NOT NULL,
	also        text,
	number_id   text COLLATE "C" NOT NULL, -- empty: every business number
	scope       text COLLATE "C" NOT NULL,
	source      text COLLATE "C" NOT NULL,
	word        text,
	by          text,                      -- JSON, see engine.Actor
	UNIQUE (person, number_id, scope, source, at, back)
);

-- The pace of a number: when its next place is free, until when nobody gets one, and what it bears (NULL: what is asked for).
CREATE TABLE waybill.number (
	id       text COLLATE "C" PRIMARY KEY,
	free_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
	closed   timestamptz NOT NULL DEFAULT clock_timestamp(),
	halved   timestamptz,
	rate     double precision
) WITH (fillfactor = 50);

-- A run that is divided, with the digest of its rows, and its parts. process is NULL while nobody has a part.
CREATE TABLE waybill.division (
	run  integer PRIMARY KEY,
	rows text NOT NULL
);
CREATE TABLE waybill.run_part (
	run     integer NOT NULL,
	part    smallint NOT NULL,
	process integer,
	done    boolean NOT NULL DEFAULT false,
	taken   integer,                       -- the process that it was taken from, which was silent for too long
	PRIMARY KEY (run, part)
) WITH (fillfactor = 50);
CREATE INDEX run_part_process ON waybill.run_part (process) WHERE process IS NOT NULL;

-- What the job of a run said, part by part; see engine.PartDigest. Runs of one job with the same inputs share a row.
CREATE TABLE waybill.outline (
	digest text COLLATE "C" PRIMARY KEY, -- of run
	parts  text NOT NULL                 -- JSON
);

-- With what digest of its rows an apply of a job in a scope found that each row that was sent still makes the message that was sent.
-- The next run in that scope takes it out until it has found the same.
CREATE TABLE waybill.unchanged (
	job    text COLLATE "C" NOT NULL,
	scope  text COLLATE "C" NOT NULL,
	digest text NOT NULL,
	PRIMARY KEY (job, scope)
);
