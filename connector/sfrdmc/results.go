package sfrdmc

import (
	"strings"

	"relais/sms"
)

// end says whether a result ends a message.
type end uint8

const (
	never    end = iota // on its way
	always              // over
	byStatus            // over when the status of the report says so
)

// result is one documented result of a message.
type result struct {
	code   string
	label  string // French, as callResult, lastResult and CALLRESULT tell it; {1} stands for a detail
	end    end
	status sms.Status // once it has ended
	reason sms.Reason
}

// taken is the label of the two codes that say no more than that DMC took a
// message.
const taken = "Soumis"

// results are those of the DMC developer guide v1.7, 5.4.1 (SMS) and 5.4.7 (all
// media). The guide gives neither finality nor success: these, and the reasons,
// are inferred from its texts.
var results = []result{
	{"CRA_SMS_SUBMITTED", taken, never, "", ""},
	{"CRA_SMS_SENT", "Envoyé", never, "", ""},
	// DMC gave it to the operator, no receipt came, and DMC has closed it. Whether
	// it arrived is not known, so that Delivered and Undelivered would both be
	// guesses, and nothing says that its validity was over. It stays submitted, and
	// the gateway's own wait for a receipt ends it with no_receipt, which says just
	// that (inferred).
	{"CRA_SMS_SENTENDED", "Envoyé non acquitté", never, "", ""},
	{"CRA_SMS_RECEIVED", "Reçu", always, sms.Delivered, ""},
	{"CRA_SMS_DATEEXPIRED", "Date de validité expirée", always, sms.Expired, sms.ReasonExpired},
	{"CRA_SMS_ADULT", "Contenu adulte interdit", always, sms.Rejected, sms.ReasonContent},
	{"CRA_SMS_BADNUMBER", "Numéro erroné", always, sms.Rejected, sms.ReasonUnknownSubscriber},
	{"CRA_SMS_BLACKLIST", "Numéro blacklisté", always, sms.Rejected, sms.ReasonOptedOut},
	{"CRA_SMS_BLOCKED", "Appel bloqué", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_COUNTRY", "Pays non supporté", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_ERROR", "Erreur SMS", always, sms.Undelivered, sms.ReasonUnknown},
	{"CRA_SMS_FALSENUMBER", "Abonné absent", byStatus, sms.Undelivered, sms.ReasonAbsent},
	{"CRA_SMS_FULLSIM", "SIM pleine", byStatus, sms.Undelivered, sms.ReasonAbsent},
	{"CRA_SMS_ILLEGAL", "Téléphone illégal", always, sms.Undelivered, sms.ReasonBlocked},
	{"CRA_SMS_INVALIDFROM", "Emetteur invalide", always, sms.Rejected, sms.ReasonContent},
	{"CRA_SMS_LOTOFMSG", "Trop de messages sur ce numéro", byStatus, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_MVNO", "Opérateur alternatif non supporté", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_NOADDRESS", "Coordonnées incompatibles", always, sms.Rejected, sms.ReasonUnknownSubscriber},
	{"CRA_SMS_NOOPCREDIT", "Crédits opérateurs épuisés", byStatus, sms.Rejected, sms.ReasonNoCredit},
	{"CRA_SMS_NOTEXT", "Pas de texte SMS", always, sms.Rejected, sms.ReasonContent},
	{"CRA_SMS_OADC", "Emetteur interdit", always, sms.Rejected, sms.ReasonContent},
	{"CRA_SMS_OPBADNUMBER", "Numéro refusé par l'opérateur", always, sms.Rejected, sms.ReasonUnknownSubscriber},
	{"CRA_SMS_OPBLACKLIST", "Numéro blacklisté par l'opérateur", always, sms.Rejected, sms.ReasonOptedOut},
	{"CRA_SMS_OPBLACKLISTSENT", "SMS blacklisté par l'opérateur", always, sms.Rejected, sms.ReasonOptedOut},
	{"CRA_SMS_OPERROR", "Erreur opérateur", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_OPFAILURE", "Echec opérateur", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_OPFULL", "Opérateur surchargé", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_OPINVALID", "Opérateur invalide", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_OPTOOLONG", "Message trop long", always, sms.Rejected, sms.ReasonContent},
	{
		"CRA_SMS_OPWRONGNUMBER", "Abonné inconnu après envoi", always, sms.Undelivered,
		sms.ReasonUnknownSubscriber,
	},
	{"CRA_SMS_PARENTAL", "Blocage contrôle parental", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_PORTED", "Numéro porté", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_PRESSURE", "Non envoyé : pression commerciale", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_REJECTED", "Rejeté", always, sms.Rejected, sms.ReasonBlocked},
	{"CRA_SMS_SAASNOCREDIT", "Crédit SMS épuisé", always, sms.Rejected, sms.ReasonNoCredit},
	{"CRA_SMS_TELFAILURE", "Erreur sur le mobile", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_TEMPERROR", "Erreur temporaire", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_TEMPOPERROR", "Erreur opérateur temporaire", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_TEMPORARY", "Service temporairement indisponible", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_TEXT", "Texte SMS invalide", always, sms.Rejected, sms.ReasonContent},
	{"CRA_SMS_THROTTLING", "Dépassement de débit", byStatus, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_TOOLONG", "Taille non conforme", always, sms.Rejected, sms.ReasonContent},
	{"CRA_SMS_UNEQUIPPED", "Mobile incapable de gérer ce SMS", always, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_SMS_WRONGNUMBER", "Abonné inconnu", always, sms.Undelivered, sms.ReasonUnknownSubscriber},

	{"CRA_SUBMITTED", taken, never, "", ""},
	{"CRA_ERROR", "Erreur", always, sms.Undelivered, sms.ReasonUnknown},
	{"CRA_FAILURE", "Erreur après envoi", always, sms.Undelivered, sms.ReasonNetwork},
	{"CRA_NOADDRESS", "Coordonnées invalides {1}", always, sms.Rejected, sms.ReasonUnknownSubscriber},
	{"CRA_NOMESSAGE", "Contact incompatible", always, sms.Rejected, sms.ReasonContent},
	{"CRA_MISSINGPARAM", "{1} manquant(s)", always, sms.Rejected, sms.ReasonContent},
	{"CRA_IMPORT", "Erreur d'import", always, sms.Rejected, sms.ReasonContent},
	{"CRA_BROADCASTTERMINATED", "Diffusion annulée", always, sms.Undelivered, sms.ReasonUnknown},
	{"CRA_CONTACTTERMINATED", "Contact annulé", always, sms.Undelivered, sms.ReasonUnknown},
	{"CRA_PLANNINGEND", "Fin de planning", always, sms.Expired, sms.ReasonExpired},
	{"CRA_QUOTA", "Quota renseigné atteint", always, sms.Rejected, sms.ReasonBlocked},
	{scriptEnd, "Fin du scénario de diffusion", byStatus, sms.Undelivered, sms.ReasonUnknown},
	{"CRA_TTS_ERROR", "Erreur de synthèse vocale", always, sms.Undelivered, sms.ReasonUnknown},
}

// olderLabels stand in examples of the guide beside those of the table.
var olderLabels = map[string]string{
	"SMS reçu":              "CRA_SMS_RECEIVED",
	"Aucune adresse valide": "CRA_NOADDRESS",
}

var byCode, byLabel = func() (codes, labels map[string]result) {
	codes, labels = map[string]result{}, map[string]result{}
	for _, r := range results {
		codes[r.code] = r
		if _, taken := labels[fold(r.label)]; !taken { // "Soumis" is that of two, which mean the same
			labels[fold(r.label)] = r
		}
	}
	for label, code := range olderLabels {
		labels[fold(label)] = codes[code]
	}
	return codes, labels
}()

// fold leaves the letters and digits of ASCII, in lower case. No source tells the
// charset of answers, and a label whose accents were lost on the way must not pass
// for an unknown one: "Envoyé non acquitté" with DONE would look delivered.
func fold(label string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		default:
			return -1
		}
	}, label)
}

