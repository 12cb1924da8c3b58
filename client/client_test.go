package client_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/client"
)

// direct answers requests in the same goroutine, so that synctest sees every
// wait. A handler that panics with http.ErrAbortHandler loses the connection.
type direct struct{ http.Handler }

var errLost = errors.New("connection lost")

func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil {
			resp, err = nil, errLost
		}
	}()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func overHandler(h http.HandlerFunc) *client.Client {
	c := client.New("http://gateway.test/", "relais_secret")
	c.HTTP = &http.Client{Transport: direct{h}, Timeout: 10 * time.Second}
	return c
}

const accepted = `{"messages":[{"id":"1","to":"+33639980001","status":"queued"}],"rejected":[],"warnings":[]}`

func problem(w http.ResponseWriter, status int, after, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.WriteHeader(status)
	io.WriteString(w, `{"status":1,"code":"`+code+`","detail":"No."}`)
}

func TestSubmitIsSentAgain(t *testing.T) {
	refuse := func(status int, after string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { problem(w, status, after, "later") }
	}
	lose := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	accept := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, accepted)
	}
	for _, tc := range []struct {
		name    string
		first   http.HandlerFunc // answers all but the last request
		calls   int              // made when the last one is accepted
		wait    time.Duration
		success bool
	}{
		{"at once", accept, 1, 0, true},
		{"lost connection", lose, 3, 300 * time.Millisecond, true},
		{"back-pressure", refuse(429, "5"), 2, 5 * time.Second, true},
		{"not available", refuse(503, ""), 2, 100 * time.Millisecond, true},
		{"five times and no more", lose, 5, 1500 * time.Millisecond, false},
		{"too long to wait", refuse(429, "31"), 1, 0, false},
		{"refused for good", refuse(422, ""), 1, 0, false},
		{"a failure inside", refuse(500, ""), 1, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var keys, bodies []string
				c := overHandler(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, string(body))
					if len(keys) == tc.calls && tc.success {
						accept(w, r)
						return
					}
					tc.first(w, r)
				})
				start := time.Now()
				answer, err := c.Submit(t.Context(),
					client.SubmitRequest{To: []string{"+33639980001"}, Text: "Bonjour"})
				if (err == nil) != tc.success {
					t.Fatalf("Submit = %v, %v", answer, err)
				}
				if len(keys) != tc.calls || time.Since(start) != tc.wait {
					t.Errorf("%d calls in %v, want %d in %v", len(keys), time.Since(start), tc.calls, tc.wait)
				}
				for i := range keys {
					if keys[i] == "" || keys[i] != keys[0] || bodies[i] != bodies[0] {
						t.Errorf("call %d has key %q and body %q, unlike %q and %q",
							i, keys[i], bodies[i], keys[0], bodies[0])
					}
				}
			})
		})
	}
}

func TestOnlySubmissionsAreSentAgain(t *testing.T) {
	for _, tc := range []struct {
		name string
		call func(context.Context, *client.Client) error
	}{
		{"preview", func(ctx context.Context, c *client.Client) error {
			_, err := c.Preview(ctx, client.PreviewRequest{})
			return err
		}},
		{"cancel", func(ctx context.Context, c *client.Client) error { _, err := c.Cancel(ctx, "1"); return err }},
		{"message", func(ctx context.Context, c *client.Client) error { _, err := c.Message(ctx, "1"); return err }},
		{"ready", func(ctx context.Context, c *client.Client) error { return c.Ready(ctx) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			calls := 0
			c := overHandler(func(http.ResponseWriter, *http.Request) {
				calls++
				panic(http.ErrAbortHandler)
			})
			err := tc.call(t.Context(), c)
			if _, ok := errors.AsType[*client.ConnectionError](err); !ok || !errors.Is(err, errLost) ||
				calls != 1 {
				t.Errorf("%d calls, error %v; want one and a *ConnectionError", calls, err)
			}
		})
	}
}

func TestSubmitUsesTheCallersKey(t *testing.T) {
	var got string
	c := overHandler(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Idempotency-Key")
		io.WriteString(w, accepted)
	})
	if _, err := c.Submit(t.Context(), client.SubmitRequest{IdempotencyKey: "order-12"}); err != nil ||
		got != "order-12" {
		t.Errorf("key %q, error %v; want order-12", got, err)
	}
}

func TestLanguage(t *testing.T) {
	var got []string
	c := overHandler(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Accept-Language"))
		io.WriteString(w, accepted)
	})
	for _, c.Language = range []string{"", "fr"} {
		if _, err := c.Preview(t.Context(), client.PreviewRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"", "fr"}, got); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
}

