package postgres

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"relais/internal/pgtest"
)

// The statements of this package run on a PostgreSQL that spreads its tables too, and mean
// the same there (docs/scale.md). Every store that a test opens is watched.

// watched reports statements that break a rule.
type watched struct {
	t testing.TB

	mu   sync.Mutex
	sent map[string]int // how often each statement was sent
}

var (
	_ pgx.QueryTracer = (*watched)(nil)
	_ pgx.BatchTracer = (*watched)(nil)
)

// openWatched opens a database and holds its statements to the rules.
func openWatched(t testing.TB, address string, upgrade bool) (*Store, *watched, error) {
	t.Helper()
	config, err := configure(address)
	if err != nil {
		return nil, nil, err
	}
	w := &watched{t: t, sent: map[string]int{}}
	config.ConnConfig.Tracer = w
	s, err := open(t.Context(), config, upgrade)
	return s, w, err
}

// Upgrade brings a database to the present schema.
func Upgrade(ctx context.Context, address string) error {
	s, err := Open(ctx, address, true)
	if err != nil {
		return err
	}
	return s.Close() //nolint:contextcheck // what was said of a node is taken back, whoever goes away
}

// OpenWatched is Open in a test that holds statements to the rules.
func OpenWatched(t testing.TB, address string) (*Store, error) {
	t.Helper()
	s, _, err := openWatched(t, address, true)
	return s, err
}

