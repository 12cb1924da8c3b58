package storetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/inbox"
	"relais/lane"
	"relais/person"
	"relais/search"
	"relais/sms"
	"relais/webhook"
)

// erase erases step by step, two rows each, and returns the sum.
func erase(t *testing.T, s Store, e person.Erasure) (sum person.ErasureDone) {
	t.Helper()
	set(&e.Limit, 2)
	set(&e.Audit.Account, "default")
	set(&e.Audit.ID, sms.NewID(start))
	set(&e.Audit.Action, person.Erased)
	for range 100 {
		done, err := s.Erase(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		sum.Messages, sum.Replies, sum.OptOuts, sum.Shared = sum.Messages+done.Messages, sum.Replies+done.Replies,
			sum.OptOuts+done.OptOuts, sum.Shared+done.Shared
		sum.Rows += done.Rows
		if !done.More {
			return sum
		}
	}
	t.Fatal("an erasure does not end")
	return sum
}

func ended(t *testing.T, s Store, messages ...sms.Message) {
	t.Helper()
	for _, m := range messages {
		settle(t, s, move(m, sms.Canceled, "canceled_by_caller"))
	}
}

const someone = sms.Number("+33639980007") // who writes reply()

// erases: nothing is left of a person but what the account keeps of itself, and
// nothing of others goes.
func erases(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	sent := submitted(t, s, draft{to: someone, text: "secret", reference: "file-7"}, "10")
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("private", "10"), reply("STOP", "10")}})
	receipt(t, s, delivered("10"))
	var many []sms.Message
	for range 4 {
		many = append(many, accept(t, s, draft{to: someone, text: "secret"})...)
	}
	ended(t, s, many...)
	waiting := accept(t, s, draft{to: someone, text: "wait", reference: "file-8"})[0]
	stranger := accept(t, s, draft{to: "+33639980008", text: "of another"})[0]
	elsewhere := accept(t, s, draft{account: "other", to: someone, text: "of another account"})[0]
	ended(t, s, stranger, elsewhere)

	e := person.Erasure{
		Numbers: []sms.Number{someone, "~hidden"},
		Audit:   person.AuditEntry{ID: sms.NewID(start), Actor: "api:desk", Subject: "~hidden", At: start},
	}
	if got, want := erase(t, s, e), (person.ErasureDone{Messages: 5, Replies: 2}); got != want {
		t.Errorf("erased %+v, want %+v", got, want)
	}
	for _, m := range append(many, sent) {
		if got := read(t, s, m); got.To != sms.NoNumber || got.Text != "" || got.Reference != "" ||
			got.Segments != 2 || !got.Status.Final() {
			t.Errorf("an erased message: %+v", got)
		}
	}
	wantCodes(t, s, sent, "accepted", "attempt", "operator_accepted", "delivered")
	for _, m := range []sms.Message{waiting, stranger, elsewhere} {
		if got := read(t, s, m); got.To != m.To || got.Text != m.Text || got.Reference != m.Reference {
			t.Errorf("what was not to be erased: %+v", got)
		}
	}
	for _, in := range inbounds(t, s, inbox.InboundQuery{}) {
		if in.From != sms.NoNumber || in.Text != "" {
			t.Errorf("an erased reply: %+v", in)
		}
	}
	events := feed(t, s, "default", webhook.InboundReceived, webhook.MessageDelivered)
	if len(events) != 3 {
		t.Fatalf("%d events; want 3", len(events))
	}
	for _, event := range events {
		if data := string(event.Data); strings.Contains(data, string(someone)) ||
			strings.Contains(data, "private") || strings.Contains(data, "file-7") || !strings.Contains(data, `"~"`) {
			t.Errorf("an event of the erased: %s", data)
		}
	}
	if entries, changes, err := s.OptOutProofs(t.Context(), "default", someone); err != nil ||
		len(entries) != 1 || len(changes) != 1 {
		t.Errorf("opt-outs: %d entries, %d changes, %v; want them kept", len(entries), len(changes), err)
	}
	e.OptOuts, e.Audit.ID = true, sms.NewID(start)
	if got, want := erase(t, s, e), (person.ErasureDone{OptOuts: 1}); got != want {
		t.Errorf("erased again, opt-outs too: %+v, want %+v", got, want)
	}
	if entries, changes, err := s.OptOutProofs(t.Context(), "default", someone); err != nil ||
		len(entries)+len(changes) > 0 {
		t.Errorf("opt-outs: %d entries, %d changes, %v; want none", len(entries), len(changes), err)
	}
}

