package connector

import "time"

// MinutesLeft is a validity for operators that count in whole minutes. It
// rounds up: a message must not expire at the operator while it is still worth
// sending here. It is at least 1, and 0 when end is zero: the operator's own
// validity.
func MinutesLeft(end, now time.Time) int64 {
	if end.IsZero() {
		return 0
	}
	return max(1, int64((end.Sub(now)+time.Minute-1)/time.Minute))
}
