-- What a process of a divided run leaves behind that dies, whenever.

-- Rows that became no request are those of a part of the run: whoever takes the part notes them anew. run_count.part is 0 of deliveries, 1
-- of rows of no part, and from 2 on of rows of one: see notesOf. unsent.part is the same number.
ALTER TABLE waybill.run_count ALTER COLUMN part TYPE integer;
ALTER TABLE waybill.unsent ADD COLUMN part integer NOT NULL DEFAULT 1;

-- over: the last part of its last stage is done, so that whoever finds no process of it ends it. tell_at: from when on anybody is to tell how
-- it ended; before, the processes of the run are, and one of them does (telling). NULL: it is told, or did not end.
ALTER TABLE waybill.division ADD COLUMN over boolean NOT NULL DEFAULT false,
	ADD COLUMN tell_at bigint, ADD COLUMN telling boolean NOT NULL DEFAULT false;
