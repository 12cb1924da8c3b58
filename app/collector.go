package app

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// spare is how much memory the collector may leave uncollected where nothing lives, and half
	// of what lives less than that otherwise: what waits is in the database, so that little
	// lives, and collecting it less often leaves more of the machine to messages.
	spare = 48 << 20
	// mostPercent is what it comes to where next to nothing lives.
	mostPercent = 400
	// leastPercent is what it comes to where much does.
	leastPercent = 75
)

var sparing sync.Once

// spareTheCollector lets the heap grow by what is to spare, unless GOGC says otherwise. A
// check of a large table has much alive for a moment: five times of that would be far more
// memory than the gateway needs.
func spareTheCollector() {
	if os.Getenv("GOGC") == "" {
		sparing.Do(func() {
			debug.SetGCPercent(mostPercent)
			afterEachCollection(mostPercent)
		})
	}
}

// afterEachCollection looks at what lives when the next collection has ended, and after each
// one behind it.
func afterEachCollection(percent int) {
	runtime.AddCleanup(new(*int), func(percent int) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if next := percentFor(live[0].Value.Uint64()); next != percent {
			debug.SetGCPercent(next) // it stops the world for a moment
			percent = next
		}
		afterEachCollection(percent)
	}, percent)
}

// percentFor is how much the heap may grow, in per cent of what lives, by steps.
func percentFor(live uint64) int {
	const step = 25
	left := uint64(spare) - min(live/2, spare)
	percent := left * 100 / max(live, 1) / step * step
	return int(min(max(percent, leastPercent), mostPercent))
}
