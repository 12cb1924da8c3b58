package sandbox

import (
	"strings"
	"testing"

	"relais/sandbox/ovh"
)

func TestSendersOverHTTP(t *testing.T) {
	s := start(t, Options{})
	body := strings.Replace(job("a", "t", "+33639980101"), ovh.Sender, "PISCINE", 1)
	for _, step := range []struct {
		status string
		want   int
		listed bool
	}{
		{"absent", 403, false}, // as it is at first
		{"waitingValidation", 403, true},
		{"enable", 200, true},
		{"disable", 403, false},
		{"refused", 403, false},
		{"absent", 403, false},
	} {
		got := control(t, s, "PUT", "/senders",
			`{"operator":"ovh","name":"PISCINE","status":"`+step.status+`","comment":"Proof?"}`)
		if got.status != 200 || strings.Contains(got.body, "PISCINE") != (step.status != "absent") {
			t.Fatalf("%s: %d %s", step.status, got.status, got.body)
		}
		if got := ovhCall(t, s, "POST", jobsPath, body); got.status != step.want {
			t.Errorf("a job in state %s: %d %s", step.status, got.status, got.body)
		}
		if got := ovhCall(
			t, s, "GET", "/sms/"+ovh.Service+"/senders", "",
		); strings.Contains(got.body, "PISCINE") != step.listed {
			t.Errorf("list in state %s: %s", step.status, got.body)
		}
		if got := ovhCall(
			t, s, "GET", "/sms/"+ovh.Service+"/senders/PISCINE", "",
		); (got.status == 200) != (step.status != "absent") ||
			got.status == 200 && !strings.Contains(got.body, `"comment":"Proof?"`) {
			t.Errorf("state %s: %d %s", step.status, got.status, got.body)
		}
	}
	control(t, s, "PUT", "/senders", `{"operator":"dmc","name":"PISCINE","status":"enable"}`)
	if got := decode[dmcEnvelope[[]string]](
		t, dmcPost(t, s, "AdminWS/findServiceOadc"),
	); len(got.Response) != 3 {
		t.Errorf("senders of DMC: %+v", got)
	}
}
