package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestSeldom: work that finds nothing is done again after twenty times what it took, five
// seconds at most; work that finds something, or fails, at once.
func TestSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s seldom
		done := 0
		do := func(took time.Duration, useful bool, err error) {
			_ = s.do(func() (bool, error) {
				done++
				<-time.After(took)
				return useful, err
			})
		}
		for _, step := range []struct {
			took   time.Duration
			useful bool
			err    error
			pause  time.Duration
			want   int
		}{
			{time.Second, true, nil, 0, 1},
			{time.Second, false, errors.New("no"), 0, 2},
			{50 * time.Millisecond, false, nil, 0, 3},
			{50 * time.Millisecond, false, nil, 999 * time.Millisecond, 3},
			{50 * time.Millisecond, false, nil, time.Millisecond, 3},
			{time.Second, false, nil, 0, 4},
			{time.Second, false, nil, 4999 * time.Millisecond, 4},
			{time.Second, false, nil, time.Millisecond, 4},
			{time.Second, true, nil, 0, 5},
			{time.Second, true, nil, 0, 6},
		} {
			do(step.took, step.useful, step.err)
			if done != step.want {
				t.Errorf("%+v: done %d times", step, done)
			}
			<-time.After(step.pause)
		}
	})
}

// TestTurnsFollowWhatLeaves: a lane that sends fast is looked at often, a slow one once a second.
func TestTurnsFollowWhatLeaves(t *testing.T) {
	var k course
	for _, step := range []struct {
		room int
		want time.Duration
	}{
		{2000, busy},
		{10, 2 * busy},
		{10, 4 * busy},
		{10, 8 * busy},
		{10, look},
		{700, look},
		{1500, look / 2},
		{1500, look / 4},
		{2000, look / 8},
		{2000, busy},
	} {
		if got := k.until(step.room, 2000); got != step.want {
			t.Errorf("room %d: %v, want %v", step.room, got, step.want)
		}
	}
}
