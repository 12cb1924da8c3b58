package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"relais/app"
	"relais/config"
)

// TestEndAskedForAtTheStart is an end in good order, and no failure.
func TestEndAskedForAtTheStart(t *testing.T) {
	settings, err := config.Load("", func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	settings.Data, settings.Listen = t.TempDir(), "127.0.0.1:0"
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var log strings.Builder
	err = serve(ctx, settings, slog.New(slog.NewTextHandler(&log, nil)), func(*app.App) error { return nil })
	if err != nil || !strings.Contains(log.String(), "stopped before the gateway was ready") {
		t.Errorf("serve: %v; its log:\n%s", err, log.String())
	}
}
