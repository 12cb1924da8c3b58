package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/auth"
	"relais/reason"
	"relais/store/sqlite"
)

// hall is a town hall whose people sign in. Its clock stands still until it is moved.
type hall struct {
	t      *testing.T
	people *auth.People
	store  *sqlite.Store

	mu    sync.Mutex
	now   time.Time
	slept time.Duration
}

const good = "une phrase à moi seule"

var (
	town   = auth.Grant{Account: "town", Role: auth.Agent}
	admin  = auth.Grant{Role: auth.Admin}
	office = auth.Browser{Address: "192.0.2.1", Agent: "Firefox"}
	home   = auth.Browser{Address: "198.51.100.7", Agent: "Safari"}
	cli    = auth.By{Actor: auth.Machine}
)

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, store: open(t, filepath.Join(t.TempDir(), "data")), now: today}
	h.people = auth.NewPeople(auth.PeopleOptions{
		Store: h.store, Sealer: sealer(t, strings.Repeat("a1", 32)),
		Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now },
		Sleep: func(_ context.Context, d time.Duration) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.slept = max(h.slept, d)
			return nil
		},
	})
	return h
}

func (h *hall) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// add creates a user and returns the code of their link.
func (h *hall) add(name string, roles ...auth.Grant) (auth.User, string) {
	h.t.Helper()
	u, link, err := h.people.Create(h.t.Context(), cli, auth.NewUser{Name: name, Roles: roles})
	if err != nil {
		h.t.Fatal(err)
	}
	return u, link.Code
}

// settle creates a user who chose a password, and has no session.
func (h *hall) settle(name string, roles ...auth.Grant) auth.User {
	h.t.Helper()
	u, code := h.add(name, roles...)
	token, _, err := h.people.Redeem(h.t.Context(), code, good, office)
	if err == nil {
		err = h.people.SignOut(h.t.Context(), token)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

func (h *hall) signIn(name string, from auth.Browser) (string, auth.Session) {
	h.t.Helper()
	token, s, err := h.people.SignIn(h.t.Context(), auth.Attempt{Name: name, Password: good, From: from})
	if err != nil {
		h.t.Fatalf("sign %s in: %v", name, err)
	}
	return token, s
}

func (h *hall) wrong(name string, from auth.Browser) error {
	h.t.Helper()
	_, _, err := h.people.SignIn(h.t.Context(),
		auth.Attempt{Name: name, Password: "quite another one", From: from})
	if err == nil {
		h.t.Error("a wrong password signs in")
	}
	return err
}

func (h *hall) ended(what, token string) {
	h.t.Helper()
	if _, err := h.people.Session(h.t.Context(), token); !auth.HasCode(err, auth.CodeSessionEnded) {
		h.t.Errorf("%s: %v, want that the session has ended", what, err)
	}
}

func (h *hall) lasts(what, token string) {
	h.t.Helper()
	if _, err := h.people.Session(h.t.Context(), token); err != nil {
		h.t.Errorf("%s: %v", what, err)
	}
}

// told are the codes of the audit, oldest first, each with its account.
func (h *hall) told() []string {
	h.t.Helper()
	acts, _, err := h.people.Acts(h.t.Context(), auth.ActQuery{Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	words := []string{}
	for _, a := range slices.Backward(acts) {
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", a.Actor, a.Code, a.Subject,
			a.Account, a.Note)))
	}
	return words
}

// code is that of a telephone, reckoned by RFC 6238 apart from the program.
func (h *hall) code(e auth.Enrolment, steps int) string {
	h.t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(e.Secret)
	if err != nil {
		h.t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	if err := binary.Write(mac, binary.BigEndian, h.now.Unix()/30+int64(steps)); err != nil {
		h.t.Fatal(err)
	}
	sum := mac.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff)%1_000_000)
}

