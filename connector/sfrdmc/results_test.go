package sfrdmc

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/sms"
)

// documented are the codes and labels of the DMC developer guide v1.7, 5.4.1 and
// 5.4.7.
const documented = `
CRA_SMS_SUBMITTED Soumis
CRA_SMS_SENT Envoyé
CRA_SMS_SENTENDED Envoyé non acquitté
CRA_SMS_RECEIVED Reçu
CRA_SMS_DATEEXPIRED Date de validité expirée
CRA_SMS_ADULT Contenu adulte interdit
CRA_SMS_BADNUMBER Numéro erroné
CRA_SMS_BLACKLIST Numéro blacklisté
CRA_SMS_BLOCKED Appel bloqué
CRA_SMS_COUNTRY Pays non supporté
CRA_SMS_ERROR Erreur SMS
CRA_SMS_FALSENUMBER Abonné absent
CRA_SMS_FULLSIM SIM pleine
CRA_SMS_ILLEGAL Téléphone illégal
CRA_SMS_INVALIDFROM Emetteur invalide
CRA_SMS_LOTOFMSG Trop de messages sur ce numéro
CRA_SMS_MVNO Opérateur alternatif non supporté
CRA_SMS_NOADDRESS Coordonnées incompatibles
CRA_SMS_NOOPCREDIT Crédits opérateurs épuisés
CRA_SMS_NOTEXT Pas de texte SMS
CRA_SMS_OADC Emetteur interdit
CRA_SMS_OPBADNUMBER Numéro refusé par l'opérateur
CRA_SMS_OPBLACKLIST Numéro blacklisté par l'opérateur
CRA_SMS_OPBLACKLISTSENT SMS blacklisté par l'opérateur
CRA_SMS_OPERROR Erreur opérateur
CRA_SMS_OPFAILURE Echec opérateur
CRA_SMS_OPFULL Opérateur surchargé
CRA_SMS_OPINVALID Opérateur invalide
CRA_SMS_OPTOOLONG Message trop long
CRA_SMS_OPWRONGNUMBER Abonné inconnu après envoi
CRA_SMS_PARENTAL Blocage contrôle parental
CRA_SMS_PORTED Numéro porté
CRA_SMS_PRESSURE Non envoyé : pression commerciale
CRA_SMS_REJECTED Rejeté
CRA_SMS_SAASNOCREDIT Crédit SMS épuisé
CRA_SMS_TELFAILURE Erreur sur le mobile
CRA_SMS_TEMPERROR Erreur temporaire
CRA_SMS_TEMPOPERROR Erreur opérateur temporaire
CRA_SMS_TEMPORARY Service temporairement indisponible
CRA_SMS_TEXT Texte SMS invalide
CRA_SMS_THROTTLING Dépassement de débit
CRA_SMS_TOOLONG Taille non conforme
CRA_SMS_UNEQUIPPED Mobile incapable de gérer ce SMS
CRA_SMS_WRONGNUMBER Abonné inconnu
CRA_SUBMITTED Soumis
CRA_ERROR Erreur
CRA_FAILURE Erreur après envoi
CRA_NOADDRESS{DETAIL} Coordonnées invalides fax
CRA_NOMESSAGE Contact incompatible
CRA_MISSINGPARAM{DETAIL} prenom manquant(s)
CRA_IMPORT Erreur d'import
CRA_BROADCASTTERMINATED Diffusion annulée
CRA_CONTACTTERMINATED Contact annulé
CRA_PLANNINGEND Fin de planning
CRA_QUOTA Quota renseigné atteint
CRA_SCRIPTEND Fin du scénario de diffusion
CRA_TTS_ERROR Erreur de synthèse vocale
`

