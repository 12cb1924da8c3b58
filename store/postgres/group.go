package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"relais/store/group"
)

const (
	// writers is how many transactions of one kind are under way at once: one is
	// filled while the other is synced.
	writers = 2
	// writeTimeout bounds one transaction.
	writeTimeout = 30 * time.Second
)

// startGroup starts the writers of one kind of request. Their transactions are tried
// again after a deadlock or a conflict.
func startGroup[T any](name string, write func(context.Context, []*T) error) *group.Group[*T] {
	return group.Start(group.Writing[*T]{
		Writers: writers, NothingKept: provesNothingKept,
		Write: func(requests []*T) error {
			return again(context.Background(), func(ctx context.Context) error {
				if err := write(ctx, requests); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				return nil
			})
		},
	})
}

// maxAgain bounds how often a transaction is tried that PostgreSQL took back to
// let another one through.
const maxAgain = 20

// again runs a transaction, and runs it again after a deadlock or a conflict: it
// was taken back whole.
func again(ctx context.Context, f func(context.Context) error) (err error) {
	for range maxAgain {
		bounded, cancel := context.WithTimeout(ctx, writeTimeout)
		err = f(bounded)
		cancel()
		if code := sqlState(err); code != "40P01" && code != "40001" {
			break
		}
	}
	return explain(err)
}

// write sends a batch as one transaction, in one round trip. PostgreSQL makes it one by
// itself; a distributed one would commit each statement where it ran, so it is told.
func write(ctx context.Context, pool *pgxpool.Pool, batch *pgx.Batch) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // one that is left in a transaction is closed
	whole := &pgx.Batch{}
	whole.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	whole.QueuedQueries = append(whole.QueuedQueries, batch.QueuedQueries...)
	whole.Queue("COMMIT")
	err = conn.SendBatch(ctx, whole).Close()
	if err != nil && conn.Conn().PgConn().TxStatus() == failedTransaction {
		_, _ = conn.Exec(ctx, "ROLLBACK") // saves the connection; the batch is taken back without it
	}
	return err
}

// readCommitted has each statement of a transaction see what was committed before it, whatever the
// database has as its default.
var readCommitted = pgx.TxOptions{IsoLevel: pgx.ReadCommitted}

// failedTransaction is the status of a connection whose transaction takes no more.
const failedTransaction = 'E'

func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// provesNothingKept reports whether a transaction that failed with err may be done
// again: the server said so of a statement or of a constraint. A connection that
// broke, or a server that went away (class 57), may have committed all the same.
func provesNothingKept(err error) bool {
	code := sqlState(err)
	if len(code) < 2 {
		return false
	}
	switch code[:2] {
	case "08", "57", "58", "XX":
		return false
	default:
		return true
	}
}
