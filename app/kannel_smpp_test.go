package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox"
	"relais/sandbox/smsc"
	simworld "relais/sandbox/world"
)

// kannelSMPP is a group of Kannel that binds to an SMSC as a transceiver.
const kannelSMPP = `group = smsc
smsc = smpp
smsc-id = sandbox
host = %s
port = %s
transceiver-mode = true
smsc-username = %s
smsc-password = %s
system-type = ""
address-range = ""
`

// TestKannelBindsToTheSMSC has a real Kannel as the ESME of the simulated SMSC: texts in every
// alphabet, long ones that it cuts itself, flash and binary, and its delivery reports.
func TestKannelBindsToTheSMSC(t *testing.T) {
	operators := simulate(t, sandbox.Options{})
	host, port, _ := strings.Cut(operators.SMSC().Address(), ":")
	k := startKannelWith(t, fmt.Sprintf(kannelSMPP, host, port, smsc.SystemID, smsc.Password))
	reports := listen(t)
	long := strings.Repeat("Réunion à 9 h. ", 20) // 300 characters: two parts
	wide := strings.Repeat("œuvre 🎉 ", 12)        // 108 units: two parts
	for i, tc := range []struct {
		name string
		more url.Values
		want simworld.Text
	}{
		{"GSM", url.Values{"text": {"Réunion à 9 h @£$_€[Ç"}}, simworld.Text{Text: "Réunion à 9 h @£$_€[Ç"}},
		{"UCS-2", url.Values{"text": {"œuvre 🎉"}, "coding": {"2"}}, simworld.Text{Text: "œuvre 🎉"}},
		{"long", url.Values{"text": {long}}, simworld.Text{Text: long}},
		{"long in UCS-2", url.Values{"text": {wide}, "coding": {"2"}}, simworld.Text{Text: wide}},
		{"flash", url.Values{"text": {"Alerte"}, "mclass": {"0"}}, simworld.Text{Kind: simworld.Flash, Text: "Alerte"}},
		{
			"binary",
			url.Values{"text": {"\xdc\x06\x01\xae"}, "udh": {"\x06\x05\x04\x0b\x84\x23\xf0"}, "coding": {"1"}},
			simworld.Text{Kind: simworld.Binary, Data: "dc0601ae", UDH: "0605040b8423f0"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			number := fmt.Sprintf("+336399801%02d", i)
			asked := url.Values{
				"username": {"tester"}, "password": {"foobar"}, "from": {"Mairie"}, "to": {number}, "charset": {"UTF-8"},
				"dlr-mask": {"3"}, "dlr-url": {reports.URL + "?type=%d&to=" + url.QueryEscape(number)},
			}
			maps.Copy(asked, tc.more)
			answer, err := http.Get(k.sendsms + "?" + asked.Encode())
			if err != nil {
				t.Fatal(err)
			}
			if answer.Body.Close(); answer.StatusCode != http.StatusAccepted {
				t.Fatalf("smsbox answered %d", answer.StatusCode)
			}
			await(t, "the text", patience, func() bool { return len(operators.Handset(number)) > 0 })
			await(t, "the report", patience, func() bool { return reports.of(number) != "" })
			got := operators.Handset(number)
			tc.want.From, tc.want.Operator = "Mairie", simworld.SMSC
			tc.want.OperatorID, tc.want.Reference, tc.want.At = got[0].OperatorID, got[0].Reference, got[0].At
			if diff := cmp.Diff([]simworld.Text{tc.want}, got); diff != "" {
				t.Errorf("on the handset (-want +got):\n%s", diff)
			}
			if report := reports.of(number); !strings.HasPrefix(report, "1") {
				t.Errorf("reports %q, want delivered", report)
			}
		})
	}
}
