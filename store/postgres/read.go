package postgres

import (
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

// waits is repeated in a query so that PostgreSQL uses the index of what waits,
// which has no final statuses to walk through.
const waits = "m.status IN ('queued', 'submitting', 'uncertain')"

// searchQuery leaves the choice of the index to the planner: a recipient, a
// reference and what waits have one in the order of ids. Any other filter is a
// walk through the account's messages, newest first, that ends with the page.
func searchQuery(q search.Query) (query string, args []any) {
	f := &filter{}
	f.add("m.account = ?", q.Account)
	if q.Reference != "" {
		f.add("m.reference <> '' AND m.reference = ?", clean(q.Reference))
	}
	if q.To != "" {
		f.addNumber("m.recipient", q.To, q.Hidden)
	}
	if q.Status != "" {
		f.add("m.status = ?", clean(string(q.Status)))
	}
	if q.Status == sms.Queued || q.Status == sms.Submitting || q.Status == sms.Uncertain {
		f.add(waits)
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
		JOIN submissions s ON s.account = m.account AND s.id = m.submission ` + f.where() + " ORDER BY m.id DESC " + f.limit(q.Limit+1), f.args
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
