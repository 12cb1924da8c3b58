package postgres

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/campaign/ledger"
	"relais/contact"
	"relais/person"
	"relais/sms"
)

// awaitLock returns once somebody waits for a lock that a transaction holds.
func awaitLock(t *testing.T, tx pgx.Tx) {
	t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		var waits bool
		err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_locks l WHERE NOT l.granted
			AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid)))`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
		if waits {
			return
		}
	}
	t.Fatal("nobody waits for the lock")
}

// whileHeld runs f beside a transaction that has run the first statement, and runs the others in
// it once f waits for it. That must be no deadlock.
func whileHeld(t *testing.T, s *Store, f func() error, first string, others ...string) {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	// Of a deadlock this one is told, before the store is, which would try again.
	if _, err := tx.Exec(t.Context(), "SET LOCAL deadlock_timeout = '1ms'"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	awaitLock(t, tx)
	for _, statement := range others {
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestErasureLocksAListBeforeItsEntries: as those who take somebody off a list, so that neither
// waits for the other for good, and it counts what it took itself.
func TestErasureLocksAListBeforeItsEntries(t *testing.T) {
	s := openForTest(t)
	by := contact.Mark{At: time.Now(), By: "user:anne"}
	l := contact.List{Account: "default", ID: sms.NewID(by.At), Version: 1, Content: contact.Content{Name: "a"}, MadeAt: by.At, MadeBy: by.By}
	if err := s.AddList(t.Context(), l, "a"); err != nil {
		t.Fatal(err)
	}
	set, err := s.StageList(t.Context(), "default", l.ID, 0, by)
	if err != nil {
		t.Fatal(err)
	}
	err = s.AddEntries(t.Context(), "default", l.ID, set, []contact.Entry{
		{Row: 2, Key: "1", Number: "+33639980001"}, {Row: 3, Key: "2", Number: "+33639980002"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AwaitList(t.Context(), "default", l.ID, contact.Pending{Set: set, At: by.At, By: by.By, Entries: 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FillList(t.Context(), "default", l.ID, set, by); err != nil {
		t.Fatal(err)
	}
	whileHeld(t, s, func() error {
		_, err := s.Erase(t.Context(), person.Erasure{
			Numbers: []sms.Number{"+33639980001"}, Limit: 10,
			Audit: person.AuditEntry{ID: sms.NewID(by.At), Account: "default", At: by.At, Actor: "user:anne", Action: person.Erased, Subject: "~a"},
		})
		return err
	}, "SELECT 1 FROM lists FOR UPDATE", "DELETE FROM list_entries WHERE line = 2", "UPDATE lists SET entries = entries - 1")
	now, err := s.List(t.Context(), "default", l.ID)
	if err != nil || now.Entries != 1 {
		t.Errorf("%d entries, %v", now.Entries, err)
	}
}

// TestErasureLocksCampaignsInOrder: also those that are being checked, which it has begin anew, so that
// of two people who are erased at once neither waits for the other for good.
func TestErasureLocksCampaignsInOrder(t *testing.T) {
	s := openForTest(t)
	at := time.Now()
	var ids []sms.ID
	for _, status := range []ledger.Status{ledger.Checking, ledger.Running} {
		c := ledger.Campaign{
			Account: "default", ID: sms.NewID(at), Version: 1, Status: status, CreatedAt: at, CreatedBy: "user:anne",
		}
		if err := s.AddCampaign(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	_, err := s.pool.Exec(t.Context(), `INSERT INTO campaign_rows (account, campaign, line, number, reference, data, state, why, code,
			message, status, segments, price, at)
		VALUES ('default', $1, 2, '+33639980001', '', '', 'waiting', '', '', $2, '', 0, 0, 0)`, ids[1], sms.ID{})
	if err != nil {
		t.Fatal(err)
	}
	held := "SELECT 1 FROM campaigns WHERE id = '%s' FOR UPDATE"
	whileHeld(t, s, func() error {
		_, err := s.Erase(t.Context(), person.Erasure{
			Numbers: []sms.Number{"+33639980001"}, Limit: 10,
			Audit: person.AuditEntry{ID: sms.NewID(at), Account: "default", At: at, Actor: "user:anne", Action: person.Erased, Subject: "~a"},
		})
		return err
	}, fmt.Sprintf(held, ids[0]), fmt.Sprintf(held, ids[1]))
	c, err := s.Campaign(t.Context(), "default", ids[0])
	if err != nil || c.Version != 2 {
		t.Errorf("a check goes on by version %d, %v", c.Version, err)
	}
}

// TestStartLocksASeriesInOrder: a campaign that starts holds nothing while it waits for an earlier one
// whose reminders it takes over, as an erasure locks them in that order.
func TestStartLocksASeriesInOrder(t *testing.T) {
	s := openForTest(t)
	at := time.Now()
	var ids []sms.ID
	start := func(id sms.ID) error {
		_, err := s.MoveCampaign(t.Context(), "default", id, ledger.Move{
			Mark: ledger.Mark{At: at, By: "user:anne"}, From: []ledger.Status{ledger.Ready}, To: ledger.Running,
		})
		return err
	}
	for i := range 2 {
		c := ledger.Campaign{
			Account: "default", ID: sms.NewID(at), Version: 1, Status: ledger.Ready, CreatedAt: at, CreatedBy: "user:anne",
			Content: ledger.Content{Options: ledger.Options{Appointments: ledger.Appointments{Rules: "2h"}}},
		}
		if i > 0 {
			c.Options.From = ledger.Origin{Campaign: ids[0], Root: ids[0]}
		}
		if err := s.AddCampaign(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
		if i > 0 {
			break
		}
		_, err := s.pool.Exec(t.Context(), `INSERT INTO campaign_rows (account, campaign, line, number, reference, data, state, why, code,
				message, status, segments, price, at, series, appointment, rule, meets, due)
			VALUES ('default', $1, 2, '+33639980001', '', '', 'waiting', '', '', $2, '', 0, 0, 0, $1, 'a', '2h', 1, 1)`, c.ID, sms.ID{})
		if err != nil {
			t.Fatal(err)
		}
		if err := start(c.ID); err != nil {
			t.Fatal(err)
		}
	}
	held := "SELECT 1 FROM campaigns WHERE id = '%s' FOR UPDATE"
	whileHeld(t, s, func() error { return start(ids[1]) }, fmt.Sprintf(held, ids[0]), fmt.Sprintf(held, ids[1]))
}
