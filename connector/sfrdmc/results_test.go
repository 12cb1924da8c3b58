package sfrdmc

import (
	"slices"
	"strings"
	"testing"

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
		bare, _, _ := strings.Cut(code, "{")
		for _, look := range [][2]string{{code, ""}, {strings.ToLower(code), label}, {"", code}} {
			if r, ok := resultOf(look[0], look[1]); !ok || r.code != bare {
				t.Errorf("%v is read as %q", look, r.code)
			}
		}
		byLabel, ok := resultOf("", label)
		same := byLabel.code == bare || label == "Soumis" && byLabel.end == never
		if !ok || !same {
			t.Errorf("label %q is read as %q, want %s", label, byLabel.code, bare)
		}
	}
	for _, r := range results {
		bad := r.end != never && r.status != sms.Delivered && !slices.Contains(sms.Reasons, r.reason)
		if bad || r.end == never && r.status != "" || r.end != never && !r.status.Final() {
			t.Errorf("%s leads to %q, %q", r.code, r.status, r.reason)
		}
	}
	for label, code := range olderLabels {
		if r, ok := resultOf("", label); !ok || r.code != code {
			t.Errorf("the older label %q is read as %q", label, r.code)
		}
	}
}

func TestEveryDocumentedPushStatusIsMapped(t *testing.T) {
	for _, word := range []string{"SUBMITTED", "SENT", "RECEIVED", "ERROR", "ABORTED", "ANSWERED"} {
		if _, ok := pushStatuses[word]; !ok {
			t.Errorf("%s is not mapped", word)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		name, code, label, status string
		want                      sms.Status
		reason                    sms.Reason
	}{
		{"received", "CRA_SMS_RECEIVED", "Reçu", "DONE", sms.Delivered, ""},
		{"received, by label", "", "Reçu", "DONE", sms.Delivered, ""},
		{"absent and going on", "CRA_SMS_FALSENUMBER", "Abonné absent", "RUNNING", sms.Submitted, ""},
		{"absent for good", "CRA_SMS_FALSENUMBER", "Abonné absent", "FAILED", sms.Undelivered, sms.ReasonAbsent},
		{"absent, status not told", "", "Abonné absent", "", sms.Submitted, ""},
		{"blacklisted", "CRA_SMS_BLACKLIST", "", "FAILED", sms.Rejected, sms.ReasonOptedOut},
		{"sent", "CRA_SMS_SENT", "Envoyé", "RUNNING", sms.Submitted, ""},
		{"no receipt at DMC", "CRA_SMS_SENTENDED", "Envoyé non acquitté", "DONE", sms.Submitted, ""},
		{"expired", "", "Date de validité expirée", "FAILED", sms.Expired, sms.ReasonExpired},
		{"unknown and failed", "CRA_SMS_NEW", "Nouveau", "FAILED", sms.Undelivered, sms.ReasonUnknown},
		{"unknown and done", "", "Nouveau", "DONE", sms.Delivered, ""},
		{"unknown and running", "", "Nouveau", "RUNNING", sms.Submitted, ""},
		{"nothing at all", "", "", "", sms.Submitted, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := judge(tc.code, tc.label, tc.status); got.Status != tc.want || got.Reason != tc.reason {
				t.Errorf("got %s %q, want %s %q", got.Status, got.Reason, tc.want, tc.reason)
			}
		})
	}
}
