package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/duty"
	"relais/lane"
	"relais/sms"
	"relais/store/table"
)

// Of what is queued at a connector at one priority, fresh is what was due when it was
// written, and dated is what had a later date: it stands by minutes.
const (
	waiting = "status = 'queued' AND connector = $1 AND priority = $2"
	fresh   = waiting + " AND due_minute = 0"
	dated   = waiting + " AND due_minute > 0"
)

// dueMinute is lane.DueMinute of a date and of the moment when it is written.
func dueMinute(due, written string) string {
	return "CASE WHEN " + due + " > " + written + " THEN " + due + " / 60000000 ELSE 0 END"
}

// endsOf reads the first and the last line of a priority, and whether something dated
// falls due by the minute $2.
func endsOf(priority int) string {
	const part = `SELECT %d, coalesce((SELECT due_minute <= $2 FROM messages WHERE DATED ORDER BY due_minute
		LIMIT 1), false),
	coalesce(f.account, ''), coalesce(f.actor, ''), coalesce(l.account, ''), coalesce(l.actor, '')
FROM (SELECT 1) AS one LEFT JOIN LATERAL (SELECT account, actor FROM messages WHERE FRESH
	ORDER BY account, actor LIMIT 1) AS f ON true
	LEFT JOIN LATERAL (SELECT account, actor FROM messages WHERE FRESH ORDER BY account DESC, actor DESC
		LIMIT 1) AS l ON true`
	of := func(lines string) string { return strings.ReplaceAll(lines, "$2", fmt.Sprint(priority)) }
	return fmt.Sprintf(strings.NewReplacer("DATED", of(dated), "FRESH", of(fresh)).Replace(part), priority)
}

// dueMessages reads messages of a line, each with its submission: by a search for each
// one, which the planner would not choose by itself while tables are empty.
func dueMessages(where string) string {
	return `SELECT m.account, m.id, m.submission, m.recipient, m.segments, m.attempt, m.solo, m.due_at,
		m.expires_at,
	s.text, s.sender, s.class, s.encoding, m.reference, s.accepted_at, m.routes, m.chance, coalesce(s.trace,
		''), m.price, m.actor, m.country, m.family, coalesce(s.kind, ''), coalesce(s.metadata, '')
FROM (SELECT * FROM messages WHERE status = 'queued' AND ` + where + ` FOR UPDATE SKIP LOCKED) AS m,
	LATERAL (SELECT * FROM submissions WHERE account = m.account AND id = m.submission LIMIT 1) AS s`
}

// aloneAt reads one priority of the line that is probably alone.
func aloneAt(priority int) string {
	return fmt.Sprintf("SELECT * FROM (%s) AS p%d", dueMessages(fmt.Sprintf(
		"connector = $1 AND priority = %d AND due_minute = 0 AND account = $2 AND actor = $3 ORDER BY due_at "+
			"LIMIT $4", priority)), priority)
}

// nextOf reads when the first message of one priority falls due: long ago where one
// is due since it was written, else the first of those of the first minute. Where that
// minute has more lines than are looked at, it may be late by what a lane rests at most.
func nextOf(priority int) string {
	of := func(lines string) string { return strings.ReplaceAll(lines, "$2", fmt.Sprint(priority)) }
	return fmt.Sprintf(`SELECT CASE WHEN EXISTS (SELECT 1 FROM messages WHERE %s) THEN 1 ELSE (
	WITH RECURSIVE heads AS (
		(SELECT due_minute, account, actor, due_at FROM messages WHERE %s
			ORDER BY due_minute, account, actor, due_at LIMIT 1)
		UNION ALL
		SELECT n.due_minute, n.account, n.actor, n.due_at
			FROM heads h, LATERAL (SELECT due_minute, account, actor, due_at FROM messages
			WHERE %s AND due_minute = h.due_minute AND (account, actor) > (h.account, h.actor)
				ORDER BY account, actor, due_at LIMIT 1) AS n
	) SELECT min(due_at) FROM (SELECT due_at FROM heads LIMIT 256) AS looked) END AS head`, of(fresh),
		of(dated), of(waiting))
}

var (
	selectEnds  = unionOf(endsOf)
	selectAlone = unionOf(aloneAt) + " LIMIT $4"
	selectNext  = "SELECT coalesce(min(head), 0) FROM (" + unionOf(nextOf) + ") AS heads"
)

