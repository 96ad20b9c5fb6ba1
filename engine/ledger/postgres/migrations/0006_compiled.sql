-- begin_group as before, and:
-- What a group says is not compiled: where no index fits, enable_seqscan = off makes a plan look so dear that PostgreSQL compiled it, which
-- took half a second, to change the one row of waybill.ledger.
-- A sender that writes is heard of: of several that were all silent for as long as a lease, because the database was or the machine slept, the
-- first to write is alive, and its run goes on.
CREATE OR REPLACE FUNCTION waybill.begin_group(me integer, its_session integer, its_group bigint, must_live boolean, heard bigint, idle text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'
			ELSE current_setting('synchronous_commit') END, true),
		set_config('lock_timeout', '2s', true), set_config('statement_timeout', '30s', true),
		set_config('idle_in_transaction_session_timeout', idle, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
	UPDATE waybill.process SET groups = its_group, received_at = greatest(heard, received_at),
			seen = CASE WHEN sending THEN clock_timestamp() ELSE seen END
		WHERE id = me AND session = its_session AND groups = its_group - 1 AND (ended IS NULL OR NOT must_live);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'process % does not write by this connection', me USING ERRCODE = 'WB001';
	END IF;
END $$;
