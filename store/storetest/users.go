package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/sms"
)

func newUser(name string, roles ...auth.Grant) auth.Record {
	return auth.Record{
		User: auth.User{
			ID: "id-" + name, Name: name, Display: "Anne \u202e <b>", Language: "fr", CreatedAt: start, Roles: roles,
		},
	}
}

func addUser(t *testing.T, s Store, name string, roles ...auth.Grant) auth.Record {
	t.Helper()
	r := newUser(name, roles...)
	if err := s.AddUser(t.Context(), r, auth.Change{}); err != nil {
		t.Fatal(err)
	}
	return r
}

// changed changes a user in a way that must succeed.
func changed(t *testing.T, s Store, r auth.Record, change func(*auth.Record) (auth.Change, error)) {
	t.Helper()
	if err := s.ChangeUser(t.Context(), r.ID, change); err != nil {
		t.Fatal(err)
	}
}

func act(code auth.ActCode, at time.Time) auth.Act {
	return auth.Act{
		ID: sms.NewID(at), At: at, Actor: "user:anne", Code: code, Subject: "anne", Address: "192.0.2.1",
		Note: "agent",
	}
}

func allActs(t *testing.T, s Store) []auth.Act {
	t.Helper()
	found, more, err := s.Acts(t.Context(), auth.ActQuery{Limit: 100})
	if err != nil || more {
		t.Fatalf("acts: %v, more %v", err, more)
	}
	return found
}

func usersAdded(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	town := auth.Grant{Account: "default", Role: auth.Agent}
	want := newUser("anne", auth.Grant{Role: auth.Admin}, town)
	link := auth.Invitation{
		Hash: auth.HashOf("link"), User: want.ID, CreatedAt: start,
		EndsAt: start.Add(time.Hour),
	}
	told := act(auth.UserCreated, start)
	err := s.AddUser(t.Context(), want, auth.Change{Invitation: &link, Acts: []auth.Act{told}})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() (auth.Record, error){
		"by id":   func() (auth.Record, error) { return s.UserByID(t.Context(), want.ID) },
		"by name": func() (auth.Record, error) { return s.UserByName(t.Context(), "anne") },
	} {
		got, err := read()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-added +read):\n%s", name, err, diff)
		}
	}
	if got, err := s.Invitation(t.Context(), link.Hash); err != nil || got != link {
		t.Errorf("invitation = %+v, %v", got, err)
	}
	if diff := cmp.Diff([]auth.Act{told}, allActs(t, s)); diff != "" {
		t.Errorf("acts (-added +read):\n%s", diff)
	}
	again := newUser("anne")
	again.ID = "another"
	if err := s.AddUser(t.Context(), again,
		auth.Change{Acts: []auth.Act{act(auth.UserCreated, start)}}); !errors.Is(err, auth.ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	lost := newUser("paul", auth.Grant{Account: "nowhere", Role: auth.Agent})
	if err := s.AddUser(t.Context(), lost, auth.Change{}); !errors.Is(err, auth.ErrNoAccount) {
		t.Errorf("a role of no account: %v", err)
	}
	if _, err := s.UserByName(t.Context(), "paul"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a user who was refused: %v", err)
	}
	if all := allActs(t, s); len(all) != 1 {
		t.Errorf("%d acts, want none of what was refused", len(all))
	}
	addUser(t, s, "abel", town)
	users, err := s.Users(t.Context())
	if err != nil || len(users) != 2 || users[0].Name != "abel" {
		t.Fatalf("users = %+v, %v; want both, by name", users, err)
	}
	if diff := cmp.Diff(want.User, users[1]); diff != "" {
		t.Errorf("in the list (-added +read):\n%s", diff)
	}
}

