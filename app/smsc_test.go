package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/sandbox"
	"relais/sandbox/ovh"
	simworld "relais/sandbox/world"
)

// TestMessagesThroughTheSMSC goes the whole way by SMPP: from the API to the handset, and back with
// the receipt and the reply. The connector is the one that a gateway beside a sandbox has.
func TestMessagesThroughTheSMSC(t *testing.T) {
	w := live(t, sandbox.Options{}, "")
	long := strings.Repeat("Réunion à 9 h. ", 20)
	for i, tc := range []struct {
		name    string
		request client.SubmitRequest
		want    simworld.Text
	}{
		{"text", client.SubmitRequest{Text: "Réunion à 9 h @£$_€["}, simworld.Text{Text: "Réunion à 9 h @£$_€["}},
		{"UCS-2", client.SubmitRequest{Text: "œuvre 🎉"}, simworld.Text{Text: "œuvre 🎉"}},
		{"long", client.SubmitRequest{Text: long}, simworld.Text{Text: long}},
		{"flash", client.SubmitRequest{Kind: client.Flash, Text: "Alerte"}, simworld.Text{Kind: simworld.Flash, Text: "Alerte"}},
		{
			"binary",
			client.SubmitRequest{Kind: client.Binary, Data: "dc0601ae", UDH: "0605040b8423f0"},
			simworld.Text{Kind: simworld.Binary, Data: "dc0601ae", UDH: "0605040b8423f0"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			number := fmt.Sprintf("+336399802%02d", i)
			tc.request.To, tc.request.Connector = []string{number}, "smsc"
			answer, err := w.Submit(t.Context(), tc.request)
			if err != nil {
				t.Fatal(err)
			}
			await(t, "the receipt", patience, func() bool {
				m, err := w.Message(t.Context(), answer.Messages[0].ID)
				return err == nil && m.Status == client.Delivered
			})
			got := w.sandbox.Handset(number)
			if len(got) != 1 {
				t.Fatalf("%d texts on the handset", len(got))
			}
			tc.want.From, tc.want.Operator = ovh.Sender, simworld.SMSC
			tc.want.OperatorID, tc.want.Reference, tc.want.At = got[0].OperatorID, got[0].Reference, got[0].At
			if diff := cmp.Diff(tc.want, got[0]); diff != "" {
				t.Errorf("on the handset (-want +got):\n%s", diff)
			}
			shown, err := w.Message(t.Context(), answer.Messages[0].ID)
			if err != nil || shown.Data != tc.request.Data || shown.UDH != tc.request.UDH || shown.Text != tc.request.Text {
				t.Errorf("shown %+v, %v", shown, err)
			}
		})
	}
	await(t, "the figures of the session", patience, func() bool {
		figures := fetch(t, w.app.URL()+"/metrics")
		return strings.Contains(figures, `relais_sessions{connector="smsc"} 1`) &&
			strings.Contains(figures, `relais_sessions_wanted{connector="smsc"} 1`) &&
			strings.Contains(figures, `relais_window{connector="smsc"} 10`) &&
			strings.Contains(figures, `relais_receipts_unmatched{connector="smsc"} 0`)
	})
	list, err := w.Connectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Items {
		if c.Name != "smsc" {
			continue
		}
		if diff := cmp.Diff(&client.Sessions{Standing: 1, Wanted: 1, Window: 10}, c.Sessions); diff != "" {
			t.Errorf("sessions (-want +got):\n%s", diff)
		}
	}
	// A person who says the same twice has said two things.
	for range 2 {
		if err := w.sandbox.Reply("+33639980200", "", "Oui, à demain"); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "both replies", patience, func() bool {
		var list struct{ Items []struct{ Text string } }
		w.call(t, "GET", "/v1/inbound", "", &list)
		return len(list.Items) == 2 && list.Items[0].Text == "Oui, à demain" && list.Items[1].Text == "Oui, à demain"
	})
}
