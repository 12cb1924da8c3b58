-- What belongs to the database as a whole, such as the fingerprint of its seal key.

CREATE TABLE settings (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID, STRICT;
