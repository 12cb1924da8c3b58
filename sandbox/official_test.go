package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ovh/go-ovh/ovh"

	"relais/sandbox"
	simovh "relais/sandbox/ovh"
)

type officialReport struct {
	IDs              []int64  `json:"ids"`
	ValidReceivers   []string `json:"validReceivers"`
	InvalidReceivers []string `json:"invalidReceivers"`
	Credits          float64  `json:"totalCreditsRemoved"`
}

func officialClient(t *testing.T, consumer string) (*sandbox.Server, *ovh.Client) {
	t.Helper()
	s, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, err := ovh.NewClient(s.URL()+"/ovh/1.0", simovh.ApplicationKey,
		simovh.ApplicationSecret, consumer)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func refused(t *testing.T, err error, status int, message string) {
	t.Helper()
	var refusal *ovh.APIError
	if !errors.As(err, &refusal) || refusal.Code != status || refusal.Message != message {
		t.Errorf("got %v, want %d %s", err, status, message)
	} else if refusal.QueryID == "" {
		t.Error("no query id")
	}
}

func TestAccountsAndJob(t *testing.T) {
	s, c := officialClient(t, simovh.ConsumerKey)
	var accounts []string
	if err := c.Get("/sms", &accounts); err != nil ||
		!slices.Equal(accounts, []string{simovh.Service, simovh.SecondService}) {
		t.Fatalf("accounts %v, %v", accounts, err)
	}
	var r officialReport
	body := map[string]any{
		"message": "Élan €", "receivers": []string{"+33639980101"}, "sender": "RELAIS",
		"noStopClause": true, "tag": "t1",
	}
	if err := c.Post("/sms/"+simovh.Service+"/jobs", body, &r); err != nil || len(r.IDs) != 1 {
		t.Fatalf("report %+v, %v", r, err)
	}
	if got := s.Handset("+33639980101"); len(got) != 1 || got[0].Text != "Élan €" {
		t.Errorf("handset %+v", got)
	}
	var out []int64
	if err := c.Get("/v1/sms/"+simovh.Service+"/outgoing?tag=t1", &out); err != nil ||
		!slices.Equal(out, r.IDs) {
		t.Errorf("outgoing %v, %v", out, err)
	}
	if err := c.Put("/sms/"+simovh.Service, map[string]string{"description": "x"}, nil); err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	s, c := officialClient(t, simovh.ReadOnlyConsumerKey)
	refused(t, c.Post("/sms/"+simovh.Service+"/jobs", map[string]any{}, nil), 403,
		"This call has not been granted")
	wrong, _ := ovh.NewClient(s.URL()+"/ovh/1.0", simovh.ApplicationKey, "wrong", simovh.ConsumerKey)
	refused(t, wrong.Get("/sms", nil), 400, "Invalid signature")
	good, _ := ovh.NewClient(s.URL()+"/ovh/1.0", simovh.ApplicationKey, simovh.ApplicationSecret,
		simovh.ConsumerKey)
	if err := good.Get("/sms", &[]string{}); err != nil {
		t.Fatal(err)
	}
	s.SetClock(time.Now().Add(time.Hour)) // the client keeps its first delta
	refused(t, good.Get("/sms", nil), 400, "Query out of time")
}

func TestCredentialFlow(t *testing.T) {
	_, c := officialClient(t, "")
	ask := c.NewCkRequest()
	ask.AddRecursiveRules(ovh.ReadOnly, "/sms")
	state, err := ask.Do()
	if err != nil {
		t.Fatal(err)
	}
	refused(t, c.Get("/sms", nil), 403, "This credential is not valid")
	resp, err := http.Post(state.ValidationURL, "application/x-www-form-urlencoded",
		strings.NewReader("decision=validate"))
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(page), "validated") {
		t.Errorf("page %s", page)
	}
	if err := c.Get("/sms", &[]string{}); err != nil {
		t.Error(err)
	}
	if err := c.Post("/auth/logout", nil, nil); err != nil {
		t.Error(err)
	}
	refused(t, c.Get("/sms", nil), 403, "This credential is not valid")
}
