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
	selectInbound   = "SELECT " + inboundColumns + " FROM inbound WHERE account = ? AND id = ?"
	decideInbound   = "UPDATE inbound SET decided = ?, decided_by = ?, decided_at = ? WHERE account = ? AND id = ?"
	selectUndecided = "SELECT count(*) FROM inbound INDEXED BY inbound_undecided WHERE kind = 'unsure' AND decided = ''"
	// selectChanged finds whom a reply put on the list, also where the reply itself is
	// hidden by now.
	selectChanged = `SELECT number, sender FROM opt_out_changes INDEXED BY opt_out_changes_inbound
		WHERE account = ? AND inbound IS NOT NULL AND inbound = ? ORDER BY id LIMIT 1`
	selectOthersUndecided = `SELECT EXISTS (SELECT 1 FROM inbound INDEXED BY inbound_undecided
		WHERE account = ? AND sender = ? AND kind = 'unsure' AND decided = '')`
	// decideOthers is what a change of the list decides of replies that wait.
	decideOthers = `UPDATE inbound SET decided = ?, decided_by = ?, decided_at = ?
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
		switch {
		case in.Intent != inbox.IntentUnsure:
			return inbox.ErrPlainReply
		case in.Decided == d.Intent:
			return nil
		case in.Decided == inbox.IntentStop:
			return inbox.ErrDecided
		}
		in.Decided, in.DecidedBy, in.DecidedAt = d.Intent, d.Actor, d.At
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
	if err := t.exec(decideInbound, string(d.Intent), d.Actor, micros(d.At), d.Account, d.Inbound[:]); err != nil {
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
	var n sms.Number
	var sender sms.Sender
	err := t.queryRow(selectChanged, []any{d.Account, d.Inbound[:]}, &n, &sender)
	if errors.Is(err, sql.ErrNoRows) { // the number was on the list already
		n = in.From
		if d.PerSender {
			_, sender, err = t.sharedOf(&sms.Message{Account: in.Account, ID: in.Message})
		} else {
			err = nil
		}
	}
	if err != nil || n == "" || n[0] != '+' {
		return err
	}
	c := d.Change(in, n, sender)
	if c.Added {
		_, err = t.addOptOut(&c)
		return err
	}
	var others bool
	if err := t.queryRow(selectOthersUndecided, []any{d.Account, string(in.From)}, &others); err != nil || others {
		return err
	}
	_, err = t.removeOptOut(&c)
	return err
}

// decideAll decides replies of a number that wait, by a change of the list: the person
// wrote a plain STOP or START since, or somebody changed the list by hand.
func (t *tx) decideAll(c *inbox.OptOutChange, as inbox.Intent) error {
	if c.Sender != "" {
		return nil
	}
	return t.exec(decideOthers, string(as), c.Actor, micros(c.At), c.Account, string(c.Number))
}
