-- What was sent, word for word but for secrets. What many messages have in common stands in mould once, and holds nothing of a person; see
-- package mould. Nothing is deleted from it.
CREATE TABLE waybill.mould (
	seq     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	keep_ms bigint NOT NULL, -- for how long texts in it are kept
	form    bytea NOT NULL,
	digest  bytea NOT NULL GENERATED ALWAYS AS (sha256(form)) STORED, -- form is too long for an index
	UNIQUE (keep_ms, digest)
);

-- Of a delivery, the text of its current attempt. mould NULL: it was sent before this was kept; 0: the job did not want it kept. text NULL
-- beside a mould: it was taken out.
ALTER TABLE waybill.delivery ADD COLUMN mould integer, ADD COLUMN text bytea;
-- Of an attempt that another followed: mould NULL: it said what the next one did; -1: it was sent before this was kept.
ALTER TABLE waybill.attempt ADD COLUMN mould integer, ADD COLUMN text bytea;
