package table

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"relais/person"
	"relais/sms"
)

// people are erased.
type people struct{ *runner }

const (
	// selectErasable passes over messages that have not ended: of one number there are few.
	selectErasable = `SELECT m.id, m.submission FROM messages m INDEXED BY messages_recipient
		WHERE m.account = $1 AND m.recipient = $2
			AND m.status IN ('delivered', 'undelivered', 'expired', 'rejected', 'canceled') LIMIT $3 FOR UPDATE`
	eraseMessage = "UPDATE messages SET recipient = '~', reference = '' WHERE account = $1 AND id = $2"
	countShare   = "SELECT recipients, text <> '' FROM submissions WHERE account = $1 AND id = $2 FOR UPDATE"
	// selectOthers is for submissions whose messages were not counted: they lie together,
	// within the time that one request may take.
	selectOthers = `SELECT EXISTS (SELECT 1 FROM messages m
		WHERE m.account = $1 AND m.id > $2 AND m.id < $3 AND m.submission = $2
			AND m.recipient NOT IN ('~', $4, $5))`
	selectUncounted = `SELECT s.id FROM messages m INDEXED BY messages_recipient CROSS JOIN submissions s
		WHERE m.account = $1 AND m.recipient = $2 AND s.account = m.account AND s.id = m.submission
			AND s.recipients = 0 AND s.text <> '' LIMIT $3`
	dropShare = "UPDATE submissions SET recipients = greatest(recipients - 1, 0) WHERE account = $1 AND id = $2"
	eraseText = "UPDATE submissions SET text = '', metadata = NULL, recipients = 0 WHERE account = $1 AND " +
		"id = $2"

	selectErasableReplies = `SELECT id, outbox FROM inbound INDEXED BY inbound_sender
		WHERE account = $1 AND sender = $2 LIMIT $3 FOR UPDATE`
	eraseReply       = "UPDATE inbound SET sender = '~', text = '', assigned_to = '' WHERE account = $1 AND sender = $2 AND id = $3"
	selectReplyEvent = `SELECT data FROM outbox WHERE account = $1 AND seq = $2 AND subject = $3
		AND data IS NOT NULL FOR UPDATE`
	updateReplyEvent = "UPDATE outbox SET data = $1 WHERE account = $2 AND seq = $3"
	// eraseAnswers forgets what receivers answered to the events of a message or a reply:
	// they may have repeated them.
	eraseAnswers = `UPDATE deliveries INDEXED BY deliveries_answered SET answer = '', earlier = ''
		WHERE account = $1 AND subject = $2 AND (answer <> '' OR earlier <> '')`

	deleteOptOuts = "DELETE FROM opt_outs WHERE account = $1 AND number = $2"
	deleteProofs  = "DELETE FROM opt_out_changes WHERE account = $1 AND number = $2"
)

// apartAtMost is how long after its submission a message of the same request may have been
// made.
const apartAtMost = 10 * time.Second

// erasing is a step of an erasure, in a transaction.
type erasing struct {
	runs
	*person.Erasure

	others map[sms.ID]bool // by submission that was not counted: somebody else has its text
	locked map[sms.ID]bool // campaigns
	done   person.ErasureDone
}

// Erase implements person.Store.
func (t people) Erase(ctx context.Context, e person.Erasure) (done person.ErasureDone, err error) {
	others, err := t.lookForOthers(ctx, &e)
	if err != nil {
		return done, fmt.Errorf("look for others who got a text: %w", err)
	}
	err = t.transact(ctx, func(tx runs) error {
		step := erasing{runs: tx, Erasure: &e, others: others}
		err := step.erase()
		done = step.done
		return err
	})
	return done, err
}

// lookForOthers looks up what takes long, before the only writer begins: who else has a
// text that was not counted. Where others write meanwhile that is asked in the transaction.
func (t people) lookForOthers(ctx context.Context, e *person.Erasure) (map[sms.ID]bool, error) {
	if !t.dialect.OneWriter {
		return nil, nil
	}
	beside, others := t.on(ctx), map[sms.ID]bool{}
	for _, n := range e.Numbers {
		uncounted, err := list(beside, scanID, selectUncounted, e.Audit.Account, n, e.Limit)
		if err != nil {
			return nil, err
		}
		for _, submission := range uncounted {
			if others[submission], err = othersHave(beside, e, submission); err != nil {
				return nil, err
			}
		}
	}
	return others, nil
}

func scanID(scan Scan) (id sms.ID, err error) { return id, scan(&id) }

// othersHave reports whether a text went to others than the person.
func othersHave(r runs, e *person.Erasure, submission sms.ID) (some bool, err error) {
	until := sms.FirstID(submission.Time().Add(apartAtMost))
	_, err = r.read(selectOthers, []any{
		e.Audit.Account, submission, until, e.Numbers[0], e.Numbers[len(e.Numbers)-1],
	}, &some)
	return some, err
}

