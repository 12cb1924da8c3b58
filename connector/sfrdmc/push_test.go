package sfrdmc

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

func receiver() *instance {
	return &instance{config: Config{ServiceID: "4100220033", SpaceID: "70145"}, env: connector.Env{Now: time.Now}}
}

func push(t *testing.T, i *instance, body string) (connector.News, error) {
	t.Helper()
	return i.ParseNews(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/reports", strings.NewReader(body)))
}

const head = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`

func TestParseNews(t *testing.T) {
	id := sms.NewID(time.Now())
	at := time.Date(2026, 1, 3, 8, 14, 9, 0, time.UTC)
	received := sms.Receipt{ProviderID: "3104455001", Ref: id, Status: sms.Delivered, Code: "RECEIVED", At: at}
	for _, tc := range []struct {
		name, body string
		want       connector.News
		refine     int
	}{
		{
			"XML receipt",
			head + `<status_report username="4100220033"><sms to="+33639981234" status="RECEIVED" call_id="10220500000042" broadcast_id="901000" contact_id="3104455001" ref_externe="` + id.String() + `" space_id="70145" date="2026-01-03 09:14:09"><status date="2026-01-03 09:14:09" type="RECEIVED"/></sms></status_report>`,
			connector.News{Receipts: []sms.Receipt{received}}, 0,
		},
		{
			"JSON receipt with its history",
			`{"status_report":{"username":"4100220033","sms":[{"to":"+33639981234","date":"2026-01-03T08:14:09Z","contact_id":3104455001,"ref_externe":"` + id.String() + `","space_id":70145,"status_list":[{"date":"2026-01-03T08:14:06Z","type":"SENT","info":"submitted with sender MAIRIE"},{"date":"2026-01-03T08:14:09Z","type":"RECEIVED"}],"status":"RECEIVED"}]}}`,
			connector.News{Receipts: []sms.Receipt{received}}, 0,
		},
		{
			"XML with several items, of other media too",
			head + `<status_report username="4100220033"><mail to="a@b.example" status="RECEIVED"/><sms status="SENT" contact_id="3104455001" date="2026-01-03 09:14:09 CET"/><sms status="ABORTED" contact_id="3104455002" space_id="70145"><status type="ABORTED" code="303" info="Erreur"/></sms></status_report>`,
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "3104455001", Status: sms.Submitted, Code: "SENT", At: at},
				{ProviderID: "3104455002", Status: sms.Submitted, Code: "ABORTED 303", Text: "Erreur"},
			}}, 1,
		},
		{
			"JSON reply",
			`{"status_report":{"username":4100220033,"sms":[{"to":"+33639981234","contact_id":"3104455001","status_list":[{"date":"2026-01-03T08:14:09Z","type":"ANSWERED","info":"OUI"}],"status":"ANSWERED"}]}}`,
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "3104455001", Status: sms.Delivered, Code: "ANSWERED", At: at}},
				Inbounds: []sms.Inbound{{ProviderID: replyID("3104455001", "OUI"), From: "+33639981234", Text: "OUI", AnswersID: "3104455001", At: at}},
			}, 0,
		},
		{
			"JSON in ISO 8859-1",
			"{\"status_report\":{\"username\":\"4100220033\",\"sms\":[{\"to\":\"+33639981234\",\"contact_id\":\"1\",\"status_list\":[{\"type\":\"ANSWERED\",\"info\":\"d\xe9j\xe0\"}],\"status\":\"ANSWERED\"}]}}",
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Delivered, Code: "ANSWERED"}},
				Inbounds: []sms.Inbound{{ProviderID: replyID("1", "déjà"), From: "+33639981234", Text: "déjà", AnswersID: "1"}},
			}, 0,
		},
		{
			"XML in ISO 8859-1",
			"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><status_report username=\"4100220033\"><sms status=\"ANSWERED\" to=\"+33639981234\" contact_id=\"1\"><status type=\"ANSWERED\" info=\"d\xe9j\xe0\"/></sms></status_report>",
			connector.News{
				Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Delivered, Code: "ANSWERED"}},
				Inbounds: []sms.Inbound{{ProviderID: replyID("1", "déjà"), From: "+33639981234", Text: "déjà", AnswersID: "1"}},
			}, 0,
		},
		{
			"a status that nobody documents",
			`{"status_report":{"username":"4100220033","sms":[{"contact_id":1,"status":"TELEPORTED"}]}}`,
			connector.News{Receipts: []sms.Receipt{{ProviderID: "1", Status: sms.Submitted, Code: "TELEPORTED"}}}, 0,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := receiver()
			got, err := push(t, i, tc.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("news (-want +got):\n%s", diff)
			}
			if len(i.refine.ids) != tc.refine {
				t.Errorf("%d to ask for, want %d", len(i.refine.ids), tc.refine)
			}
		})
	}
}

func TestBadPushesAreRefused(t *testing.T) {
	laughs := `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;">]>`
	for name, body := range map[string]string{
		"empty":                    "",
		"text":                     "hunter2",
		"JSON of another kind":     `{"success":true}`,
		"list":                     `[1,2,3]`,
		"cut JSON":                 `{"status_report":{"username":"4100220033","sms":[`,
		"no items":                 `{"status_report":{"username":"4100220033","sms":[]}}`,
		"another service":          `{"status_report":{"username":"hunter2","sms":[{"contact_id":1,"status":"RECEIVED"}]}}`,
		"another space":            `{"status_report":{"username":"4100220033","sms":[{"contact_id":1,"status":"RECEIVED","space_id":"hunter2"}]}}`,
		"no contact_id":            `{"status_report":{"username":"4100220033","sms":[{"status":"RECEIVED"}]}}`,
		"absurd contact_id":        `{"status_report":{"username":"4100220033","sms":[{"contact_id":"hunter2","status":"RECEIVED"}]}}`,
		"contact_id of 66 bits":    `{"status_report":{"username":"4100220033","sms":[{"contact_id":99999999999999999999,"status":"RECEIVED"}]}}`,
		"no status":                `{"status_report":{"username":"4100220033","sms":[{"contact_id":1}]}}`,
		"one good and one bad":     `{"status_report":{"username":"4100220033","sms":[{"contact_id":1,"status":"RECEIVED"},{"contact_id":0,"status":"RECEIVED"}]}}`,
		"items of a wrong type":    `{"status_report":{"username":"4100220033","sms":{"contact_id":1}}}`,
		"XML of another kind":      `<html><body>hunter2</body></html>`,
		"cut XML":                  head + `<status_report username="4100220033"><sms contact_id="1" status="RECEIVED">`,
		"typographic quotes":       head + `<status_report username=“4100220033”><sms contact_id="1" status="RECEIVED"/></status_report>`,
		"entities":                 head + laughs + `<status_report username="&lol1;"><sms contact_id="1" status="RECEIVED"/></status_report>`,
		"undeclared entity":        head + `<status_report username="4100220033"><sms contact_id="1" status="&hunter2;"/></status_report>`,
		"charset that nobody has":  `<?xml version="1.0" encoding="EBCDIC"?><status_report username="4100220033"><sms contact_id="1" status="RECEIVED"/></status_report>`,
		"UTF-8 that is none":       head + "<status_report username=\"4100220033\"><sms contact_id=\"1\" status=\"RECEIVED\" to=\"\xff\"/></status_report>",
		"elements nested for ever": head + strings.Repeat("<a>", 100_000),
		"objects nested for ever":  strings.Repeat(`{"status_report":`, 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			news, err := push(t, receiver(), body)
			if err == nil {
				t.Fatalf("it is read as %+v", news)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats what came: %v", err)
			}
		})
	}
	for method, path := range map[string]string{http.MethodGet: "/reports", http.MethodPost: "/other"} {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(`{"status_report":{"username":"4100220033","sms":[{"contact_id":1,"status":"RECEIVED"}]}}`))
		if _, err := receiver().ParseNews(r); err == nil {
			t.Errorf("%s %s is taken", method, path)
		}
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(`{"status_report":{"username":"4100220033","sms":[{"contact_id":1,"status":"RECEIVED"}]}}`))
	f.Add([]byte(head + `<status_report username="4100220033"><sms contact_id="1" status="ANSWERED"><status type="ANSWERED" info="OUI"/></sms></status_report>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/reports", strings.NewReader(string(body)))
		news, err := receiver().ParseNews(r)
		if err != nil {
			return
		}
		for _, receipt := range news.Receipts {
			if receipt.ProviderID == "" || !receipt.Status.Valid() {
				t.Errorf("receipt %+v", receipt)
			}
		}
	})
}
