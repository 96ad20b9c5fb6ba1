-- What was sent, word for word but for secrets. What many messages have in common stands in mould once, and holds nothing of a person; see
-- package mould. Nothing is deleted from it.
CREATE TABLE mould (
	seq     INTEGER PRIMARY KEY,
	form    BLOB NOT NULL,
	keep_ms INTEGER NOT NULL, -- for how long texts in it are kept
	UNIQUE (keep_ms, form)
) STRICT;

-- Of a delivery, the text of its current attempt. mould NULL: it was sent before this was kept; 0: the job did not want it kept. text NULL
-- beside a mould: it was taken out.
ALTER TABLE delivery ADD COLUMN mould INTEGER;
ALTER TABLE delivery ADD COLUMN text BLOB;
-- Of an attempt that another followed: mould NULL: it said what the next one did; -1: it was sent before this was kept.
ALTER TABLE attempt ADD COLUMN mould INTEGER;
ALTER TABLE attempt ADD COLUMN text BLOB;
