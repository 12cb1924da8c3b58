package console

import (
	"strings"

	"relais/auth"
)

// Entry is a route of the table, for the test that walks it.
type Entry struct {
	Method, Path string
	Needs        auth.Right
}

// Table is the table of routes.
func Table() (all []Entry) {
	for _, r := range table() {
		method, path, _ := strings.Cut(r.pattern, " ")
		all = append(all, Entry{method, strings.TrimSuffix(path, "{$}"), r.needs})
	}
	return all
}

// The rights of the table that no role brings.
const (
	Open     = open
	Self     = self
	SelfSure = selfSure
)
