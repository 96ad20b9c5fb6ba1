-- How any run ended is told, also that of a process alone. tell_at: from when on anybody is to tell it; before, the processes of the run are,
-- and one of them does (telling). NULL: it is told, nobody is to be told, or it did not end.
ALTER TABLE waybill.run ADD COLUMN tell_at bigint, ADD COLUMN telling boolean NOT NULL DEFAULT false;
UPDATE waybill.run r SET tell_at = d.tell_at, telling = d.telling FROM waybill.division d WHERE d.run = r.seq AND d.tell_at IS NOT NULL;
ALTER TABLE waybill.division DROP COLUMN tell_at, DROP COLUMN telling;
CREATE INDEX run_untold ON waybill.run (job) WHERE tell_at IS NOT NULL;
