package inbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/inbox"
	"relais/sms"
)

// TestSendersOfAFile: a sender that no message can have would stand on the list and hold
// nothing back.
func TestSendersOfAFile(t *testing.T) {
	const file = "number;sender\n0639980001;ACME \n0639980002;\n0639980003;A name too long\n0639980004;ACMÉ\n"
	read, err := inbox.ReadOptOuts([]byte(file), "FR")
	if err != nil {
		t.Fatal(err)
	}
	kept := map[sms.Number]sms.Sender{}
	for _, c := range read.Changes {
		kept[c.Number] = c.Sender
	}
	if diff := cmp.Diff(map[sms.Number]sms.Sender{"+33639980001": "ACME", "+33639980002": ""}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	refused := map[int]string{}
	for _, r := range read.Refused {
		refused[r.Line] = r.Written + ": " + string(r.Reason.Code.Wire())
	}
	want := map[int]string{4: "A name too long: sender_too_long", 5: "ACMÉ: sender_invalid_character"}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}