func (e *erasing) erase() error {
	if err := e.lockRows(); err != nil {
		return fmt.Errorf("lock campaigns: %w", err)
	}
	for _, n := range e.Numbers {
		if err := e.eraseMessages(n); err != nil {
			return fmt.Errorf("erase messages: %w", err)
		}
		if err := e.eraseReplies(n); err != nil {
			return fmt.Errorf("erase replies: %w", err)
		}
		if err := e.eraseRows(n); err != nil {
			return fmt.Errorf("erase rows of campaigns: %w", err)
		}
		if err := e.eraseEntries(n); err != nil {
			return fmt.Errorf("erase entries of lists: %w", err)
		}
		if err := e.do(eraseParts, e.Audit.Account, n); err != nil {
			return fmt.Errorf("erase parts of messages: %w", err)
		}
		if err := e.eraseContact(n); err != nil {
			return fmt.Errorf("erase a contact: %w", err)
		}
	}
	if e.OptOuts && !e.done.More {
		if err := e.eraseOptOuts(); err != nil {
			return fmt.Errorf("erase opt-outs: %w", err)
		}
	}
	entry := e.Audit
	entry.Messages, entry.Replies, entry.OptOuts = e.done.Messages, e.done.Replies, e.done.OptOuts
	return e.record(&entry)
}

func (e *erasing) eraseMessages(n sms.Number) error {
	type row struct{ message, submission sms.ID }
	scan := func(scan Scan) (r row, err error) { return r, scan(&r.message, &r.submission) }
	found, err := list(e.runs, scan, selectErasable, e.Audit.Account, n, e.Limit)
	if err != nil {
		return err
	}
	lists := make([][]any, len(found))
	for i, m := range found {
		lists[i] = []any{e.Audit.Account, m.message}
	}
	if _, err := e.execEach(eraseMessage, lists); err != nil {
		return err
	}
	if _, err := e.execEach(eraseAnswers, lists); err != nil {
		return err
	}
	if _, err := e.execEach(eraseJoined, lists); err != nil {
		return err
	}
	for _, m := range found {
		shared, err := e.eraseShare(m.submission)
		if err != nil {
			return err
		}
		if e.done.Messages++; shared {
			e.done.Shared++
		}
	}
	e.done.More = e.done.More || len(found) == e.Limit
	return nil
}

// eraseShare takes a message's share of a text away, and the text with the last one. It
// reports whether others still have it.
func (e *erasing) eraseShare(submission sms.ID) (shared bool, err error) {
	var recipients int
	var hasText bool
	if _, err := e.read(countShare, []any{e.Audit.Account, submission}, &recipients, &hasText); err != nil {
		return false, err
	}
	others := recipients > 1
	if recipients == 0 && hasText {
		var known bool
		if others, known = e.others[submission]; !known {
			if others, err = othersHave(e.runs, e.Erasure, submission); err != nil {
				return false, err
			}
		}
	}
	if others {
		return hasText, e.do(dropShare, e.Audit.Account, submission)
	}
	return false, e.do(eraseText, e.Audit.Account, submission)
}

func (e *erasing) eraseReplies(n sms.Number) error {
	type row struct {
		reply sms.ID
		event int64
	}
	scan := func(scan Scan) (r row, err error) { return r, scan(&r.reply, &r.event) }
	found, err := list(e.runs, scan, selectErasableReplies, e.Audit.Account, n, e.Limit)
	if err != nil {
		return err
	}
	for _, r := range found {
		if err := e.do(eraseReply, e.Audit.Account, n, r.reply); err != nil {
			return err
		}
		if err := e.do(deleteThreadNotes, e.Audit.Account, r.reply); err != nil {
			return err
		}
		if err := e.do(eraseAnswers, e.Audit.Account, r.reply); err != nil {
			return err
		}
		if err := e.eraseReplyEvent(r.reply, r.event); err != nil {
			return err
		}
		e.done.Replies++
	}
	e.done.More = e.done.More || len(found) == e.Limit
	return nil
}

func (e *erasing) eraseReplyEvent(reply sms.ID, event int64) error {
	var data string
	found, err := e.read(selectReplyEvent, []any{e.Audit.Account, event, reply}, &data)
	if err != nil || !found {
		return err
	}
	told, err := withoutPerson(data)
	if err != nil {
		return err
	}
	return e.do(updateReplyEvent, told, e.Audit.Account, event)
}

// withoutPerson is the data of a reply's event without what tells of who wrote it.
func withoutPerson(data string) (string, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(data), &fields); err != nil {
		return "", fmt.Errorf("read the event of a reply: %w", err)
	}
	fields["from"], fields["text"] = json.RawMessage(`"~"`), json.RawMessage(`""`)
	delete(fields, "reference")
	told, err := json.Marshal(fields)
	return string(told), err
}

// eraseOptOuts forgets what a list says of a number, proofs included.
func (e *erasing) eraseOptOuts() error {
	for _, n := range e.Numbers {
		entries, err := e.exec(deleteOptOuts, e.Audit.Account, n)
		if err != nil {
			return err
		}
		e.done.OptOuts += entries
		if err := e.do(deleteProofs, e.Audit.Account, n); err != nil {
			return err
		}
	}
	return nil
}
