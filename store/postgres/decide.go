package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relais/gateway"
	"relais/inbox"
	"relais/webhook"
)

const (
	selectInbound = "SELECT " + inboundColumns + " FROM inbound WHERE account = $1 AND id = $2 FOR UPDATE"
	decideInbound = "UPDATE inbound SET decided = $1, decided_by = $2, decided_at = $3 WHERE account = $4 " +
		"AND id = $5"
	selectUndecided = "SELECT count(*) FROM inbound WHERE kind = 'unsure' AND decided = ''"
	// selectChanged finds the number that a reply put on the list, even if the reply itself
	// is hidden by now.
	selectChanged = `SELECT number, sender FROM opt_out_changes WHERE account = $1 AND inbound IS NOT NULL
		AND inbound = $2
		ORDER BY id LIMIT 1`
	selectOthersUndecided = `SELECT EXISTS (SELECT 1 FROM inbound WHERE account = $1 AND sender = $2
		AND kind = 'unsure' AND decided = '')`
	// decideUndecided is what a change of the list decides of replies that wait.
	decideUndecided = `UPDATE inbound SET decided = $1, decided_by = $2, decided_at = $3
		WHERE account = $4 AND sender = $5 AND kind = 'unsure' AND decided = ''`
)

// Undecided implements gateway.Store.
func (s *Store) Undecided(ctx context.Context) (n int, err error) {
	if err := s.pool.QueryRow(ctx, selectUndecided).Scan(&n); err != nil {
		return 0, fmt.Errorf("count replies that wait for a person: %w", err)
	}
	return n, nil
}

// DecideReply implements gateway.Store.
func (s *Store) DecideReply(ctx context.Context, d inbox.ReplyDecision) (in inbox.Inbound, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectInbound, d.Account, id(d.Inbound))
		found, err := collect(rows, err, scanInbound)
		if err != nil {
			return fmt.Errorf("read a reply: %w", err)
		}
		if len(found) == 0 {
			return gateway.ErrNotFound
		}
		in = found[0]
		if changes, err := d.Take(&in); err != nil || !changes {
			return err
		}
		return decide(ctx, tx, &d, &in)
	})
	return in, err
}

// decide keeps the word, changes the list and tells callers.
func decide(ctx context.Context, tx pgx.Tx, d *inbox.ReplyDecision, in *inbox.Inbound) error {
	if _, err := tx.Exec(ctx, decideInbound, string(d.Intent), d.Actor, micros(d.At), d.Account,
		id(d.Inbound)); err != nil {
		return fmt.Errorf("keep a decision: %w", err)
	}
	if err := changeBy(ctx, tx, d, in); err != nil {
		return fmt.Errorf("change a suppression list by a decision: %w", err)
	}
	data, err := encoded(d.Data(in))
	if err != nil {
		return err
	}
	_, err = tell(ctx, tx, 2, told{
		account: d.Account, kind: webhook.InboundDecided, subject: in.ID, at: d.At,
		data: []byte(data),
	})
	return err
}

func changeBy(ctx context.Context, tx pgx.Tx, d *inbox.ReplyDecision, in *inbox.Inbound) error {
	listed, err := listedBy(ctx, tx, d, in)
	if err != nil {
		return err
	}
	c, asks := d.Change(in, listed)
	if !asks {
		return nil
	}
	_, err = changeOptOut(ctx, tx, 1, &c)
	return err
}

func listedBy(
	ctx context.Context, tx pgx.Tx, d *inbox.ReplyDecision, in *inbox.Inbound,
) (l inbox.Listed, err error) {
	err = tx.QueryRow(ctx, selectChanged, d.Account, id(d.Inbound)).Scan(&l.Number, &l.Sender)
	if l.Put = err == nil; err != nil && !none(err) {
		return l, err
	}
	if !l.Put && d.PerSender && !in.Message.IsZero() {
		if _, l.Answered, err = sharedOf(ctx, tx, in.Account, in.Message); err != nil {
			return l, err
		}
	}
	return l, tx.QueryRow(ctx, selectOthersUndecided, d.Account, clean(string(in.From))).Scan(&l.Waiting)
}

// decideOthers decides replies of a number that wait, by a change of the list.
func decideOthers(ctx context.Context, tx pgx.Tx, c *inbox.OptOutChange) error {
	as, decides := c.Decides()
	if !decides {
		return nil
	}
	_, err := tx.Exec(ctx, decideUndecided, string(as), c.Actor, micros(c.At), c.Account,
		clean(string(c.Number)))
	return err
}
