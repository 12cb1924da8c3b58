package gateway

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Intent says what a reply asks for.
type Intent string

// The intents of a reply.
const (
	IntentReply Intent = "reply"
	IntentStop  Intent = "stop"  // no more marketing
	IntentStart Intent = "start" // marketing again
)

// Words that a person stops and starts with. The charter of the AF2M asks for
// STOP; the others are what people write (inferred).
var (
	stopWords  = words("STOP STOPS STOPSMS STOPPUB ARRET ARRETER ARRETEZ DESABO DESABONNER DESABONNEMENT DESINSCRIRE DESINSCRIPTION UNSUBSCRIBE")
	startWords = words("START REPRENDRE UNSTOP")
	// politeWords stand around them and change nothing.
	politeWords = words("BONJOUR BONSOIR SALUT MERCI SVP STP PLEASE MONSIEUR MADAME DE D A LE LA LES L AUX AU DU DES VOS VOTRE TOUT " +
		"SIL IL S VOUS TE TOI PLAIT PLAIS CORDIALEMENT MSG SMS MESSAGE MESSAGES PUB PUBS PUBLICITE TEXTO TEXTOS ME M MOI JE VEUX " +
		"VOULOIR ENVOI ENVOIS ENVOYER RECEVOIR ABONNEMENT ET")
)

// mostOthers is how many other words may stand beside the one that counts: a
// keyword, such as the name of the sender.
const mostOthers = 1

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// IntentOf reads what a reply asks for, and the word that says so. Case, accents,
// punctuation and polite words do not matter. A text with more to say than that
// is an ordinary reply: "ne pas arrêter" and the name of a bus stop are no wish
// to be left alone.
func IntentOf(text string) (intent Intent, word string) {
	all := plainWords(text)
	others, said := 0, ""
	intent = IntentReply
	for i, w := range all {
		edge := i == 0 || i == len(all)-1 || politeUpTo(all[:i]) || politeUpTo(all[i+1:])
		switch {
		case stopWords[w] && edge && intent != IntentStop:
			intent, said = IntentStop, w
		case startWords[w] && edge && intent == IntentReply:
			intent, said = IntentStart, w
		case stopWords[w] || startWords[w] || politeWords[w]:
		default:
			others++
		}
	}
	if intent == IntentReply || others > mostOthers || negated(all) {
		return IntentReply, ""
	}
	return intent, said
}

func politeUpTo(list []string) bool {
	for _, w := range list {
		if !politeWords[w] {
			return false
		}
	}
	return true
}

// negated finds "ne … pas" and "not": the person wants the opposite.
func negated(all []string) bool {
	for _, w := range all {
		if w == "PAS" || w == "NOT" || w == "JAMAIS" {
			return true
		}
	}
	return false
}

// plainWords are the words of a text in capitals, without accents and marks.
func plainWords(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToUpper(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}
