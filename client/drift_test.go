package client_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/client"
	"relais/sms"
)

// TestTypesAreThoseOfTheAPI gives every field of the API's types a value and
// reads its JSON strictly into ours and back: a field that only one side knows
// is found.
func TestTypesAreThoseOfTheAPI(t *testing.T) {
	for _, tc := range []struct {
		name      string
		api, ours any
	}{
		{"submission answer", &api.SubmitAnswer{}, &client.SubmitAnswer{}},
		{"batch answer", &api.BatchAnswer{}, &client.BatchAnswer{}},
		{"preview answer", &api.PreviewAnswer{}, &client.PreviewAnswer{}},
		{"message", &api.MessageWithTimeline{}, &client.MessageWithTimeline{}},
		{"list", &api.MessageList{}, &client.MessageList{}},
		{"connectors", &api.ConnectorList{}, &client.ConnectorList{}},
		{"pause", &api.PauseAnswer{}, &client.PauseAnswer{}},
		{"resumed", &api.ResumeAnswer{}, &client.ResumeAnswer{}},
		{"configuration", &api.Configuration{}, &client.Configuration{}},
		{"replies", &api.InboundList{}, &client.InboundList{}},
		{"opt-outs", &api.OptOutList{}, &client.OptOutList{}},
		{"opt-out", &api.OptOutState{}, &client.OptOutState{}},
		{"export of a person", &api.PersonExport{}, &client.PersonExport{}},
		{"erasure", &api.EraseAnswer{}, &client.EraseAnswer{}},
		{"usage", &api.UsageList{}, &client.UsageList{}},
		{"audit", &api.AuditList{}, &client.AuditList{}},
		{"import", &api.ImportAnswer{}, &client.ImportAnswer{}},
		{"webhooks", &api.WebhookList{}, &client.WebhookList{}},
		{"new webhook", &api.NewWebhook{}, &client.NewWebhook{}},
		{"rotated webhook", &api.RotatedWebhook{}, &client.RotatedWebhook{}},
		{"replaced secret", &api.SecretAnswer{}, &client.RotatedSecret{}},
		{"deliveries", &api.DeliveryList{}, &client.DeliveryList{}},
		{"delivery", &api.OneDelivery{}, &client.OneDelivery{}},
		{"test of a webhook", &api.TestAnswer{}, &client.WebhookTest{}},
		{"replay", &api.ReplayAnswer{}, &client.ReplayAnswer{}},
		{"events", &api.EventList{}, &client.EventList{}},
		{"template", &api.Template{}, &client.Template{}},
		{"contact", &api.Contact{}, &client.Contact{}},
		{"contacts", &api.ContactList{}, &client.ContactList{}},
		{"groups", &api.GroupList{}, &client.GroupList{}},
		{"lists", &api.Lists{}, &client.Lists{}},
		{"import of contacts", &api.ContactImport{}, &client.ContactImport{}},
		{"list entries", &api.ListEntries{}, &client.ListEntries{}},
		{"templates", &api.TemplateList{}, &client.TemplateList{}},
		{"versions of a template", &api.TemplateVersions{}, &client.TemplateVersions{}},
		{"preview of a template", &api.TemplatePreview{}, &client.TemplatePreview{}},
		{"template request", &api.TemplateRequest{}, &client.TemplateRequest{}},
		{"campaign", &api.Campaign{}, &client.Campaign{}},
		{"campaigns", &api.CampaignList{}, &client.CampaignList{}},
		{"look of a campaign", &api.CampaignLook{}, &client.CampaignLook{}},
		{"report of a campaign", &api.CampaignReport{}, &client.CampaignReport{}},
		{"rows of a campaign", &api.CampaignRowList{}, &client.CampaignRowList{}},
		{"timeline of a campaign", &api.CampaignTimeline{}, &client.CampaignTimeline{}},
		{"problem", &api.Problem{}, &client.Problem{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fill(reflect.ValueOf(tc.api).Elem())
			theirs := asJSON(t, tc.api)
			strictly(t, theirs, tc.ours)
			if diff := cmp.Diff(asTree(t, theirs), asTree(t, asJSON(t, tc.ours))); diff != "" {
				t.Errorf("JSON of the API and of the client differ (-api +client):\n%s", diff)
			}
		})
	}
}

func TestRequestIsThatOfTheAPI(t *testing.T) {
	var ours client.PreviewRequest
	fill(reflect.ValueOf(&ours).Elem())
	ours.ValidFor = client.Duration(15 * time.Minute)
	var theirs api.PreviewRequest
	strictly(t, asJSON(t, ours), &theirs)
	if diff := cmp.Diff(asTree(t, asJSON(t, ours)), asTree(t, asJSON(t, theirs))); diff != "" {
		t.Errorf("request (-client +api):\n%s", diff)
	}
	for _, empty := range []reflect.Value{reflect.ValueOf(theirs), reflect.ValueOf(theirs.SubmitRequest)} {
		for i := range empty.NumField() {
			if empty.Field(i).IsZero() {
				t.Errorf("the client cannot set %s", empty.Type().Field(i).Name)
			}
		}
	}
}

func TestStatusesAreThoseOfTheGateway(t *testing.T) {
	for _, s := range sms.Statuses {
		ours := client.Status(s)
		if got, want := ours.Final(), s.Final(); got != want {
			t.Errorf("%s: Final = %v, want %v", s, got, want)
		}
		if got, want := ours.Waiting(), s == sms.Queued || s == sms.Submitting; got != want {
			t.Errorf("%s: Waiting = %v, want %v", s, got, want)
		}
	}
}

// fill gives every exported field a value that is not its zero.
func fill(v reflect.Value) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes([]byte(`"word"`))
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 10, 0, 0, 5, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("word")
	case reflect.Interface:
		v.Set(reflect.ValueOf("word"))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(7)
	default:
		panic("no value for " + v.Type().String())
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func asTree(t *testing.T, b []byte) any {
	t.Helper()
	var tree any
	strictly(t, b, &tree)
	return tree
}

func strictly(t *testing.T, b []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("decode %s: %v", b, err)
	}
}
