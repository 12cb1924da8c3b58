package sandbox

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

// customer is a system that operators call.
type customer struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []string // path, query and form of OVH; path, status and id of DMC
	refuse int      // so many calls are answered 500
}

func newCustomer(t *testing.T) *customer {
	t.Helper()
	c := &customer{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *customer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse > 0 {
		c.refuse--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		var push struct {
			Report struct{ Sms []dmc.PushItem } `json:"status_report"`
		}
		if err := json.Unmarshal(body, &push); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.items(push.Report.Sms)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "text/xml"):
		var push struct {
			Items []dmc.PushItem `xml:"sms"`
		}
		if err := xml.Unmarshal(body, &push); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.items(push.Items)
	default:
		c.calls = append(c.calls, r.Method+" "+r.URL.Path+" "+r.URL.RawQuery+string(body))
	}
}

func (c *customer) items(items []dmc.PushItem) {
	for _, it := range items {
		c.calls = append(c.calls, fmt.Sprintf("%s %s %s", it.ContactID, it.Status,
			it.History[len(it.History)-1].Info))
	}
}

func (c *customer) got() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.calls...)
}

func quiet(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Quiet(ctx); err != nil {
		t.Fatal(err)
	}
}

// callMe sets the account's callbacks.
func callMe(t *testing.T, s *Server, c *customer) {
	t.Helper()
	body := `{"callBack":"` + c.URL + `/dlr?mine=1","stopCallBack":"` + c.URL +
		`/stop","smsResponse":{"responseType":"cgi","cgiUrl":"` + c.URL + `/mo"}}`
	if got := ovhCall(t, s, http.MethodPut, "/sms/"+ovh.Service, body); got.status != http.StatusOK {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	s.SetDMCPush(dmc.Push{URL: c.URL + "/dmc"})
}

func TestFatesOfOVH(t *testing.T) {
	s := start(t, Options{FateDelay: 20 * time.Millisecond})
	c := newCustomer(t)
	callMe(t, s, c)
	for last, want := range map[int]struct {
		receipt, ptt, texts int
		calls               []string
	}{
		1:  {1, 4, 1, []string{"ptt=4 description=1"}},
		50: {2, 24, 0, []string{"ptt=24 description=2"}},
		55: {2, 27, 0, []string{"ptt=27 description=2"}},
		60: {4, 3, 1, nil},
		70: {1, 4, 1, []string{"ptt=4 description=1"}},
		75: {1, 4, 1, []string{"ptt=1 description=8", "ptt=4 description=1"}},
		80: {2, 23, 0, []string{"ptt=23 description=2"}},
		85: {2, 8, 0, []string{"ptt=8 description=2"}},
		90: {2, 25, 0, []string{"ptt=25 description=2"}},
	} {
		number := fmt.Sprintf("+336399801%02d", last)
		report := ovhSend(t, s, job("Bonjour", "", number))
		quiet(t, s)
		sent := decode[ovh.Outgoing](t,
			ovhCall(t, s, http.MethodGet, fmt.Sprintf("/sms/%s/outgoing/%d", ovh.Service, report.IDs[0]), ""))
		if sent.DeliveryReceipt != want.receipt || sent.PTT != want.ptt ||
			len(texts(s, number)) != want.texts {
			t.Errorf("%s: receipt %d, ptt %d, %d texts",
				number, sent.DeliveryReceipt, sent.PTT, len(texts(s, number)))
		}
		var calls []string
		for _, call := range c.got() {
			if strings.Contains(call, fmt.Sprintf("id=%d&", report.IDs[0])) {
				_, query, _ := strings.Cut(call, "&ptt=")
				ptt, _, _ := strings.Cut(query, "&")
				_, state, _ := strings.Cut(query, "&description=")
				state, _, _ = strings.Cut(state, "&")
				calls = append(calls, "ptt="+ptt+" description="+state)
			}
		}
		if diff := cmp.Diff(want.calls, calls); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", number, diff)
		}
	}
}

func TestFatesOfDMC(t *testing.T) {
	for _, format := range []string{"json", "xml"} {
		s := start(t, Options{FateDelay: 20 * time.Millisecond})
		c := newCustomer(t)
		s.SetDMCPush(dmc.Push{URL: c.URL, Format: format})
		for last, want := range map[int]struct {
			code, status string
			texts        int
			pushed       []string
		}{
			1:  {"CRA_SMS_RECEIVED", "DONE", 1, []string{"RECEIVED"}},
			50: {"CRA_SMS_FALSENUMBER", "FAILED", 0, []string{"ERROR"}},
			55: {"CRA_SMS_WRONGNUMBER", "FAILED", 0, []string{"ERROR"}},
			60: {"CRA_SMS_SENT", "RUNNING", 1, nil},
			70: {"CRA_SMS_RECEIVED", "DONE", 1, []string{"RECEIVED"}},
			75: {"CRA_SMS_RECEIVED", "DONE", 1, []string{"SENT", "RECEIVED"}},
			80: {"CRA_SMS_BLOCKED", "FAILED", 0, []string{"ERROR"}},
			85: {"CRA_SMS_DATEEXPIRED", "FAILED", 0, []string{"ERROR"}},
			90: {"CRA_SMS_OPFAILURE", "FAILED", 0, []string{"ERROR"}},
		} {
			number := fmt.Sprintf("+336399801%02d", last)
			id := dmcSend(t, s, unit("SMS", "Bonjour", number, dmc.Sender, "ref"))
			quiet(t, s)
			cras := decode[dmcEnvelope[[]dmc.Cra]](t,
				dmcPost(t, s, "SupervisionWS/findCraByIds", "contactIds", "["+itoa(id)+"]")).Response
			if len(cras) != 1 || cras[0].CallResultCode != want.code || cras[0].Status != want.status ||
				len(texts(s, number)) != want.texts {
				t.Errorf("%s: %+v, %d texts", number, cras, len(texts(s, number)))
			}
			var pushed []string
			for _, call := range c.got() {
				if strings.HasPrefix(call, itoa(id)+" ") {
					pushed = append(pushed, strings.Fields(call)[1])
				}
			}
			if diff := cmp.Diff(want.pushed, pushed); diff != "" {
				t.Errorf("%s in %s: pushed (-want +got):\n%s", number, format, diff)
			}
		}
	}
}

