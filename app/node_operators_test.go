//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"relais/app"
	"relais/sandbox"
)

// toldBy is what a client says of a call: its value, or the refusal as it understood it.
type toldBy[T any] struct {
	Value   T
	Status  int
	Code    string
	Message string
}

// The official clients of Brevo, Twilio and Vonage, unchanged, take what the operators say that the sandbox
// plays: a yes with its id, the credit, events, a refusal by its code, and the latter two the signature of a receipt.
func TestOfficialClientsTakeWhatIsPlayed(t *testing.T) {
	operators := simulate(t, sandbox.Options{Declared: app.Declared()})
	accounts := operators.Operators()
	const ref, text = "BZM7XIoBw-fQmobLD1OX", "Réunion à 9 h & \"demain\""
	const byBrevo, byTwilio, byVonage = "+33639980001", "+33639980002", "+33639980003"
	question, err := json.Marshal(map[string]any{
		"brevo": map[string]string{
			"base": accounts["brevo"].BaseURL, "key": accounts["brevo"].Settings["key"], "number": byBrevo[1:], "text": text, "ref": ref,
		},
		"twilio": map[string]string{
			"base": accounts["twilio"].BaseURL, "login": accounts["twilio"].Settings["login"], "secret": accounts["twilio"].Settings["secret"],
			"number": byTwilio, "text": text, "ref": ref,
		},
		"vonage": map[string]string{
			"base": accounts["vonage"].BaseURL, "login": accounts["vonage"].Settings["login"], "secret": accounts["vonage"].Settings["secret"],
			"signing": accounts["vonage"].Settings["signing_key"], "number": byVonage[1:], "text": text, "ref": ref,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "operators.js")
	command.Dir, command.Stdin = "../internal/oracle", bytes.NewReader(question)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	var told struct {
		Brevo struct {
			Sent    toldBy[struct{ MessageID json.Number }]
			Events  toldBy[[]struct{ Tag string }]
			Account toldBy[string]
			Refused toldBy[any]
		}
		Twilio struct {
			Sent    toldBy[struct{ Sid, Status string }]
			Balance toldBy[struct{ Currency string }]
			Refused toldBy[any]
			Pushed  struct {
				Valid       bool
				Status, Sid string
			}
		}
		Vonage struct {
			Sent toldBy[struct {
				Messages []struct{ MessageID, Status string }
			}]
			Refused string
			Pushed  struct {
				Valid           bool
				Status, ID, Ref string
			}
		}
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	sent := told.Vonage.Sent.Value.Messages
	if len(sent) != 1 || sent[0].Status != "0" {
		t.Fatalf("Vonage: %+v", told.Vonage)
	}
	for _, one := range []struct{ number, operator, id string }{
		{byBrevo, "brevo", told.Brevo.Sent.Value.MessageID.String()},
		{byTwilio, "twilio", told.Twilio.Sent.Value.Sid},
		{byVonage, "vonage", sent[0].MessageID},
	} {
		got := operators.Handset(one.number)
		if len(got) != 1 || got[0].Text != text || got[0].OperatorID != one.id || one.id == "" || got[0].Operator != one.operator {
			t.Errorf("%s gave the id %q; on the handset: %+v", one.operator, one.id, got)
		}
	}
	b, w := &told.Brevo, &told.Twilio
	if len(b.Events.Value) != 1 || b.Events.Value[0].Tag != ref || b.Account.Value == "" || b.Refused.Status != 401 || b.Refused.Code != "unauthorized" {
		t.Errorf("Brevo: events %+v, account %+v, refusal %+v", b.Events, b.Account, b.Refused)
	}
	if !w.Pushed.Valid || w.Pushed.Status != "delivered" || w.Pushed.Sid != w.Sent.Value.Sid {
		t.Errorf("Twilio's receipt: %+v", w.Pushed)
	}
	if v := told.Vonage; !v.Pushed.Valid || v.Pushed.Status != "delivered" || v.Pushed.ID != sent[0].MessageID || v.Pushed.Ref != ref+".1" || v.Refused != "4" {
		t.Errorf("Vonage: refused by %s, receipt %+v", v.Refused, v.Pushed)
	}
	if w.Sent.Value.Status != "queued" || w.Balance.Value.Currency != "USD" || w.Refused.Status != 401 || w.Refused.Code != "20003" {
		t.Errorf("Twilio: %+v, balance %+v, refusal %+v", w.Sent, w.Balance, w.Refused)
	}
}
