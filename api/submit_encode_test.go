package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// An answer is the same whether it is written by its types or without asking for them.
func TestAcceptedAnswer(t *testing.T) {
	now := time.Date(2026, 11, 30, 21, 4, 5, 678_900_000, time.FixedZone("", 3600))
	for _, tc := range []struct {
		name   string
		change func(*sms.Message)
	}{
		{"the least", func(*sms.Message) {}},
		{"everything", func(m *sms.Message) {
			m.Kind, m.Sender, m.Price, m.Routes, m.Reference = sms.Flash, "RELAIS", 141_000, []string{"ovh", "sfr"}, "a-7"
			m.Metadata = map[string]string{"a": "b"}
		}},
		{"one route", func(m *sms.Message) { m.Routes = []string{"ovh"} }},
		{"what JSON escapes", func(m *sms.Message) { m.Reference = "a\"b\\c\n<&>\x01é\u2028\x7f\xff" }},
		{"a binary message", func(m *sms.Message) { m.Kind, m.Text, m.Encoding = sms.Binary, "00:01", sms.Octet }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := sms.Message{
				ID: sms.NewID(now), To: "+33639980001", Status: sms.Queued, Reason: sms.CodeAccepted, Class: sms.OTP, Text: "Bonjour",
				Connector: "ovh", Encoding: sms.GSM7, Segments: 2, DueAt: now, ExpiresAt: now.Add(time.Hour), AcceptedAt: now, UpdatedAt: now,
			}
			tc.change(&m)
			r := &gateway.Result{Messages: []gateway.Draft{{Message: m}, {Message: m}}}
			want, err := encode(submitAnswerOf(r, "EUR", reason.English))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(appendAccepted(r, "EUR"))); diff != "" {
				t.Errorf("(-by its types +without):\n%s", diff)
			}
		})
	}
}

// later are the fields of a message that no answer to a submission has.
var later = []string{
	"text", "data", "udh", "text_removed", "provider_id", "receipt", "metadata", "submitted_at",
}

// A field that Message gets is written without asking for types too, or is known to come later.
func TestAcceptedAnswerHasEachField(t *testing.T) {
	now := time.Date(2026, 11, 30, 21, 4, 5, 0, time.UTC)
	m := sms.Message{
		ID: sms.NewID(now), To: "+33639980001", Status: sms.Queued, Reason: sms.CodeAccepted, Class: sms.OTP, Kind: sms.Flash, Sender: "RELAIS",
		Connector: "ovh", Encoding: sms.GSM7, Segments: 2, Price: 141_000, Routes: []string{"ovh"}, Reference: "a-7",
		DueAt: now, ExpiresAt: now, AcceptedAt: now, UpdatedAt: now,
	}
	var answer struct {
		Messages []map[string]any `json:"messages"`
	}
	if err := json.Unmarshal(appendAccepted(&gateway.Result{Messages: []gateway.Draft{{Message: m}}}, "EUR"), &answer); err != nil {
		t.Fatal(err)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Message]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if _, written := answer.Messages[0][name]; written == slices.Contains(later, name) {
			t.Errorf("%s is written: %t", name, written)
		}
	}
	if want := reflect.TypeFor[SubmitAnswer]().NumField(); want != 3 {
		t.Errorf("an answer has %d fields, and 3 are written", want)
	}
}
