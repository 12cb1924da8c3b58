package connector_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/connector"
)

// serve starts a server whose accidents are not logged.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// personal is what a URL may hold.
const personal = "0639980101"

// post exchanges with the server at address, whose URL holds a number.
func post(ctx context.Context, t *testing.T, address string) (connector.Answer, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/send?to="+personal,
		strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	client := connector.NewHTTPClient(2)
	t.Cleanup(client.CloseIdleConnections)
	answer, err := connector.Exchange(client, r)
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if strings.Contains(fmt.Sprintf("%v %+v", cause, cause), personal) {
			t.Errorf("the error shows the URL: %+v", cause)
		}
	}
	return answer, err
}

func hijack(t *testing.T, w http.ResponseWriter) *net.TCPConn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		panic(http.ErrAbortHandler)
	}
	return conn.(*net.TCPConn)
}

func TestExchangeReadsTheWholeAnswer(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Query-Id", "call-7")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(append([]byte("you said "), body...))
	})
	got, err := post(t.Context(), t, address)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != http.StatusTeapot || got.Header.Get("X-Query-Id") != "call-7" ||
		string(got.Body) != "you said body" {
		t.Errorf("answer = %+v", got)
	}
}

func TestExchangeBeforeTheConnection(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = listener.Close()
		temporary(t, t.Context(), "http://"+listener.Addr().String())
	})
	t.Run("certificate not trusted", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
		server.StartTLS()
		t.Cleanup(server.Close)
		temporary(t, t.Context(), server.URL)
	})
	t.Run("context ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		temporary(t, ctx, serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the request left") }))
	})
}

func temporary(t *testing.T, ctx context.Context, address string) {
	t.Helper()
	_, err := post(ctx, t, address)
	if err == nil || connector.FaultOf(err) != connector.Temporary {
		t.Errorf("error = %v, want a temporary one", err)
	}
}

func TestExchangeAfterTheConnection(t *testing.T) {
	for _, tc := range []struct {
		name   string
		handle func(t *testing.T, w http.ResponseWriter)
		body   string // what Exchange returns beside the error
	}{
		{"reset", func(t *testing.T, w http.ResponseWriter) {
			conn := hijack(t, w)
			_ = conn.SetLinger(0)
			_ = conn.Close()
		}, ""},
		{"closed", func(t *testing.T, w http.ResponseWriter) {
			_ = hijack(t, w).Close()
		}, ""},
		{"not HTTP", func(t *testing.T, w http.ResponseWriter) {
			conn := hijack(t, w)
			_, _ = io.WriteString(conn, "+OK POP3 ready\r\n\r\n")
			_ = conn.Close()
		}, ""},
		{"cut", func(t *testing.T, w http.ResponseWriter) {
			conn := hijack(t, w)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			_ = conn.Close()
		}, "half"},
		{"cut chunk", func(t *testing.T, w http.ResponseWriter) {
			conn := hijack(t, w)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
			_ = conn.Close()
		}, "half"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer, err := post(t.Context(), t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				tc.handle(t, w)
			}))
			if err == nil || connector.FaultOf(err) != connector.Uncertain {
				t.Errorf("error = %v, want an uncertain one", err)
			}
			if got := string(answer.Body); got != tc.body {
				t.Errorf("body = %q, want %q", got, tc.body)
			}
		})
	}
}

func TestExchangeBoundsTheAnswer(t *testing.T) {
	for _, tc := range []struct {
		name  string
		size  int
		wrong bool
	}{
		{"4 MiB", 4 << 20, false},
		{"one byte more", 4<<20 + 1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := post(t.Context(), t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(make([]byte, tc.size))
			}))
			if (err != nil) != tc.wrong || connector.FaultOf(err) != connector.Uncertain {
				t.Errorf("error = %v, want an uncertain one: %t", err, tc.wrong)
			}
		})
	}
}

func TestExchangeEndsWithItsContext(t *testing.T) {
	arrived, over := make(chan struct{}), make(chan struct{})
	address := serve(t, func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-over
	})
	defer close(over)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := post(ctx, t, address)
	if !errors.Is(err, context.Canceled) || connector.FaultOf(err) != connector.Uncertain {
		t.Errorf("error = %v, want an uncertain cancellation", err)
	}
}

func TestHTTPClientFollowsNoRedirection(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/send" {
			t.Errorf("the client went on to %s", r.URL.Path)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	got, err := post(t.Context(), t, address)
	if err != nil || got.Status != http.StatusTemporaryRedirect {
		t.Errorf("answer = %d, %v, want the redirection itself", got.Status, err)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, value string
		want        time.Duration
	}{
		{"none", "", 0},
		{"seconds", "7", 7 * time.Second},
		{"an hour", "3600", time.Hour},
		{"more than an hour", "3601", time.Hour},
		{"more than a duration holds", "9223372037", time.Hour},
		{"the largest number", "9223372036854775807", time.Hour},
		{"the smallest number", "-9223372036854775808", 0},
		{"zero", "0", 0},
		{"negative", "-7", 0},
		{"date to come", "Sun, 01 Mar 2026 10:01:30 GMT", 90 * time.Second},
		{"date tomorrow", "Mon, 02 Mar 2026 10:00:00 GMT", time.Hour},
		{"date in 9999", "Fri, 31 Dec 9999 23:59:59 GMT", time.Hour},
		{"date in the old form", "Sunday, 01-Mar-26 10:01:30 GMT", 90 * time.Second},
		{"date in the past", "Sun, 01 Mar 2026 09:00:00 GMT", 0},
		{"words", "in a while", 0},
		{"out of range", "99999999999999999999", time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			header := http.Header{}
			if tc.value != "" {
				header.Set("Retry-After", tc.value)
			}
			if got := connector.ParseRetryAfter(header, now); got != tc.want {
				t.Errorf("ParseRetryAfter(%q) = %v, want %v", tc.value, got, tc.want)
			}
		})
	}
}

func TestExchangeWaitsForItsTurn(t *testing.T) {
	served := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
	defer server.Close()
	turns, full := 0, error(nil)
	ctx := connector.Paced(t.Context(), func(context.Context) error {
		turns++
		return full
	})
	for _, tc := range []struct {
		full          error
		turns, served int
	}{{nil, 1, 1}, {errors.New("no room"), 2, 1}} {
		full = tc.full
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		_, err = connector.Exchange(http.DefaultClient, r)
		if turns != tc.turns || served != tc.served || (err != nil) != (tc.full != nil) {
			t.Errorf("%d turns, %d served, error %v; want %d and %d", turns, served, err, tc.turns, tc.served)
		}
		if err != nil && connector.FaultOf(err) != connector.Temporary {
			t.Errorf("a call that was not made is %v", connector.FaultOf(err))
		}
	}
}
