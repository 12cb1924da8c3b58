package sqlite

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPingDoesNotHangOnAWriterThatDoes(t *testing.T) {
	s := openForTest(t)
	release := s.holdWriter(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ping: %v, want the end of its time", err)
	}
	release()
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping after the writer went on: %v", err)
	}
}

func TestPingOfAClosedStoreIsNotRemembered(t *testing.T) {
	s := openForTest(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a closed store is ready")
	}
}
