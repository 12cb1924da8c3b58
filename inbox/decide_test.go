package inbox_test

import (
	"errors"
	"testing"

	"relais/inbox"
	"relais/sms"
)

func TestDecisionIsTaken(t *testing.T) {
	for _, tc := range []struct {
		name            string
		intent, decided inbox.Intent
		word            inbox.Intent
		changes         bool
		err             error
	}{
		{"it is a STOP", inbox.IntentUnsure, "", inbox.IntentStop, true, nil},
		{"it is a mere reply", inbox.IntentUnsure, "", inbox.IntentReply, true, nil},
		{"the same word again", inbox.IntentUnsure, inbox.IntentReply, inbox.IntentReply, false, nil},
		{"a mere reply that is a STOP after all", inbox.IntentUnsure, inbox.IntentReply, inbox.IntentStop, true, nil},
		{"a confirmed STOP stays", inbox.IntentUnsure, inbox.IntentStop, inbox.IntentReply, false, inbox.ErrDecided},
		{"nobody has to decide about a plain STOP", inbox.IntentStop, "", inbox.IntentReply, false, inbox.ErrPlainReply},
		{"nor about a mere reply", inbox.IntentReply, "", inbox.IntentStop, false, inbox.ErrPlainReply},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := inbox.Inbound{Intent: tc.intent, Decided: tc.decided}
			d := inbox.ReplyDecision{Intent: tc.word, Actor: "api:desk", At: now}
			changes, err := d.Take(&in)
			if changes != tc.changes || !errors.Is(err, tc.err) {
				t.Fatalf("Take = %t, %v; want %t, %v", changes, err, tc.changes, tc.err)
			}
			if changes && (in.Decided != tc.word || in.DecidedBy != "api:desk" || !in.DecidedAt.Equal(now)) {
				t.Errorf("the reply is %+v", in)
			}
			if !changes && in.Decided != tc.decided {
				t.Errorf("decided %q, want %q as before", in.Decided, tc.decided)
			}
		})
	}
}

func TestDecisionChangesTheList(t *testing.T) {
	const other = sms.Number("+33639980002") // whom the reply put on the list
	put := inbox.Listed{Put: true, Number: other, Sender: sender}
	for _, tc := range []struct {
		name      string
		word      inbox.Intent
		from      sms.Number
		perSender bool
		listed    inbox.Listed
		number    sms.Number // empty: no change
		sender    sms.Sender
	}{
		{"a STOP stands for whom the reply put there", inbox.IntentStop, "~hidden", false, put, other, sender},
		{"a mere reply takes them off", inbox.IntentReply, handset, false, put, other, sender},
		{"not while another reply waits", inbox.IntentReply, handset, false, inbox.Listed{Put: true, Number: other, Waiting: true}, "", ""},
		{"a STOP does not wait", inbox.IntentStop, handset, false, inbox.Listed{Waiting: true}, handset, ""},
		{"on the list already: who wrote", inbox.IntentStop, handset, false, inbox.Listed{Answered: sender}, handset, ""},
		{"for the sender that was answered", inbox.IntentStop, handset, true, inbox.Listed{Answered: sender}, handset, sender},
		{"nobody is known any more", inbox.IntentStop, sms.NoNumber, false, inbox.Listed{}, "", ""},
		{"a name is no number", inbox.IntentStop, "OVH", false, inbox.Listed{}, "", ""},
		{"nor is nothing", inbox.IntentStop, "", false, inbox.Listed{}, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := inbox.ReplyDecision{
				Account: "town", Inbound: replyID, Intent: tc.word, Actor: "api:desk", Note: "called back",
				PerSender: tc.perSender, At: now,
			}
			in := &inbox.Inbound{ID: replyID, From: tc.from, Message: message}
			want := inbox.OptOutChange{}
			if tc.number != "" {
				want = inbox.OptOutChange{
					Account: "town", Number: tc.number, Sender: tc.sender, Added: tc.word == inbox.IntentStop,
					Provisional: tc.word == inbox.IntentReply, Source: inbox.FromDecision,
					Actor: "api:desk", Message: message,
					Inbound: replyID, Note: "called back", At: now,
				}
			}
			got, asks := d.Change(in, tc.listed)
			same(t, got, want, asks)
		})
	}
}
