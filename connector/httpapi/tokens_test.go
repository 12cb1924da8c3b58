package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

const tokened = `version = 1
title = "Operator"
base_url = "https://api.operator.example"
[auth]
kind = "bearer"
value = "{token}"
[token]
path = "/token"
body = "form"
fields = { grant_type = "client_credentials" }
at = "/access_token"
lasts = "/expires_in"
[token.auth]
kind = "basic"
user = "{login}"
password = "{secret}"
[send]
path = "/send"
body = "json"
fields = { to = "{to}", text = "{text}" }
[[send.rule]]
status = 200
then = "taken"
id = "/id"
[[send.rule]]
status = [401, 403]
where = { "/code" = "token" }
then = "auth"
code = "/code"
detail = "/message"
`

// guarded is an operator whose doors a token opens.
type guarded struct {
	*httptest.Server
	login func(w http.ResponseWriter, r *http.Request, n int32) // the answer to the nth call for a token; nil: a good one
	send  func(w http.ResponseWriter, r *http.Request)          // to a call with a good token; nil: a good one

	logins, sends, texts atomic.Int32
	mu                   sync.Mutex
	good                 string
	clock                time.Time
}

func (g *guarded) start(t *testing.T) *guarded {
	t.Helper()
	g.clock = signedNow
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if r.URL.Path == "/token" {
			g.give(w, r)
			return
		}
		g.sends.Add(1)
		g.mu.Lock()
		good, send := g.good, g.send
		g.mu.Unlock()
		switch {
		case r.Header.Get("Authorization") != "Bearer "+good || good == "":
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"code":"token","message":"no entry with %s"}`, r.Header.Get("Authorization"))
		case send != nil:
			send(w, r)
		default:
			fmt.Fprintf(w, `{"id":"m%d"}`, g.texts.Add(1))
		}
	}))
	t.Cleanup(func() {
		g.CloseClientConnections()
		g.Close()
	})
	return g
}

func (g *guarded) give(w http.ResponseWriter, r *http.Request) {
	n := g.logins.Add(1)
	g.mu.Lock()
	login := g.login
	g.mu.Unlock()
	if login != nil {
		login(w, r, n)
		return
	}
	if user, password, _ := r.BasicAuth(); user != "town" || password != "s-0123456789" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client"}`)
		return
	}
	g.mu.Lock()
	g.good = fmt.Sprintf("t0ken-%d-abcdef", n)
	fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, g.good)
	g.mu.Unlock()
}

func (g *guarded) open(t *testing.T) connector.Connector {
	t.Helper()
	return openAt(t, tokened, g.URL, "", func(c *Config) { c.Login = "town" }, func() time.Time {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.clock
	})
}

func (g *guarded) later(d time.Duration) { g.change(func() { g.clock = g.clock.Add(d) }) }

func (g *guarded) change(by func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	by()
}

func (g *guarded) revoke() { g.change(func() { g.good = "" }) }

func submitOne(t *testing.T, c connector.Connector) error {
	t.Helper()
	return submitWithin(t.Context(), t, c)
}

func submitWithin(ctx context.Context, t *testing.T, c connector.Connector) error {
	t.Helper()
	outcomes, err := c.Submit(ctx, []sms.Message{messageOf("cormoran")})
	if err != nil || len(outcomes) != 1 {
		t.Fatal(err, outcomes)
	}
	return outcomes[0].Err
}

func (g *guarded) counted(t *testing.T, logins, sends, texts int32) {
	t.Helper()
	if g.logins.Load() != logins || g.sends.Load() != sends || g.texts.Load() != texts {
		t.Errorf("%d logins, %d calls, %d texts; want %d, %d, %d", g.logins.Load(), g.sends.Load(), g.texts.Load(), logins, sends, texts)
	}
}

// One login is for everybody, until shortly before it ends.
func TestATokenIsKeptAndRenewed(t *testing.T) {
	g := new(guarded).start(t)
	c := g.open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := submitOne(t, c); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	g.counted(t, 1, 8, 8)
	g.later(58 * time.Minute)
	if err := submitOne(t, c); err != nil {
		t.Error(err)
	}
	g.counted(t, 1, 9, 9)
	g.later(time.Minute)
	if err := submitOne(t, c); err != nil {
		t.Error(err)
	}
	g.counted(t, 2, 10, 10)
}

