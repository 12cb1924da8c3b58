package gateway

import (
	"fmt"
	"strings"
	"time"

	"relais/policy"
	"relais/sms"
)

// refusesWord refuses a sender by the words of a pack. A listed sender, whose proof
// somebody has seen, and the account's default one pass.
func (a *Account) refusesWord(s sms.Sender, pack *policy.Pack, now time.Time) *Error {
	if pack == nil || s.Kind() != sms.Alphanumeric || strings.EqualFold(string(s), string(a.Sender)) || a.Senders.lists(s, now) {
		return nil
	}
	refusal := wordRefusal(string(s), pack.Words())
	if refusal != nil {
		refusal.Detail += fmt.Sprintf(" So say the rules %s.", pack.Label())
		refusal.French += fmt.Sprintf(" Ainsi le veulent les règles %s.", pack.Label())
	}
	return refusal
}

// lists tells whether the account may use a sender by its list.
func (p SenderPolicy) lists(s sms.Sender, now time.Time) bool {
	for i := range p.Listed {
		if strings.EqualFold(string(p.Listed[i].Name), string(s)) {
			return p.Listed[i].refuses(now) == nil
		}
	}
	return false
}

// wordRefusal refuses a name that the words do not allow.
func wordRefusal(name string, words *policy.Words) *Error {
	switch wrong, word := words.Find(name); wrong {
	case policy.WrongGeneric:
		return invalid("sender_generic", "/sender", say("The sender %s does not tell who writes. Use the name of the organisation.",
			"L'expéditeur %s ne dit pas qui écrit. Prenez le nom de l'organisme.", name))
	case policy.WrongReserved:
		return invalid("sender_forbidden", "/sender", say("The sender %s is the name of somebody else. Whoever may use it lists the sender, with its proof.",
			"L'expéditeur %s est le nom de quelqu'un d'autre. Qui peut l'utiliser inscrit cet expéditeur, avec sa preuve.", name))
	case policy.WrongWord:
		return invalid("sender_forbidden", "/sender", say("The sender holds the word %s, which belongs to somebody else. Whoever may use it lists the sender, with its proof.",
			"L'expéditeur contient le mot %s, qui appartient à quelqu'un d'autre. Qui peut l'utiliser inscrit cet expéditeur, avec sa preuve.", word))
	case policy.NoWrong:
	}
	return nil
}
