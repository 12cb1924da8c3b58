package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"relais/api"
	"relais/gateway"
)

// serve puts the door behind a real server.
func (d *door) serve() *httptest.Server {
	d.t.Helper()
	s := httptest.NewUnstartedServer(d)
	s.Config.ErrorLog = nil
	s.Start()
	d.t.Cleanup(s.Close)
	return s
}

// call sends a request over a real connection.
func (d *door) call(s *httptest.Server, r request) answer {
	d.t.Helper()
	d.log.forbid(r.body)
	got, err := s.Client().Do(r.http(d.t.Context(), s.URL))
	if err != nil {
		d.t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{d.t, got, body}
}

// raw writes bytes to the server, ends its side when cut is set, and returns
// the first answer.
func (d *door) raw(s *httptest.Server, text string, cut bool) answer {
	d.t.Helper()
	conn, err := new(net.Dialer).DialContext(d.t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		d.t.Fatal(err)
	}
	if cut {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			d.t.Fatal(err)
		}
	}
	got, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{d.t, got, body}
}

func head(extra ...string) string {
	lines := append([]string{
		"POST /v1/messages HTTP/1.1", "Host: relais.example", "Authorization: Bearer " + townKey,
	}, extra...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func TestContentTypeDoesNotMatter(t *testing.T) {
	d := open(t)
	s := d.serve()
	for _, contentType := range []string{
		"application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded",
		"text/plain", "nonsense", "",
	} {
		t.Run("type "+contentType, func(t *testing.T) {
			d := d.in(t)
			d.call(s, withHeader(message(good), "Content-Type", contentType)).as(http.StatusAccepted,
				&api.SubmitAnswer{})
		})
	}
}

func TestHeadAnswersLikeGetWithoutBody(t *testing.T) {
	d := open(t)
	s := d.serve()
	for _, path := range []string{
		"/v1/messages", "/v1/connectors", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs",
	} {
		t.Run(path, func(t *testing.T) {
			got := d.in(t).call(s, request{method: "HEAD", path: path})
			if got.StatusCode != http.StatusOK || len(got.body) != 0 {
				t.Errorf("HEAD: %d with %d bytes, want 200 with none", got.StatusCode, len(got.body))
			}
		})
	}
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	d := open(t)
	for _, tc := range []struct{ name, method, path, want string }{
		{"collection", "PUT", "/v1/messages", "GET, HEAD, POST"},
		{"message", "PATCH", "/v1/messages/" + someID, "GET, HEAD"},
		{"cancel", "GET", "/v1/messages/" + someID + "/cancel", "POST"},
		{"options", "OPTIONS", "/v1/connectors", "GET, HEAD"},
		{"probe", "DELETE", "/readyz", "GET, HEAD"},
		{"preview, whose word is no id", "GET", "/v1/messages/preview", "POST"},
		{"method nobody knows", "BREW", "/v1/messages", "GET, HEAD, POST"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.in(t).do(request{method: tc.method, path: tc.path})
			got.problem(http.StatusMethodNotAllowed, "method_wrong")
			if allow := got.Header.Get("Allow"); allow != tc.want {
				t.Errorf("Allow = %q, want %q", allow, tc.want)
			}
		})
	}
}

func TestExpectContinue(t *testing.T) {
	d := open(t)
	s := d.serve()
	d.log.forbid(good)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, head("Expect: 100-continue", "Content-Length: 45"))
	r := bufio.NewReader(conn)
	if line, err := r.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("first line %q, %v; want 100 Continue", line, err)
	}
	r.ReadString('\n')
	io.WriteString(conn, good)
	got, err := http.ReadResponse(r, nil)
	if err != nil || got.StatusCode != http.StatusAccepted {
		t.Fatalf("answer %v, %v; want 202", got, err)
	}
	got.Body.Close()
}

func TestBodyThatIsTooLargeIsNotAskedFor(t *testing.T) {
	d := open(t)
	got := d.raw(d.serve(), head("Expect: 100-continue", "Content-Length: 10485761"), false)
	got.problem(http.StatusRequestEntityTooLarge, "body_too_large")
}

func TestSizeOfBody(t *testing.T) {
	d := open(t)
	s := d.serve()
	const most = 10 << 20
	for _, tc := range []struct {
		name    string
		size    int
		chunked bool
		status  int
		code    string
	}{
		{"largest", most, false, 422, "text_too_long"},
		{"one more", most + 1, false, 413, "body_too_large"},
		{"largest in chunks", most, true, 422, "text_too_long"},
		{"one more in chunks", most + 1, true, 413, "body_too_large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			frame := len(`{"to":"+33639980001","text":""}`)
			r := message(`{"to":"+33639980001","text":"` + strings.Repeat("a", tc.size-frame) + `"}`)
			made := r.http(t.Context(), s.URL)
			if tc.chunked {
				made.ContentLength, made.Body = -1, io.NopCloser(strings.NewReader(r.body))
			}
			got, err := s.Client().Do(made)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			body, err := io.ReadAll(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			answer{t, got, body}.problem(tc.status, tc.code)
		})
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	d := open(t)
	s := d.serve()
	for _, tc := range []struct{ name, text string }{
		{"shorter than announced", head("Content-Length: 100") + good},
		{"malformed chunk", head("Transfer-Encoding: chunked") + "zz\r\n" + good},
		{"no last chunk", head("Transfer-Encoding: chunked") + "2\r\n{}\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := d.in(t)
			d.raw(s, tc.text, true).problem(http.StatusBadRequest, "body_cut")
		})
	}
}

