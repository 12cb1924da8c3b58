package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestSeldom: work that finds nothing is done again after twenty times what it took; work that
// finds something, or fails, at once.
func TestSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s seldom
		done := 0
		do := func(useful bool, err error) {
			_ = s.do(func() (bool, error) {
				done++
				<-time.After(time.Second)
				return useful, err
			})
		}
		for _, step := range []struct {
			useful bool
			err    error
			pause  time.Duration
			want   int
		}{
			{true, nil, 0, 1},
			{false, errors.New("no"), 0, 2},
			{false, nil, 0, 3},
			{false, nil, 19 * time.Second, 3},
			{false, nil, time.Second, 3},
			{true, nil, 0, 4},
			{true, nil, 0, 5},
		} {
			do(step.useful, step.err)
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
