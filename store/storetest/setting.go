package storetest

import (
	"sync"
	"sync/atomic"
	"testing"

	"relais/door/ovh"
	"relais/webhook"
)

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
