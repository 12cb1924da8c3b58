package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	sqlitelib "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/store/group"
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

	aging context.CancelFunc
	aged  sync.WaitGroup
}

// startCommitter starts it. One that has the database to itself writes what the last moment
// of the process before left.
func startCommitter(ctx context.Context, db *sql.DB, only *connection, exclusive bool) (*committer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &committer{conn: conn, tx: newTx(newStatements(conn, only))}
	c.group = group.Start(group.Writing[func(*tx) error]{
		Write: c.commit, NothingKept: provesNothingKept, Writers: 1, Yields: yields,
	})
	aging, stop := context.WithCancel(context.Background())
	c.tx.young.own, c.aging = exclusive, stop
	if !exclusive {
		return c, nil
	}
	if err := c.do(ctx, (*tx).recover); err != nil {
		c.stop()
		return nil, err
	}
	c.aged.Go(func() { c.age(aging) })
	return c, nil
}

// age gives messages that are no longer young their rows.
func (c *committer) age(ctx context.Context) {
	tick := time.NewTicker(mostYouth / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !c.tx.young.kept.Load() {
			continue
		}
		// What fails is tried again, and whoever writes or asks is told.
		_ = c.writeOlder(context.Background(), time.Now().Add(-mostYouth))
	}
}

// writeOlder gives the messages that were accepted before a time their rows, in transactions
// that others need not wait for long.
func (c *committer) writeOlder(ctx context.Context, before time.Time) error {
	for left := true; left; {
		err := c.do(ctx, func(t *tx) (err error) {
			left, err = t.writeOlder(before)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// do runs f inside the next commit and returns when it is on disk, whether ctx has
// ended by then or not. f may run twice: when another write of its group fails before
// the commit, each is tried again in a transaction of its own.
func (c *committer) do(ctx context.Context, f func(*tx) error) error { return c.group.Do(ctx, f) }

// settle gives young messages their rows before a statement beside the writer that may
// miss them.
func (c *committer) settle(ctx context.Context, query string) error {
	y := c.tx.young
	messages, deliveries := y.count.Load() > 0, y.waiting.Load() > 0
	if !messages && !deliveries {
		return nil
	}
	if of := y.touches(query); of.messages && messages || of.deliveries && deliveries {
		return c.writeOlder(ctx, time.Now())
	}
	return nil
}

func (c *committer) stop() {
	c.aging()
	c.aged.Wait()
	_ = c.do(context.Background(), (*tx).writeAll) // else the next start does it
	c.group.Stop()
	c.tx.rows.close()
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
	if c.tx.young.stale {
		if err := c.tx.young.load(); err != nil {
			return explain(err)
		}
	}
	if err := c.tx.rows.exec("BEGIN IMMEDIATE"); err != nil {
		return explain(fmt.Errorf("begin: %w", err))
	}
	for _, write := range writes {
		if err := write(c.tx); err != nil {
			return explain(errors.Join(err, c.rollback()))
		}
	}
	if err := errors.Join(c.tx.keepUses(), c.tx.keepYoung()); err != nil {
		return explain(errors.Join(err, c.rollback()))
	}
	if err := c.tx.rows.exec("COMMIT"); err != nil {
		return explain(errors.Join(&commitError{err}, c.rollback()))
	}
	c.tx.young.publish()
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
	err := c.tx.rows.exec("ROLLBACK")
	if code(err) == sqlite3.SQLITE_ERROR {
		err = nil
	}
	return errors.Join(err, c.tx.young.load())
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
	rows *statements // as they stand; exec and the like give young messages their rows first
	*outbox
	*quotas
	young *young

	early    int      // whether receipts wait for their message; see takeEarly
	received []sms.ID // messages of this write whose early receipts moved them
}

func newTx(s *statements) *tx {
	o := &outbox{statements: s, interests: map[string]*interest{}}
	t := &tx{rows: s, outbox: o, quotas: newQuotas(s), young: newYoung(s)}
	t.quotas.writeAll = t.writeAll
	return t
}

// exec runs a statement, which finds every message.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.execCount(query, args...)
	return err
}

// execCount returns the number of rows that changed.
func (t *tx) execCount(query string, args ...any) (int64, error) {
	if err := t.settle(query); err != nil {
		return 0, err
	}
	if len(t.young.errands.all) > 0 && t.young.touches(query).messages { // it may change what they tell
		if err := t.writeAllDeliveries(); err != nil {
			return 0, err
		}
	}
	return t.rows.execCount(query, args...)
}

func (t *tx) queryRow(query string, args []any, into ...any) error {
	if err := t.settle(query); err != nil {
		return err
	}
	return t.rows.queryRow(query, args, into...)
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	if err := t.settle(query); err != nil {
		return nil, err
	}
	return t.rows.query(query, args...)
}
