package postgres

import (
	"context"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relais/sms"
	"relais/store/table"
)

// dialect leaves out what SQLite is told of its indexes.
var dialect = table.Dialect{
	Words: func(statement string) string { return hint.ReplaceAllString(statement, "") },
	ID:    func(of sms.ID) any { return id(of) },
	Text:  clean,
}

var hint = regexp.MustCompile(` INDEXED BY \w+`)

// tables is the database as package table needs it.
type tables struct{ *Store }

// Conn implements table.Database.
func (t tables) Conn(ctx context.Context) table.Conn { return conn{ctx, t.pool} }

// Transact implements table.Database.
func (t tables) Transact(ctx context.Context, f func(table.Conn) error) error {
	return t.transact(ctx, func(ctx context.Context, tx pgx.Tx) error { return f(conn{ctx, tx}) })
}

// conn is the pool, or a transaction.
type conn struct {
	ctx context.Context // an argument on its way
	on  interface {
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	}
}

// Query implements table.Conn.
func (c conn) Query(query string, args []any, row func(table.Scan) error) error {
	rows, err := c.on.Query(c.ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return explain(rows.Err())
}

// Exec implements table.Conn.
func (c conn) Exec(query string, args []any) (int, error) {
	tag, err := c.on.Exec(c.ctx, query, args...)
	return int(tag.RowsAffected()), explain(err)
}

// EndpointsChanged implements table.Conn. Nothing is remembered here: there are other nodes.
func (c conn) EndpointsChanged() {}
