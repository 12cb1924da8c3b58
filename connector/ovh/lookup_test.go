package ovh

import (
	"errors"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

func TestLookup(t *testing.T) {
	id := sms.NewID(time.Now())
	search := "GET /1.0/sms/sms-ab12345-1/outgoing?tag=" + id.Ref()
	one := "GET /1.0/sms/sms-ab12345-1/outgoing/"
	mine, other := `{"id":1,"tag":"`+id.Ref()+`"}`, `{"id":1,"tag":"another"}`
	for _, tc := range []struct {
		name    string
		answers map[string]string
		status  int
		want    string // empty: doubt
	}{
		{"found", map[string]string{search: `[27814656]`, one + "27814656": mine}, 200, "27814656"},
		{"id above 2^53", map[string]string{search: `[9007199254740993]`, one + "9007199254740993": mine}, 200, "9007199254740993"},
		{"sent twice: the first", map[string]string{search: `[9,8]`, one + "8": mine, one + "9": mine}, 200, "8"},
		{"filter not applied", map[string]string{search: `[7,8]`, one + "7": other, one + "8": mine}, 200, "8"},
		{"none has the tag", map[string]string{search: `[7]`, one + "7": other}, 200, ""},
		{"none", map[string]string{search: `[]`}, 200, ""},
		{"null", map[string]string{search: `null`}, 200, ""},
		{"unreadable", map[string]string{search: `<html>`}, 200, ""},
		{"not confirmed", map[string]string{search: `[7]`}, 200, ""},
		{"away", map[string]string{search: `{"class":"Server::ServiceUnavailable"}`}, 503, ""},
		{"refused", map[string]string{search: `{"class":"Client::Forbidden","message":"This call has not been granted"}`}, 403, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			for route, body := range tc.answers {
				o.answer(route, tc.status, body)
			}
			got, err := o.open(nil).Lookup(t.Context(), id)
			if got.ProviderID != tc.want || (err == nil) != (tc.want != "") {
				t.Fatalf("got %+v, %v, want %q", got, err, tc.want)
			}
			if err != nil && (errors.Is(
				err, connector.ErrNotTaken,
			) || connector.FaultOf(err) != connector.Uncertain) {
				t.Errorf("%v is taken for a no", err)
			}
		})
	}
}
