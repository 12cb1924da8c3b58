package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/lane"
	"relais/sms"
	"relais/store/table"
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
// written, and dated is what had a later date: it stands by minutes.
const (
	waits = "status = 'queued' AND connector = ?1 AND priority = ?2"
	fresh = waits + " AND due_minute = 0"
	dated = waits + " AND due_minute > 0"
)

// selectEnds reads a row for each priority: its first and last line, and whether
// something dated falls due by the minute ?2.
var selectEnds = func() string {
	var parts []string
	for _, priority := range priorities {
		const part = `SELECT %d, coalesce((SELECT min(due_minute) FROM messages
			WHERE DATED) <= ?2, 0), coalesce(f.account, ''), coalesce(f.actor, ''),
	coalesce(l.account, ''), coalesce(l.actor, '')
FROM (SELECT 0) LEFT JOIN (SELECT account, actor FROM messages WHERE FRESH ORDER BY account, actor LIMIT 1) f
	LEFT JOIN (SELECT account, actor FROM messages WHERE FRESH ORDER BY account DESC, actor DESC LIMIT 1) l`
		of := func(lines string) string { return strings.ReplaceAll(lines, "?2", fmt.Sprint(priority)) }
		parts = append(parts, fmt.Sprintf(strings.NewReplacer("DATED", of(dated), "FRESH",
			of(fresh)).Replace(part), priority))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}()

// A recursion goes from name to name by one search each. Its limit stands inside, or
// all of it would be worked out.
const (
	selectAccounts = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT min(account) FROM messages WHERE ` + fresh + ` AND account >= ?3)
	UNION ALL
	SELECT (SELECT min(account) FROM messages WHERE ` + fresh + ` AND account > name) FROM names
		WHERE name IS NOT NULL
	LIMIT ?4
) SELECT name FROM names WHERE name IS NOT NULL`
	selectActors = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT min(actor) FROM messages WHERE ` + fresh + ` AND account = ?3 AND actor >= ?4)
	UNION ALL
	SELECT (SELECT min(actor) FROM messages WHERE ` + fresh + ` AND account = ?3 AND actor > name) FROM names
		WHERE name IS NOT NULL
	LIMIT ?5
) SELECT name FROM names WHERE name IS NOT NULL`
	// selectSlot is the next one, and when its first message falls due.
	selectSlot = `SELECT due_minute, account, actor, due_at FROM messages WHERE ` + waits + `
		AND (due_minute, account, actor) > (?3, ?4, ?5)
	ORDER BY due_minute, account, actor, due_at LIMIT 1`

	dueColumns = `SELECT m.account, m.id, m.submission, m.recipient, m.segments, m.attempt, m.solo, m.due_at,
		m.expires_at,
		s.text, s.sender, s.class, s.encoding, m.reference, s.accepted_at, m.routes, m.chance, coalesce(s.trace,
			''), m.price, m.actor, m.country, m.family, coalesce(s.kind, ''),
		coalesce(s.metadata, '')
	FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.connector = ?1 AND m.priority = ?2 AND m.due_minute = ?3 AND m.account = ?4
		AND m.actor = ?5 `
	selectFresh = dueColumns + `ORDER BY m.due_at LIMIT +?6` // the plus: SQLite would plan anew for each limit
	selectDue   = dueColumns + `AND m.due_at <= ?7 ORDER BY m.due_at LIMIT +?6`
)

