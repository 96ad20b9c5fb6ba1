-- A divided run goes through stages; see engine.Leasing. The parts that there are are those of its first one. outcome is what EndPart was
-- told of a part, in the runner's form; NULL: it is not done, or nobody works at the run any more.
ALTER TABLE waybill.run_part ADD COLUMN stage smallint NOT NULL DEFAULT 0, ADD COLUMN outcome text;
ALTER TABLE waybill.run_part DROP CONSTRAINT run_part_pkey, ADD PRIMARY KEY (run, stage, part);