func usersChanged(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	r := addUser(t, s, "anne", auth.Grant{Role: auth.Admin})
	want := r
	want.Display, want.Language, want.Password, want.HasPassword = "Anne", "en", "$argon2id$", true
	want.Secret, want.SecondStepAt, want.LastStep = []byte("sealed"), start, 59_000_000
	want.Codes, want.CodesLeft = []auth.Hash{auth.HashOf("a"), auth.HashOf("b")}, 2
	want.DisabledAt, want.SignedInAt = start.Add(time.Hour), start.Add(time.Minute)
	want.Mail, want.Emergency = "anne@town.example", true
	want.Identity = auth.Identity{Issuer: "https://id.example", Subject: "4711", Since: start}
	want.Roles = []auth.Grant{{Account: "default", Role: auth.DPO}}
	changed(t, s, r, func(r *auth.Record) (auth.Change, error) {
		*r = want
		return auth.Change{Acts: []auth.Act{act(auth.RoleGiven, start)}}, nil
	})
	expect := func(what string) {
		t.Helper()
		got, err := s.UserByID(t.Context(), r.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-written +read):\n%s", what, err, diff)
		}
	}
	expect("changed")
	wrong := errors.New("wrong")
	for name, tc := range map[string]struct {
		change func(*auth.Record) (auth.Change, error)
		want   error
	}{
		"its own error": {func(r *auth.Record) (auth.Change, error) {
			r.Password = ""
			return auth.Change{}, wrong
		}, wrong},
		"a session that is not there": {func(r *auth.Record) (auth.Change, error) {
			r.Password = ""
			return auth.Change{End: "nope", Acts: []auth.Act{act(auth.SignedOut, start)}}, nil
		}, auth.ErrUnknown},
		"a role of no account": {func(r *auth.Record) (auth.Change, error) {
			r.Password, r.Roles = "", []auth.Grant{{Account: "nowhere", Role: auth.Agent}}
			return auth.Change{Acts: []auth.Act{act(auth.RoleGiven, start)}}, nil
		}, auth.ErrNoAccount},
	} {
		if err := s.ChangeUser(t.Context(), r.ID, tc.change); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
		expect("after " + name)
	}
	if all := allActs(t, s); len(all) != 1 {
		t.Errorf("%d acts, want that of the change that was made", len(all))
	}
	if err := s.ChangeUser(t.Context(), "nobody", func(*auth.Record) (auth.Change, error) {
		t.Error("a user who is not there is changed")
		return auth.Change{}, nil
	}); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("nobody: %v", err)
	}
	if sealed, err := s.Sealed(t.Context()); string(sealed) != "sealed" || err != nil {
		t.Errorf("what is sealed = %q, %v; want the secret of the second step", sealed, err)
	}
}

