package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/auth"
	"relais/credit"
	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/sms"
	"relais/webhook"
	"relais/wish"
)

// submitted takes a message to the operator.
func submitted(t *testing.T, s Store, d draft, providerID string) sms.Message {
	t.Helper()
	accept(t, s, d)
	m := claimOne(t, s)
	tr := move(m, sms.Submitted, "operator_accepted")
	tr.ProviderID, tr.ReceiptBy = providerID, start.Add(time.Hour)
	settle(t, s, tr)
	return read(t, s, m)
}

func receive(t *testing.T, s Store, r inbox.Reception) inbox.Received {
	t.Helper()
	set(&r.Connector, "ovh")
	set(&r.Owner, "default")
	if r.At.IsZero() {
		r.At = start.Add(time.Minute)
	}
	if r.PerSender == nil {
		r.PerSender = func(string) bool { return false }
	}
	received, err := s.Receive(t.Context(), &r)
	if err != nil {
		t.Fatalf("Receive: %v", err)
	}
	return received
}

func receipt(t *testing.T, s Store, receipts ...sms.Receipt) inbox.Received {
	t.Helper()
	return receive(t, s, inbox.Reception{Pushed: true, Receipts: receipts})
}

func delivered(providerID string) sms.Receipt {
	return sms.Receipt{ProviderID: providerID, Status: sms.Delivered, Code: "4", Text: "delivered"}
}

func codes(t *testing.T, s Store, m sms.Message) (all []string) {
	t.Helper()
	for _, e := range timeline(t, s, m) {
		all = append(all, e.Code)
	}
	return all
}

func wantCodes(t *testing.T, s Store, m sms.Message, want ...string) {
	t.Helper()
	if got := codes(t, s, m); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("timeline %v, want %v", got, want)
	}
}

func receiptsOnce(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := submitted(t, s, draft{}, "10")
	first := receipt(t, s, delivered("10"))
	if fmt.Sprint(first.Moved, first.Accounts) != fmt.Sprint([]sms.ID{m.ID}, []string{m.Account}) {
		t.Errorf("moved %v of %v, want %v of %s", first.Moved, first.Accounts, m.ID, m.Account)
	}
	for range 3 {
		receipt(t, s, delivered("10"), sms.Receipt{
			ProviderID: "10", Status: sms.Undelivered,
			Reason: sms.ReasonAbsent, Code: "24",
		})
	}
	got := read(t, s, m)
	if got.Status != sms.Delivered || got.OperatorCode != "4" || got.OperatorText != "delivered" {
		t.Errorf("message %s, %q %q", got.Status, got.OperatorCode, got.OperatorText)
	}
	wantCodes(t, s, m, "accepted", "attempt", "operator_accepted", "delivered", "receipt_contradicts")
	events := timeline(t, s, m)
	if last := events[3]; last.Actor != "operator:ovh" || last.OperatorCode != "4" {
		t.Errorf("event %+v", last)
	}
}

func receiptsPending(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := submitted(t, s, draft{}, "10")
	pending := sms.Receipt{ProviderID: "10", Status: sms.Submitted, Code: "1", Text: "retrying"}
	first, again := receipt(t, s, pending), receipt(t, s, pending)
	if first.Verdicts[inbox.Noted] != 1 || again.Verdicts[inbox.Repeated] != 1 {
		t.Errorf("verdicts %v, then %v", first.Verdicts, again.Verdicts)
	}
	receipt(t, s, delivered("10"))
	if late := receipt(t, s, pending); late.Verdicts[inbox.Repeated] != 1 {
		t.Errorf("verdicts of a late one: %v", late.Verdicts)
	}
	wantCodes(t, s, m, "accepted", "attempt", "operator_accepted", "receipt_pending", "delivered")
}

// An operator that pushes ever new codes fills no timeline without an end, and its last word
// still counts.
func notesBounded(t *testing.T, open func(t *testing.T) Store) {
	const most = 500
	s := open(t)
	m := submitted(t, s, draft{}, "10")
	pushed := make([]sms.Receipt, most+20)
	for i := range pushed {
		pushed[i] = sms.Receipt{ProviderID: "10", Status: sms.Submitted, Code: strconv.Itoa(i)}
	}
	receipt(t, s, pushed...)
	receipt(t, s, delivered("10"))
	events := timeline(t, s, m)
	if last := events[len(events)-1]; len(events) != most+2 || last.Status != sms.Delivered {
		t.Errorf("%d events, the last %s; want %d with the acceptance and the end", len(events), last.Status, most+2)
	}
}

