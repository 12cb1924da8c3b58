package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"relais/auth"
	"relais/sms"
	"relais/webhook"
)

// deliveries are what endpoints are told. Their outcomes come in numbers, and are written
// by the stores.
type deliveries struct{ *runner }

const (
	firstPending = `(SELECT d.next_at FROM deliveries d INDEXED BY deliveries_pending
		WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending' ORDER BY d.next_at LIMIT 1)`
	selectBusy = "SELECT e.account, e.id, e.state, e.probe_at, e.format, e.url, " + firstPending + " FROM endpoints e WHERE " +
		"e.state <> 'disabled'"
	selectStanding = "SELECT e.state, " + firstPending + " FROM endpoints e"

	deliveryColumns = "d.account, d.endpoint, d.state, d.attempts, d.next_at, d.until, d.last_at, d.took, " +
		"d.status, d.error, d.answer, d.earlier, "
	// An event of the whole gateway belongs to no account, its deliveries do.
	deliveryTables = ` JOIN outbox o ON o.account = ANY (ARRAY[d.account, '']) AND o.seq = d.seq` + eventTables
	selectDue      = "SELECT " + deliveryColumns + eventColumns + duePending + deliveryTables
	// selectDueAlone is for events of which the store knows what they tell.
	selectDueAlone = "SELECT " + deliveryColumns + "d.seq" + duePending
	duePending     = ` FROM (
		SELECT * FROM deliveries d INDEXED BY deliveries_pending
		WHERE d.account = $1 AND d.endpoint = $2 AND d.state = 'pending' AND d.next_at <= $3 AND (
			SELECT p.seq FROM deliveries p INDEXED BY deliveries_order
			WHERE p.account = d.account AND p.endpoint = d.endpoint AND p.state = 'pending'
				AND p.subject = d.subject ORDER BY p.seq LIMIT 1) = d.seq
		ORDER BY d.next_at, d.seq LIMIT $4) AS d`
)

// Busy implements webhook.DeliveryStore.
func (t deliveries) Busy(
	ctx context.Context, now time.Time,
) (busy []webhook.Endpoint, next time.Time, err error) {
	err = t.on(ctx).query(selectBusy, nil, func(scan Scan) error {
		var e webhook.Endpoint
		var first *int64
		if err := scan(&e.Account, &e.ID, &e.State, &e.ProbeAt, &e.Format, &e.URL, &first); err != nil || first == nil {
			return err
		}
		due := time.UnixMicro(*first).UTC()
		if e.State == webhook.Quarantined {
			due = e.ProbeAt
		}
		if !due.After(now) {
			busy = append(busy, e)
		} else if next.IsZero() || due.Before(next) {
			next = due
		}
		return nil
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for webhooks that are due: %w", err)
	}
	return busy, next, nil
}

// Standing implements webhook.DeliveryStore.
func (t deliveries) Standing(ctx context.Context) (webhook.Standing, error) {
	standing := webhook.Standing{Endpoints: map[webhook.State]int{}}
	err := t.on(ctx).query(selectStanding, nil, func(scan Scan) error {
		var state webhook.State
		var first *int64
		if err := scan(&state, &first); err != nil {
			return err
		}
		due := time.Time{}
		if first != nil {
			due = time.UnixMicro(*first).UTC()
		}
		standing.Add(state, due)
		return nil
	})
	if err != nil {
		return standing, fmt.Errorf("count webhooks that wait: %w", err)
	}
	return standing, nil
}

func scanDelivery(scan Scan) (webhook.Delivery, error) {
	return scanDeliveryWith(scan, func(scan Scan, d *webhook.Delivery, columns ...any) (err error) {
		d.Event, err = scanEvent(scan, columns...)
		return err
	})
}

func scanDeliveryWith(
	scan Scan, event func(Scan, *webhook.Delivery, ...any) error,
) (d webhook.Delivery, err error) {
	var took int64
	var earlier string
	err = event(scan, &d, &d.Account, &d.Endpoint, &d.State, &d.Attempts, &d.NextAt, &d.Until, &d.Last.At, &took,
		&d.Last.Status, &d.Last.Error, &d.Last.Answer, &earlier)
	if err != nil {
		return d, err
	}
	d.Last.Took = time.Duration(took) * time.Microsecond
	d.Earlier, err = webhook.ParseTries(earlier)
	return d, err
}

func (r runs) deliveries(query string, args ...any) ([]webhook.Delivery, error) {
	found, err := list(r, scanDelivery, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read webhooks: %w", err)
	}
	return found, nil
}

// Teller is a database that knows what events of the last moment tell.
type Teller interface {
	Told(seq int64) (e webhook.Event, known bool)
}

var errUntold = errors.New("an event is to be read")

// dueOf reads what is due. Where all of it has just happened, no event is read again.
func (t deliveries) dueOf(ctx context.Context, args ...any) ([]webhook.Delivery, error) {
	teller, knows := t.db.(Teller)
	if !knows {
		return t.on(ctx).deliveries(selectDue, args...)
	}
	told := func(scan Scan, d *webhook.Delivery, columns ...any) error {
		var seq int64
		if err := scan(append(columns, &seq)...); err != nil {
			return err
		}
		var known bool
		if d.Event, known = teller.Told(seq); !known {
			return errUntold
		}
		return nil
	}
	found, err := list(t.on(ctx), func(scan Scan) (webhook.Delivery, error) {
		return scanDeliveryWith(scan, told)
	}, selectDueAlone, args...)
	if errors.Is(err, errUntold) {
		return t.on(ctx).deliveries(selectDue, args...)
	}
	return found, err
}

// Due implements webhook.DeliveryStore. The oldest of one subject goes first, so what
// tries a quarantined endpoint is in order too.
func (t deliveries) Due(
	ctx context.Context, e webhook.Endpoint, now time.Time, skip map[int64]bool, limit int,
) ([]webhook.Delivery, error) {
	until := micros(now)
	if e.State == webhook.Quarantined {
		until = math.MaxInt64
	}
	found, err := t.dueOf(ctx, e.Account, e.ID, until, limit+len(skip))
	if err != nil {
		return nil, err
	}
	due := slices.DeleteFunc(found, func(d webhook.Delivery) bool { return skip[d.Event.Seq] })
	slices.SortFunc(due, func(a, b webhook.Delivery) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), cmp.Compare(a.Event.Seq, b.Event.Seq))
	})
	return due[:min(limit, len(due))], nil
}

