package storetest

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// partOf says that a part of the message "10" arrived.
func partOf(parts int, part string) sms.Receipt {
	r := isDelivered
	r.Parts, r.Part = parts, part
	return r
}

// partsJoined: a long message is delivered by the receipt of its last part, whichever that is.
func partsJoined(t *testing.T, open func(t *testing.T) Store) {
	first, second, third := partOf(3, "a"), partOf(3, "b"), partOf(3, "c")
	lost := isAbsent
	lost.Parts, lost.Part = 3, "b"
	part, again, applied, late := inbox.Part, inbox.Repeated, inbox.Applied, inbox.Late
	for _, tc := range []struct {
		name    string
		expired bool
		told    []sms.Receipt
		want    outcome
	}{
		{"in any order, and more than once", false, []sms.Receipt{third, first, third, second, first}, outcome{
			sms.Delivered, "delivered", "4",
			[]inbox.Verdict{part, part, again, applied, again},
			[]string{"receipt_part", "receipt_part", "delivered"},
			[]webhook.Type{webhook.MessageDelivered},
		}},
		{"a part is missing", false, []sms.Receipt{first, third, first}, outcome{
			sms.Submitted, "operator_accepted", "4",
			[]inbox.Verdict{part, part, again},
			[]string{"receipt_part", "receipt_part"},
			nil,
		}},
		{"a part that does not arrive is the end", false, []sms.Receipt{first, lost, third}, outcome{
			sms.Undelivered, "absent", "24",
			[]inbox.Verdict{part, applied, again},
			[]string{"receipt_part", "absent"},
			[]webhook.Type{webhook.MessageUndelivered},
		}},
		{"behind our own clock", true, []sms.Receipt{first, second, third}, outcome{
			sms.Delivered, "delivered", "4",
			[]inbox.Verdict{part, part, late},
			[]string{"receipt_part", "receipt_part", "delivered"},
			[]webhook.Type{webhook.MessageDelivered},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			m := submitted(t, s, draft{}, "10")
			if tc.expired {
				m = noReceipt(t, s, m)
			}
			if diff := cmp.Diff(tc.want, behind(t, s, m, tc.told)); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

// partsEarly: parts that arrive before the answer wait for it, each.
func partsEarly(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	m := claimOne(t, s)
	if got := receipt(t, s, partOf(2, "a"), partOf(2, "a"), partOf(2, "b")); got.Verdicts[inbox.Kept] != 2 {
		t.Errorf("verdicts are %v", got.Verdicts)
	}
	answer := move(m, sms.Submitted, "operator_accepted")
	answer.ProviderID = "10"
	settle(t, s, answer)
	if got := read(t, s, m); got.Status != sms.Delivered {
		t.Errorf("the message is %s", got.Status)
	}
	if n, err := s.UnmatchedReceipts(t.Context()); err != nil || len(n) != 0 {
		t.Errorf("receipts wait still: %v, %v", n, err)
	}
}

// partsInDoubt: a part proves that a message in doubt was taken, and counts.
func partsInDoubt(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	m := claimOne(t, s)
	settle(t, s, move(m, sms.Uncertain, "no_clear_answer"))
	byRef := func(part string) sms.Receipt {
		r := partOf(2, part)
		r.ProviderID, r.Ref = "", m.ID
		return r
	}
	receipt(t, s, byRef("a"))
	if got := read(t, s, m); got.Status != sms.Submitted {
		t.Errorf("with one part it is %s", got.Status)
	}
	receipt(t, s, byRef("a"))
	receipt(t, s, byRef("b"))
	if got := read(t, s, m); got.Status != sms.Delivered {
		t.Errorf("with both parts it is %s", got.Status)
	}
	wantCodes(t, s, m, "accepted", "attempt", "no_clear_answer", "receipt_proves_taken", "receipt_part", "delivered")
}

// partsArriveAtOnce: parts that come at once from everywhere make one end of each message.
func partsArriveAtOnce(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const messages, parts = 12, 5
	var all []sms.Receipt
	var sent []sms.Message
	for n := range messages {
		id := strconv.Itoa(1000 + n)
		sent = append(sent, submitted(t, s, draft{}, id))
		for p := range parts {
			r := partOf(parts, strconv.Itoa(p))
			r.ProviderID = id
			all = append(all, r, r)
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var group sync.WaitGroup
	for _, r := range all {
		group.Go(func() {
			_, err := s.Receive(t.Context(), &inbox.Reception{
				Connector: "ovh", Owner: "default", Pushed: true, Receipts: []sms.Receipt{r}, At: start,
				PerSender: func(string) bool { return false },
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i := range sent {
		if got := read(t, s, sent[i]); got.Status != sms.Delivered {
			t.Errorf("%s is %s", got.ProviderID, got.Status)
		}
		wantCodes(t, s, sent[i], "accepted", "attempt", "operator_accepted", "receipt_part", "receipt_part", "receipt_part",
			"receipt_part", "delivered")
	}
	if told := feed(t, s, "default", webhook.MessageDelivered); len(told) != messages {
		t.Errorf("%d messages are told as delivered", len(told))
	}
}