// TraceQueryStart implements pgx.QueryTracer.
func (w *watched) TraceQueryStart(
	ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData,
) context.Context {
	w.look(d.SQL)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (w *watched) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (w *watched) TraceBatchStart(
	ctx context.Context, c *pgx.Conn, d pgx.TraceBatchStartData,
) context.Context {
	var all []string
	for _, q := range d.Batch.QueuedQueries {
		all = append(all, q.SQL)
		w.look(q.SQL)
	}
	if inside := c.PgConn().TxStatus() != 'I'; !inside {
		if fault := batchFault(all); fault != "" {
			w.t.Errorf("%s:\n%s", fault, strings.Join(all, "\n"))
		}
	}
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (w *watched) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (w *watched) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (w *watched) look(sql string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent[sql]++; w.sent[sql] > 1 {
		return
	}
	for _, fault := range faults(sql) {
		w.t.Errorf("%s in\n%s", fault, sql)
	}
}

func (w *watched) times(sql string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent[sql]
}

var writing = regexp.MustCompile(`\b(INSERT INTO|UPDATE|DELETE FROM|FOR SHARE|pg_advisory_xact_lock|` +
	`LOCK TABLE|CREATE|ALTER|DROP)\b`)

// batchFault is what is wrong with a batch that is sent outside a transaction: without BEGIN
// PostgreSQL makes it one, others commit each statement where it ran.
func batchFault(batch []string) string {
	if !strings.HasPrefix(batch[0], "BEGIN") && slices.ContainsFunc(batch, writing.MatchString) {
		return "a batch writes without BEGIN and COMMIT"
	}
	return ""
}

// moody are functions whose answer depends on more than their arguments, so that it differs
// from one machine to another. TestMoodyFunctions asks PostgreSQL for more of them.
var moody = []string{
	"clock_timestamp", "current_setting", "gen_random_uuid", "lastval", "nextval", "now", "pg_advisory_xact_lock",
	"pg_advisory_xact_lock_shared", "pg_current_snapshot", "pg_current_xact_id", "pg_snapshot_xmin", "random", "set_config", "setval",
	"statement_timestamp",
	"timeofday", "to_regclass", "transaction_timestamp", "txid_current",
}

// clause is where a word stands: each pair of parentheses has its own, inside those around it.
type clause struct {
	name     string // RETURNING, ON CONFLICT, SET, VALUES; empty: another
	inserts  bool
	unnests  bool
	notExist bool
}

var words = regexp.MustCompile(`--[^\n]*|'[^']*'|[A-Za-z_]+|[();]`)

// faults are the rules that one statement breaks.
func faults(sql string) (found []string) {
	scope := []*clause{{}}
	all := words.FindAllString(sql, -1)
	all = slices.DeleteFunc(all, func(w string) bool { return w[0] == '-' || w[0] == '\'' })
	word := func(i int) string {
		if i < 0 || i >= len(all) {
			return ""
		}
		return all[i]
	}
	within := func(names ...string) bool {
		return slices.ContainsFunc(scope, func(c *clause) bool { return slices.Contains(names, c.name) })
	}
	leave := func(c *clause) {
		if c.inserts && c.unnests && c.notExist {
			found = append(found, "NOT EXISTS over unnest in an INSERT")
		}
	}
	for i, w := range all {
		c := scope[len(scope)-1]
		switch w {
		case "(":
			scope = append(scope, &clause{})
		case ")":
			leave(c)
			scope = scope[:len(scope)-1]
		case ";":
			found = append(found, "more than one statement in a call")
		case "INSERT":
			c.inserts, c.name = true, ""
		case "RETURNING", "SET", "VALUES":
			c.name = w
		case "CONFLICT":
			c.name = "ON CONFLICT"
		case "SELECT":
			if within("VALUES") {
				found = append(found, "a subquery in VALUES")
			}
			c.name = ""
		case "FROM":
			if c.name == "SET" && !within("ON CONFLICT") {
				c.name = ""
			}
		case "EXISTS":
			c.notExist = c.notExist || word(i-1) == "NOT"
		case "unnest":
			c.unnests = true
		}
		if slices.Contains(moody, w) && word(i+1) == "(" && within("RETURNING", "ON CONFLICT", "SET") {
			found = append(found, w+" in RETURNING, ON CONFLICT or SET")
		}
	}
	leave(scope[0])
	everyone := slices.ContainsFunc(everywhere, func(s string) bool { return strings.Contains(sql, s) })
	if table := ofAccounts.FindStringSubmatch(sql); table != nil && !everyone && !strings.Contains(sql, "account") {
		found = append(found, "a write of "+table[1]+" that names no account")
	}
	return found
}

// everywhere are writes to whatever account's rows, which would be done in each database.
var everywhere = []string{
	"UPDATE messages SET ask_at = $1", "UPDATE endpoints SET probe_at = $1", // Hasten
	"UPDATE outbox SET seq = seq + $1",    // of a test
	"DELETE FROM answering WHERE at < $1", // Forget
}

// ofAccounts finds a write to rows of accounts. Each names them, so that it is known where
// they are.
var ofAccounts = regexp.MustCompile(`\b(?:INSERT INTO|UPDATE|DELETE FROM) (messages|submissions|` +
	`idempotency|inbound|outbox|deliveries|endpoints|opt_outs|opt_out_changes|audit|quota_use|templates|` +
	`template_versions|campaigns|campaign_rows|campaign_chunks|campaign_events|ovh_numbers|ovh_batches|shadows|conversation_notes|answering)\b`)

func TestRulesOfStatements(t *testing.T) {
	for _, tc := range []struct{ sql, fault string }{
		{"INSERT INTO a (b) VALUES ($1) RETURNING b", ""},
		{"INSERT INTO a (b) SELECT clock_timestamp() ON CONFLICT DO NOTHING", ""},
		{"WITH m AS (UPDATE a SET b = 1 RETURNING c) SELECT c, now() FROM m", ""},
		{"WITH m AS (SELECT now()) INSERT INTO a (b) VALUES (1)", ""},
		{"UPDATE a SET b = c.d FROM c WHERE c.e < now()", ""},
		{"UPDATE a SET b = 'now(); -- SELECT'", ""},
		{"INSERT INTO a SELECT b FROM unnest($1) AS t (b) LEFT JOIN c ON c.b = t.b WHERE c.b IS NULL", ""},
		{"WITH t AS (SELECT * FROM unnest($1) WHERE NOT EXISTS (SELECT 1)), " +
			"w AS (INSERT INTO a SELECT * FROM t) SELECT 1", ""},
		{"UPDATE messages SET b = 1 WHERE account = $1 AND id = $2", ""},
		{"UPDATE messages SET b = 1 WHERE id = $1", "a write of messages that names no account"},
		{"UPDATE a SET b = now()", "now in"},
		{"UPDATE a SET b = 1 RETURNING c, coalesce(pg_current_xact_id())", "pg_current_xact_id in"},
		{
			"INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET c = 1 WHERE a.d < clock_timestamp()",
			"clock_timestamp in",
		},
		{"INSERT INTO a (b) VALUES ((SELECT c FROM d))", "a subquery in VALUES"},
		{
			"INSERT INTO a SELECT b FROM unnest($1) AS t (b) WHERE NOT EXISTS (SELECT 1 FROM c)",
			"NOT EXISTS over unnest",
		},
		{"ALTER TABLE a ADD b int; ALTER TABLE a ADD c int", "more than one statement"},
	} {
		got := strings.Join(faults(tc.sql), "; ")
		if tc.fault == "" && got != "" || !strings.Contains(got, tc.fault) {
			t.Errorf("%s\nbreaks %q, want %q", tc.sql, got, tc.fault)
		}
	}
}

func TestRulesOfBatches(t *testing.T) {
	for _, tc := range []struct {
		batch []string
		good  bool
	}{
		{[]string{"SELECT 1", "SELECT 2"}, true},
		{[]string{"BEGIN", "INSERT INTO a VALUES (1)", "COMMIT"}, true},
		{[]string{"SELECT 1", "INSERT INTO a VALUES (1)"}, false},
		{[]string{"SELECT 1 FROM a FOR SHARE"}, false},
		{[]string{"WITH m AS (UPDATE a SET b = 1) SELECT 1"}, false},
	} {
		if fault := batchFault(tc.batch); (fault == "") != tc.good {
			t.Errorf("%q: %q", tc.batch, fault)
		}
	}
}

// TestMoodyFunctions: PostgreSQL has each function on the list and calls it moody, and of the
// functions that our statements call it knows no moody one that is not on it.
func TestMoodyFunctions(t *testing.T) {
	s, w, err := openWatched(t, pgtest.Upgraded(t, Upgrade), true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	called := functionsCalled(t)
	asked := slices.Compact(slices.Sorted(slices.Values(slices.Concat(moody, called))))
	rows, err := s.pool.Query(t.Context(), `SELECT proname::text FROM pg_proc WHERE proname = ANY ($1)
		AND pronamespace = 'pg_catalog'::regnamespace GROUP BY proname HAVING bool_or(provolatile <> 'i')`, asked)
	found, err := collect(rows, err, func(r row) (name string, err error) { return name, r.Scan(&name) })
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range moody {
		if !slices.Contains(found, name) && name != "pg_snapshot_xmin" { // immutable, of a snapshot that is not
			t.Errorf("%s is on the list, and PostgreSQL does not call it moody", name)
		}
	}
	for _, name := range found {
		if !slices.Contains(moody, name) {
			t.Errorf("a statement calls %s, which PostgreSQL calls moody, and which is not on the list", name)
		}
	}
	if w.times(raiseBase) != 1 {
		t.Error("the statements are not watched")
	}
}

var calledAs = regexp.MustCompile(`\b([a-z_][a-z_0-9]*)\(`)

// functionsCalled are the names before parentheses in the strings of the stores' sources: the
// functions of all statements, and more.
func functionsCalled(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"*.go", "../table/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, files, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
					for _, call := range calledAs.FindAllStringSubmatch(text.Value, -1) {
						names = append(names, call[1])
					}
				}
				return true
			})
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestErrorsAreToldByTheirCode: a distributed PostgreSQL tells names of shards in errors, or
// none.
func TestErrorsAreToldByTheirCode(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok &&
				slices.Contains([]string{"TableName", "ConstraintName", "ColumnName", "SchemaName"}, s.Sel.Name) {
				t.Errorf("%s: an error is told by its %s", set.Position(s.Pos()), s.Sel.Name)
			}
			return true
		})
	}
}

// TestOnlyQuotasAreChecked: a violated check in the transaction that accepts is a quota.
func TestOnlyQuotasAreChecked(t *testing.T) {
	s := openForTest(t)
	rows, err := s.pool.Query(t.Context(), `SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
		WHERE contype = 'c' AND conrelid <> 0`)
	tables, err := collect(rows, err, func(r row) (name string, err error) { return name, r.Scan(&name) })
	if err != nil || fmt.Sprint(tables) != "[quota_use]" {
		t.Errorf("tables with a check: %v, %v; want quota_use alone", tables, err)
	}
}

func TestStatementsOfAScript(t *testing.T) {
	got := statementsOf("-- one; two\nCREATE TABLE a ( -- it's; a\n\tb text DEFAULT ';');\n\n" +
		"DROP TABLE c;\n-- end\n")
	want := []string{"CREATE TABLE a ( \n\tb text DEFAULT ';')", "DROP TABLE c"}
	if !slices.Equal(got, want) {
		t.Errorf("statements %q, want %q", got, want)
	}
}