func receiptsEarly(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	m := claimOne(t, s)
	for _, pushed := range []bool{true, true, false} {
		receive(t, s, inbox.Reception{Pushed: pushed, Receipts: []sms.Receipt{delivered("10")}})
	}
	if n, err := s.UnmatchedReceipts(t.Context()); err != nil || n["ovh"] != 1 {
		t.Errorf("unmatched %v, %v; want 1", n, err)
	}
	if got := read(t, s, m); got.Status != sms.Submitting {
		t.Errorf("message is %s before its answer", got.Status)
	}
	tr := move(m, sms.Submitted, "operator_accepted")
	tr.ProviderID = "10"
	settled, err := s.Settle(t.Context(), []sms.Transition{tr})
	if err != nil || len(settled.Received) != 1 || settled.Received[0] != m.ID {
		t.Errorf("settled %+v, %v; want to be told that the receipt was there", settled, err)
	}
	wantCodes(t, s, m, "accepted", "attempt", "operator_accepted", "delivered")
	if n, err := s.UnmatchedReceipts(t.Context()); err != nil || len(n) != 0 {
		t.Errorf("unmatched %v, %v; want none", n, err)
	}
	if err := s.Forget(t.Context(), start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// receiptsEarlyMany: several receipts of each message wait, which apply in the order in which
// they came; some say the same in other words, and one contradicts.
func receiptsEarlyMany(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const n = 40
	for range n {
		accept(t, s, draft{})
	}
	var transitions []sms.Transition
	var messages []sms.Message
	for _, call := range claim(t, s, lane.Claim{Calls: n, Batch: 1}).Calls {
		messages = append(messages, call...)
	}
	if len(messages) != n {
		t.Fatalf("claimed %d messages, want %d", len(messages), n)
	}
	for i, m := range messages {
		id := fmt.Sprint(100 + i)
		pending := sms.Receipt{ProviderID: id, Status: sms.Submitted, Code: "1", Text: "retrying"}
		end, again := delivered(id), delivered(id)
		contrary := sms.Receipt{ProviderID: id, Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "24"}
		again.Text = "the same"
		receive(t, s, inbox.Reception{Pushed: true, Receipts: []sms.Receipt{pending, end, again, contrary}})
		tr := move(m, sms.Submitted, "operator_accepted")
		tr.ProviderID = id
		transitions = append(transitions, tr)
	}
	settled, err := s.Settle(t.Context(), transitions)
	if err != nil || settled.Applied != n || len(settled.Received) < n {
		t.Errorf("settled %d, received %d, %v; want %d and as many", settled.Applied, len(settled.Received), err, n)
	}
	for _, m := range messages {
		if got := read(t, s, m); got.Status != sms.Delivered {
			t.Errorf("a message is %s, want delivered", got.Status)
		}
		wantCodes(t, s, m, "accepted", "attempt", "operator_accepted", "receipt_pending", "delivered",
			"receipt_contradicts")
	}
	if n, err := s.UnmatchedReceipts(t.Context()); err != nil || len(n) != 0 {
		t.Errorf("unmatched %v, %v; want none", n, err)
	}
}

// receiptsApart: operators number their messages as they like, so that two have the
// same id.
func receiptsApart(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	receive(t, s, inbox.Reception{
		Connector: "sfr", Pushed: true,
		Receipts: []sms.Receipt{delivered("10"), delivered("11")},
	})
	m := submitted(t, s, draft{}, "10")
	if got := read(t, s, m); got.Status != sms.Submitted {
		t.Errorf("the other connector's receipt moved the message to %s", got.Status)
	}
	receipt(t, s, delivered("11"))
	other := submitted(t, s, draft{}, "11")
	if got := read(t, s, other); got.Status != sms.Delivered {
		t.Errorf("the receipt that waited left the message %s", got.Status)
	}
	if n, err := s.UnmatchedReceipts(t.Context()); err != nil || n["sfr"] != 2 || n["ovh"] != 0 {
		t.Errorf("unmatched %v, %v; want the two of sfr", n, err)
	}
}

func receiptsByReference(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	m := claimOne(t, s)
	settle(t, s, move(m, sms.Uncertain, "no_clear_answer"))
	r := delivered("77")
	r.Ref = m.ID
	receipt(t, s, r)
	if got := read(t, s, m); got.Status != sms.Delivered || got.ProviderID != "77" {
		t.Errorf("message is %s with id %q", got.Status, got.ProviderID)
	}
	waiting := accept(t, s, draft{})[0]
	receipt(t, s, sms.Receipt{ProviderID: "78", Ref: waiting.ID, Status: sms.Submitted, Code: "SENT"})
	if got := read(t, s, waiting); got.Status != sms.Submitted || got.ProviderID != "78" {
		t.Errorf("a queued message that the operator has is %s", got.Status)
	}
	if claimed := claim(t, s, lane.Claim{}); len(claimed.Calls) != 0 {
		t.Error("a message that the operator has is claimed again")
	}
}

// receiptStorm: receipts three times, shuffled, from many at once leave one
// history and one event each.
func receiptStorm(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const n = 60
	var all []sms.Receipt
	messages := map[string]sms.Message{}
	for i := range n {
		id := fmt.Sprint(1000 + i)
		messages[id] = submitted(t, s, draft{}, id)
		for range 3 {
			all = append(all, delivered(id), sms.Receipt{ProviderID: id, Status: sms.Submitted, Code: "3"})
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var group sync.WaitGroup
	for _, r := range all {
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
	group.Wait()
	for _, m := range messages {
		ends := 0
		for _, code := range codes(t, s, m) {
			if code == "delivered" {
				ends++
			}
		}
		if ends != 1 {
			t.Errorf("%d ends in a timeline", ends)
		}
	}
	if told := feed(t, s, "default", webhook.MessageDelivered); len(told) != n {
		t.Errorf("%d events delivered; want %d", len(told), n)
	}
}

func reply(text string, answers string) inbox.Inbound {
	intent, word := wish.Reader{}.Of(text, "FR", "")
	return inbox.Inbound{
		Connector: "ovh", ProviderID: text + answers, From: "+33639980007", Text: text, Intent: intent, Word: word,
		AnswersID: answers, At: start, ReceivedAt: start,
	}
}

func inbounds(t *testing.T, s Store, q inbox.InboundQuery) []inbox.Inbound {
	t.Helper()
	set(&q.Account, "default")
	set(&q.Limit, 100)
	found, _, err := s.Inbounds(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// seenTo notes that somebody saw to a reply, and takes it back.
func seenTo(t *testing.T, s Store, id sms.ID) {
	t.Helper()
	for _, by := range []sms.Actor{sms.UserActor("claire"), ""} {
		at := start
		if by == "" {
			at = time.Time{}
		}
		for _, account := range []string{"default", "elsewhere"} {
			if err := s.SeeTo(t.Context(), account, id, by, at); err != nil {
				t.Fatal(err)
			}
		}
		got := inbounds(t, s, inbox.InboundQuery{ID: id})[0]
		if got.DoneBy != by || !got.DoneAt.Equal(at) {
			t.Errorf("seen to by %q at %s, want %q at %s", got.DoneBy, got.DoneAt, by, at)
		}
	}
}

func repliesLinked(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: start}); err != nil {
		t.Fatal(err)
	}
	m := submitted(t, s, draft{account: "other", to: "+33639980007"}, "10")
	newer := submitted(t, s, draft{to: "+33639980007"}, "11")
	byRef := reply("by reference", "")
	byRef.Ref = m.ID
	stranger := reply("nobody wrote to me", "")
	stranger.From = "+33639980099"
	for range 2 { // told twice, stored once
		received := receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{
			reply("by id", "10"), byRef,
			reply("by number", ""), stranger,
		}})
		if received.Inbounds != 4 && received.Inbounds != 0 {
			t.Errorf("%d replies stored", received.Inbounds)
		}
	}
	for _, tc := range []struct {
		account, text, by string
		message           sms.ID
	}{
		{"other", "by id", "operator_id", m.ID},
		{"other", "by reference", "reference", m.ID},
		{"default", "by number", "number", newer.ID},
		{"default", "nobody wrote to me", "", sms.ID{}},
	} {
		found := 0
		for _, in := range inbounds(t, s, inbox.InboundQuery{Account: tc.account}) {
			if in.Text != tc.text {
				continue
			}
			found++
			if in.Message != tc.message || in.LinkedBy != tc.by {
				t.Errorf("%q answers %s by %q", tc.text, in.Message, in.LinkedBy)
			}
		}
		if found != 1 {
			t.Errorf("%q is there %d times", tc.text, found)
		}
	}
	if got := inbounds(t, s, inbox.InboundQuery{Account: "other", Message: m.ID}); len(got) != 2 {
		t.Errorf("%d replies to one message, want 2", len(got))
	}
	for _, in := range inbounds(t, s, inbox.InboundQuery{}) {
		if got := inbounds(t, s, inbox.InboundQuery{ID: in.ID}); len(got) != 1 || got[0].ID != in.ID {
			t.Errorf("by its id %d replies are found, want it alone", len(got))
		}
		if got := inbounds(t, s, inbox.InboundQuery{Account: "other", ID: in.ID}); len(got) != 0 {
			t.Error("a reply is found by its id in another account")
		}
		seenTo(t, s, in.ID)
	}
	unhandled, err := s.Unhandled(t.Context(), 10)
	if err != nil || len(unhandled) != 4 {
		t.Fatalf("%d unhandled replies, %v; want 4", len(unhandled), err)
	}
	for _, in := range unhandled {
		if err := s.Handled(t.Context(), in, nil); err != nil {
			t.Fatal(err)
		}
	}
	if unhandled, err = s.Unhandled(t.Context(), 10); err != nil || len(unhandled) != 0 {
		t.Errorf("%d unhandled replies, %v; want none", len(unhandled), err)
	}
}

func stopAndStart(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := submitted(t, s, draft{to: "+33639980007"}, "10")
	waiting := accept(t, s, draft{to: "+33639980007", class: sms.Marketing})[0]
	free := accept(t, s, draft{to: "+33639980007", class: sms.Transactional})[0]
	if received := receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("Stop svp",
		"10")}}); received.OptOuts != 1 {
		t.Errorf("%d opt-outs, want 1", received.OptOuts)
	}
	out, err := s.OptedOut(t.Context(), "default", "MAIRIE", []sms.Number{"+33639980007", "+33639980008"})
	if err != nil || len(out) != 1 {
		t.Errorf("opted out %v, %v", out, err)
	}
	claimed := claim(t, s, lane.Claim{})
	if claimed.OptedOut != 1 || len(claimed.Calls) != 1 || claimed.Calls[0][0].ID != free.ID {
		t.Errorf("claimed %d calls, %d stopped", len(claimed.Calls), claimed.OptedOut)
	}
	if got := read(t, s, waiting); got.Status != sms.Rejected || got.Reason != "opted_out" {
		t.Errorf("marketing to a person who said STOP is %s (%s)", got.Status, got.Reason)
	}
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("START", "10")}})
	entries, changes, err := s.OptOutProofs(t.Context(), "default", "+33639980007")
	if err != nil || len(entries) != 0 || len(changes) != 2 {
		t.Fatalf("%d entries, %d changes, %v", len(entries), len(changes), err)
	}
	if c := changes[0]; !c.Added || c.Source != inbox.FromReply || c.Message != m.ID || c.Inbound.IsZero() ||
		c.Note != "STOP" {
		t.Errorf("proof %+v", c)
	}
}

