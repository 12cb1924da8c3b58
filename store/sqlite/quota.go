package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/gateway"
	"relais/quota"
	"relais/sms"
)

// quotas knows what they have counted.
type quotas struct {
	*statements

	uses        map[useKey]*use
	changedUses []useKey // written before the commit
	// near knows the numbers that quotas for single numbers need not count.
	near map[recipient]*near
	// writeAll gives young messages their rows, so that they are counted.
	writeAll func() error
}

func newQuotas(s *statements) *quotas {
	return &quotas{statements: s, uses: map[useKey]*use{}, near: map[recipient]*near{}}
}

// useKey is what a quota counts apart.
type useKey struct{ account, quota, subject string }

// use is a row of quota_use as the writer knows it. It is the only one who writes
// there: what it has read once stays true.
type use struct {
	quota.Use
	changed bool // it is among the changed ones
}

// mostUses bounds what the writer keeps in memory.
const mostUses = 20_000

const (
	selectUse = `SELECT until, messages, segments, money FROM quota_use WHERE account = ? AND quota = ?
		AND subject = ?`
	upsertUse = `INSERT INTO quota_use (account, quota, subject, until, messages, segments, money)
		VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (account, quota, subject) DO UPDATE SET
		until = excluded.until, messages = excluded.messages, segments = excluded.segments, money = excluded.money`
	// selectFull reads no more entries of the index than are allowed. Only where
	// there are so many it reads the submissions: after a clock that ran ahead, ids
	// are later than their messages.
	selectFull = `SELECT value FROM json_each(?4) WHERE
	(SELECT count(*) FROM (SELECT 1 FROM messages WHERE account = ?1 AND recipient = value AND id >= ?2
		LIMIT ?3)) >= ?3 AND
	(SELECT count(*) FROM (SELECT 1 FROM messages m JOIN submissions s ON s.account = m.account
		AND s.id = m.submission
		WHERE m.account = ?1 AND m.recipient = value AND m.id >= ?2 AND s.accepted_at >= ?5 AND (?6 = ''
			OR s.text = ?6) LIMIT ?3)) >= ?3`
)

// charge counts an acceptance, all of it or nothing.
func (t *quotas) charge(a *gateway.Acceptance) (fits bool, err error) {
	account := a.Drafts[0].Account
	repeats, err := t.perhapsFull(account, a.Repeats)
	if err != nil {
		return false, err
	}
	for _, r := range repeats {
		if err := t.writeAll(); err != nil {
			return false, err
		}
		repeated, err := fullOf(t.query(selectFull, fullArguments(account, r)...))
		if err != nil || len(repeated) > 0 {
			return false, err
		}
	}
	after := make([]quota.Use, len(a.Charges))
	for i := range a.Charges {
		c := &a.Charges[i]
		known, err := t.use(useKey{account, c.Quota, c.Subject})
		if err != nil {
			return false, err
		}
		if after[i], fits = c.Add(known.Use, a.At); !fits {
			return false, nil
		}
	}
	for i := range a.Charges {
		key := useKey{account, a.Charges[i].Quota, a.Charges[i].Subject}
		known := t.uses[key]
		if known.Use = after[i]; !known.changed {
			known.changed = true
			t.changedUses = append(t.changedUses, key)
		}
	}
	return true, nil
}

// perhapsFull returns what is to be counted exactly. Mostly it is nothing: one look
// for all of them finds that nobody has as many messages as the least one allows.
func (t *quotas) perhapsFull(account string, repeats []quota.Repeat) ([]quota.Repeat, error) {
	if len(repeats) == 0 {
		return nil, nil
	}
	widest := repeats[0]
	for _, r := range repeats[1:] {
		widest.Most = min(widest.Most, r.Most)
		if r.Since.Before(widest.Since) {
			widest.Since = r.Since
		}
		if !slices.Equal(r.Numbers, widest.Numbers) {
			return repeats, nil
		}
	}
	some, err := t.anyNear(account, &widest)
	if err != nil || !some {
		return nil, err
	}
	return repeats, nil
}

// list is a JSON list of numbers, which hold nothing that JSON would escape.
func list(numbers []sms.Number) string {
	var b strings.Builder
	b.Grow(len(numbers) * len(`"+33639980001",`))
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + string(n) + `"`)
	}
	return "[" + b.String() + "]"
}

func (t *quotas) use(key useKey) (*use, error) {
	if known := t.uses[key]; known != nil {
		return known, nil
	}
	known := &use{}
	var until int64
	err := t.queryRow(selectUse, []any{key.account, key.quota, key.subject}, &until, &known.Messages,
		&known.Segments, &known.Money)
	switch {
	case err == nil:
		known.Until = fromMicros(until)
	case !errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("read what a quota counted: %w", err)
	}
	t.uses[key] = known
	return known, nil
}