// erasesHidden: a pseudonym is erased with its number.
func erasesHidden(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := accept(t, s, draft{to: "+33639980001"})[0]
	ended(t, s, m)
	if _, err := s.Purge(t.Context(), person.Purge{
		Account: "default", Before: m.ID.Time().Add(time.Hour),
		Limit: 10, Hide: hide,
	}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, s, m); got.To != "~01" {
		t.Fatalf("the number is %s, want a pseudonym", got.To)
	}
	if got := erase(t, s, person.Erasure{Numbers: []sms.Number{"+33639980001", "~01"}}); got.Messages != 1 {
		t.Errorf("erased %+v, want the hidden message", got)
	}
	if got := read(t, s, m); got.To != sms.NoNumber {
		t.Errorf("the number is %s", got.To)
	}
}

// erasesShares: a text that many got stays with the others until the last is
// erased, and is shown with none that was.
func erasesShares(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a := draft{count: 3, text: "for all"}.acceptance()
	for i := range a.Drafts {
		a.Drafts[i].Metadata = map[string]string{"name": "Dupont"}
	}
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for i := range a.Drafts {
		ended(t, s, a.Drafts[i].Message)
	}
	for i := range a.Drafts {
		want := person.ErasureDone{Messages: 1, Shared: 1}
		if i == len(a.Drafts)-1 {
			want.Shared = 0
		}
		if got := erase(t, s, person.Erasure{Numbers: []sms.Number{a.Drafts[i].To}}); got != want {
			t.Errorf("recipient %d: erased %+v, want %+v", i+1, got, want)
		}
		for j := range a.Drafts {
			text, metadata := "for all", 1
			if j <= i {
				text, metadata = "", 0
			}
			if got := read(t, s, a.Drafts[j].Message); got.Text != text || len(got.Metadata) != metadata {
				t.Errorf("recipient %d after %d were erased: text %q, metadata %v", j+1, i+1, got.Text, got.Metadata)
			}
		}
	}
}

// erasesSecondChance: a first message that has not ended keeps the text that its
// second chance had too.
func erasesSecondChance(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a := draft{class: sms.OTP, text: "code"}.acceptance()
	a.Drafts[0].Chance = 20 * time.Second
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	m := claimOne(t, s)
	settle(t, s, move(m, sms.Submitted, "operator_accepted"))
	first := read(t, s, m)
	again := first
	again.ID, again.Connector, again.Status, again.Attempt = sms.NewID(start), "sfr", sms.Queued, 0
	note := sms.Event{At: start, Status: sms.Submitted, Actor: "gateway", Code: "second_chance"}
	chance := &lane.Chance{First: first, Again: &again, Note: note, Until: start.Add(time.Hour)}
	if made, err := s.SecondChance(t.Context(), chance); err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	ended(t, s, again)
	if got := erase(t, s, person.Erasure{Numbers: []sms.Number{m.To}}); got.Messages != 1 {
		t.Errorf("erased %+v, want the message that has ended", got)
	}
	if got := read(t, s, m); got.Text != "code" || got.To != m.To {
		t.Errorf("the message that has not ended: %q to %s", got.Text, got.To)
	}
}

