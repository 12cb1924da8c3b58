package storetest

import (
	"slices"
	"testing"
	"time"

	"relais/sms"
	"relais/webhook"
)

// marker is an event that tests write to see how far a feed has come.
const marker webhook.Type = "test.marker"

// feed reads what the feed of an account holds, once everything that was written before
// stands in it: a store may hold events back as long as an earlier transaction runs,
// whosever it is. A database that looks after itself has such transactions at any time.
func feed(t *testing.T, s Store, account string, types ...webhook.Type) []webhook.Event {
	t.Helper()
	awaitFeed(t, s, account)
	events := readFeed(t, s, account, types)
	return slices.DeleteFunc(events, func(e webhook.Event) bool { return e.Type == marker })
}

// awaitFeed returns when the feed shows everything that was written before.
func awaitFeed(t *testing.T, s Store, account string) {
	t.Helper()
	last := sms.NewID(start)
	if err := s.TellAll(t.Context(), string(marker), last, start, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	written := func(e webhook.Event) bool { return e.Subject == last }
	for until := time.Now().Add(time.Minute); ; {
		if slices.ContainsFunc(readFeed(t, s, account, []webhook.Type{marker}), written) {
			return
		}
		if time.Now().After(until) {
			t.Fatal("the feed does not come to what was written a minute ago")
		}
	}
}

func readFeed(t *testing.T, s Store, account string, types []webhook.Type) []webhook.Event {
	t.Helper()
	events, err := s.Feed(t.Context(), account, 0, types, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
