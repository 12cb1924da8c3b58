package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

func TestControlRoutesRefuse(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code, valid              string
	}{
		{"unknown route", "GET", "/nothing", "", 404, "no_such_route", ""},
		{"unknown operator", "PUT", "/faults", `{"operator":"x","kind":"html"}`, 422, "invalid_fault", world.OVH},
		{"unknown kind", "PUT", "/faults", `{"operator":"ovh","kind":"x"}`, 422, "invalid_fault", world.FaultCut},
		{"unknown kind of receipt", "PUT", "/faults", `{"operator":"ovh","kind":"lost_receipt"}`, 422, "invalid_fault", world.FaultNoReceipt},
		{"push in a format that nobody knows", "PUT", "/push", `{"url":"http://127.0.0.1:1/","format":"yaml"}`, 422, "invalid_push", "xml"},
		{"manner that is none", "PUT", "/webhooks/a", `{"status":7}`, 422, "invalid_manner", ""},
		{"sender of nobody", "PUT", "/senders", `{"operator":"x","name":"A","status":"enable"}`, 422, "invalid_sender", world.DMC},
		{"sender without a name", "PUT", "/senders", `{"operator":"ovh","status":"enable"}`, 422, "invalid_sender", ""},
		{"sender in a state that is none", "PUT", "/senders", `{"operator":"ovh","name":"A","status":"good"}`, 422, "invalid_sender", "waitingValidation"},
		{"sender that DMC cannot have", "PUT", "/senders", `{"operator":"dmc","name":"A","status":"refused"}`, 422, "invalid_sender", "absent"},
		{"unknown field", "PUT", "/faults", `{"operator":"ovh","kind":"html","delay":3}`, 422, "unknown_field", "delay_ms"},
		{"not JSON", "PUT", "/faults", `nonsense`, 422, "invalid_body", ""},
		{"two values", "PUT", "/faults", `{"operator":"ovh","kind":"html"} {}`, 422, "invalid_body", ""},
		{"clock", "POST", "/clock", `{"now":"noon"}`, 422, "invalid_body", ""},
		{"reply without text", "POST", "/handsets/+33639980101/reply", `{"to":"X"}`, 422, "no_text", ""},
		{"reply to nothing", "POST", "/handsets/+33639980101/reply", `{"to":"X","text":"a"}`, 422, "nothing_to_answer", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := control(t, s, tc.method, tc.path, tc.body)
			var p problem
			if err := json.Unmarshal([]byte(got.body), &p); err != nil {
				t.Fatal(err)
			}
			if got.status != tc.status || p.Status != tc.status || p.Code != tc.code || p.Title == "" {
				t.Errorf("got %d %+v", got.status, p)
			}
			if !strings.Contains(strings.Join(p.Valid, " "), tc.valid) ||
				(tc.valid == "") != (len(p.Valid) == 0) {
				t.Errorf("valid %q", p.Valid)
			}
			if got := got.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("type %q", got)
			}
		})
	}
}

func TestHandsetsOverHTTP(t *testing.T) {
	s := start(t, Options{})
	if got := control(t, s, "GET", "/handsets", ""); strings.TrimSpace(got.body) != "[]" {
		t.Errorf("no handset yet: %s", got.body)
	}
	ovhSend(t, s, job("a", "t", "+33639980102", "+33639980101"))
	ovhSend(t, s, job("a", "t", "+33639980101"))
	want := []world.Handset{{Number: "+33639980101", Texts: 2}, {Number: "+33639980102", Texts: 1}}
	if diff := cmp.Diff(want, decode[[]world.Handset](t, control(t, s, "GET", "/handsets", ""))); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"/handsets/+33639980101", "/handsets/%2B33639980101"} {
		if got := decode[[]world.Text](t, control(t, s, "GET", path, "")); len(got) != 2 {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if got := control(t, s, "GET", "/handsets/+33639980199", ""); strings.TrimSpace(got.body) != "[]" {
		t.Errorf("silent handset: %s", got.body)
	}
	wantStats := world.OperatorStats{Calls: 2, Accepted: 3, Delivered: 3, Duplicates: 1}
	if diff := cmp.Diff(wantStats, decode[Stats](t, control(t, s, "GET", "/stats", "")).OVH); diff != "" {
		t.Error(diff)
	}
}

func TestFaultsOverHTTP(t *testing.T) {
	s := start(t, Options{})
	if got := control(
		t, s, "PUT", "/faults", `{"operator":"sfr","kind":"html","count":3}`,
	); got.status != 200 {
		t.Fatalf("order: %+v", got)
	}
	list := decode[struct{ Faults []world.FaultState }](t, control(t, s, "GET", "/faults", ""))
	want := []world.FaultState{
		{Fault: world.Fault{Operator: world.DMC, Kind: world.FaultHTML, Count: 3, Scope: "submit"}, Left: 3},
	}
	if diff := cmp.Diff(want, list.Faults); diff != "" {
		t.Error(diff)
	}
	if got := control(t, s, "DELETE", "/faults", ""); got.status != http.StatusNoContent {
		t.Errorf("clear: %+v", got)
	}
	dmcSend(t, s, unit("SMS", "a", "0639980101", dmc.Sender, ""))
}

func TestClockOverHTTP(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		name, body string
		want       time.Time
	}{
		{"set", `{"now":"2030-01-01T00:00:00Z"}`, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"back", `{"now":null}`, time.Now()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := decode[struct{ Now time.Time }](t, control(t, s, "POST", "/clock", tc.body))
			if got.Now.Sub(tc.want).Abs() > time.Minute {
				t.Errorf("got %v, want about %v", got.Now, tc.want)
			}
		})
	}
}

func TestHelpNamesTheCredentials(t *testing.T) {
	s := start(t, Options{})
	help := decode[Help](t, control(t, s, "GET", "/", ""))
	if help.Credentials["ovh_consumer_key"] != ovh.ConsumerKey || len(help.Routes) == 0 {
		t.Errorf("help %+v", help)
	}
	for name, want := range map[string]int{
		ovh.ApplicationKey: 16, ovh.ApplicationSecret: 32, ovh.ConsumerKey: 32, ovh.ReadOnlyConsumerKey: 32,
	} {
		if len(name) != want {
			t.Errorf("%s has %d characters, want %d", name, len(name), want)
		}
	}
}

func TestScreensOverHTTP(t *testing.T) {
	s := start(t, Options{})
	ovhSend(t, s, job("un", "t", "+33639980101", "+33639980102"))
	ovhSend(t, s, job("deux", "t", "+33639980101"))
	if err := s.Reply("+33639980102", "", "oui"); err != nil {
		t.Fatal(err)
	}
	screens := decode[[]world.Screen](t, control(t, s, "GET", "/screens?count=1&with=%2B33639980103&with=%2B33639980102", ""))
	var got []string
	for _, screen := range screens {
		line := screen.Number
		for _, text := range screen.Texts {
			line += " " + text.Text
		}
		for _, said := range screen.Said {
			line += " said:" + said.Text
		}
		got = append(got, line)
	}
	want := []string{"+33639980103", "+33639980102 un said:oui", "+33639980101 un deux"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"/screens?count=x", "/screens?count=-1", "/screens?count=51"} {
		if got := control(t, s, "GET", path, ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %+v", path, got)
		}
	}
}
