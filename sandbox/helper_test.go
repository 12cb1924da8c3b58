package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); code == 0 && err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

// weekday is a Tuesday at noon in Paris, when advertising may leave.
var weekday = time.Date(2026, 3, 3, 12, 0, 0, 0, world.Paris)

// start runs a sandbox on a free port at weekday's hour.
func start(t *testing.T, opts Options) *Server {
	t.Helper()
	opts.Listen = "127.0.0.1:0"
	s, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s.SetClock(weekday)
	return s
}

// reply is what a call got.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func do(t *testing.T, req *http.Request) reply {
	t.Helper()
	client := &http.Client{
		Timeout:       20 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(body), err}
}

func request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// control calls a control route.
func control(t *testing.T, s *Server, method, path, body string) reply {
	t.Helper()
	return do(t, request(t, method, s.URL()+path, body))
}

// ovhRequest is a signed call, as the guide describes it.
func ovhRequest(t *testing.T, s *Server, consumer, method, path, body string) *http.Request {
	t.Helper()
	target := s.URL() + "/ovh/1.0" + path
	req := request(t, method, target, body)
	stamp := strconv.FormatInt(s.world.Clock.Now().Unix(), 10)
	req.Header.Set("X-Ovh-Application", ovh.ApplicationKey)
	req.Header.Set("X-Ovh-Consumer", consumer)
	req.Header.Set("X-Ovh-Timestamp", stamp)
	req.Header.Set("X-Ovh-Signature",
		ovh.Sign(ovh.ApplicationSecret, consumer, method, target, []byte(body), stamp))
	return req
}

func ovhCall(t *testing.T, s *Server, method, path, body string) reply {
	t.Helper()
	return do(t, ovhRequest(t, s, ovh.ConsumerKey, method, path, body))
}

const jobsPath = "/sms/" + ovh.Service + "/jobs"

// ovhSend posts a job and wants a report.
func ovhSend(t *testing.T, s *Server, body string) ovh.Report {
	t.Helper()
	return decode[ovh.Report](t, ovhCall(t, s, http.MethodPost, jobsPath, body))
}

// job is a body for numbers, not advertising.
func job(text, tag string, numbers ...string) string {
	body, _ := json.Marshal(map[string]any{
		"message": text, "receivers": numbers, "sender": ovh.Sender, "noStopClause": true, "tag": tag,
	})
	return string(body)
}

func decode[T any](t *testing.T, r reply) T {
	t.Helper()
	var value T
	if r.err != nil || r.status != http.StatusOK {
		t.Fatalf("status %d, error %v, body %s", r.status, r.err, r.body)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.body)))
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
	return value
}

const dmcLoginJSON = `{"serviceId":"` + dmc.ServiceID + `","servicePassword":"` + dmc.Password +
	`","spaceId":"` + dmc.SpaceID + `","lang":"fr_FR"}`

// dmcForm holds the credentials and the given names and values.
func dmcForm(pairs ...string) url.Values {
	form := url.Values{"authenticate": {dmcLoginJSON}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func dmcRequest(t *testing.T, s *Server, call string, form url.Values) *http.Request {
	t.Helper()
	req := request(t, http.MethodPost, s.URL()+"/dmc/DmcWS/1.5.8/JsonService/"+call, form.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func dmcPost(t *testing.T, s *Server, call string, pairs ...string) reply {
	t.Helper()
	return do(t, dmcRequest(t, s, call, dmcForm(pairs...)))
}

type dmcEnvelope[T any] struct {
	Success       bool   `json:"success"`
	Response      T      `json:"response"`
	ErrorCode     string `json:"errorCode"`
	ErrorDetail   string `json:"errorDetail"`
	Fatal         bool   `json:"fatal"`
	InvalidParams bool   `json:"invalidParams"`
}

func unit(media, text, to, from, refExt string) string {
	body, _ := json.Marshal(
		map[string]string{"media": media, "textMsg": text, "to": to, "from": from, "refExt": refExt},
	)
	return string(body)
}

const addCall = "MessagesUnitairesWS/addSingleCall"

func dmcSend(t *testing.T, s *Server, unit string) int64 {
	t.Helper()
	got := decode[dmcEnvelope[int64]](t, dmcPost(t, s, addCall, "messageUnitaire", unit))
	if !got.Success {
		t.Fatalf("refused: %+v", got)
	}
	return got.Response
}

// isReset reports whether a call ended without an answer.
func isReset(r reply) bool {
	return r.err != nil && (errors.Is(r.err, io.EOF) || errors.Is(r.err, io.ErrUnexpectedEOF) ||
		strings.Contains(r.err.Error(), "reset by peer"))
}

func texts(s *Server, number string) []string {
	list := []string{}
	for _, text := range s.Handset(number) {
		list = append(list, text.Text)
	}
	return list
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
