package table

import (
	"fmt"
	"strings"

	"relais/sms"
)

// filter is a WHERE clause under construction. A question mark stands for the next
// argument.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(condition string, args ...any) {
	for _, arg := range args {
		condition = strings.Replace(condition, "?", f.place(arg), 1)
	}
	f.conditions = append(f.conditions, condition)
}

// addNumber looks for a number, and for what stands for it where it was hidden.
func (f *filter) addNumber(column string, n, hidden sms.Number) {
	if hidden == "" {
		f.add(column+" = ?", n)
		return
	}
	f.add(column+" IN (?, ?)", n, hidden)
}

// place returns what stands for an argument in the statement.
func (f *filter) place(arg any) string {
	f.args = append(f.args, arg)
	return fmt.Sprintf("$%d", len(f.args))
}

func (f *filter) where() string { return "WHERE " + strings.Join(f.conditions, " AND ") }

// newest ends a statement that lists a page, the latest ids first. It reads one row more,
// which says that there are more.
func (f *filter) newest(limit int) string { return " ORDER BY id DESC LIMIT " + f.place(limit+1) }

// page cuts what newest read.
func page[T any](found []T, limit int) (cut []T, more bool) {
	if len(found) <= limit {
		return found, false
	}
	return found[:limit], true
}
