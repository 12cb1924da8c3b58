package sqlite

import (
	"context"
	"database/sql"

	"relais/sms"
	"relais/store/table"
)

// tx is the open transaction: its statements, and what the only writer knows without
// asking, which is kept from one transaction to the next.
type tx struct {
	*statements
	*outbox
	*quotas

	early    int      // whether receipts wait for their message; see takeEarly
	received []sms.ID // messages of this write whose early receipts moved them
}

func newTx(conn *sql.Conn) *tx {
	s := &statements{conn: conn, prepared: map[string]*sql.Stmt{}}
	o := &outbox{statements: s, interests: map[string]*interest{}}
	return &tx{statements: s, outbox: o, quotas: newQuotas(s)}
}

// statements are prepared once for the writer's connection and kept.
type statements struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (t *statements) stmt(query string) (*sql.Stmt, error) {
	if s, ok := t.prepared[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

func (t *statements) exec(query string, args ...any) error {
	_, err := t.execCount(query, args...)
	return err
}

// execCount returns the number of rows that changed.
func (t *statements) execCount(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// execID returns the rowid of the row that was inserted.
func (t *statements) execID(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (t *statements) queryRow(query string, args []any, into ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(context.Background(), args...).Scan(into...)
}

func (t *statements) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
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
	for _, s := range t.prepared {
		s.Close() //nolint:errcheck // the connection closes next
	}
}
