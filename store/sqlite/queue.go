package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/gateway"
	"relais/sms"
)

// priorities are asked for one by one: what waits at a high priority must not be
// walked through to reach what is due at a lower one.
var priorities = func() (all []int) {
	for _, class := range sms.Classes {
		all = append(all, class.Priority())
	}
	return all
}()

// Of what is queued at a connector at one priority, fresh is what was due when it was
// written, and dated is what had a later date.
const (
	fresh = "status = 'queued' AND connector = ?1 AND priority = ?2 AND dated = 0"
	dated = "status = 'queued' AND connector = ?1 AND priority = ?2 AND dated = 1"
)

// selectEnds reads a row for each priority: its first and last line, and whether
// something dated is due by ?2.
var selectEnds = func() string {
	var parts []string
	for _, priority := range priorities {
		const part = `SELECT %d, coalesce((SELECT min(due_at) FROM messages WHERE DATED) <= ?2, 0), coalesce(f.account, ''), coalesce(f.actor, ''),
	coalesce(l.account, ''), coalesce(l.actor, '')
FROM (SELECT 0) LEFT JOIN (SELECT account, actor FROM messages WHERE FRESH ORDER BY account, actor LIMIT 1) f
	LEFT JOIN (SELECT account, actor FROM messages WHERE FRESH ORDER BY account DESC, actor DESC LIMIT 1) l`
		of := func(lines string) string { return strings.ReplaceAll(lines, "?2", fmt.Sprint(priority)) }
		parts = append(parts, fmt.Sprintf(strings.NewReplacer("DATED", of(dated), "FRESH", of(fresh)).Replace(part), priority))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}()

// A recursion goes from name to name by one search each. Its limit stands inside, or
// all of it would be worked out.
const (
	selectAccounts = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT min(account) FROM messages WHERE ` + fresh + ` AND account >= ?3)
	UNION ALL
	SELECT (SELECT min(account) FROM messages WHERE ` + fresh + ` AND account > name) FROM names WHERE name IS NOT NULL
	LIMIT ?4
) SELECT name FROM names WHERE name IS NOT NULL`
	selectActors = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT min(actor) FROM messages WHERE ` + fresh + ` AND account = ?3 AND actor >= ?4)
	UNION ALL
	SELECT (SELECT min(actor) FROM messages WHERE ` + fresh + ` AND account = ?3 AND actor > name) FROM names WHERE name IS NOT NULL
	LIMIT ?5
) SELECT name FROM names WHERE name IS NOT NULL`
	selectDated = `SELECT account, actor FROM messages WHERE ` + dated + ` AND due_at <= ?3 ORDER BY due_at LIMIT ?4`
	// walkDated goes from line to line; its first message is due first.
	walkDated = `SELECT account, actor, due_at <= ?5 FROM messages WHERE ` + dated + ` AND (account, actor) > (?3, ?4)
	ORDER BY account, actor, due_at LIMIT 1`

	dueColumns = `SELECT m.account, m.id, m.submission, m.recipient, m.segments, m.attempt, m.solo, m.due_at, m.expires_at,
		s.text, s.sender, s.class, s.encoding, m.reference, s.accepted_at, m.routes, m.chance, coalesce(s.trace, ''), m.price, m.actor
	FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.connector = ?1 AND m.priority = ?2 AND m.account = ?3 AND m.actor = ?4 `
	selectFresh    = dueColumns + `AND m.dated = 0 ORDER BY m.due_at LIMIT +?5` // the plus: SQLite would plan anew for each limit
	selectDatedDue = dueColumns + `AND m.dated = 1 AND m.due_at <= ?6 ORDER BY m.due_at LIMIT +?5`
)

// selectNext is when the next message falls due: long ago where one is due since it
// was written.
const selectNext = `SELECT iif(EXISTS (SELECT 1 FROM messages WHERE status = 'queued' AND connector = ?1 AND priority = 0 AND dated = 0)
	OR EXISTS (SELECT 1 FROM messages WHERE status = 'queued' AND connector = ?1 AND priority = 1 AND dated = 0)
	OR EXISTS (SELECT 1 FROM messages WHERE status = 'queued' AND connector = ?1 AND priority = 2 AND dated = 0), 1,
	(SELECT coalesce(min(head), 0) FROM (
	SELECT min(due_at) AS head FROM messages WHERE status = 'queued' AND dated = 1 AND connector = ?1 AND priority = 0 UNION ALL
	SELECT min(due_at) FROM messages WHERE status = 'queued' AND dated = 1 AND connector = ?1 AND priority = 1 UNION ALL
	SELECT min(due_at) FROM messages WHERE status = 'queued' AND dated = 1 AND connector = ?1 AND priority = 2)))`

