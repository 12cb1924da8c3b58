package policy

import (
	"time"

	"relais/reason"
	"relais/sms"
)

// Kind is why a pack lets a message go, or puts it off.
type Kind string

// The kinds of reason.
const (
	Within    Kind = "within"    // the hours are open
	Tolerated Kind = "tolerated" // open, on a day that the pack advises against
	Hours     Kind = "hours"     // too early or too late on a day that is open
	Closed    Kind = "day"       // a day of the week that is closed
	OnHoliday Kind = "holiday"   // a public holiday that is closed
	// Discouraged is a day that is only tolerated, and nothing is put off to it.
	Discouraged Kind = "discouraged"
)

// Reason is one pack's word on an instant.
type Reason struct {
	Pack    *Pack
	Kind    Kind
	At      time.Time     // the instant that it is about
	Place   Place         // by whose clock the pack goes
	spans   []span        // of that day
	holiday reason.Reason // its name
	passed  bool          // a day that is only tolerated was passed over
}

// Verdict is when a message may go, and why.
type Verdict struct {
	Class   sms.Class
	Place   Place
	Asked   time.Time
	Due     time.Time // Asked, or later
	Never   bool      // the packs have no hour in common within farthest; Due means nothing
	Reasons []Reason  // one for each pack that has hours for the class and a word to say
}

// Moved reports whether the message was put off.
func (v *Verdict) Moved() bool { return v.Never || v.Due.After(v.Asked) }

// farthest is how far ahead an hour is looked for, in days: no set of holidays is
// as long.
const farthest = 31

// Next is when a message may go by this pack alone.
func (p *Pack) Next(class sms.Class, place Place, at time.Time) Verdict {
	return Next([]*Pack{p}, class, place, at)
}

// Next is the first instant, not before at, at which every pack lets a message go. A
// pack that is nil or has no hours for the class says nothing.
func Next(packs []*Pack, class sms.Class, place Place, at time.Time) Verdict {
	v := Verdict{Class: class, Place: place, Asked: at, Due: at}
	for settled := false; !settled; {
		settled = true
		for _, p := range packs {
			if !p.Rules(class) {
				continue
			}
			due, reason, ok := p.step(class, place, v.Due, v.Moved())
			if !ok || due.Sub(at) > farthest*24*time.Hour {
				v.Never = true
				v.note(reason)
				return v
			}
			settled = settled && !due.After(v.Due)
			v.Due = due
			v.note(reason)
		}
	}
	return v
}

// note keeps the first reason of each pack; once the message is put off, only those
// that put it off count.
func (v *Verdict) note(r Reason) {
	putsOff := r.Kind != Within && r.Kind != Tolerated
	var kept []Reason
	for _, known := range v.Reasons {
		open := known.Kind == Within || known.Kind == Tolerated
		if !open && known.Pack == r.Pack {
			return
		}
		if !open || !putsOff {
			kept = append(kept, known)
		}
	}
	if putsOff || !v.Moved() && !heard(kept, r.Pack) {
		kept = append(kept, r)
	}
	v.Reasons = kept
}

func heard(reasons []Reason, p *Pack) bool {
	for _, r := range reasons {
		if r.Pack == p {
			return true
		}
	}
	return false
}

// step is the first instant from at on that this pack lets a message go. One that was
// put off already is put off to no day that is only tolerated.
func (p *Pack) step(class sms.Class, place Place, at time.Time, moved bool) (time.Time, Reason, bool) {
	place = p.in(place)
	reason := Reason{Pack: p, At: at, Place: place}
	year, month, today := at.In(place.Zone).Date()
	for n := range farthest {
		noon := time.Date(year, month, today+n, 12, 0, 0, 0, place.Zone)
		hours := p.day(class, place, noon, n == 0, &reason)
		for _, s := range hours.spans {
			opens, closes := clockTime(noon, s.from), clockTime(noon, s.to)
			switch {
			case !at.Before(closes):
			case hours.tolerated && at.Before(opens):
				reason.passed = true
			case hours.tolerated && moved:
				reason.Kind = Discouraged
			case at.Before(opens):
				return opens, reason, true
			case hours.tolerated:
				reason.Kind = Tolerated
				return at, reason, true
			default:
				if n == 0 {
					reason.Kind = Within
				}
				return at, reason, true
			}
		}
	}
	return time.Time{}, reason, false
}

// day returns the hours of a date; of the first one the reason is kept, should they
// be closed.
func (p *Pack) day(class sms.Class, place Place, noon time.Time, first bool, reason *Reason) day {
	y, m, d := noon.Date()
	name, holiday := Holiday(place.Country, p.also, y, m, d)
	hours := p.weeks[class].on(noon.Weekday(), holiday)
	if !first {
		return hours
	}
	reason.spans, reason.Kind = hours.spans, Hours
	switch {
	case len(hours.spans) == 0 && holiday:
		reason.Kind, reason.holiday = OnHoliday, name
	case len(hours.spans) == 0:
		reason.Kind = Closed
	case holiday:
		reason.holiday = name
	}
	return hours
}

// clockTime is the instant at which the clocks of a place show a minute of a day. A
// minute that the change to summer time skips comes when the clocks are past it.
func clockTime(noon time.Time, minute int) time.Time {
	y, m, d := noon.Date()
	at := time.Date(y, m, d, 0, minute, 0, 0, noon.Location())
	shown := at.Hour()*60 + at.Minute()
	early := (minute - shown + minutesOfDay) % minutesOfDay // midnight may be the one that is skipped
	if early > 0 && early <= 60 {
		at = at.Add(time.Duration(early) * time.Minute)
	}
	return at
}
