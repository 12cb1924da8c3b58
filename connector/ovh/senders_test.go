package ovh

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
)

func TestSenders(t *testing.T) {
	o := newOperator(t)
	o.answer(sendersRoute, 200, `["TownHall","Town Hall 2","Library","Gone","Frozen","0033639980100"]`)
	route := sendersRoute + "/"
	o.answer(route+"TownHall", 200, `{"comment":null,"sender":"TownHall","status":"enable","type":"alpha"}`)
	o.answer(route+"Town%20Hall%202", 200,
		`{"comment":"Proof?\nCall 0033639980123","status":"waitingValidation"}`)
	o.answer(route+"Library", 200, `{"status":"disable"}`)
	o.answer(route+"Gone", 404, `{"message":"The requested object does not exist"}`)
	o.answer(route+"Frozen", 200, `{"status":"frozen"}`)
	o.answer(route+"0033639980100", 200, `{"status":"enable","type":"numeric"}`)
	o.answer(route+"Bank", 200, `{"comment":"Not your brand","status":"refused"}`)
	o.answer(route+"Never", 404, ``)
	got, err := o.open(nil).Senders(t.Context(), "townhall", "Bank", "Never", "+33639980100")
	if err != nil {
		t.Fatal(err)
	}
	want := []connector.DeclaredSender{
		{Name: "TownHall", State: connector.SenderUsable},
		{Name: "Town Hall 2", State: connector.SenderWaiting, Comment: "Proof? Call ***"},
		{Name: "Library", State: connector.SenderDisabled},
		{Name: "Frozen", State: connector.SenderUnclear},
		{Name: "0033639980100", State: connector.SenderUsable},
		{Name: "Bank", State: connector.SenderRefused, Comment: "Not your brand"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("senders (-want +got):\n%s", diff)
	}
}

// A list that is not whole would refuse what is declared.
func TestSendersInPartAreNone(t *testing.T) {
	o := newOperator(t)
	o.answer(sendersRoute, 200, `["TownHall","Library"]`)
	o.answer(senderRoute, 200, `{"status":"enable"}`)
	o.answer(sendersRoute+"/Library", 500, ``)
	if got, err := o.open(nil).Senders(t.Context()); err == nil || got != nil ||
		strings.Contains(err.Error(), testSecret) {
		t.Errorf("senders %v, error %v", got, err)
	}
	o.answer(sendersRoute, 403, `{"message":"This call has not been granted"}`)
	if got, err := o.open(nil).Senders(t.Context()); err == nil || got != nil {
		t.Errorf("senders %v, error %v", got, err)
	}
}
