package ovh_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/door/ovh"
	"relais/search"
	"relais/sms"
)

// blind is a store whose messages cannot be read for a while.
type blind struct{ ovh.Reader }

func (blind) Search(context.Context, search.Query) ([]sms.Message, bool, error) {
	return nil, false, errors.New("the disk is slow")
}

// TestBatchIsNotReadBack: what is on disk is told as accepted, whatever fails
// then: a program that hears no would send it again.
func TestBatchIsNotReadBack(t *testing.T) {
	w := open(t)
	o := w.door.Options
	o.Reader = blind{w.store}
	server := httptest.NewServer(ovh.New(o))
	defer server.Close()
	w.url = server.URL
	var b struct {
		Status       string
		Receivers    []string
		TotalRecords int64
	}
	w.call(t, "POST", service+"/batches",
		`{"message":"a","from":"Acme","to":["+33639980001","+33639980002"],"noStop":true}`, &b)
	if sent := w.messages(t); len(sent) != 2 || b.Status != "PENDING" || b.TotalRecords != 2 ||
		strings.Join(b.Receivers, " ") != "+33639980001 +33639980002" {
		t.Errorf("%d messages, %+v", len(sent), b)
	}
}

// TestNothingIsGuessed: a body whose meaning is doubtful sends nothing.
func TestNothingIsGuessed(t *testing.T) {
	w := open(t)
	for _, tc := range []struct {
		path, body string
		status     int
		words      string
	}{
		{"/batches", `{"message":true,"to":["+33639980001"]}`, 400, "'message' is not a string"},
		{"/batches", `{"message":"a","from":5,"to":["+33639980001"]}`, 400, "'from' is not a string"},
		{"/batches", `{"message":"a","class":"flash","to":["+33639980001"]}`, 400, "'class' is not one of"},
		{"/batches", `{"message":"a","to":["+33639980001"],"slotID":"3"}`, 501, "no receiver lists"},
		{"/batches", `{"message":"a","to":["+33639980001"],"deferred":"tomorrow"}`, 400, "'deferred' is not a datetime"},
		{"/batches", `{"message":"a","to":["+33639980001"],"noStop":"perhaps"}`, 400, "'noStop' is not a boolean"},
		{"/jobs", `{"message":"a","receivers":["+33639980001"],"receiversSlotId":"3"}`, 501, "no receiver lists"},
		{"/jobs", `{"message":"a","receivers":["+33639980001"],"receiversDocumentUrl":"https://forms.town.example/a.csv"}`, 501, "downloads no documents"},
		{"/virtualNumbers/%2B33639980077/jobs", `{"message":"a","receivers":["+33639980001"]}`, 404, "does not exist"}, // not one of the account's
		{"/jobs", `{"message":"a","receivers":[],"receiversSlotId":""}`, 400, "one of receivers"},
		{"/jobs", "{\"message\":\"caf\xe9\",\"receivers\":[\"+33639980001\"]}", 400, "not valid UTF-8"},
		{"/jobs", `{"message":"a \ud83d","receivers":["+33639980001"]}`, 400, "surrogate"},
		{"/batches", `{"message":"a \udc00","to":["+33639980001"]}`, 400, "surrogate"},
	} {
		w.fails(t, "POST", service+tc.path, tc.body, tc.status, tc.words)
	}
	if sent := w.messages(t); len(sent) > 0 {
		t.Errorf("%d messages were stored", len(sent))
	}
	w.post(t, `{"message":"a","receivers":["+33639980001"],"sender":"Acme","receiversSlotId":"","receiversDocumentUrl":null}`)
}

// TestWhatIsAskedForIsBounded: the rules of a consumer key are stored before
// anyone said yes, and shown to whoever says it.
func TestWhatIsAskedForIsBounded(t *testing.T) {
	w := open(t)
	many := "[" + strings.Repeat(`{"method":"GET","path":"/sms"},`, 200) + `{"method":"GET","path":"/sms"}]`
	for _, body := range []string{
		`{"accessRules":` + many + `}`,
		`{"accessRules":[{"method":"GET","path":"/sms"}],"allowedIPs":["192.0.2.1"` +
			strings.Repeat(`,"192.0.2.1"`, 200) + `]}`,
		`{"accessRules":[{"method":"GET","path":"/` + strings.Repeat("a", 1000) + `"}]}`,
		`{"accessRules":[{"method":"GET","path":"/sms\u001b[2J"}]}`,
		`{"accessRules":[{"method":"GET","path":"/sms\u202e"}]}`,
	} {
		if got := w.do(
			t, request{method: "POST", path: "/ovh/1.0/auth/credential", body: body},
		); got.status != http.StatusBadRequest {
			t.Errorf("%.80s: %d %s", body, got.status, got.body)
		}
	}
}

// TestAKeyWaitsForADay also when nobody asks for another.
func TestAKeyWaitsForADay(t *testing.T) {
	w := open(t)
	a := w.ask(t, `{"accessRules":[{"method":"GET","path":"/sms"}]}`)
	_, token, _ := strings.Cut(a.ValidationURL, "credentialToken=")
	late := time.Now().Add(24*time.Hour + time.Minute)
	if _, err := ovh.Validate(t.Context(), w.store, token, late, time.Time{}); err == nil {
		t.Error("validated after more than a day")
	}
	if _, err := ovh.Refuse(t.Context(), w.store, token, time.Now()); err != nil {
		t.Error(err)
	}
}
