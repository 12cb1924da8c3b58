package trace

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync/atomic"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// exporter tells the log when the collector begins to fail, and when it is back:
// once each. The library would print every failure, on its own logger.
type exporter struct {
	sdk.SpanExporter

	ending  context.Context // ends what a stop will not wait for
	log     *slog.Logger
	failing atomic.Bool
}

// ExportSpans implements sdk.SpanExporter.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ending, cancel)() //nolint:contextcheck // either ends it
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch failed := err != nil; {
	case e.failing.Swap(failed) == failed:
	case failed:
		e.log.Warn("the collector takes no traces: they are dropped until it does",
			"spans", len(spans), "error", plain(err))
	default:
		e.log.Info("the collector takes traces again")
	}
	return nil // it was told
}

// longest is how much of an answer of the collector stands in the log.
const longest = 200

// plain leaves out the address, which is in the configuration.
func plain(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	text := err.Error()
	return text[:min(len(text), longest)]
}