func TestNothingIsSniffed(t *testing.T) {
	d := open(t)
	for _, r := range []request{
		message(good), message("x"), get("/docs"), get("/nowhere"), withKey(get("/v1/messages"), "-"),
	} {
		if got := d.do(r); got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", r.path)
		}
	}
}

// fragile panics where the metrics should be.
func fragile(begun bool, cause any) setting {
	return func(_ *gateway.Options, a *api.Options) {
		a.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if begun {
				io.WriteString(w, strings.Repeat("half an answer ", 1000))
				w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().(http.Flusher).Flush()
			}
			panic(cause)
		})
	}
}

func TestPanicIsAnsweredAndLogged(t *testing.T) {
	for _, tc := range []struct {
		name  string
		cause any
		want  string
	}{
		{"value that may be personal", "Bonjour +33639980001", "cause=string"},
		{"error that may be personal", errors.New("Bonjour +33639980001"), "cause=*errors.errorString"},
		{"of the runtime", runtimePanic(), `cause="runtime error: index out of range [3] with length 0"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t, fragile(false, tc.cause))
			s := d.serve()
			d.log.forbid(good)
			d.call(s, get("/metrics")).problem(http.StatusInternalServerError, "internal_error")
			if log := d.log.String(); !strings.Contains(log, tc.want) {
				t.Errorf("log %q, want %q in it", log, tc.want)
			}
		})
	}
}

func runtimePanic() (cause any) {
	defer func() { cause = recover() }()
	var none []int
	return none[len("abc")]
}

func TestPanicInTheMiddleCutsTheAnswer(t *testing.T) {
	d := open(t, fragile(true, "half"))
	s := d.serve()
	got, err := s.Client().Do(get("/metrics").http(t.Context(), s.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if _, err := io.ReadAll(got.Body); err == nil {
		t.Error("an answer that was cut looks whole")
	}
	if !strings.Contains(d.log.String(), "a request panicked") {
		t.Error("the panic was not logged")
	}
}

func TestCallerWhoLeftIsNoPanic(t *testing.T) {
	d := open(t, fragile(false, error(&net.OpError{Op: "write", Err: errors.New("broken pipe")})))
	s := d.serve()
	got, err := s.Client().Do(get("/metrics").http(t.Context(), s.URL))
	if err == nil {
		got.Body.Close()
		t.Errorf("answer %d, want a cut connection", got.StatusCode)
	}
	if log := d.log.String(); log != "" {
		t.Errorf("log %q, want nothing", log)
	}
}

func TestAnswersAreCounted(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change setting
		ask    []request
		want   string
	}{
		{"nothing yet", nil, nil, `relais_answers_total{door="submit",status="503"} 0`},
		{"accepted", nil, []request{message(good), message(good)}, `relais_answers_total{door="submit",status="202"} 2`},
		{"measured", nil, []request{message(good)}, `relais_answer_seconds_count{door="submit"} 1`},
		{"refused", nil, []request{message("x")}, `relais_answers_total{door="submit",status="400"} 1`},
		{"read", nil, []request{get("/v1/messages")}, `relais_answers_total{door="api",status="200"} 1`},
		{"callback", nil, []request{get("/callbacks/ovh/guessed")}, `relais_answers_total{door="callbacks",status="404"} 1`},
		{"probe", nil, []request{get("/healthz")}, `relais_answers_total{door="other",status="200"} 1`},
		{"too much waits", func(g *gateway.Options, _ *api.Options) { g.Limits.Backlog = 0 }, []request{message(good)}, `relais_answers_total{door="submit",status="429"} 1`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var change []setting
			if tc.change != nil {
				change = append(change, tc.change)
			}
			d := open(t, change...)
			for _, r := range tc.ask {
				d.do(r)
			}
			if got := string(d.do(get("/metrics")).body); !strings.Contains(got, tc.want+"\n") {
				t.Errorf("no line %q in\n%s", tc.want, got)
			}
		})
	}
}

func TestPanicsAndCallersWhoLeftAreCounted(t *testing.T) {
	for _, tc := range []struct {
		name  string
		begun bool
		cause any
		want  string
	}{
		{"panic", false, "half", "500"},
		{"panic in the middle", true, "half", "500"},
		{"caller who left", false, error(&net.OpError{Op: "write", Err: errors.New("broken pipe")}), "499"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			registry := prometheus.NewRegistry()
			d := open(t, fragile(tc.begun, tc.cause), func(_ *gateway.Options, a *api.Options) {
				a.Answers = api.NewMetrics(registry)
			})
			s := d.serve()
			if got, err := s.Client().Do(get("/metrics").http(t.Context(), s.URL)); err == nil {
				got.Body.Close()
			}
			s.Close() // waits for the handler
			w := httptest.NewRecorder()
			promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w,
				httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
			if want := `relais_answers_total{door="other",status="` + tc.want + `"} 1`; !strings.Contains(w.Body.String(), want) {
				t.Errorf("no line %q in\n%s", want, w.Body)
			}
		})
	}
}

// A client that writes a whole body before it reads gets the refusal all the
// same, and not a broken connection.
func TestTooLargeBodyIsAnsweredToThoseWhoWriteFirst(t *testing.T) {
	const size = 12 << 20
	length := fmt.Sprintf("Content-Length: %d", size)
	for _, tc := range []struct {
		name, head string
		status     int
		code       string
	}{
		{"too large", head(length), http.StatusRequestEntityTooLarge, "body_too_large"},
		{"without a key", "POST /v1/messages HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n", http.StatusUnauthorized, "key_missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t)
			d.raw(d.serve(), tc.head+strings.Repeat(" ", size), false).problem(tc.status, tc.code)
		})
	}
}
