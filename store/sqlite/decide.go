package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"relais/gateway"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

const (
	selectInbound = "SELECT " + inboundColumns + " FROM inbound WHERE account = ? AND id = ?"
	decideInbound = "UPDATE inbound SET decided = ?, decided_by = ?, decided_at = ? WHERE account = ? AND " +
		"id = ?"
	selectUndecided = "SELECT count(*) FROM inbound INDEXED BY inbound_undecided WHERE kind = 'unsure' AND " +
		"decided = ''"
	// selectChanged finds the number that a reply put on the list, even if the reply itself
	// is hidden by now.
	selectChanged = `SELECT number, sender FROM opt_out_changes INDEXED BY opt_out_changes_inbound
		WHERE account = ? AND inbound IS NOT NULL AND inbound = ? ORDER BY id LIMIT 1`
	selectOthersUndecided = `SELECT EXISTS (SELECT 1 FROM inbound INDEXED BY inbound_undecided
		WHERE account = ? AND sender = ? AND kind = 'unsure' AND decided = '')`
	// decideUndecided is what a change of the list decides of replies that wait.
	decideUndecided = `UPDATE inbound SET decided = ?, decided_by = ?, decided_at = ?
		WHERE account = ? AND sender = ? AND kind = 'unsure' AND decided = ''`
)

// Undecided implements gateway.Store.
func (s *Store) Undecided(ctx context.Context) (n int, err error) {
	if err := s.readers.QueryRowContext(ctx, selectUndecided).Scan(&n); err != nil {
		return 0, fmt.Errorf("count replies that wait for a person: %w", explain(err))
	}
	return n, nil
}

// DecideReply implements gateway.Store.
func (s *Store) DecideReply(ctx context.Context, d inbox.ReplyDecision) (in inbox.Inbound, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		if in, err = t.inboundOf(d.Account, d.Inbound); err != nil {
			return err
		}
		if changes, err := d.Take(&in); err != nil || !changes {
			return err
		}
		return t.decide(&d, &in)
	})
	return in, err
}

func (t *tx) inboundOf(account string, id sms.ID) (inbox.Inbound, error) {
	rows, err := t.query(selectInbound, account, id[:])
	found, err := inboundsOf(rows, err)
	if err != nil {
		return inbox.Inbound{}, err
	}
	if len(found) == 0 {
		return inbox.Inbound{}, gateway.ErrNotFound
	}
	return found[0], nil
}

// decide keeps the word, changes the list and tells callers.
func (t *tx) decide(d *inbox.ReplyDecision, in *inbox.Inbound) error {
	if err := t.exec(decideInbound, string(d.Intent), d.Actor, micros(d.At), d.Account,
		d.Inbound[:]); err != nil {
		return fmt.Errorf("keep a decision: %w", err)
	}
	if err := t.changeBy(d, in); err != nil {
		return fmt.Errorf("change a suppression list by a decision: %w", err)
	}
	data, err := json.Marshal(d.Data(in))
	if err != nil {
		return err
	}
	_, err = t.tell(told{account: d.Account, kind: webhook.InboundDecided, subject: in.ID, at: d.At, data: data})
	return err
}

func (t *tx) changeBy(d *inbox.ReplyDecision, in *inbox.Inbound) error {
	listed, err := t.listedBy(d, in)
	if err != nil {
		return err
	}
	c, asks := d.Change(in, listed)
	switch {
	case !asks:
	case c.Added:
		_, err = t.addOptOut(&c)
	default:
		_, err = t.removeOptOut(&c)
	}
	return err
}

func (t *tx) listedBy(d *inbox.ReplyDecision, in *inbox.Inbound) (l inbox.Listed, err error) {
	err = t.queryRow(selectChanged, []any{d.Account, d.Inbound[:]}, &l.Number, &l.Sender)
	if l.Put = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
		return l, err
	}
	if !l.Put && d.PerSender {
		_, l.Answered, err = t.sharedOf(&sms.Message{Account: in.Account, ID: in.Message})
		if err != nil {
			return l, err
		}
	}
	return l, t.queryRow(selectOthersUndecided, []any{d.Account, string(in.From)}, &l.Waiting)
}

// decideOthers decides replies of a number that wait, by a change of the list.
func (t *optOuts) decideOthers(c *inbox.OptOutChange) error {
	as, decides := c.Decides()
	if !decides {
		return nil
	}
	return t.exec(decideUndecided, string(as), c.Actor, micros(c.At), c.Account, string(c.Number))
}
