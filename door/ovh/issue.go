package ovh

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/auth"
	"relais/reason"
)

// Lengths of what OVH gives out (documented: guide "First Steps with the
// OVHcloud APIs"; observed for the token).
const (
	applicationKeySize = 16
	secretSize         = 32
	tokenSize          = 64
)

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func randomText(size int) (string, error) {
	text := make([]byte, size)
	for i := range text {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphanumeric))))
		if err != nil {
			return "", err
		}
		text[i] = alphanumeric[n.Int64()]
	}
	return string(text), nil
}

// randomID is a positive number of 31 bits: clients that read 32 read it whole.
func randomID() (int64, error) {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint32(b[:])>>1) | 1, nil
}

// Issued is an application with a validated consumer key. It is shown once.
type Issued struct {
	ApplicationID     int64  `json:"application_id"`
	Account           string `json:"account"`
	Service           string `json:"service"`
	ApplicationKey    string `json:"application_key"`
	ApplicationSecret string `json:"application_secret"`
	ConsumerKey       string `json:"consumer_key"`
}

// Asked is what `relais keys create --ovh` asks for.
type Asked struct {
	Account string
	Name    string
	Service string // empty: ServiceOf the account
	Rules   []Rule // empty: everything
	Limits  auth.KeyLimits
	Now     time.Time
}

// Issue makes an application and a validated consumer key for it. seal hides the
// secret.
func Issue(ctx context.Context, s Store, seal func([]byte) []byte, asked Asked) (*Issued, error) {
	issued := &Issued{Account: asked.Account}
	for _, text := range []struct {
		into *string
		size int
	}{
		{&issued.ApplicationKey, applicationKeySize},
		{&issued.ApplicationSecret, secretSize},
		{&issued.ConsumerKey, secretSize},
	} {
		var err error
		if *text.into, err = randomText(text.size); err != nil {
			return nil, err
		}
	}
	id, err := randomID()
	if err != nil {
		return nil, err
	}
	issued.ApplicationID = id
	if issued.Service, err = NameService(ctx, s, asked.Account, asked.Service); err != nil {
		return nil, err
	}
	if err := s.AddOVHApplication(ctx, Application{
		ID: id, Key: issued.ApplicationKey, Secret: seal([]byte(issued.ApplicationSecret)),
		Account:   asked.Account,
		Name:      asked.Name,
		CreatedAt: asked.Now, Limits: asked.Limits,
	}); err != nil {
		return nil, reason.Wrap(err, whyApplication, nil)
	}
	rules := asked.Rules
	if len(rules) == 0 {
		rules = everything()
	}
	c := Credential{
		Application: id, Hash: auth.HashOf(issued.ConsumerKey), State: Validated, Rules: rules,
		CreatedAt: asked.Now,
	}
	if c.ID, err = randomID(); err != nil {
		return nil, err
	}
	if err := s.AddOVHCredential(ctx, c, time.Time{}, mostPending); err != nil {
		return nil, reason.Wrap(err, whyConsumerKey, nil)
	}
	return issued, nil
}

// ServiceOf is the name of an account's service unless it was given another.
func ServiceOf(account string) string { return "sms-" + account + "-1" }

var serviceNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)

// CheckService refuses names that would be awkward in a URL.
func CheckService(name string) error {
	if serviceNames.MatchString(name) {
		return nil
	}
	return reason.NewError(whyServiceName, nil)
}

// NameService gives an account's service its name, ServiceOf when it is empty.
// A service that was named before keeps its name: clients have it in their
// configuration.
func NameService(ctx context.Context, s Services, account, name string) (string, error) {
	wanted := name
	if wanted == "" {
		wanted = ServiceOf(account)
	}
	service, err := s.AddOVHService(ctx, account, wanted)
	switch {
	case errors.Is(err, auth.ErrUnknown):
		if _, err := s.OVHServiceNamed(ctx, wanted); err == nil {
			return "", reason.NewError(whyServiceTaken, reason.Args{"service": reason.Name(wanted)})
		}
		return "", reason.Wrap(auth.ErrUnknown, whyAccount, reason.Args{
			"account": reason.Name(strconv.Quote(account)),
		})
	case err != nil:
		return "", reason.Wrap(err, whyNaming, nil)
	case name != "" && service.Name != name:
		return "", reason.NewError(whyServiceKept, reason.Args{
			"account": reason.Name(account), "service": reason.Name(service.Name),
		})
	}
	return service.Name, nil
}

// Validate lets a consumer key work whose holder asked for it within pendingTime,
// until a time; zero: for ever.
func Validate(ctx context.Context, s Keys, token string, now, until time.Time) (Credential, error) {
	return s.DecideOVHCredential(ctx, auth.HashOf(token), now.Add(-pendingTime), Validated, until)
}

// Refuse says no to one.
func Refuse(ctx context.Context, s Keys, token string, now time.Time) (Credential, error) {
	return s.DecideOVHCredential(ctx, auth.HashOf(token), now.Add(-pendingTime), Refused, time.Time{})
}

var methods = []string{"GET", "POST", "PUT", "DELETE", "PATCH"}

func everything() []Rule {
	var all []Rule
	for _, method := range methods {
		all = append(all, Rule{method, "/*"})
	}
	return all
}

// ParseRule reads "POST /sms/*".
func ParseRule(text string) (Rule, error) {
	method, path, found := strings.Cut(strings.TrimSpace(text), " ")
	r := Rule{strings.ToUpper(method), strings.TrimSpace(path)}
	if !found || !r.valid() {
		return Rule{}, reason.NewError(whyRule, reason.Args{"rule": reason.Name(strconv.Quote(text))})
	}
	return r, nil
}

// mostPath bounds the path of a rule, in bytes.
const mostPath = 1000

// valid refuses characters that nobody sees: a tab in a path makes a rule that
// matches nothing (observed), and others would hide what a person lets in.
func (r Rule) valid() bool {
	hidden := func(c rune) bool { return c <= ' ' || c >= 0x7f } // paths of calls are ASCII
	return slices.Contains(methods, r.Method) && strings.HasPrefix(r.Path, "/") && len(r.Path) <= mostPath &&
		!strings.ContainsFunc(r.Path, hidden)
}

// Covers reports whether a rule grants a call to a path. The path is literal but
// for stars; a slash at the end of either makes no difference here, though it
// does at OVH: clients trip over it and nothing is gained by refusing them.
func (r Rule) Covers(method, path string) bool {
	if r.Method != method {
		return false
	}
	rule := r.Path
	if !strings.HasSuffix(rule, "*") {
		rule = trimSlash(rule)
	}
	return matches(rule, trimSlash(path))
}

func trimSlash(path string) string {
	if path == "/" {
		return path
	}
	return strings.TrimSuffix(path, "/")
}

// matches compares a path with a pattern whose stars stand for any run of
// characters, slashes included (documented).
func matches(pattern, path string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == path
	}
	rest, found := strings.CutPrefix(path, parts[0])
	if !found {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
