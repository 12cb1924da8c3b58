package openid

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Words for PKCE and for how the gateway proves itself to the provider.
const (
	Auto  = "auto" // as the provider's discovery says
	On    = "on"
	Off   = "off"
	Basic = "basic" // the secret goes in a header
	Post  = "post"  // the secret goes in the form
)

// Options say which provider is asked, and for what.
type Options struct {
	Issuer      string // as the provider writes it, to the last slash
	ClientID    string
	Secret      string
	RedirectURI string // where the provider sends browsers back, as it is registered there
	AfterLogout string // the same for who signed out
	Scopes      []string
	PKCE        string // Auto, On or Off
	ClientAuth  string // Auto, Basic or Post
	ACRValues   []string
	Claims      string // the parameter "claims", as JSON; empty: it is not sent
	// Needed are claims for which userinfo is asked when the ID token lacks them.
	Needed []string

	Client *http.Client
	Now    func() time.Time
}

// Provider is a provider of identities. It is found when it is needed: one that cannot be
// reached is asked again the next time.
type Provider struct {
	o Options

	mu    sync.Mutex
	found *found
}

// found is what discovery told.
type found struct {
	provider *oidc.Provider
	at       time.Time
	facts    facts
}

// facts are those of discovery that go-oidc leaves to us.
type facts struct {
	Challenges  []string `json:"code_challenge_methods_supported"`
	ClientAuth  []string `json:"token_endpoint_auth_methods_supported"`
	EndSession  string   `json:"end_session_endpoint"`
	NamesIssuer bool     `json:"authorization_response_iss_parameter_supported"`
}

// How long what discovery told is good, and how long one look may take.
const (
	foundLife  = time.Hour
	lookTime   = 10 * time.Second
	maxAnswer  = 1 << 20 // bytes of an answer of the provider
	skew       = time.Minute
	secretSize = 32 // bytes of state and nonce: 43 characters
)

// ErrUnreachable is returned while the provider cannot be asked, or does not answer as one.
var ErrUnreachable = errors.New("the provider of identities cannot be reached")

// New makes a provider. It asks nobody yet.
func New(o Options) *Provider {
	client := *o.Client
	client.Transport = bounded{o.Client.Transport}
	client.Timeout = lookTime
	o.Client = &client
	return &Provider{o: o}
}

// discover finds the provider. What was found an hour ago is looked for again, and kept
// while that fails.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil && p.o.Now().Sub(p.found.at) < foundLife {
		return p.found, nil
	}
	fresh, err := p.look(ctx)
	if err != nil && p.found == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnreachable, brief(err))
	}
	if err == nil {
		p.found = fresh
	} else {
		p.found.at = p.o.Now().Add(time.Minute - foundLife)
	}
	return p.found, nil
}

func (p *Provider) look(ctx context.Context) (*found, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.o.Client), p.o.Issuer)
	if err != nil {
		return nil, err
	}
	f := &found{provider: provider, at: p.o.Now()}
	if err := provider.Claims(&f.facts); err != nil {
		return nil, err
	}
	if at := provider.Endpoint(); !address(at.AuthURL) || !address(at.TokenURL) {
		return nil, errors.New("its discovery names no authorization_endpoint or no token_endpoint")
	}
	return f, nil
}

// address reports whether a text is a web address.
func address(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Attempt is one sign-in that a browser is sent away for. It comes back with the browser,
// in a cookie that nobody else can read or make.
type Attempt struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier,omitempty"` // of PKCE; empty: without
	At       time.Time `json:"at"`
	Again    bool      `json:"again,omitempty"` // the person is to prove who they are once more
}

// Begin makes an attempt and the address to which the browser goes. again has the provider
// ask the person even when they are signed in there. The error is ErrUnreachable where the
// provider cannot be found.
func (p *Provider) Begin(ctx context.Context, again bool) (to string, a Attempt, err error) {
	f, err := p.discover(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a = Attempt{At: p.o.Now(), Again: again}
	if a.State, err = Secret(); err != nil {
		return "", Attempt{}, err
	}
	if a.Nonce, err = Secret(); err != nil {
		return "", Attempt{}, err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce)}
	if p.o.PKCE == On || p.o.PKCE == Auto && slices.Contains(f.facts.Challenges, "S256") {
		a.Verifier = oauth2.GenerateVerifier()
		options = append(options, oauth2.S256ChallengeOption(a.Verifier))
	}
	set := func(name, value string) {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	set("acr_values", strings.Join(p.o.ACRValues, " "))
	set("claims", p.o.Claims)
	if again {
		set("prompt", "login")
	}
	return p.client(f).AuthCodeURL(a.State, options...), a, nil
}

// Secret is what nobody guesses, for a state or a nonce: some providers want 32 characters.
func Secret() (string, error) {
	secret := make([]byte, secretSize)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret), nil
}

// client is this gateway at the provider.
func (p *Provider) client(f *found) *oauth2.Config {
	at := f.provider.Endpoint()
	at.AuthStyle = oauth2.AuthStyleInHeader
	if p.byForm(f.facts.ClientAuth) {
		at.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.Secret, Endpoint: at, RedirectURL: p.o.RedirectURI,
		Scopes: p.o.Scopes,
	}
}

// byForm reports whether the secret goes in the form. A provider that lists nothing takes
// the header (OpenID Connect Discovery 1.0, section 3).
func (p *Provider) byForm(methods []string) bool {
	if p.o.ClientAuth != Auto {
		return p.o.ClientAuth == Post
	}
	return len(methods) > 0 && !slices.Contains(methods, "client_secret_basic")
}

// SignOut is the address at which somebody ends their session at the provider, empty where
// it has none. The hint is the ID token of the sign-in; empty: it is not known any more.
func (p *Provider) SignOut(ctx context.Context, hint, state string) (string, error) {
	f, err := p.discover(ctx)
	if err != nil || !address(f.facts.EndSession) {
		return "", err
	}
	u, err := url.Parse(f.facts.EndSession)
	if err != nil {
		return "", err
	}
	q := u.Query()
	if hint != "" {
		q.Set("id_token_hint", hint)
	} else {
		q.Set("client_id", p.o.ClientID)
	}
	q.Set("state", state)
	q.Set("post_logout_redirect_uri", p.o.AfterLogout)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
