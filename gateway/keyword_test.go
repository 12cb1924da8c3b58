package gateway_test

import (
	"testing"

	"relais/gateway"
)

func TestIntentOf(t *testing.T) {
	for _, tc := range []struct {
		text string
		want gateway.Intent
	}{
		{"STOP", gateway.IntentStop},
		{"stop", gateway.IntentStop},
		{"Stop.", gateway.IntentStop},
		{" « STOP » !!", gateway.IntentStop},
		{"S T O P", gateway.IntentReply},
		{"ＳＴＯＰ", gateway.IntentStop},
		{"STOP MAIRIE", gateway.IntentStop},
		{"MAIRIE STOP", gateway.IntentStop},
		{"STOP 36111", gateway.IntentStop},
		{"STOP SVP", gateway.IntentStop},
		{"Bonjour, stop s'il vous plaît. Merci !", gateway.IntentStop},
		{"Stop stop stop", gateway.IntentStop},
		{"STOP PUB", gateway.IntentStop},
		{"stop aux sms de pub merci", gateway.IntentStop},
		{"ARRET", gateway.IntentStop},
		{"ARRÊT", gateway.IntentStop},
		{"arre\u0302t", gateway.IntentStop},
		{"Arrêtez de m'envoyer des messages", gateway.IntentStop},
		{"DESABO", gateway.IntentStop},
		{"désabo", gateway.IntentStop},
		{"Me désinscrire", gateway.IntentStop},
		{"DESINSCRIRE MAIRIE", gateway.IntentStop},
		{"STOP\n", gateway.IntentStop},
		{"START", gateway.IntentStart},
		{"reprendre", gateway.IntentStart},
		{"Reprendre MAIRIE svp", gateway.IntentStart},
		{"", gateway.IntentReply},
		{"OUI", gateway.IntentReply},
		{"👍", gateway.IntentReply},
		{"Ne pas arrêter", gateway.IntentReply},
		{"N'arrêtez pas !", gateway.IntentReply},
		{"Rendez-vous à l'arrêt de bus devant la mairie", gateway.IntentReply},
		{"Je serai au stop à 10 h", gateway.IntentReply},
		{"STOPPER", gateway.IntentReply},
		{"Le non-stop est ouvert dimanche ?", gateway.IntentReply},
	} {
		t.Run(tc.text, func(t *testing.T) {
			if got, word := gateway.IntentOf(tc.text); got != tc.want || (word == "") != (got == gateway.IntentReply) {
				t.Errorf("IntentOf(%q) = %q (%q), want %q", tc.text, got, word, tc.want)
			}
		})
	}
}

func FuzzIntentOf(f *testing.F) {
	for _, text := range []string{"STOP", "Arrêt svp", "ne pas arrêter", "\xff\xfe"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		intent, word := gateway.IntentOf(text)
		if (intent == gateway.IntentReply) != (word == "") {
			t.Errorf("IntentOf(%q) = %q, %q", text, intent, word)
		}
		if again, _ := gateway.IntentOf(" " + text + " !"); again != intent {
			t.Errorf("IntentOf(%q) changes with punctuation: %q, %q", text, intent, again)
		}
	})
}
