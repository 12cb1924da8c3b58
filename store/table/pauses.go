package table

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
	"relais/lane"
	"relais/sms"
)

// pauses are the connectors that people paused.
type pauses struct{ *runner }

const (
	selectPauses = "SELECT connector, actor, why, at, until, keep FROM pauses ORDER BY connector"
	upsertPause  = `INSERT INTO pauses (connector, actor, why, at, until, keep) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (connector) DO UPDATE SET actor = excluded.actor, why = excluded.why, at = excluded.at,
			until = excluded.until, keep = excluded.keep`
	deletePause = "DELETE FROM pauses WHERE connector = $1"
	// selectOutlook reads the indexes of what waits alone.
	selectOutlook = `SELECT count(*), coalesce(sum(CASE WHEN priority = 0 THEN 1 ELSE 0 END), 0)` + inIndex +
		`'queued' AND connector = $1`
	countMovable = "SELECT count(*) FROM messages INDEXED BY messages_movable WHERE status = 'queued' AND " +
		"routes <> '' AND connector = $1"
)

// Pauses implements lane.PauseStore.
func (t pauses) Pauses(ctx context.Context) ([]lane.Pause, error) {
	scan := func(scan Scan) (p lane.Pause, err error) {
		return p, scan(&p.Connector, &p.By, &p.Why, &p.At, &p.Until, &p.Keep)
	}
	found, err := list(t.on(ctx), scan, selectPauses)
	if err != nil {
		return nil, fmt.Errorf("read which connectors are paused: %w", err)
	}
	return found, nil
}

// KeepPause implements lane.PauseStore.
func (t pauses) KeepPause(ctx context.Context, p lane.Pause, from string) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.do(upsertPause, p.Connector, p.By, p.Why, p.At, p.Until, p.Keep); err != nil {
			return fmt.Errorf("keep a pause: %w", err)
		}
		by, _ := auth.ByOf(ctx)
		return tx.addAct(auth.Act{
			ID: sms.NewID(p.At), At: p.At, Actor: p.By, Code: auth.ConnectorPaused, Subject: p.Connector,
			Address: from, Via: by.Via, Note: utc(p.Until),
		})
	})
}

// DropPause implements lane.PauseStore.
func (t pauses) DropPause(
	ctx context.Context, connector string, by sms.Actor, at time.Time, from string,
) (was bool, err error) {
	err = t.transact(ctx, func(tx runs) error {
		n, err := tx.exec(deletePause, connector)
		if err != nil {
			return fmt.Errorf("end a pause: %w", err)
		}
		if was = n > 0; !was {
			return nil
		}
		who, _ := auth.ByOf(ctx)
		return tx.addAct(auth.Act{
			ID: sms.NewID(at), At: at, Actor: by, Code: auth.ConnectorResumed, Subject: connector, Address: from,
			Via: who.Via,
		})
	})
	return was, err
}

// Outlook implements lane.PauseStore.
func (t pauses) Outlook(ctx context.Context, connector string) (o lane.Outlook, err error) {
	if _, err = t.on(ctx).read(selectOutlook, []any{connector}, &o.Waiting, &o.Codes); err == nil {
		_, err = t.on(ctx).read(countMovable, []any{connector}, &o.Movable)
	}
	if err != nil {
		return o, fmt.Errorf("count what waits for a connector: %w", err)
	}
	return o, nil
}
