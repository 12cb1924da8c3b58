package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	official "github.com/ovh/go-ovh/ovh"

	"relais/app"
	"relais/config"
	"relais/door/ovh"
	"relais/sandbox"
	"relais/store/sqlite"
)

// ovhClient is a program written for OVH, with the official client, in front of
// the whole gateway, which speaks to the simulated operators.
type ovhClient struct {
	*official.Client
	app      *app.App
	sandbox  *sandbox.Server
	logs     *logbook
	settings config.Config
	issued   *ovh.Issued
	service  string // path
}

func startOVHClient(t *testing.T) *ovhClient {
	t.Helper()
	return startOVHClientWith(t, "")
}

// startOVHClientWith has more in the configuration.
func startOVHClientWith(t *testing.T, more string) *ovhClient {
	t.Helper()
	c := &ovhClient{sandbox: simulate(t, sandbox.Options{})}
	c.app, c.settings, c.logs = run(t, func(data string) string {
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n[log]\nlevel = \"debug\"\n%s", data, c.sandbox.URL(), more)
	})
	c.admin(t, func(store *sqlite.Store) {
		seal, _, err := app.OVHSeal(t.Context(), c.settings, store)
		if err != nil {
			t.Fatal(err)
		}
		if c.issued, err = ovh.Issue(t.Context(), store, seal, ovh.Asked{
			Account: "sandbox", Name: "forms", Now: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
	})
	c.service = "/sms/" + c.issued.Service
	c.Client = c.with(t, c.issued.ConsumerKey)
	return c
}

// admin works on the database beside the running gateway, as commands do.
func (c *ovhClient) admin(t *testing.T, do func(*sqlite.Store)) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), c.settings.Data)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	do(store)
}

