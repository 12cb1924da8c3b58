package postgres

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"relais/reason"
	"relais/sms"
	"relais/store/schema"
)

//go:embed migration/*.sql
var migrations embed.FS

// ErrSchema is returned by Open for a database that an older program made.
var ErrSchema = reason.NewError(whySchema, nil)

// migrating is the advisory lock that lets one node migrate.
const migrating int64 = 0x72656c616973 // "relais"

func readSteps() (schema.Steps, error) { return schema.Read(migrations, "migration/*.sql") }

// migrate applies the steps that the database has not seen, all in one transaction.
func migrate(ctx context.Context, pool *pgxpool.Pool, upgrade bool) error {
	steps, err := readSteps()
	if err != nil {
		return err
	}
	have, err := version(ctx, pool)
	if err != nil {
		return err
	}
	if err := steps.Check(have); err != nil || have == steps.Last() {
		return err
	}
	if have > 0 && !upgrade {
		return ErrSchema
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrating); err != nil {
			return fmt.Errorf("wait for another node's migration: %w", explain(err))
		}
		if have, err = version(ctx, tx); err != nil {
			return err
		}
		for _, step := range steps.After(have) {
			if err := apply(ctx, tx, step); err != nil {
				return fmt.Errorf("apply %s: %w", step.Name, explain(err))
			}
		}
		return nil
	})
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// version is 0 in an empty database.
func version(ctx context.Context, q querier) (have int, err error) {
	var made bool
	if err := q.QueryRow(ctx, "SELECT to_regclass('schema_version') IS NOT NULL").Scan(&made); err != nil ||
		!made {
		return 0, explain(err)
	}
	if err := q.QueryRow(ctx, "SELECT version FROM schema_version").Scan(&have); err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", explain(err))
	}
	return have, nil
}

func apply(ctx context.Context, tx pgx.Tx, step schema.Step) error {
	for _, statement := range statementsOf(step.Script) {
		if _, err := tx.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "UPDATE schema_version SET version = $1", step.Number)
	return err
}

// ending finds the ends of statements, and what may contain a semicolon that is none.
var ending = regexp.MustCompile(`--[^\n]*|'[^']*'|;`)

// statementsOf are the statements of a script, without its comments.
func statementsOf(script string) (all []string) {
	var statement strings.Builder
	from := 0
	for _, at := range ending.FindAllStringIndex(script, -1) {
		statement.WriteString(script[from:at[0]])
		from = at[1]
		switch found := script[at[0]:at[1]]; found[0] {
		case ';':
			all = append(all, strings.TrimSpace(statement.String()))
			statement.Reset()
		case '\'':
			statement.WriteString(found)
		}
	}
	return all
}

// Schema returns the version of a database, 0 when it is empty, and the one that
// this program brings. It changes nothing.
func Schema(ctx context.Context, address string) (have, want int, err error) {
	steps, err := readSteps()
	if err != nil {
		return 0, 0, err
	}
	config, err := configure(address)
	if err != nil {
		return 0, 0, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return 0, 0, reason.Wrap(explain(err), whyConnect, nil)
	}
	defer pool.Close()
	have, err = version(ctx, pool)
	return have, steps.Last(), err
}

// partitioned are the tables that have a partition for each month.
var partitioned = []string{"submissions", "messages"}

// ahead is how many months are made before they come.
const ahead = 2

// months remembers until when the months were made.
type months struct {
	mu   sync.Mutex
	done time.Time
}

// addMonths makes the partitions of this month and the next ones. A month that
// comes without its partition costs nothing: its rows lie in the default one,
// and stay there.
func (s *Store) addMonths(ctx context.Context, now time.Time) error {
	s.months.mu.Lock()
	defer s.months.mu.Unlock()
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	if s.months.done.Equal(first) { // not "or later": the clock may have been set back
		return nil
	}
	for i := range ahead + 1 {
		if err := s.addMonth(ctx, first.AddDate(0, i, 0)); err != nil {
			return fmt.Errorf("make the tables of a month: %w", err)
		}
	}
	s.months.done = first
	return nil
}

func (s *Store) addMonth(ctx context.Context, first time.Time) error {
	for _, table := range partitioned {
		name := table + first.Format("_200601")
		var made bool
		if err := s.pool.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", name).Scan(&made); err != nil {
			return explain(err)
		}
		if made {
			continue
		}
		// Rows come and go in waves: vacuum often, and leave room for updates.
		statement := fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES FROM ('%s') TO ('%s')
			WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)`,
			name, table, sms.FirstID(first), sms.FirstID(first.AddDate(0, 1, 0)))
		if _, err := s.pool.Exec(ctx, statement); err != nil && !taken(err) {
			return explain(err)
		}
	}
	return nil
}

// taken tells that another node made the table meanwhile, or that the default
// partition has rows of that month, which stay there.
func taken(err error) bool {
	code := sqlState(err)
	return code == "42P07" || code == "23505" || code == "23514" || code == "42P17"
}
