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
	few, err := s.fewerHave(ctx, q.Status, fewHave)
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
// order of the primary key and walks the account. A recipient, a reference and a final status
// have one, and so do the statuses before the end while few have them: what it finds is
// sorted. Any other filter is a walk through the account's messages, newest first, that ends
// with the page; since and until bound it.
func searchQuery(q search.Query, few bool) (query string, args []any) {
	f, index := &filter{}, ""
	f.add("m.account = ?", q.Account)
	end, ended := ends[q.Status]
	switch {
	case q.Reference != "":
		index = " INDEXED BY messages_reference"
		f.add("m.reference <> '' AND m.reference = ?", q.Reference)
	case q.To != "":
		index = " INDEXED BY messages_recipient"
	case ended:
		index = " INDEXED BY messages_ended"
		f.add(end)
	case few && unended[q.Status] != "":
		f.addUnended(q)
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

// fewHave is how many messages of a status are sorted for a page of them. Where more have it,
// the newest of them are near the end of the account.
const fewHave = 10_000

// fewerHave reports whether fewer messages than most have a status that is not final.
func (s *Store) fewerHave(ctx context.Context, status sms.Status, most int) (bool, error) {
	from := unended[status]
	if from == "" {
		return false, nil
	}
	var count int
	err := s.readers.QueryRowContext(ctx, countOf(from), most).Scan(&count)
	return count < most, explain(err)
}

func countOf(from string) string { return "SELECT count(*) FROM (SELECT 1" + from + " LIMIT ?)" }

// unended and ends are literal: with a parameter SQLite does not use a partial index.
var (
	unended = map[sms.Status]string{
		sms.Queued:     " FROM messages m INDEXED BY messages_waiting WHERE m.status = 'queued'",
		sms.Submitting: " FROM messages m INDEXED BY messages_waiting WHERE m.status = 'submitting'",
		sms.Uncertain:  " FROM messages m INDEXED BY messages_waiting WHERE m.status = 'uncertain'",
		sms.Submitted:  " FROM messages m INDEXED BY messages_awaiting WHERE m.status = 'submitted'",
	}
	ends = map[sms.Status]string{
		sms.Delivered:   "m.status = 'delivered'",
		sms.Undelivered: "m.status = 'undelivered'",
		sms.Expired:     "m.status = 'expired'",
		sms.Rejected:    "m.status = 'rejected'",
		sms.Canceled:    "m.status = 'canceled'",
	}
)

// addUnended finds what has no end yet in the index alone, so that the rows are read in the
// order of their ids and no further than the page.
func (f *filter) addUnended(q search.Query) {
	ids, args := "SELECT m.id"+unended[q.Status]+" AND m.account = ?", []any{q.Account}
	if q.Connector != "" {
		ids, args = ids+" AND m.connector = ?", append(args, q.Connector)
	}
	f.add("m.id IN ("+ids+")", args...)
}

// first is the smallest id of a moment, as a column holds it.
func first(at time.Time) []byte {
	id := sms.FirstID(at)
	return id[:]
}
