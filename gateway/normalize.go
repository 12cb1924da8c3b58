package gateway

import (
	"errors"
	"slices"
	"time"

	"relais/number"
	"relais/reason"
	"relais/sms"
	"relais/terms"
	"relais/typography"
)

// Codes of what is decided about a submission, and of recipients that are refused.
const (
	CodeClass        reason.Code = "class"
	CodeKind         reason.Code = "kind"
	CodeNumberPolicy reason.Code = "number_policy"
	CodeTime         reason.Code = "time"
	CodeDuplicate    reason.Code = "duplicate_recipient"
	CodeUnreadable   reason.Code = "number_unreadable"
	CodeTextTooLong  reason.Code = "text_too_long"

	codeClassAsked   reason.Code = "class/asked"
	codeClassDefault reason.Code = "class/default"
	codeKindFlash    reason.Code = "kind/flash"
	codeKindBinary   reason.Code = "kind/binary"
	codeAtOnce       reason.Code = "time/at_once"
	codeNotBefore    reason.Code = "time/not_before"

	phraseGivenUp     reason.Code = "words/given_up"
	phraseGivenUpThen reason.Code = "words/given_up_then"
	phraseEarliest    reason.Code = "words/given_up_earliest"
	phraseInHours     reason.Code = "words/within_hours"
)

func decideClass(s *Submission, account Account) reason.Reason {
	code := codeClassAsked
	if s.Class == "" {
		code, s.Class = codeClassDefault, account.Class
	}
	if s.Class == "" {
		s.Class = sms.Transactional
	}
	return reason.Of(code, reason.Args{"class": reason.Name(s.Class)})
}

// decideKind tells what the handset does with a message that is no ordinary text.
func decideKind(k sms.Kind) reason.Reason {
	switch k {
	case sms.Flash:
		return reason.Of(codeKindFlash, nil)
	case sms.Binary:
		return reason.Of(codeKindBinary, nil)
	default:
		return reason.Reason{}
	}
}

// decideNumbers tells the account's rule about numbers, where it has one.
func decideNumbers(account Account) []reason.Reason {
	families := account.Numbers.Families
	if len(families) == 0 || slices.Contains(families, number.All) {
		return nil
	}
	return []reason.Reason{reason.Of(CodeNumberPolicy, reason.Args{"families": reason.Names(families)})}
}

// decideTime tells when the message goes and until when. Where there are hours, the
// default validity counts from them, see terms.Book.
func decideTime(s *Submission, book *terms.Book) reason.Reason {
	code, args, end := codeAtOnce, reason.Args{}, phraseGivenUp
	if !s.SendAt.IsZero() {
		code, end = codeNotBefore, phraseGivenUpThen
		args["at"] = reason.Name(s.SendAt.UTC().Format(time.RFC3339))
	}
	if book.HasHours() {
		args["within"] = reason.Of(phraseInHours, nil)
		if !book.Firm() {
			end = phraseEarliest
		}
	}
	args["end"] = reason.Of(end, reason.Args{"valid": reason.Duration(s.ValidFor)})
	return reason.Of(code, args)
}

// recipients reads the numbers of one submission.
type recipients struct {
	region string
	policy number.Policy
	seen   map[sms.Number]int
}

type recipient struct {
	number    sms.Number
	family    string
	country   string
	warnings  []Warning
	decisions []reason.Reason
}

func newRecipients(s *Submission, account Account) *recipients {
	n := len(s.To)
	r := &recipients{region: account.Region, policy: account.Numbers}
	r.policy.Special = r.policy.Special || s.Special
	if n > 1 {
		r.seen = make(map[sms.Number]int, n)
	}
	return r
}

// read reads one number and finds its way.
func (r *recipients) read(index int, raw string, planner *planner) (recipient, *planned, *Refusal) {
	parsed, err := r.policy.Parse(raw, r.region)
	if err != nil {
		return recipient{}, nil, refusalOf(err, index, raw)
	}
	planned := planner.of(parsed)
	if planned.err != nil {
		return recipient{}, nil, refusalOf(planned.err, index, raw)
	}
	if parsed.Kind == number.Fiction && !planned.lane.Facts.Simulated {
		return recipient{}, nil, &Refusal{Index: index, To: raw, Reason: reason.Of(number.CodeFiction, nil)}
	}
	if first, known := r.seen[parsed.Number]; known {
		return recipient{}, nil, &Refusal{Index: index, To: raw, Reason: reason.Of(
			CodeDuplicate, reason.Args{"first": reason.Count(first + 1)},
		)}
	}
	if r.seen != nil {
		r.seen[parsed.Number] = index
	}
	read := recipient{number: parsed.Number, family: parsed.Family, country: parsed.Country}
	if planner.whole == nil {
		read.decisions = append(read.decisions, planned.decisions...)
		for _, w := range planned.warnings {
			w.To = raw
			read.warnings = append(read.warnings, w)
		}
	}
	for _, w := range parsed.Warnings {
		read.warnings = append(read.warnings, Warning{To: raw, Reason: w})
	}
	read.decisions = append(read.decisions, parsed.Warnings...)
	return read, planned, nil
}

func refusalOf(err error, index int, raw string) *Refusal {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return &Refusal{Index: index, To: raw, Reason: e.Reason}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Refusal{Index: index, To: raw, Reason: e.Reason}
	}
	return &Refusal{Index: index, To: raw, Reason: reason.Of(CodeUnreadable, nil)}
}

// DecideReading tells how a stored number is read, and whether it was corrected on the way
// in, which others (the decisions of its message) say. It is worked out anew because only
// the number is stored. ok is false for a number that is hidden or erased.
func DecideReading(n sms.Number, others []reason.Reason) (d reason.Reason, ok bool) {
	parsed, known := number.Stored(n)
	if !known {
		return reason.Reason{}, false
	}
	corrected := slices.ContainsFunc(others, func(d reason.Reason) bool { return d.Is(number.CodeRepaired) })
	return parsed.Reading(corrected), true
}

// decideText writes the text as it will be counted, stored and sent.
func decideText(s *Submission, account Account) []reason.Reason {
	if s.Kind == sms.Binary {
		return nil
	}
	text, told := typography.Rewrite(s.Text, account.Typography == typography.GSM)
	s.Text = text
	return told
}

// measure counts segments as they will be billed, STOP clause included.
func (r *router) measure(text *terms.Text) (terms.Size, error) {
	size := text.Size()
	if size.Segments > r.segments && text.Binary {
		return size, refusedFor("/data", reason.Of(CodeDataTooLong, reason.Args{
			"segments": reason.Count(size.Segments), "most": reason.Count(r.segments),
		}))
	}
	if size.Segments > r.segments {
		return size, refusedFor("/text", reason.Of(CodeTextTooLong, reason.Args{
			"segments": reason.Count(size.Segments), "encoding": reason.Name(size.Encoding),
			"most": reason.Count(r.segments),
		}))
	}
	return size, nil
}
