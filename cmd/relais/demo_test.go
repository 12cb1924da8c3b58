package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/cmd/relais/terminal"
)

// TestDemoInJSON reads standard output whole: nothing but the result may be
// there.
func TestDemoInJSON(t *testing.T) {
	var out, errs strings.Builder
	if code := run([]string{"demo", "--once", "--json"}, terminal.Terminal{
		Stdout: &out, Stderr: &errs,
	}); code != exitDone || errs.Len() > 0 {
		t.Fatalf("exit code %d, stderr %q", code, errs.String())
	}
	var got demoResult
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if len(got.Messages) != len(demoMessages) {
		t.Fatalf("%d messages, want %d", len(got.Messages), len(demoMessages))
	}
	for i, m := range got.Messages {
		want := demoMessages[i].request
		if m.Status != client.Delivered || m.Connector != want.Connector || m.ProviderID == "" {
			t.Errorf("message %d is %s through %s with id %q", i, m.Status, m.Connector, m.ProviderID)
		}
		var codes []string
		for _, e := range m.Timeline {
			if e.Code != "operator_accepted" { // missing where the receipt came first
				codes = append(codes, e.Code)
			}
		}
		if diff := cmp.Diff([]string{"accepted", "attempt", "delivered"}, codes); diff != "" {
			t.Errorf("timeline of message %d (-want +got):\n%s", i, diff)
		}
		if len(m.Handset) != 1 || m.Handset[0].Text != want.Text || m.Handset[0].From != want.Sender ||
			m.Handset[0].At.IsZero() {
			t.Errorf("handset of message %d: %+v", i, m.Handset)
		}
	}
}
