package quota

import (
	"time"

	"relais/reason"
	"relais/sms"
)

// Codes of what is said of quotas.
const (
	Counted        reason.Code = "quota"                     // by which quotas a submission is counted
	Left           reason.Code = "quota_left"                // in a preview
	Exceeded       reason.Code = "quota_exceeded"            // all of a submission, for now
	NobodyAllowed  reason.Code = "quota_exceeded/nobody"     // each of its recipients, for now
	BeyondQuota    reason.Code = "quota_exceeded/recipient"  // one of its recipients, for now
	Contended      reason.Code = "quota_exceeded/contended"  // others were faster, again and again
	TooSmall       reason.Code = "quota_too_small"           // for the submission, for ever
	AlwaysBeyond   reason.Code = "quota_too_small/recipient" // for one of its recipients, for ever
	RecipientLimit reason.Code = "recipient_limit"
	RepeatedText   reason.Code = "repeated_text"
)

// Pieces of these sentences. Those of a period or of what is counted apart have its
// name behind them.
const (
	messagesPhrase   reason.Code = "words/messages"
	segmentsPhrase   reason.Code = "words/segments"
	asksPhrase       reason.Code = "words/quota_asks"
	asksMoneyPhrase  reason.Code = "words/quota_asks_money"
	limitPhrase      reason.Code = "words/quota_limit"
	newCountryPhrase reason.Code = "words/quota_limit_new_country"
	everyPhrase      reason.Code = "words/quota_every_"
	firstPhrase      reason.Code = "words/quota_first_"
	agePhrase        reason.Code = "words/quota_age_"
	perPhrase        reason.Code = "words/quota_per_"
)

func quantity(phrase reason.Code, n int) reason.Reason {
	return reason.Of(phrase, reason.Args{"count": reason.Count(n)})
}

func (q *Quota) amount(m sms.Money) reason.Money {
	return reason.Money{Amount: m.String(), Currency: q.currency}
}

// ofPeriod is the phrase for the period of the quota.
func (q *Quota) ofPeriod(phrase reason.Code) reason.Reason {
	return reason.Of(phrase+reason.Code(q.Every), nil)
}

// bounded lists amounts of what the quota bounds: "1 message, 3 segments and 0.20 EUR".
func (q *Quota) bounded(r room) (amounts reason.List) {
	if q.Messages > 0 {
		amounts = append(amounts, quantity(messagesPhrase, r.messages))
	}
	if q.Segments > 0 {
		amounts = append(amounts, quantity(segmentsPhrase, r.segments))
	}
	if q.Money > 0 {
		amounts = append(amounts, q.amount(r.money))
	}
	return amounts
}

// limit is what the quota allows: "100 messages and 300 segments an hour to each key".
func (q *Quota) limit() reason.Reason {
	most := q.bounded(room{q.Messages, q.Segments, q.Money})
	if q.Per == PerNewCountry {
		return reason.Of(newCountryPhrase, reason.Args{"most": most, "period": q.ofPeriod(firstPhrase)})
	}
	return reason.Of(limitPhrase, reason.Args{
		"most": most, "period": q.ofPeriod(everyPhrase), "whom": reason.Of(perPhrase+reason.Code(q.Per), nil),
	})
}

// asks is what the submission takes: "3 messages of 6 segments for 0.28 EUR".
func (c *Charge) asks() reason.Reason {
	args := reason.Args{
		"messages": quantity(messagesPhrase, c.Messages), "segments": quantity(segmentsPhrase, c.Segments),
	}
	if c.MostMoney == 0 {
		return reason.Of(asksPhrase, args)
	}
	args["price"] = c.quota.amount(c.Money)
	return reason.Of(asksMoneyPhrase, args)
}

// moment is written as programs read it, in every language.
func moment(at time.Time) reason.Name { return reason.Name(at.UTC().Format(time.RFC3339)) }

func (q *Quota) args() reason.Args {
	return reason.Args{"quota": reason.Name(q.Name), "limit": q.limit()}
}

func (c *Charge) tellNever() reason.Reason {
	args := c.quota.args()
	args["asks"] = c.asks()
	return reason.Of(TooSmall, args)
}

func (c *Charge) tellExcess(u Use, now time.Time) reason.Reason {
	args := c.quota.args()
	args["asks"], args["left"] = c.asks(), c.quota.bounded(c.left(u, now))
	args["until"] = moment(c.frees(u, now))
	return reason.Of(Exceeded, args)
}

func (c *Charge) tellBeyond(frees time.Time) reason.Reason {
	args := c.quota.args()
	args["until"] = moment(frees)
	return reason.Of(BeyondQuota, args)
}

func (c *Charge) tellAlwaysBeyond() reason.Reason {
	args := c.quota.args()
	args["asks"] = c.asks()
	return reason.Of(AlwaysBeyond, args)
}

func (c *Charge) tellLeft(u Use, now time.Time) reason.Reason {
	args := c.quota.args()
	args["left"], args["until"] = c.quota.bounded(c.left(u, now)), moment(c.frees(u, now))
	return reason.Of(Left, args)
}

func (r *Repeat) tellFull() reason.Reason {
	code := RecipientLimit
	if r.quota.Per == PerText {
		code = RepeatedText
	}
	args := r.quota.args()
	args["age"] = r.quota.ofPeriod(agePhrase)
	return reason.Of(code, args)
}
