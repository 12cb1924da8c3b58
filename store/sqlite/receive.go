package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"relais/inbox"
	"relais/sms"
	"relais/store/table"
)

// Receive implements gateway.Store.
func (s *Store) Receive(ctx context.Context, r *inbox.Reception) (received inbox.Received, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		received = inbox.Received{Verdicts: map[inbox.Verdict]int{}}
		for i := range r.Receipts {
			if err := t.receipt(r, &r.Receipts[i], &received); err != nil {
				return fmt.Errorf("store a receipt: %w", err)
			}
		}
		if len(r.Inbounds)+len(r.Blocks) > 0 { // they look for the messages that they answer
			if err := t.writeAll(); err != nil {
				return err
			}
		}
		for i := range r.Inbounds {
			fresh, listed, err := arrivals.Reply(inside{t}, finder{t}, r, r.Inbounds[i])
			if err != nil {
				return fmt.Errorf("store a reply: %w", err)
			}
			if fresh {
				received.Inbounds++
			}
			if listed {
				received.OptOuts++
			}
		}
		for i := range r.Blocks {
			listed, err := arrivals.Block(inside{t}, finder{t}, r, &r.Blocks[i])
			if err != nil {
				return fmt.Errorf("store a block: %w", err)
			}
			if listed {
				received.OptOuts++
			}
		}
		return nil
	})
	return received, err
}

// receipt applies a receipt to its message, or keeps it for one that is not
// known yet.
func (t *tx) receipt(r *inbox.Reception, receipt *sms.Receipt, received *inbox.Received) error {
	m, found, err := t.messageOf(r.Connector, receipt.ProviderID, receipt.Ref)
	if err != nil {
		return err
	}
	if !found {
		verdict := inbox.Dropped
		if r.Pushed {
			if verdict, err = t.keepReceipt(r, receipt); err != nil {
				return err
			}
		}
		received.Verdicts[verdict]++
		return nil
	}
	verdict, optedOut, err := t.judge(&m, receipt, r.Connector, r.At)
	if err != nil {
		return err
	}
	received.Verdicts[verdict]++
	if verdict.Moves() {
		received.Moved, received.Accounts = append(received.Moved, m.ID), append(received.Accounts, m.Account)
	}
	if optedOut {
		received.OptOuts++
	}
	return nil
}

// judge gives a receipt to a message that is known.
func (t *tx) judge(
	m *sms.Message, receipt *sms.Receipt, connector string, now time.Time,
) (v inbox.Verdict, optedOut bool, err error) {
	arrived, err := t.arrivedOf(m, receipt)
	if err != nil {
		return "", false, err
	}
	transition, verdict := inbox.Judge(m, arrived, receipt, connector, now)
	switch {
	case verdict == inbox.Part:
		err = t.keepPart(m, &transition.Event, arrived.With(receipt))
	case verdict.Notes():
		verdict, err = t.note(m, &transition.Event, verdict)
	case verdict.Moves():
		if _, err = t.apply(&transition); err == nil && inbox.Again(&transition, receipt) {
			proved := *m
			proved.Status = transition.To
			_, _, err = t.judge(&proved, receipt, connector, now)
		}
	}
	if err != nil {
		return verdict, false, err
	}
	if c, asks := inbox.ByReceipt(m, receipt, verdict, connector, now); asks {
		optedOut, err = arrivals.AddOptOut(inside{t}, &c)
	}
	return verdict, optedOut, err
}

// arrivedOf are the parts of a message that arrived, where a receipt is one of a part. A young message has none.
func (t *tx) arrivedOf(m *sms.Message, receipt *sms.Receipt) (arrived inbox.Arrived, err error) {
	if !receipt.OfPart() || t.young.byID[m.ID] != nil {
		return "", nil
	}
	err = t.rows.queryRow("SELECT coalesce(arrived, '') FROM messages WHERE account = ? AND id = ?",
		[]any{m.Account, m.ID[:]}, &arrived)
	return arrived, err
}

