package sfrdmc

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

// receiver is an instance that takes pushes.
func receiver() *instance {
	return &instance{config: Config{ServiceID: "4100220033", SpaceID: "70145", RefineErrors: true}}
}

func pushTo(t *testing.T, i *instance, body string) (connector.News, error) {
	t.Helper()
	return i.ParseNews(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/reports",
		strings.NewReader(body)))
}

// pushed reads a sample, with our id in the place of its reference.
func pushed(t *testing.T, name string, ref sms.ID) string {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "{ref}", ref.String())
}

// at is the moment of the samples.
func at(minute, second int) time.Time { return time.Date(2026, 1, 3, 8, minute, second, 0, time.UTC) }

const declaration = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`

// inXML and inJSON put items in a push of our service.
func inXML(items string) string {
	return declaration + `<status_report username="4100220033">` + items + `</status_report>`
}

func inJSON(items string) string {
	return `{"status_report":{"username":"4100220033","sms":[` + items + `]}}`
}

func TestParseNews(t *testing.T) {
	ref := sms.NewID(time.Now())
	for _, tc := range []struct {
		name, body  string
		want        connector.News
		unexplained []string
	}{
		{
			"XML receipt", pushed(t, "push-received.xml", ref),
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "3104455001", Ref: ref, Status: sms.Delivered, Code: "RECEIVED", At: at(14, 9)},
			}},
			nil,
		},
		{
			"XML reply, and a mail", pushed(t, "push-reply.xml", ref),
			connector.News{
				Receipts: []sms.Receipt{{
					ProviderID: "3104455001", Ref: ref, Status: sms.Delivered,
					Code: "ANSWERED", At: at(20, 31),
				}},
				Inbounds: []sms.Inbound{{
					ProviderID: "3104455001:9a472009c669e9f2", From: "+33639980101", Text: "OUI, été <18h>",
					AnswersID: "3104455001", Ref: ref, At: at(20, 31),
				}},
			},
			nil,
		},
		{
			"JSON with a history, ids as text and as numbers", pushed(t, "push-history.json", ref),
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "3104455001", Ref: ref, Status: sms.Delivered, Code: "RECEIVED", At: at(14, 9)},
				{ProviderID: "3104455002", Status: sms.Submitted, Code: "SENT", Text: "submitted with sender 36180", At: at(14, 6)},
			}},
			nil,
		},
		{
			"JSON error", pushed(t, "push-error.json", ref),
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "3104455003", Ref: ref, Status: sms.Submitted, Code: "ERROR 303", Text: "exemple", At: at(15, 2)},
			}},
			[]string{"3104455003"},
		},
		{
			"JSON behind a mark of its charset", "\uFEFF \n" +
				inJSON(`{"contact_id":1,"space_id":70145,"status":"SENT"}`),
			connector.News{Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Submitted, Code: "SENT"}}},
			nil,
		},
		{
			"abort without a history", inXML(
				`<sms contact_id="3104455003" space_id="70145" status="ABORTED" date="2026-01-03 09:15:02"/>`,
			),
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "3104455003", Status: sms.Submitted, Code: "ABORTED", At: at(15, 2)},
			}},
			[]string{"3104455003"},
		},
		{
			"two replies after a receipt", inJSON(`{"to":"+33639980101","contact_id":"3104455001","space_id":"70145","status_list":[
				{"date":"2026-01-03T08:14:09Z","type":"RECEIVED"},
				{"date":"2026-01-03T08:20:31Z","type":"ANSWERED","info":"OUI"},
				{"date":"2026-01-03T08:21:00Z","type":"ANSWERED","info":"non"}],"status":"ANSWERED"}`),
			connector.News{
				Receipts: []sms.Receipt{
					{ProviderID: "3104455001", Status: sms.Delivered, Code: "ANSWERED", At: at(14, 9)},
				},
				Inbounds: []sms.Inbound{
					{ProviderID: "3104455001:e029f71e07ace2a2", From: "+33639980101", Text: "OUI", AnswersID: "3104455001", At: at(20, 31)},
					{ProviderID: "3104455001:bcee72e6df5d5631", From: "+33639980101", Text: "non", AnswersID: "3104455001", At: at(21, 0)},
				},
			},
			nil,
		},
		{
			"a reply whose text did not come",
			inJSON(`{"contact_id":1,"space_id":70145,"status":"ANSWERED"}`),
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Delivered, Code: "ANSWERED"}},
			},
			nil,
		},
		{
			"status in the history alone",
			inJSON(`{"contact_id":1,"space_id":70145,"status_list":[{"type":"SENT"},{"type":"received"}]}`),
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Delivered, Code: "RECEIVED"}},
			},
			nil,
		},
		{
			"a status that nobody documents",
			inJSON(`{"contact_id":1,"space_id":70145,"status":"TELEPORTED","status_list":[{"type":"TELEPORTED","info":"ailleurs"}]}`),
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "1", Status: sms.Submitted, Code: "TELEPORTED", Text: "ailleurs"},
			}},
			nil,
		},
		{
			"our reference and no id", inJSON(`{"space_id":70145,"ref_externe":"` +
				strings.ToUpper(ref.String()) + `","status":"RECEIVED"}`),
			connector.News{Receipts: []sms.Receipt{{Ref: ref, Status: sms.Delivered, Code: "RECEIVED"}}},
			nil,
		},
		{
			"our reference and an absurd id",
			inJSON(`{"space_id":70145,"contact_id":{"a":1},"ref_externe":"` + ref.String() +
				`","status":"RECEIVED"}`),
			connector.News{Receipts: []sms.Receipt{{Ref: ref, Status: sms.Delivered, Code: "RECEIVED"}}},
			nil,
		},
		{
			"another space, another's reference, and one of ours",
			inJSON(`{"contact_id":1,"space_id":70146,"status":"RECEIVED"},{"space_id":70145,"ref_externe":"other-7","status":"RECEIVED"},null,{"contact_id":2,"space_id":70145,"ref_externe":"other-8","status":"RECEIVED"}`),
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "2", Status: sms.Delivered, Code: "RECEIVED"}},
			},
			nil,
		},
		{
			"JSON in ISO 8859-1", inJSON("{\"to\":\"+33639980101\",\"contact_id\":1,\"space_id\":70145,\"status_list\":[{\"type\":\"ANSWERED\",\"info\":\"d\xe9j\xe0\"}],\"status\":\"ANSWERED\"}"),
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Delivered, Code: "ANSWERED"}},
				Inbounds: []sms.Inbound{
					{ProviderID: "1:1913fb3460b7de06", From: "+33639980101", Text: "déjà", AnswersID: "1"},
				},
			},
			nil,
		},
		{
			"XML in ISO 8859-15", "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><status_report username=\"4100220033\"><sms contact_id=\"1\" space_id=\"70145\" status=\"ERROR\"><status type=\"ERROR\" info=\"5 \xa4 \xe0 payer\"/></sms></status_report>",
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "1", Status: sms.Submitted, Code: "ERROR", Text: "5 € à payer"},
			}},
			[]string{"1"},
		},
		{
			"XML in ISO 8859-1", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><status_report username=\"4100220033\"><sms contact_id=\"1\" space_id=\"70145\" status=\"SENT\"><status type=\"SENT\" info=\"\xe9\"/></sms></status_report>",
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Submitted, Code: "SENT", Text: "é"}},
			},
			nil,
		},
		{
			"XML in Windows-1252", "<?xml version=\"1.0\" encoding=\"windows-1252\"?><status_report username=\"4100220033\"><sms contact_id=\"1\" space_id=\"70145\" status=\"SENT\"><status type=\"SENT\" info=\"l\x92\xe9 5 \x80 \x81\"/></sms></status_report>",
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "1", Status: sms.Submitted, Code: "SENT", Text: "l’é 5 € \uFFFD"},
			}},
			nil,
		},
		{
			"XML without a declaration", `<status_report username="4100220033"><sms contact_id="1" space_id="70145" status="SENT"/></status_report><!-- end -->`,
			connector.News{Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Submitted, Code: "SENT"}}},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := receiver()
			got, err := pushTo(t, i, tc.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("news (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.unexplained, i.unexplained.order); diff != "" {
				t.Errorf("failures to ask about (-want +got):\n%s", diff)
			}
		})
	}
}

