package sqlite

import (
	"strings"
	"testing"
)

// TestNoQueryWalksTheWholeTable asks SQLite how it runs the statements of the
// line: with ten million messages a walk would stop everything.
func TestNoQueryWalksTheWholeTable(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	primary, waiting := "USING PRIMARY KEY (account=? AND id=?)", "messages_waiting (status=?"
	for _, tc := range []struct{ name, query, index string }{
		{"claim", selectDue, waiting + " AND connector=? AND priority=? AND due_at<?)"},
		{"next due", selectNext, waiting + " AND connector=? AND priority=?)"},
		{"expire", selectStale, waiting},
		{"recover", selectSubmitting, waiting},
		{"backlog", selectBacklog, waiting},
		{"forget keys", deleteKeys, "idempotency_age (at<?)"},
		{"settle", updateMessage, primary},
		{"event", insertEvent, "USING PRIMARY KEY (account=? AND message=?)"},
		{"one message", "SELECT " + messageColumns + messageTables + "WHERE m.account = ? AND m.id = ?", primary},
		{"by number", searching(messagesBy("messages_recipient"), "m.recipient = ?"), "messages_recipient (account=? AND recipient=? AND id<?)"},
		{"by reference", searching(messagesBy("messages_reference"), "m.reference <> '' AND m.reference = ?"), "messages_reference (account=? AND reference=? AND id<?)"},
		{"newest", searching(messageTables, "1"), "m USING PRIMARY KEY (account=? AND id<?)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			steps := strings.Join(plan(t, s, tc.query), "\n")
			if !strings.Contains(steps, tc.index) || strings.Contains(steps, "SCAN m") || strings.Contains(steps, "TEMP B-TREE") {
				t.Errorf("want a search by %q; the plan is:\n%s", tc.index, steps)
			}
		})
	}
}

func searching(tables, condition string) string {
	return "SELECT " + messageColumns + tables + "WHERE m.account = ? AND " + condition + " AND m.id < ? ORDER BY m.id DESC LIMIT ?"
}

func plan(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	rows, err := s.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, parameters(query))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// parameters counts the values that a query takes, numbered or not.
func parameters(query string) int {
	for n := 9; n > 0; n-- {
		if strings.Contains(query, "?"+string(rune('0'+n))) {
			return n
		}
	}
	return strings.Count(query, "?")
}