// keepPart keeps with a message that a part of it arrived.
func (t *tx) keepPart(m *sms.Message, e *sms.Event, arrived inbox.Arrived) error {
	if err := t.grown(m.ID); err != nil {
		return err
	}
	return t.rows.exec(`UPDATE messages SET timeline = timeline || ?, events = events + 1, arrived = ?,
		operator_code = ?, operator_text = ?, updated_at = ? WHERE account = ? AND id = ?`,
		table.Line(e), string(arrived), e.OperatorCode, e.OperatorText, micros(e.At), m.Account, m.ID[:])
}

// grown gives a message its row, if it is young.
func (t *tx) grown(id sms.ID) error {
	if young := t.young.byID[id]; young != nil {
		return t.write(young)
	}
	return nil
}

// note puts a receipt that moves nothing in the timeline, once.
func (t *tx) note(m *sms.Message, e *sms.Event, v inbox.Verdict) (inbox.Verdict, error) {
	words := ""
	if v.HasWords() {
		words = ", operator_code = ?3, operator_text = ?4, updated_at = ?5"
	}
	if err := t.grown(m.ID); err != nil {
		return v, err
	}
	noted, err := t.rows.execCount("UPDATE messages SET timeline = timeline || ?6, events = events + 1"+words+`
		WHERE account = ?1 AND id = ?2 AND events < ?7 AND instr(char(10) || timeline, ?8) = 0`,
		m.Account, m.ID[:], e.OperatorCode, e.OperatorText, micros(e.At), table.Line(e), table.MostNoted,
		table.NotedAs(e))
	if err == nil && noted == 0 {
		return inbox.Repeated, nil
	}
	return v, err
}

const (
	selectByProvider = `SELECT account, id, recipient, status, reason, attempt, coalesce(provider_id, '')
		FROM messages
		WHERE connector = ? AND provider_id = ?`
	// selectByRef walks the accounts, which are few, and not the messages.
	selectByRef = `SELECT m.account, m.id, m.recipient, m.status, m.reason, m.attempt, coalesce(m.provider_id,
		'') FROM accounts a
		CROSS JOIN messages m WHERE m.account = a.name AND m.id = ?`
)

// messageOf finds a message by the operator's id, else by ours.
func (t *tx) messageOf(connector, providerID string, ref sms.ID) (m sms.Message, found bool, err error) {
	if y := t.young.byProvider[providerKey{connector, providerID}]; y != nil && providerID != "" {
		return y.Message, true, nil
	}
	if y := t.young.byID[ref]; y != nil && !ref.IsZero() {
		return y.Message, true, nil
	}
	if providerID != "" {
		if m, found, err = t.oneMessage(selectByProvider, connector, providerID); err != nil || found {
			return m, found, err
		}
	}
	if ref.IsZero() {
		return m, false, nil
	}
	return t.oneMessage(selectByRef, ref[:])
}

func (t *tx) oneMessage(query string, args ...any) (m sms.Message, found bool, err error) {
	var id []byte
	err = t.rows.queryRow(query, args, &m.Account, &id, &m.To, &m.Status, &m.Reason, &m.Attempt, &m.ProviderID)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	m.ID, err = idOf(id)
	return m, err == nil, err
}

