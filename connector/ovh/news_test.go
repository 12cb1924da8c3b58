package ovh

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

// documentedPTTs are the codes of the guide on SMS users.
var documentedPTTs = []int64{
	0, 1, 2, 3, 4, 5, 6, 8, 20, 21, 23, 24, 25, 26, 27, 28, 29, 33, 39, 73, 74, 76, 202, 1999,
}

func TestEveryDocumentedReceiptIsMapped(t *testing.T) {
	if diff := cmp.Diff(documentedPTTs, slices.Sorted(maps.Keys(ptts))); diff != "" {
		t.Errorf("ptt (-documented +mapped):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 4, 8, 16}, slices.Sorted(maps.Keys(deliveryReceipts))); diff != "" {
		t.Errorf("deliveryReceipt (-documented +mapped):\n%s", diff)
	}
	for ptt, d := range ptts {
		ended := d.status != sms.Submitted && d.status != sms.Delivered
		if ended != (d.reason != "") || ended && !slices.Contains(sms.Reasons, d.reason) {
			t.Errorf("ptt %d is %s with reason %q", ptt, d.status, d.reason)
		}
	}
}

func TestReceiptOf(t *testing.T) {
	for _, tc := range []struct {
		name       string
		state, ptt int64
		status     sms.Status
		reason     sms.Reason
	}{
		{"delivered", 1, 4, sms.Delivered, ""},
		{"delivered, whatever ptt says", 1, 24, sms.Delivered, ""},
		{"failed, with the reason", 2, 24, sms.Undelivered, sms.ReasonAbsent},
		{"failed, reason not known", 2, 4711, sms.Undelivered, sms.ReasonUnknown},
		{"failed while ptt says it is on its way", 2, 3, sms.Undelivered, sms.ReasonUnknown},
		{"expired", 2, 8, sms.Expired, sms.ReasonExpired},
		{"not billed", 16, 29, sms.Undelivered, sms.ReasonContent},
		{"buffered", 8, 24, sms.Submitted, ""},
		{"pending", 4, 3, sms.Submitted, ""},
		{"a state that nobody documents", 3, 24, sms.Submitted, ""},
		{"no state: ptt alone", -1, 24, sms.Undelivered, sms.ReasonAbsent},
		{"no state and a ptt that nobody documents", -1, 4711, sms.Submitted, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := receiptOf(27814656, tc.state, tc.ptt)
			if got.Status != tc.status || got.Reason != tc.reason || got.ProviderID != "27814656" {
				t.Errorf("got %+v, want %s %q", got, tc.status, tc.reason)
			}
		})
	}
}

func push(t *testing.T, method, target, body string) (connector.News, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return new(Client).ParseNews(r)
}

