package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/inbox"
	"relais/lane"
	"relais/person"
	"relais/sms"
	"relais/webhook"
)

// noReceipt ends a message as the gateway's clock does.
func noReceipt(t *testing.T, s Store, m sms.Message) sms.Message {
	t.Helper()
	end := move(m, sms.Expired, sms.NoReceipt)
	end.Event.Actor = "gateway"
	if settle(t, s, end) != 1 {
		t.Fatal("the message did not expire")
	}
	return read(t, s, m)
}

func told(status sms.Status, reason sms.Reason, code string) sms.Receipt {
	return sms.Receipt{ProviderID: "10", Status: status, Reason: reason, Code: code, Text: "word " + code}
}

var (
	isDelivered = told(sms.Delivered, "", "4")
	isAbsent    = told(sms.Undelivered, sms.ReasonAbsent, "24")
	isExpired   = told(sms.Expired, sms.ReasonExpired, "8")
	isRejected  = told(sms.Rejected, sms.ReasonContent, "29")
	isPending   = told(sms.Submitted, "", "1")
	// no code, no words.
	isMute = sms.Receipt{ProviderID: "10", Status: sms.Undelivered, Reason: sms.ReasonUnknown}
)

// outcome is where a message stands behind some receipts.
type outcome struct {
	Status       sms.Status
	Reason, Code string
	Verdicts     []inbox.Verdict
	Timeline     []string // behind the end that it had
	Webhooks     []webhook.Type
}

func lateWords(t *testing.T, open func(t *testing.T) Store) {
	late, again, contrary, noted := inbox.Late, inbox.Repeated, inbox.Contradicts, inbox.Noted
	for _, tc := range []struct {
		name string
		told []sms.Receipt
		want outcome
	}{
		{"delivered", []sms.Receipt{isDelivered}, outcome{
			sms.Delivered, "delivered", "4",
			[]inbox.Verdict{late},
			[]string{"delivered"},
			[]webhook.Type{webhook.MessageDelivered},
		}},
		{"bad news", []sms.Receipt{isAbsent}, outcome{
			sms.Undelivered, "absent", "24",
			[]inbox.Verdict{late},
			[]string{"absent"},
			[]webhook.Type{webhook.MessageUndelivered},
		}},
		{"expired at the operator too", []sms.Receipt{isExpired, isExpired, isDelivered}, outcome{
			sms.Expired, "expired", "8",
			[]inbox.Verdict{late, again, contrary},
			[]string{"expired", "receipt_contradicts"},
			[]webhook.Type{webhook.MessageExpired},
		}},
		{"rejected", []sms.Receipt{isRejected}, outcome{
			sms.Rejected, "content", "29",
			[]inbox.Verdict{late},
			[]string{"content"},
			[]webhook.Type{webhook.MessageRejected},
		}},
		{"on its way, then delivered", []sms.Receipt{isPending, isPending, isDelivered, isPending}, outcome{
			sms.Delivered, "delivered", "4",
			[]inbox.Verdict{noted, again, late, again},
			[]string{"receipt_pending", "delivered"},
			[]webhook.Type{webhook.MessageDelivered},
		}},
		{"on its way", []sms.Receipt{isPending}, outcome{
			sms.Expired, "no_receipt", "1", []inbox.Verdict{noted}, []string{"receipt_pending"}, nil,
		}},
		{"twice the same", []sms.Receipt{isDelivered, isDelivered}, outcome{
			sms.Delivered, "delivered", "4",
			[]inbox.Verdict{late, again},
			[]string{"delivered"},
			[]webhook.Type{webhook.MessageDelivered},
		}},
		{"of two parts, one of which failed", []sms.Receipt{isDelivered, isAbsent, isAbsent}, outcome{
			sms.Delivered, "delivered", "4",
			[]inbox.Verdict{late, contrary, again},
			[]string{"delivered", "receipt_contradicts"},
			[]webhook.Type{webhook.MessageDelivered},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			m := noReceipt(t, s, submitted(t, s, draft{class: sms.OTP}, "10"))
			if diff := cmp.Diff(tc.want, behind(t, s, m, tc.told)); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if claimed := claim(t, s, lane.Claim{Now: later}); len(claimed.Calls) != 0 {
				t.Error("a message that had ended is sent again")
			}
		})
	}
}

