package postgres

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestNumbersRiseAfterARestore: a cluster that counts its transactions from a
// lower number than the one that a dump comes from goes on above it.
func TestNumbersRiseAfterARestore(t *testing.T) {
	s := openForTest(t)
	tell := func(s *Store) (seq int64) {
		t.Helper()
		if err := s.transact(t.Context(), func(ctx context.Context, tx pgx.Tx) (err error) {
			seq, err = announce(ctx, tx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		seen := feedWhen(t, s, func(seqs []int64) bool { return slices.Contains(seqs, seq) })
		if len(seen) == 0 {
			t.Fatalf("the feed does not come to event %d", seq)
		}
		return seen[len(seen)-1]
	}
	tell(s)
	const far = 1 << 50 // as if the dump's cluster had been through many more
	if _, err := s.pool.Exec(t.Context(), "UPDATE outbox SET seq = seq + $1", int64(far)); err != nil {
		t.Fatal(err)
	}
	restored, err := Open(t.Context(), s.pool.Config().ConnString(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if first, second := tell(restored), tell(restored); first <= far || second <= first {
		t.Errorf("numbers %d and %d, want them above %d and rising", first, second, int64(far))
	}
	again, err := Open(t.Context(), s.pool.Config().ConnString(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	var base string
	if err := again.pool.QueryRow(t.Context(), "SELECT value FROM settings WHERE name = 'outbox_base'").Scan(&base); err != nil || strings.HasPrefix(base, "-") || base == "0" {
		t.Errorf("base %q, %v; want it raised once", base, err)
	}
}
