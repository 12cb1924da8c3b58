package inbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/inbox"
	"relais/sms"
)

var (
	now     = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	message = sms.NewID(now.Add(-time.Hour))
	replyID = sms.NewID(now.Add(-time.Minute))
)

const (
	handset = sms.Number("+33639980001")
	sender  = sms.Sender("RELAIS")
)

// same compares changes, whose ids are new each time.
func same(t *testing.T, got, want inbox.OptOutChange, asks bool) {
	t.Helper()
	if wanted := want.Account != ""; asks != wanted {
		t.Fatalf("asks for a change: %t, want %t", asks, wanted)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(inbox.OptOutChange{}, "ID")); diff != "" {
		t.Errorf("change (-want +got):\n%s", diff)
	}
	if asks && got.ID.IsZero() {
		t.Error("the change has no id")
	}
}

func TestByReply(t *testing.T) {
	change := inbox.OptOutChange{
		Account: "town", Number: handset, Source: inbox.FromReply, Actor: "operator:ovh",
		Message: message, Inbound: replyID,
		Note: "stop", At: now,
	}
	with := func(f func(*inbox.OptOutChange)) inbox.OptOutChange {
		c := change
		f(&c)
		return c
	}
	for _, tc := range []struct {
		name      string
		intent    inbox.Intent
		perSender bool
		want      inbox.OptOutChange
	}{
		{"a mere reply", inbox.IntentReply, false, inbox.OptOutChange{}},
		{"a STOP", inbox.IntentStop, false, with(func(c *inbox.OptOutChange) { c.Added = true })},
		{"a STOP to one sender", inbox.IntentStop, true, with(func(c *inbox.OptOutChange) { c.Added, c.Sender = true, sender })},
		{"perhaps", inbox.IntentUnsure, false, with(func(c *inbox.OptOutChange) { c.Added, c.Provisional = true, true })},
		{"a START", inbox.IntentStart, false, change},
		{"a START to one sender", inbox.IntentStart, true, with(func(c *inbox.OptOutChange) { c.Sender = sender })},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &inbox.Reception{Connector: "ovh", PerSender: func(string) bool {
				return tc.perSender
			}, At: now}
			in := &inbox.Inbound{
				ID: replyID, Account: "town", Connector: "ovh", From: handset, Intent: tc.intent,
				Word: "stop", Message: message,
			}
			got, asks := r.ByReply(in, sender)
			same(t, got, tc.want, asks)
		})
	}
}

func TestByBlock(t *testing.T) {
	blocked := inbox.OptOutChange{
		Account: "town", Number: handset, Added: true, Source: inbox.FromOperator, Actor: "operator:ovh",
		Message: message, At: now,
	}
	at := now.Add(-time.Hour)
	for _, tc := range []struct {
		name     string
		at, last time.Time
		want     inbox.OptOutChange
	}{
		{"new", at, time.Time{}, blocked},
		{"told before", at, at.Add(time.Second), inbox.OptOutChange{}},
		{"told at the same time", at.Add(time.Nanosecond), at, inbox.OptOutChange{}},
		{"blocked again since", at, at.Add(-time.Second), blocked},
		{"new, without a time", time.Time{}, time.Time{}, blocked},
		{"without a time, told before", time.Time{}, at, inbox.OptOutChange{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &inbox.Reception{Connector: "ovh", At: now}
			m := &sms.Message{Account: "town", ID: message}
			got, asks := r.ByBlock(&inbox.Block{Number: handset, At: tc.at}, m, tc.last)
			same(t, got, tc.want, asks)
		})
	}
}

func TestByReceipt(t *testing.T) {
	listed := inbox.OptOutChange{
		Account: "town", Number: handset, Added: true, Source: inbox.FromReceipt, Actor: "operator:ovh",
		Message: message, Note: "27",
		At: now,
	}
	for _, tc := range []struct {
		name    string
		reason  sms.Reason
		verdict inbox.Verdict
		to      sms.Number
		want    inbox.OptOutChange
	}{
		{"it moved its message", sms.ReasonOptedOut, inbox.Applied, handset, listed},
		{"our clock had ended the message", sms.ReasonOptedOut, inbox.Late, handset, listed},
		{"it contradicts the end", sms.ReasonOptedOut, inbox.Contradicts, handset, listed},
		{"told before", sms.ReasonOptedOut, inbox.Repeated, handset, inbox.OptOutChange{}},
		{"it waits for its message", sms.ReasonOptedOut, inbox.Kept, handset, inbox.OptOutChange{}},
		{"the number is hidden", sms.ReasonOptedOut, inbox.Applied, "~abc", inbox.OptOutChange{}},
		{"the number is erased", sms.ReasonOptedOut, inbox.Applied, sms.NoNumber, inbox.OptOutChange{}},
		{"the handset was off", sms.ReasonAbsent, inbox.Applied, handset, inbox.OptOutChange{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &sms.Message{Account: "town", ID: message, To: tc.to}
			receipt := &sms.Receipt{Status: sms.Undelivered, Reason: tc.reason, Code: "27"}
			got, asks := inbox.ByReceipt(m, receipt, tc.verdict, "ovh", now)
			same(t, got, tc.want, asks)
		})
	}
}

func TestChangesDecideRepliesThatWait(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change inbox.OptOutChange
		want   inbox.Intent // empty: they go on waiting
	}{
		{"on the list", inbox.OptOutChange{Added: true}, inbox.IntentStop},
		{"off the list", inbox.OptOutChange{}, inbox.IntentReply},
		{"perhaps on the list", inbox.OptOutChange{Added: true, Provisional: true}, ""},
		{"what was provisional is off", inbox.OptOutChange{Provisional: true}, inbox.IntentReply},
		{"on the list for one sender", inbox.OptOutChange{Added: true, Sender: sender}, ""},
		{"off the list for one sender", inbox.OptOutChange{Sender: sender}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, decides := tc.change.Decides()
			if decides != (tc.want != "") || decides && got != tc.want {
				t.Errorf("Decides = %q, %t; want %q", got, decides, tc.want)
			}
		})
	}
}

func TestOnlyAdvertisingIsHeldBack(t *testing.T) {
	for _, c := range sms.Classes {
		if got := inbox.HoldsBack(c); got != (c == sms.Marketing) {
			t.Errorf("HoldsBack(%s) = %t", c, got)
		}
	}
}
