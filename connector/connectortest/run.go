package connectortest

import "testing"

// rules are the suite. Each name states what a connector must do.
var rules = []struct {
	name  string
	check func(t *testing.T, target Target)
}{
	{"every message of a batch has its outcome, in order", acceptsBatches},
	{"calls may overlap", acceptsOverlap},
	{"a part of a batch may be refused", acceptsPartially},
	{"each refusal leads to its fault", refuses},
	{"429 is throttled, with the delay asked for", throttles},

	{"a refused connection is temporary", refusedConnection},
	{"a connection that never opens is temporary", silentDial},
	{"a TLS handshake that never ends is temporary", silentHandshake},
	{"a certificate that nobody trusts is temporary", untrustedCertificate},
	{"a context that has ended sends nothing and is temporary", endedContext},

	{"no answer after the request is uncertain, and not sent again", lostAnswers},
	{"a kept connection that closes is uncertain, and not sent again", lostKeptConnection},
	{"a time-out after the request is uncertain, and Submit returns", timeOuts},
	{"an answer without sense is uncertain", senselessAnswers},
	{"an answer that repeats the request gives nothing away", echoes},
	{"a cut answer proves nothing", cutAnswers},
	{"an answer without end is uncertain", hugeAnswer},
	{"a redirection is uncertain, and not followed", redirections},

	{"a lookup obeys its context", lookupObeys},
	{"a lookup without a clear answer proves nothing", lookupDoubts},
	{"a balance obeys its context", balanceObeys},
	{"a balance is never made up", balanceDoubts},
	{"a tariff obeys its context", tariffObeys},
	{"a tariff is never made up", tariffDoubts},
	{"a list of senders obeys its context", sendersObey},
	{"a list of senders is never made up", sendersDoubt},
	{"a check-up obeys its context", checkObeys},
	{"a check-up of an operator out of order finds a failure", checkFails},
}

// Run checks target against every rule. The rules about an ability that the
// connector does not have pass.
//
// Whatever the rule, the suite also fails when a secret, a number or a text
// shows in an error or, at debug level, in the log.
func Run(t *testing.T, target Target) {
	t.Helper()
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) { rule.check(t, target) })
	}
}
