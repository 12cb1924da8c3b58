package policy

import (
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// Codes of a verdict.
const (
	CodeWindow reason.Code = "window" // groups the sentences of a verdict

	codeNever       reason.Code = "window/never"
	codeWaits       reason.Code = "window/waits"
	codeWithin      reason.Code = "window/within"
	codeTolerated   reason.Code = "window/tolerated"
	codeDiscouraged reason.Code = "window/discouraged"
	codeHoliday     reason.Code = "window/holiday"
	codeClosed      reason.Code = "window/closed"
	codeHours       reason.Code = "window/hours"
	codePassed      reason.Code = "window/passed"
	codeByDefault   reason.Code = "window/by_default"

	phraseSpan  reason.Code = "words/span"
	phraseClass reason.Code = "words/class_" // with a class behind it
	phrasePlace reason.Code = "words/place_" // with a country behind it
	phraseKind  reason.Code = "words/sender_kind_"
)

// Reason explains a verdict. It holds no number. It is zero when no pack has hours for
// the class.
func (v *Verdict) Reason() reason.Reason {
	if len(v.Reasons) == 0 {
		return reason.Reason{}
	}
	why := reason.Of(CodeWindow, nil)
	switch {
	case v.Never:
		why = why.With(reason.Of(codeNever, reason.Args{"days": reason.Count(farthest)}))
	case v.Moved():
		why = why.With(reason.Of(codeWaits, reason.Args{"due": v.Place.moment(v.Due)}))
	}
	for i := range v.Reasons {
		why = why.With(v.Reasons[i].said(v.Class)...)
	}
	if slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Pack.IsDefault() }) {
		why = why.With(reason.Of(codeByDefault, nil))
	}
	return why
}

// said are the sentences of one pack's word.
func (r *Reason) said(class sms.Class) []reason.Reason {
	args := reason.Args{"when": r.Place.moment(r.At), "rules": reason.Name(r.Pack.Label())}
	code := codeHours
	switch r.Kind {
	case Within:
		return []reason.Reason{reason.Of(codeWithin, args)}
	case Tolerated:
		return []reason.Reason{reason.Of(codeTolerated, args)}
	case Discouraged:
		return []reason.Reason{reason.Of(codeDiscouraged, args)}
	case OnHoliday:
		code, args["holiday"] = codeHoliday, r.holiday
	case Closed:
		code, args["weekday"] = codeClosed, reason.Weekday(r.At.In(r.Place.Zone).Weekday())
	case Hours:
		args["hours"] = hours(r.spans)
	}
	args["class"] = reason.Of(phraseClass+reason.Code(class), nil)
	all := []reason.Reason{reason.Of(code, args)}
	if r.passed {
		all = append(all, reason.Of(codePassed, nil))
	}
	return all
}

// moment is an instant as people of a place read it.
func (p Place) moment(at time.Time) reason.Moment {
	return reason.Moment{At: at, Zone: p.Zone.String(), Place: p.name}
}

func hours(spans []span) reason.List {
	all := make(reason.List, len(spans))
	for i, s := range spans {
		all[i] = reason.Of(phraseSpan, reason.Args{"from": reason.Clock(s.from), "to": reason.Clock(s.to)})
	}
	return all
}
