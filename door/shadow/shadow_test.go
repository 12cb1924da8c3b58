package shadow_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/shadow"
	"relais/sms"
)

// TestRequestGoesAsItCame: method, path below the old base, raw query, headers
// and body there; status, type and body back.
func TestRequestGoesAsItCame(t *testing.T) {
	t.Parallel()
	s := open(t, func(*shadow.Options) {})
	query := "?orig=a+b&x=%2b;&apikey=" + pass // a semicolon is no parameter in Go
	body := order("Bonjour", "0639980001")
	for _, tc := range []struct {
		name, target string
		answer       reply
	}{
		{"a success", "/passerelle/town/send/" + query, reply{200, []string{"application/json"}, "{\"err\": 0}\n  \n"}},
		{"the old shape", "/sfr-dmc/mairie/send" + query, reply{200, []string{"application/json"}, `{"err": 1, "err_desc": "no"}`}},
		{"no type", "/passerelle/town/send" + query, reply{403, nil, "<html>"}},
		{"a redirect", "/passerelle/town/send" + query, reply{302, []string{"text/html"}, ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kind := ""
			if len(tc.answer.kind) > 0 {
				kind = tc.answer.kind[0]
			}
			s.old.will(says(tc.answer.status, kind, tc.answer.body))
			got := s.call(http.MethodPost, tc.target, body, "Publik-Caller-URL", "https://forms.example/1",
				"X-Forwarded-For", "192.0.2.1", "Connection", "X-Hop", "X-Hop", "1")
			if diff := cmp.Diff(tc.answer, got, cmp.AllowUnexported(reply{})); diff != "" {
				t.Errorf("answer (-old +caller):\n%s", diff)
			}
			came := s.old.requests()
			r := came[len(came)-1]
			_, path, _ := strings.Cut(strings.TrimSuffix(tc.target, query), "/send")
			if want := "/ovh/old%2Ftown/send" + path + query; r.RequestURI != want ||
				r.Method != http.MethodPost {
				t.Errorf("it went to %s %s, want %s", r.Method, r.RequestURI, want)
			}
			if s.old.bodies[len(s.old.bodies)-1] != body || r.ContentLength != int64(len(body)) {
				t.Error("the body is another one")
			}
			if r.Header.Get("Publik-Caller-URL") == "" || r.Header.Get("X-Hop") != "" ||
				r.Header.Get("X-Forwarded-For") != "192.0.2.1, 127.0.0.1" {
				t.Errorf("headers: %v", r.Header)
			}
		})
	}
	s.nothingStored()
}

