package console

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"relais/auth"
)

// keyForm are limits as they were typed.
type keyForm struct {
	Send, Read, Manage                     bool
	Operate, Approve                       bool // ticked
	Operates, Approved                     bool // the key has them, so that they can be taken away here
	Networks, Connectors, Senders, LastDay string
}

// keyFields are those of a keyForm.
var keyFields = []string{"send", "read", "manage", "operate", "approve", "networks", "connectors", "senders", "until"}

// readKeyForm takes what was typed.
func readKeyForm(q *request) keyForm {
	return keyForm{
		Send: q.field("send") != "", Read: q.field("read") != "", Manage: q.field("manage") != "",
		Operate: q.field("operate") != "", Approve: q.field("approve") != "",
		Networks: q.field("networks"), Connectors: q.field("connectors"), Senders: q.field("senders"),
		LastDay: q.field("until"),
	}
}

// formOf shows limits as they could have been typed.
func formOf(l *auth.KeyLimits) keyForm {
	f := keyForm{
		Send: l.May(auth.KeySend), Read: l.May(auth.KeyRead), Manage: l.May(auth.KeyManage),
		Operate: l.May(auth.KeyOperate), Operates: l.May(auth.KeyOperate),
		Approve: l.May(auth.KeyApprove), Approved: l.May(auth.KeyApprove),
		Networks: listed(l.Networks), Connectors: listed(l.Connectors), Senders: listed(l.Senders),
	}
	if !l.Until.IsZero() {
		f.LastDay = string(l.LastDay())
	}
	return f
}

// listed writes words between commas.
func listed[T any](all []T) string {
	texts := make([]string, len(all))
	for i := range all {
		texts[i] = fmt.Sprint(all[i])
	}
	return strings.Join(texts, ", ")
}

// ticked are the rights that were ticked.
func (f *keyForm) ticked() (rights []string) {
	ticks := map[auth.KeyRight]bool{
		auth.KeySend: f.Send, auth.KeyRead: f.Read, auth.KeyManage: f.Manage, auth.KeyOperate: f.Operate,
		auth.KeyApprove: f.Approve,
	}
	for _, right := range auth.KeyRights() {
		if ticks[right] {
			rights = append(rights, string(right))
		}
	}
	return rights
}

// asLimits reads what was typed, and says what cannot be read.
func (f *keyForm) asLimits(p *problems, fr *frame, now time.Time) auth.KeyLimits {
	terms := auth.KeyTerms{
		Rights: f.ticked(), Networks: separated(f.Networks), Connectors: separated(f.Connectors),
		Senders: separated(f.Senders), Until: f.LastDay,
	}
	limits, err := terms.Limits(now)
	if wrong, ok := errors.AsType[*auth.TermError](err); ok {
		p.refuse(wrong.Field, wrong.Reason().In(fr.Lang))
	}
	return limits
}

// keep has what was not touched stay as it is, though the form cannot show it whole: an
// hour of the last day, or a comma in a sender.
func (f *keyForm) keep(limits *auth.KeyLimits, before *auth.KeyLimits) {
	shown := formOf(before)
	if f.Networks == shown.Networks {
		limits.Networks = before.Networks
	}
	if f.Connectors == shown.Connectors {
		limits.Connectors = before.Connectors
	}
	if f.Senders == shown.Senders {
		limits.Senders = before.Senders
	}
	if f.LastDay == shown.LastDay {
		limits.Until = before.Until
	}
}

// limitsPage changes what a key may do.
type limitsPage struct {
	frame
	problems
	keyForm

	ID, Name string
	Now      string // the limits that the key has
	Seen     string // those that the form is about
}

// keyAt is the key of the account that a request is about, as it is now.
func keyAt(q *request) (*auth.Key, error) {
	all, err := keysOf(q)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(k auth.Key) bool { return k.ID == q.PathValue("key") })
	if at < 0 {
		return nil, notFound()
	}
	return &all[at], nil
}

func limitsPageOf(q *request, k *auth.Key) *limitsPage {
	p := &limitsPage{
		frame: *q.frame(), keyForm: formOf(&k.Limits), ID: k.ID, Name: k.Name, Seen: seenLimits(&k.Limits),
	}
	p.Now = limitsInWords(p.Lang, &k.Limits)
	if p.Now == "" {
		p.Now = p.say("key_no_limit")
	}
	if until := untilInWords(p.Lang, &k.Limits); until != "" {
		p.Now += " · " + until
	}
	return p
}

// seenLimits marks in a form which limits its reader saw.
func seenLimits(l *auth.KeyLimits) string {
	text, err := json.Marshal(l)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func showKeyLimits(q *request) (answer, error) {
	k, err := keyAt(q)
	switch {
	case err != nil:
		return nil, err
	case !k.RevokedAt.IsZero():
		return redirect{Home + "keys", "key_ended"}, nil
	}
	return view{name: "key_limits", data: limitsPageOf(q, k)}, nil
}

// limitKey gives a key other limits. Whoever has it goes on with the old ones until then,
// and is held to the new ones within a second.
func limitKey(q *request) (answer, error) {
	if err := q.read(append([]string{"seen"}, keyFields...)...); err != nil {
		return nil, err
	}
	k, err := keyAt(q)
	switch {
	case err != nil:
		return nil, err
	case !k.RevokedAt.IsZero():
		return redirect{Home + "keys", "key_ended_before"}, nil
	}
	p := limitsPageOf(q, k)
	limits := p.typed(q, k)
	switch {
	case q.field("seen") != p.Seen && !limits.Same(&k.Limits): // the same twice is one
		return p.overtaken(), nil
	case len(p.Problems) > 0:
		return view{"key_limits", p, http.StatusUnprocessableEntity}, nil
	}
	_, err = q.console.Keys.LimitKey(withoutCancel(q), k.ID, &k.Limits, limits)
	if errors.Is(err, auth.ErrLimited) {
		if k, err = keyAt(q); err != nil {
			return nil, err
		}
		typed := p.keyForm
		p = limitsPageOf(q, k)
		p.keyForm = typed
		return p.overtaken(), nil
	}
	if err != nil {
		return nil, err
	}
	return redirect{Home + "keys", "key_limited"}, nil
}

// typed reads the form about a key, and says at each field what is wrong.
func (p *limitsPage) typed(q *request, k *auth.Key) auth.KeyLimits {
	operates, approves := p.Operates, p.Approved
	p.keyForm = readKeyForm(q)
	p.Operates, p.Approved = operates, approves
	if p.Operate && !operates {
		p.Operate = false
		p.refuse("send", p.say("key_no_operate"))
	}
	if p.Approve && !approves {
		p.Approve = false
		p.refuse("send", p.say("key_no_approve"))
	}
	if len(p.ticked()) == 0 {
		p.refuse("send", p.say("key_no_right"))
	}
	known := k.Limits.Until
	shown := formOf(&k.Limits).LastDay
	day := p.LastDay
	if day == shown && !known.IsZero() && known.After(q.now()) {
		p.LastDay = known.Format(time.RFC3339Nano)
	}
	limits := p.asLimits(&p.problems, &p.frame, q.now())
	p.LastDay = day
	p.keep(&limits, &k.Limits)
	return limits
}

// overtaken shows what a colleague did meanwhile. Whoever saves again has seen it.
func (p *limitsPage) overtaken() answer {
	p.Problems = nil
	p.refuse("now", p.say("key_overtaken"))
	return view{"key_limits", p, http.StatusConflict}
}
