package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// The outbox is read by cursors, so that nothing may appear behind one: an event
// of a transaction that ends late must not have a smaller number than one that
// was read. A sequence does not give that. The number of the transaction does:
// seq is that number, shifted, and a count of events within the transaction. What
// is smaller than the oldest transaction that still runs has ended, and readers
// of the feed go no further (seenAll).
//
// Events of one message are in order too: the second is made by somebody who had
// read the first, so its transaction began to write later and has a larger
// number.
const (
	seqShift = "20" // a transaction writes at most a million events
	seqBase  = "(SELECT value::bigint FROM settings WHERE name = 'outbox_base')"
	seqOf    = "(" + seqBase + " + (pg_current_xact_id()::text::bigint << " + seqShift + "))"
	seenAll  = "(" + seqBase + " + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << " + seqShift + "))"
)

// raiseBase keeps numbers rising in a cluster that counts transactions from a lower
// one than that which made them: a dump was restored into it.
const raiseBase = `UPDATE settings SET value = raised.base
	FROM (SELECT (max(seq) + (1 << ` + seqShift + `)
			- (pg_current_xact_id()::text::bigint << ` + seqShift + `))::text AS base
		FROM (SELECT name FROM accounts UNION ALL SELECT '') AS a (name)
		CROSS JOIN LATERAL (SELECT seq FROM outbox WHERE account = a.name ORDER BY seq DESC LIMIT 1) AS o
		HAVING max(seq) >= ` + seqOf + `) AS raised
	WHERE settings.name = 'outbox_base'`

// subscribed holds for the endpoints e that asked for events like o.
const subscribed = `e.state <> 'disabled' AND e.origin = 'api' AND (e.events = ',*,'
	OR strpos(e.events, ',' || o.type || ',') > 0)`

// giveUp is webhook.GiveUp in microseconds; TestGiveUp compares them.
const giveUp = "259200000000"

// selectSeq is the number of the next event of a transaction, behind some others.
const selectSeq = "SELECT " + seqOf + " + $1"

// insertTold puts an event that carries its own data in the outbox. One without
// an account is of the whole gateway and goes to every account.
const insertTold = `WITH o AS (
	INSERT INTO outbox (account, seq, type, subject, event, at, data)
	VALUES ($1, $2, $3, $4, 0, $5, $6) RETURNING account, seq, type, subject, at
), sent AS (
	INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status,
		error)
	SELECT e.account, e.id, o.seq, o.subject, 'pending', 0, o.at, o.at + ` + giveUp + `, 0, 0, ''
	FROM o JOIN endpoints e ON (o.account = '' OR e.account = o.account) AND ` + subscribed + `
)
SELECT count(*) FROM o`

// transact runs a use case of a few statements in a transaction of its own.
func (s *Store) transact(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	return again(ctx, func(ctx context.Context) error {
		return pgx.BeginTxFunc(ctx, s.pool, readCommitted, func(tx pgx.Tx) error { return f(ctx, tx) })
	})
}