// A token that ended at the operator before its time is replaced, and the call made once more: its
// answer proved that nothing was done. A new one that is refused is a matter of credentials.
func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	g := new(guarded).start(t)
	c := g.open(t)
	if err := submitOne(t, c); err != nil {
		t.Fatal(err)
	}
	g.revoke()
	if err := submitOne(t, c); err != nil {
		t.Errorf("the call is not made again: %v", err)
	}
	g.counted(t, 2, 3, 2)
	g.change(func() {
		g.login = func(w http.ResponseWriter, _ *http.Request, _ int32) {
			fmt.Fprint(w, `{"access_token":"never-g00d-abcdef","expires_in":3600}`)
		}
	})
	g.revoke()
	err := submitOne(t, c)
	if connector.FaultOf(err) != connector.Blocked || connector.CodeOf(err) != "token" {
		t.Errorf("a new token that is refused is %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "never-g00d") {
		t.Errorf("the token shows: %v", err)
	}
	g.counted(t, 3, 5, 2)
}

// An answer 401 that no rule calls a refusal proves nothing: the call is not made again.
func TestA401ThatNoRuleKnowsIsUncertain(t *testing.T) {
	g := new(guarded).start(t)
	c := g.open(t)
	if err := submitOne(t, c); err != nil {
		t.Fatal(err)
	}
	g.change(func() {
		g.send = func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"id":"m2"}`)
		}
	})
	if err := submitOne(t, c); connector.FaultOf(err) != connector.Uncertain {
		t.Errorf("it is %v", err)
	}
	g.counted(t, 1, 2, 1)
}

// Whatever the endpoint of tokens does, the message has not left: it is never in doubt, and nothing
// of what was said there shows.
func TestHostileTokenEndpoints(t *testing.T) {
	trapped := false
	trap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		trapped = true
		fmt.Fprint(w, `{"access_token":"from-the-trap","expires_in":3600}`)
	}))
	defer trap.Close()
	answer := func(status int, body string) func(http.ResponseWriter, *http.Request, int32) {
		return func(w http.ResponseWriter, _ *http.Request, _ int32) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tc := range []struct {
		name  string
		login func(http.ResponseWriter, *http.Request, int32)
		fault connector.Fault
	}{
		{"a body without end", func(w http.ResponseWriter, r *http.Request, _ int32) {
			blanks := bytes.Repeat([]byte(" "), 1<<20)
			for r.Context().Err() == nil {
				if _, err := w.Write(blanks); err != nil {
					return
				}
			}
		}, connector.Temporary},
		{"a body of a gibibyte, announced", func(w http.ResponseWriter, _ *http.Request, _ int32) {
			w.Header().Set("Content-Length", "1073741824")
			_, _ = w.Write(bytes.Repeat([]byte(" "), 8<<20))
		}, connector.Temporary},
		{"a bomb of gzip", func(w http.ResponseWriter, _ *http.Request, _ int32) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `{"expires_in":3600,"access_token":"`)
			for range 64 {
				_, _ = z.Write(bytes.Repeat([]byte("0"), 1<<20))
			}
			_, _ = io.WriteString(z, `"}`)
			_ = z.Close()
		}, connector.Temporary},
		{"a redirection to this machine", func(w http.ResponseWriter, r *http.Request, _ int32) {
			http.Redirect(w, r, trap.URL, http.StatusTemporaryRedirect)
		}, connector.Temporary},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request, int32) { panic(http.ErrAbortHandler) }, connector.Temporary},
		{"a page", answer(200, "<html>maintenance</html>"), connector.Temporary},
		{"out of order, with the credentials", answer(500, `{"error":"town s-0123456789 dG93bjpzLTAxMjM0NTY3ODk="}`), connector.Temporary},
		{"too fast", answer(429, ""), connector.Throttled},
		{"wrong credentials", answer(400, `{"error":"invalid_client","error_description":"s-0123456789"}`), connector.Blocked},
		{"wrong credentials, by 401", answer(401, `s-0123456789`), connector.Blocked},
		{"an object for a token", answer(200, `{"access_token":{"a":1},"expires_in":3600}`), connector.Temporary},
		{"a token of two lines", answer(200, `{"access_token":"a\r\nX-Evil: b","expires_in":3600}`), connector.Temporary},
		{"a token beyond ASCII", answer(200, `{"access_token":"clé","expires_in":3600}`), connector.Temporary},
		{"a token of ten kibibytes", answer(200, `{"access_token":"`+strings.Repeat("a", 10<<10)+`","expires_in":3600}`), connector.Temporary},
		{"no life", answer(200, `{"access_token":"abc"}`), connector.Temporary},
		{"a life below zero", answer(200, `{"access_token":"abc","expires_in":-1}`), connector.Temporary},
		{"a life that is no number", answer(200, `{"access_token":"abc","expires_in":"NaN"}`), connector.Temporary},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := (&guarded{login: tc.login}).start(t)
			err := submitOne(t, g.open(t))
			if fault := connector.FaultOf(err); err == nil || fault != tc.fault {
				t.Errorf("it is %v, want %s", err, tc.fault)
			}
			for _, never := range []string{"0123456789", "dG93bj", "cormoran", "39980001", "Evil"} {
				if strings.Contains(fmt.Sprint(err), never) {
					t.Errorf("%v shows %s", err, never)
				}
			}
			if g.sends.Load() != 0 {
				t.Error("the message left without a token")
			}
			if trapped {
				t.Error("the redirection was followed")
			}
		})
	}
}

