package webhook_test

import (
	"context"
	"errors"
	"testing"

	"relais/webhook"
)

// TestTurnEndsWithItsContext: who waits behind an event that never goes is let go.
func TestTurnEndsWithItsContext(t *testing.T) {
	before := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := webhook.NewTurn(before).Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(before)
	if err := webhook.NewTurn(before).Wait(t.Context()); err != nil {
		t.Errorf("in its turn: %v", err)
	}
	var none *webhook.Turn
	if err := none.Wait(ctx); err != nil {
		t.Errorf("nothing stands before none: %v", err)
	}
}
