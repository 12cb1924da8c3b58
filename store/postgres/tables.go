package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"relais/sms"
	"relais/store/table"
)

// dialect leaves out what SQLite is told of its indexes.
var dialect = table.Dialect{
	Words: func(statement string) string { return hint.ReplaceAllString(statement, "") },
	ID:    func(of sms.ID) any { return id(of) },
	Text:  clean,
	Seen:  " AND seq < " + seenAll,
}

// arrivals are replies and blocks, which are rare.
var arrivals = table.NewInbox(dialect)

// takings are rows of campaigns that become messages.
var takings = table.NewLedger(dialect)

// journal is the audit of what is not in the tables.
var journal = table.NewJournal(dialect)

var hint = regexp.MustCompile(` INDEXED BY \w+`)

// tables is the database as package table needs it.
type tables struct{ *Store }

// Conn implements table.Database.
func (t tables) Conn(ctx context.Context) table.Conn { return within(ctx, t.pool, 0) }

// Transact implements table.Database.
func (t tables) Transact(ctx context.Context, f func(table.Conn) error) error {
	return t.transact(ctx, func(ctx context.Context, tx pgx.Tx) error { return f(within(ctx, tx, 0)) })
}

// conn is the pool, or a transaction.
type conn struct {
	ctx  context.Context // an argument on its way
	on   executor
	told *int // events of the transaction
}

// executor is a pool or a transaction.
type executor interface {
	querying
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// within is a transaction whose first event has a number behind that of told others.
func within(ctx context.Context, tx executor, told int) conn { return conn{ctx, tx, &told} }

// Query implements table.Conn.
func (c conn) Query(query string, args []any, row func(table.Scan) error) error {
	rows, err := c.on.Query(c.ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return explain(rows.Err())
}

// Exec implements table.Conn.
func (c conn) Exec(query string, args []any) (int, error) {
	tag, err := c.on.Exec(c.ctx, query, args...)
	return int(tag.RowsAffected()), explain(err)
}

// ExecEach implements table.Conn.
func (c conn) ExecEach(query string, lists [][]any) (changed int, err error) {
	if len(lists) == 0 {
		return 0, nil
	}
	batch := &pgx.Batch{}
	for _, args := range lists {
		batch.Queue(query, args...).Exec(func(tag pgconn.CommandTag) error {
			changed += int(tag.RowsAffected())
			return nil
		})
	}
	if pool, alone := c.on.(*pgxpool.Pool); alone {
		return changed, explain(write(c.ctx, pool, batch))
	}
	return changed, explain(c.on.SendBatch(c.ctx, batch).Close())
}

// Tell implements table.Conn. The event's number is its transaction's, so there is one.
func (c conn) Tell(e table.Event) (seq int64, err error) {
	tx, inside := c.on.(pgx.Tx)
	if !inside {
		return 0, errors.New("an event is put in the outbox outside a transaction")
	}
	*c.told++
	if err := tx.QueryRow(c.ctx, selectSeq, *c.told).Scan(&seq); err != nil {
		return 0, fmt.Errorf("number an event: %w", err)
	}
	if _, err := tx.Exec(c.ctx, insertTold, e.Account, seq, string(e.Type), id(e.Subject), micros(e.At),
		clean(string(e.Data))); err != nil {
		return 0, fmt.Errorf("put an event in the outbox: %w", err)
	}
	return seq, nil
}

// Move implements table.Conn. Its events are numbered from the first of the transaction on.
func (c conn) Move(transitions []sms.Transition) ([]bool, error) {
	tx, inside := c.on.(pgx.Tx)
	switch {
	case len(transitions) == 0:
		return nil, nil
	case !inside || *c.told > 0:
		return nil, errors.New("messages are moved outside a transaction, or behind its events")
	}
	var rows transitionRows
	for i := range transitions {
		if err := rows.add(&transitions[i]); err != nil {
			return nil, err
		}
	}
	moved, batch := make([]bool, len(transitions)), &pgx.Batch{}
	rows.queue(batch, func(at int, _ string) { moved[at] = true })
	*c.told = len(transitions)
	return moved, explain(tx.SendBatch(c.ctx, batch).Close())
}

// Lock implements table.Conn.
func (c conn) Lock(name string) error {
	_, err := c.Exec("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", []any{name})
	return err
}

// EndpointsChange implements table.Conn. Nothing is remembered here: there are other nodes.
func (c conn) EndpointsChange() error { return nil }
