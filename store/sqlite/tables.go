package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"regexp"
	"strings"
	"sync"

	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// dialect translates statements of PostgreSQL for SQLite. There is one writer, so that no
// row needs a lock; a missing id is an empty blob.
var dialect = table.Dialect{
	Words: func(statement string) string {
		return replaced.Replace(cast.ReplaceAllString(parameter.ReplaceAllString(statement, "?$1"), ""))
	},
	ID: func(id sms.ID) any {
		if id.IsZero() {
			return []byte{}
		}
		return id[:]
	},
	Text:      func(text string) string { return text },
	OneWriter: true,
}

var (
	parameter = regexp.MustCompile(`\$(\d+)`)
	cast      = regexp.MustCompile(`::\w+`)
	replaced  = strings.NewReplacer(
		" FOR UPDATE", "",
		"greatest(", "max(",
		"NOT handled", "handled = 0", // a partial index is used by who repeats its words
		"<> ALL (string_to_array(?5, ',')[])", "NOT IN (SELECT value FROM json_each('[' || ?5 || ']'))",
		"o.account = ANY (ARRAY[d.account, ''])", "o.account IN (d.account, '')",
	)
)

// arrivals are replies and blocks, which are rare.
var arrivals = table.NewInbox(dialect)

// takings are rows of campaigns that become messages.
var takings = table.NewLedger(dialect)

// journal is the audit of what is not in the tables.
var journal = table.NewJournal(dialect)

// tables is the database as package table needs it.
type tables struct {
	commits *committer
	readers *sql.DB

	mu       sync.Mutex
	prepared map[string]*sql.Stmt // of readers, which close them
}

// Conn implements table.Database.
func (t *tables) Conn(ctx context.Context) table.Conn { return beside{t, ctx} }

// Transact implements table.Database.
func (t *tables) Transact(ctx context.Context, f func(table.Conn) error) error {
	return t.commits.do(ctx, func(t *tx) error { return f(inside{t}) })
}

// Waiting implements table.Waiting.
func (t *tables) Waiting(endpoint sms.ID) iter.Seq[webhook.Delivery] {
	return t.commits.tx.young.errands.of(endpoint)
}

func (t *tables) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, known := t.prepared[query]; known {
		return s, nil
	}
	s, err := t.readers.PrepareContext(ctx, query) //nolint:sqlclosecheck // its database closes it
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

// beside reads beside the writer.
type beside struct {
	*tables
	ctx context.Context // an argument on its way
}

// Query implements table.Conn.
func (b beside) Query(query string, args []any, row func(table.Scan) error) error {
	if err := b.commits.settle(b.ctx, query); err != nil {
		return err
	}
	s, err := b.prepare(b.ctx, query) //nolint:sqlclosecheck // it is kept for the next time
	if err != nil {
		return explain(err)
	}
	rows, err := s.QueryContext(b.ctx, args...)
	return explain(eachOf(rows, err, row))
}

// Exec implements table.Conn.
func (b beside) Exec(query string, args []any) (changed int, err error) {
	err = b.commits.do(b.ctx, func(t *tx) error {
		changed, err = inside{t}.Exec(query, args)
		return err
	})
	return changed, err
}

// ExecEach implements table.Conn.
func (b beside) ExecEach(query string, lists [][]any) (changed int, err error) {
	err = b.commits.do(b.ctx, func(t *tx) error {
		changed, err = inside{t}.ExecEach(query, lists)
		return err
	})
	return changed, err
}

// Tell implements table.Conn.
func (b beside) Tell(e table.Event) (seq int64, err error) {
	err = b.commits.do(b.ctx, func(t *tx) error {
		seq, err = t.tell(e)
		return err
	})
	return seq, err
}

// Move implements table.Conn.
func (b beside) Move(transitions []sms.Transition) (moved []bool, err error) {
	err = b.commits.do(b.ctx, func(t *tx) error {
		moved, err = inside{t}.Move(transitions)
		return err
	})
	return moved, err
}

// Lock implements table.Conn.
func (b beside) Lock(string) error { return nil }

// EndpointsChange implements table.Conn. Only the writer remembers.
func (b beside) EndpointsChange() error { return nil }

// inside is in a transaction.
type inside struct{ t *tx }

// Query implements table.Conn.
func (i inside) Query(query string, args []any, row func(table.Scan) error) error {
	rows, err := i.t.query(query, args...)
	return eachOf(rows, err, row)
}

// Exec implements table.Conn.
func (i inside) Exec(query string, args []any) (changed int, err error) {
	n, err := i.t.execCount(query, args...)
	return int(n), err
}

// ExecEach implements table.Conn.
func (i inside) ExecEach(query string, lists [][]any) (changed int, err error) {
	for _, args := range lists {
		n, err := i.t.execCount(query, args...)
		if err != nil {
			return 0, err
		}
		changed += int(n)
	}
	return changed, nil
}

// Tell implements table.Conn.
func (i inside) Tell(e table.Event) (seq int64, err error) { return i.t.tell(e) }

// Move implements table.Conn.
func (i inside) Move(transitions []sms.Transition) ([]bool, error) {
	moved := make([]bool, len(transitions))
	for n := range transitions {
		var err error
		if moved[n], err = i.t.apply(&transitions[n]); err != nil {
			return nil, err
		}
	}
	return moved, nil
}

// Lock implements table.Conn. The writer is alone.
func (i inside) Lock(string) error { return nil }

// EndpointsChange implements table.Conn.
func (i inside) EndpointsChange() error {
	err := i.t.writeAll()
	clear(i.t.interests)
	return err
}

func eachOf(rows *sql.Rows, err error, row func(table.Scan) error) error {
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
