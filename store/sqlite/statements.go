package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	sqlitelib "modernc.org/sqlite"

	"relais/store/table"
)

// connection makes the writer's connection, and keeps it: what changes rows is given to the driver
// itself. Package database/sql takes locks and looks at the type of each value, for many
// connections and any driver.
type connection struct {
	driver.Connector

	made driver.Conn
}

func keepConnection(dsn string) (*connection, error) {
	made, err := sqlitelib.NewConnector(dsn)
	return &connection{Connector: made}, err
}

// Connect implements driver.Connector.
func (c *connection) Connect(ctx context.Context) (conn driver.Conn, err error) {
	c.made, err = c.Connector.Connect(ctx)
	return c.made, err
}

// statements are prepared once for the writer's connection and kept. One goroutine uses them.
type statements struct {
	conn     *sql.Conn
	direct   *connection
	asking   map[string]*sql.Stmt
	changing map[string]driver.StmtExecContext
	values   []driver.NamedValue // of the statement that runs
}

func newStatements(conn *sql.Conn, direct *connection) *statements {
	return &statements{
		conn: conn, direct: direct, asking: map[string]*sql.Stmt{}, changing: map[string]driver.StmtExecContext{},
	}
}

func (t *statements) exec(query string, args ...any) error {
	_, err := t.execCount(query, args...)
	return err
}

// execCount returns the number of rows that changed.
func (t *statements) execCount(query string, args ...any) (int64, error) {
	s, err := t.changes(query)
	if err != nil {
		return 0, err
	}
	t.values = t.values[:0]
	for i, arg := range args {
		value, err := valueOf(arg)
		if err != nil {
			return 0, err
		}
		t.values = append(t.values, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	result, err := s.ExecContext(context.Background(), t.values)
	clear(t.values) // texts are not held until the next statement
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *statements) changes(query string) (driver.StmtExecContext, error) {
	if s, ok := t.changing[query]; ok {
		return s, nil
	}
	s, err := t.direct.made.(driver.ConnPrepareContext).PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	t.changing[query] = s.(driver.StmtExecContext)
	return t.changing[query], nil
}

// valueOf is what the driver takes for an argument.
func valueOf(arg any) (driver.Value, error) {
	switch v := arg.(type) {
	case nil, string, []byte, int64, bool:
		return v, nil
	case int:
		return int64(v), nil
	}
	value, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return nil, fmt.Errorf("an argument of a statement: %w", err)
	}
	return value, nil
}

func (t *statements) asks(query string) (*sql.Stmt, error) {
	if s, ok := t.asking[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.asking[query] = s
	}
	return s, err
}

func (t *statements) queryRow(query string, args []any, into ...any) error {
	s, err := t.asks(query) //nolint:sqlclosecheck // it is kept for the next time
	if err != nil {
		return err
	}
	return s.QueryRowContext(context.Background(), args...).Scan(into...)
}

func (t *statements) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.asks(query) //nolint:sqlclosecheck // it is kept for the next time
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// each reads every row of an answer.
func (t *statements) each(query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := t.query(query, args...)
	return eachOf(rows, err, func(scan table.Scan) error { return row(scan) })
}

func (t *statements) close() {
	for _, s := range t.asking {
		s.Close() //nolint:errcheck // the connection closes next
	}
	for _, s := range t.changing {
		s.(driver.Stmt).Close() //nolint:errcheck // likewise
	}
}
