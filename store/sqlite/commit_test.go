package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"relais/gateway"
)

func openForTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// holdWriter keeps the writer busy until release is called: what is handed over
// meanwhile is one group.
func (s *Store) holdWriter(t *testing.T) (release func()) {
	t.Helper()
	held, hold := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.commits.do(t.Context(), func(*tx) error {
			close(held)
			<-hold
			return nil
		})
	}()
	<-held
	return func() {
		close(hold)
		if err := <-done; err != nil {
			t.Errorf("the write that held the writer: %v", err)
		}
	}
}

// together runs both writes in one group.
func (s *Store) together(t *testing.T, writes ...func(*tx) error) []error {
	t.Helper()
	release := s.holdWriter(t)
	fates := make([]<-chan error, len(writes))
	for i, f := range writes {
		var err error
		if fates[i], err = s.commits.group.Hand(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	release()
	errs := make([]error, len(writes))
	for i, fate := range fates {
		errs[i] = <-fate
	}
	return errs
}

// A foreign key that is checked at the end makes COMMIT itself fail.
func TestFailedCommitIsNotTriedAgain(t *testing.T) {
	s := openForTest(t)
	for _, statement := range []string{
		"PRAGMA foreign_keys = ON",
		"CREATE TABLE parent (id INTEGER PRIMARY KEY)",
		"CREATE TABLE child (parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
	} {
		if _, err := s.commits.conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	innocent, guilty := 0, 0
	errs := s.together(t, func(*tx) error {
		innocent++
		return nil
	}, func(t *tx) error {
		guilty++
		return t.exec("INSERT INTO child VALUES (1)")
	})
	for i, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "commit: ") {
			t.Errorf("write %d: %v, want the error of the commit", i, err)
		}
	}
	if innocent != 1 || guilty != 1 {
		t.Errorf("the writes ran %d and %d times, want once", innocent, guilty)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

func TestFailureBeforeTheCommitIsTriedAlone(t *testing.T) {
	s := openForTest(t)
	bad := errors.New("bad")
	runs := 0
	errs := s.together(t, func(*tx) error { runs++; return nil }, func(*tx) error { return bad })
	if errs[0] != nil || !errors.Is(errs[1], bad) || runs != 2 {
		t.Errorf("answers %v after %d runs, want the guilty write alone to fail", errs, runs)
	}
}

func TestProvesNothingKept(t *testing.T) {
	s := openForTest(t)
	if err := s.LimitPages(t.Context(), 1); err != nil { // the file keeps the pages that it has
		t.Fatal(err)
	}
	full := s.commits.do(t.Context(), func(t *tx) error {
		return t.exec("INSERT INTO accounts VALUES (hex(zeroblob(100000)), 0)")
	})
	twice := s.commits.do(t.Context(), func(t *tx) error { return t.exec("INSERT INTO accounts VALUES ('default', 0)") })
	if !errors.Is(full, gateway.ErrFull) || twice == nil {
		t.Fatalf("errors to work with: %v, %v", full, twice)
	}
	for _, tc := range []struct {
		name string
		err  error
		want bool
	}{
		{"no error", nil, false},
		{"before the commit", twice, true},
		{"full before the commit", full, true},
		{"at the commit", explain(&commitError{twice}), false},
		{"at the commit, no error of SQLite", explain(errors.Join(&commitError{errors.New("input/output")}, twice)), false},
		{"full at the commit", fmt.Errorf("%w: %w", gateway.ErrFull, &commitError{full}), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := provesNothingKept(tc.err); got != tc.want {
				t.Errorf("got %v for %v", got, tc.err)
			}
		})
	}
}
