package ovh

import (
	"context"
	"errors"
	"time"

	"relais/auth"
	"relais/sms"
)

// Application is a program that may ask for consumer keys.
type Application struct {
	ID        int64 // shown in lists, timelines and logs
	Key       string
	Secret    []byte // sealed: signatures are checked with it
	Account   string
	Name      string
	CreatedAt time.Time
	RevokedAt time.Time // zero while it works
	UsedAt    time.Time // about when it was used last; zero: never
	Limits    auth.KeyLimits
}

// KeyID is its id among those of keys.
func (a *Application) KeyID() string { return decimal(a.ID) }

// State is where a credential stands (documented: auth.CredentialStateEnum).
type State string

// The states of a credential.
const (
	Pending   State = "pendingValidation"
	Validated State = "validated"
	Ended     State = "expired" // also after a logout
	Refused   State = "refused"
)

// Rule grants calls: a star in its path stands for any run of characters.
type Rule struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// Credential is a consumer key without its text.
type Credential struct {
	ID          int64
	Hash        auth.Hash // of the consumer key
	Token       auth.Hash // of what validates it; zero when it was issued validated
	Application int64
	State       State
	Rules       []Rule
	AllowedIPs  []string // addresses and networks; empty: everywhere
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: never
}

// Service is an account as an OVH client sees it.
type Service struct {
	Account string
	Name    string // such as sms-town-1
	Data    []byte // what clients set of it, as JSON; may be nil
}

// User is a login of an account: the user of OVH, and the login of http2sms.
type User struct {
	Account   string
	Login     string
	Password  []byte // a keyed digest
	Data      []byte // what clients set of it, as JSON; may be nil
	CreatedAt time.Time
	UsedAt    time.Time // about when http2sms was used with it last; zero: never
	Limits    auth.KeyLimits
}

// KeyID is its id among those of keys.
func (u *User) KeyID() string { return u.Account + "/" + u.Login }

// Batch is one submission of many, as OVH shows it.
type Batch struct {
	Account string
	ID      sms.ID // of the submission
	At      time.Time
	Data    []byte // JSON
}

// Numbered is a message or a reply behind its number.
type Numbered struct {
	Number int64
	ID     sms.ID
	Gone   bool // deleted from the history that this door shows
}

// Keys keeps applications and their credentials. What does not exist is
// auth.ErrUnknown.
type Keys interface {
	// AddOVHApplication fails with auth.ErrUnknown when there is no such account.
	AddOVHApplication(ctx context.Context, a Application) error
	OVHApplication(ctx context.Context, key string) (Application, error)
	OVHApplications(ctx context.Context) ([]Application, error)
	// RevokeOVHApplication keeps the first time when it is repeated.
	RevokeOVHApplication(ctx context.Context, id int64, at time.Time) (Application, error)
	// LimitOVHApplication gives an application other limits.
	LimitOVHApplication(ctx context.Context, id int64, limits auth.KeyLimits) (Application, error)
	// AddOVHCredential drops those of the application that wait for their
	// validation since before stale. It fails with ErrTooMany when most others
	// wait still.
	AddOVHCredential(ctx context.Context, c Credential, stale time.Time, most int) error
	OVHCredential(ctx context.Context, hash auth.Hash) (Credential, error)
	// DecideOVHCredential moves one that waits out of Pending, by its token. One
	// that was asked for before stale waits no more.
	DecideOVHCredential(
		ctx context.Context, token auth.Hash, stale time.Time, state State, expires time.Time,
	) (Credential, error)
	// EndOVHCredential ends one, by its hash.
	EndOVHCredential(ctx context.Context, hash auth.Hash) error
}

// Services keeps what this door shows of accounts.
type Services interface {
	// AddOVHService names an account's service, unless it has one, the name is
	// taken or there is no such account, and returns the one that the account has.
	AddOVHService(ctx context.Context, account, name string) (Service, error)
	// OVHService returns the one that an account has, and names none.
	OVHService(ctx context.Context, account string) (Service, error)
	OVHServiceNamed(ctx context.Context, name string) (Service, error)
	KeepOVHService(ctx context.Context, account string, data []byte) error
	// KeepOVHUser makes a user, or changes the one that is there.
	KeepOVHUser(ctx context.Context, u User) error
	OVHUser(ctx context.Context, account, login string) (User, error)
	OVHUsers(ctx context.Context, account string) ([]User, error)
	DeleteOVHUser(ctx context.Context, account, login string) error
	KeepOVHBatch(ctx context.Context, b Batch) error
	OVHBatch(ctx context.Context, account string, id sms.ID) (Batch, error)
	OVHBatches(ctx context.Context, account string) ([]Batch, error)
}

// Numbers gives messages and replies the 64-bit numbers that OVH clients want.
type Numbers interface {
	// OVHNumbers returns the numbers of ids, in their order, and gives numbers to
	// those that have none. A number never changes.
	OVHNumbers(ctx context.Context, account string, ids []sms.ID) ([]Numbered, error)
	OVHNumbered(ctx context.Context, account string, number int64) (Numbered, error)
	// HideOVHNumber takes a number out of the history that this door shows.
	HideOVHNumber(ctx context.Context, account string, number int64) error
}

// Store is what this door keeps.
type Store interface {
	Keys
	Services
	Numbers
}

// ErrTooMany is returned for one credential too many.
var ErrTooMany = errors.New("too many credentials wait for their validation")
