package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/internal/trial"
	"relais/sandbox"
	"relais/sandbox/ovh"
	simworld "relais/sandbox/world"
)

// The operator's late word reaches everybody who was told that the message had
// expired: the API, its feed, webhooks, and a client of Kannel.
func TestLateWordReachesThoseWhoWereToldOfTheExpiry(t *testing.T) {
	t.Cleanup(func() { trial.MoveClock(0) })
	w := live(t, sandbox.Options{}, kannelDoor+"[receipts]\ntransactional = \"1m\"\n")
	w.subscribe(t, "late")
	reports := listen(t)
	if err := w.sandbox.SetFault(simworld.Fault{
		Operator: simworld.OVH, Kind: simworld.FaultNoReceipt, Rate: 1,
	}); err != nil {
		t.Fatal(err)
	}
	const number = "+33639980001"
	answer, err := http.Get(w.app.URL() + "/cgi-bin/sendsms?" + url.Values{
		"username": {"relay"}, "password": {"relaypass"}, "from": {ovh.Sender}, "to": {number}, "text": {"Bonjour"},
		"dlr-mask": {"3"}, "dlr-url": {reports.URL + "/?type=%d&to=%p"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	only := func() client.Message {
		t.Helper()
		all := w.all(t, client.Query{})
		if len(all) != 1 {
			t.Fatalf("%d messages, want 1", len(all))
		}
		return all[0]
	}
	await(t, "the operator's answer", patience, func() bool { return only().Status == client.Submitted })
	trial.MoveClock(2 * time.Minute)
	await(t, "the end of the wait for a receipt", patience, func() bool {
		return only().Status == client.Expired
	})
	for range 2 {
		w.push(t, []string{only().ProviderID})
	}
	if got := only(); got.Status != client.Delivered || got.Reason != "delivered" {
		t.Errorf("message is %s (%s), want delivered", got.Status, got.Reason)
	}
	await(t, "the client's reports", patience, func() bool { return reports.of(number) == "2,1" })
	for _, kind := range []string{"message.expired", "message.delivered"} {
		if told := w.feed(t, kind); len(told) != 1 || told[only().ID] != 1 {
			t.Errorf("%s: %v in the feed", kind, told)
		}
	}
	want := []string{"message.submitted", "message.expired", "message.delivered"}
	var got []string
	await(t, "the webhooks", patience, func() bool {
		got = webhooksOf(t, w, "late")
		return len(got) >= len(want)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
}

// webhooksOf are the types of what a receiver of the sandbox took.
func webhooksOf(t *testing.T, w *world, name string) (types []string) {
	t.Helper()
	for _, one := range w.sandbox.Webhooks(name) {
		var body struct{ Type string }
		if err := json.Unmarshal(one.Body, &body); err != nil {
			t.Fatal(err)
		}
		types = append(types, body.Type)
	}
	return types
}
