package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	sqlitelib "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/store/group"
	"relais/store/table"
)

// yields bounds how often a commit lets others run to grow its group: a sync of the
// disk costs more than the wait.
const yields = 8

// committer is the only writer. Writes that arrive while a commit is under way share
// the next one.
type committer struct {
	conn  *sql.Conn
	tx    *tx
	group *group.Group[func(*tx) error]
}

func startCommitter(ctx context.Context, db *sql.DB) (*committer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &committer{conn: conn, tx: newTx(conn)}
	c.group = group.Start(group.Writing[func(*tx) error]{
		Write: c.commit, NothingKept: provesNothingKept, Writers: 1, Yields: yields,
	})
	return c, nil
}

// do runs f inside the next commit and returns when it is on disk, whether ctx has
// ended by then or not. f may run twice: when another write of its group fails before
// the commit, each is tried again in a transaction of its own.
func (c *committer) do(ctx context.Context, f func(*tx) error) error { return c.group.Do(ctx, f) }

func (c *committer) stop() {
	c.group.Stop()
	c.tx.close()
	c.conn.Close() //nolint:errcheck // nothing is left to write
}

// commitError is an error of COMMIT itself.
type commitError struct{ err error }

func (e *commitError) Error() string { return "commit: " + e.err.Error() }
func (e *commitError) Unwrap() error { return e.err }

// provesNothingKept reports whether the writes of a group that failed with err
// may be done again. An error before COMMIT took all of them back, and so does
// a full disk. After any other error of COMMIT they may be on disk all the
// same, a failed sync for one, and a second time would be once too often.
func provesNothingKept(err error) bool {
	if err == nil {
		return false
	}
	if _, atCommit := errors.AsType[*commitError](err); atCommit {
		return code(err) == sqlite3.SQLITE_FULL
	}
	return true
}

func (c *committer) commit(writes []func(*tx) error) error {
	if err := c.tx.exec("BEGIN IMMEDIATE"); err != nil {
		return explain(fmt.Errorf("begin: %w", err))
	}
	for _, write := range writes {
		if err := write(c.tx); err != nil {
			return explain(errors.Join(err, c.rollback()))
		}
	}
	if err := c.tx.keepUses(); err != nil {
		return explain(errors.Join(err, c.rollback()))
	}
	if err := c.tx.exec("COMMIT"); err != nil {
		return explain(errors.Join(&commitError{err}, c.rollback()))
	}
	c.tx.boundUses()
	return nil
}

// rollback ends the transaction. SQLite has already ended it itself after some
// errors, a full disk for one; that is not an error here.
func (c *committer) rollback() error {
	c.tx.early = unknownEarly
	clear(c.tx.interests)
	c.tx.lastSeq = 0
	c.tx.forgetUses()
	err := c.tx.exec("ROLLBACK")
	if code(err) == sqlite3.SQLITE_ERROR {
		return nil
	}
	return err
}

// explain names the failures that an operator can mend.
func explain(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", gateway.ErrFull, err)
	// also for who reads: the index of the journal is a file
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return reason.Wrap(err, whyReadOnly, nil)
	default:
		return err
	}
}

func code(err error) int {
	if e, ok := errors.AsType[*sqlitelib.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// tx is the open transaction: its statements, and what the only writer knows without
// asking, which is kept from one transaction to the next.
type tx struct {
	*statements
	*outbox
	*quotas

	early    int      // whether receipts wait for their message; see takeEarly
	received []sms.ID // messages of this write whose early receipts moved them
}

func newTx(conn *sql.Conn) *tx {
	s := &statements{conn: conn, prepared: map[string]*sql.Stmt{}}
	o := &outbox{statements: s, interests: map[string]*interest{}}
	return &tx{statements: s, outbox: o, quotas: newQuotas(s)}
}

// statements are prepared once for the writer's connection and kept.
type statements struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (t *statements) stmt(query string) (*sql.Stmt, error) {
	if s, ok := t.prepared[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

func (t *statements) exec(query string, args ...any) error {
	_, err := t.execCount(query, args...)
	return err
}

// execCount returns the number of rows that changed.
func (t *statements) execCount(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *statements) queryRow(query string, args []any, into ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(context.Background(), args...).Scan(into...)
}

func (t *statements) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// each reads every row of an answer.
func (t *statements) each(query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := t.query(query, args...)
	return eachOf(rows, err, func(scan table.Scan) error { return row(scan) })
}

func (t *statements) close() {
	for _, s := range t.prepared {
		s.Close() //nolint:errcheck // the connection closes next
	}
}
