package policy

import (
	"regexp"
	"slices"

	"relais/reason"
	"relais/sms"
)

// clause is how texts tell whom to answer STOP: the word, and behind it a short code
// or what SFR DMC replaces by one ("STOP au 36xxx", "STOP:36111", "STOP 36184",
// "STOP au <#shortcode#>": all documented by the operators). A space may be one of
// those that break no line, as word processors write them in French.
const (
	space  = `[\s\p{Z}]`
	clause = `\bSTOP(?:` + space + `*SMS)?` + space + `*(?:au|to|[:=-])?` + space +
		`*(?:<#shortcode#>|\d{5}\b)`
)

var (
	anywhere = regexp.MustCompile(`(?i)` + clause)
	atTheEnd = regexp.MustCompile(`(?i)[\s\p{Z}.,;:/-]*` + clause + `[\s\p{Z}.!)]*$`)
)

// HasStop reports whether a text has a STOP clause already.
func HasStop(text string) bool { return anywhere.MatchString(text) }

// WithoutStop is the text without the STOP clause that ends it, for an operator that
// adds its own; found reports whether one was there.
func WithoutStop(text string) (cut string, found bool) {
	at := atTheEnd.FindStringIndex(text)
	if at == nil || at[0] == 0 {
		return text, false
	}
	return text[:at[0]], true
}

// mobileSender are the numbers that automated messages may not come from: ARCEP
// decision 2018-0881 keeps 06 and 07 for people.
var mobileSender = regexp.MustCompile(`^(?:\+?33|00?33|0)[67]\d{8}$`)

// Phrases of senders that are not allowed.
const (
	phraseMobile    reason.Code = "words/sender_mobile"
	phraseOtherKind reason.Code = "words/sender_other_kind"
)

// RefusesSender says in a phrase why the pack does not allow a sender of a kind; zero
// when it does.
func (p *Pack) RefusesSender(s sms.Sender, kind sms.SenderKind) reason.Reason {
	switch {
	case p == nil || s == "":
		return reason.Reason{}
	case !p.senders.mobile && mobileSender.MatchString(string(s)):
		return reason.Of(phraseMobile, nil)
	case len(p.senders.kinds) == 0 || slices.Contains(p.senders.kinds, kind):
		return reason.Reason{}
	}
	return OtherKind(kind, p.senders.kinds)
}

// OtherKind says in a phrase that a sender is of one kind, and to use one of the others.
func OtherKind(is sms.SenderKind, use []sms.SenderKind) reason.Reason {
	choice := make([]reason.Arg, len(use))
	for i, kind := range use {
		choice[i] = kindPhrase(kind)
	}
	return reason.Of(phraseOtherKind, reason.Args{"is": kindPhrase(is), "use": reason.Either(choice...)})
}

// kindPhrase names a kind of sender.
func kindPhrase(kind sms.SenderKind) reason.Reason {
	return reason.Of(phraseKind+reason.Code(kind), nil)
}
