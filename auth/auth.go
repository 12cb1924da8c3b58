// Package auth knows accounts and the keys that act for them. A key is shown
// once, when it is made; the database holds only its hash.
//
// It is about who calls, not about what they may send: that is the account's
// policy, in package gateway.
//
// It knows people too, who sign in to the console: people.go says where they come in,
// role.go what each may do.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"relais/reason"
	"relais/sms"
)

// Key is a credential of an account, without its secret.
type Key struct {
	ID        string // shown in lists and timelines
	Account   string
	Name      string
	CreatedAt time.Time
	RevokedAt time.Time // zero while it works
	UsedAt    time.Time // about when it was used last; zero: never
	// MadeBy is who made it in the console, and knows it. Empty: it was made elsewhere, or by a
	// version that did not keep it. It never changes.
	MadeBy sms.Actor
	Limits KeyLimits
}

// Actor is who calls with the key.
func (k Key) Actor() sms.Actor { return sms.KeyActor(k.Name) }

// Called is the key in the audit: names alone are used again.
func (k Key) Called() string { return k.Name + " (" + k.ID + ")" }

// Account is a tenant.
type Account struct {
	Name      string
	CreatedAt time.Time
}

// Hash is what is stored of a key: its SHA-256. Keys are random, so that no
// slower function is needed.
type Hash [32]byte

// HashOf hashes a whole key.
func HashOf(key string) Hash { return sha256.Sum256([]byte(key)) }

// Store keeps accounts and keys.
type Store interface {
	KeyByHash(ctx context.Context, hash Hash) (Key, error)
	// AddKey fails with ErrUnknown when there is no such account, and with ErrExists when
	// there is a key of that id.
	AddKey(ctx context.Context, key Key, hash Hash) error
	// LimitKey gives a key other limits instead of those that somebody saw; nil: whatever
	// they are. It fails with ErrLimited when they are others by now.
	LimitKey(ctx context.Context, id string, seen *KeyLimits, limits KeyLimits) (Key, error)
	// KeysUsed keeps when keys were used, by the id that lists show, those of doors too; an
	// earlier time than the one that is kept changes nothing.
	KeysUsed(ctx context.Context, used map[string]time.Time) error
	RevokeKey(ctx context.Context, id string, at time.Time) (Key, error)
	Keys(ctx context.Context) ([]Key, error)
	AddAccount(ctx context.Context, a Account) error
	Accounts(ctx context.Context) ([]Account, error)
}

// Errors of this package and of its stores.
var (
	ErrUnknown = reason.NewError(whyUnknown, nil)
	ErrExists  = reason.NewError(whyExists, nil)
	ErrRevoked = reason.NewError(whyRevoked, nil)
	// ErrLimited is returned for a key whose limits somebody else has changed meanwhile.
	ErrLimited = reason.NewError(whyLimited, nil)
)

// prefix makes a leaked key easy to find, by people and by secret scanners.
const prefix = "relais_"

var random = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewKey makes a key of an account that may do everything. The returned text is the only
// copy.
func NewKey(
	ctx context.Context, s Store, account, name string, now time.Time,
) (text string, key Key, err error) {
	return MakeKey(ctx, s, Key{Account: account, Name: name, CreatedAt: now})
}

// MakeKey makes a key of 160 random bits and stores its hash. A key without an id gets
// one. The returned text is the only copy.
func MakeKey(ctx context.Context, s Store, wanted Key) (text string, key Key, err error) {
	if err := CheckName("account", wanted.Account); err != nil {
		return "", Key{}, err
	}
	if err := CheckName("key name", wanted.Name); err != nil {
		return "", Key{}, err
	}
	var secret [20]byte
	var id [5]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", Key{}, err
	}
	if _, err := rand.Read(id[:]); err != nil {
		return "", Key{}, err
	}
	if key = wanted; key.ID == "" {
		key.ID = random.EncodeToString(id[:])
	}
	text = prefix + key.ID + "_" + random.EncodeToString(secret[:])
	if err := s.AddKey(ctx, key, HashOf(text)); err != nil {
		return "", Key{}, reason.Wrap(err, whyKeyStored, nil)
	}
	return text, key, nil
}

// KeyIDOf is the id of the key that a form makes: sent twice, it makes one key.
func KeyIDOf(account, form string) string {
	sum := sha256.Sum256([]byte("key of " + account + " by " + form))
	return random.EncodeToString(sum[:5])
}

var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// CheckName refuses names that would be awkward in a URL, a log or a file.
func CheckName(what, name string) error {
	if names.MatchString(name) {
		return nil
	}
	return fmt.Errorf(
		"the %s must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begin with a letter or digit", what,
	)
}

// Bearer reads the key of an Authorization header, "" when there is none. White space
// of any kind around it is no part of it.
func Bearer(header string) string {
	header = strings.TrimSpace(header)
	at := strings.IndexFunc(header, unicode.IsSpace)
	if at < 0 || !strings.EqualFold(header[:at], "Bearer") {
		return ""
	}
	return strings.TrimSpace(header[at:])
}
