-- What became of messages of the last moment, in the order in which it happened: a row for each
-- group of writes. They have no row of their own yet, and get one when they come to their end or
-- are looked for; what is here is read by nobody but the program that starts after a crash.

CREATE TABLE young (
	seq     INTEGER PRIMARY KEY,
	records BLOB NOT NULL -- states of messages, each in full; see young_record.go
) STRICT;
