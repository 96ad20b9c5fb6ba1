-- tell_at: from when on anybody is to tell how a run ended; before, the process that worked at it is, and does (telling). NULL: it is told,
-- nobody is to be told, or it did not end.
ALTER TABLE run ADD COLUMN tell_at INTEGER;
ALTER TABLE run ADD COLUMN telling INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_untold ON run (job) WHERE tell_at IS NOT NULL;
