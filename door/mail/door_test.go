package mail_test

import (
	"net/smtp"
	"strings"
	"testing"

	"relais/sms"
)

// TestAMailBecomesAMessage: over Go's own client, with a login in the clear on this machine.
func TestAMailBecomesAMessage(t *testing.T) {
	h := open(t)
	err := smtp.SendMail(h.address, smtp.PlainAuth("", "town", password, "127.0.0.1"), "nagios@town.example", []string{"0639980001@anything.example"},
		[]byte("From: Nagios <nagios@town.example>\r\nTo: duty\r\nSubject: DISK\r\nMessage-ID: <1@nagios>\r\n\r\nThe disk of web1 is full.\r\n..dots\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	all := h.stored(t, "town")
	if len(all) != 1 || all[0].Text != "The disk of web1 is full.\n..dots" || all[0].To != "+33639980001" || all[0].Actor != sms.DoorActor("mail", "town") {
		t.Errorf("stored %+v", all)
	}
}

// TestWhoMaySend: a login, a network, an API key; and nobody by what he says.
func TestWhoMaySend(t *testing.T) {
	h := open(t)
	for _, tc := range []struct{ name, to, want string }{
		{"a network", "33639980001@sms", "250 2.0.0 accepted "},
		{"digits as dialled", "06.39.98.00.01@SMS", "250 2.0.0 accepted "},
		{"with a plus", "+33639980001@sms.town.example", "250 2.0.0 accepted "},
		{"an alias", "OnCall@sms", "250 2.0.0 accepted "},
		{"another domain", "33639980001@gmail.example", "550 5.7.1 Nothing is relayed"},
		{"a network that is far", "33639980001@far.example", "550 5.7.1 Nothing is relayed"},
		{"a person", "zoe@sms", "550 5.1.1 The name before @ is no telephone number"},
		{"a number that nobody has", "0012@sms", "550 5.1.1 "},
		{"a From line without a proof", "33639980001@proved.example", "550 5.7.1 The From line is not proved"},
	} {
		if said := h.hello(t).send(t, tc.to, simple("", "Bonjour")); !strings.HasPrefix(said, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, said, tc.want)
		}
	}
	if n := len(h.stored(t, "town")); n != 5 {
		t.Errorf("%d were stored", n)
	}
	for user, want := range map[string]string{"town " + password: "", "anybody " + h.key: "", "anyone read": "535", "town wrong": "535", "net " + password: "535", "town ": "535"} {
		name, word, _ := strings.Cut(user, " ")
		err := smtp.SendMail(h.address, smtp.PlainAuth("", name, word, "127.0.0.1"), "a@town.example", []string{"0639980002@x"}, []byte(simple("", "Bonjour")))
		if (want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", user, err, want)
		}
	}
	if strings.Contains(h.logs.String(), password) || strings.Contains(h.logs.String(), "3998000") {
		t.Errorf("the log has a secret or a number: %s", h.logs)
	}
}
