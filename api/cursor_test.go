package api

import "testing"

// A cursor goes round, and one that was kept before cursors lost their meaning is understood.
func TestCursorsOfTheFeed(t *testing.T) {
	const large = int64(1) << 61 // PostgreSQL counts so high
	for text, want := range map[string]int64{
		"": 0, "0": 0, "42": 42, cursorAt(0): 0, cursorAt(42): 42, cursorAt(large): large,
	} {
		if got, p := place(text, "after"); p != nil || got != want {
			t.Errorf("cursor %q is %d, %v; want %d", text, got, p, want)
		}
	}
	for _, text := range []string{"c", "x", "-1", "c-1", "c!", "cc99999999999999", "evt_42"} {
		if got, p := place(text, "after"); p == nil {
			t.Errorf("cursor %q is taken for %d", text, got)
		}
	}
}
