-- People who sign in to the console: who they are, what they may do, their sessions and
-- links, and what they did. Times are microseconds since 1970, 0 for none.

CREATE TABLE users (
	id             text    NOT NULL PRIMARY KEY,
	name           text    NOT NULL UNIQUE, -- by which they sign in, in small letters
	display        text    NOT NULL,
	language       text    NOT NULL,
	created_at     bigint NOT NULL,
	disabled_at    bigint NOT NULL,
	signed_in_at   bigint NOT NULL,
	password       text    NOT NULL, -- argon2id with its parameters; empty: none
	secret         bytea,             -- of the second step, sealed; NULL: none
	second_step_at bigint NOT NULL, -- since when it is asked for; 0: it is not
	last_step      bigint NOT NULL, -- of the codes by time, the last one that was used
	codes          text    NOT NULL  -- SHA-256 of each recovery code that is left, in hexadecimal
);

CREATE TABLE user_roles (
	user_id    text NOT NULL,
	account text NOT NULL, -- empty: the whole gateway
	role    text NOT NULL,
	PRIMARY KEY (user_id, account, role)
);

-- Where a user signed in from: whoever guesses elsewhere does not hold them up there.
CREATE TABLE user_addresses (
	user_id    text    NOT NULL,
	address text    NOT NULL,
	at      bigint NOT NULL,
	PRIMARY KEY (user_id, address)
);

CREATE TABLE invitations (
	user_id       text    NOT NULL PRIMARY KEY, -- a new one is instead of the last
	hash       bytea    NOT NULL UNIQUE,      -- SHA-256 of the code in the link
	created_at bigint NOT NULL,
	ends_at    bigint NOT NULL
);

CREATE TABLE sessions (
	hash       bytea    NOT NULL PRIMARY KEY, -- SHA-256 of the token
	id         text    NOT NULL UNIQUE,      -- shown in lists
	user_id       text    NOT NULL,
	created_at bigint NOT NULL,
	seen_at    bigint NOT NULL,
	proved_at  bigint NOT NULL,
	ends_at    bigint NOT NULL,
	address    text    NOT NULL,
	agent      text    NOT NULL,
	step       text    NOT NULL -- what it still asks for; empty: nothing
);

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_end ON sessions (ends_at);

-- What people did and saw. No row is changed or removed.
CREATE TABLE acts (
	id      uuid    NOT NULL,
	at      bigint NOT NULL,
	actor   text    NOT NULL,
	account text    NOT NULL, -- empty: the whole gateway
	code    text    NOT NULL,
	subject text    NOT NULL, -- never a number of a citizen
	address text    NOT NULL,
	note    text    NOT NULL,
	PRIMARY KEY (account, id)
);

CREATE INDEX acts_id ON acts (id);

CREATE INDEX acts_actor ON acts (actor, id);
