package sandbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

// seen is what a client sees of one submit call.
type seen struct {
	status int
	taken  bool
	body   string // a part of it
	broken bool   // the connection ended early
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		kind     string
		ovh, dmc seen
	}{
		{world.FaultHTTP500, seen{500, false, "Server::InternalServerError", false}, seen{500, false, "<h1>HTTP Status 500", false}},
		{world.FaultHTTP503, seen{503, false, "Server::ServiceUnavailable", false}, seen{503, false, "<h1>HTTP Status 503", false}},
		{world.FaultThrottle, seen{429, false, "Too many requests", false}, seen{429, false, "<h1>HTTP Status 429", false}},
		{world.FaultNoCredit, seen{403, false, "Insufficient credits", false}, seen{200, false, "option_quota_overflowed", false}},
		{world.FaultHTML, seen{200, false, "<h1>502", false}, seen{200, false, "<h1>502", false}},
		{world.FaultResetBefore, seen{0, false, "", true}, seen{0, false, "", true}},
		{world.FaultResetAfterAccept, seen{0, true, "", true}, seen{0, true, "", true}},
		{world.FaultTimeoutAfterAccept, seen{0, true, "", true}, seen{0, true, "", true}},
		{world.FaultBadJSON, seen{200, true, "Proxy: ", false}, seen{200, true, "Proxy: ", false}},
		{world.FaultEmpty, seen{200, true, "", false}, seen{200, true, "", false}},
		{world.FaultCut, seen{200, true, "", true}, seen{200, true, "", true}},
		{world.FaultSlow, seen{200, true, "ids", false}, seen{200, true, "response", false}},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			s := start(t, Options{})
			for _, operator := range []string{world.OVH, world.DMC} {
				want := tc.ovh
				if operator == world.DMC {
					want = tc.dmc
				}
				checkFault(t, s, world.Fault{Operator: operator, Kind: tc.kind, DelayMS: 20}, want)
			}
		})
	}
}

func checkFault(t *testing.T, s *Server, f world.Fault, want seen) {
	t.Helper()
	const number = "+33639980101"
	if err := s.SetFault(f); err != nil {
		t.Fatal(err)
	}
	before := len(s.Handset(number))
	submit := func() reply {
		if f.Operator == world.OVH {
			return ovhCall(t, s, "POST", jobsPath, job("a", "", number))
		}
		return dmcPost(t, s, addCall, "messageUnitaire", unit("SMS", "a", number, dmc.Sender, ""))
	}
	first := submit()
	if first.status != want.status || !strings.Contains(first.body, want.body) ||
		isReset(first) != want.broken {
		t.Errorf("%s: got %+v, want %+v", f.Operator, first, want)
	}
	if want.body == "" && !want.broken && first.body != "" {
		t.Errorf("%s: got a body %q", f.Operator, first.body)
	}
	if (first.header.Get("Retry-After") == "1") != (f.Kind == world.FaultThrottle) {
		t.Errorf("%s: Retry-After %q", f.Operator, first.header.Get("Retry-After"))
	}
	if taken := len(s.Handset(number)) > before; taken != want.taken {
		t.Errorf("%s: taken is %v", f.Operator, taken)
	}
	if second := submit(); second.status != 200 || second.err != nil ||
		!strings.Contains(second.body, "tru") && !strings.Contains(second.body, "ids") {
		t.Errorf("%s: after the fault %+v", f.Operator, second)
	}
}

func TestResetIsAReset(t *testing.T) {
	s := start(t, Options{})
	if err := s.SetFault(world.Fault{Operator: world.DMC, Kind: world.FaultResetAfterAccept}); err != nil {
		t.Fatal(err)
	}
	got := dmcPost(t, s, addCall, "messageUnitaire", unit("SMS", "a", "0639980101", dmc.Sender, ""))
	if got.err == nil || !strings.Contains(got.err.Error(), "reset by peer") {
		t.Errorf("got %+v", got)
	}
}

func TestFaultSparesOtherCalls(t *testing.T) {
	s := start(t, Options{})
	for _, kind := range []string{world.FaultHTTP500, world.FaultBadJSON} {
		if err := s.SetFault(world.Fault{Operator: world.OVH, Kind: kind}); err != nil {
			t.Fatal(err)
		}
		if got := ovhCall(t, s, "GET", "/sms", ""); got.status != 200 {
			t.Errorf("%s met a read: %+v", kind, got)
		}
		dmcSend(t, s, unit("SMS", "a", "0639980101", dmc.Sender, ""))
		s.ClearFaults()
	}
	if err := s.SetFault(world.Fault{
		Operator: world.OVH, Kind: world.FaultHTTP500, Scope: "all",
	}); err != nil {
		t.Fatal(err)
	}
	if got := ovhCall(t, s, "GET", "/sms", ""); got.status != 500 {
		t.Errorf("scope all spared a read: %+v", got)
	}
}

func TestFaultAfterAcceptIsNotSpentOnARefusal(t *testing.T) {
	s := start(t, Options{})
	if err := s.SetFault(world.Fault{Operator: world.OVH, Kind: world.FaultEmpty}); err != nil {
		t.Fatal(err)
	}
	if got := ovhCall(t, s, "POST", jobsPath, `{}`); got.status != 400 {
		t.Errorf("refusal: %+v", got)
	}
	if got := s.Faults(); len(got) != 1 || got[0].Left != 1 || got[0].Fired != 0 {
		t.Errorf("faults %+v", got)
	}
	if got := ovhCall(t, s, "POST", jobsPath, job("a", "", "+33639980101")); got.body != "" {
		t.Errorf("accept: %+v", got)
	}
	if got := s.Faults(); len(got) != 0 {
		t.Errorf("faults %+v", got)
	}
	if got := s.Stats().OVH.Faults; got != 1 {
		t.Errorf("%d faults counted", got)
	}
}

