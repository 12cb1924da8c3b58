package openid

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What can be wrong with what a browser brings back. The person is told to begin anew; the
// log has why.
var (
	ErrStale    = errors.New("the sign-in was not begun in this browser, or too long ago")
	ErrDeclined = errors.New("the provider of identities let nobody in")
	ErrDoubtful = errors.New("what the provider of identities says cannot be believed")
)

// AttemptLife is how long a person may take at the provider.
const AttemptLife = 15 * time.Minute

// Person is who came back, as the provider says.
type Person struct {
	Issuer  string
	Subject string
	Token   string // the ID token, by which they sign out

	claims map[string]json.RawMessage
}

// Finish reads what a browser brings back from the provider: it trades the code for
// tokens, and checks them. The errors are ErrStale, ErrDeclined, ErrDoubtful and
// ErrUnreachable, each with its reason, which holds nothing secret.
func (p *Provider) Finish(ctx context.Context, a Attempt, answer url.Values) (Person, error) {
	if a.State == "" || !same(answer.Get("state"), a.State) || p.o.Now().Sub(a.At) > AttemptLife {
		return Person{}, ErrStale
	}
	f, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	named := answer.Get("iss")
	if named != "" && named != p.o.Issuer || named == "" && f.facts.NamesIssuer {
		return Person{}, doubt("the answer names another issuer, or none")
	}
	if code := answer.Get("error"); code != "" {
		return Person{}, fmt.Errorf("%w: %s", ErrDeclined, errorCode(code))
	}
	ctx = oidc.ClientContext(ctx, p.o.Client)
	token, err := p.exchange(ctx, f, a, answer.Get("code"))
	if err != nil {
		return Person{}, err
	}
	person, err := p.read(ctx, f, a, token)
	if err != nil {
		return Person{}, err
	}
	return person, p.complete(ctx, f, &person, token)
}

// same compares in a time that tells nothing.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func doubt(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDoubtful}, args...)...)
}

var errorCodes = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// errorCode is a code of an error as the specification writes them; other text is not
// repeated.
func errorCode(code string) string {
	const longest = 60
	if !errorCodes.MatchString(code) {
		return "an error code that is none"
	}
	return code[:min(len(code), longest)]
}

// exchange trades a code for tokens, once.
func (p *Provider) exchange(ctx context.Context, f *found, a Attempt, code string) (*oauth2.Token, error) {
	var options []oauth2.AuthCodeOption
	if a.Verifier != "" {
		options = append(options, oauth2.VerifierOption(a.Verifier))
	}
	token, err := p.client(f).Exchange(ctx, code, options...)
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		status, code := refused.Response.StatusCode, errorCode(refused.ErrorCode)
		return nil, doubt("the code was refused: status %d, %s", status, code)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, withoutURL(err))
	}
	return token, nil
}

// brief is the beginning of an error: what stands behind may be a whole page.
func brief(err error) string {
	const longest = 200
	text := []rune(withoutURL(err).Error())
	return string(text[:min(len(text), longest)])
}

// withoutURL leaves out the address of a request that failed: it may hold what is secret.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// read checks the ID token: who signed it, for whom, until when, and for which attempt.
func (p *Provider) read(ctx context.Context, f *found, a Attempt, token *oauth2.Token) (Person, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return Person{}, doubt("there is no ID token")
	}
	now := p.o.Now()
	verified, err := f.provider.VerifierContext(ctx, &oidc.Config{
		ClientID:             p.o.ClientID,
		SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256},
		Now:                  func() time.Time { return now.Add(-skew) },
	}).Verify(ctx, raw)
	if err != nil {
		return Person{}, doubt("%w", err)
	}
	person := Person{Issuer: verified.Issuer, Subject: verified.Subject, Token: raw}
	if err := verified.Claims(&person.claims); err != nil {
		return Person{}, doubt("%w", err)
	}
	party, named := person.Text("azp"), len(verified.Audience) > 1
	switch {
	case verified.Subject == "":
		return Person{}, doubt("the ID token names nobody")
	case !same(verified.Nonce, a.Nonce):
		return Person{}, doubt("the ID token is of another attempt")
	case verified.IssuedAt.After(now.Add(skew)):
		return Person{}, doubt("the ID token was issued in the future; is the clock right?")
	case party != "" && party != p.o.ClientID, party == "" && named:
		return Person{}, doubt("the ID token is for another client")
	case verified.AccessTokenHash != "" && verified.VerifyAccessToken(token.AccessToken) != nil:
		return Person{}, doubt("the ID token is not that of the access token")
	case a.Again && !person.recent(a.At):
		return Person{}, doubt("the person was not asked again")
	}
	return person, nil
}

// recent reports whether the person proved who they are after a moment, as far as the
// provider tells when that was.
func (p *Person) recent(since time.Time) bool {
	var at float64
	if err := json.Unmarshal(p.claims["auth_time"], &at); err != nil {
		return true
	}
	return !time.Unix(int64(at), 0).Before(since.Add(-skew))
}

// complete asks userinfo for the claims that the ID token lacks. A signed answer is
// checked; what the ID token said stands.
func (p *Provider) complete(ctx context.Context, f *found, person *Person, token *oauth2.Token) error {
	if !slices.ContainsFunc(p.o.Needed, func(name string) bool { return !person.Has(name) }) ||
		f.provider.UserInfoEndpoint() == "" {
		return nil
	}
	told, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return doubt("userinfo: %s", brief(err))
	}
	more := Person{}
	if err := told.Claims(&more.claims); err != nil {
		return doubt("userinfo: %w", err)
	}
	if told.Subject != person.Subject {
		return doubt("userinfo is about somebody else")
	}
	if iss := more.Text("iss"); iss != "" && iss != p.o.Issuer {
		return doubt("userinfo is of another issuer")
	}
	if aud := more.List("aud"); len(aud) > 0 && !slices.Contains(aud, p.o.ClientID) {
		return doubt("userinfo is for another client")
	}
	for name, value := range more.claims {
		if _, known := person.claims[name]; !known {
			person.claims[name] = value
		}
	}
	return nil
}
