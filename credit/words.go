package credit

import (
	"strings"
	"time"

	"relais/reason"
)

// What a mail says, and the pieces of it.
const (
	mailSubject reason.Code = "words/credit_subject"
	mailLeft    reason.Code = "words/credit_left"
	mailBurn    reason.Code = "words/credit_burn"
	mailEmpty   reason.Code = "words/credit_empty"
	mailThen    reason.Code = "words/credit_then"
	mailSeen    reason.Code = "words/credit_seen"

	unitCredits reason.Code = "words/credits"
	stampWords  reason.Code = "words/stamp"
)

// Mail returns the subject and the body of a mail about the alert. Times are shown in
// a zone.
func (a *Alert) Mail(l reason.Language, zone *time.Location) (subject, body string) {
	args := reason.Args{
		"connector": reason.Name(a.Connector), "amount": reason.Decimal(a.Amount), "unit": Unit(a.Unit),
		"threshold": reason.Decimal(a.Threshold), "at": stamp(a.At, zone),
	}
	lines := []reason.Reason{reason.Of(mailLeft, args)}
	if a.BurnPerDay > 0 {
		lines = append(lines, reason.Of(mailBurn,
			reason.Args{"amount": reason.Decimal(a.BurnPerDay), "unit": Unit(a.Unit)}))
	}
	if a.EmptyAt != nil {
		lines = append(lines, reason.Of(mailEmpty, reason.Args{"at": stamp(*a.EmptyAt, zone)}))
	}
	lines = append(lines, reason.Reason{}, reason.Of(mailThen, nil), reason.Of(mailSeen, args))
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line.In(l) + "\n")
	}
	return reason.Of(mailSubject, args).In(l), b.String()
}

// Unit is the one of a balance in words.
func Unit(name string) reason.Arg {
	if name == "credits" {
		return reason.Of(unitCredits, nil)
	}
	return reason.Name(name)
}

// stamp is a moment in digits, to the minute.
func stamp(at time.Time, zone *time.Location) reason.Arg {
	local := at.In(zone)
	return reason.Of(stampWords, reason.Args{
		"year": reason.Name(local.Format("2006")), "month": reason.Name(local.Format("01")),
		"day": reason.Name(local.Format("02")), "time": reason.Name(local.Format("15:04 MST")),
	})
}