func TestEveryDocumentedResultIsMapped(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(documented), "\n")
	if len(lines) != 44+13 || len(results) != len(lines) {
		t.Fatalf("%d documented, %d mapped; the guide has 44 and 13", len(lines), len(results))
	}
	for _, line := range lines {
		code, label, _ := strings.Cut(line, " ")
		want, _, _ := strings.Cut(code, "{")
		for name, look := range map[string][2]string{
			"by its code":                         {code, ""},
			"by its code in lower case":           {" " + strings.ToLower(code), "Quelque chose"},
			"by its code in the place of a label": {"", code},
			"by its label":                        {"", label},
			"by its label in capitals":            {"", " " + strings.ToUpper(label)},
			"by its label in ISO 8859-1":          {"", strings.ToValidUTF8(inLatin1(label), "\uFFFD")},
			"by its label, read as another one":   {"", latin1([]byte(label))},
			"with an unknown code and its label":  {"CRA_SMS_NEW", label},
		} {
			got, ok := resultOf(look[0], look[1])
			same := got.code == want || label == taken && got.label == taken
			if !ok || !same {
				t.Errorf("%s %s is read as %q", want, name, got.code)
			}
		}
	}
	for label, code := range olderLabels {
		if r, ok := resultOf("", label); !ok || r.code != code {
			t.Errorf("the older label %q is read as %q", label, r.code)
		}
	}
	for _, label := range []string{"", "é", "Reçu hier", "received", "CRA_SMS", "{", "{}"} {
		if r, ok := resultOf("", label); ok {
			t.Errorf("%q is read as %s", label, r.code)
		}
	}
}

// inLatin1 writes the characters of ISO 8859-1 as it does.
func inLatin1(text string) string {
	raw := []byte{}
	for _, c := range text {
		raw = append(raw, byte(c))
	}
	return string(raw)
}

func TestEveryResultIsComplete(t *testing.T) {
	folded := map[string]string{}
	for _, r := range results {
		bad := r.end != never && r.status != sms.Delivered && !slices.Contains(sms.Reasons, r.reason)
		if bad || r.end == never && (r.status != "" || r.reason != "") || r.end != never &&
			!r.status.Final() {
			t.Errorf("%s leads to %q, %q", r.code, r.status, r.reason)
		}
		if other, taken := folded[fold(r.label)]; taken && other != r.label {
			t.Errorf("%q and %q fold to the same", other, r.label)
		}
		folded[fold(r.label)] = r.label
	}
	for _, code := range []string{"CRA_SMS_BLACKLIST", "CRA_SMS_OPBLACKLIST", "CRA_SMS_OPBLACKLISTSENT"} {
		if byCode[code].reason != sms.ReasonOptedOut {
			t.Errorf("%s leads to %s, want opted_out", code, byCode[code].reason)
		}
	}
}

