package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/door/ovh"
	"relais/gateway"
	"relais/sms"
)

// ovhKeys: applications and consumer keys are found by what clients send, and
// stop working when they are told to.
func ovhKeys(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a := ovh.Application{
		ID: 7, Key: "key", Secret: []byte("sealed"), Account: "default", Name: "forms",
		CreatedAt: start,
	}
	if err := s.AddOVHApplication(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := s.AddOVHApplication(t.Context(),
		ovh.Application{ID: 8, Key: "other", Secret: []byte("x"), Account: "nobody"}); !errors.Is(err,
		auth.ErrUnknown) {
		t.Errorf("an application of no account: %v", err)
	}
	got, err := s.OVHApplication(t.Context(), "key")
	if diff := cmp.Diff(a, got); diff != "" || err != nil {
		t.Errorf("the application, %v:\n%s", err, diff)
	}
	if _, err := s.OVHApplication(t.Context(), "nope"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("an unknown key: %v", err)
	}
	limits := auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend}, Until: start.Add(time.Hour)}
	if got, err = s.LimitOVHApplication(t.Context(), 7, limits); err != nil || !got.Limits.Same(&limits) {
		t.Errorf("limits %+v, %v", got.Limits, err)
	}
	if err := s.KeysUsed(t.Context(), map[string]time.Time{"7": start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if got, err = s.OVHApplication(t.Context(), "key"); err != nil || !got.UsedAt.Equal(start.Add(time.Minute)) {
		t.Errorf("used at %v, %v", got.UsedAt, err)
	}
	for range 2 {
		got, err = s.RevokeOVHApplication(t.Context(), 7, start.Add(time.Hour))
	}
	if err != nil || !got.RevokedAt.Equal(start.Add(time.Hour)) {
		t.Errorf("revoked: %+v, %v", got, err)
	}
	if all, err := s.OVHApplications(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d applications, %v", len(all), err)
	}
	ovhCredentials(t, s)
}

func ovhCredentials(t *testing.T, s Store) {
	t.Helper()
	c := ovh.Credential{
		ID: 9, Hash: auth.HashOf("consumer"), Token: auth.HashOf("token"), Application: 7, State: ovh.Pending,
		Rules: []ovh.Rule{{Method: "GET", Path: "/sms/*"}}, AllowedIPs: []string{"192.0.2.0/24"}, CreatedAt: start,
	}
	if err := s.AddOVHCredential(t.Context(), c, start, 1); err != nil {
		t.Fatal(err)
	}
	got, err := s.OVHCredential(t.Context(), c.Hash)
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Errorf("the credential, %v:\n%s", err, diff)
	}
	more := ovh.Credential{
		ID: 10, Hash: auth.HashOf("more"), Token: auth.HashOf("more"), Application: 7,
		State: ovh.Pending, CreatedAt: start,
	}
	if err := s.AddOVHCredential(t.Context(), more, start, 1); !errors.Is(err, ovh.ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	until := start.Add(time.Hour)
	if _, err := s.DecideOVHCredential(t.Context(), c.Token, start.Add(time.Second), ovh.Validated,
		until); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("validated too late: %v", err)
	}
	if got, err = s.DecideOVHCredential(t.Context(), c.Token, start, ovh.Validated, until); err != nil ||
		got.State != ovh.Validated || !got.ExpiresAt.Equal(until) {
		t.Errorf("validated: %+v, %v", got, err)
	}
	if _, err := s.DecideOVHCredential(t.Context(), c.Token, start, ovh.Validated, until); !errors.Is(err,
		auth.ErrUnknown) {
		t.Errorf("validated twice: %v", err)
	}
	if err := s.AddOVHCredential(t.Context(), more, start, 1); err != nil {
		t.Errorf("another, when the first waits no more: %v", err)
	}
	if err := s.AddOVHCredential(t.Context(),
		ovh.Credential{
			ID: 11, Hash: auth.HashOf("3"), Token: auth.HashOf("3"), Application: 7, State: ovh.Pending,
			CreatedAt: until,
		}, until, 1); err != nil {
		t.Errorf("another, when the one before is stale: %v", err)
	}
	if _, err := s.OVHCredential(t.Context(), more.Hash); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a stale one: %v", err)
	}
	by := auth.By{Actor: sms.DoorActor("ovh", "7"), Via: "forms"}
	for range 2 { // the second time it has ended already
		if err := s.EndOVHCredential(auth.WithBy(t.Context(), by), c.Hash); err != nil {
			t.Fatal(err)
		}
	}
	acts, _, err := s.Acts(t.Context(), auth.ActQuery{Code: auth.KeySignedOut, Limit: 9})
	if err != nil || len(acts) != 1 || acts[0].Actor != by.Actor || acts[0].Account == "" || acts[0].Subject == "" {
		t.Errorf("the audit has %+v, %v", acts, err)
	}
	if got, err = s.OVHCredential(t.Context(), c.Hash); err != nil || got.State != ovh.Ended {
		t.Errorf("ended: %+v, %v", got, err)
	}
}

