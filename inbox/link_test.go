package inbox_test

import (
	"errors"
	"testing"
	"time"

	"relais/inbox"
	"relais/sms"
)

// known is a store that knows a message by some of what it is looked for by.
type known struct {
	provider, ref, number bool
	err                   error
	since                 time.Time
}

func (k *known) ByProviderID(string, string) (sms.Message, bool, error) {
	return sms.Message{Account: "provider"}, k.provider, k.err
}

func (k *known) ByRef(sms.ID) (sms.Message, bool, error) {
	return sms.Message{Account: "ref"}, k.ref, k.err
}

func (k *known) LastTo(_ sms.Number, _ string, since time.Time) (sms.Message, bool, error) {
	k.since = since
	return sms.Message{Account: "number"}, k.number, k.err
}

func TestLink(t *testing.T) {
	broken := errors.New("no database")
	all := inbox.Answer{ProviderID: "7", Ref: message, From: handset}
	for _, tc := range []struct {
		name    string
		known   known
		answer  inbox.Answer
		account string
		by      string
	}{
		{"the operator's id before all", known{provider: true, ref: true, number: true}, all, "provider", inbox.ByOperatorID},
		{"then ours", known{ref: true, number: true}, all, "ref", inbox.ByReference},
		{"then the number", known{number: true}, all, "number", inbox.ByNumber},
		{"nobody wrote", known{}, all, "owner", ""},
		{"the operator names nothing", known{provider: true, ref: true, number: true}, inbox.Answer{From: handset}, "number", inbox.ByNumber},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &inbox.Reception{Connector: "ovh", Owner: "owner", At: now}
			m, by, err := r.Link(&tc.known, tc.answer)
			if err != nil || m.Account != tc.account || by != tc.by {
				t.Errorf("Link = %s, %q, %v; want %s, %q", m.Account, by, err, tc.account, tc.by)
			}
			if want := now.Add(-inbox.Answerable); !tc.known.since.IsZero() && !tc.known.since.Equal(want) {
				t.Errorf("looked since %v, want %v", tc.known.since, want)
			}
			tc.known.err = broken
			if _, _, err := r.Link(&tc.known, tc.answer); !errors.Is(err, broken) {
				t.Errorf("a store that fails: %v", err)
			}
		})
	}
}

func TestAdopt(t *testing.T) {
	r := &inbox.Reception{At: now, Read: func(account string, sender sms.Sender, in *inbox.Inbound) {
		in.Intent, in.Word = inbox.IntentStop, account+" "+string(sender)
	}}
	in := &inbox.Inbound{From: handset}
	r.Adopt(in, &sms.Message{Account: "town", ID: message}, inbox.ByNumber, sender)
	if in.ID.IsZero() || in.Account != "town" || in.Message != message || in.LinkedBy != inbox.ByNumber ||
		in.Word != "town RELAIS" {
		t.Errorf("the reply is %+v", in)
	}
}
