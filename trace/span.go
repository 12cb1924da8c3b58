package trace

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	otel "go.opentelemetry.io/otel/trace"

	"relais/sms"
)

// The attributes of our own. Those of HTTP have the names that OpenTelemetry's
// semantic conventions give them.
const (
	keyDoor      = attribute.Key("relais.door")
	keyAccount   = attribute.Key("relais.account")
	keyConnector = attribute.Key("relais.connector")
	keyClass     = attribute.Key("relais.class")
	keyMessage   = attribute.Key("relais.message")  // the id
	keyMessages  = attribute.Key("relais.messages") // ids, of a call with several
	keyCount     = attribute.Key("relais.count")    // of messages
	keySegments  = attribute.Key("relais.segments")
	keyAttempt   = attribute.Key("relais.attempt")
	keyCode      = attribute.Key("relais.code") // as in the timeline
	keyEvent     = attribute.Key("relais.event")

	keyMethod = attribute.Key("http.request.method")
	keyStatus = attribute.Key("http.response.status_code")
)

// header is W3C Trace Context, section 3.2. We leave out tracestate, which may
// hold anything of anybody's.
const header = "traceparent"

// Span is one piece of work; nil when it is not traced.
type Span struct{ span otel.Span }

// Request begins the span of a request over HTTP, in the trace of its caller when
// that names one. Neither path nor query are told: they hold numbers and secrets.
func (t *Tracer) Request(r *http.Request, door string) (*http.Request, *Span) {
	if t == nil {
		return r, nil
	}
	method := known(r.Method)
	parent := parse(r.Context(), r.Header.Get(header))
	ctx, span := t.tracer.Start(otel.ContextWithRemoteSpanContext(r.Context(), parent), method+" "+door,
		otel.WithSpanKind(otel.SpanKindServer),
		otel.WithAttributes(keyDoor.String(door), keyMethod.String(method)))
	return r.WithContext(ctx), &Span{span}
}

// known keeps a caller from writing into a trace by its method.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "_OTHER" // as the semantic conventions want it
}

// Answered ends the span of a request.
func (s *Span) Answered(status int) {
	if s == nil {
		return
	}
	s.span.SetAttributes(keyStatus.Int(status))
	s.end(status >= http.StatusInternalServerError)
}

// Accept begins the span of the write that makes messages durable.
func (t *Tracer) Accept(ctx context.Context) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(ctx, "accept")
	return ctx, &Span{span}
}

// Accepted ends it. first is one of count messages of a submission.
func (s *Span) Accepted(first *sms.Message, count int, err error) {
	if s == nil {
		return
	}
	s.span.SetAttributes(keyAccount.String(first.Account), keyClass.String(string(first.Class)),
		keyConnector.String(first.Connector), keySegments.Int(first.Segments), keyCount.Int(count))
	if count == 1 {
		s.span.SetAttributes(keyMessage.String(first.ID.String()))
	}
	s.end(err != nil)
}

// Parent is the W3C traceparent of what follows from the span; empty for nil.
func (s *Span) Parent() string {
	if s == nil {
		return ""
	}
	return traceparent(s.span.SpanContext())
}

// Call begins the span of one call to an operator. It stands in the trace of its
// first message that has one, and is linked to those of the others.
func (t *Tracer) Call(ctx context.Context, connector string, batch []sms.Message) *Span {
	if t == nil {
		return nil
	}
	parent, others := parents(ctx, batch)
	if !parent.IsValid() {
		return nil // accepted while nothing was traced
	}
	links := make([]otel.Link, len(others))
	for i, other := range others {
		links[i] = otel.Link{SpanContext: other}
	}
	_, span := t.tracer.Start(otel.ContextWithRemoteSpanContext(ctx, parent), "submit",
		otel.WithSpanKind(otel.SpanKindClient), otel.WithLinks(links...),
		otel.WithAttributes(keyConnector.String(connector)))
	if span.IsRecording() {
		span.SetAttributes(ofBatch(batch)...)
	}
	return &Span{span}
}

// parents are the traces of a batch, each once, one that is sent first.
func parents(ctx context.Context, batch []sms.Message) (first otel.SpanContext, others []otel.SpanContext) {
	seen := map[string]bool{"": true}
	for i := range batch {
		if seen[batch[i].Trace] {
			continue
		}
		seen[batch[i].Trace] = true
		switch c := parse(ctx, batch[i].Trace); {
		case c.IsSampled() && !first.IsSampled(), c.IsValid() && !first.IsValid():
			first = c
		case c.IsSampled():
			others = append(others, c)
		}
	}
	return first, others
}