// keepUses writes what a group of writes counted: once for each row that changed,
// however many of them changed it.
func (t *quotas) keepUses() error {
	for _, key := range t.changedUses {
		u := t.uses[key]
		if err := t.exec(upsertUse, key.account, key.quota, key.subject, micros(u.Until), u.Messages, u.Segments,
			int64(u.Money)); err != nil {
			return fmt.Errorf("keep what a quota counted: %w", err)
		}
		u.changed = false
	}
	t.changedUses = t.changedUses[:0]
	return nil
}

// forgetUses is for what a transaction that was taken back counted.
func (t *quotas) forgetUses() {
	clear(t.uses)
	t.changedUses = t.changedUses[:0]
}

// boundUses forgets what was read, when it is a lot; it is read again.
func (t *quotas) boundUses() {
	if len(t.uses) > mostUses {
		clear(t.uses)
	}
}

func fullArguments(account string, r quota.Repeat) []any {
	return []any{account, first(r.Since), r.Most, list(r.Numbers), micros(r.Since), r.Text}
}

// fullOf reads what selectFull found.
func fullOf(rows *sql.Rows, err error) (map[sms.Number]bool, error) {
	if err != nil {
		return nil, fmt.Errorf("count the messages of numbers: %w", explain(err))
	}
	defer rows.Close()
	found := map[sms.Number]bool{}
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("count the messages of numbers: %w", err)
		}
		found[sms.Number(n)] = true
	}
	return found, rows.Err()
}

// Used implements quota.Store.
func (s *Store) Used(ctx context.Context, account string, charges []quota.Charge) ([]quota.Use, error) {
	used := make([]quota.Use, len(charges))
	for i := range charges {
		var until int64
		err := s.readers.QueryRowContext(ctx, selectUse, account, charges[i].Quota, charges[i].Subject).
			Scan(&until, &used[i].Messages, &used[i].Segments, &used[i].Money)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read what a quota counted: %w", explain(err))
		}
		used[i].Until = fromMicros(until)
	}
	return used, nil
}

// Repeated implements quota.Store.
func (s *Store) Repeated(ctx context.Context, account string, r quota.Repeat) (map[sms.Number]bool, error) {
	if err := s.commits.settle(ctx, selectFull); err != nil {
		return nil, err
	}
	return fullOf(s.readers.QueryContext(ctx, selectFull, fullArguments(account, r)...))
}

// selectNear counts the messages to numbers, no more of each than are allowed. It reads
// the index alone.
const selectNear = `SELECT value, (SELECT count(*) FROM
	(SELECT 1 FROM messages WHERE account = ?1 AND recipient = value AND id >= ?2 LIMIT ?3)) FROM json_each(?4)`

// person is whom an account writes to.
type recipient struct {
	account string
	number  sms.Number
}

// near is how many messages a person has at most since a time: what the index said
// once, and what was inserted from then on. The writer is the only one who inserts, so
// that it stays true; a window that moves on only makes it too many.
type near struct {
	since    time.Time
	messages int
}

// mostNear bounds what the writer keeps in memory.
const mostNear = 50_000

// anyNear reports whether one of the numbers of a repeat may have as many messages as are
// allowed. Numbers of which that is not known are looked up.
func (t *quotas) anyNear(account string, r *quota.Repeat) (bool, error) {
	var unknown []sms.Number
	for _, n := range r.Numbers {
		known := t.near[recipient{account, n}]
		if known == nil || r.Since.Before(known.since) || known.messages >= r.Most {
			unknown = append(unknown, n)
		}
	}
	if len(unknown) == 0 {
		return false, nil
	}
	if len(t.near) > mostNear {
		clear(t.near)
	}
	return t.lookNear(account, r, unknown)
}

func (t *quotas) lookNear(account string, r *quota.Repeat, numbers []sms.Number) (some bool, err error) {
	if err := t.writeAll(); err != nil {
		return false, err
	}
	rows, err := t.query(selectNear, account, first(r.Since), r.Most, list(numbers))
	if err != nil {
		return false, fmt.Errorf("count the messages of numbers: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var number string
		found := &near{since: r.Since}
		if err := rows.Scan(&number, &found.messages); err != nil {
			return false, fmt.Errorf("count the messages of numbers: %w", err)
		}
		who := recipient{strings.Clone(account), sms.Number(number)}
		if found.messages >= r.Most { // there may be more than were counted
			some = true
			delete(t.near, who)
			continue
		}
		t.near[who] = found
	}
	return some, rows.Err()
}

// addNear counts a message that is inserted.
func (t *quotas) addNear(m *sms.Message) {
	if known := t.near[recipient{m.Account, m.To}]; known != nil {
		known.messages++
	}
}
