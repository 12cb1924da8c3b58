package gateway

import (
	"fmt"
	"slices"
	"time"

	"relais/number"
	"relais/policy"
	"relais/sms"
)

// windowed is what the rules of advertising make of the recipients of one country
// that go one way.
type windowed struct {
	due       time.Time
	expires   time.Time
	decisions []Decision
	refusal   *Refusal // without recipient
	deferred  bool
}

// windows works the hours out once for each country and connector.
type windows struct {
	s      *Submission
	policy *policy.Pack
	due    time.Time // as asked
	// firm: the caller said how long the message may wait. That counts from the date
	// that was asked for, and the default from the date at which it may go.
	firm  bool
	known map[string]*windowed
	order []*windowed
}

// newWindows gives a submission the validity that its caller did not choose.
func newWindows(s *Submission, account Account, now time.Time) *windows {
	w := &windows{s: s, policy: account.Policy, due: now, firm: s.ValidFor > 0}
	if s.SendAt.After(now) {
		w.due = s.SendAt
	}
	if !w.firm {
		s.ValidFor = s.Class.Validity()
	}
	return w
}

// of returns when a message to a country may go through a lane.
func (w *windows) of(country string, l *lane) *windowed {
	if !w.policy.For(country).Rules(w.s.Class) && !l.overlay.Rules(w.s.Class) {
		country = "" // no rule: one answer for all
	}
	key := country + "\x00" + l.name
	found := w.known[key]
	if found == nil {
		if w.known == nil {
			w.known = map[string]*windowed{}
		}
		found = w.work(country, l)
		w.known[key] = found
		w.order = append(w.order, found)
	}
	return found
}

// rule tells whether hours hold for some recipient.
func (w *windows) rule() bool {
	return slices.ContainsFunc(w.order, func(done *windowed) bool { return len(done.decisions) > 0 })
}

func (w *windows) work(country string, l *lane) *windowed {
	packs := []*policy.Pack{w.policy.For(country), l.overlay}
	v := policy.Next(packs, w.s.Class, policy.PlaceOf(country), w.due)
	done := &windowed{due: v.Due.UTC(), expires: v.Due.UTC().Add(w.s.ValidFor)}
	if len(v.Reasons) == 0 {
		return done
	}
	why := said{v.Sentence(policy.English), v.Sentence(policy.French)}
	done.decisions = []Decision{decision("window", why)}
	if !w.firm && !v.Never {
		w.outlast(done, &v, packs)
	}
	if !v.Moved() {
		return done
	}
	done.deferred = true
	if w.firm {
		done.expires = w.due.Add(w.s.ValidFor)
	}
	switch {
	case v.Never:
		done.refusal = &Refusal{Code: "window_never", Detail: why.english, French: why.french}
	case !done.due.Before(done.expires):
		done.refusal = &Refusal{
			Code:   "window_after_validity",
			Detail: why.english + " Its validity of " + plain(w.s.ValidFor) + " ends before: ask for a longer one, or for another date.",
			French: why.french + " Sa validité de " + plain(w.s.ValidFor) + " finit avant : demandez-en une plus longue, ou une autre date.",
		}
	}
	return done
}

// outlast makes the default validity longer where the next hours would come too late:
// a message that its lane did not send by the evening before a long weekend would not
// live to see them. A validity that the caller chose stays.
func (w *windows) outlast(done *windowed, v *policy.Verdict, packs []*policy.Pack) {
	y, m, d := v.Due.In(v.Place.Zone).Date()
	nextDay := time.Date(y, m, d+1, 0, 0, 0, 0, v.Place.Zone)
	next := policy.Next(packs, w.s.Class, v.Place, nextDay)
	if next.Never || next.Due.Before(done.expires) {
		return
	}
	done.expires = next.Due.UTC().Add(w.s.ValidFor)
	lasts := done.expires.Format(time.RFC3339)
	why := said{done.decisions[0].Detail, done.decisions[0].French}.with(said{
		"Should it not leave that day, the next hours come after its validity: it is kept until " + lasts + ".",
		"S'il ne partait pas ce jour-là, les heures suivantes viendraient après sa validité : il est gardé jusqu'au " + lasts + ".",
	})
	done.decisions = []Decision{decision("window", why)}
}

// warnings tell the caller what was put off, once for each date and reason.
func (w *windows) warnings(accepted []Draft) []Warning {
	counts := map[*windowed]int{}
	for i := range accepted {
		counts[accepted[i].window]++
	}
	var all []Warning
	for _, done := range w.order {
		if !done.deferred || counts[done] == 0 {
			continue
		}
		warning := Warning{Code: "deferred", Detail: done.decisions[0].Detail, French: done.decisions[0].French}
		if counts[done] < len(accepted) {
			warning.Detail = fmt.Sprintf("%d of %d: %s", counts[done], len(accepted), warning.Detail)
			warning.French = fmt.Sprintf("%d sur %d : %s", counts[done], len(accepted), warning.French)
		}
		all = append(all, warning)
	}
	return all
}

// sendable splits a batch that was claimed: what may go at this moment, and what is
// put back because it waited past its hours. The hours were looked at when the message
// was accepted, but a lane that was down, a retry or another connector may take it past
// them.
func (g *Gateway) sendable(l *lane, batch []sms.Message, now time.Time) (open, put []sms.Message, back []sms.Transition) {
	open = make([]sms.Message, 0, len(batch))
	for i := range batch {
		if t, closed := g.closed(l, &batch[i], now); closed {
			put, back = append(put, batch[i]), append(back, t)
			continue
		}
		open = append(open, batch[i])
	}
	return open, put, back
}

// closed is the transition of a message that may not go at this moment.
func (g *Gateway) closed(l *lane, m *sms.Message, now time.Time) (sms.Transition, bool) {
	account := g.account(m.Account).Policy
	if !account.Rules(m.Class) && !l.overlay.Rules(m.Class) {
		return sms.Transition{}, false
	}
	country := ""
	if parsed, err := number.Every.Parse(string(m.To), ""); err == nil {
		country = parsed.Country
	}
	v := policy.Next([]*policy.Pack{account.For(country), l.overlay}, m.Class, policy.PlaceOf(country), now)
	if !v.Moved() {
		return sms.Transition{}, false
	}
	t := sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Queued, Refund: true, DueAt: v.Due,
		Event: sms.Event{At: now, Actor: "lane:" + l.name, Code: "window", Detail: v.Sentence(policy.English), Attempt: m.Attempt},
	}
	if v.Never || !v.Due.Before(m.ExpiresAt) {
		t.To, t.DueAt, t.Event.Code = sms.Expired, time.Time{}, sms.ValidityOver
		t.Event.Detail += " Its validity ends before."
	}
	t.Event.Status = t.To
	return t, true
}
