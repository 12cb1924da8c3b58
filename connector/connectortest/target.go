package connectortest

import (
	"net/http"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

// Target is a connector under test and its operator's good manners.
type Target struct {
	// Open makes an instance that calls the operator at baseURL and uses env.
	Open func(t *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts)

	// Accept writes the operator's ordinary good answer: every message of the
	// request is taken. It also answers the requests that Preliminary names.
	Accept func(w http.ResponseWriter, r *http.Request, body []byte)

	// Preliminary names the requests that come before the one that submits
	// (OVH's /auth/time). The suite neither faults nor counts them. Nil when
	// there are none.
	Preliminary func(r *http.Request) bool

	// Secrets must never be seen: put here every credential that Open uses.
	Secrets []string

	// ProviderID is the id that Accept gives to a message; the suite checks the
	// order of outcomes by it. It must not contain the number. Nil when the
	// operator's ids cannot be told apart by message.
	ProviderID func(m sms.Message) string

	// Refuse lists the operator's refusals, and what they must lead to.
	Refuse []Case

	// Partial is the operator's answer when it takes a part of a batch. Nil
	// when it takes all or nothing.
	Partial *Partial
}

// Case is one answer of the operator that is not a plain yes.
type Case struct {
	Name       string
	Messages   int // how many are offered; 0 means 1
	Status     int // 0 means 200
	Header     http.Header
	Body       string          // {to} and {text} become those of the first message
	Fault      connector.Fault // wanted, of every message
	Code       string          // wanted in connector.Error.Code, to the letter
	RetryAfter time.Duration   // wanted in connector.Error.RetryAfter
}

// Partial is an answer that takes some messages of a batch and not others.
type Partial struct {
	// Answer takes every message of the request but those to the refused numbers.
	Answer func(w http.ResponseWriter, r *http.Request, body []byte, refused []sms.Number)
	Fault  connector.Fault // wanted, of each refused message
	Code   string          // wanted in connector.Error.Code, to the letter
}