// TestVerdicts compares what both gateways say of one request.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	good, tooLong := order("Bonjour", "0639980001",
		"0639980002"), order(strings.Repeat("ê€", 100), "0639980001")
	accepted := says(http.StatusOK, "application/json", `{"err": 0, "warn": {}}`)
	sendsms := "/cgi-bin/sendsms?username=relay&text=Bonjour&to=%2B33639980001+12&password="
	recipient := func(to, old, ours string) []shadow.Difference {
		return []shadow.Difference{{What: "recipient", To: to, Old: old, Ours: ours}}
	}
	request := func(old, ours string) []shadow.Difference {
		return []shadow.Difference{{What: "request", Old: old, Ours: ours}}
	}
	plan := func(messages int) *shadow.Plan {
		return &shadow.Plan{
			Messages: messages, Segments: messages, Encodings: map[string]int{"gsm7": messages},
			Connectors: map[string]int{"ovh": messages},
			Families:   map[string]int{"fr-metro": messages},
			Senders:    map[string]int{"alphanumeric": messages},
		}
	}
	ofKannel := plan(1)
	ofKannel.Senders = map[string]int{"none": 1}
	cut := plan(1)
	cut.Segments, cut.Changes = 2, map[string]int{"text_cut": 1}
	for _, tc := range []struct {
		name, method, target, body string
		old                        func(http.ResponseWriter, *http.Request)
		verdict                    shadow.Verdict
		found                      shadow.Found
	}{
		{
			name: "both accept", method: http.MethodPost, target: sendTown, body: good, old: accepted,
			verdict: shadow.Same, found: shadow.Found{OldStatus: 200, OurStatus: 200, Plan: plan(2)},
		},
		{
			name: "both accept, in gzip", method: http.MethodPost, target: sendTown, body: good,
			old:     packed(t, `{"err": 0}`),
			verdict: shadow.Same,
		},
		{
			name: "both leave a number out, written in two ways", method: http.MethodPost, target: sendTown,
			body: order("Bonjour", "0639980001", "0692 12 34 56"), verdict: shadow.Same,
			old: says(http.StatusOK, "application/json",
				`{"err": 0, "warn": {"deny foreign phone numbers": "00262692123456"}}`),
			found: shadow.Found{OldStatus: 200, OurStatus: 200, Plan: plan(1)},
		},
		{
			name: "we leave a number out", method: http.MethodPost, target: sendTown,
			body: order("Bonjour", "0639980001", "0692123456"), old: accepted,
			verdict: shadow.Differs, found: shadow.Found{
				OldStatus: 200, OurStatus: 200, Plan: plan(1),
				Differences: recipient("+26**********", "accepted", "refused: deny foreign phone numbers"),
			},
		},
		{
			name: "a number that is none", method: http.MethodPost, target: sendTown,
			body: order("Bonjour", "0639980001", "12"), old: accepted,
			verdict: shadow.Differs, found: shadow.Found{
				OldStatus: 200, OurStatus: 200, Plan: plan(1),
				Differences: recipient("***", "accepted", "refused: number_too_short"),
			},
		},
		{
			name: "it left a number out", method: http.MethodPost, target: sendTown, body: good,
			verdict: shadow.Differs,
			old: says(http.StatusOK, "application/json",
				`{"err": 0, "warn": {"deny premium rate phone numbers": "0639980002"}}`),
			found: shadow.Found{
				OldStatus: 200, OurStatus: 200, Plan: plan(2),
				Differences: recipient("+33*********",
					"refused: deny premium rate phone numbers", "accepted"),
			},
		},
		{
			name: "we would refuse the caller", method: http.MethodPost,
			target: "/passerelle/town/send/?apikey=other", body: good, old: accepted,
			verdict: shadow.Differs, found: shadow.Found{
				OldStatus: 200, OurStatus: 403, Differences: request("accepted", "refused: status 403"),
			},
		},
		{
			name: "we would refuse the text", method: http.MethodPost, target: sendTown,
			body: tooLong, old: accepted,
			verdict: shadow.Differs, found: shadow.Found{
				OldStatus: 200, OurStatus: 400, Differences: request("accepted", "refused: text_too_long"),
			},
		},
		{
			name: "it refused, with 200", method: http.MethodPost, target: sendTown, body: good,
			verdict: shadow.Differs,
			old:     says(http.StatusOK, "application/json", `{"err": 1, "err_desc": "no"}`),
			found: shadow.Found{
				OldStatus: 200, OurStatus: 200, Plan: plan(2), Differences: request("refused", "accepted"),
			},
		},
		{
			name: "what we would change", method: http.MethodPost, target: sendTown,
			body: order(strings.Repeat("a", 250), "+33639980001"), verdict: shadow.Differs,
			old: says(http.StatusOK, "application/json", `{"err": 1}`),
			found: shadow.Found{
				OldStatus: 200, OurStatus: 200, Plan: cut, Differences: request("refused", "accepted"),
			},
		},
		{
			name: "both refuse", method: http.MethodPost, target: "/passerelle/town/send/", body: good,
			verdict: shadow.Same,
			old:     says(http.StatusForbidden, "text/html", "<h1>403</h1>"),
			found:   shadow.Found{OldStatus: 403, OurStatus: 403},
		},
		{
			name: "nobody can read it", method: http.MethodPost, target: sendTown, body: good,
			verdict: shadow.NotComparable,
			old:     says(http.StatusOK, "text/html", "hello"),
			found:   shadow.Found{OldStatus: 200, OurStatus: 200, Plan: plan(2), Why: "answer_unknown"},
		},
		{
			name: "it failed", method: http.MethodPost, target: sendTown, body: good,
			verdict: shadow.OldFailed,
			old:     says(http.StatusBadGateway, "", "x"),
			found:   shadow.Found{OldStatus: 502, OurStatus: 200, Plan: plan(2), Why: "status_502"},
		},
		{
			name: "Kannel, both accept one", method: http.MethodGet, target: sendsms + pass,
			verdict: shadow.Same,
			old: says(http.StatusAccepted, "text/html",
				"0: Accepted for delivery. Denied receivers are: 12"),
			found: shadow.Found{OldStatus: 202, OurStatus: 202, Plan: ofKannel},
		},
		{
			name: "Kannel takes any number", method: http.MethodGet, target: sendsms + pass,
			verdict: shadow.Differs,
			old:     says(http.StatusAccepted, "text/html", "3: Queued for later delivery"),
			found: shadow.Found{
				OldStatus: 202, OurStatus: 202, Plan: ofKannel,
				Differences: recipient("***", "accepted", "refused: number_too_short"),
			},
		},
		{
			name: "Kannel, another password", method: http.MethodGet, target: sendsms,
			verdict: shadow.Differs,
			old:     says(http.StatusAccepted, "text/html", "0: Accepted for delivery"),
			found: shadow.Found{
				OldStatus: 202, OurStatus: 403, Differences: request("accepted", "refused: status 403"),
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(*shadow.Options) {})
			s.old.will(tc.old)
			s.call(tc.method, tc.target, tc.body)
			counts, others := s.compared()
			if len(counts) != 1 || counts[0].Verdict != tc.verdict || counts[0].Requests != 1 ||
				counts[0].Account != "default" {
				t.Fatalf("counts %+v of %+v, want one that is %s", counts, others, tc.verdict)
			}
			if tc.verdict != shadow.Same {
				if diff := cmp.Diff(tc.found, others[0].Found); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			}
			s.nothingStored()
			s.counted(counts[0].Door, tc.verdict)
		})
	}
}