func openWithTown(t *testing.T, open func(t *testing.T) Store) Store {
	t.Helper()
	s := open(t)
	if err := s.AddAccount(t.Context(), auth.Account{Name: "town", CreatedAt: start}); err != nil {
		t.Fatal(err)
	}
	return s
}

// ovhServices: an account keeps the name of its service.
func ovhServices(t *testing.T, open func(t *testing.T) Store) {
	s := openWithTown(t, open)
	for _, name := range []string{"sms-xx1-1", "sms-xx2-1"} {
		if got, err := s.AddOVHService(t.Context(), "town", name); err != nil || got.Name != "sms-xx1-1" {
			t.Errorf("the service is %+v, %v", got, err)
		}
	}
	if got, err := s.AddOVHService(t.Context(), "default", "sms-xx1-1"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a name that is taken: %+v, %v", got, err)
	}
	if got, err := s.AddOVHService(t.Context(), "nobody", "sms-xx3-1"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a service of no account: %+v, %v", got, err)
	}
	if err := s.KeepOVHService(t.Context(), "town", []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.OVHServiceNamed(t.Context(), "sms-xx1-1"); err != nil || got.Account != "town" ||
		string(got.Data) != `{"a":1}` {
		t.Errorf("the service is %+v, %v", got, err)
	}
	if got, err := s.OVHService(t.Context(), "town"); err != nil || got.Name != "sms-xx1-1" {
		t.Errorf("the service of the account is %+v, %v", got, err)
	}
	if got, err := s.OVHService(t.Context(), "nobody"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("the service of no account is %+v, %v", got, err)
	}
}

// ovhUsers: a user of an account is kept, changed and deleted.
func ovhUsers(t *testing.T, open func(t *testing.T) Store) {
	s := openWithTown(t, open)
	user := ovh.User{Account: "town", Login: "web", Password: []byte("digest"), CreatedAt: start}
	for range 2 {
		if err := s.KeepOVHUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		user.Password = []byte("another")
	}
	if got, err := s.OVHUser(t.Context(), "town", "web"); err != nil || string(got.Password) != "another" ||
		!got.CreatedAt.Equal(start) {
		t.Errorf("the user is %+v, %v", got, err)
	}
	if all, err := s.OVHUsers(t.Context(), "default"); err != nil || len(all) != 0 {
		t.Errorf("users of another account: %d, %v", len(all), err)
	}
	if err := s.DeleteOVHUser(t.Context(), "town", "web"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OVHUser(t.Context(), "town", "web"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a deleted user: %v", err)
	}
}

// ovhBatches: a batch is its account's alone.
func ovhBatches(t *testing.T, open func(t *testing.T) Store) {
	s := openWithTown(t, open)
	b := ovh.Batch{Account: "town", ID: sms.NewID(start), At: start, Data: []byte(`{}`)}
	if err := s.KeepOVHBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got, err := s.OVHBatch(t.Context(), "town", b.ID); err != nil || cmp.Diff(b, got) != "" {
		t.Errorf("the batch %+v, %v", got, err)
	}
	if _, err := s.OVHBatch(t.Context(), "default", b.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("the batch of another account: %v", err)
	}
	if got, err := s.OVHBatches(t.Context(), "town"); err != nil || cmp.Diff([]ovh.Batch{b}, got) != "" {
		t.Errorf("batches %+v, %v", got, err)
	}
}

// ovhNumbers: a number is given once, also to many who ask at once, and never
// changes.
func ovhNumbers(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	ids := make([]sms.ID, 20)
	for i := range ids {
		ids[i] = sms.NewID(start)
	}
	answers := make([]string, 4)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			got, err := s.OVHNumbers(t.Context(), "default", ids)
			answers[i] = fmt.Sprint(got, err)
		})
	}
	all.Wait()
	if slices.Sort(answers); answers[0] != answers[3] {
		t.Errorf("the same ids have other numbers:\n%s\n%s", answers[0], answers[3])
	}
	got, err := s.OVHNumbers(t.Context(), "default", ids)
	if err != nil || fmt.Sprint(got, err) != answers[0] || got[0].Number < 1 {
		t.Fatalf("%v, %v", got, err)
	}
	seen := map[int64]bool{}
	for _, n := range got {
		seen[n.Number] = true
	}
	if len(seen) != len(ids) {
		t.Errorf("%d numbers for %d ids", len(seen), len(ids))
	}
	if err := s.HideOVHNumber(t.Context(), "default", got[3].Number); err != nil {
		t.Fatal(err)
	}
	if n, err := s.OVHNumbered(t.Context(), "default", got[3].Number); err != nil || n.ID != ids[3] || !n.Gone {
		t.Errorf("behind the number: %+v, %v", n, err)
	}
	if _, err := s.OVHNumbered(t.Context(), "other", got[3].Number); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("the number of another account: %v", err)
	}
}
