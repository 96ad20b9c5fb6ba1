-- A message that is told without a callback is looked for among the deliveries to its number (see 0010_number.sql), which are few, but for a
-- number that is written to often. Of such a one the first 16 alone are found by it, and the others by their hash: then they are not in the
-- index of numbers any more.
DROP INDEX waybill.delivery_number;
CREATE INDEX delivery_number ON waybill.delivery (waybill.number_end(recipient)) WHERE message_hash IS NULL;

-- As before, but for message_hash.
CREATE OR REPLACE FUNCTION waybill.write_group(me integer, its_shard smallint, hash_lock integer, hashes integer[], callback_lock integer,
	s_id bigint[], s_attempts smallint[], s_ended bigint[], s_message bytea[], s_hash integer[], s_number integer[],
	s_held text[], s_http smallint[], s_code integer[],
	s_answer text[], s_trace text[],
	i_at bigint, i_step integer[], i_item text[], i_run integer[], i_recipient text[], i_digest bigint[], i_line integer[], i_business smallint[],
	i_mould integer[], i_text bytea[],
	OUT ids bigint[], OUT refused integer[], OUT unsettled bigint[])
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off AS $$
DECLARE
	settled bigint[];
	settled_runs integer[] := '{}';
	settled_held boolean[] := '{}';
	begun bigint[];
	begun_runs integer[] := '{}';
BEGIN
	PERFORM pg_advisory_xact_lock(hash_lock, h) FROM unnest(hashes) AS h;
	IF cardinality(i_step) > 0 THEN
		PERFORM pg_advisory_xact_lock_shared(callback_lock, 0);
	END IF;

	IF cardinality(s_id) > 0 THEN
		WITH s AS MATERIALIZED (
			SELECT s.*, EXISTS (SELECT 1 FROM waybill.delivery o
				WHERE waybill.number_end(o.recipient) = s.number AND o.message_hash IS NULL OFFSET 16) AS often
			FROM unnest(s_id, s_attempts, s_ended, s_message, s_hash, s_number, s_held, s_http, s_code, s_answer, s_trace)
				AS s (id, attempts, ended, message, hash, number, held, http, code, answer, trace)
			WHERE NOT EXISTS (SELECT 1 FROM waybill.status p
				WHERE p.message_hash = s.hash AND p.message = s.message AND coalesce(p.delivery, 0) = 0 OFFSET 0)),
		u AS (UPDATE waybill.delivery d SET state = 5, result = 1, result_flags = NULL, ended_ms = s.ended, message = s.message,
				message_hash = CASE WHEN s.often THEN s.hash ELSE waybill.hash_unless(s.hash, s.number, d.recipient) END,
				owner = NULL, held_back = s.held, http = s.http, code = s.code, answer = s.answer, trace = s.trace
			FROM s WHERE d.id = ANY (s_id) AND d.id = s.id AND d.attempts = s.attempts AND d.state = 2 AND d.message IS NULL
			RETURNING d.id, d.run, d.held_back IS NOT NULL AS held)
		SELECT array_agg(u.id), array_agg(u.run), array_agg(u.held) INTO settled, settled_runs, settled_held FROM u;
		IF cardinality(settled) IS DISTINCT FROM cardinality(s_id) THEN
			unsettled := ARRAY(SELECT unnest(s_id) EXCEPT SELECT unnest(settled));
		END IF;
	END IF;

	IF cardinality(i_step) > 0 THEN
		ids := ARRAY(SELECT nextval('waybill.delivery_id_seq') FROM generate_series(1, cardinality(i_step)));
		WITH n AS (INSERT INTO waybill.delivery (id, step, item, run, recipient, digest, line, owner, intended_at, state, attempts, number,
				business, mould, text) OVERRIDING SYSTEM VALUE
			SELECT i.id, i.step, i.item, i.run, i.recipient, i.digest, i.line, me, i_at, 2, 1, 1, i.business, i.mould, i.text
			FROM unnest(ids, i_step, i_item, i_run, i_recipient, i_digest, i_line, i_business, i_mould, i_text)
				AS i (id, step, item, run, recipient, digest, line, business, mould, text)
			WHERE NOT EXISTS (SELECT 1 FROM waybill.status p WHERE p.delivery IS NULL AND p.callback IS NOT NULL)
				AND NOT EXISTS (SELECT 1 FROM waybill.delivery d WHERE d.step = i.step AND d.item = i.item AND d.number = 1 OFFSET 0)
			RETURNING id, run)
		SELECT array_agg(n.id), array_agg(n.run) INTO begun, begun_runs FROM n;
		IF cardinality(begun) IS DISTINCT FROM cardinality(ids) THEN
			refused := ARRAY(SELECT n FROM unnest(ids) WITH ORDINALITY AS given (id, n) WHERE id NOT IN (SELECT unnest(begun)));
		END IF;
	END IF;

	INSERT INTO waybill.run_count (run, part, shard, outcome, n)
		SELECT c.run, 0, its_shard, c.outcome, sum(c.n) FROM (
			SELECT run, 1 AS outcome, 1 AS n FROM unnest(begun_runs) AS run
			UNION ALL SELECT run, 1, -1 FROM unnest(settled_runs) AS run
			UNION ALL SELECT run, CASE WHEN held THEN 3 ELSE 2 END, 1 FROM unnest(settled_runs, settled_held) AS s (run, held)) c
		GROUP BY c.run, c.outcome HAVING sum(c.n) <> 0 ORDER BY c.run, c.outcome
		ON CONFLICT (run, part, shard, outcome) DO UPDATE SET n = run_count.n + excluded.n;
END $$;

CREATE OR REPLACE FUNCTION waybill.save_delivery(its_run integer, its_recipient text, its_digest bigint, its_line integer, its_state smallint, its_again boolean,
	its_attempts smallint, intended bigint, its_result smallint, its_flags smallint, its_settled bigint, its_ended bigint, its_message bytea,
	its_held boolean, its_held_back text, its_http smallint, its_code integer, its_answer text, its_trace text, its_cause smallint,
	its_status_at bigint, its_failure_code integer, its_failure text, its_failed_by smallint, its_owner integer, its_business smallint, hash integer, its_end integer,
	its_id bigint, were_attempts smallint, was_state smallint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE waybill.delivery SET run = its_run, recipient = its_recipient, digest = its_digest, line = its_line, state = its_state, again = nullif(its_again, false),
			attempts = its_attempts, intended_at = intended, result = its_result, result_flags = nullif(its_flags, 0::smallint), settled_ms = its_settled,
			ended_ms = its_ended, message = its_message, held = nullif(its_held, false), held_back = its_held_back, http = its_http, code = its_code,
			answer = its_answer, trace = its_trace, cause = its_cause, status_at = its_status_at, failure_code = its_failure_code,
			failure = its_failure, failed_by = its_failed_by, owner = nullif(its_owner, 0), business = its_business,
			message_hash = CASE WHEN EXISTS (SELECT 1 FROM waybill.delivery o WHERE waybill.number_end(o.recipient) = its_end
				AND o.message_hash IS NULL AND o.id <> its_id OFFSET 16) THEN hash ELSE waybill.hash_unless(hash, its_end, its_recipient) END
		WHERE id = its_id AND attempts = were_attempts AND state = was_state;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'delivery % was changed by another meanwhile', its_id USING ERRCODE = 'WB002';
	END IF;
END $$;

-- The oldest version of the format whose programs may still use the ledger: see migrate.go.
ALTER TABLE waybill.ledger ADD COLUMN oldest integer NOT NULL DEFAULT 13;