func TestPeopleAnswer(t *testing.T) {
	s := start(t, Options{})
	c := newCustomer(t)
	callMe(t, s, c)
	stop, yes := ovhSend(t, s, job("Bonjour", "tag-1", "+33639980165")), ovhSend(t, s,
		job("Venez-vous ?", "tag-2", "+33639980195"))
	dmc := dmcSend(t, s, unit("SMS", "Venez-vous ?", "+33639980196", dmc.Sender, ""))
	quiet(t, s)
	all := strings.Join(c.got(), "\n")
	for _, want := range []string{
		fmt.Sprintf("GET /stop number=%%2B33639980165&id=%d", stop.IDs[0]),
		"message=OUI&senderid=33639980195&shortcode=36111&tag=tag-2",
		itoa(dmc) + " ANSWERED OUI",
		fmt.Sprintf("GET /dlr mine=1&id=%d", yes.IDs[0]),
	} {
		if !strings.Contains(all, want) {
			t.Errorf("want %q in\n%s", want, all)
		}
	}
	before := len(texts(s, "+33639980165"))
	ovhSend(t, s, job("Encore", "", "+33639980165"))
	if len(texts(s, "+33639980165")) != before {
		t.Error("a text arrived after STOP")
	}
}

func TestReceiptFaults(t *testing.T) {
	for _, operator := range []string{world.OVH, world.DMC} {
		for kind, want := range map[string]int{
			world.FaultNoReceipt: 0, world.FaultLateReceipt: 1, world.FaultDuplicateReceipt: 3, world.FaultReorderedReceipt: 2,
			world.FaultReceiptBeforeAnswer: 1,
		} {
			t.Run(operator+" "+kind, func(t *testing.T) {
				s := start(t, Options{})
				c := newCustomer(t)
				callMe(t, s, c)
				if err := s.SetFault(world.Fault{Operator: operator, Kind: kind, DelayMS: 30}); err != nil {
					t.Fatal(err)
				}
				if operator == world.OVH {
					ovhSend(t, s, job("Bonjour", "", "+33639980101"))
				} else {
					dmcSend(t, s, unit("SMS", "Bonjour", "+33639980101", dmc.Sender, ""))
				}
				if kind == world.FaultReceiptBeforeAnswer && len(c.got()) != 1 {
					t.Error("the answer came before the receipt")
				}
				quiet(t, s)
				if got := c.got(); len(got) != want {
					t.Errorf("%d receipts, want %d: %v", len(got), want, got)
				}
				if len(texts(s, "+33639980101")) != 1 {
					t.Error("the text is not on the handset")
				}
			})
		}
	}
}

func TestPushesAreRepeatedUntilTheyAreTaken(t *testing.T) {
	s := start(t, Options{PushRetryEvery: time.Millisecond})
	c := newCustomer(t)
	callMe(t, s, c)
	c.mu.Lock()
	c.refuse = 5
	c.mu.Unlock()
	ovhSend(t, s, job("Bonjour", "", "+33639980101", "+33639980102"))
	for range 30 {
		dmcSend(t, s, unit("SMS", "Bonjour", "+33639980101", dmc.Sender, ""))
	}
	quiet(t, s)
	if got := c.got(); len(got) != 32 {
		t.Errorf("%d receipts were taken, want 32", len(got))
	}
}

func TestReceiverOfWebhooks(t *testing.T) {
	s := start(t, Options{})
	hook := func(body string) int {
		r := request(t, http.MethodPost, s.URL()+"/webhooks/forms", body)
		r.Header.Set("Webhook-Id", "evt_"+body)
		return do(t, r).status
	}
	control(t, s, "PUT", "/webhooks/forms", `{"status":500,"count":1}`)
	for i, want := range []int{500, 204, 204} {
		if got := hook(fmt.Sprint(i)); got != want {
			t.Errorf("request %d is answered %d, want %d", i, got, want)
		}
	}
	got := decode[[]Delivery](t, control(t, s, "GET", "/webhooks/forms", ""))
	if len(got) != 3 || got[0].Status != 500 || got[2].ID != "evt_2" || string(got[2].Body) != "2" {
		t.Errorf("it got %+v", got)
	}
	if got := control(t, s, "DELETE", "/webhooks/forms", ""); got.status != http.StatusNoContent ||
		len(s.Webhooks("forms")) != 0 {
		t.Errorf("status %d, %d left", got.status, len(s.Webhooks("forms")))
	}
}