// The parts of the two labels that hold a detail.
var (
	beforeDetail = fold("Coordonnées invalides ")
	afterDetail  = fold(" manquant(s)")
)

// resultOf finds a result by its code, else by its label. Some examples of the
// guide show the code where the label belongs (2.4.4), and a code may carry a
// detail in braces (5.4.7).
func resultOf(code, label string) (result, bool) {
	for _, text := range []string{code, label} {
		bare, _, _ := strings.Cut(text, "{")
		if r, ok := byCode[strings.ToUpper(strings.TrimSpace(bare))]; ok {
			return r, true
		}
	}
	folded := fold(label)
	if r, ok := byLabel[folded]; ok {
		return r, true
	}
	switch {
	case strings.HasPrefix(folded, beforeDetail):
		return byCode["CRA_NOADDRESS"], true
	case strings.HasSuffix(folded, afterDetail):
		return byCode["CRA_MISSINGPARAM"], true
	}
	return result{}, false
}

// The statuses of a report (DMC developer guide v1.7, 5.2.1); none while nothing
// was tried.
const (
	running = "RUNNING"
	done    = "DONE"
	failed  = "FAILED"
)

// judge makes the receipt of a report. Its code, else its label, says why; its
// status says whether the message has ended where the result leaves that open
// (inferred). A result that nobody documents is kept, and the status decides
// alone.
func judge(code, label, status string) sms.Receipt {
	receipt := sms.Receipt{Status: sms.Submitted, Code: brief(code), Text: brief(label)}
	status = strings.ToUpper(strings.TrimSpace(status))
	known, mapped := resultOf(code, label)
	switch {
	case code != "":
	case mapped:
		receipt.Code = known.code
	case label != "":
		receipt.Code = brief(label)
	default:
		receipt.Code = brief(status)
	}
	if mapped {
		receipt.Status, receipt.Reason = known.under(status)
		return receipt
	}
	switch status {
	case done:
		receipt.Status = sms.Delivered
	case failed:
		receipt.Status, receipt.Reason = sms.Undelivered, sms.ReasonUnknown
	}
	return receipt
}

// under tells what a result means beside the status of its report. Where the two
// contradict each other nothing is final: a final status cannot be taken back.
func (r result) under(status string) (sms.Status, sms.Reason) {
	succeeded := r.status == sms.Delivered
	switch {
	case r.end == never, status == running:
		return sms.Submitted, ""
	case r.code == scriptEnd && status == done:
		return sms.Delivered, ""
	case r.end == byStatus && status != failed, succeeded && status == failed:
		return sms.Submitted, ""
	default:
		return r.status, r.reason
	}
}

// scriptEnd says that DMC has done with a contact, and not how it went.
const scriptEnd = "CRA_SCRIPTEND"

// brief bounds what is kept of the operator's words.
func brief(words string) string {
	words = strings.ToValidUTF8(words, "\uFFFD")
	if runes := []rune(words); len(runes) > longestDetail {
		return string(runes[:longestDetail]) + "…"
	}
	return words
}
