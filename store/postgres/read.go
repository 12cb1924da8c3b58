package postgres

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"relais/search"
	"relais/sms"
	"relais/store/table"
)

// Search implements gateway.Store.
func (s *Store) Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	query, args := searchQuery(q)
	found, err = s.Messages(ctx, query, args...)
	if err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

// searchQuery leaves the choice of the index to the planner: a recipient and a reference have
// one in the order of ids. Any other filter but a status is a walk through the account's
// messages, newest first, that ends with the page.
func searchQuery(q search.Query) (query string, args []any) {
	f, order := &filter{}, "m.id DESC"
	f.add("m.account = ?", q.Account)
	if q.Reference != "" {
		f.add("m.reference <> '' AND m.reference = ?", clean(q.Reference))
	}
	if q.To != "" {
		f.addNumber("m.recipient", q.To, q.Hidden)
	}
	switch {
	case q.Status == "":
	case q.Reference != "" || q.To != "":
		f.add("m.status || '' = ?", clean(string(q.Status))) // not by the index of the status
	default:
		f.addStatus(q)
		order = "m.status DESC, " + order
	}
	if q.Connector != "" {
		f.add("m.connector = ?", clean(q.Connector))
	}
	if q.Class != "" {
		f.add("s.class = ?", string(q.Class))
	}
	if len(q.Metadata) > 0 { // what is erased has none any more
		either, args := make([]string, len(q.Metadata)), make([]any, 0, 2*len(q.Metadata))
		for i, m := range q.Metadata {
			either[i], args = "s.metadata::jsonb ->> ?::text = ?", append(args, clean(m.Key), clean(m.Value))
		}
		f.add("m.recipient <> '~' AND ("+strings.Join(either, " OR ")+")", args...)
	}
	if !q.Since.IsZero() {
		f.add("m.id >= ?", id(sms.FirstID(q.Since)))
		f.add("s.accepted_at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		f.add("s.accepted_at < ?", micros(q.Until))
	}
	if !q.Before.IsZero() {
		f.add("m.id < ?", id(q.Before))
	}
	return "SELECT " + table.MessageColumns + ` FROM messages m
		JOIN submissions s ON s.account = m.account AND s.id = m.submission ` + f.where() + " ORDER BY " + order + " " + f.limit(q.Limit+1), f.args
}

// filter is a WHERE clause under construction. A question mark stands for the
// next parameter.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(condition string, args ...any) {
	for _, arg := range args {
		f.args = append(f.args, arg)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(f.args)), 1)
	}
	f.conditions = append(f.conditions, condition)
}

// addStatus wants a status, and an index of the status: whatever the planner believes of how
// many messages have it. It takes the status for a range, so that an order by status and id is
// none that the primary key has; that one would be walked through a million of another status.
func (f *filter) addStatus(q search.Query) {
	first, last := sms.ID{}, sms.ID(bytes.Repeat([]byte{0xff}, len(sms.ID{})))
	if !q.Since.IsZero() {
		first = sms.FirstID(q.Since)
	}
	if !q.Before.IsZero() {
		last = q.Before
	}
	status := clean(string(q.Status))
	f.add("(m.status, m.account, m.id) >= (?, ?, ?)", status, q.Account, id(first))
	f.add("(m.status, m.account, m.id) <= (?, ?, ?)", status, q.Account, id(last))
}

// addNumber looks for a number, and for what stands for it where it was hidden.
func (f *filter) addNumber(column string, n, hidden sms.Number) {
	if hidden == "" {
		f.add(column+" = ?", clean(string(n)))
		return
	}
	f.add(column+" = ANY (?)", []string{clean(string(n)), clean(string(hidden))})
}

func (f *filter) where() string { return "WHERE " + strings.Join(f.conditions, " AND ") }

func (f *filter) limit(n int) string {
	f.args = append(f.args, n)
	return fmt.Sprintf("LIMIT $%d", len(f.args))
}
