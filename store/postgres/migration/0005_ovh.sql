-- What the door for OVH clients keeps.

CREATE TABLE ovh_applications (
	key        text   NOT NULL PRIMARY KEY,
	id         bigint NOT NULL UNIQUE,
	secret     bytea  NOT NULL, -- sealed
	account    text   NOT NULL,
	name       text   NOT NULL,
	created_at bigint NOT NULL,
	revoked_at bigint
);

CREATE TABLE ovh_credentials (
	hash        bytea  NOT NULL PRIMARY KEY, -- SHA-256 of the consumer key
	id          bigint NOT NULL UNIQUE,
	token       bytea, -- SHA-256 of what validates it
	application bigint NOT NULL, -- id
	state       text   NOT NULL, -- pendingValidation, validated, expired, refused
	rules       text   NOT NULL, -- JSON list
	ips         text   NOT NULL, -- JSON list
	created_at  bigint NOT NULL,
	expires_at  bigint NOT NULL -- 0: never
);

CREATE UNIQUE INDEX ovh_credentials_token ON ovh_credentials (token) WHERE token IS NOT NULL;

CREATE TABLE ovh_services (
	account text  NOT NULL PRIMARY KEY,
	name    text  NOT NULL UNIQUE,
	data    bytea -- JSON: what clients set of it
);

CREATE TABLE ovh_users (
	account    text   NOT NULL,
	login      text   NOT NULL,
	password   bytea  NOT NULL, -- keyed digest
	data       bytea, -- JSON: what clients set of it
	created_at bigint NOT NULL,
	PRIMARY KEY (account, login)
);

CREATE TABLE ovh_batches (
	account text   NOT NULL,
	id      uuid   NOT NULL, -- submission
	at      bigint NOT NULL,
	data    bytea  NOT NULL, -- JSON
	PRIMARY KEY (account, id)
);

-- The 64-bit numbers by which clients know messages and replies.
CREATE TABLE ovh_numbers (
	account text    NOT NULL,
	number  bigint  NOT NULL,
	id      uuid    NOT NULL, -- message or reply
	gone    boolean NOT NULL, -- deleted from the history that is shown
	PRIMARY KEY (account, number)
);

CREATE UNIQUE INDEX ovh_numbers_id ON ovh_numbers (account, id);
