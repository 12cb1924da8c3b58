package gateway

import (
	"regexp"
	"slices"
	"strings"

	"relais/reason"
	"relais/sms"
)

// eventSentences are those that events may hold, and their French twins. Events are
// written for each message and seldom read, so that they are kept in English and put
// into French where they are read; a test finds each of these sentences in this
// package. %s is a word or several, %d a number.
var eventSentences = []said{
	{"The operator took it; which of its ids is this one's could not be proved.", "L'opérateur l'a pris ; lequel de ses identifiants est le sien n'a pas pu être prouvé."},
	{"The operator refused the whole batch; each of its messages is sent alone.", "L'opérateur a refusé le lot entier ; chacun de ses messages est envoyé seul."},
	{"The operator may have taken it: it is held, not sent again.", "L'opérateur l'a peut-être pris : il est retenu, et non renvoyé."},
	{"Sent with the STOP clause that this connector needs, in %s.", "Envoyé avec la mention STOP que ce connecteur demande, en %s."},
	{"Sent without a STOP clause: this connector adds none.", "Envoyé sans mention STOP : ce connecteur n'en ajoute pas."},
	{"The person gets no marketing from this sender since %s (%s).", "La personne ne reçoit plus de publicité de cet expéditeur depuis le %s (%s)."},
	{"The person gets no marketing since %s (%s).", "La personne ne reçoit plus de publicité depuis le %s (%s)."},
	{"Its validity ends before the next try.", "Sa validité finit avant le prochain essai."},
	{"Its validity ends before.", "Sa validité finit avant."},
	{"Its validity ended before it could be sent.", "Sa validité a fini avant qu'il puisse partir."},
	{"Its validity is over, so that it is not.", "Sa validité est finie, il ne l'est donc pas."},
	{"It goes on through %s.", "Il continue par %s."},
	{"Its price there is not known.", "Son prix n'y est pas connu."},
	{"Its price there is %d.%d %s.", "Son prix y est de %d,%d %s."},
	{"Moved from %s to %s: %s is left (%s) and had not taken it.", "Passé de %s à %s : %s est délaissé (%s) et ne l'avait pas pris."},
	{"The gateway stopped, or another node took the connector over, before the call was made.", "La passerelle s'est arrêtée, ou un autre nœud a repris le connecteur, avant l'appel."},
	{
		"The gateway stopped while this call was under way; whether the operator took the message is not known. It is held, not sent again.",
		"La passerelle s'est arrêtée pendant cet appel ; on ne sait pas si l'opérateur a pris le message. Il est retenu, et non renvoyé.",
	},
	{
		"The gateway's clock had run ahead and was set back; the message goes now, not when that time comes.",
		"L'horloge de la passerelle avançait et a été remise à l'heure ; le message part maintenant, sans attendre cette heure-là.",
	},
	{"No final receipt came in %s; whether it arrived is not known.", "Aucun accusé définitif en %s ; on ne sait pas s'il est arrivé."},
	{"No receipt in %s; no other connector could take it, or it is no longer worth sending.", "Aucun accusé en %s ; aucun autre connecteur ne pouvait le prendre, ou il n'est plus utile."},
	{"No receipt in %s: sent once more through %s as message %s.", "Aucun accusé en %s : envoyé encore une fois par %s, message %s."},
	{"The operator was asked, and has it.", "L'opérateur, interrogé, l'a."},
	{"The operator was asked, and does not have it: it is sent again.", "L'opérateur, interrogé, ne l'a pas : il est renvoyé."},
	{
		"The operator was asked and could not tell. By the configuration a code is sent again then; the person may get it twice.",
		"L'opérateur, interrogé, n'a pas su le dire. La configuration veut qu'un code soit alors renvoyé ; la personne peut le recevoir deux fois.",
	},
	{
		"The operator was asked %d times and could not tell whether it took the message. A person must decide.",
		"L'opérateur, interrogé %d fois, n'a pas su dire s'il a pris le message. Quelqu'un doit décider.",
	},
	{"By the operator's clock at %s.", "À l'horloge de l'opérateur : %s."},
	{
		"The gateway's clock had given it up (%s) before the operator told.",
		"L'horloge de la passerelle l'avait abandonné (%s) avant que l'opérateur ne le dise.",
	},
	{
		"The operator now says %s; the end that the message has stays.",
		"L'opérateur dit maintenant %s ; le message garde la fin qu'il a.",
	},
	{"A person gave it from %s to %s; nobody had taken it.", "Quelqu'un l'a donné de %s à %s ; personne ne l'avait pris."},
	{"A person decided: the operator has it.", "Quelqu'un a décidé : l'opérateur l'a."},
	{"A person decided: the operator does not have it, and it is sent again.", "Quelqu'un a décidé : l'opérateur ne l'a pas, et il est renvoyé."},
	{"A person decided: it is of no use any more.", "Quelqu'un a décidé : il n'est plus utile."},
}

// whyLeft are the reasons for which a connector is left, as "rerouted" has them in
// brackets.
var whyLeft = []said{
	{"%d of the last %d messages failed", "%d des %d derniers messages ont échoué"},
	{"%d of the last %d receipts took longer than %s", "%d des %d derniers accusés ont mis plus de %s"},
	{"blocked, %s", "bloqué, %s"},
	{"failing, %s", "en échec, %s"},
}

// spoken are the same, ready to be looked for.
var spoken = func() (all []phrase) {
	for _, s := range whyLeft {
		bracketed := said{" is left (", " is left ("}.then(s).then(said{") and had not taken it.", ") and had not taken it."})
		all = append(all, phraseOf(bracketed)) // before the sentence around it
	}
	for _, s := range eventSentences {
		all = append(all, phraseOf(s))
	}
	return all
}()

func phraseOf(s said) phrase {
	pattern := strings.NewReplacer("%s", `(.+?)`, "%d", `(\d+)`).Replace(regexp.QuoteMeta(s.english))
	french := strings.ReplaceAll(s.french, "$", "$$")
	for n := '1'; strings.Contains(french, "%"); n++ {
		at := strings.IndexByte(french, '%')
		french = french[:at] + "${" + string(n) + "}" + french[at+len("%s"):]
	}
	return phrase{regexp.MustCompile(pattern), french}
}

type phrase struct {
	english *regexp.Regexp
	french  string
}

// EventsInFrench are the events of a message with the sentences of the gateway in
// French. The words of an operator stay as they are.
func (g *Gateway) EventsInFrench(_ *sms.Message, events []sms.Event) []sms.Event {
	events = slices.Clone(events)
	for i := range events {
		detail := events[i].Detail.In("fr")
		for _, p := range spoken {
			detail = p.english.ReplaceAllString(detail, p.french)
		}
		events[i].Detail = reason.Verbatim(detail)
	}
	return events
}
