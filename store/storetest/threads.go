package storetest

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/inbox"
	"relais/person"
	"relais/sms"
)

// conversation is one with someone, who wrote this.
func conversation(t *testing.T, s Store, texts ...string) inbox.Thread {
	t.Helper()
	for _, text := range texts {
		receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply(text, "")}, Owner: "default"})
	}
	newest := inbounds(t, s, inbox.InboundQuery{From: someone})[0]
	return inbox.Thread{Account: "default", Reply: newest.ID, From: someone, Hidden: "~07"}
}

// assigned are the texts of the replies that somebody has, the newest first.
func assigned(t *testing.T, s Store, to sms.Actor) (texts []string) {
	t.Helper()
	for _, in := range inbounds(t, s, inbox.InboundQuery{AssignedTo: to}) {
		texts = append(texts, in.Text)
	}
	return texts
}

func threadsAssigned(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const anne, luc = sms.Actor("user:anne"), sms.Actor("user:luc")
	talk := conversation(t, s, "one", "two")
	stranger := reply("of another", "")
	stranger.From = "+33639980008"
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{stranger}, Owner: "default"})
	if err := s.Assign(t.Context(), inbox.Assignment{Thread: talk, To: anne}); err != nil {
		t.Fatal(err)
	}
	conversation(t, s, "three")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	if diff := cmp.Diff([]string{"three", "two", "one"}, assigned(t, s, anne)); diff != "" {
		t.Error(diff)
	}
	if err := s.Assign(t.Context(), inbox.Assignment{Thread: talk, To: luc}); !errors.Is(err, inbox.ErrMoved) {
		t.Errorf("from somebody who does not know of anne: %v", err)
	}
	elsewhere := talk
	elsewhere.Account = "other"
	if err := s.Assign(t.Context(), inbox.Assignment{Thread: elsewhere, To: luc}); err != nil {
		t.Errorf("of another account, where nobody has it: %v", err)
	}
	if got := assigned(t, s, luc); len(got) != 0 {
		t.Errorf("luc has %v", got)
	}
	for _, a := range []inbox.Assignment{{Thread: talk, Was: anne, To: luc}, {Thread: talk, Was: luc}} {
		if err := s.Assign(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if got := len(assigned(t, s, a.To)); a.To != "" && got != 3 || len(assigned(t, s, anne)) != 0 {
			t.Errorf("%q has %d replies", a.To, got)
		}
	}
	erase(t, s, person.Erasure{Numbers: []sms.Number{someone}})
	alone := talk
	alone.From = sms.NoNumber
	if err := s.Assign(t.Context(), inbox.Assignment{Thread: alone, To: anne}); err != nil {
		t.Fatal(err)
	}
	if got := len(assigned(t, s, anne)); got != 1 {
		t.Errorf("anne has %d replies of erased people, want the one", got)
	}
}

func assignRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	talk := conversation(t, s, "one")
	var done, told atomic.Int32
	var all sync.WaitGroup
	for _, to := range []sms.Actor{"user:a", "user:b", "user:c", "user:d"} {
		all.Go(func() {
			switch err := s.Assign(t.Context(), inbox.Assignment{Thread: talk, To: to}); {
			case err == nil:
				done.Add(1)
			case errors.Is(err, inbox.ErrMoved):
				told.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if done.Load() != 1 || told.Load() != 3 {
		t.Errorf("%d have it, %d were told", done.Load(), told.Load())
	}
}

// note keeps a note on a conversation.
func note(t *testing.T, s Store, talk inbox.Thread, after time.Duration, text string) inbox.Note {
	t.Helper()
	n := inbox.Note{
		Account: talk.Account, ID: sms.NewID(start.Add(after)), Reply: talk.Reply, By: "user:anne",
		At: start.Add(after), Text: text,
	}
	if err := s.AddNote(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	return n
}

func notes(t *testing.T, s Store, talk inbox.Thread, limit int) []inbox.Note {
	t.Helper()
	found, err := s.Notes(t.Context(), talk, limit)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func threadNotes(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first := note(t, s, conversation(t, s, "one"), 0, "called back \u202e'\"\n")
	talk := conversation(t, s, "two")
	second := note(t, s, talk, time.Minute, "wants a copy")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	if diff := cmp.Diff([]inbox.Note{second, first}, notes(t, s, talk, 10)); diff != "" {
		t.Error(diff)
	}
	if got := notes(t, s, talk, 1); len(got) != 1 || got[0].ID != second.ID {
		t.Errorf("the newest: %+v", got)
	}
	elsewhere := talk
	elsewhere.Account = "other"
	if got := notes(t, s, elsewhere, 10); len(got) != 0 {
		t.Errorf("another account reads %+v", got)
	}
	for _, by := range []sms.Actor{"user:luc", "user:anne"} {
		dropped, err := s.DropNote(t.Context(), "default", first.ID, by)
		if err != nil || dropped != (by == first.By) {
			t.Errorf("%s removes the note of %s: %v, %v", by, first.By, dropped, err)
		}
	}
	if _, err := s.Purge(t.Context(), person.Purge{
		Account: "default", Of: person.Replies, Before: talk.Reply.Time().Add(time.Hour), Limit: 10, Hide: hide,
	}); err != nil {
		t.Fatal(err)
	}
	if got := notes(t, s, talk, 10); len(got) != 1 {
		t.Errorf("on a hidden number: %+v", got)
	}
	erase(t, s, person.Erasure{Numbers: []sms.Number{someone, "~07"}})
	alone := talk
	alone.From = sms.NoNumber
	if got := append(notes(t, s, talk, 10), notes(t, s, alone, 10)...); len(got) != 0 {
		t.Errorf("of an erased person: %+v", got)
	}
	late := second
	late.ID = sms.NewID(start)
	if err := s.AddNote(t.Context(), late); !errors.Is(err, inbox.ErrNobody) {
		t.Errorf("a note on an erased person: %v", err)
	}
	late.Reply = sms.NewID(start)
	if err := s.AddNote(t.Context(), late); !errors.Is(err, inbox.ErrNobody) {
		t.Errorf("a note on no reply: %v", err)
	}
}

func notesPurged(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	talk := conversation(t, s, "one")
	note(t, s, talk, 0, "old")
	later := note(t, s, talk, time.Hour, "later")
	for range 2 {
		if _, err := s.Purge(t.Context(), person.Purge{
			Account: "default", Of: person.Notes, Before: start.Add(time.Minute), Limit: 10,
		}); err != nil {
			t.Fatal(err)
		}
		if got := notes(t, s, talk, 10); len(got) != 1 || got[0].Text != "later" {
			t.Errorf("left: %+v", got)
		}
	}
	if got := inbounds(t, s, inbox.InboundQuery{}); len(got) != 1 || got[0].Text != "one" {
		t.Errorf("replies: %+v", got)
	}
	for more := true; more; {
		var err error
		if more, err = s.DropHistory(t.Context(), talk.Reply.Time().AddDate(0, 2, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if dropped, err := s.DropNote(t.Context(), "default", later.ID, later.By); err != nil || dropped {
		t.Errorf("a note is left of a reply that is gone: %v, %v", dropped, err)
	}
}

func threadAnswering(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	talk := conversation(t, s, "one", "two")
	sign := func(by sms.Actor, after time.Duration) {
		t.Helper()
		at := start.Add(after)
		a := inbox.Answering{Account: "default", Reply: talk.Reply, By: by, Since: at, At: at}
		if err := s.KeepAnswering(t.Context(), a, at.Add(-2*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	signs := func(after time.Duration) (found []inbox.Answering) {
		t.Helper()
		found, err := s.Answering(t.Context(), talk, start.Add(after-2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	sign("user:anne", 0)
	sign("user:luc", time.Minute)
	sign("user:anne", 90*time.Second)
	want := []inbox.Answering{
		{Account: "default", Reply: talk.Reply, By: "user:anne", Since: start, At: start.Add(90 * time.Second)},
		{
			Account: "default", Reply: talk.Reply, By: "user:luc", Since: start.Add(time.Minute),
			At: start.Add(time.Minute),
		},
	}
	if diff := cmp.Diff(want, signs(2*time.Minute)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[:1], signs(3*time.Minute+time.Second)); diff != "" {
		t.Errorf("later: %s", diff)
	}
	sign("user:anne", 10*time.Minute)
	if got := signs(10 * time.Minute); len(got) != 1 || !got[0].Since.Equal(start.Add(10*time.Minute)) {
		t.Errorf("a sign after a pause: %+v", got)
	}
	for _, by := range []sms.Actor{"user:luc", "user:anne"} {
		if err := s.EndAnswering(t.Context(), talk, by); err != nil {
			t.Fatal(err)
		}
		if got := signs(10 * time.Minute); len(got) == 0 != (by == "user:anne") {
			t.Errorf("after %s: %+v", by, got)
		}
	}
}

// assignedMeanwhile: whoever gets a conversation while a reply comes has that reply too,
// whichever of the two is first.
func assignedMeanwhile(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const anne = sms.Actor("user:anne")
	talk := conversation(t, s, "one")
	assign := func(was, to sms.Actor) {
		if err := s.Assign(t.Context(), inbox.Assignment{Thread: talk, Was: was, To: to}); err != nil {
			t.Error(err)
		}
	}
	given := make(chan struct{})
	receive(t, s, inbox.Reception{
		Inbounds: []inbox.Inbound{reply("STOP", "")}, Owner: "default", Hidden: pseudonymOf,
		PerSender: func(string) bool { // the reply is written, and nobody else sees it yet
			go func() {
				defer close(given)
				assign("", anne)
			}()
			select {
			case <-given:
			case <-time.After(100 * time.Millisecond): // it waits, as it must
			}
			return false
		},
	})
	<-given
	if diff := cmp.Diff([]string{"STOP", "one"}, sorted(assigned(t, s, anne))); diff != "" {
		t.Errorf("a reply, then the assignment: %s", diff)
	}
	assign(anne, "")
	for i := range 20 {
		was, to := sms.Actor(""), anne
		if i%2 == 1 {
			was, to = anne, ""
		}
		var both sync.WaitGroup
		both.Go(func() { assign(was, to) })
		both.Go(func() {
			if _, err := s.Receive(t.Context(), &inbox.Reception{
				Inbounds: []inbox.Inbound{reply(strconv.Itoa(i), "")}, Connector: "ovh", Owner: "default",
				Hidden: pseudonymOf, At: start.Add(time.Minute), PerSender: func(string) bool { return false },
			}); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		all := inbounds(t, s, inbox.InboundQuery{})
		for _, in := range all {
			if in.AssignedTo != to {
				t.Fatalf("round %d: %q has %q, want %q", i, in.AssignedTo, in.Text, to)
			}
		}
	}
}

func pseudonymOf(_ string, n sms.Number) sms.Number { return hide(n) }

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// assignedAfterHiding: who had a conversation before the retention hid its number has what
// the person writes next, and the account of another does not.
func assignedAfterHiding(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const anne = sms.Actor("user:anne")
	talk := conversation(t, s, "one")
	if err := s.Assign(t.Context(), inbox.Assignment{Thread: talk, To: anne}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(t.Context(), person.Purge{
		Account: "default", Of: person.Replies, Before: talk.Reply.Time().Add(time.Hour), Limit: 10, Hide: hide,
	}); err != nil {
		t.Fatal(err)
	}
	stranger := reply("of another", "")
	stranger.From = "+33639980008"
	receive(t, s, inbox.Reception{
		Inbounds: []inbox.Inbound{reply("two", ""), stranger}, Owner: "default", Hidden: pseudonymOf,
	})
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("three", "")}, Owner: "default"})
	if diff := cmp.Diff([]string{"one", "three", "two"}, sorted(assigned(t, s, anne))); diff != "" {
		t.Error(diff)
	}
	erase(t, s, person.Erasure{Numbers: []sms.Number{someone, "~07"}})
	receive(t, s, inbox.Reception{
		Inbounds: []inbox.Inbound{reply("four", "")}, Owner: "default", Hidden: pseudonymOf,
	})
	if got := assigned(t, s, anne); len(got) != 0 {
		t.Errorf("after the erasure anne has %v", got)
	}
}
