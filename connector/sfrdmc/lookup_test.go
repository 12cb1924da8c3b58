package sfrdmc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

func TestCapabilities(t *testing.T) {
	o := newOperator(t, nil)
	got := connector.CapabilitiesOf(o.connect(t, nil)).Names()
	if diff := cmp.Diff(
		[]string{"submit", "callbacks", "poll", "status", "lookup", "check", "senders"}, got,
	); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	id := sms.NewID(clock)
	item := func(messageID string) string {
		return `{"success":true,"response":{"list":[{"messageId":` + messageID + `,"refExt":"` +
			id.String() + `"}],"total":1}}`
	}
	for _, tc := range []struct {
		name, answer string
		want         string // provider id; empty for doubt
	}{
		{"found among others", strings.Replace(testdata(t, "cra.json"), "{ref}", id.String(), 1), "3104450002"},
		{"only others: the filter was ignored", testdata(t, "cra.json"), ""},
		{"none", testdata(t, "cra-none.json"), ""},
		{"bare list", `{"success":true,"response":[{"messageId":3104450001,"refExt":"` + id.String() + `"}]}`, "3104450001"},
		{"quoted id", item(`"3104450001"`), "3104450001"},
		{"id that is none", item(`"inconnu"`), ""},
		{"no id", `{"success":true,"response":{"list":[{"refExt":"` + id.String() + `"}]}}`, ""},
		{"no list", `{"success":true,"response":{"total":0}}`, ""},
		{"no response", `{"success":true}`, ""},
		{"refused", refusal("AUTHENTICATION_FAILED", "", false), ""},
		{"KO", "KO", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t, map[string]string{"getSingleCallCra": tc.answer})
			got, err := connector.CapabilitiesOf(o.connect(t, nil)).Reconciler.Lookup(t.Context(), id)
			if errors.Is(err, connector.ErrNotTaken) {
				t.Errorf("Lookup says not taken: %v", err)
			}
			if (err == nil) != (tc.want != "") || got.ProviderID != tc.want {
				t.Errorf("Lookup = %+v, %v, want id %q", got, err, tc.want)
			}
			if err != nil && connector.FaultOf(err) != connector.Uncertain {
				t.Errorf("fault = %s, want uncertain: %v", connector.FaultOf(err), err)
			}
		})
	}
}

func TestLookupAsksByReference(t *testing.T) {
	id := sms.NewID(clock)
	o := newOperator(t, map[string]string{"getSingleCallCra": testdata(t, "cra-none.json")})
	_, _ = connector.CapabilitiesOf(o.connect(t, nil)).Reconciler.Lookup(t.Context(), id)
	call := o.asked(t)[0]
	if got, want := call.path, "/DmcWS/1.5.8/JsonService/MessagesUnitairesWS/getSingleCallCra"; got != want {
		t.Errorf("path = %s, want %s", got, want)
	}
	var got string
	if err := json.Unmarshal([]byte(call.form.Get("refExt")), &got); err != nil || got != id.String() {
		t.Errorf("refExt = %s, want the id as a JSON string", call.form.Get("refExt"))
	}
}

// A refused connection says nothing of the message, which left earlier.
func TestLookupOfADeadOperatorIsDoubt(t *testing.T) {
	o := newOperator(t, nil)
	o.Close()
	_, err := connector.CapabilitiesOf(o.connect(t, nil)).Reconciler.Lookup(t.Context(), sms.NewID(clock))
	if got := faultWord(err); got != "uncertain" {
		t.Errorf("fault = %s, want uncertain: %v", got, err)
	}
}
