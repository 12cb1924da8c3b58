package storetest

import (
	"testing"
	"time"

	"relais/inbox"
	"relais/person"
	"relais/search"
	"relais/sms"
)

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
	ended := submitted(t, s, draft{to: "+33639980001", text: "secret"}, "10")
	receipt(t, s, delivered("10"))
	waiting := accept(t, s, draft{to: "+33639980002", text: "wait"})[0]
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
		if n, _ := all(person.Purge{Replies: true}); n != want {
			t.Errorf("texts of replies, round %d: %d removed, want %d", round, n, want)
		}
		if n, _ := all(person.Purge{Replies: true, Hide: hide}); n != want {
			t.Errorf("numbers of replies, round %d: %d hidden, want %d", round, n, want)
		}
	}
	if got := read(t, s, ended); got.Text != "" || got.To != "~01" || got.Segments != 2 ||
		got.Status != sms.Delivered {
		t.Errorf("a purged message: %+v", got)
	}
	if got := read(t, s, waiting); got.Text != "wait" || got.To != "+33639980002" {
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