func undecided(t *testing.T, s Store) int {
	t.Helper()
	n, err := s.Undecided(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// optedOut is the opt-out of someone.
func optedOut(t *testing.T, s Store) (inbox.OptOut, bool) {
	t.Helper()
	out, err := s.OptedOut(t.Context(), "default", "RELAIS", []sms.Number{someone})
	if err != nil {
		t.Fatal(err)
	}
	o, found := out[someone]
	return o, found
}

func unsureStops(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	submitted(t, s, draft{to: "+33639980007"}, "10")
	waiting := accept(t, s, draft{to: "+33639980007", class: sms.Marketing})[0]
	free := accept(t, s, draft{to: "+33639980007", class: sms.Transactional})[0]
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("Je ne veux plus recevoir de messages",
		"10")}})
	if o, found := optedOut(t, s); !found || !o.Provisional {
		t.Errorf("opted out %v, provisional %v", found, o.Provisional)
	}
	claimed := claim(t, s, lane.Claim{})
	if claimed.OptedOut != 1 || len(claimed.Calls) != 1 || claimed.Calls[0][0].ID != free.ID {
		t.Errorf("claimed %d calls, %d stopped", len(claimed.Calls), claimed.OptedOut)
	}
	if got := read(t, s, waiting); got.Status != sms.Rejected || got.Reason != "opted_out" {
		t.Errorf("marketing to a person who may have said STOP is %s (%s)", got.Status, got.Reason)
	}
	if n := undecided(t, s); n != 1 {
		t.Errorf("%d replies wait for a person, want 1", n)
	}
	page := inbounds(t, s, inbox.InboundQuery{Undecided: true})
	if len(page) != 1 || page[0].Intent != inbox.IntentUnsure || page[0].Decided != "" {
		t.Errorf("replies that wait: %+v", page)
	}
}