// behind tells a message's receipts one by one, and returns what came of them.
func behind(t *testing.T, s Store, m sms.Message, receipts []sms.Receipt) (got outcome) {
	t.Helper()
	before := codes(t, s, m)
	known := len(feed(t, s, m.Account))
	for _, r := range receipts {
		received := receipt(t, s, r)
		for verdict, n := range received.Verdicts {
			got.Verdicts = append(got.Verdicts, slices.Repeat([]inbox.Verdict{verdict}, n)...)
			if moved := slices.Contains(received.Moved, m.ID); moved != verdict.Moves() {
				t.Errorf("%s: moved %v", verdict, moved)
			}
		}
	}
	after := read(t, s, m)
	got.Status, got.Reason, got.Code = after.Status, after.Reason, after.OperatorCode
	got.Timeline = codes(t, s, m)[len(before):]
	for _, e := range feed(t, s, m.Account)[known:] {
		got.Webhooks = append(got.Webhooks, e.Type)
	}
	if len(got.Timeline) == 0 {
		got.Timeline = nil
	}
	return got
}

// ends are ways in which a message ends that no receipt changes.
var ends = []struct {
	name         string
	end          func(t *testing.T, s Store) sms.Message
	status       sms.Status
	reason, code string
	told         []sms.Receipt // the first contradicts the end
}{
	{"delivered", func(t *testing.T, s Store) sms.Message {
		t.Helper()
		m := submitted(t, s, draft{}, "10")
		receipt(t, s, isDelivered)
		return m
	}, sms.Delivered, "delivered", "4", []sms.Receipt{isAbsent, isAbsent}},
	{"undelivered, and no word why of the other", func(t *testing.T, s Store) sms.Message {
		t.Helper()
		m := submitted(t, s, draft{}, "10")
		receipt(t, s, isDelivered)
		return m
	}, sms.Delivered, "delivered", "4", []sms.Receipt{isMute, isMute}},
	{"undelivered", func(t *testing.T, s Store) sms.Message {
		t.Helper()
		m := submitted(t, s, draft{}, "10")
		receipt(t, s, isAbsent)
		return m
	}, sms.Undelivered, "absent", "24", []sms.Receipt{isDelivered, isDelivered}},
	{"expired at the operator", func(t *testing.T, s Store) sms.Message {
		t.Helper()
		m := submitted(t, s, draft{}, "10")
		receipt(t, s, isExpired)
		return m
	}, sms.Expired, "expired", "8", []sms.Receipt{isDelivered, isDelivered}},
	{"given up by a person", func(t *testing.T, s Store) sms.Message {
		t.Helper()
		accept(t, s, draft{})
		m := claimOne(t, s)
		doubt := move(m, sms.Uncertain, "no_clear_answer")
		doubt.ProviderID = "10"
		settle(t, s, doubt)
		end := move(m, sms.Expired, "resolved_given_up")
		end.From = sms.Uncertain
		settle(t, s, end)
		return m
	}, sms.Expired, "resolved_given_up", "", []sms.Receipt{isDelivered, isDelivered}},
	{"refused by the operator", func(t *testing.T, s Store) sms.Message {
		t.Helper()
		accept(t, s, draft{})
		m := claimOne(t, s)
		end := move(m, sms.Rejected, "operator_rejected")
		end.ProviderID = "10"
		settle(t, s, end)
		return m
	}, sms.Rejected, "operator_rejected", "", []sms.Receipt{isDelivered, isDelivered}},
}

