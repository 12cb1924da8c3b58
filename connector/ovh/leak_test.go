package ovh

import (
	"testing"

	"go.uber.org/goleak"
)

// A reading of the clock outlives the call that began it, up to clockTimeout,
// because other calls may wait for it. The conformance suite's dial that nobody
// answers ends with it.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("relais/connector/ovh.(*api).joinReading.func1"),
		goleak.IgnoreAnyFunction("relais/connector/connectortest.silentDial.func1.1"),
	)
}