// Without refine_errors a failure ends the message at once.
func TestErrorsEndMessagesWhereTheyAreNotRefined(t *testing.T) {
	ref := sms.NewID(time.Now())
	i := receiver()
	i.config.RefineErrors = false
	got, err := pushTo(t, i, pushed(t, "push-error.json", ref))
	if err != nil {
		t.Fatal(err)
	}
	want := connector.News{Receipts: []sms.Receipt{{
		ProviderID: "3104455003", Ref: ref, Status: sms.Undelivered, Reason: sms.ReasonUnknown,
		Code: "ERROR 303", Text: "exemple", At: at(15, 2),
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	if i.unexplained.waiting() {
		t.Error("its reason will be asked for")
	}
}

func TestPathsAndMethodsOfPushes(t *testing.T) {
	body := inJSON(`{"contact_id":1,"space_id":70145,"status":"RECEIVED"}`)
	for _, tc := range []struct {
		name, method, path string
		wantErr            bool
	}{
		{"root", "POST", "/", false},
		{"nothing", "POST", "", false},
		{"report", "POST", "/report", false},
		{"reports", "POST", "/reports", false},
		{"reports and a slash", "POST", "/reports/", false},
		{"another path", "POST", "/receipt", true},
		{"a longer path", "POST", "/reports/1", true},
		{"GET", "GET", "/reports", true},
		{"PUT", "PUT", "/reports", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "/", strings.NewReader(body))
			r.URL.Path = tc.path
			if _, err := receiver().ParseNews(r); (err != nil) != tc.wantErr {
				t.Errorf("error = %v, want one: %t", err, tc.wantErr)
			}
		})
	}
}

func TestBadPushesAreRefused(t *testing.T) {
	good := `{"contact_id":1,"space_id":70145,"status":"RECEIVED"}`
	element := `<sms contact_id="1" space_id="70145" status="RECEIVED"/>`
	laughs := `<!DOCTYPE lolz [<!ENTITY lol "lol">`
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		laughs += `<!ENTITY lol` + n + ` "` + strings.Repeat("&lol;", 10) + `">`
	}
	laughs += "]>"
	for _, tc := range []struct{ name, body string }{
		{"empty", ""},
		{"blank", " \n"},
		{"text", "hunter2"},
		{"form", "status_report=hunter2"},
		{"UTF-16", "\xff\xfe<\x00s\x00"},
		{"JSON of another kind", `{"success":true}`},
		{"list", `[1,2,3]`},
		{"lists in lists", strings.Repeat("[", 1_000_000)},
		{"junk for messages", inJSON(`1,"hunter2",[],true`)},
		{"null report", `{"status_report":null}`},
		{"report of a wrong type", `{"status_report":"hunter2"}`},
		{"cut JSON", `{"status_report":{"username":"4100220033","sms":[` + good},
		{"two documents", inJSON(good) + inJSON(good)},
		{"no messages", inJSON("")},
		{"null messages", inJSON("null,null")},
		{"messages of a wrong type", `{"status_report":{"username":"4100220033","sms":` + good + `}}`},
		{"another service", strings.Replace(inJSON(good), "4100220033", "hunter2", 1)},
		{"no service", `{"status_report":{"sms":[` + good + `]}}`},
		{"another space", inJSON(`{"contact_id":1,"space_id":"hunter2","status":"RECEIVED"}`)},
		{"no space", inJSON(`{"contact_id":1,"status":"RECEIVED"}`)},
		{"neither id nor reference", inJSON(`{"space_id":70145,"status":"RECEIVED"}`)},
		{"absurd id", inJSON(`{"space_id":70145,"contact_id":"hunter2","status":"RECEIVED"}`)},
		{"id of 66 bits", inJSON(`{"space_id":70145,"contact_id":99999999999999999999,"status":"RECEIVED"}`)},
		{"fraction for an id", inJSON(`{"space_id":70145,"contact_id":1.5,"status":"RECEIVED"}`)},
		{"negative id", inJSON(`{"space_id":70145,"contact_id":-1,"status":"RECEIVED"}`)},
		{"no status", inJSON(`{"space_id":70145,"contact_id":1}`)},
		{"status of a wrong type", inJSON(`{"space_id":70145,"contact_id":1,"status":["RECEIVED"]}`)},
		{"a good message and a bad one", inJSON(good + `,{"space_id":70145,"contact_id":0,"status":"RECEIVED"}`)},
		{"only somebody else's", inJSON(`{"space_id":70145,"ref_externe":"hunter2","status":"RECEIVED"}`)},
		{"objects in objects", strings.Repeat(`{"status_report":`, 100_000)},
		{"10 MB of JSON", inJSON(strings.Repeat(`{"space_id":1},`, 700_000) + `{"space_id":1}`)},

		{"XML of another kind", `<html><body>hunter2</body></html>`},
		{"cut XML", strings.TrimSuffix(inXML(element), "</status_report>")},
		{"two roots", inXML(element) + `<status_report username="4100220033"/>`},
		{"text behind the root", inXML(element) + "hunter2"},
		{"no messages in XML", inXML("")},
		{"a mail alone", inXML(`<mail contact_id="1" space_id="70145" status="RECEIVED"/>`)},
		{"typographic quotes", strings.ReplaceAll(inXML(element), `"70145"`, "“70145”")},
		{"an attribute twice", inXML(`<sms contact_id="1" space_id="70145" status="ERROR" status="RECEIVED"/>`)},
		{"document type", declaration + `<!DOCTYPE status_report>` + strings.TrimPrefix(inXML(element), declaration)},
		{"document type in lower case", declaration + `<!doctype status_report>` + strings.TrimPrefix(inXML(element), declaration)},
		{"billion laughs", declaration + laughs + `<status_report username="4100220033"><sms contact_id="1" space_id="70145" status="&lol9;"/></status_report>`},
		{"a file as an entity", declaration + `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>` + `<status_report username="4100220033"><sms contact_id="1" space_id="70145" status="&x;"/></status_report>`},
		{"undeclared entity", inXML(`<sms contact_id="1" space_id="70145" status="&hunter2;"/>`)},
		{"processing instruction", inXML(`<?xml version="1.0" encoding="ISO-8859-1"?>` + element)},
		{"charset that is not read", strings.Replace(inXML(element), "UTF-8", "UTF-7", 1)},
		{"another charset than declared", inXML("<sms contact_id=\"1\" space_id=\"70145\" status=\"ANSWERED\"><status type=\"ANSWERED\" info=\"d\xe9j\xe0\"/></sms>")},
		{"elements in elements", declaration + strings.Repeat("<status_report>", 1_000_000)},
		{"elements in elements, closed", declaration + strings.Repeat("<sms>", 50_000) + strings.Repeat("</sms>", 50_000)},
		{"10 MB of XML", inXML(strings.Repeat(`<sms space_id="1" a="b"/>`, 420_000))},
		{"10 MB of an attribute", inXML(`<sms contact_id="` + strings.Repeat("1", 10<<20) + `" space_id="70145" status="RECEIVED"/>`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := receiver()
			news, err := pushTo(t, i, tc.body)
			if err == nil {
				t.Fatalf("it is read as %+v", news)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats what came: %v", err)
			}
			if diff := cmp.Diff(connector.News{}, news); diff != "" {
				t.Errorf("news beside an error (-want +got):\n%s", diff)
			}
			if i.unexplained.waiting() {
				t.Error("a refused push is remembered")
			}
		})
	}
}

