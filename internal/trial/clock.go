package trial

import (
	"sync/atomic"
	"time"
)

var shift atomic.Int64 // nanoseconds

// Now is the time of the program's clock: the machine's, unless a test has moved
// it.
func Now() time.Time {
	now := time.Now()
	if by := shift.Load(); by != 0 {
		return now.Add(time.Duration(by))
	}
	return now
}

// MoveClock makes Now run ahead of the machine's clock, or behind it when by is
// negative.
func MoveClock(by time.Duration) { shift.Store(int64(by)) }