func TestProblem(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		header     http.Header
		want       client.Problem
	}{
		{
			"refusal", `{"type":"/docs/problems#no_recipient","title":"T","status":422,"code":"no_recipient","detail":"D",
				"errors":[{"field":"/to","line":1,"detail":"F"}],"rejected":[{"to":"12","index":0,"code":"c","detail":"R"}]}`, 422, nil,
			client.Problem{
				Type: "/docs/problems#no_recipient", Title: "T", Status: 422,
				Code: "no_recipient", Detail: "D",
				Errors:   []client.FieldError{{Field: "/to", Line: 1, Detail: "F"}},
				Rejected: []client.Refused{{To: "12", Code: "c", Detail: "R"}},
			},
		},
		{
			"a page of something else", "<html>", 502, nil,
			client.Problem{
				Title: "Bad Gateway", Status: 502, Code: client.CodeNoProblem,
				Detail: "HTTP status 502 without a problem document; is this the address of a gateway?",
			},
		},
		{
			"a redirect is not followed", "", 301,
			http.Header{"Location": {"https://gateway.test/"}},
			client.Problem{
				Title: "Moved Permanently", Status: 301, Code: client.CodeNoProblem,
				Detail: "HTTP status 301 without a problem document; is this the address of a gateway?",
			},
		},
		{
			"a time to wait", `{"code":"backlog_full","detail":"D"}`, 429,
			http.Header{"Retry-After": {"99999999999"}},
			client.Problem{Status: 429, Code: "backlog_full", Detail: "D", RetryAfter: 24 * time.Hour},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := overHandler(func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), tc.header)
				w.WriteHeader(tc.status)
				io.WriteString(w, tc.body)
			})
			_, err := c.Submit(t.Context(), client.SubmitRequest{})
			got, ok := errors.AsType[*client.Problem](err)
			if !ok {
				t.Fatalf("error %v is no *Problem", err)
			}
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("problem (-want +got):\n%s", diff)
			}
			if !strings.Contains(err.Error(), tc.want.Code) {
				t.Errorf("error %q does not name the code", err)
			}
		})
	}
}

func TestErrorsHoldNoNumberAndNoKey(t *testing.T) {
	c := overHandler(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := c.Messages(t.Context(), client.Query{To: "+33639980001"})
	if err == nil || strings.Contains(err.Error(), "39980001") ||
		strings.Contains(err.Error(), "relais_secret") {
		t.Errorf("error %v", err)
	}
}

func TestQuery(t *testing.T) {
	since := time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("", 3600))
	for _, tc := range []struct {
		name  string
		query client.Query
		want  string
	}{
		{"everything", client.Query{}, ""},
		{
			"all fields",
			client.Query{
				To: "+33639980001", Status: client.Submitted,
				Class: "otp", Connector: "ovh", Reference: "a&b", Metadata: "counter:foo",
				Since: since, Until: since.Add(time.Hour), Limit: 10, Cursor: "c",
			},
			"class=otp&connector=ovh&cursor=c&limit=10&metadata=counter%3Afoo&reference=a%26b&since=2026-03-01T10%3A00%3A00%2B01%3A00" +
				"&status=submitted&to=%2B33639980001&until=2026-03-01T11%3A00%3A00%2B01%3A00",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got, auth string
			c := overHandler(func(w http.ResponseWriter, r *http.Request) {
				got, auth = r.URL.RawQuery, r.Header.Get("Authorization")
				io.WriteString(w, `{"items":[{"id":"1"}],"next":"n"}`)
			})
			list, err := c.Messages(t.Context(), tc.query)
			if err != nil || len(list.Items) != 1 || list.Next != "n" {
				t.Fatalf("Messages = %v, %v", list, err)
			}
			if got != tc.want || auth != "Bearer relais_secret" {
				t.Errorf("query %q with %q, want %q", got, auth, tc.want)
			}
		})
	}
}

func TestWait(t *testing.T) {
	status := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"id":"1","status":"`+s+`"}`)
		}
	}
	lose := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	refuse := func(w http.ResponseWriter, _ *http.Request) { problem(w, 404, "", "message_unknown") }
	for _, tc := range []struct {
		name    string
		answers []http.HandlerFunc // the last one repeats
		want    client.Status      // of the message returned; empty for none
		err     string
	}{
		{"submitted", []http.HandlerFunc{status("queued"), status("submitting"), status("submitted")}, client.Submitted, ""},
		{"uncertain", []http.HandlerFunc{status("uncertain")}, client.Uncertain, ""},
		{"final", []http.HandlerFunc{status("queued"), status("rejected")}, client.Rejected, ""},
		{"a gateway that restarts", []http.HandlerFunc{status("queued"), lose, lose, status("delivered")}, client.Delivered, ""},
		{"a gateway that is gone", []http.HandlerFunc{status("queued"), lose}, client.Queued, "connection lost"},
		{"no such message", []http.HandlerFunc{refuse}, "", "message_unknown"},
		{"too long", []http.HandlerFunc{status("queued")}, client.Queued, "deadline"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				c := overHandler(func(w http.ResponseWriter, r *http.Request) {
					at := min(int(asked.Add(1)), len(tc.answers))
					tc.answers[at-1](w, r)
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				m, err := c.Wait(ctx, "1")
				got := client.Status("")
				if m != nil {
					got = m.Status
				}
				if got != tc.want {
					t.Errorf("status %q, want %q", got, tc.want)
				}
				if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
					t.Errorf("error %v, want %q", err, tc.err)
				}
			})
		})
	}
}

func TestReady(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		want   string
	}{
		{"ready", 200, ""},
		{"not ready", 503, "not ready (HTTP status 503): stopping"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := overHandler(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				io.WriteString(w, "stopping\n")
			})
			got := ""
			if err := c.Ready(t.Context()); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("Ready = %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(202, accepted, "5")
	f.Add(422, `{"code":"no_recipient","detail":"D"}`, "Sun, 06 Nov 1994 08:49:37 GMT")
	f.Fuzz(func(t *testing.T, status int, body, after string) {
		if status < 200 || status > 599 || status == 429 || status == 503 {
			return
		}
		c := overHandler(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Retry-After"] = []string{after}
			w.WriteHeader(status)
			io.WriteString(w, body)
		})
		answer, err := c.Submit(t.Context(), client.SubmitRequest{})
		if (answer == nil) == (err == nil) {
			t.Errorf("Submit = %v, %v", answer, err)
		}
		if p, ok := errors.AsType[*client.Problem](err); ok && (p.Code == "" || p.RetryAfter < 0) {
			t.Errorf("problem %+v", p)
		}
	})
}
