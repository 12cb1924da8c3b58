package ovh

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

// log answers the routes that a poll asks for.
type log struct {
	delivered, failed, replies []int64
	blocked                    []string
	broken                     string // path that answers 500
}

func (l *log) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/1.0/sms/"+testService)
	list := func(ids []int64) {
		fmt.Fprintln(w, strings.ReplaceAll(fmt.Sprint(append([]int64{}, ids...)), " ", ","))
	}
	switch {
	case l.broken != "" && strings.HasPrefix(path, l.broken):
		w.WriteHeader(http.StatusInternalServerError)
	case path == "/outgoing" && r.URL.Query().Get("creationDatetime.from") == "":
		w.WriteHeader(http.StatusBadRequest)
	case path == "/outgoing" && r.URL.Query().Get("deliveryReceipt") == "1":
		list(l.delivered)
	case path == "/outgoing" && r.URL.Query().Get("deliveryReceipt") == "2":
		list(l.failed)
	case path == "/outgoing":
		list(nil)
	case strings.HasPrefix(path, "/outgoing/404"), strings.HasPrefix(path, "/jobs/404"):
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintln(w, `{"class":"Client::NotFound","message":"The requested object does not exist"}`)
	case strings.HasPrefix(path, "/outgoing/"):
		fmt.Fprintf(w, `{"id":%s,"deliveryReceipt":2,"ptt":24,"tag":"","deliveredAt":null}`,
			path[len("/outgoing/"):])
	case path == "/incoming":
		list(l.replies)
	case strings.HasPrefix(path, "/incoming/"):
		fmt.Fprintf(w, `{"id":%s,"sender":"+33639980001","message":"Oui","tag":"","creationDatetime":"2026-03-02T10:15:00+01:00"}`, path[len("/incoming/"):])
	case path == "/blacklists":
		fmt.Fprintf(w, `["%s"]`, strings.Join(l.blocked, `","`))
	case strings.HasPrefix(path, "/blacklists/"):
		fmt.Fprintln(w, `{"dateCreation":"2026-03-02T10:15:00+01:00","smsOutgoingID":27814656}`)
	}
}

func polled(t *testing.T, c *Client, from string) (news connector.News, next string, err error) {
	t.Helper()
	next, err = c.PollNews(t.Context(), from, func(n connector.News) error {
		news.Receipts = append(news.Receipts, n.Receipts...)
		news.Inbounds = append(news.Inbounds, n.Inbounds...)
		news.Blocks = append(news.Blocks, n.Blocks...)
		return nil
	})
	return news, next, err
}

func pollClient(t *testing.T, l *log) *Client {
	t.Helper()
	o := newOperator(t)
	o.otherwise = l
	return o.open(nil)
}

func TestPollTellsEachThingOnce(t *testing.T) {
	l := &log{
		delivered: []int64{12, 11}, failed: []int64{13}, replies: []int64{21, 20},
		blocked: []string{"+33639980007"},
	}
	c := pollClient(t, l)
	news, next, err := polled(t, c, "")
	if err != nil {
		t.Fatal(err)
	}
	march := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	want := connector.News{
		Receipts: []sms.Receipt{
			{ProviderID: "11", Status: sms.Delivered},
			{ProviderID: "12", Status: sms.Delivered},
			{ProviderID: "13", Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "24"},
		},
		Inbounds: []sms.Inbound{
			{ProviderID: "20", From: "+33639980001", Text: "Oui", At: march}, {ProviderID: "21", From: "+33639980001", Text: "Oui", At: march},
		},
		Blocks: []sms.Block{{Number: "+33639980007", AnswersID: "27814656", At: march}},
	}
	if diff := cmp.Diff(want, news); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	l.replies = append(l.replies, 22)
	again, _, err := polled(t, c, next)
	if err != nil || len(again.Receipts)+len(again.Blocks) != 0 || len(again.Inbounds) != 1 ||
		again.Inbounds[0].ProviderID != "22" {
		t.Errorf("the next poll tells %+v, %v", again, err)
	}
}

func TestPollGoesOnWhereItStopped(t *testing.T) {
	l := &log{}
	for id := range int64(100) {
		l.replies = append(l.replies, 1+id)
	}
	c := pollClient(t, l)
	next, total := "", 0
	for range 5 {
		news, cursor, err := polled(t, c, next)
		if err != nil || len(news.Inbounds) > mostReads {
			t.Fatalf("%d replies in one poll, %v", len(news.Inbounds), err)
		}
		next, total = cursor, total+len(news.Inbounds)
	}
	if total != 100 {
		t.Errorf("%d replies in five polls, want 100", total)
	}
}

func TestPollKeepsItsCursorWhenAPieceIsNotStored(t *testing.T) {
	c := pollClient(t, &log{replies: []int64{20, 21}})
	full := errors.New("the disk is full")
	stored := 0
	next, err := c.PollNews(t.Context(), "", func(connector.News) error {
		if stored == 1 {
			return full
		}
		stored++
		return nil
	})
	if !errors.Is(err, full) {
		t.Fatalf("error %v", err)
	}
	news, _, err := polled(t, c, next)
	if err != nil || len(news.Inbounds) != 1 || news.Inbounds[0].ProviderID != "21" {
		t.Errorf("after it the poll tells %+v, %v", news, err)
	}
}

func TestPollSaysWhatFailed(t *testing.T) {
	for _, broken := range []string{"/outgoing", "/incoming", "/blacklists"} {
		c := pollClient(t, &log{broken: broken, replies: []int64{20}})
		if _, _, err := polled(t, c, ""); err == nil {
			t.Errorf("a poll succeeds though %s fails", broken)
		}
	}
}

func TestReadStatus(t *testing.T) {
	c := pollClient(t, &log{})
	receipts, err := c.ReadStatus(t.Context(), []sms.Message{{ProviderID: "13"}, {ProviderID: "404"}, {}})
	if err != nil || len(receipts) != 1 || receipts[0].ProviderID != "13" ||
		receipts[0].Reason != sms.ReasonAbsent {
		t.Errorf("receipts %+v, %v", receipts, err)
	}
	c = pollClient(t, &log{broken: "/outgoing"})
	if _, err := c.ReadStatus(t.Context(), []sms.Message{{ProviderID: "13"}}); err == nil {
		t.Error("a status is told though it could not be read")
	}
}

// A clock that ran ahead, ours or the operator's, must not hide the replies that come
// until its time comes again.
func TestPollStartsAgainFromAMomentThatIsToCome(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	dayAgo := now.Add(-24 * time.Hour)
	for _, tc := range []struct {
		name, from string
		want       cursor
	}{
		{"the first poll", "", cursor{Since: dayAgo}},
		{"a cursor of another version", "12", cursor{Since: dayAgo}},
		{"an hour ago", `{"incoming":7,"since":"2026-11-29T11:00:00Z"}`, cursor{7, now.Add(-time.Hour)}},
		{"years ahead", `{"incoming":7,"since":"2030-01-01T00:00:00Z"}`, cursor{7, dayAgo}},
		{"a minute ahead", `{"incoming":7,"since":"2026-11-29T12:01:00Z"}`, cursor{7, dayAgo}},
		{"no moment", `{"incoming":7}`, cursor{7, dayAgo}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, readCursor(tc.from, now)); diff != "" {
				t.Errorf("cursor (-want +got):\n%s", diff)
			}
		})
	}
}
