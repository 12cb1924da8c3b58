package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/lane"
	"relais/sms"
	"relais/webhook"
)

// pausesKept: a pause outlives a restart, the later one counts, and the audit has each.
func pausesKept(t *testing.T, open func(t *testing.T) Store) {
	at := time.Date(2026, 11, 29, 18, 0, 0, 0, time.UTC)
	first := lane.Pause{Connector: "ovh", By: sms.UserActor("odile"), Why: "travaux", At: at, Until: at.Add(time.Hour)}
	other := lane.Pause{Connector: "sfr", By: sms.KeyActor("ci"), Why: "essai", At: at.Add(time.Second), Keep: true}
	later := lane.Pause{Connector: "ovh", By: sms.UserActor("max"), Why: "plus long", At: at.Add(time.Minute)}
	s := open(t)
	for _, p := range []lane.Pause{first, other, later} {
		if err := s.KeepPause(t.Context(), p, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	kept, err := s.Pauses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]lane.Pause{later, other}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	for i, want := range []bool{true, false} {
		was, err := s.DropPause(t.Context(), "ovh", sms.UserActor("odile"), at.Add(2*time.Minute), "")
		if err != nil || was != want {
			t.Errorf("dropped the %d. time: %t %v", i+1, was, err)
		}
	}
	acts, _, err := s.Acts(t.Context(), auth.ActQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, a := range acts {
		told = append(told, string(a.Actor)+" "+string(a.Code)+" "+a.Subject+" "+a.Note+" "+a.Address)
	}
	want := []string{
		"user:odile connector_resumed ovh  ", "user:max connector_paused ovh  192.0.2.7",
		"api:ci connector_paused sfr  192.0.2.7", "user:odile connector_paused ovh 2026-11-29T19:00:00Z 192.0.2.7",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
}

// changesRead: streams see what happened in their account and in the whole gateway, in
// order, behind a number, without what callers are told.
func changesRead(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	at := time.Now().Truncate(time.Microsecond)
	before, err := s.LastChange(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	subjects := []sms.ID{sms.NewID(at), sms.NewID(at), sms.NewID(at)}
	for _, subject := range subjects {
		data := []byte(`{"connector":"ovh","reason":"no credit"}`)
		if err := s.TellAll(t.Context(), string(webhook.ConnectorBlocked), subject, at, data); err != nil {
			t.Fatal(err)
		}
	}
	found := changes(t, s, before, 2)
	found = append(found, changes(t, s, found[1].Seq, 1)...)
	if len(found) != len(subjects) {
		t.Fatalf("%d changes, want %d", len(found), len(subjects))
	}
	for i, c := range found {
		if c.Subject != subjects[i] || c.Connector != "ovh" || c.Type != webhook.ConnectorBlocked {
			t.Errorf("change %d is %+v", i, c)
		}
	}
	last, err := s.LastChange(t.Context(), "default")
	if err != nil || last != found[2].Seq {
		t.Errorf("the last one is %d, %v, want %d", last, err, found[2].Seq)
	}
}

// changes awaits so many behind a number, which an earlier transaction may hold back.
func changes(t *testing.T, s Store, after int64, n int) []webhook.Happening {
	t.Helper()
	pause := time.NewTicker(10 * time.Millisecond)
	defer pause.Stop()
	for until := time.Now().Add(time.Minute); ; <-pause.C {
		found, err := s.Changes(t.Context(), "default", after, 2)
		if err != nil || len(found) > n || time.Now().After(until) {
			t.Fatalf("%d changes, want %d: %v, %v", len(found), n, found, err)
		}
		if len(found) == n {
			return found
		}
	}
}
