package smsgate

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relais/auth"
	"relais/door"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

// algorithm is that of tokens.
const algorithm = "HS256"

// Bounds of tokens, and the scope of one that only makes another.
const (
	defaultLife  = 24 * time.Hour
	longestLife  = 7 * 24 * time.Hour
	refreshLife  = 30 * 24 * time.Hour
	refreshScope = "tokens:refresh"
	allScopes    = "all:any"
)

// claims are those of a token.
type claims struct {
	jwt.RegisteredClaims
	Scopes []string `json:"scopes"`
	Bound  bool     `json:"bound,omitempty"` // somebody said how long it is to count: what is made by it ends with it
}

// denied refuses who did not prove to be anybody. Why stands in the log, without what was sent.
func (c *call) denied(why string) error {
	c.Log.Warn("a request was refused", "door", Format, "reason", why)
	return errUnknown
}

// authenticate finds who calls: by login and password, by a token of the door, or by an API key as the password or in the place of
// the token (documented: SGS, Basic and Bearer).
func (c *call) authenticate() error {
	given := c.r.Header["Authorization"]
	if len(given) != 1 {
		return c.denied("no credentials, or two")
	}
	if user, password, found := c.r.BasicAuth(); found {
		return c.byPassword(user, password)
	}
	const scheme = "bearer "
	if len(given[0]) < len(scheme) || !strings.EqualFold(given[0][:len(scheme)], scheme) {
		return c.denied("neither Basic nor Bearer")
	}
	token := strings.TrimSpace(given[0][len(scheme):])
	if strings.Count(token, ".") == 2 {
		return c.byToken(token)
	}
	return c.byKey("", token)
}

// byPassword compares a password. A user who does not exist takes as long as a wrong password.
func (c *call) byPassword(login, password string) error {
	user, known := c.Users[login]
	given, want := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(user.Password))
	right := subtle.ConstantTimeCompare(given[:], want[:]) == 1
	switch {
	case !known:
		return c.byKey(login, password)
	case !right || user.Password == "":
		return c.denied("wrong password")
	case !door.Allows(user.AllowFrom, origin.Client(c.r)):
		return c.denied("the user may not come from that address")
	}
	c.enter(login, user, person(login))
	return nil
}

// byKey admits an API key of the gateway; with a login it must have that name.
func (c *call) byKey(login, secret string) error {
	caller, why, err := door.KeyCaller(c.ctx(), c.Keys, Format, secret, c.Now())
	key := &caller.Key
	switch {
	case err != nil:
		c.Log.Error("cannot check an API key", "door", Format, "error", err)
		return errBusy
	case why != "":
		return c.denied("no such user, and " + why)
	case login != "" && key.Name != login:
		return c.denied("the API key has another name")
	}
	if c.Used != nil {
		c.Used(key.ID)
	}
	c.enter(key.Name, User{Account: key.Account, UrgentClass: sms.OTP}, caller)
	return nil
}

func (c *call) enter(name string, user User, caller door.Caller) {
	c.name, c.user, c.caller = name, user, caller
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), caller.By(origin.Client(c.r))))
}

// person is a user of the configuration as a caller.
func person(login string) door.Caller { return door.Caller{Actor: sms.DoorActor(Format, login)} }

