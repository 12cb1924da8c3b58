package policy

import (
	"regexp"
	"slices"
	"strings"

	"relais/sms"
)

// clause is how texts tell whom to answer STOP: the word, and behind it a short code
// or what SFR DMC replaces by one ("STOP au 36xxx", "STOP:36111", "STOP 36184",
// "STOP au <#shortcode#>": all documented by the operators). A space may be one of
// those that break no line, as word processors write them in French.
const (
	space  = `[\s\p{Z}]`
	clause = `\bSTOP(?:` + space + `*SMS)?` + space + `*(?:au|to|[:=-])?` + space + `*(?:<#shortcode#>|\d{5}\b)`
)

var (
	anywhere = regexp.MustCompile(`(?i)` + clause)
	atTheEnd = regexp.MustCompile(`(?i)[\s\p{Z}.,;:/-]*` + clause + `[\s\p{Z}.!)]*$`)
)

// HasStop tells whether a text has a STOP clause already.
func HasStop(text string) bool { return anywhere.MatchString(text) }

// WithoutStop is the text without the STOP clause that ends it, for an operator that
// adds its own; found tells whether one was there.
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

// RefusesSender says why the pack does not allow a sender, in English and French; empty
// when it does.
func (p *Pack) RefusesSender(s sms.Sender) (english, french string) {
	switch {
	case p == nil || s == "":
		return "", ""
	case !p.senders.mobile && mobileSender.MatchString(string(s)):
		return "it is the number of a mobile phone, from which nothing automatic may be sent in France; use a name or a short code",
			"c'est un numéro de mobile, depuis lequel rien d'automatique ne peut être envoyé en France ; prenez un nom ou un numéro court"
	case len(p.senders.kinds) == 0 || slices.Contains(p.senders.kinds, s.Kind()):
		return "", ""
	}
	return OtherKind(s.Kind(), p.senders.kinds)
}

// OtherKind says that a sender is of one kind, and to use one of the others.
func OtherKind(is sms.SenderKind, use []sms.SenderKind) (english, french string) {
	var inEnglish, inFrench []string
	for _, kind := range use {
		inEnglish, inFrench = append(inEnglish, kindWords[kind].english), append(inFrench, kindWords[kind].french)
	}
	return "it is " + kindWords[is].english + "; use " + strings.Join(inEnglish, " or "),
		"c'est " + kindWords[is].french + " ; prenez " + strings.Join(inFrench, " ou ")
}

// kindWords name the kinds of sender.
var kindWords = map[sms.SenderKind]struct{ english, french string }{
	sms.Alphanumeric: {"a name", "un nom"},
	sms.ShortCode:    {"a short code", "un numéro court"},
	sms.LongNumber:   {"a long number", "un numéro long"},
}
