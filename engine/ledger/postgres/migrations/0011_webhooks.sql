-- What groups that go the slow way begin with, and what webhooks read and write: by functions, for the reason that 0004_groups.sql gives, and
-- each for all of a group at once.

-- What such a group begins with: as begin_group says, then the locks that it takes at once, in the order in which they are given, and then
-- what group_facts finds, with its lock.
CREATE FUNCTION waybill.open_group(me integer, its_session integer, its_group bigint, must_live boolean, heard bigint, idle text,
	classes integer[], keys integer[], shared boolean[], met_lock integer, alone boolean,
	OUT pending boolean, OUT unclaimed boolean, OUT met bigint, OUT forgotten bigint)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM waybill.begin_group(me, its_session, its_group, must_live, heard, idle);
	PERFORM CASE WHEN l.shared THEN pg_advisory_xact_lock_shared(l.class, l.key) ELSE pg_advisory_xact_lock(l.class, l.key) END
		FROM unnest(classes, keys, shared) AS l (class, key, shared);
	SELECT g.pending, g.unclaimed, g.newest_met, g.newest_forgotten INTO pending, unclaimed, met, forgotten
		FROM waybill.group_facts(met_lock, alone) AS g;
END $$;

-- What webhooks need: the rows of their bytes, which are kept where they are new (again: they were here before), and which statuses there are
-- of messages with their hashes. Bodies may tell of somebody who was forgotten since known, the number of the last then: in that case it does
-- nothing. newest is the number of the last now.
CREATE FUNCTION waybill.read_webhooks(newest bigint, known bigint, its_at bigint[], digests bytea[], bodies bytea[], hashes integer[],
	OUT seqs bigint[], OUT kept bytea[], OUT again boolean[],
	OUT messages bytea[], OUT states smallint[], OUT ats bigint[], OUT words text[], OUT waits boolean[], OUT charged boolean[])
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
	IF newest <> known THEN
		RETURN;
	END IF;
	IF cardinality(digests) > 0 THEN
		WITH i AS (INSERT INTO waybill.inbox AS i (received_at, digest, body) SELECT n.at, n.digest, n.body FROM unnest(its_at, digests, bodies)
				AS n (at, digest, body) ON CONFLICT DO NOTHING RETURNING i.seq, i.digest)
			SELECT array_agg(i.seq), array_agg(i.digest), array_agg(false) INTO seqs, kept, again FROM i;
		IF coalesce(cardinality(kept), 0) < cardinality(digests) THEN
			SELECT seqs || array_agg(i.seq), kept || array_agg(i.digest), again || array_agg(true) INTO seqs, kept, again
				FROM waybill.inbox i WHERE i.digest = ANY (digests) AND i.digest <> ALL (coalesce(kept, '{}'));
		END IF;
	END IF;
	SELECT array_agg(s.message), array_agg(s.state), array_agg(s.at), array_agg(s.word), array_agg(s.delivery IS NULL),
			array_agg(s.charge IS NOT NULL) INTO messages, states, ats, words, waits, charged
		FROM waybill.status s WHERE s.message_hash = ANY (hashes);
END $$;

-- Deliveries, locked in one order for all.
CREATE FUNCTION waybill.lock_deliveries(ids bigint[]) RETURNS SETOF waybill.delivery
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
	RETURN QUERY SELECT d.* FROM waybill.delivery d WHERE d.id = ANY (ids) ORDER BY d.id FOR UPDATE;
END $$;

-- What WhatsApp said of messages (k), and what that alone changes of deliveries (m), whose rows were locked since they were loaded as they
-- are told by their attempts and state then. Otherwise it fails.
CREATE FUNCTION waybill.write_statuses(
	k_message bytea[], k_hash integer[], k_delivery bigint[], k_attempt integer[], k_callback text[], k_state smallint[], k_word text[],
	k_at bigint[], k_received bigint[], k_recipient text[], k_again boolean[], k_http smallint[], k_code integer[], k_answer text[], k_trace text[],
	k_cause smallint[], k_inbox bigint[], k_from integer[], k_size integer[], k_raw bytea[], k_charge integer[],
	m_id bigint[], m_attempts smallint[], m_was smallint[], m_state smallint[], m_again boolean[], m_at bigint[], m_code integer[], m_failure text[],
	m_by smallint[])
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_nestloop = off AS $$
DECLARE
	moved bigint;
BEGIN
	INSERT INTO waybill.status (message, message_hash, delivery, attempt, callback, state, word, at, received_at, recipient, again, http, code,
			answer, trace, cause, inbox, raw_from, raw_size, raw, charge)
		SELECT * FROM unnest(k_message, k_hash, k_delivery, k_attempt, k_callback, k_state, k_word, k_at, k_received, k_recipient, k_again, k_http,
			k_code, k_answer, k_trace, k_cause, k_inbox, k_from, k_size, k_raw, k_charge);
	IF cardinality(m_id) = 0 THEN
		RETURN;
	END IF;
	UPDATE waybill.delivery d SET state = m.state, again = nullif(m.again, false), status_at = m.at, failure_code = m.code, failure = m.failure, failed_by = m.by
		FROM unnest(m_id, m_attempts, m_was, m_state, m_again, m_at, m_code, m_failure, m_by)
			AS m (id, attempts, was, state, again, at, code, failure, by)
		WHERE d.id = ANY (m_id) AND d.id = m.id AND d.attempts = m.attempts AND d.state = m.was;
	GET DIAGNOSTICS moved = ROW_COUNT;
	IF moved < cardinality(m_id) THEN
		RAISE EXCEPTION 'one of % deliveries was changed by another meanwhile', cardinality(m_id) USING ERRCODE = 'WB002';
	END IF;
END $$;

-- What a group changes of counts: of runs (c), of sets that applies met (s), unless another took the set away, and of charges (g).
CREATE FUNCTION waybill.add_counts(its_shard smallint, c_run integer[], c_part integer[], c_outcome smallint[], c_n bigint[],
	s_met integer[], s_outcome smallint[], s_n bigint[], g_run integer[], g_charge integer[], g_n bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF cardinality(c_run) > 0 THEN
		INSERT INTO waybill.run_count (run, part, shard, outcome, n)
			SELECT u.run, u.part, its_shard, u.outcome, u.n FROM unnest(c_run, c_part, c_outcome, c_n) AS u (run, part, outcome, n)
			ON CONFLICT (run, part, shard, outcome) DO UPDATE SET n = run_count.n + excluded.n;
	END IF;
	IF cardinality(s_met) > 0 THEN
		INSERT INTO waybill.met_count (met, shard, outcome, n)
			SELECT u.met, its_shard, u.outcome, u.n FROM unnest(s_met, s_outcome, s_n) AS u (met, outcome, n)
			WHERE EXISTS (SELECT 1 FROM waybill.met m WHERE m.seq = u.met)
			ON CONFLICT (met, shard, outcome) DO UPDATE SET n = met_count.n + excluded.n;
	END IF;
	IF cardinality(g_run) > 0 THEN
		INSERT INTO waybill.run_charge (run, charge, shard, n)
			SELECT u.run, u.charge, its_shard, u.n FROM unnest(g_run, g_charge, g_n) AS u (run, charge, n)
			ON CONFLICT (run, charge, shard) DO UPDATE SET n = run_charge.n + excluded.n;
	END IF;
END $$;

-- write_statuses does it for all of a group. A receiver of before, which knows message ids in their form of before, can keep none by it.
DROP FUNCTION waybill.keep_status;
