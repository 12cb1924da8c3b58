// Package identitiestest runs a provider of identities that others wrote and certified, for
// tests: oidc-provider, by npm.
package identitiestest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Setup says whom a provider knows.
type Setup struct {
	Port     int              `json:"port,omitempty"` // 0: any
	Clients  []Client         `json:"clients"`
	Accounts map[string]Facts `json:"accounts"` // by the name that is typed there
	// RequirePKCE has it refuse who proves nothing; ClaimsInToken has it tell all in the ID
	// token.
	RequirePKCE   bool `json:"requirePKCE,omitempty"`
	ClaimsInToken bool `json:"claimsInToken,omitempty"`
}

// Facts are claims of somebody.
type Facts map[string]any

// Client is who may ask, in the words of OpenID Connect Dynamic Client Registration 1.0.
type Client struct {
	ID          string   `json:"client_id"`
	Secret      string   `json:"client_secret"`
	Redirects   []string `json:"redirect_uris"`
	AfterLogout []string `json:"post_logout_redirect_uris,omitempty"`
	Auth        string   `json:"token_endpoint_auth_method,omitempty"`
	Token       string   `json:"id_token_signed_response_alg,omitempty"`
	UserInfo    string   `json:"userinfo_signed_response_alg,omitempty"`
}

// Provider is one that runs as long as a test, or until Stop.
type Provider struct {
	Issuer string
	Stop   func()
}

// Start starts a provider.
func Start(t *testing.T, s Setup) *Provider {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	setup, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, "node", "provider.js")
	run.Dir = filepath.Dir(here)
	run.Stdin = bytes.NewReader(setup)
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatalf("no node: %v; make test installs it", err)
	}
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			cancel()
			_ = run.Wait()
		}
	}
	t.Cleanup(stop)
	issuer, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		t.Fatalf("the provider of identities does not start: %v\n%s", err, said.String())
	}
	return &Provider{strings.TrimSpace(issuer), stop}
}

// Browser is a browser of somebody, which stops where it leaves the provider.
func (p *Provider) Browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stop := func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.Issuer+"/") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: stop}
}

var action = regexp.MustCompile(`action="([^"]+)"`)

// SignIn goes to an address of the provider, types a name where it asks for one, and
// returns the address to which the provider sends the browser then.
func (p *Provider) SignIn(t *testing.T, browser *http.Client, to, name string) *url.URL {
	t.Helper()
	answer, err := browser.Get(to) //nolint:noctx // a test ends it
	if err != nil {
		t.Fatal(err)
	}
	page := read(t, answer)
	if form := action.FindStringSubmatch(page); form != nil {
		answer, err = browser.PostForm(p.Issuer+form[1], url.Values{"login": {name}}) //nolint:noctx // the same
		if err != nil {
			t.Fatal(err)
		}
		page = read(t, answer)
	}
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("the provider sends nobody back: %d %s", answer.StatusCode, page)
	}
	return back
}

func read(t *testing.T, answer *http.Response) string {
	t.Helper()
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
