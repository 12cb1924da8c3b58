package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ledger is how many bytes the rows of all campaigns take, with their indexes.
func (c *campaigning) ledger(ctx context.Context) (bytes float64, err error) {
	path := c.database()
	if strings.HasPrefix(path, "postgres") {
		conn, err := pgx.Connect(ctx, path)
		if err != nil {
			return 0, fmt.Errorf("connect to PostgreSQL: %w", err)
		}
		defer conn.Close(ctx) //nolint:errcheck // it was only read from
		err = conn.QueryRow(ctx, "SELECT pg_total_relation_size('campaign_rows')").Scan(&bytes)
		return bytes, err //nolint:wrapcheck // campaign says what it is of
	}
	db, err := sql.Open("sqlite", (&url.URL{
		Scheme: "file", Opaque: url.PathEscape(path), RawQuery: "mode=ro",
	}).String())
	if err != nil {
		return 0, err //nolint:wrapcheck // as above
	}
	defer db.Close()
	const size = `SELECT sum(pgsize) FROM dbstat WHERE name IN (
		SELECT name FROM sqlite_schema WHERE tbl_name = 'campaign_rows')`
	err = db.QueryRowContext(ctx, size).Scan(&bytes)
	return bytes, err //nolint:wrapcheck // as above
}