func TestParseNews(t *testing.T) {
	id := sms.NewID(time.Now())
	march := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, method, target, body string
		want                       connector.News
	}{
		{
			"receipt", http.MethodGet, "/receipt?id=27814656&ptt=4&date=2026-03-02+10%3A15%3A00&description=1&descriptionDlr=delivered", "",
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "27814656", Status: sms.Delivered, Code: "4", Text: "delivered", At: march},
			}},
		},
		{
			"receipt with dlr and our own query", http.MethodGet,
			"/receipt?mine=1&id=5100000001&ptt=24&dlr=2&date=1772442900", "",
			connector.News{Receipts: []sms.Receipt{{
				ProviderID: "5100000001", Status: sms.Undelivered,
				Reason: sms.ReasonAbsent, Code: "24", At: march,
			}}},
		},
		{
			"receipt without ptt", http.MethodGet, "/receipt?id=7&description=16", "",
			connector.News{Receipts: []sms.Receipt{
				{ProviderID: "7", Status: sms.Undelivered, Reason: sms.ReasonUnknown, Code: "16"},
			}},
		},
		{
			"reply", http.MethodPost, "/reply?mine=1",
			"id=2900000001&senderid=33639980001&message=Oui+%C3%A0+9+h&tag=" + id.Ref() + "&shortcode=36111&mine=1",
			connector.News{Inbounds: []sms.Inbound{
				{ProviderID: "2900000001", From: "33639980001", To: "36111", Text: "Oui à 9 h", Ref: id},
			}},
		},
		{
			"reply in ISO 8859-1, tag of somebody else, no id", http.MethodPost, "/reply",
			"senderid=%2B33639980001&message=d%E9j%E0+l%92&tag=campaign",
			connector.News{Inbounds: []sms.Inbound{{From: "+33639980001", Text: "déjà l’"}}},
		},
		{
			"reply with our tag as a UUID", http.MethodPost, "/reply",
			"senderid=0639980001&message=&tag=" + id.String(),
			connector.News{Inbounds: []sms.Inbound{{From: "0639980001", Ref: id}}},
		},
		{
			"stop", http.MethodGet, "/stop?number=%2B33639980001&id=27814656", "",
			connector.News{Blocks: []sms.Block{{Number: "+33639980001", AnswersID: "27814656"}}},
		},
		{
			"stop, another way", http.MethodPost, "/stop", "sender=TownHall&receiver=33639980001",
			connector.News{Blocks: []sms.Block{{Number: "33639980001"}}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := push(t, tc.method, tc.target, tc.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("news (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadPushesAreRefused(t *testing.T) {
	for _, tc := range []struct{ name, method, target, body string }{
		{"no path", http.MethodGet, "/?id=1&description=1", ""},
		{"another path", http.MethodGet, "/receipts?id=1&description=1", ""},
		{"receipt without id", http.MethodGet, "/receipt?ptt=4&description=1", ""},
		{"id that is no number", http.MethodGet, "/receipt?id=hunter2&description=1", ""},
		{"id of 66 bits", http.MethodGet, "/receipt?id=99999999999999999999&description=1", ""},
		{"negative id", http.MethodGet, "/receipt?id=-1&description=1", ""},
		{"state that is no number", http.MethodGet, "/receipt?id=1&description=delivered", ""},
		{"negative state", http.MethodGet, "/receipt?id=1&description=-1", ""},
		{"ptt that is no number", http.MethodGet, "/receipt?id=1&description=1&ptt=hunter2", ""},
		{"nothing but an id", http.MethodGet, "/receipt?id=1", ""},
		{"receipt by POST", http.MethodPost, "/receipt", "id=1&description=1"},
		{"malformed query", http.MethodGet, "/receipt?id=%zz", ""},
		{"reply by GET", http.MethodGet, "/reply?senderid=1&message=hunter2", ""},
		{"reply without sender", http.MethodPost, "/reply", "message=hunter2"},
		{"reply without message", http.MethodPost, "/reply", "senderid=33639980001"},
		{"stop without a number", http.MethodGet, "/stop?sender=hunter2", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := push(t, tc.method, tc.target, tc.body)
			if err == nil {
				t.Fatalf("it is read as %+v", got)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "336") {
				t.Errorf("the error repeats what came: %v", err)
			}
		})
	}
}

func FuzzParseNews(f *testing.F) {
	f.Add("/receipt", "id=1&ptt=4&description=1&date=2026-03-02", "")
	f.Add("/reply", "", "id=1&senderid=336&message=%ff&tag=x")
	f.Add("/stop", "number=+336", "")
	f.Fuzz(func(t *testing.T, path, query, body string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequestWithContext(t.Context(), method, "/", strings.NewReader(body))
			r.URL.Path, r.URL.RawQuery = path, query
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			news, err := new(Client).ParseNews(r)
			if err != nil {
				continue
			}
			for _, receipt := range news.Receipts {
				if receipt.ProviderID == "" || !receipt.Status.Valid() {
					t.Errorf("receipt %+v", receipt)
				}
			}
			for _, in := range news.Inbounds {
				if in.From == "" {
					t.Error("a reply from nobody")
				}
			}
		}
	})
}
