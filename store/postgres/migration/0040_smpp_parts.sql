-- Parts of long messages that clients of the door for SMPP send. Each is here before its answer.

CREATE TABLE smpp_parts (
	id         uuid     NOT NULL, -- that its answer named
	account    text     NOT NULL,
	client     text     NOT NULL, -- system id
	long       text     NOT NULL, -- which message it is of, as the client numbers them
	seq        smallint NOT NULL, -- from 1
	state      smallint NOT NULL, -- 0: it waits for the others, 1: it is in a message, 2: the client is to be told what became of it
	number     text     NOT NULL, -- of the person; empty once it is in a message
	registered smallint NOT NULL, -- registered_delivery
	form       text     NOT NULL, -- of its id
	sum        bytea    NOT NULL, -- of what it says: the same again is known by it
	pdu        bytea,             -- submit_sm; NULL once it is in a message
	message    uuid,              -- that it is in; NULL: none
	PRIMARY KEY (account, id)
);

CREATE UNIQUE INDEX smpp_parts_waiting ON smpp_parts (account, client, long, seq) WHERE state = 0;
CREATE INDEX smpp_parts_old ON smpp_parts (account, client, id) WHERE state = 0;
CREATE INDEX smpp_parts_joined ON smpp_parts (account, client, long, seq, id) WHERE message IS NOT NULL;
CREATE INDEX smpp_parts_message ON smpp_parts (message, account, seq) WHERE message IS NOT NULL;
CREATE INDEX smpp_parts_failed ON smpp_parts (account, client, id) WHERE state = 2;
CREATE INDEX smpp_parts_age ON smpp_parts (id);
CREATE INDEX smpp_parts_loose ON smpp_parts (id) WHERE state <> 1;
CREATE INDEX smpp_parts_number ON smpp_parts (account, number) WHERE number <> '';