func decisions(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: start}); err != nil {
		t.Fatal(err)
	}
	submitted(t, s, draft{to: "+33639980007"}, "10")
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{
		reply("plus de sms svp", "10"),
		reply("ne m'écrivez plus", "10"), reply("Bonjour", "10"),
	}})
	ids := map[string]sms.ID{}
	for _, in := range inbounds(t, s, inbox.InboundQuery{}) {
		ids[in.Text] = in.ID
	}
	for _, step := range []struct {
		name, account, text string
		as                  inbox.Intent
		want                error
		out, provisional    bool
		waiting             int
	}{
		{"of another account", "other", "plus de sms svp", inbox.IntentStop, gateway.ErrNotFound, true, true, 2},
		{"of what is none", "default", "Bonjour", inbox.IntentStop, inbox.ErrPlainReply, true, true, 2},
		{"a mere reply, and another waits", "default", "plus de sms svp", inbox.IntentReply, nil, true, true, 1},
		{"the last one is a mere reply", "default", "ne m'écrivez plus", inbox.IntentReply, nil, false, false, 0},
		{"again", "default", "ne m'écrivez plus", inbox.IntentReply, nil, false, false, 0},
		{"it is one after all", "default", "ne m'écrivez plus", inbox.IntentStop, nil, true, false, 0},
		{"and stays one", "default", "ne m'écrivez plus", inbox.IntentReply, inbox.ErrDecided, true, false, 0},
	} {
		_, err := s.DecideReply(t.Context(), inbox.ReplyDecision{
			Account: step.account, Inbound: ids[step.text], Intent: step.as, Actor: "api:desk", Note: "called",
			At: start.Add(24 * time.Hour),
		})
		if !errors.Is(err, step.want) || err != nil && step.want == nil {
			t.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
		if o, found := optedOut(t, s); found != step.out || o.Provisional != step.provisional {
			t.Errorf("%s: opted out %v, provisional %v", step.name, found, o.Provisional)
		}
		if n := undecided(t, s); n != step.waiting {
			t.Errorf("%s: %d wait, want %d", step.name, n, step.waiting)
		}
	}
	_, changes, err := s.OptOutProofs(t.Context(), "default", "+33639980007")
	if err != nil || len(changes) != 3 {
		t.Fatalf("%d proofs, %v; want that of the reply, of its end and of the STOP", len(changes), err)
	}
	last := changes[2]
	if !last.Added || last.Provisional || last.Source != inbox.FromDecision || last.Actor != "api:desk" ||
		last.Inbound != ids["ne m'écrivez plus"] || last.Note != "called" {
		t.Errorf("proof of the decision %+v", last)
	}
	if told := feed(t, s, "default", webhook.InboundDecided); len(told) != 3 {
		t.Errorf("%d decisions told; want 3", len(told))
	}
}

