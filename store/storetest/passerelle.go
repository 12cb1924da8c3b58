package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/search"
	"relais/sms"
)

func searchMetadata(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	foo := accept(t, s, draft{metadata: map[string]string{"counter": "foo", "a.b-c": "<é \" 7>"}, count: 2})
	accept(t, s, draft{metadata: map[string]string{"counter": "bar"}})
	accept(t, s, draft{})
	strange := map[string]string{
		"a:b": "c", "a=b": "d", "$": "e", "x\"y\\z": "f", "é <&> ’": "g",
		"$.counter": "h", "": "i", "with\ttab": "j",
	}
	odd := accept(t, s, draft{metadata: strange, count: 1})
	other := accept(t, s, draft{metadata: map[string]string{"a": "b:c"}, count: 1})
	ours := []sms.ID{foo[1].ID, foo[0].ID}
	for _, tc := range []struct {
		name  string
		query search.Query
		want  []sms.ID
	}{
		{"a value", search.Query{Metadata: []search.Metadatum{{Key: "counter", Value: "foo"}}}, ours},
		{
			"signs in key and value",
			search.Query{Metadata: []search.Metadatum{{Key: "a.b-c", Value: "<é \" 7>"}}},
			ours,
		},
		{
			"first page",
			search.Query{Metadata: []search.Metadatum{{Key: "counter", Value: "foo"}}, Limit: 1},
			ours[:1],
		},
		{"with a number", search.Query{
			Metadata: []search.Metadatum{{Key: "counter", Value: "foo"}},
			To:       foo[0].To,
		}, ours[1:]},
		{"another value", search.Query{Metadata: []search.Metadatum{{Key: "counter", Value: "fo"}}}, nil},
		{"another key", search.Query{Metadata: []search.Metadatum{{Key: "a", Value: "foo"}}}, nil},
		{"every reading of a:b:c", search.Query{Metadata: []search.Metadatum{
			{Key: "a", Value: "b:c"},
			{Key: "a:b", Value: "c"},
		}}, []sms.ID{other[0].ID, odd[0].ID}},
		{"one of two", search.Query{Metadata: []search.Metadatum{
			{Key: "a", Value: "b"},
			{Key: "a:b", Value: "c"},
		}}, []sms.ID{odd[0].ID}},
		{"a colon", search.Query{Metadata: []search.Metadatum{{Key: "a:b", Value: "c"}}}, []sms.ID{odd[0].ID}},
		{
			"an equals sign",
			search.Query{Metadata: []search.Metadatum{{Key: "a=b", Value: "d"}}},
			[]sms.ID{odd[0].ID},
		},
		{"a dollar", search.Query{Metadata: []search.Metadatum{{Key: "$", Value: "e"}}}, []sms.ID{odd[0].ID}},
		{
			"a quote and a backslash",
			search.Query{Metadata: []search.Metadatum{{Key: "x\"y\\z", Value: "f"}}},
			[]sms.ID{odd[0].ID},
		},
		{
			"letters beyond ASCII",
			search.Query{Metadata: []search.Metadatum{{Key: "é <&> ’", Value: "g"}}},
			[]sms.ID{odd[0].ID},
		},
		{
			"what looks like a path",
			search.Query{Metadata: []search.Metadatum{{Key: "$.counter", Value: "h"}}},
			[]sms.ID{odd[0].ID},
		},
		{"nothing", search.Query{Metadata: []search.Metadatum{{Key: "", Value: "i"}}}, []sms.ID{odd[0].ID}},
		{
			"a control character",
			search.Query{Metadata: []search.Metadatum{{Key: "with\ttab", Value: "j"}}},
			[]sms.ID{odd[0].ID},
		},
		{
			"a path that finds nothing",
			search.Query{Metadata: []search.Metadatum{{Key: "$.counter", Value: "foo"}}},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.query.Account = "default"
			set(&tc.query.Limit, 100)
			found, _, err := s.Search(t.Context(), tc.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []sms.ID
			for i := range found {
				got = append(got, found[i].ID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

func nonces(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	until := start.Add(30 * time.Second)
	spend := func(scope string, now time.Time) bool {
		t.Helper()
		fresh, err := s.SpendNonce(t.Context(), scope, "a", now, until)
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	if !spend("passerelle:town", start) || spend("passerelle:town", start) {
		t.Error("want a nonce to be fresh the first time alone")
	}
	if !spend("passerelle:other", start) {
		t.Error("the nonce of one door is used at another")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t) // as after a restart
	if spend("passerelle:town", until) {
		t.Error("a nonce is fresh again before its time is over")
	}
	if !spend("passerelle:town", until.Add(time.Second)) {
		t.Error("old nonces are not dropped")
	}
	var once atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if fresh, err := s.SpendNonce(t.Context(), "passerelle:town", "race", start, until); err == nil && fresh {
				once.Add(1)
			}
		})
	}
	if all.Wait(); once.Load() != 1 {
		t.Errorf("%d of 20 at once had a fresh nonce, want 1", once.Load())
	}
}

func counts(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{metadata: map[string]string{"passerelle": "town", "counter": "foo"}, count: 3})
	accept(t, s, draft{metadata: map[string]string{"passerelle": "town", "counter": "foo"}})
	accept(t, s, draft{metadata: map[string]string{"passerelle": "town"}, count: 2})
	accept(t, s, draft{metadata: map[string]string{"counter": "foo"}})
	accept(t, s, draft{})
	slot := start.Truncate(search.Slot)
	day := 24 * time.Hour
	for _, tc := range []struct {
		name string
		of   search.Count
		want []search.Counted
	}{
		{"a day", search.Count{Since: start.Truncate(day), Until: start.Truncate(day).Add(day)}, []search.Counted{
			{At: slot, Value: "town", Messages: 2}, {At: slot, Value: "town", By: "foo", Messages: 4},
		}},
		{"the day before", search.Count{Since: start.Truncate(day).Add(-day), Until: start.Truncate(day)}, nil},
		{"another account", search.Count{Account: "other", Since: start.Add(-day), Until: start.Add(day)}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set(&tc.of.Account, "default")
			tc.of.Key, tc.of.By = "passerelle", "counter"
			got, err := s.CountByMetadata(t.Context(), tc.of)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fmt.Sprint(tc.want), fmt.Sprint(inUTC(got))); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func inUTC(counted []search.Counted) []search.Counted {
	for i := range counted {
		counted[i].At = counted[i].At.UTC()
	}
	return counted
}
