package postgres

import (
	"slices"
	"testing"
	"time"
)

// bounded are the tables that do not grow with the messages of an account: they
// have a row for each key, connector or lease, or, as receipts, hold for days
// what no account is known of yet.
var bounded = []string{
	"accounts", "keys", "cursors", "credit", "credit_samples", "leases", "settings", "signing_secrets", "receipts", "nonces", "pauses", "schema_version", "ovh_applications", "ovh_credentials", "ovh_services",
	"users", "user_roles", "user_addresses", "invitations", "sessions", "passkeys", // as many as there are people
}

const selectKeysOfTables = `SELECT c.relname, i.relname, a.attname FROM pg_index x
	JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
	WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition ORDER BY 1, 2`

// TestAccountLeadsEveryKey keeps the way to a distributed PostgreSQL open: the
// account, by which it would spread the rows, is the first column of every
// primary key and unique index of the tables that grow, and no foreign key ties
// rows of two accounts.
func TestAccountLeadsEveryKey(t *testing.T) {
	s := openForTest(t)
	rows, err := s.pool.Query(t.Context(), selectKeysOfTables)
	type key struct{ table, index, first string }
	keys, err := collect(rows, err, func(r row) (k key, err error) {
		err = r.Scan(&k.table, &k.index, &k.first)
		return k, err
	})
	if err != nil {
		t.Fatal(err)
	}
	grows := map[string]bool{}
	for _, k := range keys {
		if slices.Contains(bounded, k.table) {
			continue
		}
		if grows[k.table] = true; k.first != "account" {
			t.Errorf("%s of %s begins with %s, want account", k.index, k.table, k.first)
		}
	}
	for _, table := range []string{"messages", "submissions", "idempotency", "inbound", "outbox", "deliveries", "opt_outs", "opt_out_changes", "audit", "ovh_numbers", "ovh_batches", "shadows"} {
		if !grows[table] {
			t.Errorf("%s has no key in the answer: the test looks in the wrong place", table)
		}
	}
	var foreign int
	if err := s.pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_constraint WHERE contype = 'f'").Scan(&foreign); err != nil || foreign > 0 {
		t.Errorf("%d foreign keys, %v; want none", foreign, err)
	}
}

// TestMonthsAreMadeAhead: this month and the next ones have their tables, and a
// second look makes nothing.
func TestMonthsAreMadeAhead(t *testing.T) {
	s := openForTest(t)
	var made int
	const count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'messages'::regclass"
	if err := s.pool.QueryRow(t.Context(), count).Scan(&made); err != nil || made != ahead+2 {
		t.Errorf("%d partitions, %v; want %d: the months and the default one", made, err, ahead+2)
	}
	s.months.done = s.months.done.AddDate(0, -1, 0)
	if err := s.addMonths(t.Context(), s.months.done.AddDate(0, 2, 0)); err != nil {
		t.Error(err)
	}
	if err := s.pool.QueryRow(t.Context(), count).Scan(&made); err != nil || made != ahead+3 {
		t.Errorf("%d partitions a month later, %v; want one more: %d", made, err, ahead+3)
	}
}

// A clock that ran ahead for a while, and made its months, keeps no later month from
// its own tables.
func TestMonthsComeBackWithTheClock(t *testing.T) {
	s := openForTest(t)
	for _, first := range []time.Time{time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2033, 5, 1, 0, 0, 0, 0, time.UTC)} {
		if err := s.addMonths(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		var there bool
		table := "messages" + first.Format("_200601")
		if err := s.pool.QueryRow(t.Context(), "SELECT to_regclass($1) IS NOT NULL", table).Scan(&there); err != nil || !there {
			t.Errorf("table %s is there: %v, %v", table, there, err)
		}
	}
}
