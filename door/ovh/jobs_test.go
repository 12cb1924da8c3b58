package ovh_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/auth"
	"relais/door/ovh"
	"relais/inbox"
	"relais/search"
	"relais/sms"
)

const service = "/sms/sms-default-1"

type report struct {
	TotalCreditsRemoved float64
	InvalidReceivers    []string
	IDs                 []int64 `json:"ids"`
	ValidReceivers      []string
	Tag                 string
	CreditsLeft         *float64
}

func (w *world) post(t *testing.T, body string) report {
	t.Helper()
	var r report
	w.call(t, "POST", service+"/jobs", body, &r)
	return r
}

// messages are those of the account, oldest first.
func (w *world) messages(t *testing.T) []sms.Message {
	t.Helper()
	found, _, err := w.store.Search(t.Context(), search.Query{Account: "default", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

func TestJob(t *testing.T) {
	w := open(t)
	got := w.post(t, `{"message":"Héllo","receivers":["+33639980001","0033639980002","0639980003","nobody"],"sender":"Acme","noStopClause":true,
		"priority":"high","validityPeriod":60,"differedPeriod":"5","tag":"file-7","charset":"UTF-8","coding":"7bit","class":"phoneDisplay"}`)
	want := report{
		TotalCreditsRemoved: 2, InvalidReceivers: []string{"0639980003", "nobody"}, IDs: []int64{1, 2},
		ValidReceivers: []string{"+33639980001", "+33639980002"}, Tag: "file-7", CreditsLeft: new(1000.0),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	m := w.messages(t)[0]
	if m.Text != "Héllo" || m.Sender != "Acme" || m.Class != sms.Transactional || m.Reference != "file-7" ||
		m.ExpiresAt.Sub(m.DueAt) != time.Hour ||
		m.DueAt.Sub(m.AcceptedAt).Round(time.Minute) != 5*time.Minute {
		t.Errorf("the message is %+v", m)
	}
	events, _, err := w.store.Timeline(t.Context(), "default", m.ID)
	if err != nil || string(events[0].Actor) != fmt.Sprint("ovh:", w.ApplicationID) {
		t.Errorf("%+v, %v", events, err)
	}
	var ids []int64
	w.call(t, "GET", service+"/jobs", "", &ids)
	if diff := cmp.Diff([]int64{1, 2}, ids); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	var job map[string]any
	w.call(t, "GET", service+"/jobs/1", "", &job)
	for key, want := range map[string]any{
		"id": 1.0, "receiver": "+33639980001", "message": "Héllo", "messageLength": 5.0, "numberOfSms": 1.0,
		"differedDelivery": 5.0,
		"deliveryReceipt":  0.0, "ptt": 0.0, "sender": "Acme", "sentAt": nil,
		"deliveredAt": nil, "credits": 1.0,
	} {
		if got, there := job[key]; !there || got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	w.call(t, "GET", service+"/outgoing", "", &ids)
	if len(ids) > 0 {
		t.Errorf("outgoing: %v", ids)
	}
	if got := w.do(t, request{method: "DELETE", path: "/ovh/1.0" + service + "/jobs/1"}); got.status != 200 ||
		got.body != "null" {
		t.Errorf("DELETE: %d %s", got.status, got.body)
	}
	w.fails(t, "GET", service+"/jobs/1", "", 404, "does not exist")
	w.fails(t, "GET", service+"/outgoing/1", "", 404, "does not exist")
	w.call(t, "GET", service+"/jobs", "", &ids)
	if diff := cmp.Diff([]int64{2}, ids); diff != "" {
		t.Errorf("jobs after one was canceled (-want +got):\n%s", diff)
	}
}

// TestWhatClientsSend: the leniency that clients of OVH rely on.
func TestWhatClientsSend(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		class      sms.Class
		sender     sms.Sender
	}{
		{"strings for booleans and numbers", `{"message":"a","receivers":["+33639980001"],"senderForResponse":"false","noStopClause":"true","validityPeriod":"2880","sender":"Acme"}`, sms.Transactional, "Acme"},
		{"0 and 1 for booleans", `{"message":"a","receivers":["+33639980001"],"senderForResponse":0,"noStopClause":1,"sender":"Acme"}`, sms.Transactional, "Acme"},
		{"null for absent", `{"message":"a","receivers":["+33639980001"],"tag":null,"sender":null,"noStopClause":null}`, sms.Marketing, ""},
		{"one receiver for a list", `{"message":"a","receivers":"+33639980001"}`, sms.Marketing, ""},
		{"unknown fields", `{"message":"a","receivers":["+33639980001"],"serviceName":"sms-default-1"}`, sms.Marketing, ""},
		{"senderForResponse wins", `{"message":"a","receivers":["+33639980001"],"sender":"Acme","senderForResponse":true}`, sms.Marketing, ""},
		{"escapes", `{"message":"\u0061","receivers":["+33639980001"],"sender":"Acme"}`, sms.Marketing, "Acme"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := open(t)
			if got := w.post(t, tc.body); len(got.IDs) != 1 {
				t.Fatalf("%+v", got)
			}
			if m := w.messages(t)[0]; m.Text != "a" || m.Class != tc.class || m.Sender != tc.sender {
				t.Errorf("the message is %+v", m)
			}
		})
	}
}

func TestJobsThatAreRefused(t *testing.T) {
	w := open(t)
	w.settings.Senders = []string{"Acme", "+33639980099"}
	for _, tc := range []struct {
		name, body string
		status     int
		words      string
	}{
		{"no message", `{"receivers":["+33639980001"]}`, 400, "'message' is a required property"},
		{"no receivers", `{"message":"a"}`, 400, "one of receivers, receiversDocumentUrl, receiversSlotId is required"},
		{"a slot", `{"message":"a","receiversSlotId":"3"}`, 501, "no receiver lists"},
		{"class as a number", `{"message":"a","receivers":["+33639980001"],"class":1}`, 400, "'class' is not a string"},
		{"another priority", `{"message":"a","receivers":["+33639980001"],"priority":"now"}`, 400, "'priority' is not one of"},
		{"a negative period", `{"message":"a","receivers":["+33639980001"],"differedPeriod":-1}`, 400, "'differedPeriod' is not a number of minutes"},
		{"an unknown sender", `{"message":"a","receivers":["+33639980001"],"sender":"Other"}`, 403, "Sms sender Other does not exists"},
		{"a list for a text", `{"message":["a"],"receivers":["+33639980001"]}`, 400, "'message' is not a plain value"},
		{"no JSON", `message=a`, 400, "Invalid JSON received"},
		{"an empty text", `{"message":"  ","receivers":["+33639980001"],"sender":"Acme"}`, 400, "The text is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.fails(t, "POST", service+"/jobs", tc.body, tc.status, tc.words)
		})
	}
	if got := w.messages(t); len(got) > 0 {
		t.Errorf("%d messages were stored", len(got))
	}
	w.settings.Strict = true
	w.fails(t, "POST", service+"/jobs",
		`{"message":"a","receivers":["+33639980001"],"sender":"Acme","serviceName":"x"}`, 400,
		"Received not described parameters: (serviceName) while calling POST /sms/{serviceName}/jobs")
	w.fails(t, "POST", "/sms/sms-other-1/jobs", `{}`, 404, "This service does not exist")
	w.fails(t, "GET", "/sms/sms-default-1/nothing", "", 404, "Got an invalid (or empty) URL")
	w.fails(t, "POST", service+"/hlr", `{}`, 501, "Relais does not have POST /sms/{serviceName}/hlr")
	w.fails(t, "GET", "/me", "", 501, "Relais does not have GET /me")
	w.fails(t, "GET", service+"/jobs/abc", "", 400, "'id' is not an integer")
	w.fails(t, "GET", service+"/jobs/99", "", 404, "does not exist")
}

// TestNobodyLeft: 200 does not mean sent.
func TestNobodyLeft(t *testing.T) {
	w := open(t)
	for _, receiver := range []string{"0639980001", "33639980001", "+3363998", "+33899700000"} {
		got := w.post(t, `{"message":"a","receivers":["`+receiver+`"],"sender":"Acme"}`)
		if diff := cmp.Diff([]string{receiver}, got.InvalidReceivers); diff != "" || len(got.IDs) > 0 ||
			got.IDs == nil {
			t.Errorf("%s: %+v", receiver, got)
		}
	}
	w.settings.BareNumbers = true
	if got := w.post(t, `{"message":"a","receivers":["33639980001"],"sender":"Acme"}`); len(got.IDs) != 1 {
		t.Errorf("a bare number: %+v", got)
	}
}

func TestBlacklist(t *testing.T) {
	w := open(t)
	_, err := w.gateway.Inbox.ChangeOptOuts(t.Context(),
		[]inbox.OptOutChange{
			{Account: "default", Number: "+33639980007", Added: true, Source: inbox.FromAPI, Actor: "test"},
		})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.post(
		t, `{"message":"a","receivers":["+33639980007"],"sender":"Acme"}`,
	); len(got.InvalidReceivers) != 1 || len(got.IDs) > 0 {
		t.Errorf("advertising to one who said STOP: %+v", got)
	}
	var numbers []string
	w.call(t, "GET", service+"/blacklists", "", &numbers)
	if diff := cmp.Diff([]string{"+33639980007"}, numbers); diff != "" {
		t.Errorf("blacklist (-want +got):\n%s", diff)
	}
	var entry map[string]any
	for _, written := range []string{"%2B33639980007", "+33639980007", "0033639980007"} {
		w.call(t, "GET", service+"/blacklists/"+written, "", &entry)
		if entry["number"] != "+33639980007" || entry["dateCreation"] == nil {
			t.Errorf("%s: %v", written, entry)
		}
	}
	w.call(t, "DELETE", service+"/blacklists/%2B33639980007", "", nil)
	w.fails(t, "GET", service+"/blacklists/%2B33639980007", "", 404, "does not exist")
	w.fails(t, "DELETE", service+"/blacklists/nobody", "", 404, "does not exist")
}

func TestOutgoing(t *testing.T) {
	w := open(t)
	if err := w.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.gateway.Stop(t.Context()) }) //nolint:usetesting // it only waits
	minute := time.Now().Truncate(time.Minute)        // before the messages: they may be a minute of the clock later
	w.post(t, `{"message":"a","receivers":["+33639980001","+33639980002"],"sender":"Acme","noStopClause":true,"tag":"one"}`)
	w.post(t, `{"message":"b","receivers":["+33639980003"],"sender":"Other","noStopClause":true,"tag":"two"}`)
	w.until(t, 3)
	for _, tc := range []struct {
		query string
		want  []int64
	}{
		{"", []int64{1, 2, 3}},
		{"?tag=one", []int64{1, 2}},
		{"?sender=Other", []int64{3}},
		{"?receiver=%2B33639980002", []int64{2}},
		{"?receiver=nobody", nil},
		{"?deliveryReceipt=4&ptt=3", []int64{1, 2, 3}},
		{"?deliveryReceipt=1", nil},
		{"?differedDelivery=0", []int64{1, 2, 3}},
		{"?creationDatetime.from=" + strings.ReplaceAll(minute.Format(time.RFC3339), "+", "%2B"), []int64{1, 2, 3}},
		{"?creationDatetime.to=2020-01-01T00:00:00Z", nil},
		{"?creationDatetime.from=2020-01-01T00:00:00+01:00", []int64{1, 2, 3}},
	} {
		t.Run(tc.query, func(t *testing.T) {
			var ids []int64
			w.call(t, "GET", service+"/outgoing"+tc.query, "", &ids)
			if diff := cmp.Diff(tc.want, ids, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	w.fails(t, "GET", service+"/outgoing?creationDatetime.from=soon", "", 400, "is not a datetime")
	w.fails(t, "GET", service+"/outgoing?ptt=x", "", 400, "'ptt' is not an integer")
	var one map[string]any
	w.call(t, "GET", service+"/outgoing/3", "", &one)
	if one["tag"] != "two" || one["message"] != "b" || one["sentAt"] == nil ||
		one["deliveryReceipt"] != 4.0 || one["batchID"] != nil {
		t.Errorf("%v", one)
	}
	w.fails(t, "GET", service+"/jobs/3", "", 404, "does not exist")
	w.call(t, "DELETE", service+"/outgoing/3", "", nil)
	w.fails(t, "GET", service+"/outgoing/3", "", 404, "does not exist")
}

// until waits for as many outgoing SMS.
func (w *world) until(t *testing.T, many int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		var ids []int64
		if w.call(t, "GET", service+"/outgoing", "", &ids); len(ids) == many {
			return
		}
	}
	t.Fatal("the messages did not leave")
}

func TestUsers(t *testing.T) {
	w := open(t)
	w.call(t, "POST", service+"/users", `{"login":"web","password":"secret_8"}`, nil)
	w.fails(t, "POST", service+"/users", `{"login":"web","password":"secret_8"}`, 409, "exists already")
	w.fails(t, "POST", service+"/users", `{"login":"web2","password":"short"}`, 400, "'password'")
	var logins []string
	if w.call(t, "GET", service+"/users", "", &logins); len(logins) != 1 || logins[0] != "web" {
		t.Errorf("users: %v", logins)
	}
	var r report
	w.call(t, "POST", service+"/users/web/jobs",
		`{"message":"a","receivers":["+33639980001"],"sender":"Acme"}`, &r)
	w.post(t, `{"message":"b","receivers":["+33639980002"],"sender":"Acme"}`)
	var ids []int64
	if w.call(t, "GET", service+"/users/web/jobs", "", &ids); cmp.Diff(r.IDs, ids) != "" || len(ids) != 1 {
		t.Errorf("jobs of the user: %v, want %v", ids, r.IDs)
	}
	w.fails(t, "GET", service+"/users/web/jobs/2", "", 404, "does not exist")
	w.fails(t, "POST", service+"/users/nobody/jobs", `{"message":"a","receivers":["+33639980001"]}`,
		404, "does not exist")
	if user, err := w.door.Login(
		t.Context(), "sms-default-1", "web", "secret_8", "127.0.0.1:1",
	); err != nil || user.Account != "default" {
		t.Errorf("login: %q, %v", user.Account, err)
	}
	for _, wrong := range [][3]string{{"sms-default-1", "web", "secret_9"}, {"sms-default-1", "nobody", "secret_8"}, {"sms-other-1", "web", "secret_8"}} {
		if _, err := w.door.Login(t.Context(), wrong[0], wrong[1], wrong[2], "127.0.0.1:1"); err != ovh.ErrLogin { //nolint:errorlint // this very one
			t.Errorf("%v: %v", wrong, err)
		}
	}
	w.call(t, "PUT", service+"/users/web",
		`{"password":"another8","ipRestrictions":["192.0.2.1"],"callBack":null}`, nil)
	if _, err := w.door.Login(t.Context(), "sms-default-1", "web", "another8", "127.0.0.1:1"); err != ovh.ErrAddress { //nolint:errorlint // this very one
		t.Errorf("from another address: %v", err)
	}
	if _, err := w.door.Login(t.Context(), "sms-default-1", "web", "another8", "192.0.2.1:1"); err != nil {
		t.Errorf("from its address: %v", err)
	}
	w.fails(t, "PUT", service+"/users/web", `{"callBack":"https://forms.town.example"}`, 501,
		"set it for the account")
	w.call(t, "DELETE", service+"/users/web", "", nil)
	w.fails(t, "GET", service+"/users/web", "", 404, "does not exist")
	acts, _, err := w.store.Acts(t.Context(), auth.ActQuery{Subject: "default/web", Limit: 10})
	if err != nil || len(acts) != 3 || acts[2].Code != auth.KeyMade || acts[0].Code != auth.KeyRevoked {
		t.Errorf("the audit has %+v, %v", acts, err)
	}
	for _, a := range acts {
		if a.Actor != sms.DoorActor("ovh", strconv.FormatInt(w.ApplicationID, 10)) || a.Via != "forms" || a.Address == "" {
			t.Errorf("%+v", a)
		}
	}
}

func TestServiceSendersAndEstimate(t *testing.T) {
	w := open(t)
	w.settings.Senders = []string{"Acme Town", "+33639980099"}
	var names []string
	if w.call(t, "GET", "/sms", "", &names); cmp.Diff([]string{"sms-default-1"}, names) != "" {
		t.Errorf("services: %v", names)
	}
	w.call(t, "PUT", service, `{"description":"town hall","creditsLeft":5,"callBack":"","smsResponse":{"responseType":"none"}}`, nil)
	w.call(t, "PUT", service, `{"description":"town hall"}`, nil) // changes nothing
	acts, _, err := w.store.Acts(t.Context(), auth.ActQuery{Code: auth.ServiceChanged, Limit: 9})
	if err != nil || len(acts) != 1 || acts[0].Subject != "sms-default-1" || !strings.Contains(acts[0].Edits.String(), "description") ||
		strings.Contains(acts[0].Edits.String(), "town hall") {
		t.Errorf("the audit has %+v, %v", acts, err)
	}
	var account map[string]any
	w.call(t, "GET", service, "", &account)
	for key, want := range map[string]any{"name": "sms-default-1", "creditsLeft": 1000.0, "status": "enable", "description": "town hall", "smpp": false} {
		if account[key] != want {
			t.Errorf("%s is %v, want %v", key, account[key], want)
		}
	}
	w.call(t, "PUT", service, `{"callBack":"http://127.0.0.1:9/dlr?k=1","smsResponse":{"responseType":"cgi","cgiUrl":"http://127.0.0.1:9/mo"}}`, nil)
	if w.call(t, "GET", service, "", &account); account["callBack"] != "http://127.0.0.1:9/dlr?k=1" ||
		account["description"] != "town hall" {
		t.Errorf("the callback is %v of %v", account["callBack"], account["description"])
	}
	for _, tc := range []struct {
		name, body, words string
		status            int
	}{
		{"an address that is none", `{"callBack":"forms.town.example"}`, "'callBack' cannot be called", 400},
		{"an address inside", `{"smsResponse":{"responseType":"cgi","cgiUrl":"http://10.0.0.1/"}}`, "'smsResponse.cgiUrl' cannot be called", 400},
		{"for STOPs", `{"stopCallBack":"http://127.0.0.1:9/"}`, "read the blacklists", 501},
		{"no address", `{"smsResponse":{"responseType":"cgi","cgiUrl":null}}`, "'smsResponse.cgiUrl' is missing", 400},
		{"a kind that is none", `{"smsResponse":{"responseType":"fax"}}`, "none of cgi, none, text", 400},
		{"an object that is none", `{"smsResponse":"cgi"}`, "'smsResponse' is not an object", 400},
		{"an answer", `{"smsResponse":{"responseType":"text","text":"Merci"}}`, "write a [reply] rule", 501},
	} {
		t.Run(tc.name, func(t *testing.T) { w.fails(t, "PUT", service, tc.body, tc.status, tc.words) })
	}
	w.call(t, "PUT", service, `{"callBack":null,"smsResponse":{"responseType":"none"}}`, nil)
	if w.call(t, "GET", service, "", &account); account["callBack"] != nil {
		t.Errorf("the callback is %v after it was cleared", account["callBack"])
	}
	var sender map[string]any
	if w.call(t, "GET", service+"/senders/Acme%20Town", "", &sender); sender["status"] != "enable" ||
		sender["type"] != "alpha" {
		t.Errorf("sender: %v", sender)
	}
	w.fails(t, "GET", service+"/senders/Other", "", 404, "does not exist")
	w.fails(t, "POST", service+"/senders", `{"sender":"New"}`, 501, "Relais does not have POST")
	var numbers []string
	if w.call(
		t, "GET", service+"/virtualNumbers", "", &numbers,
	); cmp.Diff([]string{"+33639980099"}, numbers) != "" {
		t.Errorf("virtual numbers: %v", numbers)
	}
	var r report
	w.call(t, "POST", service+"/virtualNumbers/%2B33639980099/jobs",
		`{"message":"a","receivers":["+33639980001"]}`, &r)
	if len(r.IDs) != 1 || r.CreditsLeft != nil || w.messages(t)[0].Class != sms.Transactional {
		t.Errorf("from a virtual number: %+v", r)
	}
	for _, tc := range []struct {
		body                string
		parts, room, length float64
		class               string
	}{
		{`{"message":"abc","noStopClause":true,"senderType":"alpha"}`, 1, 160, 3, "7bits"},
		{`{"message":"abc","noStopClause":false,"senderType":"alpha"}`, 1, 149, 3, "7bits"},
		{`{"message":"abcê","noStopClause":"false","senderType":"alpha"}`, 1, 59, 4, "unicode"},
		{`{"message":"` + strings.Repeat("a", 150) + `","noStopClause":false,"senderType":"alpha"}`, 2, 153, 150, "7bits"},
		{`{"message":"` + strings.Repeat("a", 150) + `","noStopClause":false,"senderType":"shortcode"}`, 1, 160, 150, "7bits"},
	} {
		var e map[string]any
		w.call(t, "POST", "/sms/estimate", tc.body, &e)
		want := map[string]any{
			"characters": tc.length, "charactersClass": tc.class,
			"maxCharactersPerPart": tc.room, "parts": tc.parts,
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.body, diff)
		}
	}
	var ptt map[string]any
	if w.call(t, "GET", "/sms/ptts?ptt=24", "", &ptt); ptt["duration"] != "temporary" {
		t.Errorf("ptt: %v", ptt)
	}
	w.fails(t, "GET", "/sms/ptts?ptt=7777", "", 404, "does not exist")
}

func TestBatch(t *testing.T) {
	w := open(t)
	later := time.Now().Add(time.Hour).Truncate(time.Second)
	var b map[string]any
	w.call(t, "POST", service+"/batches", `{"name":"newsletter","message":"a","from":"Acme","to":["+33639980001","+33639980002","0639980003"],"noStop":true,
		"tag":"b","deferred":"`+later.Format(time.RFC3339)+`"}`, &b)
	if b["status"] != "PENDING" || b["totalRecords"] != 3.0 || b["estimatedCredits"] != 2.0 ||
		b["message"] != "a" || len(b["receivers"].([]any)) != 2 {
		t.Errorf("%v", b)
	}
	if refused := fmt.Sprint(b["errors"]); strings.Contains(refused, "0639980003") ||
		!strings.Contains(refused, "does not begin with + or 00") {
		t.Errorf("errors: %v", refused)
	}
	if m := w.messages(t); len(m) != 2 || !m[0].DueAt.Equal(later) {
		t.Errorf("%+v", m)
	}
	id := fmt.Sprint(b["id"])
	var all []map[string]any
	if w.call(t, "GET", service+"/batches", "", &all); len(all) != 1 || all[0]["name"] != "newsletter" {
		t.Errorf("%v", all)
	}
	if w.call(t, "PUT", service+"/batches/"+id, `{"name":"other"}`, &b); b["name"] != "other" {
		t.Errorf("%v", b)
	}
	var s map[string]any
	if w.call(t, "GET", service+"/batches/"+id+"/statistics", "", &s); s["pending"] != 2.0 ||
		s["sent"] != 0.0 {
		t.Errorf("%v", s)
	}
	if w.call(t, "POST", service+"/batches/"+id+"/cancel", "", &b); b["status"] != "CANCELED" {
		t.Errorf("%v", b)
	}
	w.fails(t, "POST", service+"/batches/"+id+"/cancel", "", 409, "it has ended")
	w.fails(t, "GET", service+"/batches/nope", "", 404, "does not exist")
	w.fails(t, "POST", service+"/batches", `{"message":"a","slotID":"1"}`, 501, "no receiver lists")
}

// TestOtherAccounts: one account's numbers are nothing to another.
func TestOtherAccounts(t *testing.T) {
	w := open(t)
	w.post(t, `{"message":"a","receivers":["+33639980001"],"sender":"Acme"}`)
	w.addAccount(t, "school")
	other := w.issue(t, "school")
	if got := w.do(
		t, request{method: "GET", path: "/ovh/1.0" + service + "/jobs/1", keys: other},
	); got.status != http.StatusNotFound {
		t.Errorf("another's service: %d %s", got.status, got.body)
	}
	if got := w.do(
		t, request{method: "GET", path: "/ovh/1.0/sms/sms-school-1/jobs/1", keys: other},
	); got.status != http.StatusNotFound {
		t.Errorf("another's number: %d %s", got.status, got.body)
	}
	if got := w.do(
		t, request{method: "GET", path: "/ovh/1.0/sms", keys: other},
	); got.body != `["sms-school-1"]` {
		t.Errorf("services: %s", got.body)
	}
	if leaked := w.logs.String(); strings.Contains(leaked, "3363998") {
		t.Error("the log holds a number")
	}
}

// TestMessageLengthCountsAsAnEstimateDoes: escapes of GSM twice, and in Unicode what is
// beyond 16 bits twice.
func TestMessageLengthCountsAsAnEstimateDoes(t *testing.T) {
	for _, tc := range []struct {
		text string
		want float64
	}{{"Héllo", 5}, {"1 €", 4}, {"🌴", 2}, {"œ🌴", 3}} {
		t.Run(tc.text, func(t *testing.T) {
			w := open(t)
			var sent struct{ IDs []int64 }
			w.call(t, "POST", service+"/jobs",
				`{"message":"`+tc.text+`","receivers":["+33639980001"],"noStopClause":true,"sender":"Acme"}`,
				&sent)
			var job, estimate map[string]any
			w.call(t, "GET", fmt.Sprintf("%s/jobs/%d", service, sent.IDs[0]), "", &job)
			w.call(t, "POST", "/sms/estimate",
				`{"message":"`+tc.text+`","noStopClause":true,"senderType":"alpha"}`, &estimate)
			if job["messageLength"] != tc.want || estimate["characters"] != tc.want {
				t.Errorf("messageLength %v, characters %v; want %v",
					job["messageLength"], estimate["characters"], tc.want)
			}
		})
	}
}
