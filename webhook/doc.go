// Package webhook tells callers' systems what happened: signed requests to
// their endpoints, kept in an outbox until they are taken.
//
// The outbox row is written by whoever changes a message, in the same
// transaction (the stores do it). This package knows the kinds of event, who
// wants which, and how an event leaves: event.go, endpoint.go, then deliver.go;
// format.go for callers that were built for another gateway.
// It changes no message.
package webhook
