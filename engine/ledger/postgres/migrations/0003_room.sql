-- What a message takes, made less. Nobody may send meanwhile: senders of before know none of this.

-- A message id ends, as nearly all do, in a number of 18 hexadecimal digits: it is kept as 9 bytes. See packMessage.
CREATE FUNCTION waybill.packed_message(m bytea) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
	SELECT CASE WHEN octet_length(m) > 21 AND get_byte(m, 0) = 0 AND get_byte(m, octet_length(m) - 20) = 18 AND get_byte(m, octet_length(m) - 1) = 0
			AND encode(substr(m, octet_length(m) - 18, 18), 'escape') ~ '^[0-9A-F]{18}$'
		THEN E'\\x02'::bytea || substr(m, 2, octet_length(m) - 21) || decode(encode(substr(m, octet_length(m) - 18, 18), 'escape'), 'hex')
		ELSE m END
$$;

-- A delivery with its current attempt inline. UNIQUE (step, item, number) is the promise: one row a key. A number beyond the first is a
-- further delivery of an item that had been sent, which a person asked for. Wide columns stand first: none is padded.
CREATE TABLE waybill.new_delivery (
	id           bigint NOT NULL,
	digest       bigint NOT NULL,
	intended_at  bigint NOT NULL,
	settled_ms   bigint,                     -- Delivery.SettledAt, where it is not the end of the attempt
	ended_ms     bigint,                     -- Attempt.Ended
	status_at    bigint,
	step         integer NOT NULL,
	run          integer NOT NULL,
	line         integer NOT NULL,
	owner        integer,                    -- the process that the last request was allowed to; NULL: it was accepted
	message_hash integer,                    -- form.MessageHash of message
	mould        integer,                    -- of the text; NULL: it was sent before this was kept; 0: the job did not want it kept
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
	text         bytea                       -- of the current attempt; NULL beside a mould: it was taken out
) WITH (fillfactor = 100, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

INSERT INTO waybill.new_delivery (id, digest, intended_at, settled_ms, ended_ms, status_at, step, run, line, owner, message_hash, mould, code,
		failure_code, business, number, state, attempts, result, result_flags, http, cause, failed_by, again, held, item, recipient, message,
		held_back, answer, trace, failure, text)
	SELECT d.id, d.digest, d.intended_at, d.settled_ms, d.ended_ms, d.status_at, d.step, d.run, d.line, d.owner,
		('x' || encode(substr(sha256(CASE WHEN get_byte(d.message, 0) = 0
			THEN convert_to('wamid.' || translate(encode(substr(d.message, 2), 'base64'), E'\n', ''), 'UTF8')
			ELSE substr(d.message, 2) END), 1, 4), 'hex'))::bit(32)::integer,
		d.mould, d.code, d.failure_code, d.business, d.number, d.state, d.attempts, d.result, d.result_flags, d.http, d.cause, d.failed_by, d.again,
		d.held, d.item, d.recipient, waybill.packed_message(d.message), d.held_back, d.answer, d.trace, d.failure, d.text
	FROM waybill.delivery d ORDER BY d.id;

DO $$
DECLARE
	by_recipient boolean := to_regclass('waybill.delivery_recipient') IS NOT NULL; -- see indexRecipients
BEGIN
	DROP TABLE waybill.delivery;
	ALTER TABLE waybill.new_delivery RENAME TO delivery;
	ALTER TABLE waybill.delivery ADD PRIMARY KEY (id), ADD UNIQUE (step, item, number), ALTER id ADD GENERATED ALWAYS AS IDENTITY;
	PERFORM setval('waybill.delivery_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM waybill.delivery), false);
	IF by_recipient THEN
		CREATE INDEX delivery_recipient ON waybill.delivery (recipient);
	END IF;
END $$;
CREATE INDEX delivery_run ON waybill.delivery (run);
-- What waits for somebody is little and asked for often. Its index may look at no column that changes with each delivery, as state does.
CREATE INDEX delivery_held ON waybill.delivery (id) WHERE held;
-- An outcome so writes each index entry of its delivery anew: nearly all did before, since pages are full, and a table that finds messages
-- takes more room than these do.
CREATE INDEX delivery_message ON waybill.delivery (message_hash) WHERE message_hash IS NOT NULL;
DROP TABLE waybill.message;

UPDATE waybill.attempt SET message = waybill.packed_message(message) WHERE message IS DISTINCT FROM waybill.packed_message(message);
UPDATE waybill.double_accept SET message = waybill.packed_message(message) WHERE message <> waybill.packed_message(message);
UPDATE waybill.status SET message = waybill.packed_message(message) WHERE message <> waybill.packed_message(message);
DROP FUNCTION waybill.packed_message;
