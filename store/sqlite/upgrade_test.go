package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/lane"
	"relais/sms"
	"relais/store/schema"
	"relais/store/storetest"
)

// TestUpgradeKeepsWhatWaits brings a database of each earlier schema, with
// messages in it, to the present one.
func TestUpgradeKeepsWhatWaits(t *testing.T) {
	steps, err := readSteps()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for done := 1; done < len(steps); done++ {
		t.Run(steps[done-1].Name, func(t *testing.T) {
			dir := t.TempDir()
			queued, uncertain := sms.NewID(now), sms.NewID(now)
			makeOld(t, filepath.Join(dir, FileName), steps[:done], now,
				map[sms.ID]sms.Status{queued: sms.Queued, uncertain: sms.Uncertain})
			withEvents := strings.Contains(steps[done].Script, "DROP TABLE events")
			if withEvents {
				addOldEvents(t, filepath.Join(dir, FileName), queued, now)
			}
			if _, err := Open(t.Context(), dir); !errors.Is(err, ErrSchema) {
				t.Errorf("beside a gateway: %v, want ErrSchema", err)
			}
			s, err := OpenExclusive(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if withEvents {
				storetest.OldEvents(t, s, queued, now)
			}
			claimed, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 5, Batch: 1, Now: now})
			if err != nil || len(claimed.Calls) != 1 || claimed.Calls[0][0].ID != queued ||
				claimed.Calls[0][0].Text != "Bonjour" {
				t.Errorf("claimed %+v, %v; want the message that was queued", claimed.Calls, err)
			}
			doubtful, err := s.Doubtful(t.Context(), "ovh", "", now, 5)
			if err != nil || len(doubtful) != 1 || doubtful[0].ID != uncertain {
				t.Errorf("in doubt: %+v, %v; want the message that was uncertain", doubtful, err)
			}
		})
	}
}

// makeOld makes a database as an earlier program left it.
func makeOld(t *testing.T, path string, steps schema.Steps, now time.Time, messages map[sms.ID]sms.Status) {
	t.Helper()
	db, err := open(path, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := apply(t.Context(), tx, step); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for id, status := range messages {
		if _, err := db.ExecContext(t.Context(),
			`INSERT INTO submissions (account, id, text, sender, class, encoding, actor, accepted_at, decisions)
			VALUES ('default', ?, 'Bonjour', 'RELAIS', 'transactional', 'gsm7', 'api:test', ?, '[]')`, id[:],
			micros(now)); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO messages
			(account, id, submission, recipient, reference, connector, status, reason, segments, priority, attempt,
				solo,
				due_at, expires_at, updated_at, ask_at)
			VALUES ('default', ?, ?, '+33639980001', '', 'ovh', ?, 'accepted', 1, 1, 0, 0, ?, ?, ?, 0)`,
			id[:], id[:], string(status), micros(now), micros(now.Add(time.Hour)), micros(now)); err != nil {
			t.Fatal(err)
		}
	}
}

func addOldEvents(t *testing.T, path string, message sms.ID, now time.Time) {
	t.Helper()
	db, err := open(path, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, row := range storetest.OldEventRows(now) {
		if _, err := db.ExecContext(t.Context(), `INSERT INTO events (account, message, seq, at, status, actor, code,
			detail, reason, attempt, operator_code, operator_text) VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			append([]any{message[:]}, row...)...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSchemaBeforeTheFirst: a database of steps that this program no longer has is
// refused with what to do, and left as it is.
func TestSchemaBeforeTheFirst(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := readSteps()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetSchemaVersion(t.Context(), steps.First()-1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	type opening func(context.Context, string) (*Store, error)
	for name, open := range map[string]opening{"Open": Open, "OpenExclusive": OpenExclusive} {
		_, err := open(t.Context(), dir)
		if err == nil || !strings.Contains(err.Error(), "run `relais migrate` of commit") {
			t.Errorf("%s: %v, want what to run first", name, err)
		}
	}
	if have, want, err := Schema(t.Context(), dir); err != nil || have != steps.First()-1 ||
		want != steps.Last() {
		t.Errorf("schema %d of %d, %v; want it as it was", have, want, err)
	}
}
