package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/gateway"
	"relais/sms"
)

// dueAt reads one priority's part of the queue. Priorities are read one by one: a
// far date at a high priority must not be walked through to reach what is due at
// a lower one.
func dueAt(priority int) string {
	return fmt.Sprintf(`SELECT * FROM (SELECT m.account, m.id, m.submission, m.recipient, m.segments, m.attempt, m.solo, m.due_at,
		m.expires_at, s.text, s.sender, s.class, s.encoding, m.reference, s.accepted_at, m.routes, m.chance, coalesce(s.trace, ''), m.price
	FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.connector = $1 AND m.priority = %d AND m.due_at <= $2
	ORDER BY m.due_at LIMIT $3 FOR UPDATE OF m SKIP LOCKED) AS p%[1]d`, priority)
}

// headOf reads when the first message of one priority falls due.
func headOf(priority int) string {
	return fmt.Sprintf(`SELECT (SELECT due_at FROM messages WHERE status = 'queued' AND connector = $1 AND priority = %d
		ORDER BY due_at LIMIT 1) AS head`, priority)
}

var (
	selectDue  = unionOf(dueAt) + " LIMIT $3"
	selectNext = "SELECT coalesce(min(head), 0) FROM (" + unionOf(headOf) + ") AS heads"
)

func unionOf(part func(priority int) string) string {
	var parts []string
	for _, class := range sms.Classes {
		parts = append(parts, part(class.Priority()))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

// markSubmitting writes the attempt and its event.
const markSubmitting = `WITH moved AS (
	UPDATE messages m SET status = 'submitting', reason = 'attempt', attempt = m.attempt + 1, updated_at = $3, events = m.events + 1
	FROM unnest($1::text[], $2::uuid[]) AS t (account, id)
	WHERE m.account = t.account AND m.id = t.id RETURNING m.account, m.id, m.events, m.attempt
)
INSERT INTO events (account, message, seq, at, status, actor, code, detail, attempt, operator_code, operator_text)
	SELECT account, id, events, $3, 'submitting', $4, 'attempt', '', attempt, '', '' FROM moved`

// Claim implements gateway.Store, in two round trips: what is due, then what was
// packed.
func (s *Store) Claim(ctx context.Context, c gateway.Claim) (claimed gateway.Claimed, err error) {
	if err := s.giveBack(ctx, c); err != nil {
		return gateway.Claimed{}, err
	}
	err = again(context.WithoutCancel(ctx), func(ctx context.Context) error {
		claimed, err = s.claim(ctx, c)
		return err
	})
	if err != nil {
		if len(claimed.Calls) > 0 && !provesNothingKept(err) {
			s.unsure.put(c.Connector, claimed.Calls)
		}
		return gateway.Claimed{}, err
	}
	return claimed, nil
}

// unsure are claims whose commit was not confirmed, by connector. Nothing of them
// is sent; they go back to the queue before the next claim.
type unsure struct {
	mu      sync.Mutex
	batches map[string][]sms.Message
}

func (u *unsure) put(connector string, calls [][]sms.Message) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.batches == nil {
		u.batches = map[string][]sms.Message{}
	}
	u.batches[connector] = append(u.batches[connector], slices.Concat(calls...)...)
}

func (u *unsure) of(connector string) []sms.Message {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.batches[connector]
}

func (u *unsure) clear(connector string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.batches, connector)
}

func (s *Store) giveBack(ctx context.Context, c gateway.Claim) error {
	batch := s.unsure.of(c.Connector)
	if len(batch) == 0 {
		return nil
	}
	if _, err := s.Settle(ctx, gateway.Unsent(c.Connector, batch, c.Now)); err != nil {
		return fmt.Errorf("give back a claim that was not confirmed: %w", err)
	}
	s.unsure.clear(c.Connector)
	return nil
}

