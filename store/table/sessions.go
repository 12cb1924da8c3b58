package table

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
)

// userSessions implements auth.SessionStore.
type userSessions struct{ *runner }

const selectSessions = "SELECT id, user_id, created_at, seen_at, proved_at, ends_at, address, agent, step " +
	"FROM sessions "

func scanSession(scan Scan) (s auth.Session, err error) {
	return s, scan(&s.ID, &s.User.ID, &s.CreatedAt, &s.SeenAt, &s.ProvedAt, &s.EndsAt, &s.Address, &s.Agent,
		&s.Step)
}

const selectSessionsOf = selectSessions + "WHERE user_id = $1 AND ends_at > $2 ORDER BY seen_at DESC, id"

// SessionByHash implements auth.SessionStore.
func (t userSessions) SessionByHash(ctx context.Context, hash auth.Hash) (auth.Session, error) {
	s, found, err := first(t.on(ctx), scanSession, selectSessions+"WHERE hash = $1", hash[:])
	if err := unknown(found, err, "read a session"); err != nil {
		return s, err
	}
	u, err := t.on(ctx).user(selectUsers+"WHERE id = $1", s.User.ID)
	s.User = u.User
	return s, err
}

// TouchSession implements auth.SessionStore. A clock that is set back takes nothing away.
func (t userSessions) TouchSession(ctx context.Context, hash auth.Hash, at time.Time) error {
	return t.on(ctx).do("UPDATE sessions SET seen_at = $1 WHERE hash = $2 AND seen_at < $1", at, hash[:])
}

// SessionsOf implements auth.SessionStore.
func (t userSessions) SessionsOf(ctx context.Context, id string, now time.Time) ([]auth.Session, error) {
	all, err := list(t.on(ctx), scanSession, selectSessionsOf, id, now)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return all, nil
}

// endSessions ends those that a change names. What is replaced must be there, so that one
// of two who replace it wins.
func endSessions(r runs, user string, c *auth.Change) error {
	if c.Replace != (auth.Hash{}) {
		ended, err := r.exec("DELETE FROM sessions WHERE user_id = $1 AND hash = $2", user, c.Replace[:])
		if err := unknown(ended == 1, err, "replace a session"); err != nil {
			return err
		}
	}
	if c.End != "" {
		ended, err := r.exec("DELETE FROM sessions WHERE user_id = $1 AND id = $2", user, c.End)
		if err := unknown(ended == 1, err, "end a session"); err != nil {
			return err
		}
	}
	if !c.EndAll {
		return nil
	}
	if err := r.do("DELETE FROM sessions WHERE user_id = $1", user); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

const dropSessions = "DELETE FROM sessions WHERE ends_at <= $1"

// beginSession adds one, and drops those of everybody that are over.
func beginSession(r runs, user string, c *auth.Change) error {
	s := c.Begin
	if s == nil {
		return nil
	}
	if err := r.do(dropSessions, s.SeenAt); err != nil {
		return fmt.Errorf("drop ended sessions: %w", err)
	}
	const insert = `INSERT INTO sessions (hash, id, user_id, created_at, seen_at, proved_at, ends_at, address,
		agent, step)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	if err := r.do(insert, c.BeginHash[:], s.ID, user, s.CreatedAt, s.SeenAt, s.ProvedAt, s.EndsAt, s.Address,
		s.Agent,
		s.Step); err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	return nil
}
