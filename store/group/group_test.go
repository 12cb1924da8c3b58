package group_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"relais/store/group"
)

var errBad = errors.New("bad")

// held is a group whose writer waits in its first transaction until it is released,
// so that what is handed over meanwhile is one group.
type held struct {
	*group.Group[int]
	release chan struct{}
	written chan []int
}

func hold(t *testing.T, nothingKept bool) *held {
	t.Helper()
	h := &held{release: make(chan struct{}), written: make(chan []int, 100)}
	h.Group = group.Start(group.Writing[int]{
		Writers: 1, Yields: 8, NothingKept: func(error) bool { return nothingKept },
		Write: func(requests []int) error {
			if requests[0] == 0 {
				h.written <- nil
				<-h.release
				return nil
			}
			h.written <- slices.Clone(requests)
			if slices.Contains(requests, -1) {
				return errBad
			}
			return nil
		},
	})
	t.Cleanup(h.Stop)
	h.hand(t, 0)
	<-h.written
	return h
}

func (h *held) hand(t *testing.T, requests ...int) (fates []<-chan error) {
	t.Helper()
	for _, r := range requests {
		fate, err := h.Hand(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		fates = append(fates, fate)
	}
	return fates
}

func TestWhatWaitsSharesATransaction(t *testing.T) {
	h := hold(t, true)
	fates := h.hand(t, 1, 2, 3)
	close(h.release)
	for i, fate := range fates {
		if err := <-fate; err != nil {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if got := <-h.written; !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("the transaction had %v, want all three", got)
	}
}

func TestTheGuiltyFailsAlone(t *testing.T) {
	h := hold(t, true)
	fates := h.hand(t, 1, -1, 2)
	close(h.release)
	if errs := []error{<-fates[0], <-fates[1], <-fates[2]}; errs[0] != nil || !errors.Is(errs[1], errBad) ||
		errs[2] != nil {
		t.Errorf("answers %v, want an error for the second alone", errs)
	}
}

func TestWhatMayBeKeptIsNotWrittenAgain(t *testing.T) {
	h := hold(t, false)
	fates := h.hand(t, 1, -1)
	close(h.release)
	for i, fate := range fates {
		if err := <-fate; !errors.Is(err, errBad) {
			t.Errorf("request %d: %v, want the error of the transaction", i, err)
		}
	}
	h.Stop()
	if <-h.written; len(h.written) != 0 {
		t.Errorf("%d further transactions, want none", len(h.written))
	}
}

func TestStoppedGroupTakesNothingAndAnswersAll(t *testing.T) {
	h := hold(t, true)
	fates := h.hand(t, 1)
	close(h.release)
	h.Stop()
	if err := <-fates[0]; err != nil {
		t.Errorf("a request from before: %v", err)
	}
	if err := h.Do(t.Context(), 2); err == nil {
		t.Error("a request was taken after the end")
	}
}

func TestEndedContextHandsNothingOver(t *testing.T) {
	h := hold(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hand(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(h.release)
}
