package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"

	sqlitelib "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"relais/gateway"
	"relais/sms"
)

// maxGroup bounds one commit, so that a burst does not hold back its first
// request for ever.
const maxGroup = 256

// maxYields bounds how often a commit lets others run to grow its group.
const maxYields = 8

// committer is the only writer. Writes that arrive while a commit is under way
// share the next one; a single write waits for nobody. A write is answered
// after the commit is synced to disk.
type committer struct {
	conn   *sql.Conn
	tx     *tx
	writes chan *write
	ended  chan struct{}

	mu      sync.RWMutex // held to send; stop takes it to close writes
	stopped bool
}

// write is one use case. do may run twice: when another write of its group
// fails before the commit, each is tried again in a transaction of its own.
type write struct {
	do   func(*tx) error
	done chan error
}

func startCommitter(ctx context.Context, db *sql.DB) (*committer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &committer{
		conn:   conn,
		tx:     newTx(conn),
		writes: make(chan *write, maxGroup),
		ended:  make(chan struct{}),
	}
	go c.run()
	return c, nil
}

// do runs f inside the next commit and returns when it is on disk. A context
// that ends does not take f back once it was handed over: do waits for its
// fate, so that nobody is told "no" of something that happened.
func (c *committer) do(ctx context.Context, f func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{do: f, done: make(chan error, 1)}
	if err := c.hand(ctx, w); err != nil {
		return err
	}
	return <-w.done
}

func (c *committer) hand(ctx context.Context, w *write) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.stopped {
		return errors.New("the database is closed")
	}
	select {
	case c.writes <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *committer) stop() {
	c.mu.Lock()
	if !c.stopped {
		c.stopped = true
		close(c.writes)
	}
	c.mu.Unlock()
	<-c.ended
}

func (c *committer) run() {
	defer close(c.ended)
	group := make([]*write, 0, maxGroup)
	for first := range c.writes {
		group = c.gather(append(group[:0], first))
		err := c.commit(group)
		if len(group) > 1 && provesNothingKept(err) {
			c.commitEach(group)
			continue
		}
		for _, w := range group {
			w.done <- err
		}
	}
	c.tx.close()
	c.conn.Close() //nolint:errcheck // nothing is left to write
}

// gather takes what waits. As long as that brings more, it lets the others run
// first: requests that are being read at this moment share the commit, which
// costs less than one of their own. A request that is alone waits for nobody.
func (c *committer) gather(group []*write) []*write {
	for range maxYields {
		runtime.Gosched()
		before := len(group)
		if group = c.drain(group); len(group) == before {
			break
		}
	}
	return group
}

func (c *committer) drain(group []*write) []*write {
	for len(group) < maxGroup {
		select {
		case w, open := <-c.writes:
			if !open {
				return group
			}
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// commitEach finds the guilty write of a group that failed.
func (c *committer) commitEach(group []*write) {
	for i := range group {
		group[i].done <- c.commit(group[i : i+1])
	}
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

func (c *committer) commit(group []*write) error {
	if err := c.tx.exec("BEGIN IMMEDIATE"); err != nil {
		return explain(fmt.Errorf("begin: %w", err))
	}
	for _, w := range group {
		if err := w.do(c.tx); err != nil {
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
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY: // also for who reads: the index of the journal is a file
		return fmt.Errorf("%w; this user must be able to write to the directory of the database and to its files", err)
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

// tx is the open transaction: statements are prepared once for the writer's
// connection and kept.
type tx struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	early    int      // whether receipts wait for their message; see takeEarly
	received []sms.ID // messages of this write whose early receipts moved them
	// interests is by account. Whoever changes an endpoint clears it.
	interests map[string]*interest
	// uses is what quotas have counted. What changed is written before the commit.
	uses        map[useKey]*use
	changedUses []useKey
	// near is whom quotas for single numbers need not count.
	near map[recipient]*near
}

func newTx(conn *sql.Conn) *tx {
	return &tx{conn: conn, prepared: map[string]*sql.Stmt{}, interests: map[string]*interest{}, uses: map[useKey]*use{}, near: map[recipient]*near{}}
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s, ok := t.prepared[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.execCount(query, args...)
	return err
}

// execCount returns the number of rows that changed.
func (t *tx) execCount(query string, args ...any) (int64, error) {
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

// execID returns the rowid of the row that was inserted.
func (t *tx) execID(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (t *tx) queryRow(query string, args []any, into ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(context.Background(), args...).Scan(into...)
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

func (t *tx) close() {
	for _, s := range t.prepared {
		s.Close() //nolint:errcheck // the connection closes next
	}
}
