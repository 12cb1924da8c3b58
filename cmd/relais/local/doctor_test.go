package local

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/sms"
	"relais/store/sqlite"
)

func TestExamineClock(t *testing.T) {
	made := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		now  time.Time
		want connector.Level
	}{
		{"after the program was made", made.Add(time.Hour), connector.OK},
		{"before", time.Unix(0, 0), connector.Failure},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := examineClock(&terminal.Terminal{}, tc.now, made); got.Level != tc.want {
				t.Errorf("finding %+v, want %s", got, tc.want)
			}
		})
	}
}

func TestExamineSchema(t *testing.T) {
	for _, tc := range []struct {
		name, change, want string
	}{
		{"up to date", "", "schema"},
		{"older", "PRAGMA user_version = 0", "schema_older"},
		{"newer", "PRAGMA user_version = 9999", "schema_newer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			store, err := sqlite.Open(t.Context(), dir)
			if err := errors.Join(err, store.Close()); err != nil {
				t.Fatal(err)
			}
			execute(t, filepath.Join(dir, sqlite.FileName), tc.change)
			before, _, _ := sqlite.Schema(t.Context(), dir)
			if got := examineSchema(
				&terminal.Terminal{Ctx: t.Context()}, placeOf(config.Config{Data: dir}),
			); got.Code != tc.want {
				t.Errorf("finding %+v, want %s", got, tc.want)
			}
			if after, _, _ := sqlite.Schema(t.Context(), dir); after != before {
				t.Errorf("the check-up changed the schema from %d to %d", before, after)
			}
		})
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestExisting(t *testing.T) {
	above := t.TempDir()
	for name, dir := range map[string]string{"there": above, "not yet": filepath.Join(above, "not", "yet")} {
		t.Run(name, func(t *testing.T) {
			if got := existing(dir); got != above {
				t.Errorf("existing = %q, want %q", got, above)
			}
		})
	}
}

func TestInBytes(t *testing.T) {
	for _, tc := range []struct {
		name string
		free uint64
		want string
	}{
		{"much", 3 << 29, "1.5 GiB"},
		{"little", 3 << 19, "1.5 MiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := inBytes(tc.free); got != tc.want {
				t.Errorf("inBytes = %q, want %q", got, tc.want)
			}
		})
	}
}

// mute is a connector that can only submit.
type mute struct{}

func (mute) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

func TestConnectorWithoutCheckUpSaysSo(t *testing.T) {
	got := (&doctorCommand{Timeout: time.Minute}).examine(&terminal.Terminal{Ctx: t.Context()},
		connector.NewGuard(mute{}, connector.GuardOptions{}))
	if len(got) != 1 || got[0].Code != "no_checkup" || got[0].Level != connector.Warning {
		t.Errorf("findings %+v", got)
	}
}

func TestSimulatorsOf(t *testing.T) {
	for _, tc := range []struct {
		name     string
		settings config.Config
		want     string
	}{
		{"none", config.Config{SandboxListen: "127.0.0.1:8081"}, ""},
		{"in the gateway", config.Config{Sandbox: true, SandboxListen: "127.0.0.1:8081"}, "http://127.0.0.1:8081"},
		{"elsewhere", config.Config{SandboxAt: "http://sandbox.test/", Sandbox: true}, "http://sandbox.test"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := simulatorsOf(tc.settings); got != tc.want {
				t.Errorf("simulatorsOf = %q, want %q", got, tc.want)
			}
			if got := len(withSimulated(tc.settings)); got != 3*min(1, len(tc.want)) {
				t.Errorf("%d connectors", got)
			}
		})
	}
}

func TestSandboxListenOnEveryInterfaceIsReached(t *testing.T) {
	got := simulatorsOf(config.Config{Sandbox: true, SandboxListen: ":8081"})
	if !strings.HasPrefix(got, "http://127.0.0.1:") && !strings.HasPrefix(got, "http://localhost:") {
		t.Errorf("simulatorsOf = %q, which is no address to call", got)
	}
}