// A reply may come by a push and by a poll, and must be stored once.
func TestRepliesHaveOneKey(t *testing.T) {
	body := inXML(`<sms to="+33639980101" contact_id="3104455001" space_id="70145" status="ANSWERED"><status type="ANSWERED" info=" Oui,&#10;merci"/></sms>`)
	byPush, err := pushTo(t, receiver(), body)
	if err != nil {
		t.Fatal(err)
	}
	byPoll := newsOf([]unitReport{{MessageID: "3104455001", To: "+33639980101", Response: "Oui, merci "}})
	if len(byPush.Inbounds) != 1 || len(byPoll.Inbounds) != 1 {
		t.Fatalf("replies: %+v and %+v, want one each", byPush.Inbounds, byPoll.Inbounds)
	}
	if diff := cmp.Diff(byPush.Inbounds[0].ProviderID, byPoll.Inbounds[0].ProviderID); diff != "" {
		t.Errorf("keys (-push +poll):\n%s", diff)
	}
	others := newsOf([]unitReport{
		{MessageID: "3104455001", Response: "Non"}, {MessageID: "3104455002", Response: "Oui, merci"},
	})
	for _, in := range others.Inbounds {
		if in.ProviderID == byPush.Inbounds[0].ProviderID {
			t.Errorf("another reply has the same key: %+v", in)
		}
	}
}

