-- expands

-- Whom a row that became no request is for, where that is known.
ALTER TABLE waybill.unsent ADD COLUMN recipient text;

-- Why messages of a run were left out that are not rows of unsent, each a code of `waybill explain`, and how many. part is as in run_count.
CREATE TABLE waybill.run_left_out (
	run    integer NOT NULL,
	part   integer NOT NULL,
	reason text COLLATE "C" NOT NULL,
	n      bigint NOT NULL,
	PRIMARY KEY (run, part, reason)
);