func decidedByOthers(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	submitted(t, s, draft{to: "+33639980007"}, "10")
	tell := func(text string) { receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply(text, "10")}}) }
	change := func(added bool) {
		t.Helper()
		if _, err := s.ChangeOptOuts(t.Context(), []inbox.OptOutChange{{
			ID: sms.NewID(start), Account: "default", Number: "+33639980007", Added: added, Source: inbox.FromAPI,
			Actor: "api:desk", At: start.Add(24 * time.Hour),
		}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name        string
		do          func()
		out         bool
		provisional bool
		waiting     int
	}{
		{"perhaps", func() { tell("plus de sms svp") }, true, true, 1},
		{"STOP", func() { tell("STOP") }, true, false, 0},
		{"perhaps, of somebody who said STOP", func() { tell("plus de pub svp") }, true, false, 1},
		{"START", func() { tell("START") }, false, false, 0},
		{"perhaps once more", func() { tell("ne m'écrivez plus") }, true, true, 1},
		{"by hand", func() { change(true) }, true, false, 0},
		{"off, by hand", func() { change(false) }, false, false, 0},
	} {
		step.do()
		if o, found := optedOut(t, s); found != step.out || o.Provisional != step.provisional {
			t.Errorf("%s: opted out %v, provisional %v", step.name, found, o.Provisional)
		}
		if n := undecided(t, s); n != step.waiting {
			t.Errorf("%s: %d wait, want %d", step.name, n, step.waiting)
		}
	}
}

func readerOfReplies(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	submitted(t, s, draft{to: "+33639980007"}, "10")
	var account string
	var sender sms.Sender
	receive(t, s, inbox.Reception{
		Inbounds: []inbox.Inbound{reply("Bonjour", "10")},
		Read: func(a string, from sms.Sender, in *inbox.Inbound) {
			account, sender, in.Intent, in.Word = a, from, inbox.IntentStop, "BONJOUR"
		},
	})
	if account != "default" || sender != "RELAIS" {
		t.Errorf("read for %q, answering %q", account, sender)
	}
	if o, found := optedOut(t, s); !found || o.Provisional {
		t.Errorf("what was read as a STOP is opted out %v, provisional %v", found, o.Provisional)
	}
}

func stopPerSender(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	submitted(t, s, draft{to: "+33639980007"}, "10") // its sender is RELAIS
	receive(t, s, inbox.Reception{
		Inbounds: []inbox.Inbound{reply("STOP", "10")}, PerSender: func(string) bool { return true },
	})
	for sender, want := range map[sms.Sender]int{"RELAIS": 1, "MAIRIE": 0} {
		out, err := s.OptedOut(t.Context(), "default", sender, []sms.Number{"+33639980007"})
		if err != nil || len(out) != want {
			t.Errorf("opted out from %s: %v, %v", sender, out, err)
		}
	}
}

func operatorBlocks(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	submitted(t, s, draft{to: "+33639980007"}, "10")
	block := inbox.Reception{Blocks: []inbox.Block{{Number: "+33639980007", At: start}}}
	if first, again := receive(t, s, block), receive(t, s, block); first.OptOuts != 1 || again.OptOuts != 0 {
		t.Errorf("%d, then %d opt-outs", first.OptOuts, again.OptOuts)
	}
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("START", "10")}})
	if again := receive(t, s, block); again.OptOuts != 0 {
		t.Error("the operator's old entry undoes a START")
	}
	block.Blocks[0].At = start.Add(time.Hour)
	if again := receive(t, s, block); again.OptOuts != 1 {
		t.Error("a new entry of the operator counts for nothing")
	}
	m := submitted(t, s, draft{to: "+33639980008"}, "11")
	receipt(t, s, sms.Receipt{
		ProviderID: "11", Status: sms.Rejected, Reason: sms.ReasonOptedOut,
		Code: "CRA_SMS_BLACKLIST",
	})
	if got := read(t, s, m); got.Status != sms.Rejected || got.Reason != "opted_out" {
		t.Errorf("message is %s (%s)", got.Status, got.Reason)
	}
	if _, changes, err := s.OptOutProofs(t.Context(), "default", "+33639980008"); err != nil ||
		len(changes) != 1 || changes[0].Message != m.ID {
		t.Errorf("proofs %+v, %v", changes, err)
	}
}