func (t *tx) nextDue(connector string) (time.Time, error) {
	var next int64
	if err := t.queryRow(selectNext, []any{connector}, &next); err != nil {
		return time.Time{}, fmt.Errorf("read when %s has work next: %w", connector, err)
	}
	return fromMicros(next), nil
}

// queue reads what is due for one claim.
type queue struct {
	*tx
	gateway.Claim
}

// Ends implements gateway.Queue.
func (q queue) Ends() ([]gateway.Ends, error) {
	ends := make([]gateway.Ends, len(priorities))
	err := q.each(selectEnds, []any{q.Connector, micros(q.Now)}, func(scan func(...any) error) error {
		var priority int
		var e gateway.Ends
		err := scan(&priority, &e.Dated, &e.First.Account, &e.First.Key, &e.Last.Account, &e.Last.Key)
		ends[priority] = e
		return err
	})
	return ends, err
}

// Accounts implements gateway.Queue.
func (q queue) Accounts(priority int, from string, limit int) ([]string, error) {
	return wrapped(from, limit, func(from string) ([]string, error) {
		return q.names(selectAccounts, q.Connector, priority, from, limit)
	})
}

// Keys implements gateway.Queue.
func (q queue) Keys(priority int, from []gateway.Line, limit int) (lines []gateway.Line, err error) {
	for _, l := range from {
		keys, err := wrapped(l.Key, limit, func(from string) ([]string, error) {
			return q.names(selectActors, q.Connector, priority, l.Account, from, limit)
		})
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			lines = append(lines, gateway.Line{Account: l.Account, Key: key})
		}
	}
	return lines, nil
}

// wrapped reads names from one on, then those before it.
func wrapped(from string, limit int, read func(from string) ([]string, error)) ([]string, error) {
	names, err := read(from)
	if err != nil || from == "" || len(names) == limit {
		return names, err
	}
	before, err := read("")
	before = slices.DeleteFunc(before, func(name string) bool { return name >= from })
	return append(names, before...), err
}

// Dated implements gateway.Queue.
func (q queue) Dated(priority, limit int) (lines []gateway.Line, err error) {
	err = q.each(selectDated, []any{q.Connector, priority, micros(q.Now), limit}, func(scan func(...any) error) error {
		var l gateway.Line
		err := scan(&l.Account, &l.Key)
		lines = append(lines, l)
		return err
	})
	return lines, err
}

// Walk implements gateway.Queue.
func (q queue) Walk(priority int, behind gateway.Line, limit int) (all []gateway.Line, due []bool, err error) {
	for more := true; more && len(all) < limit; {
		more = false
		err := q.each(walkDated, []any{q.Connector, priority, behind.Account, behind.Key, micros(q.Now)}, func(scan func(...any) error) error {
			var isDue bool
			err := scan(&behind.Account, &behind.Key, &isDue)
			all, due, more = append(all, behind), append(due, isDue), true
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return all, due, nil
}

// Due implements gateway.Queue.
func (q queue) Due(priority int, lines []gateway.Line, most []int, dated bool) ([][]sms.Message, error) {
	due := make([][]sms.Message, len(lines))
	for i, l := range lines {
		var err error
		if due[i], err = q.messages(selectFresh, q.Connector, priority, l.Account, l.Key, most[i]); err != nil {
			return nil, err
		}
		if !dated {
			continue
		}
		more, err := q.messages(selectDatedDue, q.Connector, priority, l.Account, l.Key, most[i], micros(q.Now))
		if err != nil {
			return nil, err
		}
		due[i] = gateway.InOrder(due[i], more, most[i])
	}
	return due, nil
}

func (q queue) names(query string, args ...any) (names []string, err error) {
	err = q.each(query, args, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

func (q queue) messages(query string, args ...any) (due []sms.Message, err error) {
	err = q.each(query, args, func(scan func(...any) error) error {
		m := sms.Message{Connector: q.Connector, Status: sms.Queued}
		var id, submission []byte
		var dueAt, expiresAt, acceptedAt, chance int64
		var routes string
		err := scan(&m.Account, &id, &submission, &m.To, &m.Segments, &m.Attempt, &m.Solo, &dueAt, &expiresAt,
			&m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &acceptedAt, &routes, &chance, &m.Trace, &m.Price, &m.Actor)
		if err != nil {
			return err
		}
		if m.ID, err = idOf(id); err != nil {
			return err
		}
		if m.Submission, err = idOf(submission); err != nil {
			return err
		}
		m.Routes, m.Chance = split(routes), time.Duration(chance)*time.Microsecond
		m.DueAt, m.ExpiresAt, m.AcceptedAt = fromMicros(dueAt), fromMicros(expiresAt), fromMicros(acceptedAt)
		due = append(due, m)
		return nil
	})
	return due, err
}

// each reads every row of an answer.
func (t *tx) each(query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := t.query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

var _ gateway.Queue = queue{}
