package table

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"relais/inbox"
	"relais/sms"
)

// threads implements inbox.ThreadStore.
type threads struct{ *runner }

const (
	selectThreadNotes = "SELECT n.account, n.id, n.reply, n.actor, n.at, n.text FROM inbound i CROSS JOIN " +
		"conversation_notes n INDEXED BY conversation_notes_reply "
	selectAnswering = "SELECT a.account, a.reply, a.actor, a.since, a.at FROM answering a JOIN inbound i " +
		"ON i.account = a.account AND i.id = a.reply "
	insertAnswering = `INSERT INTO answering (account, reply, actor, since, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account, reply, actor) DO UPDATE SET at = excluded.at`
	deleteThreadNotes = "DELETE FROM conversation_notes INDEXED BY conversation_notes_reply WHERE account = $1 AND " +
		"reply = $2"
)

// ofThread chooses the replies of a conversation; prefix names the table of replies.
func ofThread(t *inbox.Thread, prefix string) *filter {
	f := &filter{}
	f.add(prefix+"account = ?", t.Account)
	if t.Alone() {
		f.add(prefix+"id = ?", t.Reply)
	} else {
		f.addNumber(prefix+"sender", t.From, t.Hidden)
	}
	return f
}

// lockThread has one at a time say with whom a conversation is: who gives it to somebody,
// and a reply, which goes to whoever has it. A conversation that was opened by a reply whose
// number is hidden has the pseudonym alone.
func (r runs) lockThread(account string, from, hidden sms.Number) error {
	names := []sms.Number{from}
	if hidden != "" && hidden != from {
		names = append(names, hidden)
	}
	for _, name := range names { // everybody in this order
		if err := r.conn.Lock("conversation " + account + " " + string(name)); err != nil {
			return err
		}
	}
	return nil
}

// Assign implements inbox.ThreadStore.
func (t threads) Assign(ctx context.Context, a inbox.Assignment) error {
	return t.transact(ctx, func(tx runs) error {
		f := ofThread(&a.Thread, "")
		if err := tx.lockThread(a.Account, a.From, a.Hidden); err != nil {
			return err
		}
		var was sms.Actor
		query := "SELECT assigned_to FROM inbound " + f.where() + " ORDER BY id DESC LIMIT 1"
		if _, err := tx.read(query, f.args, &was); err != nil {
			return fmt.Errorf("read who has a conversation: %w", err)
		}
		if was != a.Was {
			return inbox.ErrMoved
		}
		to := f.place(a.To)
		if err := tx.do("UPDATE inbound SET assigned_to = "+to+" "+f.where(), f.args...); err != nil {
			return fmt.Errorf("assign a conversation: %w", err)
		}
		return nil
	})
}

// AddNote implements inbox.ThreadStore.
func (t threads) AddNote(ctx context.Context, n inbox.Note) error {
	return t.transact(ctx, func(tx runs) error {
		found, err := tx.replies(selectReply, n.Account, n.Reply)
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].From == sms.NoNumber {
			return inbox.ErrNobody
		}
		err = tx.do(`INSERT INTO conversation_notes (account, id, reply, actor, text, at)
			VALUES ($1, $2, $3, $4, $5, $6)`, n.Account, n.ID, n.Reply, n.By, n.Text, n.At)
		if err != nil {
			return fmt.Errorf("keep a note: %w", err)
		}
		return nil
	})
}

// DropNote implements inbox.ThreadStore.
func (t threads) DropNote(
	ctx context.Context, account string, id sms.ID, by sms.Actor,
) (dropped bool, err error) {
	n, err := t.on(ctx).exec("DELETE FROM conversation_notes WHERE account = $1 AND id = $2 AND actor = $3",
		account, id, by)
	if err != nil {
		return false, fmt.Errorf("remove a note: %w", err)
	}
	return n > 0, nil
}

func scanNote(scan Scan) (n inbox.Note, err error) {
	return n, scan(&n.Account, &n.ID, &n.Reply, &n.By, &n.At, &n.Text)
}

// Notes implements inbox.ThreadStore.
func (t threads) Notes(ctx context.Context, of inbox.Thread, limit int) ([]inbox.Note, error) {
	query, args := notesQuery(&of)
	found, err := list(t.on(ctx), scanNote, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	slices.SortFunc(found, func(a, b inbox.Note) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	return found[:min(limit, len(found))], nil
}

// notesQuery starts from the replies of the person, which are few.
func notesQuery(t *inbox.Thread) (query string, args []any) {
	f := ofThread(t, "i.")
	f.conditions = append(f.conditions, "n.account = i.account", "n.reply = i.id")
	return selectThreadNotes + f.where(), f.args
}

// KeepAnswering implements inbox.ThreadStore.
func (t threads) KeepAnswering(ctx context.Context, a inbox.Answering, forget time.Time) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.do("DELETE FROM answering WHERE account = $1 AND at < $2", a.Account, forget); err != nil {
			return fmt.Errorf("forget who was answering: %w", err)
		}
		if err := tx.do(insertAnswering, a.Account, a.Reply, a.By, a.Since, a.At); err != nil {
			return fmt.Errorf("keep who is answering: %w", err)
		}
		return nil
	})
}

// EndAnswering implements inbox.ThreadStore.
func (t threads) EndAnswering(ctx context.Context, of inbox.Thread, by sms.Actor) error {
	f := ofThread(&of, "")
	within := "SELECT id FROM inbound " + f.where()
	query := "DELETE FROM answering WHERE account = $1 AND actor = " + f.place(by) + " AND reply IN (" + within + ")"
	if err := t.on(ctx).do(query, f.args...); err != nil {
		return fmt.Errorf("forget who is answering: %w", err)
	}
	return nil
}

// Answering implements inbox.ThreadStore.
func (t threads) Answering(ctx context.Context, of inbox.Thread, since time.Time) ([]inbox.Answering, error) {
	f := ofThread(&of, "i.")
	f.add("a.account = ?", of.Account)
	f.add("a.at > ?", since)
	scan := func(scan Scan) (a inbox.Answering, err error) {
		return a, scan(&a.Account, &a.Reply, &a.By, &a.Since, &a.At)
	}
	found, err := list(t.on(ctx), scan, selectAnswering+f.where()+" ORDER BY a.since", f.args...)
	if err != nil {
		return nil, fmt.Errorf("read who is answering: %w", err)
	}
	return found, nil
}
