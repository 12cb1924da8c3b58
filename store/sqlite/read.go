package sqlite

import (
	"context"
	"strings"
	"time"

	"relais/search"
	"relais/sms"
	"relais/store/table"
)

// Search returns messages, newest first. more tells that older ones match too:
// ask again with Before set to the last one's id.
func (s *Store) Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	few, err := s.fewerWait(ctx, q.Status, fewWait)
	if err != nil {
		return nil, false, err
	}
	query, args := searchQuery(q, few)
	found, err = s.Messages(ctx, query, args...)
	if err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

// filter is a WHERE clause under construction.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// addNumber looks for a number, and for what stands for it where it was hidden.
func (f *filter) addNumber(column string, n, hidden sms.Number) {
	if hidden == "" {
		f.add(column+" = ?", string(n))
		return
	}
	f.add(column+" IN (?, ?)", string(n), string(hidden))
}

func (f *filter) where() string { return "WHERE " + strings.Join(f.conditions, " AND ") }

// searchQuery chooses the index, and names it: without statistics the planner prefers the
// order of the primary key and walks the account. A recipient and a reference have one, and
// so do the statuses that wait while few do: what it finds is sorted. Any other filter is a
// walk through the account's messages, newest first, that ends with the page: an index by
// final status would be written with each transition, and a final status is seldom rare. A
// status that is, over a long time, takes that long; since and until bound it.
func searchQuery(q search.Query, few bool) (query string, args []any) {
	f, index := &filter{}, ""
	f.add("m.account = ?", q.Account)
	condition, waits := waitingConditions[q.Status]
	switch {
	case q.Reference != "":
		index = " INDEXED BY messages_reference"
		f.add("m.reference <> '' AND m.reference = ?", q.Reference)
	case q.To != "":
		index = " INDEXED BY messages_recipient"
	case waits && few:
		ids := waitingIDs(q, condition)
		f.add("m.id IN (SELECT m.id FROM messages m INDEXED BY messages_waiting "+ids.where()+")", ids.args...)
	}
	f.addRest(q)
	return "SELECT " + table.MessageColumns + " FROM messages m" + index + " JOIN submissions s " +
			"ON s.account = m.account AND s.id = m.submission " + f.where() + " ORDER BY m.id DESC LIMIT ?",
		append(f.args, q.Limit+1)
}

func (f *filter) addRest(q search.Query) {
	if q.To != "" {
		f.addNumber("m.recipient", q.To, q.Hidden)
	}
	if q.Status != "" {
		f.add("m.status = ?", string(q.Status))
	}
	if q.Connector != "" {
		f.add("m.connector = ?", q.Connector)
	}
	if q.Class != "" {
		f.add("s.class = ?", string(q.Class))
	}
	f.addMetadata(q.Metadata)
	if !q.Since.IsZero() {
		f.add("m.id >= ?", first(q.Since))
		f.add("s.accepted_at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		f.add("s.accepted_at < ?", micros(q.Until))
	}
	if !q.Before.IsZero() {
		f.add("m.id < ?", q.Before[:])
	}
}

// addMetadata wants one of some readings. What is erased has no metadata any more. A
// path of SQLite cannot hold every key, so that the members are compared then.
func (f *filter) addMetadata(readings []search.Metadatum) {
	if len(readings) == 0 {
		return
	}
	var either []string
	var args []any
	for _, m := range readings {
		if m.Plain() {
			either, args = append(either, "json_extract(s.metadata, ?) = ?"), append(args, jsonPath(m.Key), m.Value)
			continue
		}
		either = append(either, "EXISTS (SELECT 1 FROM json_each(s.metadata) AS e WHERE e.key = ? AND e.value = ?)")
		args = append(args, m.Key, m.Value)
	}
	f.add("m.recipient <> '~' AND ("+strings.Join(either, " OR ")+")", args...)
}

// jsonPath is the path of a plain key.
func jsonPath(key string) string { return `$."` + key + `"` }

// fewWait is how many messages of a status are sorted for a page of them. Where more wait,
// the newest of them are near the end of the account.
const fewWait = 10_000

const countWaiting = "SELECT count(*) FROM (SELECT 1 FROM messages m INDEXED BY messages_waiting WHERE "

// fewerWait reports whether fewer messages than most wait in a status.
func (s *Store) fewerWait(ctx context.Context, status sms.Status, most int) (bool, error) {
	condition, waits := waitingConditions[status]
	if !waits {
		return false, nil
	}
	var count int
	err := s.readers.QueryRowContext(ctx, countWaiting+condition+" LIMIT ?)", most).Scan(&count)
	return count < most, explain(err)
}

// waitingConditions are literal: with a parameter SQLite does not use a partial
// index.
var waitingConditions = map[sms.Status]string{
	sms.Queued:     "m.status = 'queued'",
	sms.Submitting: "m.status = 'submitting'",
	sms.Uncertain:  "m.status = 'uncertain'",
}

// waitingIDs finds what waits in the index alone, so that the rows are read in
// the order of their ids and no further than the page.
func waitingIDs(q search.Query, condition string) *filter {
	f := &filter{}
	f.add(condition)
	f.add("m.account = ?", q.Account)
	if q.Connector != "" {
		f.add("m.connector = ?", q.Connector)
	}
	return f
}

// first is the smallest id of a moment, as a column holds it.
func first(at time.Time) []byte {
	id := sms.FirstID(at)
	return id[:]
}
