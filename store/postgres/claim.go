package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/duty"
	"relais/lane"
	"relais/sms"
	"relais/store/table"
)

// markSubmitting writes the attempt and its event.
const markSubmitting = `UPDATE messages m SET status = 'submitting', reason = 'attempt', attempt = m.attempt + 1,
	updated_at = $3, timeline = m.timeline || t.line, events = m.events + 1
	FROM unnest($1::text[], $2::uuid[], $4::text[]) AS t (account, id, line)
	WHERE m.account = t.account AND m.id = t.id`

// Claim implements gateway.Store, in two round trips where one key of one account has
// something due: what that is, then what was packed. Where several take turns it needs
// three more to read whose turn it is (queue.go).
func (s *Store) Claim(ctx context.Context, c lane.Claim) (claimed lane.Claimed, err error) {
	if err := s.giveBack(ctx, c); err != nil {
		return lane.Claimed{}, err
	}
	err = again(context.WithoutCancel(ctx), func(ctx context.Context) error {
		claimed, err = s.claim(ctx, c)
		return err
	})
	if err != nil {
		if len(claimed.Calls) > 0 && !provesNothingKept(err) {
			s.unsure.put(c.Connector, claimed.Calls)
		}
		return lane.Claimed{}, err
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

func (s *Store) giveBack(ctx context.Context, c lane.Claim) error {
	batch := s.unsure.of(c.Connector)
	if len(batch) == 0 {
		return nil
	}
	if _, err := s.Settle(ctx, lane.Unsent(c.Connector, batch, c.Now)); err != nil {
		return fmt.Errorf("give back a claim that was not confirmed: %w", err)
	}
	s.unsure.clear(c.Connector)
	return nil
}

func (s *Store) claim(ctx context.Context, c lane.Claim) (claimed lane.Claimed, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return claimed, err
	}
	defer conn.Release() // one that is left in a transaction is closed
	q := &queue{ctx: ctx, conn: conn.Conn(), c: c}
	if err := q.begin(); errors.Is(err, duty.ErrFenced) {
		return claimed, err
	} else if err != nil {
		return claimed, fmt.Errorf("read what is due at %s: %w", c.Connector, err)
	}
	due, err := lane.DueInTurns(q, c)
	if err != nil {
		return claimed, fmt.Errorf("read what is due at %s: %w", c.Connector, err)
	}
	var ended transitionRows
	live, err := s.live(ctx, conn.Conn(), due, c.Now, &ended)
	if err != nil {
		return claimed, err
	}
	claimed.Calls, claimed.Short = lane.FillCalls(live, c)
	batch := &pgx.Batch{}
	ended.queue(batch, func(at int, _ string) {
		if ended.to[at] == string(sms.Expired) {
			claimed.Expired++
		} else {
			claimed.OptedOut++
		}
	})
	queueSubmitting(batch, claimed.Calls, c)
	next := micros(c.Now) // there may be more
	if len(claimed.Calls) == 0 {
		batch.Queue(selectNext, c.Connector).QueryRow(func(r pgx.Row) error { return r.Scan(&next) })
	}
	batch.Queue("COMMIT")
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return claimed, fmt.Errorf("claim for %s: %w", c.Connector, err)
	}
	claimed.Next = fromMicros(next)
	return claimed, nil
}

// live leaves out what is past its validity, and marketing to people who said
// STOP since it was accepted; both end.
func (s *Store) live(
	ctx context.Context, conn *pgx.Conn, due []sms.Message, now time.Time, ended *transitionRows,
) ([]sms.Message, error) {
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
			end = lane.Expired(*m, now)
		case stopped:
			end = *o.Hold(m, now)
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

func queueSubmitting(batch *pgx.Batch, calls [][]sms.Message, c lane.Claim) {
	var accounts, lines []string
	var ids uuids
	by := sms.LaneActor(c.Connector)
	for _, call := range calls {
		for i := range call {
			m := &call[i]
			m.Status, m.Attempt, m.UpdatedAt = sms.Submitting, m.Attempt+1, c.Now
			accounts, ids = append(accounts, m.Account), append(ids, m.ID)
			lines = append(lines, table.Line(&sms.Event{
				At: c.Now, Status: sms.Submitting, Actor: by, Code: sms.CodeAttempt, Attempt: m.Attempt,
			}))
		}
	}
	if len(ids) > 0 {
		batch.Queue(markSubmitting, accounts, ids, micros(c.Now), lines)
	}
}

func split(routes string) []string {
	if routes == "" {
		return nil
	}
	return strings.Split(routes, ",")
}
