-- Whom a row that became no request is for, where that is known.
ALTER TABLE unsent ADD COLUMN recipient TEXT;

-- Why messages of a run were left out that are not rows of unsent, each a code of `waybill explain`, and how many.
CREATE TABLE run_left_out (
	run    INTEGER NOT NULL,
	reason TEXT NOT NULL,
	n      INTEGER NOT NULL,
	PRIMARY KEY (run, reason)
) STRICT, WITHOUT ROWID;
