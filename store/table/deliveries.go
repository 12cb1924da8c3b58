package table

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
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
	selectStanding = "SELECT e.id, e.state, e.url LIKE 'http%', " + firstPending + " FROM endpoints e"

	deliveryColumns = "d.account, d.endpoint, d.state, d.attempts, d.next_at, d.until, d.last_at, d.took, " +
		"d.status, d.error, d.answer, d.earlier, "
	// An event of the whole gateway belongs to no account, its deliveries do.
	deliveryTables = ` JOIN outbox o ON o.account = ANY (ARRAY[d.account, '']) AND o.seq = d.seq` + eventTables
	selectDue      = "SELECT " + deliveryColumns + eventColumns + duePending + deliveryTables
	duePending     = ` FROM (
		SELECT * FROM deliveries d INDEXED BY deliveries_pending
		WHERE d.account = $1 AND d.endpoint = $2 AND d.state = 'pending' AND d.next_at <= $3
			AND d.seq <> ALL (string_to_array($5, ',')::bigint[]) AND (
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
		if err := scan(&e.Account, &e.ID, &e.State, &e.ProbeAt, &e.Format, &e.URL, &first); err != nil {
			return err
		}
		due := t.firstOf(e.ID, first)
		if due.IsZero() {
			return nil
		}
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
		var id sms.ID
		var state webhook.State
		var called bool // else a client comes, and one who is not there is not late
		var first *int64
		if err := scan(&id, &state, &called, &first); err != nil {
			return err
		}
		due := time.Time{}
		if called {
			due = t.firstOf(id, first)
		}
		standing.Add(state, due)
		return nil
	})
	if err != nil {
		return standing, fmt.Errorf("count webhooks that wait: %w", err)
	}
	return standing, nil
}

func scanDelivery(scan Scan) (d webhook.Delivery, err error) {
	var took int64
	var earlier string
	d.Event, err = scanEvent(scan, &d.Account, &d.Endpoint, &d.State, &d.Attempts, &d.NextAt, &d.Until, &d.Last.At,
		&took, &d.Last.Status, &d.Last.Error, &d.Last.Answer, &earlier)
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

// Waiting is a database in which deliveries of the last moment, which were not tried yet, stand
// elsewhere than in their table.
type Waiting interface {
	// Waiting goes through those of an endpoint. No other delivery about their subjects waits.
	Waiting(endpoint sms.ID) iter.Seq[webhook.Delivery]
}

// waiting goes through those that stand elsewhere.
func (t deliveries) waiting(endpoint sms.ID) iter.Seq[webhook.Delivery] {
	if db, keeps := t.db.(Waiting); keeps {
		return db.Waiting(endpoint)
	}
	return func(func(webhook.Delivery) bool) {}
}

// firstOf is when the first delivery of an endpoint falls due, of which first stands in the
// table; nil, and zero: none waits.
func (t deliveries) firstOf(endpoint sms.ID, first *int64) (due time.Time) {
	if first != nil {
		due = time.UnixMicro(*first).UTC()
	}
	for d := range t.waiting(endpoint) {
		if due.IsZero() || d.NextAt.Before(due) {
			due = d.NextAt
		}
	}
	return due
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
	var due []webhook.Delivery // first what stands elsewhere: it may get its row meanwhile
	known := map[int64]bool{}
	for d := range t.waiting(e.ID) {
		if !skip[d.Event.Seq] && micros(d.NextAt) <= until {
			due, known[d.Event.Seq] = append(due, d), true
		}
	}
	var left []string // out, with what they tell
	for seq := range skip {
		left = append(left, strconv.FormatInt(seq, 10))
	}
	rows, err := t.on(ctx).deliveries(selectDue, e.Account, e.ID, until, limit, strings.Join(left, ","))
	if err != nil {
		return nil, err
	}
	for _, d := range rows {
		if !known[d.Event.Seq] {
			due = append(due, d)
		}
	}
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
