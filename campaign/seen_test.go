package campaign

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// TestSeenIsAMap holds it against a map, with numbers that follow each other, ones at random,
// and each of them twice.
func TestSeenIsAMap(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	type entry struct {
		row  int32
		text uint64
	}
	var s seen
	want := map[number64]entry{}
	for row := range int32(60_000) {
		k := 33612000000 + number64(row)/2
		if row%3 == 0 {
			k = 1 + number64(dice.Int64N(999_999_999_999_999))
		}
		text := dice.Uint64()
		gotRow, gotText, known := s.first(k, row, text)
		was, before := want[k]
		if known != before || gotRow != was.row || gotText != was.text {
			t.Fatalf("%d: %d, %d, %v; want %+v, %v", k, gotRow, gotText, known, was, before)
		}
		if !before {
			want[k] = entry{row, text}
		}
	}
}

// TestSeenIsSmall: a million numbers take less than 32 bytes each.
func TestSeenIsSmall(t *testing.T) {
	var s seen
	const numbers = 1_000_000
	for row := range int32(numbers) {
		s.first(33600000000+number64(row), row, 0)
	}
	bytes := 0
	for i := range s.parts {
		const each = int(unsafe.Sizeof(number64(0)) + unsafe.Sizeof(int32(0)) + unsafe.Sizeof(uint64(0)))
		bytes += len(s.parts[i].numbers) * each
	}
	if bytes > 32*numbers {
		t.Errorf("%d bytes", bytes)
	}
}