// mostIDs bounds the ids in one span.
const mostIDs = 100

// ofBatch tells of a batch what its messages have in common.
func ofBatch(batch []sms.Message) []attribute.KeyValue {
	first, segments := &batch[0], 0
	var ids []string
	account, class, attempt := true, true, true
	for i := range batch {
		m := &batch[i]
		segments += m.Segments
		account, class, attempt = account && m.Account == first.Account, class &&
			m.Class == first.Class, attempt && m.Attempt == first.Attempt
		if i < mostIDs {
			ids = append(ids, m.ID.String())
		}
	}
	all := []attribute.KeyValue{keyCount.Int(len(batch)), keySegments.Int(segments)}
	if account {
		all = append(all, keyAccount.String(first.Account))
	}
	if class {
		all = append(all, keyClass.String(string(first.Class)))
	}
	if attempt {
		all = append(all, keyAttempt.Int(first.Attempt))
	}
	if len(batch) == 1 {
		return append(all, keyMessage.String(ids[0]))
	}
	return append(all, keyMessages.StringSlice(ids))
}

// Settled ends the span of a call with the codes of what follows from it. The
// operator's own words are in the timeline alone: they may repeat a number.
func (s *Span) Settled(transitions []sms.Transition) {
	if s == nil {
		return
	}
	var told []string
	failed := false
	for i := range transitions {
		failed = failed || transitions[i].To != sms.Submitted
		if code := transitions[i].Event.Code; !slices.Contains(told, code) {
			told = append(told, code)
		}
	}
	s.span.SetAttributes(keyCode.String(strings.Join(told, ",")))
	s.end(failed)
}

// Receipts tells of receipts that moved messages: a span in the trace of each,
// linked to the request that brought them when there was one.
func (t *Tracer) Receipts(
	ctx context.Context, connector string, begun time.Time, accounts []string, ids []sms.ID,
) {
	if t == nil {
		return
	}
	for i, id := range ids {
		parent, traced := t.message(ctx, accounts[i], id)
		if !traced {
			continue
		}
		options := []otel.SpanStartOption{
			otel.WithTimestamp(begun),
			otel.WithAttributes(keyMessage.String(id.String()), keyAccount.String(accounts[i]),
				keyConnector.String(connector)),
		}
		if push := otel.SpanContextFromContext(ctx); push.IsSampled() {
			options = append(options, otel.WithLinks(otel.Link{SpanContext: push}))
		}
		_, span := t.tracer.Start(otel.ContextWithRemoteSpanContext(ctx, parent), "receipt", options...)
		span.End()
	}
}

// Webhook begins the span of a request that tells of a message, in the message's
// trace, and names the span in the request.
func (t *Tracer) Webhook(r *http.Request, event, account string, message sms.ID, attempt int) *Span {
	if t == nil {
		return nil
	}
	parent, traced := t.message(r.Context(), account, message)
	if !traced {
		return nil
	}
	_, span := t.tracer.Start(otel.ContextWithRemoteSpanContext(r.Context(), parent), "webhook",
		otel.WithSpanKind(otel.SpanKindClient), otel.WithAttributes(keyMessage.String(message.String()),
			keyAccount.String(account), keyEvent.String(event), keyAttempt.Int(attempt)))
	r.Header.Set(header, traceparent(span.SpanContext()))
	return &Span{span}
}

// Taken ends the span of a webhook: status 0 is no answer.
func (s *Span) Taken(status int, err error) {
	if s == nil {
		return
	}
	if status > 0 {
		s.span.SetAttributes(keyStatus.Int(status))
	}
	s.end(err != nil)
}

func (s *Span) end(failed bool) {
	if failed {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// message is the trace that a message was accepted in.
func (t *Tracer) message(ctx context.Context, account string, id sms.ID) (otel.SpanContext, bool) {
	text, err := t.of(ctx, account, id)
	if err != nil {
		t.log.Warn("cannot read the trace of a message", "message", id.String(), "error", err)
		return otel.SpanContext{}, false
	}
	parent := parse(ctx, text)
	return parent, parent.IsValid()
}

// parse reads a traceparent; a wrong one gives the zero value, whatever ctx holds.
func parse(ctx context.Context, text string) otel.SpanContext {
	empty := otel.ContextWithSpanContext(ctx, otel.SpanContext{})
	return otel.SpanContextFromContext(propagation.TraceContext{}.Extract(empty,
		propagation.MapCarrier{header: text}))
}

// traceparent writes version 00, which has one flag.
func traceparent(c otel.SpanContext) string {
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" +
		(c.TraceFlags() & otel.FlagsSampled).String()
}
