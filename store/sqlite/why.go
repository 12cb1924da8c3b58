package sqlite

import "relais/reason"

// Why a database cannot be opened, for the person who starts the program.
const (
	whyDirectory reason.Code = "words/sqlite_directory"
	whyInUse     reason.Code = "words/sqlite_in_use"
	whyLock      reason.Code = "words/sqlite_lock"
	whyLockFile  reason.Code = "words/sqlite_lock_file"
	whyMigrate   reason.Code = "words/sqlite_migrate"
	whyOpen      reason.Code = "words/sqlite_open"
	whyOpenFile  reason.Code = "words/sqlite_open_file"
	whyReadOnly  reason.Code = "words/sqlite_read_only"
	whySchema    reason.Code = "words/sqlite_schema"
)