// keepReceipt lets a receipt wait for its message.
func (t *tx) keepReceipt(r *inbox.Reception, receipt *sms.Receipt) (inbox.Verdict, error) {
	var ref any
	if !receipt.Ref.IsZero() {
		ref = receipt.Ref[:]
	}
	kept, err := t.execCount(`INSERT INTO receipts (connector, provider_id, ref, status, reason, code, text, at,
		received_at, parts, part)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		r.Connector, receipt.ProviderID, ref, string(receipt.Status), string(receipt.Reason), receipt.Code,
		receipt.Text,
		micros(receipt.At), micros(r.At), receipt.Parts, receipt.Part)
	if err != nil {
		return "", err
	}
	t.early = someEarly
	if kept == 0 {
		return inbox.Repeated, nil
	}
	return inbox.Kept, nil
}

// Whether receipts wait that came before the answer to their submit.
const (
	unknownEarly = iota // ask the table
	noEarly
	someEarly
)

const selectEarly = `SELECT r.id, r.connector, r.provider_id, r.status, r.reason, r.code, r.text, r.at,
	r.parts, r.part FROM receipts r
	WHERE r.connector = (SELECT connector FROM messages WHERE account = ? AND id = ?) AND r.provider_id = ?`

// takeEarly gives a message that has just got its operator's id the receipts
// that came before it.
func (t *tx) takeEarly(tr *sms.Transition) error {
	if t.early == unknownEarly {
		var some bool
		if err := t.queryRow("SELECT EXISTS (SELECT 1 FROM receipts)", nil, &some); err != nil {
			return err
		}
		t.early = noEarly
		if some {
			t.early = someEarly
		}
	}
	if t.early == noEarly {
		return nil
	}
	early, err := t.earlyReceipts(tr)
	for _, e := range early {
		m, found, err := t.oneMessage(selectByProvider, e.connector, e.ProviderID)
		if err != nil || !found {
			return err
		}
		verdict, _, err := t.judge(&m, &e.Receipt, e.connector, tr.Event.At)
		if err != nil {
			return err
		}
		if verdict.Moves() {
			t.received = append(t.received, m.ID)
		}
		if err := t.exec("DELETE FROM receipts WHERE id = ?", e.row); err != nil {
			return err
		}
	}
	if len(early) > 0 {
		t.early = unknownEarly
	}
	return err
}

type earlyReceipt struct {
	sms.Receipt
	row       int64
	connector string
}

func (t *tx) earlyReceipts(tr *sms.Transition) ([]earlyReceipt, error) {
	rows, err := t.rows.query(selectEarly, tr.Account, tr.ID[:], tr.ProviderID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var early []earlyReceipt
	for rows.Next() {
		var e earlyReceipt
		var at int64
		if err := rows.Scan(&e.row, &e.connector, &e.ProviderID, &e.Status, &e.Reason, &e.Code, &e.Text,
			&at, &e.Parts, &e.Part); err != nil {
			return nil, err
		}
		e.At = fromMicros(at)
		early = append(early, e)
	}
	slices.SortFunc(early, func(a, b earlyReceipt) int { return cmp.Compare(a.row, b.row) })
	return early, rows.Err()
}

// selectLastTo finds the message that a handset answers when it names none: the last one
// that was sent to it, including one whose operator has not answered yet. It asks account by
// account, because there are few.
const selectLastTo = `SELECT m.account, m.id, m.recipient, m.status, m.reason, m.attempt,
	coalesce(m.provider_id, '') FROM accounts a
	CROSS JOIN messages m WHERE m.account = a.name AND m.id = (
		SELECT x.id FROM messages x INDEXED BY messages_recipient
		WHERE x.account = a.name AND x.recipient = ? AND x.connector = ? AND x.id >= ?
			AND (x.provider_id IS NOT NULL OR x.status IN ('submitting', 'uncertain'))
		ORDER BY x.id DESC LIMIT 1)
	ORDER BY m.id DESC LIMIT 1`

// finder looks for messages that handsets answer.
type finder struct{ *tx }

// ByProviderID implements inbox.Finder.
func (f finder) ByProviderID(connector, id string) (sms.Message, bool, error) {
	return f.oneMessage(selectByProvider, connector, id)
}

// ByRef implements inbox.Finder.
func (f finder) ByRef(id sms.ID) (sms.Message, bool, error) { return f.oneMessage(selectByRef, id[:]) }

// LastTo implements inbox.Finder.
func (f finder) LastTo(number sms.Number, connector string, since time.Time) (sms.Message, bool, error) {
	return f.oneMessage(selectLastTo, string(number), connector, first(since))
}
