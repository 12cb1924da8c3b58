package gateway

import (
	"testing"

	"relais/reason"
	"relais/sms"
)

func TestEventsInFrench(t *testing.T) {
	g := &Gateway{}
	for english, want := range map[string]string{
		"": "",
		"Sent with the STOP clause that this connector needs, in 2 segments.":                                                                          "Envoyé avec la mention STOP que ce connecteur demande, en 2 segments.",
		"The operator took it; which of its ids is this one's could not be proved. Sent with the STOP clause that this connector needs, in 1 segment.": "L'opérateur l'a pris ; lequel de ses identifiants est le sien n'a pas pu être prouvé. Envoyé avec la mention STOP que ce connecteur demande, en 1 segment.",
		"[no_credit] No credit $1 left. It goes on through sfr-2.":                                                                                     "[no_credit] No credit $1 left. Il continue par sfr-2.",
		"Moved from ovh to sfr: ovh is left (blocked, no credit) and had not taken it.":                                                                "Passé de ovh à sfr : ovh est délaissé (bloqué, no credit) et ne l'avait pas pris.",
		"Moved from ovh to sfr: ovh is left (5 of the last 10 messages failed) and had not taken it.":                                                  "Passé de ovh à sfr : ovh est délaissé (5 des 10 derniers messages ont échoué) et ne l'avait pas pris.",
		"Moved from ovh to sfr: ovh is left (8 of the last 9 receipts took longer than 10m) and had not taken it.":                                     "Passé de ovh à sfr : ovh est délaissé (8 des 9 derniers accusés ont mis plus de 10m) et ne l'avait pas pris.",
		"Moved from ovh to sfr: ovh is left (failing, no answer (1 of 2)) and had not taken it.":                                                       "Passé de ovh à sfr : ovh est délaissé (en échec, no answer (1 of 2)) et ne l'avait pas pris.",
		"By the operator's clock at 2026-11-22T14:07:32Z.":                                                                                             "À l'horloge de l'opérateur : 2026-11-22T14:07:32Z.",
		"No receipt in 20s: sent once more through sfr as message 01a2.":                                                                               "Aucun accusé en 20s : envoyé encore une fois par sfr, message 01a2.",
	} {
		events := []sms.Event{{Code: "retry", Detail: reason.Verbatim(english)}}
		if got := g.EventsInFrench(&sms.Message{}, events)[0].Detail.In("fr"); got != want {
			t.Errorf("%q\ngives %q\nwant  %q", english, got, want)
		}
		if events[0].Detail.In(reason.English) != english {
			t.Errorf("the events of the caller changed: %q", events[0].Detail.In(reason.English))
		}
	}
}
