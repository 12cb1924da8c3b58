package ovh

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

func TestSubmitOne(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 200, accepted)
	m := message(testNumber)
	got, err := o.open(nil).Submit(t.Context(), []sms.Message{m})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]connector.Outcome{{ProviderID: "27814656"}}, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	want := `{"message":"Bonjour","receivers":["+33639980123"],"sender":"TownHall","noStopClause":true,` +
		`"priority":"medium","charset":"UTF-8","coding":"7bit","validityPeriod":2880,"tag":"` + m.ID.Ref() + `"}`
	if diff := cmp.Diff(want, o.lastBody(jobsRoute)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestSubmitNothing(t *testing.T) {
	o := newOperator(t)
	got, err := o.open(nil).Submit(t.Context(), nil)
	if len(got) != 0 || err != nil || len(o.calls) != 0 {
		t.Errorf("got %v, %v after %d calls", got, err, len(o.calls))
	}
}

func TestSubmitParameters(t *testing.T) {
	for _, tc := range []struct {
		name    string
		config  func(*Config)
		message func(*sms.Message)
		want    map[string]any // nil: absent
	}{
		{"otp", nil, func(m *sms.Message) { m.Class = sms.OTP }, map[string]any{"priority": "high", "noStopClause": true}},
		{"marketing", nil, func(m *sms.Message) { m.Class = sms.Marketing }, map[string]any{"priority": "low", "noStopClause": false}},
		{"sender of the message", nil, func(m *sms.Message) { m.Sender = "Library" }, map[string]any{"sender": "Library"}},
		{
			"short number wins over every sender", func(c *Config) { c.SenderForResponse = true },
			func(m *sms.Message) { m.Sender = "Library" },
			map[string]any{"senderForResponse": true, "sender": nil},
		},
		{"priority set", func(c *Config) { c.Priority = "veryLow" }, nil, map[string]any{"priority": "veryLow"}},
		{"class set", func(c *Config) { c.MessageClass = "phoneDisplay" }, nil, map[string]any{"class": "phoneDisplay"}},
		{"no class", nil, nil, map[string]any{"class": nil}},
		{
			"flash, whatever class is set", func(c *Config) { c.MessageClass = "phoneDisplay" },
			func(m *sms.Message) { m.Kind = sms.Flash },
			map[string]any{"class": "flash"},
		},
		{"unicode", nil, func(m *sms.Message) { m.Encoding = sms.UCS2 }, map[string]any{"coding": "8bit"}},
		{"alphabet not told", func(c *Config) { c.Coding = false }, nil, map[string]any{"coding": nil}},
		{"alphabet unknown", nil, func(m *sms.Message) { m.Encoding = "" }, map[string]any{"coding": nil}},
		{"no end of validity", nil, func(m *sms.Message) { m.ExpiresAt = time.Time{} }, map[string]any{"validityPeriod": nil}},
		{"validity rounded up", nil, func(m *sms.Message) { m.ExpiresAt = time.Now().Add(61 * time.Second) }, map[string]any{"validityPeriod": 2.0}},
		{"validity nearly over", nil, func(m *sms.Message) { m.ExpiresAt = time.Now().Add(-time.Second) }, map[string]any{"validityPeriod": 1.0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(jobsRoute, 200, accepted)
			m := message(testNumber)
			if tc.message != nil {
				tc.message(&m)
			}
			if _, err := o.open(tc.config).Submit(t.Context(), []sms.Message{m}); err != nil {
				t.Fatal(err)
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(o.lastBody(jobsRoute)), &body); err != nil {
				t.Fatal(err)
			}
			for field, want := range tc.want {
				if got, present := body[field]; got != want || present != (want != nil) {
					t.Errorf("%s is %v, want %v", field, got, want)
				}
			}
		})
	}
}

func TestSubmitTagAsUUID(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 200, accepted)
	m := message(testNumber)
	if _, err := o.open(
		func(c *Config) { c.Tag = TagUUID },
	).Submit(t.Context(), []sms.Message{m}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(o.lastBody(jobsRoute), `"tag":"`+m.ID.String()+`"`) {
		t.Error("the tag is not the UUID of the message")
	}
}

// The operator of the test checks the signature of the bytes that it received.
func TestSubmitSignsWhatItSends(t *testing.T) {
	for _, tc := range []struct{ name, text string }{
		{"accents", "Réunion à la mairie, Noël « demain » œuf"},
		{"emoji", "Bravo 🎉👩‍🚒"},
		{"markup", `<a href="x">& 'quotes' \ </a>`},
		{"line ends", "one\ntwo\r\nthree\u2028four"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(jobsRoute, 200, accepted)
			m := message(testNumber)
			m.Text = tc.text
			if _, err := o.open(nil).Submit(t.Context(), []sms.Message{m}); err != nil {
				t.Fatal(err)
			}
			var body struct{ Message string }
			if err := json.Unmarshal([]byte(o.lastBody(jobsRoute)), &body); err != nil {
				t.Fatal(err)
			}
			if body.Message != tc.text {
				t.Errorf("got %q, want %q", body.Message, tc.text)
			}
			if tc.name == "markup" && strings.Contains(o.lastBody(jobsRoute), `\u003c`) {
				t.Error("markup was escaped as for HTML")
			}
		})
	}
}

func TestSubmitAsUser(t *testing.T) {
	o := newOperator(t)
	route := "POST /1.0/sms/sms-ab12345-1/users/town%20hall/jobs"
	o.answer(route, 200, accepted)
	c := o.open(nil)
	c.jobs = c.account + "/users/town%20hall"
	got, err := c.Submit(t.Context(), []sms.Message{message(testNumber)})
	if err != nil || got[0].Err != nil || o.count(route) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if c.balance.last.Load() != nil {
		t.Error("the balance of a user's report was taken for the account's")
	}
}

func TestSubmitWithoutSender(t *testing.T) {
	o := newOperator(t)
	_, err := o.open(func(c *Config) {
		c.Sender = ""
	}).Submit(t.Context(), []sms.Message{message(testNumber)})
	if connector.FaultOf(err) != connector.Rejected || connector.CodeOf(err) != codeNoSender {
		t.Errorf("got %v", err)
	}
	if len(o.calls) != 0 {
		t.Errorf("%d calls were made", len(o.calls))
	}
}

func TestSubmitBatchTag(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 500, "")
	batch := []sms.Message{message("+33639980101"), message("+33639980102")}
	c := o.open(func(c *Config) { c.MaxBatch = 10 })
	for _, tc := range []struct {
		name       string
		submission sms.ID
		want       string
	}{
		{"submission", batch[0].Submission, `"tag":"` + batch[0].Submission.Ref() + `"`},
		{"none", sms.ID{}, `"validityPeriod":2880}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			batch[0].Submission = tc.submission
			if _, err := c.Submit(t.Context(), batch); connector.FaultOf(err) != connector.Uncertain ||
				err == nil {
				t.Fatalf("got %v", err)
			}
			if got := o.lastBody(jobsRoute); !strings.HasSuffix(got, tc.want+"}") &&
				!strings.HasSuffix(got, tc.want) {
				t.Errorf("body %s does not end with %s", got, tc.want)
			}
		})
	}
}