// stopBeforeAnswer: a person is faster than the operator's answer to us.
func stopBeforeAnswer(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: start}); err != nil {
		t.Fatal(err)
	}
	accept(t, s, draft{account: "other", to: "+33639980007"})
	m := claimOne(t, s)
	receive(t, s, inbox.Reception{Blocks: []inbox.Block{{Number: "+33639980007", AnswersID: "10", At: start}}})
	if _, changes, err := s.OptOutProofs(t.Context(), "other", "+33639980007"); err != nil ||
		len(changes) != 1 || changes[0].Message != m.ID {
		t.Errorf("proofs %+v, %v; want one, of the account that wrote", changes, err)
	}
}

func optOutPages(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	var changes []inbox.OptOutChange
	for i := range 5 {
		n := sms.Number(fmt.Sprintf("+3363998000%d", i))
		for _, sender := range []sms.Sender{"A", "B"} {
			changes = append(changes, inbox.OptOutChange{
				ID: sms.NewID(start), Account: "default", Number: n, Sender: sender, Added: true,
				Source: inbox.FromImport, Actor: "cli", At: start,
			})
		}
	}
	for _, want := range []int{10, 0} {
		if made, err := s.ChangeOptOuts(t.Context(), changes); err != nil || made != want {
			t.Errorf("%d changes made, %v; want %d", made, err, want)
		}
	}
	seen, after := 0, sms.Number("")
	for {
		page, more, err := s.OptOuts(t.Context(), inbox.OptOutQuery{Account: "default", After: after, Limit: 3})
		if err != nil || len(page) == 0 {
			t.Fatalf("page of %d, %v", len(page), err)
		}
		seen, after = seen+len(page), page[len(page)-1].Number
		if !more {
			break
		}
	}
	if seen != 10 {
		t.Errorf("%d entries on the pages, want 10", seen)
	}
}

