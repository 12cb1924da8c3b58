package sfrdmc_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector/sfrdmc"
	"relais/sms"
)

func TestSubmitOneOnTheWire(t *testing.T) {
	o := newOperator(t, map[string]string{"addSingleCall": `{"success":true,"response":9007199254740993}`})
	m := message("Démarche <#shortcode#> & suite\nà 10 €")
	m.Sender = "MAIRIE"
	outcomes, err := o.connect(t, nil).Submit(t.Context(), []sms.Message{m})
	if err != nil {
		t.Fatal(err)
	}
	// Above 2^53: an id that goes through a float comes out wrong.
	if got, want := outcomes[0].ProviderID, "9007199254740993"; got != want {
		t.Errorf("provider id = %s, want %s", got, want)
	}
	call := o.asked(t)[0]
	if got, want := call.path, "/DmcWS/1.5.8/JsonService/MessagesUnitairesWS/addSingleCall"; got != want {
		t.Errorf("path = %s, want %s", got, want)
	}
	if call.query != "" {
		t.Errorf("query = %s, want none: it may hold a secret", call.query)
	}
	if got, want := call.contentType, "application/x-www-form-urlencoded; charset=UTF-8"; got != want {
		t.Errorf("content type = %s, want %s", got, want)
	}
	want := map[string]string{
		"authenticate": `{"serviceId":"4100220033","servicePassword":"k7Rw2pQz","spaceId":"70145","lang":"fr_FR"}`,
		"messageUnitaire": `{"media":"SMS","textMsg":"Démarche <#shortcode#> & suite\nà 10 €","to":"+33639980101",` +
			`"from":"MAIRIE","timeout":60,"refExt":"` + m.ID.String() + `"}`,
	}
	got := map[string]string{}
	for name := range call.form {
		got[name] = call.form.Get(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

// DMC takes a number whose plus sign became a blank and sends nothing.
func TestPlusSignOnTheWire(t *testing.T) {
	o := newOperator(t, map[string]string{"addSingleCall": `{"success":true,"response":3104450001}`})
	if _, err := o.connect(t, nil).Submit(
		t.Context(), []sms.Message{message("2 + 2, deux mots")},
	); err != nil {
		t.Fatal(err)
	}
	body := o.asked(t)[0].body
	if !strings.Contains(body, "%22%2B33639980101%22") {
		t.Errorf("body has no %%2B before the number: %s", body)
	}
	if strings.Contains(body, "+") {
		t.Errorf("body has a bare plus sign: %s", body)
	}
	if !strings.Contains(body, "2%20%2B%202%2C%20deux%20mots") {
		t.Errorf("body has not the text: %s", body)
	}
}

func TestSubmitBatchOnTheWire(t *testing.T) {
	o := newOperator(
		t, map[string]string{"batchSingleCall": `{"success":true,"response":[3104450001,3104450002]}`},
	)
	batch := []sms.Message{message("un"), message("deux")}
	batch[1].To, batch[1].Encoding = "+594594980102", sms.UCS2
	outcomes, err := o.connect(t, nil).Submit(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	if outcomes[0].ProviderID != "3104450001" || outcomes[1].ProviderID != "3104450002" {
		t.Errorf("outcomes = %+v, want the ids in order", outcomes)
	}
	call := o.asked(t)[0]
	if got, want := call.path, "/DmcWS/1.5.8/JsonService/MessagesUnitairesWS/batchSingleCall"; got != want {
		t.Errorf("path = %s, want %s", got, want)
	}
	want := []map[string]any{
		{"media": "SMS", "textMsg": "un", "to": "+33639980101", "timeout": 60.0, "refExt": batch[0].ID.String()},
		{"media": "SMSUnicode", "textMsg": "deux", "to": "+594594980102", "timeout": 60.0, "refExt": batch[1].ID.String()},
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(call.form.Get("messageUnitaires")), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messageUnitaires (-want +got):\n%s", diff)
	}
}

// sent submits m and returns the object that the operator read.
func sent(t *testing.T, m sms.Message, change func(*sfrdmc.Config)) map[string]any {
	t.Helper()
	o := newOperator(t, map[string]string{"addSingleCall": `{"success":true,"response":3104450001}`})
	if _, err := o.connect(t, change).Submit(t.Context(), []sms.Message{m}); err != nil {
		t.Fatal(err)
	}
	var unit map[string]any
	if err := json.Unmarshal([]byte(o.asked(t)[0].form.Get("messageUnitaire")), &unit); err != nil {
		t.Fatal(err)
	}
	return unit
}

func TestMedia(t *testing.T) {
	for _, tc := range []struct {
		name     string
		encoding sms.Encoding
		segments int
		want     string
	}{
		{"one segment", sms.GSM7, 1, "SMS"},
		{"several segments", sms.GSM7, 2, "SMSLong"},
		{"one unicode segment", sms.UCS2, 1, "SMSUnicode"},
		{"several unicode segments", sms.UCS2, 3, "SMSUnicodeLong"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := message("texte")
			m.Encoding, m.Segments = tc.encoding, tc.segments
			if got := sent(t, m, nil)["media"]; got != tc.want {
				t.Errorf("media = %v, want %s", got, tc.want)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	for _, tc := range []struct {
		name    string
		expires time.Time
		want    any
	}{
		{"no end", time.Time{}, nil},
		{"whole minutes", clock.Add(15 * time.Minute), 15.0},
		{"rounded up", clock.Add(14*time.Minute + time.Millisecond), 15.0},
		{"a second left", clock.Add(time.Second), 1.0},
		{"over", clock.Add(-time.Hour), 1.0},
		{"48 hours", clock.Add(48 * time.Hour), 2880.0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := message("texte")
			m.ExpiresAt = tc.expires
			if got := sent(t, m, nil)["timeout"]; got != tc.want {
				t.Errorf("timeout = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFrom(t *testing.T) {
	for _, tc := range []struct {
		name       string
		sender     sms.Sender
		configured string
		want       any
	}{
		{"none", "", "", nil},
		{"the instance's", "", "MAIRIE", "MAIRIE"},
		{"the message's", "BIBLIO", "MAIRIE", "BIBLIO"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := message("texte")
			m.Sender = tc.sender
			got := sent(t, m, func(c *sfrdmc.Config) { c.Sender = tc.configured })["from"]
			if got != tc.want {
				t.Errorf("from = %v, want %v", got, tc.want)
			}
		})
	}
}

// JSON would replace the broken bytes, and the person would read another text.
func TestBrokenTextIsNotSent(t *testing.T) {
	o := newOperator(t, nil)
	_, err := o.connect(t, nil).Submit(t.Context(), []sms.Message{message("pr\xeat")})
	if got := faultWord(err); got != "rejected" {
		t.Errorf("fault = %s, want rejected: %v", got, err)
	}
	if calls := o.asked(t); len(calls) != 0 {
		t.Errorf("%d calls reached the operator, want none", len(calls))
	}
}
