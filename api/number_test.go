package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"relais/api"
	"relais/gateway"
	"relais/number"
	"relais/reason"
)

// A repaired number is told in the answer, in the preview's decision about the number, and
// in the timeline; one that cannot be is refused in the words of its country.
func TestNumbersThatCannotExist(t *testing.T) {
	for _, tc := range []struct {
		name, raw, want  string
		warning, refused reason.Code
		detail           string
	}{
		{"repaired", "+352 (0)621 123 456", "+352621123456", number.CodeRepaired, "", ""},
		{"Saint-Pierre", "+508 0508 55 12 34", "+508551234", number.CodeRepaired, "", ""},
		{"an old form", "+5215512345678", "+525512345678", number.CodeRepaired, "", ""},
		{"of no known block", "+32 410 12 34 56", "+32410123456", number.CodeUnassigned, "", ""},
		{"right", "+352 621 123 456", "+352621123456", "", "", ""},
		{"a machine's of ten digits", "0700112233", "", "", number.CodeTooShort, "14 digits"},
		{"a machine's", "07001122334455", "", "", number.CodeMachine, "allow_machines"},
		{"too long for Mexico", "+52 55 1234 56789", "", "", number.CodeTooLong, "+52 has 10 digits"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t)
			body := `{"to":["` + tc.raw + `","+33639980001"],"text":"x"}`
			var preview api.PreviewAnswer
			d.post("/v1/messages/preview", body).as(http.StatusOK, &preview)
			if tc.refused != "" {
				if len(preview.Rejected) != 1 || preview.Rejected[0].Code != string(tc.refused) ||
					!strings.Contains(preview.Rejected[0].Detail, tc.detail) {
					t.Errorf("rejected %v, want %s", preview.Rejected, tc.refused)
				}
				return
			}
			m := preview.Messages[0]
			if string(m.To) != tc.want {
				t.Fatalf("to %s, want %s", string(m.To), tc.want)
			}
			if corrected := strings.Contains(
				m.Decisions[0].Detail, "after a correction",
			); corrected != (tc.warning == number.CodeRepaired) {
				t.Errorf("the number is decided so: %q", m.Decisions[0].Detail)
			}
			told := slices.ContainsFunc(preview.Warnings, func(w api.Warning) bool {
				return w.Code == string(tc.warning) && w.To == tc.raw
			})
			if told != (tc.warning != "") {
				t.Errorf("warnings %v, want %q", preview.Warnings, tc.warning)
			}
			var stored api.MessageWithTimeline
			d.get("/v1/messages/"+d.submit(body).Messages[0].ID.String()).as(http.StatusOK, &stored)
			if stored.Decisions[0] != m.Decisions[0] {
				t.Errorf("the timeline says %q, the preview %q",
					stored.Decisions[0].Detail, m.Decisions[0].Detail)
			}
		})
	}
}

func TestMachinesAreAllowed(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) {
		g.Account = func(name string) gateway.Account {
			return gateway.Account{Name: name, Region: "FR", Numbers: number.Policy{Machines: true}}
		}
	})
	sent := d.submit(`{"to":"0700 11 22 33 44 55","text":"x"}`).Messages
	if len(sent) != 1 || sent[0].To != "+337001122334455" {
		t.Errorf("sent to %v", sent)
	}
}

// What is looked up may be of any kind, though no message goes there.
func TestNumbersAreLookedUp(t *testing.T) {
	d := open(t)
	for _, raw := range []string{"0123456789", "0800123456", "07001122334455"} {
		d.do(request{method: "PUT", path: "/v1/opt-outs/" + raw, body: "{}"}).as(http.StatusOK,
			&api.OptOutState{})
		d.get("/v1/messages?to="+raw).as(http.StatusOK, &api.MessageList{})
	}
}
