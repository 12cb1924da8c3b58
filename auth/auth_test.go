package auth_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/store/sqlite"
)

var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.AddAccount(t.Context(), auth.Account{Name: "town", CreatedAt: today}); err != nil {
		t.Fatal(err)
	}
	return s
}

func newKey(t *testing.T, s auth.Store) (string, auth.Key) {
	t.Helper()
	text, key, err := auth.NewKey(t.Context(), s, "town", "form", today)
	if err != nil {
		t.Fatal(err)
	}
	return text, key
}

func TestKeyIsShownOnceAndStoredAsAHash(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	text, key := newKey(t, s)
	if !regexp.MustCompile(`^relais_[a-z2-7]{8}_[a-z2-7]{32}$`).MatchString(text) {
		t.Errorf("key %q, want relais_ID_SECRET of 40 and 160 bits", text)
	}
	other, _ := newKey(t, s)
	if other == text {
		t.Error("two keys are the same")
	}
	listed, err := s.Keys(t.Context())
	if err != nil || len(listed) != 2 || !slices.ContainsFunc(listed, func(k auth.Key) bool { return cmp.Equal(k, key) }) || !strings.Contains(text, key.ID) {
		t.Errorf("keys = %+v, %v; want both, by the id that stands in the key", listed, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	secret := text[strings.LastIndexByte(text, '_')+1:]
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files of the database: %v, %v", files, err)
	}
	idSeen := false
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), secret) {
			t.Errorf("%s holds the secret", filepath.Base(name))
		}
		idSeen = idSeen || strings.Contains(string(content), key.ID)
	}
	if !idSeen {
		t.Error("no file holds the id either: the test looks in the wrong place")
	}
}

func TestNewKeyNeedsAnAccountAndNames(t *testing.T) {
	s := open(t, t.TempDir())
	for _, tc := range []struct{ name, account, key string }{
		{"account unknown", "village", "form"},
		{"account name", "the town", "form"},
		{"key name", "town", "Form"},
		{"empty key name", "town", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if text, _, err := auth.NewKey(t.Context(), s, tc.account, tc.key, today); err == nil || text != "" {
				t.Errorf("NewKey = %q, %v; want an error and no key", text, err)
			}
		})
	}
}

func TestCheckName(t *testing.T) {
	for _, tc := range []struct {
		name string
		ok   bool
	}{
		{"a", true},
		{"town-hall.2_b", true},
		{"2b", true},
		{strings.Repeat("a", 63), true},
		{strings.Repeat("a", 64), false},
		{"", false},
		{"-a", false},
		{"A", false},
		{"é", false},
		{"a b", false},
		{"a/b", false},
		{"a\n", false},
		{"..", false},
	} {
		t.Run("name "+tc.name, func(t *testing.T) {
			if err := auth.CheckName("account", tc.name); (err == nil) != tc.ok {
				t.Errorf("CheckName: %v, want accepted %v", err, tc.ok)
			}
		})
	}
}

func TestBearer(t *testing.T) {
	for _, tc := range []struct{ name, header, want string }{
		{"usual", "Bearer abc", "abc"},
		{"scheme in another case", "bEARER abc", "abc"},
		{"spaces", "Bearer   abc  ", "abc"},
		{"a tab behind it", "Bearer\tabc", "abc"},
		{"white space around", " \tBearer \u00a0abc\u00a0\r\n", "abc"},
		{"another scheme", "Basic abc", ""},
		{"no key", "Bearer", ""},
		{"empty key", "Bearer  ", ""},
		{"no scheme", "abc", ""},
		{"nothing", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := auth.Bearer(tc.header); got != tc.want {
				t.Errorf("Bearer = %q, want %q", got, tc.want)
			}
		})
	}
}

// watched counts the look-ups of a real store.
type watched struct {
	auth.Store
	lookups int
}

func (w *watched) KeyByHash(ctx context.Context, hash auth.Hash) (auth.Key, error) {
	w.lookups++
	return w.Store.KeyByHash(ctx, hash)
}

func TestKeeper(t *testing.T) {
	s := open(t, t.TempDir())
	text, key := newKey(t, s)
	store := &watched{Store: s}
	now := today
	k := auth.NewKeeper(store, map[string]auth.Key{"sandbox": {ID: "fixed", Account: "default"}},
		func() time.Time { return now })

	expect := func(what, text string, want auth.Key, wantErr error, lookups int) {
		t.Helper()
		got, err := k.Recognise(t.Context(), text)
		if !errors.Is(err, wantErr) || wantErr == nil && err != nil {
			t.Errorf("%s: error %v, want %v", what, err, wantErr)
		}
		if diff := cmp.Diff(want, got); wantErr == nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		if store.lookups != lookups {
			t.Errorf("%s: %d look-ups so far, want %d", what, store.lookups, lookups)
		}
	}
	expect("stored key", text, key, nil, 1)
	expect("the same within a second", text, key, nil, 1)
	expect("fixed key", "sandbox", auth.Key{ID: "fixed", Account: "default"}, nil, 1)
	expect("wrong key", text+"x", auth.Key{}, auth.ErrUnknown, 2)
	expect("wrong key again", text+"x", auth.Key{}, auth.ErrUnknown, 2)
	if _, err := s.RevokeKey(t.Context(), key.ID, today); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	expect("revoked key, a second later", text, auth.Key{}, auth.ErrRevoked, 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	expect("remembered key without a store", text, auth.Key{}, auth.ErrRevoked, 3)
	now = now.Add(time.Second)
	if _, err := k.Recognise(t.Context(), text); err == nil || errors.Is(err, auth.ErrRevoked) ||
		errors.Is(err, auth.ErrUnknown) {
		t.Errorf("without a store: %v, want a failure of the store", err)
	}
	expect("fixed key without a store", "sandbox", auth.Key{ID: "fixed", Account: "default"}, nil, 4)
}

// Wrong keys are remembered too, so that they must not push a good one out for
// long, nor fill the memory.
func TestKeeperForgetsWhenManyKeysComeBy(t *testing.T) {
	s := open(t, t.TempDir())
	text, key := newKey(t, s)
	store := &watched{Store: s}
	k := auth.NewKeeper(store, nil, func() time.Time { return today })
	const many = 10_000
	if _, err := k.Recognise(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	for i := range many {
		if _, err := k.Recognise(t.Context(), "wrong"+strconv.Itoa(i)); !errors.Is(err, auth.ErrUnknown) {
			t.Fatalf("wrong key %d: %v", i, err)
		}
	}
	before := store.lookups
	if got, err := k.Recognise(t.Context(), text); err != nil || got.ID != key.ID || store.lookups != before+1 {
		t.Errorf("Recognise = %v, %v with %d look-ups, want the key, looked up again", got.ID, err,
			store.lookups-before)
	}
}
