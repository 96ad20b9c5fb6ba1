-- Who went by other ids from a moment on; see engine.Moved, audience.History, and stored_value.go for how ids are packed. Empty: not known.
-- Nothing is deleted.
CREATE TABLE moved (
	was_number  ANY NOT NULL,
	was_user_id ANY NOT NULL,
	number      ANY NOT NULL,
	user_id     ANY NOT NULL,
	at          INTEGER NOT NULL,
	PRIMARY KEY (was_number, was_user_id, number, user_id, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX moved_was_user_id ON moved (was_user_id);
CREATE INDEX moved_number ON moved (number);
CREATE INDEX moved_user_id ON moved (user_id);
