package app

import "testing"

func TestTheHeapGrowsByWhatIsToSpare(t *testing.T) {
	for _, tc := range []struct {
		live uint64 // MiB
		want int
	}{{0, 400}, {1, 400}, {12, 400}, {13, 350}, {24, 200}, {40, 100}, {48, 100}, {500, 100}} {
		if got := percentFor(tc.live << 20); got != tc.want {
			t.Errorf("%d MiB live: %d %%, want %d", tc.live, got, tc.want)
		}
	}
}