func contradictions(t *testing.T, open func(t *testing.T) Store) {
	for _, tc := range ends {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			m := tc.end(t, s)
			before := read(t, s, m)
			want := outcome{
				tc.status, tc.reason, tc.code,
				[]inbox.Verdict{inbox.Contradicts, inbox.Repeated},
				[]string{"receipt_contradicts"},
				nil,
			}
			if diff := cmp.Diff(want, behind(t, s, m, tc.told)); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, read(t, s, m)); diff != "" {
				t.Errorf("the message changed (-before +after):\n%s", diff)
			}
			events := timeline(t, s, m)
			if last := events[len(events)-1]; last.Status != tc.status || last.OperatorCode != tc.told[0].Code ||
				last.Actor != "operator:ovh" {
				t.Errorf("event %+v", last)
			}
			stolen := move(before, sms.Delivered, "delivered")
			if _, err := s.Settle(t.Context(), []sms.Transition{stolen}); err == nil {
				t.Error("an end that our clock did not give may be settled anew")
			}
			stolen.FromReason = sms.NoReceipt // which it has not
			if tc.status == sms.Expired && settle(t, s, stolen) != 0 {
				t.Error("an end of the operator or of a person was taken for the clock's")
			}
		})
	}
}

// lateStorm: late words of two kinds from many at once give one end, which none of
// the others takes back.
func lateStorm(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := noReceipt(t, s, submitted(t, s, draft{}, "10"))
	var group sync.WaitGroup
	for range 10 {
		for _, r := range []sms.Receipt{isDelivered, isAbsent, isExpired} {
			group.Go(func() {
				reception := inbox.Reception{
					Connector: "ovh", Owner: "default", Pushed: true, Receipts: []sms.Receipt{r}, At: start,
					PerSender: func(string) bool { return false },
				}
				if _, err := s.Receive(t.Context(), &reception); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	count := map[string]int{}
	for _, code := range codes(t, s, m)[4:] {
		count[code]++
	}
	if ends := count["delivered"] + count["absent"] + count["expired"]; ends != 1 ||
		count["receipt_contradicts"] != 2 {
		t.Errorf("timeline %v, want one end and two that contradict it", codes(t, s, m))
	}
}

// A person of whom no number is known any more cannot be on a list.
func lateAboutErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const someone = sms.Number("+33639980007")
	optedOut := told(sms.Rejected, sms.ReasonOptedOut, "23")
	for i, hide := range []func(){
		func() {
			p := person.Purge{
				Account: "default", Before: later, Limit: 100,
				Hide: func(sms.Number) sms.Number { return "~hidden" },
			}
			if done, err := s.Purge(t.Context(), p); err != nil || done.Changed == 0 {
				t.Fatalf("%+v, %v", done, err)
			}
		},
		func() {
			e := person.Erasure{Numbers: []sms.Number{someone, "~other"}, Limit: 100, Audit: person.AuditEntry{
				ID: sms.NewID(start), Account: "default", At: start, Actor: "api:desk", Action: "erase",
				Subject: "~other",
			}}
			if done, err := s.Erase(t.Context(), e); err != nil || done.Messages != 1 {
				t.Fatalf("%+v, %v", done, err)
			}
		},
	} {
		optedOut.ProviderID = fmt.Sprint(10 + i)
		m := noReceipt(t, s, submitted(t, s, draft{to: someone}, optedOut.ProviderID))
		hide()
		received := receipt(t, s, optedOut)
		if received.OptOuts != 0 || received.Verdicts[inbox.Late] != 1 {
			t.Errorf("received %+v", received)
		}
		if got := read(t, s, m); got.Status != sms.Rejected || got.To.Known() {
			t.Errorf("message to %s is %s", got.To, got.Status)
		}
		list, _, err := s.OptOuts(t.Context(), inbox.OptOutQuery{Account: "default", Limit: 10})
		if err != nil || len(list) != 0 {
			t.Errorf("list %+v, %v", list, err)
		}
	}
}