// counted wants one request of a door in the metrics, with its verdict.
func (s *site) counted(door string, verdict shadow.Verdict) {
	s.t.Helper()
	families, err := s.metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "relais_shadow_total" {
			continue
		}
		labels := family.GetMetric()[0].GetLabel() // by name
		if labels[0].GetValue() == door && labels[1].GetValue() == string(verdict) &&
			family.GetMetric()[0].GetCounter().GetValue() == 1 {
			return
		}
	}
	s.t.Errorf("relais_shadow_total does not count one %s of %s", verdict, door)
}

// TestOldGatewayIsDead: nobody hears an acceptance of ours.
func TestOldGatewayIsDead(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	for _, tc := range []struct {
		name   string
		old    func(http.ResponseWriter, *http.Request)
		status int
		why    string
	}{
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}, http.StatusGatewayTimeout, "timeout"},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, http.StatusBadGateway, "no_answer"},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"err": 0`)
		}, http.StatusBadGateway, "no_answer"},
		{"gone", nil, http.StatusBadGateway, "no_connection"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t, func(o *shadow.Options) { o.Patience = 2 * time.Second })
			if s.old.will(tc.old); tc.old == nil {
				s.old.Close()
			}
			got := s.call(http.MethodPost, sendTown, order("Bonjour", "0639980001"))
			if got.status != tc.status || !strings.Contains(got.body, `"err":1`) {
				t.Errorf("answer %+v, want %d in Passerelle's words", got, tc.status)
			}
			if got = s.call(http.MethodGet, "/cgi-bin/sendsms?username=relay&password="+pass+"&to=%2B33639980001&text=Bonjour", ""); got.status != tc.status || strings.Contains(got.body, "Accepted") {
				t.Errorf("answer %+v, want %d", got, tc.status)
			}
			_, others := s.compared()
			if len(others) != 2 || others[0].Verdict != shadow.OldFailed || others[0].Found.Why != tc.why ||
				others[0].Found.Plan == nil {
				t.Errorf("rows %+v, want two of %s", others, tc.why)
			}
			s.nothingStored()
			if n := len(s.old.requests()); tc.old != nil && n != 2 {
				t.Errorf("the old gateway was called %d times for 2 requests", n)
			}
		})
	}
}

// TestWhatIsNotCompared is forwarded all the same, or ours.
func TestWhatIsNotCompared(t *testing.T) {
	t.Parallel()
	s := open(t, func(*shadow.Options) {})
	s.old.will(says(http.StatusTeapot, "text/plain", "old"))
	for _, tc := range []struct {
		name, method, target, body string
		want                       int
	}{
		{"the state of an instance", http.MethodGet, "/passerelle/town/up", "", http.StatusTeapot},
		{"another method", http.MethodPut, "/passerelle/town/send", "", http.StatusTeapot},
		{"another instance", http.MethodPost, "/passerelle/ours/send", order("Bonjour", "0639980001"), http.StatusOK},
		{"no instance", http.MethodPost, "/passerelle/nowhere/send", "", http.StatusNotFound},
		{"another user", http.MethodGet, "/cgi-bin/sendsms?username=who", "", http.StatusForbidden},
		{"too large", http.MethodPost, sendTown, strings.Repeat("x", 10<<20+1), http.StatusRequestEntityTooLarge},
		{"too large for ours", http.MethodPost, "/passerelle/ours/send", strings.Repeat("x", 10<<20+1), http.StatusRequestEntityTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := s.call(tc.method, tc.target, tc.body); got.status != tc.want {
				t.Errorf("answer %+v, want %d", got, tc.want)
			}
		})
	}
	if counts, _ := s.compared(); len(counts) > 0 {
		t.Errorf("compared: %+v", counts)
	}
	s.old.will(says(http.StatusOK, "application/json", `{"err": 0}`)) // the keeper has stopped: no room
	if got := s.call(http.MethodPost, sendTown, order("Bonjour", "0639980001")); got.status != http.StatusOK {
		t.Errorf("answer %+v", got)
	}
	s.counted("passerelle", shadow.NotComparable)
}

// TestAddressOfItself ends where a request would go round for ever.
func TestAddressOfItself(t *testing.T) {
	t.Parallel()
	s := open(t, func(*shadow.Options) {})
	s.old.will(func(w http.ResponseWriter, r *http.Request) {
		again, err := http.NewRequestWithContext(r.Context(), r.Method, s.url+sendTown, bytes.NewReader(nil))
		if err != nil {
			t.Error(err)
			return
		}
		again.Header = r.Header.Clone()
		answer, err := http.DefaultTransport.RoundTrip(again)
		if err != nil {
			t.Error(err)
			return
		}
		answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
	})
	if got := s.call(
		http.MethodPost, sendTown, order("Bonjour", "0639980001"),
	); got.status != http.StatusBadGateway {
		t.Errorf("answer %+v, want 502", got)
	}
	if n := len(s.old.requests()); n != 1 {
		t.Errorf("it went round %d times", n)
	}
}

// TestPrune drops what is old, in steps.
func TestPrune(t *testing.T) {
	t.Parallel()
	s := open(t, func(*shadow.Options) {})
	now := time.Now()
	const old = 700
	for i := range old + 1 {
		at := now.Add(-31 * 24 * time.Hour)
		if i == old {
			at = now
		}
		if err := s.store.KeepShadow(t.Context(), shadow.Row{
			ID: sms.NewID(at), Account: "default", Door: "kannel", At: at, Verdict: shadow.Differs,
		}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.keeper.Prune(ctx)
	}()
	left := func() int {
		counts, err := s.store.CountShadows(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return counts[0].Requests
	}
	for deadline := time.After(time.Minute); left() > 1; {
		select {
		case <-deadline:
			t.Fatalf("%d rows left, want 1", left())
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	<-done
}