// selectNext reads a row for each priority: whether something is due since it was
// written, and the first minute in which something dated falls due.
var selectNext = func() string {
	var parts []string
	for _, priority := range priorities {
		of := func(lines string) string { return strings.ReplaceAll(lines, "?2", fmt.Sprint(priority)) }
		parts = append(parts, fmt.Sprintf(`SELECT %d, EXISTS (SELECT 1 FROM messages
			WHERE %s), coalesce((SELECT min(due_minute) FROM messages WHERE %s), 0)`,
			priority, of(fresh), of(dated)))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}()

// nextDue is when the next message falls due: long ago where one is due since it was
// written, else the first of those of the first minute. Where that minute has more
// lines than are looked at, it may be late by what a lane rests at most.
func nextDue(t *tx, connector string) (next time.Time, err error) {
	minutes, due := make([]int64, len(priorities)), false
	err = t.rows.each(selectNext, []any{connector}, func(scan func(...any) error) error {
		var priority int
		var isDue bool
		var minute int64
		err := scan(&priority, &isDue, &minute)
		minutes[priority], due = minute, due || isDue
		return err
	})
	if due {
		return fromMicros(1), err
	}
	for priority, minute := range minutes {
		if minute == 0 || err != nil {
			continue
		}
		err = slots(t, connector, priority, lane.Slot{}, slotsOfNext, func(s lane.Slot, at time.Time) bool {
			if s.Minute == minute && (next.IsZero() || at.Before(next)) {
				next = at
			}
			return s.Minute == minute
		})
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when %s has work next: %w", connector, err)
	}
	return next, nil
}

// slotsOfNext bounds the lines of a minute that are looked at for its first message.
const slotsOfNext = 256

// slots goes from slot to slot, behind one, as long as it is wanted, and at most so far.
func slots(
	t *tx, connector string, priority int, behind lane.Slot, limit int,
	want func(s lane.Slot, first time.Time) bool,
) error {
	for more := true; more && limit > 0; limit-- {
		more = false
		from := []any{connector, priority, max(1, behind.Minute), behind.Account, string(behind.Key)}
		err := t.rows.each(selectSlot, from,
			func(scan func(...any) error) error {
				var at int64
				if err := scan(&behind.Minute, &behind.Account, (*string)(&behind.Key), &at); err != nil {
					return err
				}
				more = want(behind, fromMicros(at))
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// queue reads what is due for one claim.
type queue struct {
	*tx
	lane.Claim
}

// Ends implements lane.Queue.
func (q queue) Ends() ([]lane.Ends, error) {
	ends := make([]lane.Ends, len(priorities))
	err := q.rows.each(selectEnds, []any{q.Connector, lane.MinuteOf(q.Now)}, func(scan func(...any) error) error {
		var priority int
		var e lane.Ends
		err := scan(&priority, &e.Dated, &e.First.Account, (*string)(&e.First.Key), &e.Last.Account,
			(*string)(&e.Last.Key))
		ends[priority] = e
		return err
	})
	return ends, err
}

// Accounts implements lane.Queue.
func (q queue) Accounts(priority int, from string, limit int) ([]string, error) {
	return wrapped(from, limit, func(from string) ([]string, error) {
		return q.names(selectAccounts, q.Connector, priority, from, limit)
	})
}

// Keys implements lane.Queue.
func (q queue) Keys(priority int, from []lane.Line, limit int) (lines []lane.Line, err error) {
	for _, l := range from {
		keys, err := wrapped(string(l.Key), limit, func(from string) ([]string, error) {
			return q.names(selectActors, q.Connector, priority, l.Account, from, limit)
		})
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			lines = append(lines, lane.Line{Account: l.Account, Key: sms.Actor(key)})
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

// Slots implements lane.Queue.
func (q queue) Slots(priority int, behind lane.Slot, limit int) (all []lane.Slot, due []bool, err error) {
	last := lane.MinuteOf(q.Now)
	err = slots(q.tx, q.Connector, priority, behind, limit, func(s lane.Slot, first time.Time) bool {
		if s.Minute > last {
			return false
		}
		all, due = append(all, s), append(due, !first.After(q.Now))
		return true
	})
	return all, due, err
}

// Due implements lane.Queue.
func (q queue) Due(
	priority int, lines []lane.Line, most []int, slots []lane.Slot, mostOf []int,
) (fresh, dated [][]sms.Message, err error) {
	fresh, dated = make([][]sms.Message, len(lines)), make([][]sms.Message, len(slots))
	for i, l := range lines {
		if fresh[i], err = q.messages(selectFresh, q.Connector, priority, 0, l.Account, string(l.Key),
			most[i]); err != nil {
			return nil, nil, err
		}
	}
	for i, s := range slots {
		if dated[i], err = q.messages(selectDue, q.Connector, priority, s.Minute, s.Account, string(s.Key),
			mostOf[i], micros(q.Now)); err != nil {
			return nil, nil, err
		}
	}
	return fresh, dated, nil
}

func (q queue) names(query string, args ...any) (names []string, err error) {
	err = q.rows.each(query, args, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

func (q queue) messages(query string, args ...any) (due []sms.Message, err error) {
	err = q.rows.each(query, args, func(scan func(...any) error) error {
		m := sms.Message{Connector: q.Connector, Status: sms.Queued}
		var id, submission []byte
		var dueAt, expiresAt, acceptedAt, chance int64
		var routes, metadata string
		err := scan(&m.Account, &id, &submission, &m.To, &m.Segments, &m.Attempt, &m.Solo, &dueAt, &expiresAt,
			&m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &acceptedAt, &routes, &chance, &m.Trace,
			&m.Price, (*string)(&m.Actor), &m.Country, &m.Family, &m.Kind, &metadata)
		if err != nil {
			return err
		}
		if m.Metadata, err = table.ReadMetadata(metadata); err != nil {
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

var _ lane.Queue = queue{}