func TestParseDate(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       time.Time
	}{
		{"JSON", "2026-01-03T08:14:09Z", at(14, 9)},
		{"JSON with milliseconds", "2026-01-03T08:14:09.250Z", at(14, 9).Add(250 * time.Millisecond)},
		{"winter in Paris", "2026-01-03 09:14:09", at(14, 9)},
		{"winter, named", "2026-01-03 09:14:09 CET", at(14, 9)},
		{"summer in Paris", "2026-07-03 10:14:09", time.Date(2026, 7, 3, 8, 14, 9, 0, time.UTC)},
		{"summer, named", "2026-07-03 10:14:09 CEST", time.Date(2026, 7, 3, 8, 14, 9, 0, time.UTC)},
		{"the hour that comes twice, first", "2026-10-25 02:30:00 CEST", time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)},
		{"the hour that comes twice, second", "2026-10-25 02:30:00 CET", time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)},
		{"blanks around", " 2026-01-03 09:14:09 ", at(14, 9)},
		{"French order", "03/01/2026 09:14:09", time.Time{}},
		{"no such day", "2026-02-30 09:14:09", time.Time{}},
		{"long ago", "0001-01-01T00:00:00Z", time.Time{}},
		{"far away", "9999-12-31T23:59:59Z", time.Time{}},
		{"nothing", "", time.Time{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, parseDate(tc.text)); diff != "" {
				t.Errorf("date (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever is pushed, there is an error, or receipts that name a message and
// have a status of their table.
func FuzzParseNews(f *testing.F) {
	for _, name := range []string{
		"push-received.xml", "push-reply.xml", "push-history.json", "push-error.json",
	} {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(inXML(
		`<sms contact_id="1" space_id="70145" status="ANSWERED"><status type="ANSWERED" info="OUI"/></sms>`,
	)))
	f.Add([]byte(inJSON(`{"contact_id":1,"space_id":70145,"status":"RECEIVED"}`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/",
			strings.NewReader(string(body)))
		news, err := receiver().ParseNews(r)
		if err != nil {
			return
		}
		if len(news.Receipts) == 0 || len(news.Blocks) > 0 {
			t.Errorf("news %+v", news)
		}
		checkNews(t, news)
		for _, receipt := range news.Receipts {
			if receipt.Status != sms.Submitted && receipt.Status != sms.Delivered {
				t.Errorf("%s without its reason", receipt.Status)
			}
			delivered := receipt.Code == pushReceived || receipt.Code == pushAnswered
			if (receipt.Status == sms.Delivered) != delivered {
				t.Errorf("%q is read as %s", receipt.Code, receipt.Status)
			}
		}
	})
}

// checkNews is about news of any source.
func checkNews(t *testing.T, news connector.News) {
	t.Helper()
	for _, receipt := range news.Receipts {
		named := digitsForm.MatchString(receipt.ProviderID) || receipt.ProviderID == "" &&
			!receipt.Ref.IsZero()
		final := receipt.Status.Final() && receipt.Status != sms.Canceled
		explained := (receipt.Reason != "") == (final && receipt.Status != sms.Delivered)
		if !named || !final && receipt.Status != sms.Submitted || !explained || receipt.Code == "" {
			t.Errorf("receipt %+v", receipt)
		}
	}
	for _, in := range news.Inbounds {
		if in.ProviderID == "" || in.Text == "" {
			t.Errorf("reply %+v", in)
		}
	}
}
