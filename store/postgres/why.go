package postgres

import "relais/reason"

// Why a database cannot be opened, for the person who starts the program.
const (
	whyConnect  reason.Code = "words/postgres_connect"
	whySchema   reason.Code = "words/postgres_schema"
	whyUnsynced reason.Code = "words/postgres_unsynced"
	whyURL      reason.Code = "words/postgres_url"
)