// byToken reads a token of the door. It dies with the password that it was given for.
func (c *call) byToken(text string) error {
	read := &claims{}
	_, err := jwt.ParseWithClaims(text, read, func(*jwt.Token) (any, error) {
		user, known := c.Users[read.Subject]
		if !known {
			return nil, errUnknown
		}
		return c.signer(read.Subject, &user), nil
	}, jwt.WithValidMethods([]string{algorithm}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(c.Now))
	if err != nil {
		return c.denied("no token of ours, or one that is over")
	}
	user := c.Users[read.Subject]
	if !door.Allows(user.AllowFrom, origin.Client(c.r)) {
		return c.denied("the user may not come from that address")
	}
	if c.scopes = read.Scopes; c.scopes == nil {
		c.scopes = []string{}
	}
	if read.Bound {
		c.ends = read.ExpiresAt.Time
	}
	c.enter(read.Subject, user, person(read.Subject))
	return nil
}

// signer is the secret that signs the tokens of a user.
func (d *Door) signer(login string, user *User) []byte {
	mac := hmac.New(sha256.New, []byte(d.Derive("smsgate tokens")))
	mac.Write([]byte(login + "\x00" + user.Account + "\x00" + user.Password))
	return mac.Sum(nil)
}

// may refuses what the key of the caller, or the token, must not do.
func (c *call) may(right auth.KeyRight, scope string) error {
	if c.scopes != nil && !slices.Contains(c.scopes, scope) && (scope == refreshScope || !slices.Contains(c.scopes, allScopes)) {
		return refused(http.StatusForbidden, "insufficient scope: want "+scope)
	}
	if why := c.caller.Refuses(right, origin.Client(c.r), c.Now()); !why.IsZero() {
		return refused(http.StatusForbidden, why.In(reason.English))
	}
	return nil
}

// token makes a token with less than all rights, or for less than ever (documented: SGS).
func (c *call) token() (int, any, error) {
	var asked struct {
		TTL    uint64   `json:"ttl"`
		Scopes []string `json:"scopes"`
	}
	if _, err := c.readBody(&asked); err != nil {
		return 0, nil, err
	}
	life := time.Duration(min(asked.TTL, uint64(longestLife/time.Second)+1)) * time.Second
	switch {
	case asked.TTL == 0:
		life = defaultLife
	case life > longestLife:
		return 0, nil, bad("validation failed: ttl can be 604800 at most")
	}
	if len(asked.Scopes) == 0 {
		return 0, nil, bad("validation failed: scopes are required, such as " + allScopes)
	}
	for _, scope := range asked.Scopes {
		if c.scopes != nil && !slices.Contains(c.scopes, scope) && !slices.Contains(c.scopes, allScopes) || scope == refreshScope {
			return 0, nil, refused(http.StatusForbidden, "a token can only be given scopes that the caller has")
		}
	}
	ends := c.ends
	if asked.TTL != 0 {
		ends = sooner(c.Now().Add(life), ends)
	}
	return c.issue(asked.Scopes, life, ends)
}

// sooner is the one of two moments that comes first; zero for none never does.
func sooner(at, other time.Time) time.Time {
	if !other.IsZero() && other.Before(at) {
		return other
	}
	return at
}

// refresh makes a token anew, with the scopes that the one before had.
func (c *call) refresh() (int, any, error) {
	return c.issue(slices.DeleteFunc(slices.Clone(c.scopes), func(s string) bool { return s == refreshScope }), defaultLife, c.ends)
}

// issue makes a token, and one that makes the next. Neither counts longer than until ends; zero: nobody said so.
func (c *call) issue(scopes []string, life time.Duration, ends time.Time) (int, any, error) {
	if c.caller.Key.ID != "" {
		return 0, nil, refused(http.StatusForbidden, "an API key needs no token: send it as the bearer token itself")
	}
	now := c.Now()
	id := sms.BucketOf(c.user.Account).NewID(now).String()
	until, bound := sooner(now.Add(life), ends), !ends.IsZero()
	access, err := c.sign(id, scopes, now, until, bound)
	if err != nil {
		return 0, nil, err
	}
	again, err := c.sign(id, append(slices.Clone(scopes), refreshScope), now, sooner(now.Add(refreshLife), ends), bound)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, map[string]string{
		"id": id, "token_type": "Bearer", "access_token": access, "refresh_token": again, "expires_at": moment(until),
	}, nil
}

func (c *call) sign(id string, scopes []string, now, until time.Time, bound bool) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, &claims{Scopes: scopes, Bound: bound, RegisteredClaims: jwt.RegisteredClaims{
		Subject: c.name, ID: id, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(until),
	}})
	return token.SignedString(c.signer(c.name, &c.user))
}

// signatureOf is that of a call to a webhook (K: hex HMAC-SHA256 over body and time).
func signatureOf(key string, body []byte, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	mac.Write([]byte(timestamp))
	return hex.EncodeToString(mac.Sum(nil))
}
