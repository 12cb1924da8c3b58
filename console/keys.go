package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/reason"
)

// newKeysPage lists the keys of the account, and makes more.
type keysPage struct {
	frame
	problems

	Rows []keyRow
	Name string // that was typed
	Form string // sent twice, it makes one key
	keyForm
}

// keyRow is a key in a list.
type keyRow struct {
	ID, Name string
	Since    moment
	Used     *moment // nil: never
	Limits   string  // empty: none
	LastDay  string  // empty: for ever
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
	p := &keysPage{frame: *q.frame(), Form: formToken(), keyForm: keyForm{Send: true, Read: true}}
	for i := range all {
		p.Rows = append(p.Rows, p.row(&all[i], q.now()))
	}
	return p, nil
}

func (p *keysPage) row(k *auth.Key, now time.Time) keyRow {
	row := keyRow{
		ID: k.ID, Name: k.Name, Since: p.At(k.CreatedAt), Works: k.RevokedAt.IsZero(),
		Limits: limitsInWords(p.Lang, &k.Limits), Pill: pill{"good", p.say("key_works")},
		LastDay: untilInWords(p.Lang, &k.Limits),
	}
	if !k.UsedAt.IsZero() {
		used := p.At(k.UsedAt)
		row.Used = &used
	}
	switch {
	case !row.Works:
		row.Pill = pill{"waiting", p.say("key_ended")}
	case k.Limits.Over(now):
		row.Pill = pill{"waiting", p.say("key_over")}
	case endsSoon(k, now):
		row.Pill = pill{"bad", p.say("key_soon")}
	}
	return row
}

// keyUntil says until when a key works.
const keyUntil = Words + "/key_until_day"

// limitsInWords are limits but for the end, empty where there are none.
func limitsInWords(l reason.Language, limits *auth.KeyLimits) string {
	var all []string
	for _, r := range limits.Rights {
		all = append(all, r.Title().In(l))
	}
	for _, n := range limits.Networks {
		all = append(all, n.String())
	}
	all = append(all, limits.Connectors...)
	for _, s := range limits.Senders {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}

// untilInWords is the end of a key, empty where there is none.
func untilInWords(l reason.Language, limits *auth.KeyLimits) string {
	if limits.Until.IsZero() {
		return ""
	}
	return reason.Of(keyUntil, reason.Args{"day": limits.LastDay()}).In(l)
}

// soon is how long before its end a key needs a person.
const soon = 14 * 24 * time.Hour

// endsSoon reports whether a key that works ends within the fortnight.
func endsSoon(k *auth.Key, now time.Time) bool {
	return k.RevokedAt.IsZero() && !k.Limits.Until.IsZero() && !k.Limits.Over(now) && k.Limits.Over(now.Add(soon))
}

// limits reads what was typed. What came without the form's token ticks nothing, and is
// bound by nothing.
func (p *keysPage) limits(q *request) auth.KeyLimits {
	p.Form = q.field("form")
	p.keyForm = readKeyForm(q)
	if p.Operate {
		p.Operate = false
		p.refuse("send", p.say("key_no_operate"))
	}
	if p.Form != "" && len(p.ticked()) == 0 {
		p.refuse("send", p.say("key_no_right"))
	}
	return p.asLimits(&p.problems, &p.frame, q.now())
}

// separated are words between commas or line ends.
func separated(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' })
}

// keyPage shows a key that was just made. It stands in this answer alone.
type keyPage struct {
	frame

	Name, Text string
}

// makeKey makes a key and shows it, once. A form sent twice makes one key, for its token
// chooses the id; and no two keys that work have one name.
func makeKey(q *request) (answer, error) {
	if err := q.read(append([]string{"name", "form"}, keyFields...)...); err != nil {
		return nil, err
	}
	name := q.field("name")
	p, err := newKeysPage(q)
	if err != nil {
		return nil, err
	}
	p.Name = name
	wanted := auth.Key{
		Account: q.account, Name: name, CreatedAt: q.console.Now(), Limits: p.limits(q), MadeBy: q.actor(),
	}
	if p.Form != "" {
		wanted.ID = auth.KeyIDOf(q.account, p.Form)
	}
	switch {
	case slices.ContainsFunc(p.Rows, func(k keyRow) bool { return k.ID == wanted.ID }):
		return p.sentTwice()
	case auth.CheckName("key name", name) != nil:
		p.refuse("name", p.say("key_name_wrong"))
	case slices.ContainsFunc(p.Rows, func(k keyRow) bool { return k.Works && k.Name == name }):
		p.refuse("name", p.say("key_name_taken"))
	}
	if len(p.Problems) > 0 {
		return view{"keys", p, http.StatusUnprocessableEntity}, nil
	}
	text, key, err := auth.MakeKey(withoutCancel(q), q.console.Keys, wanted)
	if errors.Is(err, auth.ErrExists) {
		return p.sentTwice()
	}
	if err != nil {
		return nil, err
	}
	return view{name: "key", data: &keyPage{Name: key.Name, Text: text}}, nil
}

// sentTwice answers for a form that has made its key.
func (p *keysPage) sentTwice() (answer, error) {
	p.Problems = nil
	p.refuse("name", p.say("key_form_sent"))
	p.Form = formToken()
	return view{"keys", p, http.StatusUnprocessableEntity}, nil
}

// revokeKey ends a key for good. What had it is refused within a second.
func revokeKey(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	k, err := keyAt(q)
	if err != nil {
		return nil, err
	}
	if k.RevokedAt.IsZero() {
		now := q.console.Now().Truncate(time.Microsecond)
		if _, err := q.console.Keys.RevokeKey(withoutCancel(q), k.ID, now); err != nil {
			return nil, err
		}
	}
	return redirect{Home + "keys", "key_ended"}, nil
}
