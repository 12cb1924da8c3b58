package ovh

import (
	"crypto/sha1"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

const (
	testKey     = "0123456789abCDEF"
	testSecret  = "0123456789abcdef0123456789ABCDEF"
	testToken   = "fedcba9876543210fedcba9876543210"
	testService = "sms-ab12345-1"
	testTrace   = "EU.ext-3.63ac85b6.10528.0b3ce3bd-5b5c-4a4b-8b1f-6f0d8a1d2c3e"
	jobsRoute   = "POST /1.0/sms/sms-ab12345-1/jobs"
)

// operator answers like OVH, by route ("GET /1.0/sms?tag=x"). It checks every
// signature from what it received, with its own code.
type operator struct {
	t      *testing.T
	server *httptest.Server
	ahead  time.Duration

	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	calls  []string
	bodies map[string][]string

	otherwise http.Handler // answers what no route does
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	o := &operator{t: t, routes: map[string]http.HandlerFunc{}, bodies: map[string][]string{}}
	o.server = httptest.NewServer(o)
	t.Cleanup(o.server.Close)
	o.handle("GET /1.0/auth/time", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, time.Now().Add(o.ahead).Unix())
	})
	return o
}

func (o *operator) endpoint() string { return o.server.URL + "/1.0" }

func (o *operator) handle(route string, f http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.routes[route] = f
}

func (o *operator) answer(route string, status int, body string) {
	o.handle(route, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Ovh-QueryID", testTrace)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func (o *operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	route := r.Method + " " + r.RequestURI
	o.mu.Lock()
	o.calls = append(o.calls, route)
	o.bodies[route] = append(o.bodies[route], string(body))
	handler := o.routes[route]
	o.mu.Unlock()
	unsigned := strings.HasSuffix(r.URL.Path, "/auth/time") ||
		strings.HasSuffix(r.URL.Path, "/auth/credential") ||
		strings.HasSuffix(r.URL.Path, "/sms/rates/destinations")
	if !unsigned && !o.signed(r, body) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"class":"Client::BadRequest","message":"Invalid signature"}`)
		return
	}
	if handler == nil && o.otherwise != nil {
		handler = o.otherwise.ServeHTTP
	}
	if handler == nil {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(
			w, `{"class":"Client::NotFound","message":"The requested object does not exist"}`,
		)
		return
	}
	handler(w, r)
}

func (o *operator) signed(r *http.Request, body []byte) bool {
	stamp := r.Header.Get("X-Ovh-Timestamp")
	unix, _ := strconv.ParseInt(stamp, 10, 64)
	if off := time.Unix(unix, 0).Sub(time.Now().Add(o.ahead)).Abs(); off > 30*time.Second {
		return false
	}
	plain := strings.Join([]string{
		testSecret, testToken, r.Method, "http://" + r.Host + r.RequestURI, string(body), stamp,
	}, "+")
	return r.Header.Get("X-Ovh-Application") == testKey && r.Header.Get("X-Ovh-Consumer") == testToken &&
		r.Header.Get("X-Ovh-Signature") == fmt.Sprintf("$1$%x", sha1.Sum([]byte(plain)))
}

func (o *operator) count(route string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, call := range o.calls {
		if call == route {
			n++
		}
	}
	return n
}

func (o *operator) lastBody(route string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	bodies := o.bodies[route]
	if len(bodies) == 0 {
		o.t.Fatalf("no call to %s", route)
	}
	return bodies[len(bodies)-1]
}

func (o *operator) config() *Config {
	c := defaults()
	c.Endpoint = o.endpoint()
	c.ApplicationKey, c.ApplicationSecret, c.ConsumerKey = testKey, testSecret, testToken
	c.Service, c.Sender = testService, "TownHall"
	return c
}

// open makes an instance of this operator, as the application does.
func (o *operator) open(change func(*Config)) *Client {
	o.t.Helper()
	config := o.config()
	if change != nil {
		change(config)
	}
	if err := config.Validate(); err != nil {
		o.t.Fatal(err)
	}
	c, _, err := Provider().Open(config, connector.Env{
		Log:      slog.New(slog.DiscardHandler),
		Instance: "ovh-test", HTTP: connector.NewHTTPClient(8), Now: time.Now,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return c.(*Client)
}

const testNumber sms.Number = "+33639980123"

func message(to sms.Number) sms.Message {
	now := time.Now()
	return sms.Message{
		ID: sms.NewID(now), Submission: sms.NewID(now), To: to, Text: "Bonjour", Class: sms.Transactional,
		Encoding: sms.GSM7, Segments: 1, ExpiresAt: now.Add(48 * time.Hour),
	}
}

// accepted is the sample answer of the guide "API SMS Cookbook", with the
// balance that the schema adds.
const accepted = `{"totalCreditsRemoved":1,"invalidReceivers":[],"ids":[27814656],"validReceivers":["+33639980123"],"creditsLeft":41.5,"tag":"x"}`