// A recursion goes from name to name by one search each, and no further than its
// limit.
const (
	selectAccounts = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT account FROM messages WHERE ` + fresh + ` AND account >= $3 ORDER BY account LIMIT 1)
	UNION ALL
	SELECT (SELECT account FROM messages WHERE ` + fresh + ` AND account > name ORDER BY account LIMIT 1)
		FROM names WHERE name IS NOT NULL
) SELECT name FROM names WHERE name IS NOT NULL LIMIT $4`
	selectActors = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT actor FROM messages WHERE ` + fresh + ` AND account = $3 AND actor >= $4 ORDER BY actor
		LIMIT 1)
	UNION ALL
	SELECT (SELECT actor FROM messages WHERE ` + fresh + ` AND account = $3 AND actor > name ORDER BY actor
		LIMIT 1) FROM names WHERE name IS NOT NULL
) SELECT name FROM names WHERE name IS NOT NULL LIMIT $5`
	// selectSlots goes from slot to slot; the first message of each is due first.
	selectSlots = `WITH RECURSIVE slots AS (
	(SELECT due_minute, account, actor, due_at FROM messages WHERE ` + waiting + `
		AND (due_minute, account, actor) > ($3, $4, $5) AND due_minute <= $6
		ORDER BY due_minute, account, actor, due_at LIMIT 1)
	UNION ALL
	SELECT n.due_minute, n.account, n.actor, n.due_at
		FROM slots s, LATERAL (SELECT due_minute, account, actor, due_at FROM messages WHERE ` + waiting + `
		AND (due_minute, account, actor) > (s.due_minute, s.account, s.actor) AND due_minute <= $6
			ORDER BY due_minute, account, actor, due_at LIMIT 1) AS n
) SELECT due_minute, account, actor, due_at <= $7 FROM slots LIMIT $8`
)

var (
	selectFresh = dueMessages("connector = $1 AND priority = $2 AND due_minute = 0 AND account = $3 AND actor " +
		"= $4 ORDER BY due_at LIMIT $5")
	selectDue = dueMessages("connector = $1 AND priority = $2 AND due_minute = $6 AND account = $3 AND " +
		"actor = $4 AND due_at <= $7 ORDER BY due_at LIMIT $5")
)

