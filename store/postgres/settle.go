package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/lane"
	"relais/sms"
)

// settling is one Settle on its way to disk.
type settling struct {
	transitions []sms.Transition
	applied     []bool
	early       []string // connector at which receipts wait for it; empty: none do
}

// Settle implements gateway.Store.
func (s *Store) Settle(ctx context.Context, transitions []sms.Transition) (settled lane.Settled, err error) {
	for i := range transitions {
		if err := transitions[i].Check(); err != nil {
			return settled, fmt.Errorf("settle a message: %w", err)
		}
	}
	var fresh []due
	var unwritten error
	for _, wave := range waves(transitions) {
		request := &settling{transitions: wave, applied: make([]bool, len(wave)), early: make([]string, len(wave))}
		if err := s.settles.Do(ctx, request); err != nil {
			s.owed.add(fresh...)
			return settled, err
		}
		for i := range wave {
			if request.early[i] != "" {
				fresh = append(fresh, due{
					providerOf{request.early[i], clean(wave[i].ProviderID)}, wave[i].Event.At,
				})
			}
			if request.applied[i] {
				settled.Applied++
				// The timeline of the message names the person in the same transaction; the
				// statement that settles for many callers at once has no room for the audit.
				kept := context.WithoutCancel(ctx) // the message is settled, whoever waits for it
				if err := journal.Settled(kept, within(kept, s.pool, 0), &wave[i]); err != nil {
					unwritten = errors.Join(unwritten, err)
				}
			}
		}
	}
	// Also what an earlier Settle could not do: its caller comes again, and its
	// transitions do not apply twice.
	settled.Received, err = s.takeOwed(ctx, fresh)
	return settled, errors.Join(unwritten, err)
}

// waves cuts transitions so that no message comes twice in one statement, which
// would apply one of them.
func waves(transitions []sms.Transition) (all [][]sms.Transition) {
	seen := map[sms.ID]int{}
	for i := range transitions {
		wave := seen[transitions[i].ID]
		seen[transitions[i].ID]++
		if wave == len(all) {
			all = append(all, nil)
		}
		all[wave] = append(all[wave], transitions[i])
	}
	return all
}

// writeSettles applies a group. A message that two requests move goes into a
// transaction of its own: the second reads what the first left.
func (s *Store) writeSettles(ctx context.Context, group []*settling) error {
	for len(group) > 0 {
		first, rest := apart(group)
		if err := s.writeWave(ctx, first); err != nil {
			return err
		}
		group = rest
	}
	return nil
}

// apart takes from a group the requests that share no message.
func apart(group []*settling) (first, rest []*settling) {
	taken := map[sms.ID]bool{}
	for _, r := range group {
		free := true
		for i := range r.transitions {
			free = free && !taken[r.transitions[i].ID]
		}
		if !free {
			rest = append(rest, r)
			continue
		}
		for i := range r.transitions {
			taken[r.transitions[i].ID] = true
		}
		first = append(first, r)
	}
	return first, rest
}

func (s *Store) writeWave(ctx context.Context, group []*settling) error {
	var rows transitionRows
	type place struct {
		request *settling
		at      int
	}
	var places []place
	for _, r := range group {
		clear(r.applied) // of an attempt that was taken back
		clear(r.early)
		for i := range r.transitions {
			if err := rows.add(&r.transitions[i]); err != nil {
				return err
			}
			places = append(places, place{r, i})
		}
	}
	batch := &pgx.Batch{}
	rows.queue(batch, func(at int, early string) {
		places[at].request.applied[places[at].at], places[at].request.early[places[at].at] = true, early
	})
	return write(ctx, s.pool, batch)
}

const (
	selectStale = `SELECT account, id, attempt FROM messages WHERE status = 'queued' AND expires_at <= $1
		LIMIT $2`
	selectSubmitting = `SELECT account, id, attempt FROM messages WHERE status = 'submitting' AND ($1 = ''
		OR connector = $1) LIMIT $2`
)

// sweepSize bounds one Expire or one step of Recover.
const sweepSize = 1000

// Expire implements gateway.Store.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	stale, err := s.waiting(ctx, selectStale, micros(now), sweepSize)
	if err != nil || len(stale) == 0 {
		return 0, err
	}
	transitions := make([]sms.Transition, len(stale))
	for i := range stale {
		transitions[i] = lane.Expired(stale[i], now)
	}
	settled, err := s.Settle(ctx, transitions)
	return settled.Applied, err
}

// Recover implements gateway.Store.
func (s *Store) Recover(ctx context.Context, connector string, now time.Time) (int, error) {
	if err := s.matchStranded(ctx, now); err != nil {
		return 0, err
	}
	total := 0
	for {
		left, err := s.waiting(ctx, selectSubmitting, connector, sweepSize)
		if err != nil || len(left) == 0 {
			return total, err
		}
		transitions := make([]sms.Transition, len(left))
		for i, m := range left {
			transitions[i] = lane.Crashed(m, now)
		}
		settled, err := s.Settle(ctx, transitions)
		if err != nil {
			return total, err
		}
		total += settled.Applied
	}
}

func (s *Store) waiting(ctx context.Context, query string, args ...any) ([]sms.Message, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	found, err := collect(rows, err, func(r row) (m sms.Message, err error) {
		err = r.Scan(&m.Account, (*[16]byte)(&m.ID), &m.Attempt)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what waits: %w", err)
	}
	return found, nil
}

// Forget implements gateway.Store. It also makes the tables of the next months.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	if err := s.addMonths(ctx, time.Now()); err != nil {
		return err
	}
	return s.Tables.Forget(ctx, before)
}
