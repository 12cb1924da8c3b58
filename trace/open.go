package trace

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"

	"relais/sms"
)

// Options make a Tracer.
type Options struct {
	Endpoint string  // of the collector, without /v1/traces
	Sample   float64 // share of new traces that are sent
	Header   string  // that has the token
	Token    string  // empty: none
	Version  string  // of the program
	// Of returns the trace that a message was accepted in, empty when there is none.
	Of  func(ctx context.Context, account string, id sms.ID) (traceparent string, err error)
	Log *slog.Logger
}

// Tracer makes spans and sends them from memory, a bounded number of them: what
// the collector does not take in time is dropped. nil is off.
type Tracer struct {
	tracer   otel.Tracer
	provider *sdk.TracerProvider
	client   *http.Client
	cut      context.CancelFunc
	of       func(ctx context.Context, account string, id sms.ID) (string, error)
	log      *slog.Logger
}

// What waits for the collector, and for how long. 2048 spans are some 2 MiB.
const (
	mostWaiting   = 2048
	mostTogether  = 512
	sendEvery     = time.Second
	exportTimeout = 10 * time.Second
	flushTime     = 2 * time.Second
)

// Open makes a tracer. It makes no connection: the collector may come later.
func Open(ctx context.Context, o Options) (*Tracer, error) {
	client := &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
		},
		Timeout: exportTimeout,
		// the token stays with the collector
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	options := []otlptracehttp.Option{
		// OTLP 1.11, "OTLP/HTTP request"
		otlptracehttp.WithEndpointURL(strings.TrimSuffix(o.Endpoint, "/") + "/v1/traces"),
		otlptracehttp.WithHTTPClient(client),
		otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second,
			MaxElapsedTime: exportTimeout,
		}),
	}
	if o.Token != "" {
		options = append(options, otlptracehttp.WithHeaders(map[string]string{o.Header: o.Token}))
	}
	out, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("make the exporter of traces: %w", err)
	}
	ending, cut := context.WithCancel(context.WithoutCancel(ctx))
	provider := sdk.NewTracerProvider(
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Sample))),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "relais"), attribute.String("service.version", o.Version),
		)),
		sdk.WithBatcher(&exporter{SpanExporter: out, ending: ending, log: o.Log},
			sdk.WithMaxQueueSize(mostWaiting), sdk.WithMaxExportBatchSize(mostTogether),
			sdk.WithBatchTimeout(sendEvery), sdk.WithExportTimeout(exportTimeout)),
	)
	return &Tracer{
		tracer: provider.Tracer("relais"), provider: provider, client: client, cut: cut, of: o.Of, log: o.Log,
	}, nil
}

// Stop sends what waits. A collector that does not answer is left after two
// seconds.
func (t *Tracer) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	defer context.AfterFunc(ctx, t.cut)()
	err := t.provider.Shutdown(context.WithoutCancel(ctx)) // the cut ends it
	t.cut()
	t.client.CloseIdleConnections()
	return err
}