func (s *Store) claim(ctx context.Context, c gateway.Claim) (claimed gateway.Claimed, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return claimed, err
	}
	defer conn.Release() // one that is left in a transaction is closed
	due, err := dueFor(ctx, conn.Conn(), c)
	if err != nil {
		return claimed, err
	}
	var ended transitionRows
	live, err := s.live(ctx, conn.Conn(), due, c.Now, &ended)
	if err != nil {
		return claimed, err
	}
	claimed.Calls, claimed.Short = gateway.Pack(live, c)
	batch := &pgx.Batch{}
	ended.queue(batch, func(at int, _ string) {
		if ended.to[at] == string(sms.Expired) {
			claimed.Expired++
		} else {
			claimed.OptedOut++
		}
	})
	queueSubmitting(batch, claimed.Calls, c)
	var next int64
	if len(due) < c.Calls*c.Batch {
		batch.Queue(selectNext, c.Connector).QueryRow(func(r pgx.Row) error { return r.Scan(&next) })
	} else {
		next = micros(c.Now) // there may be more
	}
	batch.Queue("COMMIT")
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return claimed, fmt.Errorf("claim for %s: %w", c.Connector, err)
	}
	claimed.Next = fromMicros(next)
	return claimed, nil
}

func dueFor(ctx context.Context, conn *pgx.Conn, c gateway.Claim) (due []sms.Message, err error) {
	var held bool
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	queueLease(batch, c, &held)
	batch.Queue(selectDue, c.Connector, micros(c.Now), c.Calls*c.Batch).Query(func(rows pgx.Rows) error {
		due, err = collect(rows, nil, func(r row) (sms.Message, error) { return scanDue(r, c.Connector) })
		return err
	})
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read what is due at %s: %w", c.Connector, err)
	}
	if !held {
		return nil, gateway.ErrFenced
	}
	return due, nil
}

func scanDue(r row, connector string) (sms.Message, error) {
	m := sms.Message{Connector: connector, Status: sms.Queued}
	var dueAt, expiresAt, acceptedAt, chance int64
	var routes string
	err := r.Scan(&m.Account, (*[16]byte)(&m.ID), (*[16]byte)(&m.Submission), &m.To, &m.Segments, &m.Attempt, &m.Solo, &dueAt,
		&expiresAt, &m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &acceptedAt, &routes, &chance, &m.Trace, &m.Price)
	m.Routes, m.Chance = split(routes), time.Duration(chance)*time.Microsecond
	m.DueAt, m.ExpiresAt, m.AcceptedAt = fromMicros(dueAt), fromMicros(expiresAt), fromMicros(acceptedAt)
	return m, err
}

// live leaves out what is past its validity, and marketing to people who said
// STOP since it was accepted; both end.
func (s *Store) live(ctx context.Context, conn *pgx.Conn, due []sms.Message, now time.Time, ended *transitionRows) ([]sms.Message, error) {
	out, err := optedOut(ctx, conn, due)
	if err != nil {
		return nil, fmt.Errorf("look for opt-outs: %w", err)
	}
	live := due[:0:0]
	for i := range due {
		m := &due[i]
		var end sms.Transition
		switch o, stopped := out[m.ID]; {
		case !m.ExpiresAt.After(now):
			end = gateway.Expired(*m, now)
		case stopped:
			end = *gateway.OptedOut(m, o, now)
		default:
			live = append(live, *m)
			continue
		}
		if err := ended.add(&end); err != nil {
			return nil, err
		}
	}
	return live, nil
}

func queueSubmitting(batch *pgx.Batch, calls [][]sms.Message, c gateway.Claim) {
	var accounts []string
	var ids uuids
	for _, call := range calls {
		for i := range call {
			m := &call[i]
			m.Status, m.Attempt, m.UpdatedAt = sms.Submitting, m.Attempt+1, c.Now
			accounts, ids = append(accounts, m.Account), append(ids, m.ID)
		}
	}
	if len(ids) > 0 {
		batch.Queue(markSubmitting, accounts, ids, micros(c.Now), "lane:"+c.Connector)
	}
}

func split(routes string) []string {
	if routes == "" {
		return nil
	}
	return strings.Split(routes, ",")
}
