package auth

import (
	"context"
	"encoding/base32"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/reason"
)

func TestPasswordHash(t *testing.T) {
	first, err := HashPassword("naïve phrase")
	if err != nil {
		t.Fatal(err)
	}
	second, err := HashPassword("naïve phrase")
	if err != nil || first == second || !strings.HasPrefix(first, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %q and %q, %v", first, second, err)
	}
	for _, tc := range []struct {
		name, stored, password string
		right, stale           bool
	}{
		{"right", first, "naïve phrase", true, false},
		{"as another keyboard writes it", first, "nai\u0308ve phrase", true, false},
		{"wrong", first, "naive phrase", false, false},
		{"empty", first, "", false, false},
		{"none", "", "", false, false},
		// Of the tests of the reference program (phc-winner-argon2, src/test.c).
		{
			"of another cost",
			"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
			"password", true, true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			right, stale, err := matches(tc.stored, tc.password)
			if err != nil || right != tc.right || stale != tc.stale {
				t.Errorf("right %v, stale %v, %v; want %v, %v", right, stale, err, tc.right, tc.stale)
			}
		})
	}
	if _, _, err := matches("$argon2id$broken", "x"); err == nil {
		t.Error("a broken hash is no error")
	}
}

func FuzzReadHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=+19456,t=2,p=1 $$")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := readHash(text)
		if err != nil {
			return
		}
		if h.String() != text {
			t.Errorf("%q is read as %q", text, h.String())
		}
		if h.memory > greatest.memory || h.time > greatest.time || h.threads > greatest.threads ||
			h.threads == 0 || h.time == 0 {
			t.Errorf("%q asks for %+v", text, h.cost)
		}
	})
}

func TestCheckPassword(t *testing.T) {
	u := User{Name: "anne.martin@town.example"}
	for _, tc := range []struct {
		password string
		want     reason.Code
	}{
		{"une phrase à moi", ""},
		{"correct horse battery staple", ""},
		{"éééàààùùùîîî", ""},
		{"8302 4417 9956", ""},
		{"onze signes", CodePasswordShort},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", CodePasswordShort},
		{strings.Repeat("une phrase ", 24), CodePasswordLong},
		{"qwerty123456", CodePasswordCommon},
		{"Password1234", CodePasswordCommon},
		{"!!password!!", CodePasswordCommon},
		{"passwordpassword", CodePasswordCommon},
		{"123456789012", CodePasswordCommon},
		{"000000000000", CodePasswordCommon},
		{"anne.martin@town.example", CodePasswordName},
		{"Anne.Martin2026", CodePasswordName},
	} {
		t.Run(tc.password, func(t *testing.T) {
			err := CheckPassword(u, tc.password)
			if tc.want == "" && err != nil || tc.want != "" && !HasCode(err, tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestCommonPasswordsAreSorted(t *testing.T) {
	if len(common) != 10_173*commonSize {
		t.Fatalf("%d bytes of common passwords", len(common))
	}
	for i := commonSize; i < len(common); i += commonSize {
		if common[i-commonSize:i] >= common[i:i+commonSize] {
			t.Fatalf("entry %d is not behind the one before", i/commonSize)
		}
	}
}

// TestCodesByTime has the values of RFC 6238, appendix B, whose last six digits are ours.
func TestCodesByTime(t *testing.T) {
	secret := []byte("12345678901234567890")
	for _, tc := range []struct {
		at   int64
		want string
	}{
		{59, "287082"},
		{1111111109, "081804"},
		{1111111111, "050471"},
		{1234567890, "005924"},
		{2000000000, "279037"},
		{20000000000, "353130"},
	} {
		if got := codeAt(secret, stepAt(time.Unix(tc.at, 0))); got != tc.want {
			t.Errorf("at %d: %s, want %s", tc.at, got, tc.want)
		}
	}
	e := enrolment("Mairie d'Été", "anne", secret)
	uri, err := url.Parse(e.URI)
	if err != nil {
		t.Fatal(err)
	}
	const want = "/Mairie d'Été:anne"
	if e.Secret != base32.StdEncoding.EncodeToString(secret) || uri.Query().Get("secret") != e.Secret ||
		uri.Scheme != "otpauth" || uri.Host != "totp" || uri.Path != want || strings.Contains(e.URI, "+") {
		t.Errorf("the telephone is given %+v", e)
	}
}

func TestTwoPasswordsAreHashedAtOnce(t *testing.T) {
	h := newHashers()
	h.patience = 20 * time.Millisecond
	var most, now, refused atomic.Int64
	var all sync.WaitGroup
	stranger, err := h.take(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.take(t.Context(), false); !HasCode(err, CodeBusy) {
		t.Errorf("a second stranger: %v, want to wait in vain", err)
	}
	known, err := h.take(t.Context(), true)
	if err != nil {
		t.Fatalf("who is known beside a stranger: %v", err)
	}
	known()
	stranger()
	h.patience = time.Minute
	for i := range 12 {
		all.Go(func() {
			done, err := h.take(t.Context(), i%2 == 0)
			if err != nil {
				refused.Add(1)
				return
			}
			defer done()
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if _, err := HashPassword("x"); err != nil {
				t.Error(err)
			}
			now.Add(-1)
		})
	}
	all.Wait()
	if most.Load() > 2 || refused.Load() != 0 {
		t.Errorf("%d at once, %d refused", most.Load(), refused.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	both := []func(){}
	for range 2 {
		done, err := h.take(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, done)
	}
	if _, err := h.take(ctx, true); err == nil {
		t.Error("who left is waited for")
	}
	for _, done := range both {
		done()
	}
}

func TestFloodsOfGuessesAreTold(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	told := 0
	for range 1000 {
		if _, tell := l.tell(); tell {
			told++
		}
	}
	now = now.Add(time.Minute)
	if untold, tell := l.tell(); told != mostTold || !tell || untold != 1000-mostTold {
		t.Errorf("%d told in a minute, then %v of %d more", told, tell, untold)
	}
}

func TestLimitsForget(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	for i := range 3 * mostTries {
		l.failed("name " + strings.Repeat("x", i%50) + string(rune(i)))
	}
	if len(l.tries) > mostTries {
		t.Errorf("%d names are remembered", len(l.tries))
	}
	for range 50 {
		l.failed("guessed")
	}
	if got := l.left("guessed"); got != longestWait {
		t.Errorf("after 50 wrong ones the wait is %v", got)
	}
	now = now.Add(forgetAfter)
	if got := l.left("guessed"); got != 0 {
		t.Errorf("after an hour the wait is %v", got)
	}
	if l.failed("guessed"); l.left("guessed") != 0 || l.delay("guessed") != 0 {
		t.Error("after an hour a wrong one is not the first")
	}
}
