package main

import (
	"os"
	"strings"
)

// demoTexts are what the demo says, in the languages of its readers.
var demoTexts = map[string]map[string]string{
	"en": {
		"demo_started": "relais demo: a gateway on a temporary database, beside simulated operators\n" +
			"   gateway             %s\n   simulated operators %s\n",
		"demo_sends":     "\n%d. through %s, to %s: %s\n",
		"demo_handset":   "   %s  on the handset %s, from %s: %s\n",
		"demo_done":      "\nBoth messages stand on their handsets, once each.\n",
		"demo_not_taken": "the message ended as %s",
		"demo_not_there": "the handset has %d texts, or another one than was sent",
		"demo_stays": `
The gateway stays up until Ctrl-C. To copy into another terminal:

  curl -s %[1]s/v1/messages -H 'Authorization: Bearer sandbox' \
       -d '{"to": "0639980003", "text": "Bonjour", "connector": "ovh"}'
  curl -s '%[1]s/v1/messages?limit=5' -H 'Authorization: Bearer sandbox'
  curl -s %[2]s/handsets

  API manual: %[1]s/docs
`,
	},
	"fr": {
		"demo_started": "relais demo : une passerelle sur une base temporaire, à côté d'opérateurs simulés\n" +
			"   passerelle         %s\n   opérateurs simulés %s\n",
		"demo_sends":     "\n%d. par %s, vers %s : %s\n",
		"demo_handset":   "   %s  sur le téléphone %s, de %s : %s\n",
		"demo_done":      "\nLes deux messages sont sur leurs téléphones, une fois chacun.\n",
		"demo_not_taken": "le message a fini dans l'état %s",
		"demo_not_there": "le téléphone a %d messages, ou un autre que celui envoyé",
		"demo_stays": `
La passerelle reste en marche jusqu'à Ctrl-C. À copier dans un autre terminal :

  curl -s %[1]s/v1/messages -H 'Authorization: Bearer sandbox' \
       -d '{"to": "0639980003", "text": "Bonjour", "connector": "ovh"}'
  curl -s '%[1]s/v1/messages?limit=5' -H 'Authorization: Bearer sandbox'
  curl -s %[2]s/handsets

  Manuel de l'API : %[1]s/docs
`,
	},
}

func demoSay(key string) string {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(variable); value != "" {
			if strings.HasPrefix(value, "fr") {
				return demoTexts["fr"][key]
			}
			break
		}
	}
	return demoTexts["en"][key]
}
