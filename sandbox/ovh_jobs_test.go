package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

func TestJobIsRefused(t *testing.T) {
	s := start(t, Options{})
	with := func(fields string) string {
		return `{"message":"a","receivers":["+33639980101"],"sender":"RELAIS","noStopClause":true` + fields +
			`}`
	}
	for _, tc := range []struct {
		name, body string
		status     int
		message    string
	}{
		{"not JSON", `{`, 400, "isn't valid"},
		{"two values", `{"message":"a","receivers":["+33639980101"],"sender":"RELAIS"}{}`, 400, "isn't valid"},
		{"no message", `{"receivers":["+33639980101"],"sender":"RELAIS"}`, 400, "'message' is a required property"},
		{"empty message", `{"message":"","receivers":["+33639980101"],"sender":"RELAIS"}`, 400, "message"},
		{"no receivers", `{"message":"a","sender":"RELAIS"}`, 400, "receivers"},
		{"empty slot", `{"message":"a","sender":"RELAIS","receiversSlotId":"1"}`, 404, "receiversSlotId"},
		{"document", `{"message":"a","sender":"RELAIS","receiversDocumentUrl":"http://x"}`, 400, "receiversDocumentUrl"},
		{"no sender", `{"message":"a","receivers":["+33639980101"]}`, 400, "sender"},
		{"unknown sender", `{"message":"a","receivers":["+33639980101"],"sender":"NOBODY"}`, 403, "does not exists"},
		{"pending sender", `{"message":"a","receivers":["+33639980101"],"sender":"PENDING"}`, 403, "validated"},
		{"unknown field", with(`,"recievers":[]`), 400, "Received not described parameters: (recievers)"},
		{"priority", with(`,"priority":"urgent"`), 400, "'priority'"},
		{"charset", with(`,"charset":"latin1"`), 400, "'charset'"},
		{"coding", with(`,"coding":"16bit"`), 400, "'coding'"},
		{"class as a number", with(`,"class":1`), 400, "'class'"},
		{"validity", with(`,"validityPeriod":-1`), 400, "'validityPeriod'"},
		{"delay", with(`,"differedPeriod":"soon"`), 400, "'differedPeriod'"},
		{"tag as a number", with(`,"tag":5`), 400, "'tag'"},
		{"receivers of numbers", `{"message":"a","receivers":[33639980101],"sender":"RELAIS"}`, 400, "isn't valid"},
		{"contact and short number", `{"message":"voir www.x.fr","receivers":["+33639980101"],"senderForResponse":true}`, 400, "shortcode"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ovhCall(t, s, "POST", jobsPath, tc.body)
			if got.status != tc.status || !strings.Contains(got.body, tc.message) {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	if got := s.Stats().OVH; got.Accepted != 0 || got.Refused != got.Calls {
		t.Errorf("stats %+v", got)
	}
}

func TestJobTakesLooseTypes(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct{ name, body, from string }{
		{"strings", `{"message":"a","receivers":["+33639980101"],"senderForResponse":"true","noStopClause":"1","validityPeriod":"2880"}`, "38123"},
		{"nulls", `{"message":"a","receivers":["+33639980101"],"sender":"RELAIS","noStopClause":1,"tag":null,"class":null}`, "RELAIS"},
		{"one receiver", `{"message":"a","receivers":"+33639980101","sender":"MAIRIE","noStopClause":true,"priority":"high"}`, "MAIRIE"},
		{"answers win", `{"message":"a","receivers":["+33639980101"],"sender":"RELAIS","senderForResponse":true,"noStopClause":true}`, "38123"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ovhSend(t, s, tc.body); len(got.IDs) != 1 {
				t.Fatalf("report %+v", got)
			}
			texts := s.Handset("+33639980101")
			if got := texts[len(texts)-1].From; got != tc.from {
				t.Errorf("from %s, want %s", got, tc.from)
			}
		})
	}
}

func TestBadReceiversAreReportedWithStatus200(t *testing.T) {
	s := start(t, Options{})
	got := ovhSend(t, s, job("a", "t", "0639980101", "+33639980102", "12"))
	want := ovh.Report{
		CreditsLeft: 9_999_999, IDs: []int64{5_100_000_001}, InvalidReceivers: []string{"0639980101", "12"},
		Tag: "t", TotalCreditsRemoved: 1, ValidReceivers: []string{"+33639980102"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	all := ovhCall(t, s, "POST", jobsPath, job("a", "", "0639980101"))
	if all.status != 200 || !strings.Contains(all.body, `"ids":[]`) ||
		!strings.Contains(all.body, `"validReceivers":[]`) {
		t.Errorf("all bad: %+v", all)
	}
}

func TestIDsDoNotFollowTheReceivers(t *testing.T) {
	s := start(t, Options{})
	numbers := []string{"+33639980101", "+33639980102", "+33639980103", "+33639980104", "+33639980105"}
	for n := 2; n <= len(numbers); n++ {
		report := ovhSend(t, s, job("a", "", numbers[:n]...))
		sorted := slices.Sorted(slices.Values(report.IDs))
		for i, number := range report.ValidReceivers {
			texts := s.Handset(number)
			own := texts[len(texts)-1].OperatorID
			if itoa(report.IDs[i]) == own || itoa(sorted[i]) == own {
				t.Errorf("of %d, id %d is the receiver's own", n, i)
			}
			if !slices.ContainsFunc(report.IDs, func(id int64) bool { return itoa(id) == own }) {
				t.Errorf("id %s of receiver %d is not reported", own, i)
			}
		}
	}
}

func TestCreditsRunOut(t *testing.T) {
	s := start(t, Options{})
	path := "/sms/" + ovh.SecondService + "/jobs"
	three := ovhCall(t, s, "POST", path, job(strings.Repeat("a", 307), "", "+33639980101"))
	if three.status != 403 || !strings.Contains(three.body, "Client::Forbidden") {
		t.Errorf("three parts for two credits: %+v", three)
	}
	two := decode[ovh.Report](t, ovhCall(t, s, "POST", path,
		job(strings.Repeat("a", 306), "", "+33639980101")))
	if two.TotalCreditsRemoved != 2 || two.CreditsLeft != 0 {
		t.Errorf("two parts: %+v", two)
	}
	if got := ovhCall(t, s, "POST", path, job("a", "", "+33639980101")); got.status != 403 {
		t.Errorf("nothing left: %+v", got)
	}
	if got := len(s.Handset("+33639980101")); got != 1 {
		t.Errorf("%d texts on the handset, want 1", got)
	}
}

func TestEstimate(t *testing.T) {
	s := start(t, Options{})
	got := ovhCall(t, s, "POST", "/sms/estimate",
		`{"message":"`+strings.Repeat("a", 150)+`","noStopClause":false,"senderType":"alpha"}`)
	want := `{"characters":150,"charactersClass":"7bits","maxCharactersPerPart":153,"parts":2}`
	if got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	if got := ovhCall(t, s, "POST", "/sms/estimate", `{"message":"a"}`); got.status != 400 {
		t.Errorf("fields missing: %+v", got)
	}
	if got := ovhCall(
		t, s, "GET", "/sms/ptts?ptt=4", "",
	); !strings.Contains(got.body, `"duration":"permanent"`) {
		t.Errorf("ptt 4: %+v", got)
	}
	if got := ovhCall(t, s, "GET", "/sms/ptts?ptt=7", ""); got.status != 404 {
		t.Errorf("ptt 7: %+v", got)
	}
}

const advert = `{"message":"Soldes","receivers":["+33639980101"],"sender":"RELAIS"}`

func TestAdvertisingWaitsForTheWindow(t *testing.T) {
	s := start(t, Options{})
	saturdayNight := time.Date(2026, 5, 2, 20, 0, 0, 0, world.Paris)
	s.SetClock(saturdayNight)
	report := ovhSend(t, s, advert)
	id := itoa(report.IDs[0])
	if got := texts(s, "+33639980101"); len(got) != 0 {
		t.Fatalf("arrived at night: %q", got)
	}
	if got := decode[[]int64](t, ovhCall(t, s, "GET", jobsPath, "")); !slices.Equal(got, report.IDs) {
		t.Errorf("pending %v", got)
	}
	pending := decode[map[string]any](t, ovhCall(t, s, "GET", jobsPath+"/"+id, ""))
	if _, tagged := pending["tag"]; tagged || pending["differedDelivery"] != 36.0*60 {
		t.Errorf("job %v", pending)
	}
	s.SetClock(time.Date(2026, 5, 3, 12, 0, 0, 0, world.Paris)) // a Sunday
	if got := texts(s, "+33639980101"); len(got) != 0 {
		t.Fatalf("arrived on a Sunday: %q", got)
	}
	s.SetClock(time.Date(2026, 5, 4, 8, 0, 1, 0, world.Paris))
	if diff := cmp.Diff([]string{"Soldes\nSTOP:36111"}, texts(s, "+33639980101")); diff != "" {
		t.Error(diff)
	}
	if got := ovhCall(t, s, "GET", jobsPath+"/"+id, ""); got.status != 404 {
		t.Errorf("still a job: %+v", got)
	}
	if got := ovhCall(t, s, "GET", "/sms/"+ovh.Service+"/outgoing/"+id, ""); got.status != 200 {
		t.Errorf("not outgoing: %+v", got)
	}
}

func TestPendingJobIsCanceled(t *testing.T) {
	s := start(t, Options{})
	body := strings.Replace(job("a", "", "+33639980101"), "{", `{"differedPeriod":60,`, 1)
	report := ovhSend(t, s, body)
	path := jobsPath + "/" + itoa(report.IDs[0])
	if got := ovhCall(t, s, "DELETE", path, ""); got.status != 200 || got.body != "null\n" {
		t.Fatalf("cancel: %+v", got)
	}
	if got := ovhCall(t, s, "DELETE", path, ""); got.status != 404 {
		t.Errorf("cancel again: %+v", got)
	}
	s.SetClock(weekday.Add(2 * time.Hour))
	if got := texts(s, "+33639980101"); len(got) != 0 {
		t.Errorf("arrived: %q", got)
	}
	account := decode[map[string]any](t, ovhCall(t, s, "GET", "/sms/"+ovh.Service, ""))
	if account["creditsLeft"] != 10_000_000.0 {
		t.Errorf("credits %v", account["creditsLeft"])
	}
	sent := ovhSend(t, s, job("a", "", "+33639980101"))
	if got := ovhCall(t, s, "DELETE", jobsPath+"/"+itoa(sent.IDs[0]), ""); got.status != 404 {
		t.Errorf("cancel a sent one: %+v", got)
	}
}

func TestValidityOverBeforeTheWindow(t *testing.T) {
	s := start(t, Options{})
	s.SetClock(time.Date(2026, 3, 3, 22, 0, 0, 0, world.Paris))
	report := ovhSend(t, s, strings.Replace(advert, "{", `{"validityPeriod":60,`, 1))
	s.SetClock(time.Date(2026, 3, 4, 9, 0, 0, 0, world.Paris))
	got := decode[map[string]any](t,
		ovhCall(t, s, "GET", "/sms/"+ovh.Service+"/outgoing/"+itoa(report.IDs[0]), ""))
	if got["deliveryReceipt"] != 2.0 || got["ptt"] != 8.0 || got["deliveredAt"] != nil ||
		len(s.Handset("+33639980101")) != 0 {
		t.Errorf("outgoing %v", got)
	}
}

func TestOutgoing(t *testing.T) {
	s := start(t, Options{})
	first := ovhSend(t, s, job("Été", "a", "+33639980101")).IDs[0]
	second := ovhSend(t, s, strings.Replace(job("b", "b", "+33639980102"), ovh.Sender,
		ovh.SecondSender, 1)).IDs[0]
	path := "/sms/" + ovh.Service + "/outgoing"
	when := func(t time.Time) string { return url.QueryEscape(t.Format(time.RFC3339)) }
	for _, tc := range []struct {
		name, query string
		want        []int64
	}{
		{"all", "", []int64{first, second}},
		{"tag", "?tag=b", []int64{second}},
		{"unknown tag", "?tag=c", []int64{}},
		{"receiver", "?receiver=%2B33639980101", []int64{first}},
		{"a plus that is a space", "?receiver=+33639980101", []int64{}},
		{"sender", "?sender=MAIRIE", []int64{second}},
		{"delivered", "?deliveryReceipt=1", []int64{first, second}},
		{"failed", "?deliveryReceipt=2", []int64{}},
		{"ptt", "?ptt=4", []int64{first, second}},
		{"deferred", "?differedDelivery=5", []int64{}},
		{"no batch", "?batchID=3fa85f64-5717-4562-b3fc-2c963f66afa6", []int64{}},
		{"since", "?creationDatetime.from=" + when(weekday), []int64{first, second}},
		{"since later", "?creationDatetime.from=" + when(weekday.Add(time.Hour)), []int64{}},
		{"until", "?creationDatetime.to=" + when(weekday.Add(-time.Hour)), []int64{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := decode[[]int64](t, ovhCall(t, s, "GET", path+tc.query, ""))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := ovhCall(t, s, "GET", path+"?creationDatetime.from=yesterday", ""); got.status != 400 {
		t.Errorf("bad date: %+v", got)
	}
	model := decode[map[string]any](t, ovhCall(t, s, "GET", path+"/"+itoa(first), ""))
	for name, want := range map[string]any{
		"batchID": nil, "messageID": nil, "credits": 1.0, "deliveryReceipt": 1.0, "ptt": 4.0,
		"differedDelivery": 0.0,
		"id":               float64(first), "message": "Été", "messageLength": 3.0, "numberOfSms": 1.0,
		"receiver": "+33639980101",
		"sender":   "RELAIS", "tag": "a", "tariffCode": "FR",
	} {
		if got, ok := model[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for _, want := range []int{200, 404} {
		if got := ovhCall(t, s, "DELETE", path+"/"+itoa(first), ""); got.status != want {
			t.Errorf("DELETE gave %d, want %d", got.status, want)
		}
	}
}

func TestSenders(t *testing.T) {
	s := start(t, Options{})
	path := "/sms/" + ovh.Service + "/senders"
	if diff := cmp.Diff(
		[]string{"RELAIS", "MAIRIE", "PENDING"}, decode[[]string](t, ovhCall(t, s, "GET", path, "")),
	); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"RELAIS": "enable", "PENDING": "waitingValidation"} {
		if got := decode[map[string]any](t, ovhCall(t, s, "GET", path+"/"+name, ""))["status"]; got != want {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
	if got := ovhCall(t, s, "GET", path+"/NOT%20THERE", ""); got.status != 404 {
		t.Errorf("unknown sender: %+v", got)
	}
}

func TestReplyBecomesIncomingAndSTOPBlocks(t *testing.T) {
	s := start(t, Options{})
	const number = "+33639980101"
	report := ovhSend(t, s, strings.Replace(advert, "{", `{"tag":"t9",`, 1))
	if err := s.Reply(number, "", "Merci"); err != nil {
		t.Fatal(err)
	}
	path := "/sms/" + ovh.Service
	ids := decode[[]int64](t, ovhCall(t, s, "GET", path+"/incoming?tag=t9", ""))
	if len(ids) != 1 {
		t.Fatalf("incoming %v", ids)
	}
	in := decode[map[string]any](t, ovhCall(t, s, "GET", path+"/incoming/"+itoa(ids[0]), ""))
	if in["message"] != "Merci" || in["sender"] != number || in["tag"] != "t9" {
		t.Errorf("incoming %v", in)
	}
	if got := control(
		t, s, http.MethodPost, "/handsets/"+number+"/reply", `{"to":"36111","text":"Stop"}`,
	); got.status != 202 {
		t.Fatalf("STOP: %+v", got)
	}
	if got := decode[[]string](
		t, ovhCall(t, s, "GET", path+"/blacklists", ""),
	); !slices.Equal(got, []string{number}) {
		t.Errorf("blacklist %v", got)
	}
	entry := decode[map[string]any](t, ovhCall(t, s, "GET", path+"/blacklists/%2B33639980101", ""))
	if entry["smsOutgoingID"] != float64(report.IDs[0]) {
		t.Errorf("entry %v", entry)
	}
	blocked := ovhSend(t, s, job("b", "", number)).IDs[0]
	out := decode[map[string]any](t, ovhCall(t, s, "GET", path+"/outgoing/"+itoa(blocked), ""))
	if out["deliveryReceipt"] != 2.0 || out["ptt"] != 23.0 || len(s.Handset(number)) != 1 {
		t.Errorf("after STOP %v", out)
	}
	if got := ovhCall(t, s, "DELETE", path+"/blacklists/"+number, ""); got.body != "null\n" {
		t.Errorf("unblock: %+v", got)
	}
	ovhSend(t, s, job("c", "", number))
	if got := len(s.Handset(number)); got != 2 {
		t.Errorf("%d texts after unblocking, want 2", got)
	}
}

func TestClassFlashIsShownAtOnce(t *testing.T) {
	s := start(t, Options{})
	for class, want := range map[string]string{"": "", `,"class":"phoneDisplay"`: "", `,"class":"flash"`: world.Flash} {
		number := "+3363998010" + strconv.Itoa(len(class)%10)
		ovhSend(t, s, `{"message":"a","receivers":["`+number+`"],"sender":"RELAIS","noStopClause":true`+class+`}`)
		if got := s.Handset(number); len(got) != 1 || got[0].Kind != want {
			t.Errorf("with %q the handset shows %+v, want the kind %q", class, got, want)
		}
	}
}