func receiptsMissed(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := submitted(t, s, draft{class: sms.OTP}, "10")
	awaiting := func(at time.Time) int {
		t.Helper()
		found, err := s.Awaiting(t.Context(), "ovh", at, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if early, due := awaiting(start), awaiting(start.Add(time.Hour)); early != 0 || due != 1 {
		t.Errorf("%d awaited early, %d when due", early, due)
	}
	if err := s.Await(t.Context(), []sms.Message{m}, start.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if due := awaiting(start.Add(time.Hour)); due != 0 {
		t.Error("it was not put off")
	}
	receipt(t, s, delivered("10"))
	if due := awaiting(start.Add(9 * time.Hour)); due != 0 {
		t.Error("a delivered message is awaited")
	}
}

func doubts(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	m := claimOne(t, s)
	tr := move(m, sms.Uncertain, "no_clear_answer")
	tr.AskAt = start.Add(5 * time.Second)
	settle(t, s, tr)
	doubtful := func(at time.Time) []sms.Message {
		t.Helper()
		found, err := s.Doubtful(t.Context(), "ovh", "", at, 10)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if early, due := doubtful(start), doubtful(start.Add(time.Minute)); len(early) != 0 || len(due) != 1 ||
		due[0].ID != m.ID || due[0].Asks != 0 {
		t.Errorf("%d to ask about early, %+v when due", len(early), due)
	}
	if err := s.AskAgain(t.Context(), m, 1, start.Add(time.Hour), nil); err != nil {
		t.Fatal(err)
	}
	if early, due := doubtful(start.Add(time.Minute)), doubtful(start.Add(time.Hour)); len(early) != 0 ||
		len(due) != 1 || due[0].Asks != 1 {
		t.Errorf("put off: %d to ask about early, %+v when due", len(early), due)
	}
	note := sms.Event{At: start, Status: sms.Uncertain, Actor: "gateway", Code: "held"}
	if err := s.AskAgain(t.Context(), m, 2, time.Time{}, &note); err != nil {
		t.Fatal(err)
	}
	if left := doubtful(later); len(left) != 0 {
		t.Errorf("%d to ask about, want none any more", len(left))
	}
	wantCodes(t, s, m, "accepted", "attempt", "no_clear_answer", "held")
	again := move(m, sms.Queued, "lookup_not_taken")
	again.From = sms.Uncertain
	settle(t, s, again)
	if err := s.AskAgain(t.Context(), m, 3, start, nil); err != nil || len(doubtful(later)) != 0 {
		t.Errorf("a message that is in doubt no more is asked about: %v", err)
	}
}

func secondChances(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a := draft{class: sms.OTP}.acceptance()
	a.Drafts[0].Chance, a.Drafts[0].Routes = 20*time.Second, []string{"ovh", "sfr"}
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	m := claimOne(t, s)
	if m.Chance != 20*time.Second || fmt.Sprint(m.Routes) != "[ovh sfr]" {
		t.Errorf("claimed with chance %s and routes %v", m.Chance, m.Routes)
	}
	tr := move(m, sms.Submitted, "operator_accepted")
	tr.ProviderID = "10"
	settle(t, s, tr)
	first := read(t, s, m)
	again := first
	again.ID, again.Connector, again.Status, again.Attempt, again.ProviderID = sms.NewID(start), "sfr",
		sms.Queued, 0, ""
	again.Price = 80_000
	note := sms.Event{At: start, Status: sms.Submitted, Actor: "gateway", Code: "second_chance"}
	chance := &lane.Chance{First: first, Again: &again, Note: note, Until: start.Add(time.Hour)}
	for _, want := range []bool{true, false} {
		if made, err := s.SecondChance(t.Context(), chance); err != nil || made != want {
			t.Errorf("made %v, %v; want %v", made, err, want)
		}
	}
	wantCodes(t, s, m, "accepted", "attempt", "operator_accepted", "second_chance")
	if claimed := claim(t, s, lane.Claim{Connector: "sfr"}); len(claimed.Calls) != 1 ||
		claimed.Calls[0][0].Text != first.Text || claimed.Calls[0][0].Price != again.Price {
		t.Errorf("sfr got %d calls, with another text or price", len(claimed.Calls))
	}
}

func moves(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a := draft{count: 2}.acceptance()
	for i := range a.Drafts {
		a.Drafts[i].Routes = []string{"ovh", "sfr"}
	}
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	accept(t, s, draft{}) // pinned
	queued, err := s.Queued(t.Context(), "default", "ovh", 100)
	if err != nil || len(queued) == 0 {
		t.Errorf("%d queued messages, %v", len(queued), err)
	}
	for i := range queued {
		if queued[i].Status != sms.Queued || queued[i].Connector != "ovh" || queued[i].Account != "default" {
			t.Errorf("queued for ovh: %+v", queued[i])
		}
	}
	if others, err := s.Queued(t.Context(), "nobody", "ovh", 100); err != nil || len(others) > 0 {
		t.Errorf("queued of another account: %d, %v", len(others), err)
	}
	movable, err := s.Movable(t.Context(), "ovh", "default", sms.ID{}, 10)
	if err != nil || len(movable) != 2 {
		t.Fatalf("%d movable, %v; want 2", len(movable), err)
	}
	var asked []lane.Move
	for _, m := range movable {
		asked = append(asked, lane.Move{
			Message: m, To: "sfr", Price: 80_000,
			Event: sms.Event{At: start, Status: sms.Queued, Actor: "gateway", Code: "rerouted"},
		})
	}
	for _, want := range []int{2, 0} {
		if moved, err := s.Move(t.Context(), asked); err != nil || moved != want {
			t.Errorf("%d moved, %v; want %d", moved, err, want)
		}
	}
	if claimed := claim(t, s, lane.Claim{Connector: "sfr"}); len(claimed.Calls) != 2 ||
		claimed.Calls[0][0].Price != 80_000 {
		t.Errorf("sfr got %d calls, want 2, each at its price", len(claimed.Calls))
	}
	m := claimOne(t, s)
	back := move(m, sms.Queued, "retry")
	back.Connector, back.Price = "sfr", 70_000
	settle(t, s, back)
	if got := read(t, s, m); got.Connector != "sfr" || got.Price != 70_000 {
		t.Errorf("a message that failed over is at %s for %s, want sfr for 0.07", got.Connector, got.Price)
	}
	m = claim(t, s, lane.Claim{Connector: "sfr", Now: start.Add(time.Minute)}).Calls[0][0]
	settle(t, s, move(m, sms.Submitted, "operator_accepted"))
	if got := read(t, s, m); got.Price != m.Price {
		t.Errorf("a message that stayed costs %s, want %s as before", got.Price, m.Price)
	}
}

func cursors(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for _, want := range []string{"", "one", "two"} {
		if got, err := s.Cursor(t.Context(), "ovh"); err != nil || got != want {
			t.Errorf("cursor %q, %v; want %q", got, err, want)
		}
		next := map[string]string{"": "one", "one": "two", "two": "three"}[want]
		if err := s.KeepCursor(t.Context(), "ovh", next); err != nil {
			t.Fatal(err)
		}
	}
}

func credits(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for i := range 3 {
		r := credit.Record{Connector: "ovh"}
		r.Amount, r.Unit, r.At = float64(10-i), "credits", start.Add(time.Duration(i)*time.Hour)
		r.AlertedAt = start
		var alert []byte
		if i == 2 {
			alert = []byte(`{"connector":"ovh"}`)
		}
		if err := s.KeepCredit(t.Context(), r, alert); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.Credit(t.Context(), "ovh", start.Add(time.Hour))
	if err != nil || r.Amount != 8 || !r.AlertedAt.Equal(start) || len(r.Samples) != 2 {
		t.Errorf("credit %+v, %v", r, err)
	}
	for _, account := range []string{"default", "anybody"} {
		if told := feed(t, s, account); len(told) != 1 || told[0].Type != webhook.CreditLow {
			t.Errorf("feed of %s: %+v", account, told)
		}
	}
}

// importedOnce: a file that is told again puts nothing back, whoever tells it at once; one
// of another account or name counts for itself.
func importedOnce(t *testing.T, open func(t *testing.T) Store) {
	s := openWithTown(t, open)
	take := func(account, name string) int {
		t.Helper()
		made, err := s.ImportOptOuts(t.Context(), inbox.Import{
			Account: account, Name: name, Now: start, Until: start.Add(time.Hour),
			Changes: []inbox.OptOutChange{
				{
					ID: sms.NewID(start), Account: account, Number: someone, Added: true, Source: inbox.FromImport,
					Actor: "user:max", At: start,
				},
			},
		})
		if err != nil {
			t.Error(err)
		}
		return made
	}
	var made atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { made.Add(int32(take("default", "a"))) })
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("one file made %d changes", made.Load())
	}
	if _, err := s.ChangeOptOuts(t.Context(), []inbox.OptOutChange{{
		ID: sms.NewID(start), Account: "default", Number: someone, Source: inbox.FromConsole, Actor: "user:max", At: start,
	}}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		account, name string
		want          int
	}{{"default", "a", 0}, {"town", "a", 1}, {"default", "b", 1}} {
		if got := take(tc.account, tc.name); got != tc.want {
			t.Errorf("%s of %s made %d changes, want %d", tc.name, tc.account, got, tc.want)
		}
	}
}
