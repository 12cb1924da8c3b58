package passerelle

import (
	"slices"
	"strings"

	"relais/door"
	"relais/gateway"
	"relais/number"
	"relais/reason"
)

// Keys of warn. The first two are Passerelle's, word for word (inferred); the
// others are ours.
const (
	warnPremium     = "deny premium rate phone numbers"
	warnForeign     = "deny foreign phone numbers"
	warnUnsupported = "unsupported phone numbers"
	warnDuplicate   = "duplicate phone numbers"
	warnRefused     = "refused phone numbers"
)

// domtom is Passerelle's word for number.FROverseas; its other families have the
// same names here.
const domtom = "fr-domtom"

// codeFamily is the reason of a number that the instance does not send to.
const codeFamily = string(number.CodeFamily)

// mostRecipients is the most that limits.recipients may be: the gateway refuses
// more, and reading a million numbers before would hold up the others.
const mostRecipients = 10_000

// readable are the numbers whose family an instance judges; fixed lines are the gateway's.
var readable = number.Policy{Special: true, Machines: true}

// admitted parts the recipients that an instance sends to from the others. What
// cannot be read is left to the gateway, which says why.
func (i *Instance) admitted(to []string, region string) (kept []string, refused []gateway.Refusal) {
	if slices.Contains(i.Families, "all") || len(to) > mostRecipients {
		return to, nil
	}
	for at, raw := range to {
		parsed, err := readable.Parse(raw, region)
		if err == nil && !i.admits(parsed) {
			refused = append(refused, gateway.Refusal{Index: at, To: raw, Reason: reason.Of(codeFamilySentence, reason.Args{
				"families": reason.Names(i.Families),
			})})
			continue
		}
		kept = append(kept, raw)
	}
	return kept, refused
}

// admits reports whether a number is of one of the families. They have
// Passerelle's names and the contents that were meant: overseas mobiles are in
// fr-domtom, and a number of +33 that exists nowhere was repaired before.
func (i *Instance) admits(p number.Parsed) bool {
	switch p.Kind {
	case number.Premium, number.Special:
		return !i.Special // the gateway refuses it, under its own name
	case number.Fixed:
		return false
	// a block that opens tomorrow is unknown today
	case number.Mobile, number.FixedOrMobile, number.Fiction, number.Machine, number.Unknown:
	}
	return p.In(i.Families) || slices.Contains(i.Families, domtom) && p.Family == number.FROverseas
}

// warnings groups what was refused by the key under which a caller reads it.
func warnings(refused []gateway.Refusal) map[string]string {
	grouped := map[string]string{}
	for _, r := range refused {
		key := warnKey(r.Code.Wire())
		if grouped[key] != "" {
			grouped[key] += ", "
		}
		grouped[key] += r.To
	}
	return grouped
}

func warnKey(code string) string {
	switch code {
	case string(number.CodePremium), string(number.CodeSpecial):
		return warnPremium
	case codeFamily:
		return warnForeign
	case string(gateway.CodeDuplicate):
		return warnDuplicate
	}
	if strings.HasPrefix(code, "number_") {
		return warnUnsupported
	}
	return warnRefused
}

// noneLeft is the answer when nobody can receive the message. authentic2 must
// not tell its user that a code is on its way.
func noneLeft(refused []gateway.Refusal) *failure {
	f := badRequest("")
	f.data = map[string]any{"rejected": rejectedOf(refused)}
	unsupported := func(r gateway.Refusal) bool { return warnKey(r.Code.Wire()) == warnUnsupported }
	if len(refused) > 0 && !slices.ContainsFunc(refused,
		func(r gateway.Refusal) bool { return !unsupported(r) }) {
		f.desc = "phone number " + list(refused) +
			" is unsupported (no international prefix, no local trunk prefix)"
		return f
	}
	f.desc = "no phone number was authorized: " + list(refused)
	return f
}

func list(refused []gateway.Refusal) string {
	numbers := make([]string, len(refused))
	for i, r := range refused {
		numbers[i] = r.To
	}
	return strings.Join(numbers, ", ")
}

// refusals are those of a submission nobody of which was accepted.
func refusals(err error) ([]gateway.Refusal, bool) {
	e, none := door.Refused(err, gateway.CodeNoRecipient)
	if !none {
		return nil, false
	}
	return e.Rejected, true
}
