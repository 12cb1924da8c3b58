package httpapi

import (
	"testing"

	"go.uber.org/goleak"
)

// The dial of the suite that nobody answers ends with its test.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("relais/connector/connectortest.silentDial.func1.1"))
}
