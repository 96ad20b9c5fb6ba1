-- expands

-- Who went by other ids from a moment on; see engine.Moved and audience.History. Empty: not known. Nothing is deleted.
CREATE TABLE waybill.moved (
	was_number  text NOT NULL,
	was_user_id text NOT NULL,
	number      text NOT NULL,
	user_id     text NOT NULL,
	at          bigint NOT NULL,
	PRIMARY KEY (was_number, was_user_id, number, user_id, at)
);
CREATE INDEX moved_was_user_id ON waybill.moved (was_user_id);
CREATE INDEX moved_number ON waybill.moved (number);
CREATE INDEX moved_user_id ON waybill.moved (user_id);
