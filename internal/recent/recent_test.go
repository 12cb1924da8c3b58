package recent

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Answers[string, int64]
		var asked atomic.Int64
		read := func(takes time.Duration) func(context.Context) (int64, error) {
			return func(context.Context) (int64, error) {
				time.Sleep(takes)
				return asked.Add(1), nil
			}
		}
		get := func(question string, takes time.Duration, want int64) {
			t.Helper()
			got, err := a.Get(t.Context(), question, read(takes))
			if err != nil || got.Value != want {
				t.Errorf("%s: %d, %v, want %d", question, got.Value, err, want)
			}
		}
		get("cheap", time.Millisecond, 1)
		get("cheap", time.Millisecond, 2)

		get("dear", time.Second, 3)
		begun := time.Now()
		get("dear", time.Second, 3) // fresh
		time.Sleep(fresh * time.Second)
		get("dear", time.Second, 3) // given away once more, and made anew behind
		get("dear", time.Second, 3) // not twice
		if took := time.Since(begun); took != fresh*time.Second {
			t.Errorf("somebody waited %v", took-fresh*time.Second)
		}
		time.Sleep(2 * time.Second)
		get("dear", time.Second, 4)
		time.Sleep(stale * time.Second)
		get("dear", time.Second, 5) // too old: who asks waits
		get("other", time.Second, 6)
	})
}

func TestNoAnswerOlderThanLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Answers[int, time.Time]
		read := func(context.Context) (time.Time, error) {
			now := time.Now()
			time.Sleep(time.Minute)
			return now, nil
		}
		if _, err := a.Get(t.Context(), 0, read); err != nil {
			t.Fatal(err)
		}
		time.Sleep(Longest)
		got, err := a.Get(t.Context(), 0, read)
		if err != nil || time.Since(got.At) > Longest {
			t.Errorf("an answer of %v ago, %v", time.Since(got.At), err)
		}
	})
}

func TestErrorsAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Answers[int, int]
		failure := errors.New("no")
		slow := func(ctx context.Context) (int, error) { time.Sleep(time.Second); return 1, nil }
		wrong := func(ctx context.Context) (int, error) { return 0, failure }
		if _, err := a.Get(t.Context(), 0, wrong); !errors.Is(err, failure) {
			t.Errorf("error %v", err)
		}
		if _, err := a.Get(t.Context(), 0, slow); err != nil {
			t.Fatal(err)
		}
		time.Sleep(fresh * time.Second)
		if _, err := a.Get(t.Context(), 0, wrong); err != nil {
			t.Errorf("who asks when it is made anew behind: %v", err)
		}
		synctest.Wait()
		if _, err := a.Get(t.Context(), 0, wrong); !errors.Is(err, failure) {
			t.Errorf("the error behind is hidden: %v", err)
		}
	})
}

func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Answers[int, int]
		for question := range 2 * mostKept {
			if _, err := a.Get(t.Context(), question, func(context.Context) (int, error) {
				time.Sleep(Cheap)
				return 0, nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if len(a.kept) != mostKept {
			t.Errorf("%d answers are kept, want %d", len(a.kept), mostKept)
		}
	})
}