func unionOf(part func(priority int) string) string {
	var parts []string
	for _, class := range sms.Classes {
		parts = append(parts, part(class.Priority()))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

// queue reads what is due for one claim, in its transaction. Each method is one round
// trip. Where one line is alone, as it was at the last claim, what it has came with the
// first.
type queue struct {
	ctx   context.Context //nolint:containedctx // of the claim that it lives for
	conn  *pgx.Conn
	c     lane.Claim
	ends  []lane.Ends
	guess lane.Line
	ahead [][]sms.Message // of guess, by priority
}

// begin starts the transaction of a claim and reads who has something due.
func (q *queue) begin() error {
	var held bool
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	queueLease(batch, q.c, &held)
	q.ends, q.ahead = make([]lane.Ends, len(sms.Classes)), make([][]sms.Message, len(sms.Classes))
	batch.Queue(selectEnds, q.c.Connector, lane.MinuteOf(q.c.Now)).Query(func(rows pgx.Rows) error {
		_, err := collect(rows, nil, func(r row) (e lane.Ends, err error) {
			var priority int
			err = r.Scan(&priority, &e.Dated, &e.First.Account, (*string)(&e.First.Key), &e.Last.Account,
				(*string)(&e.Last.Key))
			q.ends[priority] = e
			return e, err
		})
		return err
	})
	if line, known := q.c.Rota.Guess(); known {
		q.guess = line
		alone := batch.Queue(selectAlone, q.c.Connector, line.Account, string(line.Key), q.want())
		alone.Query(q.into(func(m sms.Message) {
			q.ahead[m.Class.Priority()] = append(q.ahead[m.Class.Priority()], m)
		}))
	}
	if err := q.conn.SendBatch(q.ctx, batch).Close(); err != nil {
		return err
	}
	if !held {
		return duty.ErrFenced
	}
	return nil
}

func (q *queue) want() int { return q.c.Calls * q.c.Batch }

// Ends implements lane.Queue.
func (q *queue) Ends() ([]lane.Ends, error) { return q.ends, nil }

// Accounts implements lane.Queue.
func (q *queue) Accounts(priority int, from string, limit int) ([]string, error) {
	batch := &pgx.Batch{}
	names := queueNames(batch, from, limit, selectAccounts, q.c.Connector, priority)
	err := q.conn.SendBatch(q.ctx, batch).Close()
	return names(), err
}

// Keys implements lane.Queue.
func (q *queue) Keys(priority int, from []lane.Line, limit int) (lines []lane.Line, err error) {
	batch := &pgx.Batch{}
	keys := make([]func() []string, len(from))
	for i, l := range from {
		keys[i] = queueNames(batch, string(l.Key), limit, selectActors, q.c.Connector, priority, l.Account)
	}
	if err := q.conn.SendBatch(q.ctx, batch).Close(); err != nil {
		return nil, err
	}
	for i, l := range from {
		for _, key := range keys[i]() {
			lines = append(lines, lane.Line{Account: l.Account, Key: sms.Actor(key)})
		}
	}
	return lines, nil
}

// queueNames reads names from one on, then those before it. What it returns tells
// them after the batch.
func queueNames(batch *pgx.Batch, from string, limit int, query string, args ...any) (names func() []string) {
	var behind, before []string
	read := func(from string, into *[]string) {
		batch.Queue(query, append(slices.Clone(args), from, limit)...).Query(func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	}
	read(from, &behind)
	if from != "" {
		read("", &before)
	}
	return func() []string {
		for _, name := range before {
			if !slices.Contains(behind, name) && len(behind) < limit {
				behind = append(behind, name)
			}
		}
		return behind
	}
}

// Slots implements lane.Queue.
func (q *queue) Slots(priority int, behind lane.Slot, limit int) (all []lane.Slot, due []bool, err error) {
	rows, err := q.conn.Query(q.ctx, selectSlots, q.c.Connector, priority, max(1, behind.Minute),
		behind.Account, string(behind.Key),
		lane.MinuteOf(q.c.Now), micros(q.c.Now), limit)
	all, err = collect(rows, err, func(r row) (s lane.Slot, err error) {
		var isDue bool
		err = r.Scan(&s.Minute, &s.Account, (*string)(&s.Key), &isDue)
		due = append(due, isDue)
		return s, err
	})
	return all, due, err
}

// Due implements lane.Queue.
func (q *queue) Due(
	priority int, lines []lane.Line, most []int, slots []lane.Slot, mostOf []int,
) (fresh, dated [][]sms.Message, err error) {
	if due, known := q.readAhead(priority, lines, most, len(slots) > 0); known {
		return [][]sms.Message{due}, nil, nil
	}
	batch := &pgx.Batch{}
	fresh, dated = make([][]sms.Message, len(lines)), make([][]sms.Message, len(slots))
	for i, l := range lines {
		batch.Queue(selectFresh, q.c.Connector, priority, l.Account, string(l.Key),
			most[i]).Query(q.into(func(m sms.Message) {
			fresh[i] = append(fresh[i], m)
		}))
	}
	for i, s := range slots {
		batch.Queue(selectDue, q.c.Connector, priority, s.Account, string(s.Key), mostOf[i], s.Minute,
			micros(q.c.Now)).Query(q.into(func(m sms.Message) {
			dated[i] = append(dated[i], m)
		}))
	}
	return fresh, dated, q.conn.SendBatch(q.ctx, batch).Close()
}

// readAhead is what a line that is alone, as was guessed, has at a priority, if all of
// it that is wanted has come.
func (q *queue) readAhead(
	priority int, lines []lane.Line, most []int, dated bool,
) (due []sms.Message, known bool) {
	if dated || len(lines) != 1 || q.guess == (lane.Line{}) || lines[0] != q.guess {
		return nil, false
	}
	total := 0
	for _, of := range q.ahead {
		total += len(of)
	}
	due = q.ahead[priority]
	return due[:min(len(due), most[0])], len(due) >= most[0] || total < q.want()
}

// into gives every message of an answer to a function.
func (q *queue) into(add func(sms.Message)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		_, err := collect(rows, nil, func(r row) (sms.Message, error) {
			m, err := scanDue(r, q.c.Connector)
			add(m)
			return m, err
		})
		return err
	}
}

func scanDue(r row, connector string) (sms.Message, error) {
	m := sms.Message{Connector: connector, Status: sms.Queued}
	var dueAt, expiresAt, acceptedAt, chance int64
	var routes, metadata string
	err := r.Scan(&m.Account, (*[16]byte)(&m.ID), (*[16]byte)(&m.Submission), &m.To, &m.Segments, &m.Attempt,
		&m.Solo, &dueAt,
		&expiresAt, &m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &acceptedAt, &routes, &chance,
		&m.Trace, &m.Price, (*string)(&m.Actor), &m.Country, &m.Family, &m.Kind, &metadata)
	if err == nil {
		m.Metadata, err = table.ReadMetadata(metadata)
	}
	m.Routes, m.Chance = split(routes), time.Duration(chance)*time.Microsecond
	m.DueAt, m.ExpiresAt, m.AcceptedAt = fromMicros(dueAt), fromMicros(expiresAt), fromMicros(acceptedAt)
	return m, err
}

var _ lane.Queue = (*queue)(nil)
