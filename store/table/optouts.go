package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"relais/auth"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// optOuts are the suppression lists. Who of many numbers stands there is asked before
// every message of marketing, and is in the stores.
type optOuts struct{ *runner }

const (
	// insertOptOut turns a provisional entry into a lasting one, and never the other way
	// round.
	insertOptOut = `INSERT INTO opt_outs (account, number, sender, source, since, proof, provisional)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (account, number, sender) DO UPDATE
			SET source = excluded.source, proof = excluded.proof, provisional = false
			WHERE opt_outs.provisional AND NOT excluded.provisional`
	deleteOptOut = `DELETE FROM opt_outs WHERE account = $1 AND number = $2 AND ($3 = '' OR sender = $3)
		AND (provisional OR NOT $4)`
	insertProof = `INSERT INTO opt_out_changes (account, id, number, sender, change, source, actor, message,
			inbound, note, at, provisional)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

	optOutColumns = "SELECT account, number, sender, source, since, proof, provisional FROM opt_outs "
	selectOptOuts = optOutColumns + "WHERE account = $1 AND number > $2 ORDER BY number, sender LIMIT $3"
	selectOptOut  = optOutColumns + "WHERE account = $1 AND number = $2 ORDER BY sender"
	selectProofs  = `SELECT account, id, number, sender, change, source, actor, message, inbound, note, at,
			provisional
		FROM opt_out_changes INDEXED BY opt_out_changes_number WHERE account = $1 AND number = $2 ORDER BY id`
)

// The words of a proof.
const (
	wordAdded   = "added"
	wordRemoved = "removed"
)

// ChangeOptOuts implements inbox.OptOutStore.
func (t optOuts) ChangeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (made int, err error) {
	err = t.transact(ctx, func(tx runs) (err error) {
		made, err = tx.changeOptOuts(ctx, changes)
		return err
	})
	return made, err
}

// ImportOptOuts implements inbox.OptOutStore.
func (t optOuts) ImportOptOuts(ctx context.Context, f inbox.Import) (made int, err error) {
	err = t.transact(ctx, func(tx runs) error {
		made = 0
		if err := tx.do(deleteNonces, f.Now); err != nil {
			return fmt.Errorf("drop old nonces: %w", err)
		}
		fresh, err := tx.exec(insertNonce, "import "+f.Account, f.Name, f.Until)
		if err != nil {
			return fmt.Errorf("keep that a file was taken: %w", err)
		}
		if fresh == 0 {
			return nil
		}
		made, err = tx.changeOptOuts(ctx, f.Changes)
		return err
	})
	return made, err
}

func (r runs) changeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (made int, err error) {
	for i := range changes {
		done, err := r.changeOptOut(&changes[i])
		if err != nil {
			return 0, fmt.Errorf("change a suppression list: %w", err)
		}
		if !done {
			continue
		}
		made++
		if err := r.listed(ctx, &changes[i]); err != nil {
			return 0, err
		}
	}
	if made == 0 || changes[0].Source != inbox.FromImport {
		return made, nil
	}
	first := &changes[0]
	return made, r.did(ctx, first.Account, auth.OptOutsImported, first.ID.String(), strconv.Itoa(made))
}

// listed writes down a change of a list. The proof has the number, the act the id of the
// proof. A file has one act for all that it changed.
func (r runs) listed(ctx context.Context, c *inbox.OptOutChange) error {
	switch {
	case c.Source == inbox.FromImport:
		return nil
	case c.Added:
		return r.did(ctx, c.Account, auth.OptOutAdded, c.ID.String(), "")
	default:
		return r.did(ctx, c.Account, auth.OptOutRemoved, c.ID.String(), "")
	}
}

// changeOptOut makes a change of a list and keeps the proof. It does nothing where the
// list is so already.
func (r runs) changeOptOut(c *inbox.OptOutChange) (done bool, err error) {
	if c.Added {
		return r.addOptOut(c)
	}
	return r.removeOptOut(c)
}

// addOptOut puts a number on a list and tells callers. A provisional entry that is there
// may come to stand.
func (r runs) addOptOut(c *inbox.OptOutChange) (added bool, err error) {
	n, err := r.exec(insertOptOut, c.Account, c.Number, c.Sender, c.Source, c.At, c.ID, c.Provisional)
	if err != nil || n == 0 {
		return false, err
	}
	if err := r.prove(c, wordAdded); err != nil {
		return false, err
	}
	if !c.Provisional {
		if err := r.stopped(c.Account, c.Number, c.At, c.Actor); err != nil {
			return false, err
		}
	}
	data, err := json.Marshal(c.Data())
	if err != nil {
		return false, err
	}
	_, err = r.conn.Tell(Event{
		Account: c.Account, Type: webhook.OptOutAdded, Subject: c.ID, At: c.At, Data: data,
	})
	return err == nil, err
}

// removeOptOut takes a number off a list: for one sender, or, when none is named, for
// every sender. What is provisional goes alone where the change is.
func (r runs) removeOptOut(c *inbox.OptOutChange) (removed bool, err error) {
	n, err := r.exec(deleteOptOut, c.Account, c.Number, c.Sender, c.Provisional)
	if err != nil || n == 0 {
		return false, err
	}
	return true, r.prove(c, wordRemoved)
}

// prove keeps the proof of a change, and what it decides of replies that wait.
func (r runs) prove(c *inbox.OptOutChange, word string) error {
	if err := r.decideOthers(c); err != nil {
		return err
	}
	return r.do(insertProof, c.Account, c.ID, c.Number, c.Sender, word, c.Source, c.Actor, orNull(c.Message),
		orNull(c.Inbound), c.Note, c.At, c.Provisional)
}

func scanOptOut(scan Scan) (o inbox.OptOut, err error) {
	return o, scan(&o.Account, &o.Number, &o.Sender, &o.Source, &o.Since, &o.Proof, &o.Provisional)
}

func scanProof(scan Scan) (c inbox.OptOutChange, err error) {
	var word string
	err = scan(&c.Account, &c.ID, &c.Number, &c.Sender, &word, &c.Source, &c.Actor, &c.Message, &c.Inbound,
		&c.Note, &c.At, &c.Provisional)
	c.Added = word == wordAdded
	return c, err
}

// OptOuts implements inbox.OptOutStore. A page never ends between the senders of one
// number.
func (t optOuts) OptOuts(
	ctx context.Context, q inbox.OptOutQuery,
) (found []inbox.OptOut, more bool, err error) {
	const sendersOfOne = 100
	all, err := list(t.on(ctx), scanOptOut, selectOptOuts, q.Account, q.After, q.Limit+sendersOfOne)
	if err != nil {
		return nil, false, fmt.Errorf("read a suppression list: %w", err)
	}
	end := min(q.Limit, len(all))
	for end > 0 && end < len(all) && all[end].Number == all[end-1].Number {
		end++
	}
	return all[:end], end < len(all), nil
}

// OptOutProofs implements inbox.OptOutStore.
func (t optOuts) OptOutProofs(
	ctx context.Context, account string, n sms.Number,
) ([]inbox.OptOut, []inbox.OptOutChange, error) {
	entries, err := list(t.on(ctx), scanOptOut, selectOptOut, account, n)
	if err != nil {
		return nil, nil, fmt.Errorf("read a suppression list: %w", err)
	}
	changes, err := list(t.on(ctx), scanProof, selectProofs, account, n)
	if err != nil {
		return nil, nil, fmt.Errorf("read proofs: %w", err)
	}
	return entries, changes, nil
}
