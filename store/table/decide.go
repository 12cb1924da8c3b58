package table

import (
	"context"
	"encoding/json"
	"fmt"

	"relais/auth"
	"relais/gateway"
	"relais/inbox"
	"relais/webhook"
)

// decisions are what people say of replies that may be a STOP.
type decisions struct{ *runner }

const (
	selectReply = "SELECT " + replyColumns + " FROM inbound WHERE account = $1 AND id = $2 FOR UPDATE"
	decideReply = "UPDATE inbound SET decided = $1, decided_by = $2, decided_at = $3 WHERE account = $4 AND " +
		"id = $5"
	selectUndecided = "SELECT count(*) FROM inbound INDEXED BY inbound_undecided WHERE kind = 'unsure' AND " +
		"decided = ''"
	// selectChanged finds the number that a reply put on the list, even if the reply itself
	// is hidden by now.
	selectChanged = `SELECT number, sender FROM opt_out_changes INDEXED BY opt_out_changes_inbound
		WHERE account = $1 AND inbound IS NOT NULL AND inbound = $2 ORDER BY id LIMIT 1`
	selectOthersUndecided = `SELECT EXISTS (SELECT 1 FROM inbound INDEXED BY inbound_undecided
		WHERE account = $1 AND sender = $2 AND kind = 'unsure' AND decided = '')`
	// decideUndecided is what a change of the list decides of replies that wait.
	decideUndecided = `UPDATE inbound SET decided = $1, decided_by = $2, decided_at = $3
		WHERE account = $4 AND sender = $5 AND kind = 'unsure' AND decided = ''`
)

// Undecided implements inbox.Store.
func (t decisions) Undecided(ctx context.Context) (n int, err error) {
	if _, err := t.on(ctx).read(selectUndecided, nil, &n); err != nil {
		return 0, fmt.Errorf("count replies that wait for a person: %w", err)
	}
	return n, nil
}

// DecideReply implements inbox.Store.
func (t decisions) DecideReply(ctx context.Context, d inbox.ReplyDecision) (in inbox.Inbound, err error) {
	err = t.transact(ctx, func(tx runs) error {
		found, err := tx.replies(selectReply, d.Account, d.Inbound)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return gateway.ErrNotFound
		}
		in = found[0]
		if changes, err := d.Take(&in); err != nil || !changes {
			return err
		}
		if err := decide(tx, &d, &in); err != nil {
			return err
		}
		return tx.did(ctx, d.Account, auth.ReplyDecided, d.Inbound.String(), string(d.Intent))
	})
	return in, err
}

// decide keeps the word, changes the list and tells callers.
func decide(r runs, d *inbox.ReplyDecision, in *inbox.Inbound) error {
	if err := r.do(decideReply, d.Intent, d.Actor, d.At, d.Account, d.Inbound); err != nil {
		return fmt.Errorf("keep a decision: %w", err)
	}
	listed, err := listedBy(r, d, in)
	if err != nil {
		return fmt.Errorf("look at a suppression list for a decision: %w", err)
	}
	if c, asks := d.Change(in, listed); asks {
		if _, err := r.changeOptOut(&c); err != nil {
			return fmt.Errorf("change a suppression list by a decision: %w", err)
		}
	}
	data, err := json.Marshal(d.Data(in))
	if err != nil {
		return err
	}
	_, err = r.conn.Tell(Event{
		Account: d.Account, Type: webhook.InboundDecided, Subject: in.ID, At: d.At, Data: data,
	})
	return err
}

func listedBy(r runs, d *inbox.ReplyDecision, in *inbox.Inbound) (l inbox.Listed, err error) {
	if l.Put, err = r.read(selectChanged, []any{d.Account, d.Inbound}, &l.Number, &l.Sender); err != nil {
		return l, err
	}
	if !l.Put && d.PerSender {
		if _, l.Answered, err = r.answered(in.Account, in.Message); err != nil {
			return l, err
		}
	}
	_, err = r.read(selectOthersUndecided, []any{d.Account, in.From}, &l.Waiting)
	return l, err
}

// decideOthers decides replies of a number that wait, by a change of the list.
func (r runs) decideOthers(c *inbox.OptOutChange) error {
	as, decides := c.Decides()
	if !decides {
		return nil
	}
	return r.do(decideUndecided, as, c.Actor, c.At, c.Account, c.Number)
}