// enrol gives a user a second step and returns what their telephone has.
func (h *hall) enrol(name string) (auth.Enrolment, []string, string) {
	h.t.Helper()
	token, s := h.signIn(name, office)
	e, err := h.people.Enrol(h.t.Context(), s.User.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	codes, fresh, s, err := h.people.ConfirmStep(h.t.Context(), token, h.code(e, 0), office)
	if err != nil || s.Step != auth.StepNone || len(codes) != 10 {
		h.t.Fatalf("%d codes, step %q, %v", len(codes), s.Step, err)
	}
	h.ended("the token of before", token)
	return e, codes, fresh
}

func isCode(t *testing.T, what string, err error, want reason.Code) {
	t.Helper()
	if !auth.HasCode(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestALinkChoosesAPassword(t *testing.T) {
	h := newHall(t)
	u, code := h.add(" Anne.Martin@Town.example ", town)
	if u.Name != "anne.martin@town.example" {
		t.Errorf("the name is %q", u.Name)
	}
	invited, err := h.people.Invitation(t.Context(), code)
	if err != nil || invited.User.ID != u.ID || !invited.EndsAt.Equal(today.Add(30*time.Minute)) {
		t.Errorf("the link is for %+v, %v", invited, err)
	}
	_, _, err = h.people.Redeem(t.Context(), code, "short", office)
	isCode(t, "a short password", err, auth.CodePasswordShort)
	token, s, err := h.people.Redeem(t.Context(), code, good, office)
	if err != nil || s.Step != auth.StepNone || !s.May(auth.Send, "town") || s.May(auth.Send, "village") {
		t.Fatalf("the link: %+v, %v", s, err)
	}
	h.lasts("the session that the link began", token)
	_, _, err = h.people.Redeem(t.Context(), code, good, office)
	isCode(t, "the link again", err, auth.CodeLink)
	_, err = h.people.Invitation(t.Context(), code)
	isCode(t, "whom a used link is for", err, auth.CodeLink)

	_, late := h.add("late", town)
	h.pass(30 * time.Minute)
	_, _, err = h.people.Redeem(t.Context(), late, good, office)
	isCode(t, "a link of half an hour", err, auth.CodeLink)
	_, _, err = h.people.Create(t.Context(), cli, auth.NewUser{Name: "LATE", Roles: []auth.Grant{town}})
	isCode(t, "the same name in capitals", err, auth.CodeUserExists)
}

func TestOneOfManyUsesALink(t *testing.T) {
	h := newHall(t)
	u, code := h.add("anne", town)
	var won atomic.Int64
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			_, _, err := h.people.Redeem(t.Context(), code, fmt.Sprint(good, i), office)
			if err == nil {
				won.Add(1)
			} else if !auth.HasCode(err, auth.CodeLink) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sessions, err := h.people.Sessions(t.Context(), u.ID); won.Load() != 1 || len(sessions) != 1 ||
		err != nil {
		t.Errorf("%d of 6 used the link, %d sessions, %v; want one", won.Load(), len(sessions), err)
	}
}

func TestSignIn(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	token, s := h.signIn("ANNE", home)
	if s.User.Name != "anne" || s.Address != home.Address || s.Agent != "Safari" {
		t.Errorf("the session is %+v", s)
	}
	h.lasts("signed in", token)
	h.ended("a wrong token", token+"x")
	wrong, unknown := h.wrong("anne", home), h.wrong("paul", home)
	if isCode(t, "a wrong password", wrong, auth.CodeWrong); wrong.Error() != unknown.Error() {
		t.Errorf("a wrong password is %q and an unknown name %q: they must not differ", wrong, unknown)
	}
	isCode(t, "what is no name", h.wrong("correct horse battery", home), auth.CodeWrong)
	if err := h.people.SignOut(t.Context(), token); err != nil {
		t.Error(err)
	}
	h.ended("signed out", token)
	if err := h.people.SignOut(t.Context(), token); err != nil {
		t.Errorf("signed out twice: %v", err)
	}
	for _, line := range h.told() {
		if strings.Contains(line, "horse") || strings.Contains(line, "paul") {
			t.Errorf("the audit has what was typed as a name: %q", line)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	idle, _ := h.signIn("anne", office)
	h.pass(2*time.Hour - time.Second)
	if _, err := h.people.Look(t.Context(), idle); err != nil {
		t.Errorf("before two hours: %v", err)
	}
	h.pass(time.Second)
	h.ended("after two hours without a page, but a look", idle)

	busy, _ := h.signIn("anne", office)
	for range 11 {
		h.pass(time.Hour)
		h.lasts("used every hour", busy)
	}
	h.pass(time.Hour)
	h.ended("after twelve hours", busy)

	one, _ := h.signIn("anne", office)
	two, _ := h.signIn("anne", home)
	sessions, err := h.people.Sessions(t.Context(), u.ID)
	if err != nil || len(sessions) != 2 {
		t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	for _, s := range sessions {
		if s.Address == home.Address {
			if err := h.people.EndSession(t.Context(), auth.By{Actor: u.Actor()}, u.ID, s.ID); err != nil {
				t.Error(err)
			}
		}
	}
	h.ended("ended from the list", two)
	h.lasts("the other one", one)
	isCode(t, "ended twice", h.people.EndSession(t.Context(), cli, u.ID, sessions[0].ID+"x"),
		auth.CodeSessionEnded)

	if err := h.people.Disable(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	h.ended("disabled", one)
	_, _, err = h.people.SignIn(t.Context(), auth.Attempt{Name: "anne", Password: good, From: office})
	isCode(t, "the right password of who is disabled", err, auth.CodeDisabled)
	isCode(t, "a wrong one", h.wrong("anne", office), auth.CodeWrong)
	if err := h.people.Enable(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	h.signIn("anne", office)
}

func TestRolesAreInTheAuditOfTheirAccount(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	boss, _ := h.add("boss", admin)
	token, _ := h.signIn("anne", office)
	by := auth.By{Actor: boss.Actor(), Address: "192.0.2.9"}
	if err := h.people.SetRoles(t.Context(), by, u.ID, nil, []auth.Grant{town}); err != nil {
		t.Fatal(err)
	}
	h.lasts("the same roles", token)
	roles := []auth.Grant{{Account: "town", Role: auth.Manager}, {Role: auth.Operator}}
	if err := h.people.SetRoles(t.Context(), by, u.ID, nil, roles); err != nil {
		t.Fatal(err)
	}
	h.ended("other roles", token)
	got := h.told()
	want := []string{
		"user:boss role_taken anne town agent", "user:boss role_given anne  operator",
		"user:boss role_given anne town manager",
	}
	if !slices.Equal(got[len(got)-3:], want) {
		t.Errorf("the audit ends with %q, want %q", got[len(got)-3:], want)
	}
	if _, s := h.signIn("anne", office); s.Step != auth.StepEnrol || s.May(auth.Operate, "") {
		t.Errorf("an operator without a second step has the session %+v", s)
	}
	for _, tc := range []struct {
		name  string
		roles []auth.Grant
		want  reason.Code
	}{
		{"no role", []auth.Grant{{Role: "king"}}, auth.CodeRole},
		{"an administrator of an account", []auth.Grant{{Role: auth.Admin, Account: "town"}}, auth.CodeRoleWhole},
		{"an agent of nothing", []auth.Grant{{Role: auth.Agent}}, auth.CodeRoleAccount},
		{"no account", []auth.Grant{{Role: auth.Agent, Account: "village"}}, auth.CodeAccount},
	} {
		isCode(t, tc.name, h.people.SetRoles(t.Context(), by, u.ID, nil, tc.roles), tc.want)
	}
	isCode(t, "the last administrator", h.people.SetRoles(t.Context(), by, boss.ID, nil, nil), auth.CodeLastAdmin)
	isCode(t, "the last administrator", h.people.Disable(t.Context(), by, boss.ID), auth.CodeLastAdmin)
	isCode(t, "nobody", h.people.Disable(t.Context(), by, "nobody"), auth.CodeUserUnknown)
}

func TestSecondStep(t *testing.T) {
	h := newHall(t)
	u := h.settle("boss", admin)
	if token, s := h.signIn("boss", office); s.Step != auth.StepEnrol || s.May(auth.ManageUsers, "") {
		t.Errorf("the first sign-in of an administrator: %+v", s)
	} else {
		_, _, err := h.people.Prove(t.Context(), token, auth.Proof{Password: good}, office)
		isCode(t, "a proof before the second step", err, auth.CodeStepNeeded)
	}
	e, codes, first := h.enrol("boss")
	if !strings.HasPrefix(e.URI, "otpauth://totp/Relais:boss?") || !strings.Contains(e.URI, "secret="+e.Secret) {
		t.Errorf("the telephone is given %q", e.URI)
	}
	h.lasts("the session that enrolled", first)
	_, err := h.people.Enrol(t.Context(), u.ID)
	isCode(t, "a second second step", err, auth.CodeStepSet)

	half, s := h.signIn("boss", office)
	if s.Step != auth.StepCode || s.May(auth.SeeCounts, "") {
		t.Errorf("after the password the session is %+v", s)
	}
	step := func(code string) (string, error) {
		token, _, err := h.people.SecondStep(t.Context(), half, code, office)
		return token, err
	}
	_, err = step(h.code(e, 0))
	isCode(t, "the code of the enrolment again", err, auth.CodeStepUsed)
	for _, code := range []string{"000000", "", "12345", h.code(e, 2), h.code(e, -2), "zzzz-zzzz-zzzz-zzzz"} {
		if _, err = step(code); !auth.HasCode(err, auth.CodeStepWrong, auth.CodeWait) {
			t.Errorf("code %q: %v", code, err)
		}
		h.pass(5 * time.Second / 6)
	}
	h.pass(30 * time.Second)
	typed := h.code(e, 1) // the telephone is ahead
	whole, err := step(typed[:3] + " " + typed[3:])
	if err != nil {
		t.Fatal(err)
	}
	if s, err := h.people.Session(t.Context(), whole); err != nil || !s.May(auth.ManageUsers, "") {
		t.Errorf("after the code: %+v, %v", s, err)
	}
	h.ended("the half session", half)
	half, _ = h.signIn("boss", office)
	for _, steps := range []int{1, 0} {
		_, err = step(h.code(e, steps))
		isCode(t, "a code that was used, and the one before", err, auth.CodeStepUsed)
	}
	if _, err = step(strings.ToUpper(codes[3])); err != nil {
		t.Errorf("a recovery code in capitals: %v", err)
	}
	half, _ = h.signIn("boss", office)
	_, err = step(codes[3])
	isCode(t, "the recovery code again", err, auth.CodeStepWrong)
	if got, err := h.people.User(t.Context(), u.ID); err != nil || got.CodesLeft != 9 {
		t.Errorf("%d recovery codes are left, %v", got.CodesLeft, err)
	}
	h.pass(10 * time.Minute)
	_, err = step(codes[4])
	isCode(t, "a half session of ten minutes", err, auth.CodeSessionEnded)
	_, s, err = h.people.SignIn(t.Context(),
		auth.Attempt{Name: "boss", Password: good, Code: h.code(e, 0), From: office})
	if err != nil || s.Step != auth.StepNone {
		t.Errorf("password and code at once: %+v, %v", s, err)
	}
}

func TestACodeCountsOnceHoweverManyTypeIt(t *testing.T) {
	h := newHall(t)
	h.settle("boss", admin)
	e, codes, _ := h.enrol("boss")
	h.pass(time.Minute)
	for name, code := range map[string]string{"by time": h.code(e, 0), "recovery": codes[0]} {
		halves := []string{}
		for range 4 {
			half, _ := h.signIn("boss", office)
			halves = append(halves, half)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for _, half := range halves {
			all.Go(func() {
				_, _, err := h.people.SecondStep(t.Context(), half, code, office)
				if err == nil {
					won.Add(1)
				} else if !auth.HasCode(err, auth.CodeStepUsed, auth.CodeStepWrong) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%s: the code counted %d times", name, won.Load())
		}
	}
}

func TestWrongCodesWait(t *testing.T) {
	h := newHall(t)
	h.settle("boss", admin)
	e, _, _ := h.enrol("boss")
	h.pass(time.Minute)
	half, _ := h.signIn("boss", office)
	tries := 0
	for range 1000 {
		_, _, err := h.people.SecondStep(t.Context(), half, "123456", office)
		if auth.HasCode(err, auth.CodeStepWrong) {
			tries++
		} else if !auth.HasCode(err, auth.CodeWait) {
			t.Fatal(err)
		}
		h.pass(100 * time.Millisecond)
	}
	if tries > 12 {
		t.Errorf("%d codes were tried in 100 s", tries)
	}
	h.pass(5 * time.Minute)
	if _, _, err := h.people.SecondStep(t.Context(), half, h.code(e, 0), office); err != nil {
		t.Errorf("the right code after a wait: %v", err)
	}
}

func TestProof(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	token, s := h.signIn("anne", office)
	if !s.Fresh(h.now) {
		t.Error("who just signed in has no fresh proof")
	}
	h.pass(10*time.Minute + time.Second)
	if s, err := h.people.Session(t.Context(), token); err != nil || s.Fresh(h.now) {
		t.Errorf("after ten minutes: %v, %v", s.ProvedAt, err)
	}
	_, _, err := h.people.Prove(t.Context(), token, auth.Proof{Password: "another password"}, office)
	isCode(t, "a wrong password", err, auth.CodeProof)
	fresh, s, err := h.people.Prove(t.Context(), token, auth.Proof{Password: good}, office)
	if err != nil || !s.Fresh(h.now) || !s.CreatedAt.Equal(today) {
		t.Errorf("proved: %+v, %v", s, err)
	}
	h.ended("the token of before", token)
	h.lasts("the new one", fresh)

	h.settle("boss", admin)
	e, _, token := h.enrol("boss")
	h.pass(11 * time.Minute)
	_, _, err = h.people.Prove(t.Context(), token, auth.Proof{Password: good}, office)
	isCode(t, "the password where a code is asked for", err, auth.CodeStepWrong)
	if _, _, err = h.people.Prove(t.Context(), token, auth.Proof{Code: h.code(e, 0)}, office); err != nil {
		t.Error(err)
	}
}

func TestChangePassword(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	other, _ := h.signIn("anne", home)
	token, _ := h.signIn("anne", office)
	change := func(old, password string) (string, error) {
		fresh, _, err := h.people.ChangePassword(t.Context(), token, old, password, office)
		return fresh, err
	}
	const next = "encore une phrase"
	_, err := change("not the old one", next)
	isCode(t, "a wrong old password", err, auth.CodeProof)
	_, err = change(good, good)
	isCode(t, "the same again", err, auth.CodePasswordSame)
	_, err = change(good, "password1234")
	isCode(t, "a common one", err, auth.CodePasswordCommon)
	fresh, err := change(good, next)
	if err != nil {
		t.Fatal(err)
	}
	h.ended("the other browser", other)
	h.ended("the token of before", token)
	h.lasts("the new token", fresh)
	_, _, err = h.people.SignIn(t.Context(), auth.Attempt{Name: "anne", Password: good, From: office})
	isCode(t, "the old password", err, auth.CodeWrong)
}

func TestResetAndNewTelephone(t *testing.T) {
	h := newHall(t)
	u := h.settle("boss", admin)
	_, _, token := h.enrol("boss")
	link, err := h.people.Reset(t.Context(), cli, u.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	h.ended("reset", token)
	isCode(t, "without a password", h.wrong("boss", office), auth.CodeWrong)
	newer, err := h.people.Invite(t.Context(), cli, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.people.Redeem(t.Context(), link.Code, good, office)
	isCode(t, "the link before the last", err, auth.CodeLink)
	if _, s, err := h.people.Redeem(t.Context(), newer.Code, good, office); err != nil ||
		s.Step != auth.StepCode {
		t.Errorf("a link is no way around the second step: %+v, %v", s, err)
	}
	if link, err = h.people.Reset(t.Context(), cli, u.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, s, err := h.people.Redeem(t.Context(), link.Code, good, office); err != nil ||
		s.Step != auth.StepEnrol {
		t.Errorf("after the telephone was lost: %+v, %v", s, err)
	}
	h.pass(time.Minute)
	_, codes, token := h.enrol("boss")
	again, s, err := h.people.RemoveStep(t.Context(), token, office)
	if err != nil || s.Step != auth.StepEnrol {
		t.Errorf("an administrator took the second step away: %+v, %v", s, err)
	}
	e, err := h.people.Enrol(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if shown, err := h.people.Enrolling(t.Context(), u.ID); err != nil || shown != e {
		t.Errorf("shown again: %+v, %v", shown, err)
	}
	_, _, _, err = h.people.ConfirmStep(t.Context(), again, codes[0], office)
	isCode(t, "a recovery code of the former second step", err, auth.CodeStepWrong)
}

// TestAThousandWrongPasswords guesses from one address, from many, and at the office.
func TestAThousandWrongPasswords(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	h.settle("paul", town)
	token, _ := h.signIn("anne", office)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	began, hashed := time.Now(), atomic.Int64{}
	var all sync.WaitGroup
	for guesser := range 10 {
		all.Go(func() {
			for i := range 100 {
				from := auth.Browser{Address: "203.0.113.9"}
				if guesser%2 == 0 {
					from.Address = fmt.Sprintf("203.0.113.%d", 10+i%8)
				}
				if auth.HasCode(h.wrong("anne", from), auth.CodeWrong) {
					hashed.Add(1)
				}
				var now runtime.MemStats
				if i%20 == 0 {
					runtime.ReadMemStats(&now)
					peak.Store(max(peak.Load(), now.HeapInuse))
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	t.Logf("1,000 wrong passwords: %v, %d of them hashed, at most %d MiB of heap (%d MiB before)",
		took.Round(time.Millisecond), hashed.Load(), peak.Load()>>20, before.HeapInuse>>20)
	if hashed.Load() > 50 {
		t.Errorf("%d of 1,000 passwords were looked at", hashed.Load())
	}
	if peak.Load() > before.HeapInuse+200<<20 {
		t.Errorf("the heap grew to %d MiB", peak.Load()>>20)
	}
	h.lasts("who is signed in", token)
	h.slept = 0
	h.signIn("anne", office)
	h.signIn("paul", office)
	if h.slept != 0 {
		t.Errorf("at the office they waited %v", h.slept)
	}
	h.signIn("paul", home)
	if h.slept != 0 {
		t.Errorf("paul, whom nobody guessed, waited %v at home", h.slept)
	}
	h.signIn("anne", home)
	if h.slept == 0 || h.slept > 8*time.Second {
		t.Errorf("anne waited %v at home, want a few seconds", h.slept)
	}
	err := h.wrong("paul", auth.Browser{Address: "203.0.113.9"})
	var told *auth.Error
	if !errors.As(err, &told) || told.Reason.Code != auth.CodeWait || told.Wait <= 0 ||
		told.Wait > 5*time.Minute {
		t.Errorf("the address that guessed: %v", err)
	}
	h.pass(5 * time.Minute)
	isCode(t, "after its wait", h.wrong("paul", auth.Browser{Address: "203.0.113.9"}), auth.CodeWrong)

	// Somebody at the office guesses: that name waits there, and nobody else.
	for range 20 {
		h.wrong("anne", office)
	}
	isCode(t, "a name that is guessed at the office", h.wrong("anne", office), auth.CodeWait)
	h.signIn("paul", office)
	h.pass(5 * time.Minute)
	h.signIn("anne", office)
}

func TestGuessersOfOneNetwork(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	for i := range 6 {
		h.wrong("anne", auth.Browser{Address: fmt.Sprintf("2001:db8::%d", i+1)})
	}
	isCode(t, "another address of the network", h.wrong("anne", auth.Browser{Address: "2001:db8::99"}),
		auth.CodeWait)
	isCode(t, "another network", h.wrong("anne", auth.Browser{Address: "2001:db8:0:1::1"}), auth.CodeWrong)
}

func TestSealKeyIsLost(t *testing.T) {
	h := newHall(t)
	h.settle("boss", admin)
	h.settle("anne", town)
	h.enrol("boss")
	names, err := h.people.DropSealedSteps(t.Context(), cli)
	if err != nil || len(names) != 0 {
		t.Errorf("with its own key: %v, %v", names, err)
	}
	other := auth.NewPeople(auth.PeopleOptions{Store: h.store, Sealer: sealer(t, strings.Repeat("b2", 32))})
	if names, err = other.DropSealedSteps(t.Context(), cli); err != nil ||
		!slices.Equal(names, []string{"boss"}) {
		t.Errorf("with another key: %v, %v", names, err)
	}
	if _, s := h.signIn("boss", office); s.Step != auth.StepEnrol {
		t.Errorf("the next sign-in asks for %q", s.Step)
	}
}

func TestProfile(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	if err := h.people.SetProfile(t.Context(), u.ID, "Anne <b>Martin</b>", "fr"); err != nil {
		t.Error(err)
	}
	got, err := h.people.UserNamed(t.Context(), "Anne")
	if err != nil || got.Shown() != "Anne <b>Martin</b>" || got.Language != "fr" || got.Actor() != "user:anne" {
		t.Errorf("%+v, %v", got, err)
	}
	isCode(t, "a language", h.people.SetProfile(t.Context(), u.ID, "", "tlh"), auth.CodeLanguage)
	isCode(t, "two lines", h.people.SetProfile(t.Context(), u.ID, "a\nb", "fr"), auth.CodeDisplay)
	isCode(t, "too long", h.people.SetProfile(t.Context(), u.ID, strings.Repeat("é", 101), "fr"),
		auth.CodeDisplay)
}

// TestThePasswordProvesNothingBesideASecondStep: who has the browser and the password, and
// not the telephone, gets no further by changing the password.
func TestThePasswordProvesNothingBesideASecondStep(t *testing.T) {
	h := newHall(t)
	h.settle("boss", admin)
	_, _, token := h.enrol("boss")
	h.pass(11 * time.Minute)
	_, s, err := h.people.ChangePassword(t.Context(), token, good, "encore une phrase", office)
	if err != nil {
		t.Fatal(err)
	}
	if s.Fresh(h.now) {
		t.Error("a changed password is a fresh proof though a code was not asked for")
	}
}

// TestCodesThatComeAtOnceAreCounted: guesses in parallel are no more than those in turn.
func TestCodesThatComeAtOnceAreCounted(t *testing.T) {
	h := newHall(t)
	h.settle("boss", admin)
	h.enrol("boss")
	h.pass(time.Minute)
	half, _ := h.signIn("boss", office)
	var compared atomic.Int64
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			_, _, err := h.people.SecondStep(t.Context(), half, "123456", office)
			if auth.HasCode(err, auth.CodeStepWrong) {
				compared.Add(1)
			} else if !auth.HasCode(err, auth.CodeWait) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := compared.Load(); n > 5 {
		t.Errorf("%d codes were compared at once, want 5 at most", n)
	}
}

// TestASecretThatNobodyConfirmedIsForgotten: who saw it may have been somebody else.
func TestASecretThatNobodyConfirmedIsForgotten(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	waits := func(what string) {
		t.Helper()
		_, err := h.people.Enrolling(t.Context(), u.ID)
		isCode(t, what, err, auth.CodeStepNone)
	}
	begin := func() {
		t.Helper()
		if _, err := h.people.Enrol(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	token, _ := h.signIn("anne", office)
	if _, _, err := h.people.ChangePassword(t.Context(), token, good, "encore une phrase", office); err != nil {
		t.Fatal(err)
	}
	waits("after a change of the password")
	begin()
	link, err := h.people.Reset(t.Context(), cli, u.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	waits("after a reset")
	begin()
	if _, _, err := h.people.Redeem(t.Context(), link.Code, good, office); err != nil {
		t.Fatal(err)
	}
	waits("after a link was used")
}