func TestFaultsComeInOrderAndByRate(t *testing.T) {
	s := start(t, Options{})
	for _, f := range []world.Fault{
		{Operator: world.OVH, Kind: world.FaultHTTP503, Count: 2},
		{Operator: world.OVH, Kind: world.FaultThrottle},
		{Operator: world.OVH, Kind: world.FaultHTTP500, Rate: 0.5},
	} {
		if err := s.SetFault(f); err != nil {
			t.Fatal(err)
		}
	}
	var statuses []int
	for range 3 {
		statuses = append(statuses, ovhCall(t, s, "POST", jobsPath, job("a", "", "+33639980101")).status)
	}
	if diff := cmp.Diff([]int{503, 503, 429}, statuses); diff != "" {
		t.Error(diff)
	}
	count := map[int]int{}
	for range 60 {
		count[ovhCall(t, s, "POST", jobsPath, job("a", "", "+33639980101")).status]++
	}
	if count[500] < 15 || count[200] < 15 || count[500]+count[200] != 60 {
		t.Errorf("a rate of one half gave %v", count)
	}
}

func TestTimeoutEndsWhenTheClientGoes(t *testing.T) {
	held := make(chan struct{}, 1)
	s := start(t, Options{held: held})
	// one minute
	if err := s.SetFault(world.Fault{Operator: world.OVH, Kind: world.FaultTimeoutAfterAccept}); err != nil {
		t.Fatal(err)
	}
	req := ovhRequest(t, s, ovh.ConsumerKey, "POST", jobsPath, job("a", "", "+33639980101"))
	conn, err := net.Dial("tcp", req.URL.Host)
	if err != nil {
		t.Fatal(err)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	<-held
	conn.Close()
	if err := s.Stop(t.Context()); err != nil { // waits for the call; the test's own limit would end it
		t.Error(err)
	}
	if got := len(s.Handset("+33639980101")); got != 1 {
		t.Errorf("%d texts, want 1", got)
	}
}

func TestOutageRefusesConnections(t *testing.T) {
	s := start(t, Options{})
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	get := func() error {
		resp, err := client.Do(request(t, "GET", s.URL()+"/stats", ""))
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return err
	}
	if err := get(); err != nil {
		t.Fatal(err)
	}
	got := control(t, s, "PUT", "/faults", `{"operator":"sfr","kind":"refuse_connection","delay_ms":60000}`)
	if got.status != 200 {
		t.Fatalf("order: %+v", got)
	}
	for range 3 {
		if err := get(); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("during the outage: %v", err)
		}
	}
	s.ClearFaults()
	waitUntilUp(t, s)
	if err := get(); err != nil {
		t.Errorf("after the outage: %v", err)
	}
}

func TestOutageEndsByItself(t *testing.T) {
	s := start(t, Options{})
	for range 2 {
		if err := s.SetFault(world.Fault{
			Operator: world.OVH, Kind: world.FaultRefuseConnection, DelayMS: 10,
		}); err != nil {
			t.Fatal(err)
		}
		waitUntilUp(t, s)
	}
}

func TestStopDuringAnOutage(t *testing.T) {
	s := start(t, Options{})
	if err := s.SetFault(world.Fault{
		Operator: world.OVH, Kind: world.FaultRefuseConnection, DelayMS: 60_000,
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// waitUntilUp dials until the sandbox listens again.
func waitUntilUp(t *testing.T, s *Server) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
		if err == nil {
			conn.Close()
			return
		}
	}
	t.Fatal("the sandbox does not listen again")
}

func TestFaultIsRefused(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		name  string
		fault world.Fault
		field string
	}{
		{"operator", world.Fault{Operator: "orange", Kind: world.FaultHTML}, "operator"},
		{"kind", world.Fault{Operator: world.OVH, Kind: "fire"}, "kind"},
		{"count", world.Fault{Operator: world.OVH, Kind: world.FaultHTML, Count: -1}, "count"},
		{"rate", world.Fault{Operator: world.OVH, Kind: world.FaultHTML, Rate: 1.5}, "rate"},
		{"count and rate", world.Fault{Operator: world.OVH, Kind: world.FaultHTML, Count: 1, Rate: 1}, "rate"},
		{"delay", world.Fault{Operator: world.OVH, Kind: world.FaultSlow, DelayMS: -1}, "delay_ms"},
		{"scope", world.Fault{Operator: world.OVH, Kind: world.FaultHTML, Scope: "some"}, "scope"},
		{"scope of a kind", world.Fault{Operator: world.OVH, Kind: world.FaultHTML, Scope: "all"}, "scope"},
		{"many outages", world.Fault{Operator: world.OVH, Kind: world.FaultRefuseConnection, Count: 2}, "count"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := s.SetFault(tc.fault)
			if wrong, ok := errors.AsType[*world.FaultError](err); !ok || wrong.Field != tc.field {
				t.Errorf("got %v, want a fault in %s", err, tc.field)
			}
		})
	}
}
