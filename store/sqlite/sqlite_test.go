package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
	"relais/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	dirs := map[*testing.T]string{}
	storetest.Run(t, func(t *testing.T) storetest.Store {
		if dirs[t] == "" {
			dirs[t] = t.TempDir()
		}
		return open(t, dirs[t])
	})
}

func open(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := sqlite.OpenExclusive(t.Context(), dir); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("a second OpenExclusive: %v, want ErrInUse", err)
	}
	beside, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatalf("Open for administration beside the gateway: %v", err)
	}
	if err := beside.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestDirectoryThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.OpenExclusive(t.Context(), filepath.Join(file, "data")); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("error = %v, want one sentence", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.SetSchemaVersion(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.OpenExclusive(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "run the newer program") {
		t.Errorf("error = %v, want advice to run the newer program", err)
	}
}

// openSmall opens a store on a disk that has room for a few pages beside the schema.
func openSmall(t *testing.T, dir string, room int) *sqlite.Store {
	t.Helper()
	if err := open(t, dir).Close(); err != nil { // the file has the whole schema then
		t.Fatal(err)
	}
	const page = 4096
	empty, err := os.Stat(filepath.Join(dir, "relais.db"))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if err := s.LimitPages(t.Context(), int(empty.Size()/page)+room); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s := openSmall(t, dir, 40)
	var stored []*gateway.Acceptance
	for {
		a := acceptance(50)
		_, err := s.Accept(t.Context(), a)
		if errors.Is(err, gateway.ErrFull) {
			break
		}
		if err != nil {
			t.Fatalf("Accept: %v, want ErrFull in the end", err)
		}
		stored = append(stored, a)
		if len(stored) > 1000 {
			t.Fatal("the disk does not fill up")
		}
	}
	if len(stored) == 0 {
		t.Fatal("nothing was stored before the disk was full")
	}
	if err := s.LimitPages(t.Context(), 1<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(t.Context(), acceptance(1)); err != nil {
		t.Errorf("Accept after room was made: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	for _, a := range stored {
		for i := range a.Drafts {
			if _, err := s.Message(t.Context(), "default", a.Drafts[i].ID); err != nil {
				t.Fatalf("an acknowledged message: %v", err)
			}
		}
	}
}

func TestGuiltyWriteFailsAlone(t *testing.T) {
	s := open(t, t.TempDir())
	bad := acceptance(1)
	if _, err := s.Accept(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if i%10 == 0 {
				if _, err := s.Accept(t.Context(), bad); err == nil { // its ids are taken
					t.Error("a message was stored twice")
				}
				return
			}
			if _, err := s.Accept(t.Context(), acceptance(1)); err != nil {
				t.Errorf("an innocent Accept: %v", err)
			}
		})
	}
	all.Wait()
	found, _, err := s.Search(t.Context(), search.Query{Account: "default", Limit: 1000})
	if err != nil || len(found) != 181 {
		t.Errorf("%d messages stored, %v; want 181", len(found), err)
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Settle(t.Context(), []sms.Transition{}); err == nil {
		t.Error("a closed store took a write")
	}
}

func TestClaimThatWasNotWrittenGivesNothing(t *testing.T) {
	s := openSmall(t, t.TempDir(), 20)
	for {
		if _, err := s.Accept(t.Context(), acceptance(20)); err != nil {
			break
		}
	}
	for { // until even the claim finds no room
		claimed, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 50, Batch: 1, Now: time.Now()})
		if err != nil {
			if len(claimed.Calls) != 0 {
				t.Errorf("a claim that failed gave %d calls", len(claimed.Calls))
			}
			return
		}
		if len(claimed.Calls) == 0 {
			t.Fatal("every claim found room; the disk does not fill up")
		}
	}
}
