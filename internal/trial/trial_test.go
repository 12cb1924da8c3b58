package trial_test

import (
	"slices"
	"testing"
	"time"

	"relais/internal/trial"
)

func TestReachedTellsTheListener(t *testing.T) {
	trial.Reached(trial.Accepted) // nobody listens
	var got []trial.Step
	trial.Listen(func(s trial.Step) { got = append(got, s) })
	defer trial.Listen(func(trial.Step) {})
	for _, s := range trial.Steps {
		trial.Reached(s)
	}
	if !slices.Equal(got, trial.Steps) {
		t.Errorf("got %v, want %v", got, trial.Steps)
	}
}

func TestClockIsTheMachinesUntilItIsMoved(t *testing.T) {
	defer trial.MoveClock(0)
	for _, by := range []time.Duration{0, time.Hour, -time.Hour, 0} {
		trial.MoveClock(by)
		if off := time.Until(trial.Now()) - by; off.Abs() > time.Minute {
			t.Errorf("moved by %v: the clock is off by %v", by, off)
		}
	}
}
