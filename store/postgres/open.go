package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/store/group"
	"relais/store/probe"
	"relais/store/table"
)

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	table.Tables

	pool     *pgxpool.Pool
	accepts  *group.Group[*accepting]
	settles  *group.Group[*settling]
	receives *group.Group[*receiving]
	months   months
	unsure   unsure
	owed     owed
	people   *people
	probes   *probe.Probe
}

// connections is how many a node opens at most, unless the URL says otherwise
// (pool_max_conns).
const connections = 16

// connectTimeout is how long a server may take to let us in, unless the URL says
// otherwise (connect_timeout, in seconds): one that takes the connection and says nothing
// would hold a start up for ever, without a word.
const connectTimeout = 10 * time.Second

// Open connects to the database of a URL (postgres://user:password@host/name) and
// brings its schema up to date when upgrade is set; else an older schema is
// refused with ErrSchema. It refuses a server that does not sync what it
// acknowledges.
func Open(ctx context.Context, address string, upgrade bool) (*Store, error) {
	config, err := configure(address)
	if err != nil {
		return nil, err
	}
	return open(ctx, config, upgrade)
}

func open(ctx context.Context, config *pgxpool.Config, upgrade bool) (*Store, error) {
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, reason.Wrap(explain(err), whyConnect, nil)
	}
	if err := prepare(ctx, pool, upgrade); err != nil {
		pool.Close()
		return nil, err
	}
	s := &Store{pool: pool, people: newPeople(sms.BucketOf("").NewID(time.Now()).String())}
	s.Tables = table.New(tables{s}, dialect)
	s.probes = probe.New(s.takesWrites)
	s.accepts = startGroup("accept", s.writeAccepts)
	s.settles = startGroup("settle", s.writeSettles)
	s.receives = startGroup("receive", s.writeReceipts)
	return s, s.addMonths(ctx, time.Now())
}

func configure(address string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		// its error repeats the URL
		return nil, reason.NewError(whyURL, nil)
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = connections
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	plan(config.ConnConfig.RuntimeParams)
	return config, nil
}

// plan tells the planner what it cannot know when it plans once for a table that
// is small and will be large: every statement of this package is meant to go by
// an index. Behind a pooler that refuses these parameters, set them for the role
// (docs/operations.md).
func plan(parameters map[string]string) {
	for name, value := range map[string]string{
		"application_name": "relais", "plan_cache_mode": "force_generic_plan", "jit": "off",
		"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
		"enable_material": "off", // it would keep the whole of a table that is small now
	} {
		if _, chosen := parameters[name]; !chosen {
			parameters[name] = value
		}
	}
}

func prepare(ctx context.Context, pool *pgxpool.Pool, upgrade bool) error {
	if err := durable(ctx, pool); err != nil {
		return err
	}
	if err := migrate(ctx, pool, upgrade); err != nil || !upgrade {
		return err
	}
	if _, err := pool.Exec(ctx, raiseBase); err != nil {
		return fmt.Errorf("look at the numbers of the outbox: %w", explain(err))
	}
	return nil
}

// durable refuses a server that acknowledges what is not on disk.
func durable(ctx context.Context, pool *pgxpool.Pool) error {
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var value string
		if err := pool.QueryRow(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			return reason.Wrap(explain(err), whyConnect, nil)
		}
		if value == "off" {
			return reason.NewError(whyUnsynced, reason.Args{"setting": reason.Name(setting)})
		}
	}
	return nil
}

// Close waits for what was given to the store, and closes the connections.
func (s *Store) Close() error {
	s.accepts.Stop()
	s.settles.Stop()
	s.receives.Stop()
	s.probes.Forget()
	s.leavePeople()
	s.pool.Close()
	return nil
}

// explain names the failures that an operator can mend.
func explain(err error) error {
	// disk_full, out_of_memory
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "53100" || e.Code == "53200") {
		return fmt.Errorf("%w: %w", gateway.ErrFull, plain(e))
	} else if ok {
		return plain(e)
	}
	return err
}

// plain leaves out what PostgreSQL repeats of the rows.
func plain(e *pgconn.PgError) error {
	bare := *e
	bare.Detail, bare.Where, bare.Hint = "", "", ""
	return &bare
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// zeroID stands where an id may be missing.
const zeroID = "'00000000-0000-0000-0000-000000000000'::uuid"

func id(of sms.ID) [16]byte { return of }

// idOrNull is NULL for no id.
func idOrNull(of sms.ID) any {
	if of.IsZero() {
		return nil
	}
	return id(of)
}

func timeOrNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return micros(at)
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// clean makes text of an outside party storable: PostgreSQL takes neither the
// character zero nor bytes that are no UTF-8.
func clean(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func none(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

func ignoreNone(err error) error {
	if none(err) {
		return nil
	}
	return err
}

// row is what Scan reads from.
type row interface{ Scan(into ...any) error }

// collect reads every row of an answer.
func collect[T any](rows pgx.Rows, err error, scan func(row) (T, error)) ([]T, error) {
	found := []T{}
	if err != nil {
		return found, explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return found, err
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return found, explain(err)
	}
	return found, nil
}

var _ gateway.Store = (*Store)(nil)
