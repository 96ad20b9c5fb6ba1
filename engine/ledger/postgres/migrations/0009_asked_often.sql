-- What every process of a run asks for again and again, as functions: see 0004_groups.sql.

-- Moves the next free place of a number behind as many as are booked, at per_second messages a second or what it bears, which accepted
-- messages raise: by the same amount every second, from zero to per_second in recovers seconds. Places are given at a share of the rate. The
-- clock is that of the moment in which the row is had, not of the transaction's beginning. It need not be durable: so it waits for no disk,
-- and holds the row for the shortest time.
CREATE FUNCTION waybill.book(its_number text, places float8, per_second float8, accepted float8, recovers float8, share float8,
	OUT ends_in float8, OUT its_rate float8)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '5s', true);
	LOOP
		UPDATE waybill.number SET
				rate = CASE WHEN rate IS NULL OR rate + accepted * per_second / recovers / rate >= per_second THEN NULL
					ELSE rate + accepted * per_second / recovers / rate END,
				free_at = greatest(free_at, clock_timestamp(), closed) + make_interval(secs => places / (share * least(per_second,
					CASE WHEN rate IS NULL THEN per_second ELSE rate + accepted * per_second / recovers / rate END)))
			WHERE id = its_number
			RETURNING extract(epoch FROM free_at - clock_timestamp()), least(per_second, coalesce(rate, per_second)) INTO ends_in, its_rate;
		EXIT WHEN FOUND;
		INSERT INTO waybill.number (id) VALUES (its_number) ON CONFLICT DO NOTHING; -- nobody sent by it before
	END LOOP;
END $$;

-- What each group takes and has to know that does not go the quick way. It takes the lock on sets of what applies met, and has it alone where
-- it makes one: who does counts what may be a million deliveries, so this lock is waited for longer than others. It finds whether statuses
-- wait for their delivery, and whether any of these carries a callback; the newest set, and the newest code of somebody who was forgotten.
CREATE FUNCTION waybill.group_facts(met_lock integer, alone boolean,
	OUT pending boolean, OUT unclaimed boolean, OUT newest_met bigint, OUT newest_forgotten bigint)
LANGUAGE plpgsql AS $$
DECLARE
	usual text := current_setting('lock_timeout');
BEGIN
	PERFORM set_config('lock_timeout', '25s', true);
	IF alone THEN
		PERFORM pg_advisory_xact_lock(met_lock, 0);
	ELSE
		PERFORM pg_advisory_xact_lock_shared(met_lock, 0);
	END IF;
	PERFORM set_config('lock_timeout', usual, true);
	pending := EXISTS (SELECT 1 FROM waybill.status WHERE delivery IS NULL);
	unclaimed := pending AND EXISTS (SELECT 1 FROM waybill.status WHERE delivery IS NULL AND callback IS NOT NULL);
	newest_met := (SELECT max(seq) FROM waybill.met);
	newest_forgotten := (SELECT max(seq) FROM waybill.forgotten);
END $$;

-- The order that stands for a run, and what is new of it since a snapshot (empty: nothing is asked for but the order), with the snapshot
-- that it was found in. A row for each, and at least one.
CREATE FUNCTION waybill.news_of(its_id text, since text)
RETURNS TABLE (snapshot text, given text, seq bigint, delivery bigint, run integer, person text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
	its_run integer;
	its_order text;
	before pg_snapshot := nullif(since, '')::pg_snapshot;
BEGIN
	SELECT r.seq, coalesce(r.ordered, r.cancelled) INTO its_run, its_order FROM waybill.run r WHERE r.id = its_id;
	IF before IS NULL THEN
		RETURN QUERY SELECT pg_current_snapshot()::text, its_order, NULL::bigint, NULL::bigint, NULL::integer, NULL::text;
		RETURN;
	END IF;
	RETURN QUERY SELECT pg_current_snapshot()::text, its_order, n.seq, n.delivery, n.run, n.person FROM (SELECT 1) one
		LEFT JOIN waybill.news n ON n.run IN (0, its_run) AND n.xid >= pg_snapshot_xmin(before) AND NOT pg_visible_in_snapshot(n.xid, before);
END $$;
