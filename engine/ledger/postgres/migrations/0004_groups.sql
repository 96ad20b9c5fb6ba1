-- What each group is written by: functions, whose plans the server keeps with its connection. A statement of a client is parsed and
-- planned again each time, for a pooler may lend the connection to others in between; that took longer than to do what it says.

-- What each group begins with. Nothing is set for longer than the transaction: a pooler gives the connection to others. A process that is
-- stopped inside a group keeps rows by which others would take over from it: so the database ends it after idle.
--
-- It counts the group, if this is still the connection that writes for the process, and no group was lost or added under it. It keeps the
-- row until the transaction ends: whoever ends the process waits for that. Without a row it fails with the code WB001.
CREATE FUNCTION waybill.begin_group(me integer, its_session integer, its_group bigint, must_live boolean, heard bigint, idle text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'
			ELSE current_setting('synchronous_commit') END, true),
		set_config('lock_timeout', '2s', true), set_config('statement_timeout', '30s', true),
		set_config('idle_in_transaction_session_timeout', idle, true), set_config('enable_seqscan', 'off', true);
	UPDATE waybill.process SET groups = its_group, received_at = greatest(heard, received_at)
		WHERE id = me AND session = its_session AND groups = its_group - 1 AND (ended IS NULL OR NOT must_live);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'process % does not write by this connection', me USING ERRCODE = 'WB001';
	END IF;
END $$;

-- Outcomes and intents that are as nearly all are; see quick.go. What is not as expected is left alone and told: the numbers of intents
-- whose items have a delivery, or before which a status waits, and the ids of deliveries to which something came between. Of what is
-- given, hashes and each kind are in one order for all, so that two groups do not wait for each other.
--
-- A plan is made once, while tables may be empty yet, and has to be good for any size: so each look-up is one by an index with all of its
-- columns, which OFFSET 0 keeps apart, and coalesce from the index of what waits.
CREATE FUNCTION waybill.write_group(me integer, its_shard smallint, hash_lock integer, hashes integer[], callback_lock integer,
	s_id bigint[], s_attempts smallint[], s_ended bigint[], s_message bytea[], s_hash integer[], s_held text[], s_http smallint[], s_code integer[],
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
			SELECT * FROM unnest(s_id, s_attempts, s_ended, s_message, s_hash, s_held, s_http, s_code, s_answer, s_trace)
				AS s (id, attempts, ended, message, hash, held, http, code, answer, trace)
			WHERE NOT EXISTS (SELECT 1 FROM waybill.status p
				WHERE p.message_hash = s.hash AND p.message = s.message AND coalesce(p.delivery, 0) = 0 OFFSET 0)),
		u AS (UPDATE waybill.delivery d SET state = 5, result = 1, result_flags = 0, ended_ms = s.ended, message = s.message,
				message_hash = s.hash, owner = NULL, held_back = s.held, http = s.http, code = s.code, answer = s.answer, trace = s.trace
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

-- What WhatsApp said of a message.
CREATE FUNCTION waybill.keep_status(its_message bytea, hash integer, its_delivery bigint, its_attempt integer, its_callback text, its_state smallint,
	its_word text, its_at bigint, received bigint, its_recipient text, its_again boolean, its_http smallint, its_code integer, its_answer text,
	its_trace text, its_cause smallint, its_inbox bigint, its_from integer, its_size integer, its_raw bytea, its_charge integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO waybill.status (message, message_hash, delivery, attempt, callback, state, word, at, received_at, recipient, again, http, code,
			answer, trace, cause, inbox, raw_from, raw_size, raw, charge)
		VALUES (its_message, hash, its_delivery, its_attempt, its_callback, its_state, its_word, its_at, received, its_recipient, its_again, its_http,
			its_code, its_answer, its_trace, its_cause, its_inbox, its_from, its_size, its_raw, its_charge);
END $$;

-- What a transition made of a delivery that was loaded as it is told at the end, and whose row was locked since. Otherwise it fails.
CREATE FUNCTION waybill.save_delivery(its_run integer, its_recipient text, its_digest bigint, its_line integer, its_state smallint, its_again boolean,
	its_attempts smallint, intended bigint, its_result smallint, its_flags smallint, its_settled bigint, its_ended bigint, its_message bytea,
	its_held boolean, its_held_back text, its_http smallint, its_code integer, its_answer text, its_trace text, its_cause smallint,
	its_status_at bigint, its_failure_code integer, its_failure text, its_failed_by smallint, its_owner integer, its_business smallint, hash integer,
	its_id bigint, were_attempts smallint, was_state smallint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE waybill.delivery SET run = its_run, recipient = its_recipient, digest = its_digest, line = its_line, state = its_state, again = its_again,
			attempts = its_attempts, intended_at = intended, result = its_result, result_flags = its_flags, settled_ms = its_settled,
			ended_ms = its_ended, message = its_message, held = its_held, held_back = its_held_back, http = its_http, code = its_code,
			answer = its_answer, trace = its_trace, cause = its_cause, status_at = its_status_at, failure_code = its_failure_code,
			failure = its_failure, failed_by = its_failed_by, owner = nullif(its_owner, 0), business = its_business,
			message_hash = hash
		WHERE id = its_id AND attempts = were_attempts AND state = was_state;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'delivery % was changed by another meanwhile', its_id USING ERRCODE = 'WB002';
	END IF;
END $$;
