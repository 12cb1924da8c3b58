package ovh

import (
	"strings"
	"testing"

	"relais/sms"
)

// TestTableIsTheSchema: the schema has 124 operations, and what is built is
// among them.
func TestTableIsTheSchema(t *testing.T) {
	built, operations := answers(), 0
	for _, r := range routes() {
		if strings.HasPrefix(r.path, "/sms") {
			operations++
			delete(built, r.method+" "+strings.Replace(r.path, "/sms/{serviceName}", "S", 1))
		}
	}
	if operations != 124 {
		t.Errorf("%d operations, want 124", operations)
	}
	for path := range built {
		t.Errorf("%s is built and no operation", path)
	}
}

// TestEveryStateHasItsNumbers: each ptt that is given is one that is explained.
func TestEveryStateHasItsNumbers(t *testing.T) {
	for _, reason := range sms.Reasons {
		m := sms.Message{Status: sms.Undelivered, Reason: string(reason)}
		if _, ptt := stateOf(&m); ptts[ptt].description == "" {
			t.Errorf("%s has the ptt %d, which has no words", reason, ptt)
		}
	}
	for _, status := range sms.Statuses {
		m := sms.Message{Status: status}
		if receipt, ptt := stateOf(&m); ptts[ptt].description == "" || status.Final() &&
			status != sms.Canceled && receipt == 0 {
			t.Errorf("%s has %d and %d", status, receipt, ptt)
		}
	}
}