// An endless life is cut, so that a clock that goes on does not end it.
func TestALongLifeIsCut(t *testing.T) {
	g := (&guarded{good: "abc", login: func(w http.ResponseWriter, _ *http.Request, _ int32) {
		fmt.Fprint(w, `{"access_token":"abc","expires_in":1e300}`)
	}}).start(t)
	c := g.open(t)
	for range 2 {
		if err := submitOne(t, c); err != nil {
			t.Fatal(err)
		}
	}
	g.counted(t, 1, 2, 2)
}

// An endpoint that never answers holds nobody longer than they wait, and costs one call at a time.
func TestASilentTokenEndpointHoldsNobody(t *testing.T) {
	asked := make(chan struct{}, 8)
	g := (&guarded{login: func(_ http.ResponseWriter, r *http.Request, _ int32) {
		asked <- struct{}{}
		<-r.Context().Done()
	}}).start(t)
	c := g.open(t)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := submitWithin(ctx, t, c); connector.FaultOf(err) != connector.Temporary {
				t.Errorf("it is %v", err)
			}
		})
	}
	<-asked
	stop()
	all.Wait()
	g.counted(t, 1, 0, 0)
}

// The check-up tries the token where nothing else can be tried, and shows none.
func TestTheCheckUpObtainsAToken(t *testing.T) {
	g := new(guarded).start(t)
	findings := g.open(t).(connector.Checker).Check(t.Context())
	if len(findings) != 2 || findings[1].Code != findingWorks || !strings.Contains(findings[0].Detail, "Authorization: Bearer ***") {
		t.Errorf("findings are %v", findings)
	}
	g.counted(t, 1, 0, 0)
	g.change(func() {
		g.login = func(w http.ResponseWriter, _ *http.Request, _ int32) { w.WriteHeader(http.StatusUnauthorized) }
	})
	if findings := g.open(t).(connector.Checker).Check(t.Context()); findings[1].Code != findingRefused {
		t.Errorf("findings are %v", findings)
	}
}

func TestMistakesOfATokenAreRefused(t *testing.T) {
	for _, tc := range []struct{ name, old, changed, key, why string }{
		{"no place", "at = \"/access_token\"\n", "", "token.at", string(whyMissing)},
		{"no life", "lasts = \"/expires_in\"\n", "", "token.lasts", string(whyMissing)},
		{"a life without end", `lasts = "/expires_in"`, `lifetime = "90000h"`, "token.lifetime", string(whyLifetime)},
		{"a token to obtain a token", `user = "{login}"`, `user = "{token}"`, "token.auth.user", string(whyTokenItself)},
		{"nobody needs it", `value = "{token}"`, `value = "{key}"`, "token", string(whyIdleKey)},
		{"nobody obtains it", tokened[strings.Index(tokened, "[token]"):strings.Index(tokened, "[send]")], "", "auth.value", string(whyTokenUnasked)},
		{"in an address", `path = "/send"`, `path = "/send/{token}"`, "send.path", string(whySecretURL)},
		{"a rule of it", `at = "/access_token"`, "at = \"/access_token\"\nid = \"/id\"", "token.id", string(whyIdleKey)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse([]byte(strings.Replace(tokened, tc.old, tc.changed, 1)))
			joined, ok := err.(interface{ Unwrap() []error })
			if !ok {
				t.Fatalf("it is taken: %v", err)
			}
			for _, one := range joined.Unwrap() {
				if m := one.(*MistakeError); m.Key == tc.key && string(m.Reason.Code) == tc.why { //nolint:errorlint // Parse joins them as they are
					return
				}
			}
			t.Errorf("want %s of %s, got %v", tc.why, tc.key, err)
		})
	}
}