// Deliveries implements webhook.Log.
func (t deliveries) Deliveries(
	ctx context.Context, account string, endpoint sms.ID, state webhook.DeliveryState, before int64, limit int,
) ([]webhook.Delivery, error) {
	f := &filter{}
	f.add("d.account = ?", account)
	f.add("d.endpoint = ?", endpoint)
	if before > 0 {
		f.add("d.seq < ?", before)
	}
	if state != "" {
		f.add(byKey("d.state")+" = ?", state)
	}
	return t.on(ctx).deliveries("SELECT "+deliveryColumns+eventColumns+" FROM deliveries d"+deliveryTables+
		f.where()+" ORDER BY d.seq DESC LIMIT "+f.place(limit), f.args...)
}

// byKey is a column that a search reads by the key, and not by an index of what waits.
func byKey(column string) string { return column + " || ''" }

// Replay implements webhook.EndpointStore. Deliveries start from the first attempt.
func (t deliveries) Replay(ctx context.Context, r webhook.Replay) (n int, err error) {
	f := &filter{args: []any{r.Now, r.Now.Add(webhook.GiveUp)}}
	f.add("account = ?", r.Account)
	f.add("endpoint = ?", r.Endpoint)
	chosen := replayed(f, &r)
	statement := "UPDATE deliveries SET state = 'pending', attempts = 0, next_at = $1, until = $2 " +
		f.where() + " AND seq IN (" + chosen + ")"
	err = t.transact(ctx, func(tx runs) error {
		if n, err = tx.exec(statement, f.args...); err != nil || n == 0 {
			return err
		}
		if r.Seq > 0 {
			event := webhook.Event{Account: r.Account, Seq: r.Seq}
			return tx.did(ctx, r.Account, auth.DeliveryReplayed, r.Endpoint.String()+" "+event.ID(), "")
		}
		note := string(cmp.Or(r.State, webhook.Failed)) + " " + strconv.Itoa(n)
		return tx.did(ctx, r.Account, auth.WebhookReplayed, r.Endpoint.String(), note)
	})
	if err != nil {
		return 0, fmt.Errorf("replay webhooks: %w", err)
	}
	return n, nil
}

// CountReplay implements webhook.EndpointStore.
func (t deliveries) CountReplay(ctx context.Context, r webhook.Replay) (n int, err error) {
	f := &filter{}
	chosen := replayed(f, &r)
	if _, err = t.on(ctx).read("SELECT count(*) FROM ("+chosen+") AS chosen", f.args, &n); err != nil {
		return 0, fmt.Errorf("count webhooks to replay: %w", err)
	}
	return n, nil
}

// replayed selects the events that a replay makes due. Its arguments go behind those of f.
func replayed(f *filter, r *webhook.Replay) string {
	chosen := &filter{args: f.args}
	chosen.add("d.account = ?", r.Account)
	chosen.add("d.endpoint = ?", r.Endpoint)
	if r.Seq > 0 {
		chosen.add("d.seq = ?", r.Seq)
	} else {
		chosen.add(byKey("d.state")+" = ?", cmp.Or(r.State, webhook.Failed))
		chosen.add(`d.seq >= coalesce((SELECT min(seq) FROM outbox WHERE account IN (?, '') AND at >= ?),
			9223372036854775807)`, r.Account, r.Since)
	}
	query := "SELECT d.seq FROM deliveries d " + chosen.where() + " ORDER BY d.seq LIMIT " +
		chosen.place(cmp.Or(r.Limit, math.MaxInt32))
	f.args = chosen.args
	return query
}