func usersLocked(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	r := addUser(t, s, "anne")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.ChangeUser(t.Context(), r.ID, func(r *auth.Record) (auth.Change, error) {
				r.LastStep++
				return auth.Change{}, nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := s.UserByID(t.Context(), r.ID); err != nil || got.LastStep != 20 {
		t.Errorf("20 at once counted to %d, %v", got.LastStep, err)
	}
}

func noRoles(r *auth.Record) (auth.Change, error) {
	r.Roles = nil
	return auth.Change{KeepAdmin: true}, nil
}

func lastAdmin(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	admin := auth.Grant{Role: auth.Admin}
	anne, paul := addUser(t, s, "anne", admin), addUser(t, s, "paul", admin)
	disable := func(r *auth.Record) (auth.Change, error) {
		r.DisabledAt = start
		return auth.Change{KeepAdmin: true}, nil
	}
	changed(t, s, paul, disable)
	for name, change := range map[string]func(*auth.Record) (auth.Change, error){
		"disable":       disable,
		"take the role": noRoles,
	} {
		if err := s.ChangeUser(t.Context(), anne.ID, change); !errors.Is(err, auth.ErrLastAdmin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := s.UserByID(t.Context(), anne.ID); err != nil || !got.DisabledAt.IsZero() ||
		len(got.Roles) != 1 {
		t.Errorf("the last one became %+v, %v", got, err)
	}
	changed(t, s, paul, func(r *auth.Record) (auth.Change, error) {
		r.DisabledAt = time.Time{}
		return auth.Change{}, nil
	})
	changed(t, s, anne, noRoles)
}

func lastAdminRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for round := range 5 {
		names := []string{"a", "b"}
		var all sync.WaitGroup
		var kept atomic.Int64
		for i := range names {
			names[i] += string(rune('0' + round))
			addUser(t, s, names[i], auth.Grant{Role: auth.Admin})
		}
		if round > 0 { // those of the round before are no administrators any more
			old, err := s.Users(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range old {
				if u.Is(auth.Admin) && u.Name[1:] != names[0][1:] {
					changed(t, s, auth.Record{User: u}, noRoles)
				}
			}
		}
		for _, name := range names {
			all.Go(func() {
				err := s.ChangeUser(t.Context(), "id-"+name, noRoles)
				if errors.Is(err, auth.ErrLastAdmin) {
					kept.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if kept.Load() != 1 {
			t.Errorf("%d administrators are left, want 1", kept.Load())
		}
	}
}

func linkRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	r := addUser(t, s, "anne")
	old, link := auth.HashOf("old"), auth.HashOf("link")
	for _, hash := range []auth.Hash{old, link} {
		changed(t, s, r, func(*auth.Record) (auth.Change, error) {
			return auth.Change{Invitation: &auth.Invitation{
				Hash: hash, User: r.ID, CreatedAt: start,
				EndsAt: start.Add(time.Minute),
			}}, nil
		})
	}
	redeem := func(hash auth.Hash, at time.Time) error {
		return s.Redeem(t.Context(), hash, at, func(r *auth.Record) (auth.Change, error) {
			r.Password += "x"
			return auth.Change{}, nil
		})
	}
	wrong := errors.New("wrong")
	if err := s.Redeem(t.Context(), link, start, func(*auth.Record) (auth.Change, error) {
		return auth.Change{}, wrong
	}); !errors.Is(err, wrong) {
		t.Errorf("a change that fails: %v", err)
	}
	for name, err := range map[string]error{
		"replaced": redeem(old, start), "ended": redeem(link, start.Add(time.Minute)),
		"unknown": redeem(auth.HashOf("x"), start),
	} {
		if !errors.Is(err, auth.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var all sync.WaitGroup
	var won atomic.Int64
	for range 8 {
		all.Go(func() {
			err := redeem(link, start)
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, auth.ErrUnknown) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := s.UserByID(t.Context(), r.ID)
	if won.Load() != 1 || err != nil || got.Password != "x" {
		t.Errorf("%d of 8 used the link, and the password is %q, %v; want one", won.Load(), got.Password, err)
	}
}

func sessionsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	r := addUser(t, s, "anne", auth.Grant{Account: "default", Role: auth.Agent})
	paul := addUser(t, s, "paul")
	session := func(id string) auth.Session {
		return auth.Session{
			ID: id, User: r.User, CreatedAt: start, SeenAt: start, ProvedAt: start, EndsAt: start.Add(time.Hour),
			Address: "2001:db8::1", Agent: "Firefox \u202e", Step: auth.StepCode,
		}
	}
	begin := func(id string, c auth.Change) error {
		one := session(id)
		c.Begin, c.BeginHash = &one, auth.HashOf(id)
		return s.ChangeUser(t.Context(), r.ID, func(*auth.Record) (auth.Change, error) { return c, nil })
	}
	here := func(want ...string) {
		t.Helper()
		all, err := s.SessionsOf(t.Context(), r.ID, start)
		ids := []string{}
		for _, one := range all {
			ids = append(ids, one.ID)
		}
		if diff := cmp.Diff(want, ids); diff != "" || err != nil {
			t.Errorf("sessions: %v (-want +got):\n%s", err, diff)
		}
	}
	if err := errors.Join(begin("one", auth.Change{}), begin("two", auth.Change{})); err != nil {
		t.Fatal(err)
	}
	got, err := s.SessionByHash(t.Context(), auth.HashOf("one"))
	if diff := cmp.Diff(session("one"), got); diff != "" || err != nil {
		t.Errorf("%v (-begun +read):\n%s", err, diff)
	}
	if _, err := s.SessionByHash(t.Context(), auth.HashOf("none")); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("no session: %v", err)
	}
	for _, at := range []time.Time{start.Add(time.Minute), start} { // a clock that is set back
		if err := s.TouchSession(t.Context(), auth.HashOf("two"), at); err != nil {
			t.Fatal(err)
		}
	}
	if got, err = s.SessionByHash(t.Context(), auth.HashOf("two")); err != nil ||
		!got.SeenAt.Equal(start.Add(time.Minute)) {
		t.Errorf("seen at %v, %v", got.SeenAt, err)
	}
	here("two", "one")
	if err := begin("three", auth.Change{Replace: auth.HashOf("one")}); err != nil {
		t.Fatal(err)
	}
	here("two", "three")
	for name, c := range map[string]auth.Change{
		"replaced before": {Replace: auth.HashOf("one")}, "ended before": {End: "one"},
	} {
		if err := begin("four", c); !errors.Is(err, auth.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err = s.ChangeUser(t.Context(), paul.ID,
		func(*auth.Record) (auth.Change, error) { return auth.Change{End: "two"}, nil })
	if !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("somebody else's session: %v", err)
	}
	changed(t, s, r, func(*auth.Record) (auth.Change, error) { return auth.Change{End: "two"}, nil })
	here("three")
	if err := begin("five", auth.Change{EndAll: true}); err != nil {
		t.Fatal(err)
	}
	here("five")
	late := session("six")
	late.SeenAt, late.EndsAt = start.Add(2*time.Hour), start.Add(3*time.Hour)
	changed(t, s, r, func(*auth.Record) (auth.Change, error) {
		return auth.Change{Begin: &late, BeginHash: auth.HashOf("six")}, nil
	})
	here("six") // those that were over are gone
}

func addressesKnown(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	r := addUser(t, s, "anne")
	from := func(address string, at time.Time) {
		t.Helper()
		one := auth.Session{ID: sms.NewID(at).String(), SeenAt: at, EndsAt: at.Add(time.Hour)}
		changed(t, s, r, func(*auth.Record) (auth.Change, error) {
			return auth.Change{Begin: &one, BeginHash: auth.HashOf(one.ID), Address: address}, nil
		})
	}
	from("192.0.2.1", start)
	from("192.0.2.1", start.Add(time.Hour))
	for _, tc := range []struct {
		name, user, address string
		since               time.Time
		want                bool
	}{
		{"known", r.ID, "192.0.2.1", start.Add(time.Hour), true},
		{"too long ago", r.ID, "192.0.2.1", start.Add(2 * time.Hour), false},
		{"another address", r.ID, "192.0.2.2", start, false},
		{"another user", "id-paul", "192.0.2.1", start, false},
	} {
		if got, err := s.KnownAddress(t.Context(), tc.user, tc.address, tc.since); got != tc.want || err != nil {
			t.Errorf("%s: %v, %v", tc.name, got, err)
		}
	}
	from("192.0.2.3", start.Add(2*time.Hour).Add(auth.AddressLife))
	if got, err := s.KnownAddress(t.Context(), r.ID, "192.0.2.1", start); got || err != nil {
		t.Errorf("an old address is still there: %v, %v", got, err)
	}
}

func actPages(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	var want []auth.Act
	for i := range 6 {
		one := act(auth.RoleGiven, start.Add(time.Duration(i)*time.Second))
		one.Account = []string{"", "town", "village"}[i%3]
		one.Actor = []sms.Actor{"user:anne", "cli"}[i%2]
		if i == 3 {
			one.Code = auth.RoleTaken
		}
		if err := s.AddAct(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		want = append([]auth.Act{one}, want...)
	}
	for _, tc := range []struct {
		name string
		q    auth.ActQuery
		want []int // of want
		more bool
	}{
		{"all", auth.ActQuery{Limit: 6}, []int{0, 1, 2, 3, 4, 5}, false},
		{"the first page", auth.ActQuery{Limit: 2}, []int{0, 1}, true},
		{"the next one", auth.ActQuery{Limit: 4, Before: want[1].ID}, []int{2, 3, 4, 5}, false},
		{
			"of two accounts",
			auth.ActQuery{Limit: 9, Accounts: []string{"town", "village"}},
			[]int{0, 1, 3, 4},
			false,
		},
		{"of no account", auth.ActQuery{Limit: 9, Accounts: []string{}}, nil, false},
		{"of the gateway", auth.ActQuery{Limit: 9, Accounts: []string{""}}, []int{2, 5}, false},
		{"of one actor", auth.ActQuery{Limit: 9, Actor: "cli", Accounts: []string{"town"}}, []int{4}, false},
		{"since", auth.ActQuery{Limit: 9, Since: start.Add(4 * time.Second)}, []int{0, 1}, false},
		{"of one kind", auth.ActQuery{Limit: 9, Code: auth.RoleTaken, Actor: "cli"}, []int{2}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wanted := []auth.Act{}
			for _, i := range tc.want {
				wanted = append(wanted, want[i])
			}
			got, more, err := s.Acts(t.Context(), tc.q)
			if diff := cmp.Diff(wanted, got); diff != "" || err != nil || more != tc.more {
				t.Errorf("%v, more %v (-want +got):\n%s", err, more, diff)
			}
		})
	}
}

func usersIdentified(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	r := newUser("anne", auth.Grant{Account: "default", Role: auth.Agent})
	r.Mail = "anne@town.example"
	if err := s.AddUser(t.Context(), r, auth.Change{}); err != nil {
		t.Fatal(err)
	}
	other := addUser(t, s, "paul")
	again := newUser("luc")
	again.Mail = r.Mail
	if err := s.AddUser(t.Context(), again, auth.Change{}); !errors.Is(err, auth.ErrMailTaken) {
		t.Errorf("the address of another user: %v", err)
	}
	r.Identity = auth.Identity{Issuer: "https://id.example", Subject: "4711", Since: start}
	changed(t, s, r, func(c *auth.Record) (auth.Change, error) { c.Identity = r.Identity; return auth.Change{}, nil })
	for name, read := range map[string]func() (auth.Record, error){
		"by identity": func() (auth.Record, error) {
			return s.UserByIdentity(t.Context(), "https://id.example", "4711")
		},
		"by address": func() (auth.Record, error) { return s.UserByMail(t.Context(), "anne@town.example") },
	} {
		got, err := read()
		if diff := cmp.Diff(r, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-written +read):\n%s", name, err, diff)
		}
	}
	for _, id := range [][2]string{{"https://id.example", "4712"}, {"https://other.example", "4711"}, {"", ""}} {
		if _, err := s.UserByIdentity(t.Context(), id[0], id[1]); !errors.Is(err, auth.ErrUnknown) {
			t.Errorf("the identity %v: %v", id, err)
		}
	}
	if _, err := s.UserByMail(t.Context(), ""); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("no address: %v", err)
	}
	for want, change := range map[error]func(*auth.Record){
		auth.ErrMailTaken: func(c *auth.Record) { c.Mail = r.Mail },
		auth.ErrBound:     func(c *auth.Record) { c.Identity = r.Identity },
	} {
		err := s.ChangeUser(t.Context(), other.ID, func(c *auth.Record) (auth.Change, error) {
			change(c)
			return auth.Change{}, nil
		})
		if !errors.Is(err, want) {
			t.Errorf("what another user has: %v, want %v", err, want)
		}
	}
}

// actsDropped: what an audit tells goes only when it is old, the oldest first.
func actsDropped(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for i := range 4 {
		if err := s.AddAct(t.Context(), act(auth.SignedIn, start.Add(time.Duration(i)*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	before := sms.FirstID(start.Add(3 * time.Hour))
	for _, tc := range []struct{ most, dropped, left int }{{2, 2, 2}, {2, 1, 1}, {2, 0, 1}} {
		n, err := s.DropActs(t.Context(), before, tc.most)
		if left := allActs(t, s); n != tc.dropped || len(left) != tc.left || err != nil {
			t.Errorf("%d were dropped and %d left, %v; want %d and %d", n, len(left), err, tc.dropped, tc.left)
		}
	}
}
