package quota

import (
	"slices"

	"relais/number"
	"relais/sms"
)

// Per says what a quota counts apart.
type Per string

// What a quota may be for.
const (
	PerAccount    Per = "account"
	PerKey        Per = "key"         // whoever called: an API key, a client of a door
	PerCountry    Per = "country"     // each country, of each key
	PerNewCountry Per = "new_country" // the same, from the first message there on, for one period
	PerRecipient  Per = "recipient"
	PerText       Per = "text" // the same text to one recipient
)

// Pers lists them.
var Pers = []Per{PerAccount, PerKey, PerCountry, PerNewCountry, PerRecipient, PerText}

// Quota bounds what is accepted in a period. Conditions that are empty hold for
// everything.
type Quota struct {
	Name     string
	Accounts []string
	Keys     []string // as in the timeline, "api:forms", or without what stands before the colon
	Classes  []sms.Class
	Families []string // of numbers
	Outside  []string // families that it does not count
	Per      Per
	Every    Period
	Messages int       // 0: any number
	Segments int       // 0: any number
	Money    sms.Money // 0: any amount. What has no price counts nothing

	id       string // by which it is counted: the name and the period
	currency string
}

// concerns reports whether the quota counts a submission; its recipients are
// another matter.
func (q *Quota) concerns(s *Submission) bool {
	return (len(q.Accounts) == 0 || slices.Contains(q.Accounts, s.Account)) &&
		(len(q.Classes) == 0 || slices.Contains(q.Classes, s.Class)) &&
		(len(q.Keys) == 0 || slices.ContainsFunc(q.Keys, s.Actor.Called))
}

// counts reports whether the quota counts a recipient.
func (q *Quota) counts(r *Recipient) bool {
	n := number.Parsed{Family: r.Family}
	return (len(q.Families) == 0 || n.In(q.Families)) && !slices.Contains(q.Outside, r.Family)
}

// whole reports whether the quota counts all recipients alike: a submission that is
// too much is refused as a whole. Otherwise those are refused that are too many.
func (q *Quota) whole() bool {
	return (q.Per == PerAccount || q.Per == PerKey) && len(q.Families)+len(q.Outside) == 0
}

// byRecipient reports whether the quota counts the messages of each recipient.
func (q *Quota) byRecipient() bool { return q.Per == PerRecipient || q.Per == PerText }

// subject is what is counted apart.
func (q *Quota) subject(s *Submission, r *Recipient) string {
	switch q.Per {
	case PerKey:
		return string(s.Actor)
	case PerCountry, PerNewCountry:
		return string(s.Actor) + " " + r.Country
	default:
		return ""
	}
}