// audits: entries add up, and are read page by page, of one person or of all.
func audits(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := accept(t, s, draft{to: someone})[0]
	ended(t, s, m)
	var want []person.AuditEntry // newest first
	for i, action := range []person.Action{person.Exported, person.Erased, person.Exported} {
		e := person.AuditEntry{
			ID: sms.NewID(start), Account: "default", At: start, Actor: "api:desk", Action: action,
			Subject: sms.Number(fmt.Sprint("~", i%2)),
		}
		var err error
		switch action {
		case person.Erased:
			_, err = s.Erase(t.Context(), person.Erasure{Numbers: []sms.Number{someone}, Limit: 10, Audit: e})
			e.Messages = 1
		default:
			err = s.Record(t.Context(), e)
			e.Messages, e.Replies, e.OptOuts = 3, 2, 1
			if err == nil {
				err = s.Record(t.Context(), e)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		want = append([]person.AuditEntry{e}, want...)
	}
	for _, tc := range []struct {
		name  string
		query person.AuditQuery
		want  []person.AuditEntry
		more  bool
	}{
		{"all, newest first", person.AuditQuery{}, want, false},
		{"first page", person.AuditQuery{Limit: 2}, want[:2], true},
		{"second page", person.AuditQuery{Limit: 2, Before: want[1].ID}, want[2:], false},
		{"of one person", person.AuditQuery{Subject: "~0"}, []person.AuditEntry{want[0], want[2]}, false},
		{"of nobody", person.AuditQuery{Subject: "~9"}, nil, false},
		{"by somebody else", person.AuditQuery{Actor: "user:nobody"}, nil, false},
		{"by who did it", person.AuditQuery{Actor: want[0].Actor}, byActor(want, want[0].Actor), false},
		{"of one kind", person.AuditQuery{Action: want[0].Action}, byAction(want, want[0].Action), false},
		{"since", person.AuditQuery{Since: want[0].At}, want, false},
		{"since later", person.AuditQuery{Since: want[0].At.Add(time.Second)}, nil, false},
		{"of another account", person.AuditQuery{Account: "other"}, nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set(&tc.query.Account, "default")
			set(&tc.query.Limit, 100)
			got, more, err := s.Audit(t.Context(), tc.query)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || more != tc.more {
				t.Errorf("more = %v, want %v; entries (-want +got):\n%s", more, tc.more, diff)
			}
		})
	}
}

func byActor(all []person.AuditEntry, actor sms.Actor) []person.AuditEntry {
	return slices.DeleteFunc(slices.Clone(all), func(e person.AuditEntry) bool { return e.Actor != actor })
}

func byAction(all []person.AuditEntry, action person.Action) []person.AuditEntry {
	return slices.DeleteFunc(slices.Clone(all), func(e person.AuditEntry) bool { return e.Action != action })
}

func hide(n sms.Number) sms.Number {
	if n[0] == '~' {
		return n
	}
	return "~" + n[len(n)-2:]
}

// purges: texts and numbers of what has ended go, page by page, and what may
// still be sent stays whole.
func purges(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	kept := map[string]string{"callback": "https://town.example/?of=33639980001"}
	ended := submitted(t, s, draft{to: "+33639980001", text: "secret", metadata: kept}, "10")
	receipt(t, s, delivered("10"))
	waiting := accept(t, s, draft{to: "+33639980002", text: "wait", metadata: kept})[0]
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("Bonjour", "10")}})
	step := func(p person.Purge) person.Purged {
		t.Helper()
		p.Account, p.Before, p.Limit = "default", waiting.ID.Time().Add(48*time.Hour), 1
		done, err := s.Purge(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	all := func(p person.Purge) (changed int, kept sms.ID) {
		t.Helper()
		for {
			done := step(p)
			if done.Next.IsZero() {
				return changed, kept
			}
			if p.After = done.Next; kept.IsZero() {
				kept = done.Kept
			}
			changed += done.Changed
		}
	}
	if none, err := s.Purge(t.Context(),
		person.Purge{Account: "default", Before: start, Limit: 10}); err != nil || !none.Next.IsZero() {
		t.Errorf("what is younger: %+v, %v; want nothing looked at", none, err)
	}
	for round, want := range []int{1, 0} {
		if n, kept := all(person.Purge{}); n != want || kept != waiting.ID {
			t.Errorf("texts, round %d: %d removed, kept %v; want %d and the one that waits", round, n, kept, want)
		}
		if n, kept := all(person.Purge{Hide: hide}); n != want || kept != waiting.ID {
			t.Errorf("numbers, round %d: %d hidden, kept %v; want %d and the one that waits", round, n, kept, want)
		}
		if n, _ := all(person.Purge{Of: person.Replies}); n != want {
			t.Errorf("texts of replies, round %d: %d removed, want %d", round, n, want)
		}
		if n, _ := all(person.Purge{Of: person.Replies, Hide: hide}); n != want {
			t.Errorf("numbers of replies, round %d: %d hidden, want %d", round, n, want)
		}
	}
	if got := read(t, s, ended); got.Text != "" || got.To != "~01" || got.Segments != 2 ||
		got.Status != sms.Delivered || len(got.Metadata) != 1 {
		t.Errorf("a purged message: %+v", got)
	}
	for round, want := range []int{1, 0} {
		if n, kept := all(person.Purge{Metadata: true}); n != want || kept != waiting.ID {
			t.Errorf("metadata, round %d: %d removed, kept %v; want %d and the one that waits", round, n, kept, want)
		}
	}
	if got := read(t, s, ended); len(got.Metadata) != 0 {
		t.Errorf("a purged message has the metadata %v", got.Metadata)
	}
	if got := read(t, s, waiting); got.Text != "wait" || got.To != "+33639980002" || len(got.Metadata) != 1 {
		t.Errorf("a message that waits: %q to %s", got.Text, got.To)
	}
	if got := inbounds(t, s, inbox.InboundQuery{From: "+33639980007", HiddenFrom: "~07"}); len(got) != 1 ||
		got[0].Text != "" || got[0].From != "~07" {
		t.Errorf("a purged reply, by its number: %+v", got)
	}
	found, _, err := s.Search(t.Context(),
		search.Query{Account: "default", To: "+33639980001", Hidden: "~01", Limit: 10})
	if err != nil || len(found) != 1 || found[0].ID != ended.ID {
		t.Errorf("search by number: %+v, %v; want the purged message", found, err)
	}
}

// erasesAnswers: what receivers answered to events of a person's messages and replies is
// forgotten with them, for they may have repeated it; what they answered of others stays.
func erasesAnswers(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	theirs := submitted(t, s, draft{to: someone, text: "secret"}, "10")
	receipt(t, s, delivered("10"))
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("private", "10")}})
	strange := submitted(t, s, draft{to: "+33639980008"}, "11")
	receipt(t, s, delivered("11"))
	first := webhook.Try{At: start, Status: 503, Error: "status 503", Answer: "not now"}
	answered := map[sms.ID]int{}
	for range 10 {
		all := due(t, s, e, later, nil)
		if len(all) == 0 {
			break
		}
		for _, d := range all {
			a := webhook.Attempt{
				Account: d.Account, Endpoint: d.Endpoint, Seq: d.Event.Seq, State: webhook.Delivered,
				Try: webhook.Try{At: start, Status: 200, Answer: "I know them"}, Earlier: []webhook.Try{first},
			}
			if err := s.SettleDeliveries(t.Context(), []webhook.Attempt{a}); err != nil {
				t.Fatal(err)
			}
			answered[d.Event.Subject]++
		}
	}
	if len(answered) != 3 || answered[theirs.ID] != 2 || answered[strange.ID] != 2 {
		t.Fatalf("answered: %v; want two events of each message and one of the reply", answered)
	}
	erase(t, s, person.Erasure{
		Numbers: []sms.Number{someone}, Audit: person.AuditEntry{Actor: "api:desk", At: start},
	})
	log, err := s.Deliveries(t.Context(), "default", e.ID, "", math.MaxInt64, 100)
	if err != nil || len(log) != 5 {
		t.Fatalf("%d deliveries, %v; want 5", len(log), err)
	}
	for _, d := range log {
		kept := d.Last.Answer != "" && len(d.Earlier) == 1
		gone := d.Last.Answer == "" && len(d.Earlier) == 0
		if d.Last.Status != 200 || d.Event.Subject == strange.ID && !kept || d.Event.Subject != strange.ID && !gone {
			t.Errorf("a delivery after the erasure: %+v", d)
		}
	}
}
