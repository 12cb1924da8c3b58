package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"relais/internal/pgtest"
	"relais/lane"
	"relais/sms"
	"relais/store/schema"
	"relais/store/storetest"
)

// TestUpgradeKeepsWhatWaits brings a database of each earlier schema, with a message
// in it, to the present one.
func TestUpgradeKeepsWhatWaits(t *testing.T) {
	steps, err := readSteps()
	if err != nil {
		t.Fatal(err)
	}
	for done := 1; done < len(steps); done++ {
		t.Run(steps[done-1].Name, func(t *testing.T) {
			address, queued := pgtest.Database(t), sms.NewID(time.Now())
			makeOld(t, address, steps[:done], queued)
			now, withEvents := time.Now(), strings.Contains(steps[done].Script, "DROP TABLE events")
			if withEvents {
				addOldEvents(t, address, queued, now)
			}
			if _, err := Open(t.Context(), address, false); !errors.Is(err, ErrSchema) {
				t.Errorf("without an upgrade: %v, want ErrSchema", err)
			}
			s, _, err := openWatched(t, address, true)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if withEvents {
				storetest.OldEvents(t, s, queued, now)
			}
			claimed, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 5, Batch: 1, Now: time.Now()})
			if err != nil || len(claimed.Calls) != 1 || claimed.Calls[0][0].ID != queued ||
				claimed.Calls[0][0].Text != "Bonjour" {
				t.Errorf("claimed %+v, %v; want the message that was queued", claimed.Calls, err)
			}
		})
	}
}

// makeOld makes a database as an earlier program left it.
func makeOld(t *testing.T, address string, steps schema.Steps, queued sms.ID) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	now := micros(time.Now())
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for _, step := range steps {
			if err := apply(t.Context(), tx, step); err != nil {
				return err
			}
		}
		_, submission := tx.Exec(t.Context(),
			`INSERT INTO submissions (account, id, text, sender, class, encoding, actor, accepted_at, decisions)
			VALUES ('default', $1, 'Bonjour', 'RELAIS', 'transactional', 'gsm7', 'api:test', $2, '[]')`, id(queued),
			now)
		_, message := tx.Exec(t.Context(), `INSERT INTO messages
			(account, id, submission, recipient, reference, connector, status, reason, segments, priority, attempt,
				solo,
				due_at, expires_at, updated_at, routes, chance)
			VALUES ('default', $1, $1, '+33639980001', '', 'ovh', 'queued', 'accepted', 1, 1, 0, false, $2, $3, $2,
				'', 0)`,
			id(queued), now, now+time.Hour.Microseconds())
		return errors.Join(submission, message)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func addOldEvents(t *testing.T, address string, message sms.ID, now time.Time) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, row := range storetest.OldEventRows(now) {
		if _, err := conn.Exec(t.Context(), `INSERT INTO events (account, message, seq, at, status, actor, code,
			detail, reason, attempt, operator_code, operator_text)
			VALUES ('default', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			append([]any{id(message)}, row...)...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSchemaBeforeTheFirst: a database of steps that this program no longer has is
// refused with what to do.
func TestSchemaBeforeTheFirst(t *testing.T) {
	address := pgtest.Database(t)
	steps, err := readSteps()
	if err != nil {
		t.Fatal(err)
	}
	makeOld(t, address, append(steps[:1:1], schema.Step{Number: steps.First() - 1}), sms.NewID(time.Now()))
	for _, upgrade := range []bool{false, true} {
		_, err := Open(t.Context(), address, upgrade)
		if err == nil || !strings.Contains(err.Error(), "run `relais migrate` of commit") {
			t.Errorf("upgrade %v: %v, want what to run first", upgrade, err)
		}
	}
}