func TestEveryDocumentedPushStatusIsMapped(t *testing.T) {
	want := map[string]sms.Status{
		"SUBMITTED": sms.Submitted, "SENT": sms.Submitted, "RECEIVED": sms.Delivered,
		"ERROR": sms.Undelivered, "ABORTED": sms.Undelivered, "ANSWERED": sms.Delivered,
	}
	if diff := cmp.Diff(want, pushStatuses); diff != "" {
		t.Errorf("statuses of a push (-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		name, code, label, status string
		want                      sms.Receipt
	}{
		{"received", "CRA_SMS_RECEIVED", "Reçu", "DONE", sms.Receipt{Status: sms.Delivered, Code: "CRA_SMS_RECEIVED", Text: "Reçu"}},
		{"received, by label", "", "Reçu", "Done", sms.Receipt{Status: sms.Delivered, Code: "CRA_SMS_RECEIVED", Text: "Reçu"}},
		{"received, accents lost", "", "Re\ufffdu", "DONE", sms.Receipt{Status: sms.Delivered, Code: "CRA_SMS_RECEIVED", Text: "Re\ufffdu"}},
		{"received, status not told", "CRA_SMS_RECEIVED", "", "", sms.Receipt{Status: sms.Delivered, Code: "CRA_SMS_RECEIVED"}},
		{"received and failed", "CRA_SMS_RECEIVED", "", "FAILED", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_RECEIVED"}},
		{"received and running", "CRA_SMS_RECEIVED", "", "RUNNING", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_RECEIVED"}},
		{"taken", "", "Soumis", "RUNNING", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_SUBMITTED", Text: "Soumis"}},
		{"sent", "CRA_SMS_SENT", "Envoyé", "RUNNING", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_SENT", Text: "Envoyé"}},
		{"sent and done", "CRA_SMS_SENT", "", "DONE", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_SENT"}},
		{"no receipt at DMC", "CRA_SMS_SENTENDED", "", "DONE", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_SENTENDED"}},
		{"no receipt at DMC, accents lost", "", "Envoy\ufffd non acquitt\ufffd", "DONE", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_SENTENDED", Text: "Envoy\ufffd non acquitt\ufffd"}},
		{"absent and going on", "CRA_SMS_FALSENUMBER", "", "RUNNING", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_FALSENUMBER"}},
		{"absent for good", "CRA_SMS_FALSENUMBER", "", "FAILED", sms.Receipt{Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "CRA_SMS_FALSENUMBER"}},
		{"absent, by label", "", "Abonné absent", "FAILED", sms.Receipt{Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "CRA_SMS_FALSENUMBER", Text: "Abonné absent"}},
		{"absent, status not told", "CRA_SMS_FALSENUMBER", "", "", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_FALSENUMBER"}},
		{"absent and reached", "CRA_SMS_FALSENUMBER", "", "DONE", sms.Receipt{Status: sms.Submitted, Code: "CRA_SMS_FALSENUMBER"}},
		{"opted out", "CRA_SMS_BLACKLIST", "", "FAILED", sms.Receipt{Status: sms.Rejected, Reason: sms.ReasonOptedOut, Code: "CRA_SMS_BLACKLIST"}},
		{"opted out, never tried", "CRA_SMS_BLACKLIST", "", "", sms.Receipt{Status: sms.Rejected, Reason: sms.ReasonOptedOut, Code: "CRA_SMS_BLACKLIST"}},
		{"expired", "", "Date de validité expirée", "FAILED", sms.Receipt{Status: sms.Expired, Reason: sms.ReasonExpired, Code: "CRA_SMS_DATEEXPIRED", Text: "Date de validité expirée"}},
		{"detail in braces", "cra_noaddress{fax}", "", "FAILED", sms.Receipt{Status: sms.Rejected, Reason: sms.ReasonUnknownSubscriber, Code: "cra_noaddress{fax}"}},
		{"script over, reached", "CRA_SCRIPTEND", "", "DONE", sms.Receipt{Status: sms.Delivered, Code: "CRA_SCRIPTEND"}},
		{"script over, not reached", "CRA_SCRIPTEND", "", "FAILED", sms.Receipt{Status: sms.Undelivered, Reason: sms.ReasonUnknown, Code: "CRA_SCRIPTEND"}},
		{"unknown and failed", "CRA_SMS_NEW", "Nouveau", "FAILED", sms.Receipt{Status: sms.Undelivered, Reason: sms.ReasonUnknown, Code: "CRA_SMS_NEW", Text: "Nouveau"}},
		{"unknown and done", "", "Nouveau", "DONE", sms.Receipt{Status: sms.Delivered, Code: "Nouveau", Text: "Nouveau"}},
		{"unknown and running", "", "Nouveau", "RUNNING", sms.Receipt{Status: sms.Submitted, Code: "Nouveau", Text: "Nouveau"}},
		{"unknown, of an unknown status", "", "Nouveau", "PAUSED", sms.Receipt{Status: sms.Submitted, Code: "Nouveau", Text: "Nouveau"}},
		{"no result", "", "", "FAILED", sms.Receipt{Status: sms.Undelivered, Reason: sms.ReasonUnknown, Code: "FAILED"}},
		{"nothing at all", "", "", "", sms.Receipt{Status: sms.Submitted}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, judge(tc.code, tc.label, tc.status)); diff != "" {
				t.Errorf("receipt (-want +got):\n%s", diff)
			}
		})
	}
}
