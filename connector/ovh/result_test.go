package ovh

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

// seen is an outcome in a form that compares.
type seen struct {
	ID    string
	Taken bool
	Fault connector.Fault
	Code  string
}

func see(outcomes []connector.Outcome) []seen {
	var list []seen
	for _, o := range outcomes {
		s := seen{ID: o.ProviderID, Taken: o.Err == nil}
		if o.Err != nil {
			s.Fault, s.Code = connector.FaultOf(o.Err), connector.CodeOf(o.Err)
		}
		list = append(list, s)
	}
	return list
}

func TestReportOfOne(t *testing.T) {
	doubt := seen{Fault: connector.Uncertain, Code: codeUnclearReport}
	for _, tc := range []struct {
		name, body string
		want       seen
	}{
		{"taken", accepted, seen{ID: "27814656", Taken: true}},
		{"2019 sample", `{"totalCreditsRemoved":1,"invalidReceivers":[],"ids":[27814656],"validReceivers":["+33639980123"]}`, seen{ID: "27814656", Taken: true}},
		{"number in 00 form", `{"ids":[5],"validReceivers":["0033639980123"],"invalidReceivers":[]}`, seen{ID: "5", Taken: true}},
		{"id above 2^53", `{"ids":[9007199254740993],"validReceivers":["+33639980123"],"invalidReceivers":[]}`, seen{ID: "9007199254740993", Taken: true}},
		{"largest id", `{"ids":[9223372036854775807],"validReceivers":["+33639980123"],"invalidReceivers":[]}`, seen{ID: "9223372036854775807", Taken: true}},
		{"id repeated", `{"ids":[5,5],"validReceivers":["+33639980123"],"invalidReceivers":[]}`, seen{ID: "5", Taken: true}},
		{"odd balance", `{"ids":[5],"validReceivers":["+33639980123"],"creditsLeft":"many"}`, seen{ID: "5", Taken: true}},
		{"refused", `{"ids":[],"validReceivers":[],"invalidReceivers":["+33639980123"],"totalCreditsRemoved":0}`, seen{Fault: connector.Rejected, Code: codeInvalidReceiver}},
		{"refused in 00 form", `{"ids":[],"validReceivers":[],"invalidReceivers":["0033639980123"]}`, seen{Fault: connector.Rejected, Code: codeInvalidReceiver}},
		{"in neither list", `{"ids":[5],"validReceivers":["+33639980199"],"invalidReceivers":[]}`, doubt},
		{"in both lists", `{"ids":[5],"validReceivers":["+33639980123"],"invalidReceivers":["+33639980123"]}`, doubt},
		{"taken without an id", `{"ids":[],"validReceivers":["+33639980123"],"invalidReceivers":[]}`, doubt},
		{"two ids, unreadable", `{"ids":[5,6],"validReceivers":["+33639980123"],"invalidReceivers":[]}`, seen{Taken: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(jobsRoute, 200, tc.body)
			got, err := o.open(nil).Submit(t.Context(), []sms.Message{message(testNumber)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]seen{tc.want}, see(got)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReportUnreadable(t *testing.T) {
	for _, tc := range []struct{ name, body string }{
		{"empty", ""},
		{"page", "<html><body>+33639980123</body></html>"},
		{"cut", `{"ids":[27814656],"validRec`},
		{"null", "null"},
		{"empty object", "{}"},
		{"error under status 200", `{"class":"Client::Forbidden","message":"This call has not been granted"}`},
		{"id as a float", `{"ids":[2.5],"validReceivers":["+33639980123"]}`},
		{"id beyond 64 bits", `{"ids":[9223372036854775808],"validReceivers":["+33639980123"]}`},
		{"numbers for strings", `{"ids":[1],"validReceivers":[33639980123]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(jobsRoute, 200, tc.body)
			got, err := o.open(nil).Submit(t.Context(), []sms.Message{message(testNumber)})
			if err == nil || connector.FaultOf(err) != connector.Uncertain {
				t.Fatalf("got %+v, %v, want doubt", got, err)
			}
			if strings.Contains(err.Error(), "39980123") || !strings.Contains(err.Error(), testTrace) {
				t.Errorf("error %q shows the number, or not the call", err)
			}
		})
	}
}

func TestReportOfMany(t *testing.T) {
	const (
		a, b, x = "+33639980101", "+33639980102", "+33639980103"
		log     = "GET /1.0/sms/sms-ab12345-1/outgoing/%d"
		pending = "GET /1.0/sms/sms-ab12345-1/jobs/%d"
	)
	doubt := seen{Fault: connector.Uncertain, Code: codeUnclearReport}
	refused := seen{Fault: connector.Rejected, Code: codeInvalidReceiver}
	for _, tc := range []struct {
		name, body string
		owners     map[string]string // route to receiver
		want       []seen
	}{
		{
			"read back, in another order",
			`{"ids":[11,12],"validReceivers":["+33639980101","+33639980102"],"invalidReceivers":["+33639980103"]}`,
			map[string]string{fmt.Sprintf(log, 11): b, fmt.Sprintf(pending, 12): a},
			[]seen{{ID: "12", Taken: true}, {ID: "11", Taken: true}, refused},
		},
		{
			"one of the ids is gone", `{"ids":[11,12],"validReceivers":["+33639980101","+33639980102"],"invalidReceivers":["+33639980103"]}`,
			map[string]string{fmt.Sprintf(log, 11): b},
			[]seen{{Taken: true}, {ID: "11", Taken: true}, refused},
		},
		{
			"two ids for one number", `{"ids":[11,12],"validReceivers":["+33639980101","+33639980102"],"invalidReceivers":["+33639980103"]}`,
			map[string]string{fmt.Sprintf(log, 11): b, fmt.Sprintf(log, 12): b},
			[]seen{{Taken: true}, {Taken: true}, refused},
		},
		{
			"fewer ids than receivers", `{"ids":[11],"validReceivers":["+33639980101","+33639980102"],"invalidReceivers":["+33639980103"]}`,
			map[string]string{fmt.Sprintf(log, 11): b},
			[]seen{doubt, {ID: "11", Taken: true}, refused},
		},
		{
			"one forgotten", `{"ids":[11],"validReceivers":["+33639980101"],"invalidReceivers":["+33639980103"]}`,
			map[string]string{fmt.Sprintf(log, 11): a},
			[]seen{{ID: "11", Taken: true}, doubt, refused},
		},
		{
			"all refused", `{"ids":[],"validReceivers":[],"invalidReceivers":["+33639980101","+33639980102","+33639980103"]}`, nil,
			[]seen{refused, refused, refused},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(jobsRoute, 200, tc.body)
			for route, receiver := range tc.owners {
				o.answer(route, 200, `{"receiver":"`+receiver+`"}`)
			}
			c := o.open(func(c *Config) { c.MaxBatch = 10 })
			got, err := c.Submit(t.Context(), []sms.Message{message(a), message(b), message(x)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, see(got)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadingBackStopsWhenRefused(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 200, `{"ids":[11,12],"validReceivers":["+33639980101","+33639980102"],"invalidReceivers":[]}`)
	o.answer("GET /1.0/sms/sms-ab12345-1/outgoing/11", http.StatusForbidden,
		`{"class":"Client::Forbidden","message":"This call has not been granted"}`)
	c := o.open(func(c *Config) { c.MaxBatch = 10 })
	got, err := c.Submit(t.Context(), []sms.Message{message("+33639980101"), message("+33639980102")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]seen{{Taken: true}, {Taken: true}}, see(got)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if o.count("GET /1.0/sms/sms-ab12345-1/outgoing/12") != 0 {
		t.Error("reading went on")
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add(accepted)
	f.Add(`{"ids":null,"validReceivers":[]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		r, err := parseReport(connector.Answer{Status: 200, Header: http.Header{}, Body: []byte(body)})
		if err != nil {
			if connector.FaultOf(err) != connector.Uncertain {
				t.Errorf("%q: %v is no doubt", body, err)
			}
			return
		}
		if !slices.IsSorted(r.IDs) || len(slices.Compact(slices.Clone(r.IDs))) != len(r.IDs) {
			t.Errorf("%q: ids %v are not sorted and distinct", body, r.IDs)
		}
		c := &Client{api: &api{now: time.Now}}
		c.keepBalance(r)
	})
}
