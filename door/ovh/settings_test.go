package ovh_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/door/ovh"
)

// TestServiceKeepsItsShape: whatever clients write, typed clients can read.
func TestServiceKeepsItsShape(t *testing.T) {
	w := open(t)
	for wrong, want := range map[string]string{
		`{"callBack":["https://forms.town.example"]}`: "'callBack' is not a string",
		`{"callBack":5}`:                                 "'callBack' is not a string",
		`{"description":{}}`:                             "'description' is not a",
		`{"smsResponse":"cgi"}`:                          "'smsResponse' is not an object",
		`{"smsResponse":{"responseType":5}}`:             "'smsResponse.responseType' is not a string",
		`{"templates":[]}`:                               "'templates' is not an object",
		`{"creditThresholdForAutomaticRecredit":"many"}`: "'creditThresholdForAutomaticRecredit' is not a number",
	} {
		w.fails(t, "PUT", service, wrong, 400, want)
	}
	w.call(t, "PUT", service, `{"CallBack":"https://forms.town.example"}`, nil)
	w.call(t, "PUT", service, `{"description":"town hall","creditThresholdForAutomaticRecredit":"12.5","callBack":"","smsResponse":{"responseType":"none"},"templates":{"smsBody":"low"}}`, nil)
	w.call(t, "PUT", service, `{"description":null,"stopCallBack":null,"templates":null}`, nil)
	var got map[string]any
	w.call(t, "GET", service, "", &got)
	want := map[string]any{
		"description": "town hall", "automaticRecreditAmount": nil,
		"creditThresholdForAutomaticRecredit": 12.5, "callBack": nil, "stopCallBack": nil,
		"smsResponse": map[string]any{
			"responseType": "none", "text": nil, "cgiUrl": nil,
			"trackingDefaultSmsSender": nil, "trackingOptions": []any{},
		},
		"templates": map[string]any{
			"customizedEmailMode": false, "customizedSmsMode": false, "emailBody": nil, "emailFrom": nil,
			"emailSubject": nil, "smsBody": "low",
		},
		"name": "sms-default-1", "status": "enable", "channel": "both", "smpp": false, "creditsLeft": 1000.0,
		"creditsHoldByQuota":    0.0,
		"userQuantityWithQuota": 0.0, "iam": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the service (-want +got):\n%s", diff)
	}
}

// TestUserChanges: null changes nothing, least of all who may call; what cannot
// be read is refused rather than passed over.
func TestUserChanges(t *testing.T) {
	w := open(t)
	w.call(t, "POST", service+"/users", `{"login":"web","password":"secret_8"}`, nil)
	w.call(t, "PUT", service+"/users/web", `{"ipRestrictions":["192.0.2.1"]}`, nil)
	w.call(t, "PUT", service+"/users/web",
		`{"ipRestrictions":null,"password":null,"callBack":null,"quotaInformations":null}`, nil)
	if _, err := w.door.Login(t.Context(), "sms-default-1", "web", "secret_8", "198.51.100.7:1"); err != ovh.ErrAddress { //nolint:errorlint // this very one
		t.Errorf("from another address, after null: %v", err)
	}
	w.call(t, "PUT", service+"/users/web", `{"password":87654321}`, nil)
	if _, err := w.door.Login(t.Context(), "sms-default-1", "web", "87654321", "192.0.2.1:1"); err != nil {
		t.Errorf("with a password that was a number: %v", err)
	}
	for wrong, want := range map[string]string{
		`{"password":["abcd1234"]}`:      "'password' is not a plain value",
		`{"quotaInformations":"active"}`: "'quotaInformations' is not an object",
		`{"ipRestrictions":{}}`:          "'ipRestrictions' is not a list",
		`{"callBack":{}}`:                "'callBack' is not a string",
	} {
		w.fails(t, "PUT", service+"/users/web", wrong, 400, want)
	}
	w.fails(t, "PUT", service+"/users/web",
		`{"quotaInformations":{"quotaStatus":"active","quotaLeft":5}}`, 501, "no quotas")
	w.fails(t, "PUT", service+"/users/web",
		`{"ipRestrictions":["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4","1.1.1.5","1.1.1.6"]}`, 400,
		"more than 5")
	w.fails(t, "PUT", service+"/users/web", `{"ipRestrictions":["here"]}`, 400, "no address")
	w.call(t, "PUT", service+"/users/web", `{"ipRestrictions":[]}`, nil)
	if _, err := w.door.Login(t.Context(), "sms-default-1", "web", "87654321", "198.51.100.7:1"); err != nil {
		t.Errorf("from another address, after the list was emptied: %v", err)
	}
}
