package app

import "testing"

func TestTheHeapGrowsByWhatIsToSpare(t *testing.T) {
	for _, tc := range []struct {
		live uint64 // MiB
		want int
	}{{0, 400}, {1, 400}, {9, 400}, {12, 350}, {24, 150}, {32, 100}, {37, 75}, {96, 75}, {500, 75}} {
		if got := percentFor(tc.live << 20); got != tc.want {
			t.Errorf("%d MiB live: %d %%, want %d", tc.live, got, tc.want)
		}
	}
}