func (c *ovhClient) with(t *testing.T, consumer string) *official.Client {
	t.Helper()
	client, err := official.NewClient(c.app.URL()+"/ovh/1.0", c.issued.ApplicationKey,
		c.issued.ApplicationSecret, consumer)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

type ovhReport struct {
	IDs              []int64 `json:"ids"`
	ValidReceivers   []string
	InvalidReceivers []string
	Credits          float64 `json:"totalCreditsRemoved"`
}

func (c *ovhClient) job(t *testing.T, body map[string]any) ovhReport {
	t.Helper()
	var r ovhReport
	if err := c.Post(c.service+"/jobs", body, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (c *ovhClient) get(t *testing.T, path string, into any) {
	t.Helper()
	if err := c.Get(c.service+path, into); err != nil {
		t.Fatal(err)
	}
}

func wantOVHRefusal(t *testing.T, err error, status int, words string) {
	t.Helper()
	refusal, ok := errors.AsType[*official.APIError](err)
	if !ok || refusal.Code != status || !strings.Contains(refusal.Message, words) || refusal.QueryID == "" ||
		refusal.Class == "" {
		t.Errorf("got %v, want %d with %q, a class and a query id", err, status, words)
	}
}

type ovhOutgoing struct {
	DeliveryReceipt, Ptt int64
	Receiver, Tag        string
	DeliveredAt, SentAt  *time.Time
}

func TestGoOVHAccountsJobAndReceipt(t *testing.T) {
	t.Parallel()
	c := startOVHClient(t)
	var names []string
	if err := c.Get("/sms", &names); err != nil || !slices.Equal(names, []string{"sms-sandbox-1"}) {
		t.Fatalf("accounts %v, %v", names, err)
	}
	var account struct {
		Name, Status string
		CreditsLeft  float64
	}
	if c.get(t, "", &account); account.Name != "sms-sandbox-1" || account.Status != "enable" {
		t.Errorf("account %+v", account)
	}
	r := c.job(t, map[string]any{
		"message": "Élan € <b>&", "receivers": []string{"+33639980001", "0033639980050", "0639980003"},
		"noStopClause": true, "tag": "file 7",
		"senderForResponse": false, "priority": "high", "validityPeriod": 2880, "differedPeriod": 0,
		"charset": "UTF-8", "coding": "7bit", "class": "phoneDisplay",
	})
	if len(r.IDs) != 2 || !slices.Equal(r.InvalidReceivers, []string{"0639980003"}) ||
		!slices.Equal(r.ValidReceivers, []string{"+33639980001", "+33639980050"}) {
		t.Fatalf("report %+v", r)
	}
	var good, absent ovhOutgoing
	await(t, "the receipts", patience, func() bool {
		var ids []int64
		if c.get(t, "/outgoing?tag="+url.QueryEscape("file 7"), &ids); len(ids) != 2 {
			return false
		}
		c.get(t, fmt.Sprintf("/outgoing/%d", r.IDs[0]), &good)
		c.get(t, fmt.Sprintf("/outgoing/%d", r.IDs[1]), &absent)
		return good.DeliveryReceipt == 1 && absent.DeliveryReceipt == 2
	})
	if good.Ptt != 4 || good.Receiver != "+33639980001" || good.Tag != "file 7" || good.DeliveredAt == nil ||
		good.SentAt == nil {
		t.Errorf("delivered: %+v", good)
	}
	if absent.Ptt != 24 || absent.DeliveredAt != nil {
		t.Errorf("absent: %+v", absent)
	}
	if got := c.sandbox.Handset("+33639980001"); len(got) != 1 || got[0].Text != "Élan € <b>&" {
		t.Errorf("handset %+v", got)
	}
	var jobs []int64
	if c.get(t, "/jobs", &jobs); len(jobs) > 0 {
		t.Errorf("jobs %v", jobs)
	}
	if strings.Contains(c.logs.String(), "3363998") {
		t.Error("the log holds a number")
	}
}

func TestGoOVHScheduledAndCanceled(t *testing.T) {
	t.Parallel()
	c := startOVHClient(t)
	r := c.job(t, map[string]any{
		"message": "Demain", "receivers": []string{"+33639980001"},
		"noStopClause": true, "differedPeriod": 60,
	})
	var jobs []int64
	if c.get(t, "/jobs", &jobs); !slices.Equal(jobs, r.IDs) {
		t.Fatalf("jobs %v, want %v", jobs, r.IDs)
	}
	if err := c.Delete(fmt.Sprintf("%s/jobs/%d", c.service, r.IDs[0]), nil); err != nil {
		t.Fatal(err)
	}
	wantOVHRefusal(t, c.Get(fmt.Sprintf("%s/jobs/%d", c.service, r.IDs[0]), nil), 404, "does not exist")
	wantOVHRefusal(t, c.Post(c.service+"/receivers", map[string]any{"slotId": 1}, nil), 501,
		"Relais does not have")
	wantOVHRefusal(t, c.Post(c.service+"/jobs",
		map[string]any{
			"message": "a", "receivers": []string{"+33639980001"}, "sender": "Trop long pour un nom",
		}, nil), 400, "sender")
}

func TestGoOVHIncomingAndBlacklist(t *testing.T) {
	t.Parallel()
	c := startOVHClient(t)
	const person = "+33639980001"
	c.job(t, map[string]any{
		"message": "Venez-vous ?", "receivers": []string{person}, "noStopClause": true,
		"senderForResponse": true, "tag": "meal",
	})
	await(t, "the text", patience, func() bool { return len(c.sandbox.Handset(person)) == 1 })
	for _, text := range []string{"Oui, à 3", "STOP"} {
		if err := c.sandbox.Reply(person, "", text); err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	var numbers []string
	await(t, "the reply and the STOP", patience, func() bool {
		c.get(t, "/incoming?tag=meal", &ids)
		c.get(t, "/blacklists", &numbers)
		return len(ids) == 1 && len(numbers) == 1 // a STOP is no incoming SMS at OVH
	})
	var reply struct {
		Message, Sender, Tag string
		CreationDatetime     time.Time
	}
	c.get(t, fmt.Sprintf("/incoming/%d", ids[0]), &reply)
	if reply.Message != "Oui, à 3" || reply.Sender != person || reply.Tag != "meal" ||
		time.Since(reply.CreationDatetime) > time.Minute {
		t.Errorf("reply %+v", reply)
	}
	if !slices.Equal(numbers, []string{person}) {
		t.Errorf("blacklist %v", numbers)
	}
	if r := c.job(t, map[string]any{"message": "Soldes", "receivers": []string{person}}); len(r.IDs) > 0 ||
		!slices.Equal(r.InvalidReceivers, []string{person}) {
		t.Errorf("advertising to one who said STOP: %+v", r)
	}
	var entry struct{ SMSOutgoingID *int64 }
	if c.get(t, "/blacklists/"+url.PathEscape(person), &entry); entry.SMSOutgoingID == nil {
		t.Error("the entry does not name the message that was answered")
	}
	if err := c.Delete(c.service+"/blacklists/"+url.PathEscape(person), nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(fmt.Sprintf("%s/incoming/%d", c.service, ids[0]), nil); err != nil {
		t.Fatal(err)
	}
	if c.get(t, "/incoming", &ids); len(ids) > 0 {
		t.Errorf("incoming after one was deleted: %v", ids)
	}
}

func TestGoOVHCredentialFlow(t *testing.T) {
	t.Parallel()
	c := startOVHClient(t)
	client := c.with(t, "")
	asked := client.NewCkRequest()
	asked.AddRecursiveRules(official.ReadOnly, "/sms")
	state, err := asked.Do()
	if err != nil || state.State != "pendingValidation" ||
		!strings.HasPrefix(state.ValidationURL, c.app.URL()) {
		t.Fatalf("%+v, %v", state, err)
	}
	wantOVHRefusal(t, client.Get("/sms", nil), 403, "This credential is not valid")
	_, token, _ := strings.Cut(state.ValidationURL, "credentialToken=")
	c.admin(t, func(store *sqlite.Store) {
		if _, err := ovh.Validate(
			t.Context(), store, token, time.Now(), time.Now().Add(time.Hour),
		); err != nil {
			t.Fatal(err)
		}
	})
	var names []string
	if err := client.Get("/sms", &names); err != nil || len(names) != 1 {
		t.Errorf("accounts %v, %v", names, err)
	}
	wantOVHRefusal(t, client.Post(c.service+"/jobs", map[string]any{"message": "a"}, nil), 403,
		"This call has not been granted")
	var current struct {
		Status     string
		Expiration *time.Time
		Rules      []struct{ Method, Path string }
	}
	if err := client.Get("/auth/currentCredential", &current); err != nil || current.Status != "validated" ||
		current.Expiration == nil || len(current.Rules) != 2 {
		t.Errorf("%+v, %v", current, err)
	}
	if err := client.Post("/auth/logout", nil, nil); err != nil {
		t.Fatal(err)
	}
	wantOVHRefusal(t, client.Get("/sms", nil), 403, "This credential is not valid")
	wrong, err := official.NewClient(c.app.URL()+"/ovh/1.0", c.issued.ApplicationKey,
		"wrong", c.issued.ConsumerKey)
	if err != nil {
		t.Fatal(err)
	}
	wantOVHRefusal(t, wrong.Get("/sms", nil), 400, "Invalid signature")
	if logged := c.logs.String(); strings.Contains(logged, c.issued.ApplicationSecret) ||
		!strings.Contains(logged, fmt.Sprint("application=", c.issued.ApplicationID)) {
		t.Error("the log does not tell the application, or tells its secret")
	}
}

// TestHTTP2SMSReachesTheHandset: one GET with the login of a user, and what the
// API of OVH tells of it afterwards.
func TestHTTP2SMSReachesTheHandset(t *testing.T) {
	t.Parallel()
	c := startOVHClient(t)
	var login *ovh.Login
	c.admin(t, func(store *sqlite.Store) {
		_, derive, err := app.OVHSeal(t.Context(), c.settings, store)
		if err != nil {
			t.Fatal(err)
		}
		if login, err = ovh.IssueLogin(
			t.Context(), store, derive, "sandbox", "web", "", time.Now(),
		); err != nil {
			t.Fatal(err)
		}
	})
	query := url.Values{
		"account": {login.Service}, "login": {"web"}, "password": {login.Password}, "from": {"RELAIS"}, "to": {"0033639980001"},
		"message": {"Élan €"}, "noStop": {"1"}, "contentType": {"application/json"}, "tag": {"t1"},
	}
	answer, err := http.Get(c.app.URL() + "/cgi-bin/sms/http2sms.cgi?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body struct {
		Status int
		SMSIds []string `json:"SmsIds"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.Status != 100 ||
		len(body.SMSIds) != 1 {
		t.Fatalf("%+v, %v", body, err)
	}
	var got ovhOutgoing
	await(t, "the receipt", patience, func() bool {
		var ids []int64
		if c.get(t, "/users/web/outgoing", &ids); len(ids) != 1 {
			return false
		}
		c.get(t, "/users/web/outgoing/"+body.SMSIds[0], &got)
		return got.DeliveryReceipt == 1
	})
	if texts := c.sandbox.Handset("+33639980001"); len(texts) != 1 || texts[0].Text != "Élan €" ||
		got.Tag != "t1" {
		t.Errorf("handset %+v, outgoing %+v", texts, got)
	}
	if strings.Contains(c.logs.String(), login.Password) {
		t.Error("the log holds the password")
	}
}
