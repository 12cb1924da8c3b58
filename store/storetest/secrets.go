package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/ovh"
	"relais/sms"
	"relais/webhook"
)

func former(t *testing.T, s Store, e webhook.Endpoint, now time.Time) (secrets []string) {
	t.Helper()
	found, err := s.Former(t.Context(), &e, now, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		secrets = append(secrets, string(f.Secret))
	}
	return secrets
}

func secretsRotate(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e, other := endpoint(t, s, ""), endpoint(t, s, "other")
	rotate := func(secret, key string, request byte, now time.Time, overlap time.Duration) (webhook.Rotated,
		error,
	) {
		return s.Rotate(t.Context(), webhook.Rotation{
			Account: "default", Endpoint: e.ID, Secret: []byte(secret), Now: now, Until: now.Add(overlap), Key: key,
			Request: [32]byte{request},
		})
	}
	until := start.Add(time.Hour)
	want := webhook.Rotated{Secret: []byte("second"), Until: until}
	got, err := rotate("second", "r1", 1, start, time.Hour)
	got.Until = got.Until.UTC()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := rotate("unused", "r1", 1, start.Add(time.Minute), time.Hour); err != nil ||
		string(got.Secret) != "second" || !got.Replayed || !got.Until.Equal(until) {
		t.Errorf("the same request again: %s %v %v, %v", got.Secret, got.Until, got.Replayed, err)
	}
	if _, err := rotate("unused", "r1", 2, start, time.Hour); !errors.Is(err, webhook.ErrKeyReused) {
		t.Errorf("another request with the key: %v, want ErrKeyReused", err)
	}
	if _, err := rotate("third", "", 0, start.Add(time.Minute), 2*time.Hour); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	now, err := s.Endpoint(t.Context(), "default", e.ID)
	if err != nil || string(now.Secret) != "third" {
		t.Errorf("after a restart it signs with %q, %v", now.Secret, err)
	}
	for _, tc := range []struct {
		name string
		at   time.Time
		want []string
	}{
		{"both", start, []string{"second", "sealed"}},
		{"when the first is over", until, []string{"second"}},
		{"when all are over", start.Add(3 * time.Hour), nil},
	} {
		if diff := cmp.Diff(tc.want, former(t, s, now, tc.at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	if err := s.DropFormer(t.Context(), until); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"second"}, former(t, s, now, start)); diff != "" {
		t.Errorf("what is kept of them (-want +got):\n%s", diff)
	}
	if _, err := rotate("fourth", "", 0, start, 0); err != nil || former(t, s, now, start) != nil {
		t.Errorf("replaced at once, %v, yet %v sign too", err, former(t, s, now, start))
	}
	if got := former(t, s, other, start); got != nil {
		t.Errorf("another account's endpoint has %v", got)
	}
	unknown := webhook.Rotation{Account: "other", Endpoint: e.ID, Secret: []byte("x"), Now: start, Until: start}
	if _, err := s.Rotate(t.Context(), unknown); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("another account's endpoint: %v, want ErrUnknown", err)
	}
}

// accountSecretRotates has the secret rotate that signs for addresses of requests, those
// that are named later too.
func accountSecretRotates(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	named := func(url string) webhook.Endpoint {
		e, err := s.RequestEndpoint(t.Context(), "default", url, "", []byte("first"), start, 0)
		if err != nil {
			t.Fatal(err)
		}
		if e, err = s.Endpoint(t.Context(), "default", e.ID); err != nil {
			t.Fatal(err)
		}
		return e
	}
	before, own := named("https://example.org/a"), endpoint(t, s, "")
	r := webhook.Rotation{
		Account: "default", Secret: []byte("second"), Now: start, Until: start.Add(time.Hour),
		Key: "r1",
	}
	for range 2 {
		if got, err := s.Rotate(t.Context(), r); err != nil || string(got.Secret) != "second" {
			t.Errorf("rotated to %s, %v", got.Secret, err)
		}
		r.Secret = []byte("unused")
	}
	for _, e := range []webhook.Endpoint{named("https://example.org/a"), named("https://example.org/b")} {
		if diff := cmp.Diff([]string{"first"}, former(t, s, e, start)); string(e.Secret) != "second" || diff != "" {
			t.Errorf("%s signs with %q and (-want +got):\n%s", e.URL, e.Secret, diff)
		}
	}
	if got := former(t, s, own, start); got != nil || before.ID == (sms.ID{}) {
		t.Errorf("an endpoint with a secret of its own has %v", got)
	}
	if _, err := s.Rotate(t.Context(), webhook.Rotation{
		Account: "nobody", Secret: []byte("x"),
		Now: start,
	}); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("an account without a secret: %v, want ErrUnknown", err)
	}
}

func settingsAgree(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if got, err := s.Setting(t.Context(), "seal_key"); got != "" || err != nil {
		t.Errorf("a new database has the setting %q, %v", got, err)
	}
	var agreed atomic.Int64
	var all sync.WaitGroup
	for _, value := range []string{"a", "b", "c", "d"} {
		all.Go(func() {
			same, err := s.Agree(t.Context(), "seal_key", value)
			if err != nil {
				t.Error(err)
			}
			if same {
				agreed.Add(1)
			}
		})
	}
	all.Wait()
	if got := agreed.Load(); got != 1 {
		t.Errorf("%d of 4 values were agreed on, want 1", got)
	}
	if err := s.SetSetting(t.Context(), "seal_key", "e"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t)
	if got, err := again.Setting(t.Context(), "seal_key"); got != "e" || err != nil {
		t.Errorf("after reopening it is %q, %v; want the last one", got, err)
	}
	for _, name := range []string{"node:a", "node:b", "nodes"} {
		if err := again.SetSetting(t.Context(), name, "of "+name); err != nil {
			t.Fatal(err)
		}
	}
	got, err := again.Settings(t.Context(), "node:")
	if diff := cmp.Diff(map[string]string{"node:a": "of node:a", "node:b": "of node:b"}, got); diff != "" || err != nil {
		t.Errorf("settings by their prefix (-want +got):\n%s%v", diff, err)
	}
	for range 2 { // the second time there is nothing
		if err := again.DropSetting(t.Context(), "node:a"); err != nil {
			t.Error(err)
		}
	}
	if got, err := again.Settings(t.Context(), "node"); len(got) != 2 || err != nil {
		t.Errorf("after one was dropped there are %v, %v", got, err)
	}
}

func sealedIsFound(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		seal func(t *testing.T, s Store)
	}{
		{"a webhook", func(t *testing.T, s Store) { endpoint(t, s, "", webhook.MessageDelivered) }},
		{"a signing secret", func(t *testing.T, s Store) {
			if _, err := s.SigningSecret(t.Context(), "default", []byte("sealed"), false, start); err != nil {
				t.Fatal(err)
			}
		}},
		{"an application", func(t *testing.T, s Store) {
			a := ovh.Application{
				ID: 7, Key: "key", Secret: []byte("sealed"), Account: "default", Name: "forms",
				CreatedAt: start,
			}
			if err := s.AddOVHApplication(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			if got, err := s.Sealed(t.Context()); got != nil || err != nil {
				t.Errorf("a new database has %q, %v", got, err)
			}
			test.seal(t, s)
			if got, err := s.Sealed(t.Context()); string(got) != "sealed" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
