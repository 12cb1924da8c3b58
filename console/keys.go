package console

import (
	"net/http"
	"slices"
	"time"

	"relais/auth"
)

// What is done about keys, in the audit.
const (
	keyMade    auth.ActCode = "key_made"
	keyRevoked auth.ActCode = "key_revoked"
)

// newKeysPage lists the keys of the account, and makes more.
type keysPage struct {
	frame
	problems

	Rows []keyRow
	Name string // that was typed
}

// keyRow is a key in a list.
type keyRow struct {
	ID, Name string
	Since    moment
	Pill     pill
	Works    bool
}

func showKeys(q *request) (answer, error) {
	p, err := newKeysPage(q)
	return view{name: "keys", data: p}, err
}

// keysOf are those of the account, the newest first.
func keysOf(q *request) ([]auth.Key, error) {
	all, err := q.console.Keys.Keys(q.ctx())
	all = slices.DeleteFunc(all, func(k auth.Key) bool { return k.Account != q.account })
	slices.Reverse(all)
	return all, err
}

func newKeysPage(q *request) (*keysPage, error) {
	all, err := keysOf(q)
	if err != nil {
		return nil, err
	}
	p := &keysPage{frame: *q.frame()}
	for _, k := range all {
		row := keyRow{ID: k.ID, Name: k.Name, Since: p.At(k.CreatedAt), Works: k.RevokedAt.IsZero()}
		row.Pill = pill{"good", p.say("key_works")}
		if !row.Works {
			row.Pill = pill{"waiting", p.say("key_ended")}
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// keyPage shows a key that was just made. It stands in this answer alone.
type keyPage struct {
	frame

	Name, Text string
}

// makeKey makes a key and shows it, once. A name that a key has already is refused, so
// that a form sent twice makes one key.
func makeKey(q *request) (answer, error) {
	if err := q.read("name"); err != nil {
		return nil, err
	}
	name := q.field("name")
	p, err := newKeysPage(q)
	if err != nil {
		return nil, err
	}
	p.Name = name
	switch {
	case auth.CheckName("key name", name) != nil:
		p.refuse("name", p.say("key_name_wrong"))
	case slices.ContainsFunc(p.Rows, func(k keyRow) bool { return k.Works && k.Name == name }):
		p.refuse("name", p.say("key_name_taken"))
	}
	if len(p.Problems) > 0 {
		return view{"keys", p, http.StatusUnprocessableEntity}, nil
	}
	text, key, err := auth.NewKey(withoutCancel(q), q.console.Keys, q.account, name, q.console.Now())
	if err != nil {
		return nil, err
	}
	if err := q.record(keyMade, key.Name+" ("+key.ID+")", ""); err != nil {
		return nil, err
	}
	return view{name: "key", data: &keyPage{Name: key.Name, Text: text}}, nil
}

// revokeKey ends a key for good. What had it is refused within a second.
func revokeKey(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	all, err := keysOf(q)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(k auth.Key) bool { return k.ID == q.PathValue("key") })
	if at < 0 {
		return nil, notFound()
	}
	if all[at].RevokedAt.IsZero() {
		if _, err := q.console.Keys.RevokeKey(withoutCancel(q), all[at].ID, q.console.Now().Truncate(time.Microsecond)); err != nil {
			return nil, err
		}
		if err := q.record(keyRevoked, all[at].Name+" ("+all[at].ID+")", ""); err != nil {
			return nil, err
		}
	}
	return redirect{Home + "keys", "key_ended"}, nil
}
