// Package trace sends OpenTelemetry traces of messages to a collector: the request
// that brought one, its acceptance, the call to the operator, the receipt, and
// the webhook. It alone knows OpenTelemetry.
//
// Each span has a method of its own here, which chooses what the span tells: no
// number, no text and no secret. A nil [Tracer] is one that is off: it makes nothing.
//
// Start reading at [Open], then [Tracer.Request].
package trace
