package auth

import (
	"context"
	"errors"
	"time"

	"relais/sms"
)

// Record is a user with what proves who they are.
type Record struct {
	User
	Password string    // as hashPassword writes it; "": none yet
	Secret   []byte    // of the second step, sealed; nil: none
	LastStep int64     // of the codes by time, the last one that was used
	Codes    []Hash    // recovery codes that were not used
	Passkeys []Passkey // the oldest first
}

// Invitation is a link by which a user chooses a password, once.
type Invitation struct {
	Hash      Hash
	User      string // id
	CreatedAt time.Time
	EndsAt    time.Time
}

// Change is what a use case writes beside the record of a user, all of it in one
// transaction.
type Change struct {
	EndAll     bool        // every session of the user
	End        string      // the session of this id; there must be one
	Replace    Hash        // the session of this hash; there must be one, so that one of two wins
	Begin      *Session    // after those were ended
	BeginHash  Hash        // of its token
	Invitation *Invitation // instead of the user's earlier one
	Address    string      // the user is known to sign in from
	KeepAdmin  bool        // fail with ErrLastAdmin where nobody would be left
	Spend      string      // a question whose answer counts; fail with ErrSpent if it did before
	SpendUntil time.Time   // when the question would be too old anyway
	Acts       []Act
}

// Errors of stores of people.
var (
	ErrLastAdmin = errors.New("the last administrator")
	ErrNoAccount = errors.New("no such account")
	ErrSpent     = errors.New("the answer was used before")
	ErrKnownKey  = errors.New("the passkey is registered already")
	ErrMailTaken = errors.New("the mail address of another user")
	ErrBound     = errors.New("the identity of another user")
)

// UserStore keeps users, their sessions and invitations. Whatever is written comes with
// the acts of the audit that tell of it, in the same transaction.
type UserStore interface {
	// AddUser adds a user. The error is ErrExists for a name that is taken, ErrNoAccount
	// for a role of an account that there is not, ErrMailTaken for another one's address.
	AddUser(ctx context.Context, r Record, c Change) error
	// ChangeUser writes what change makes of a user, who is locked meanwhile. Change may
	// be called more than once, and its error is returned as it is.
	ChangeUser(ctx context.Context, id string, change func(*Record) (Change, error)) error
	// Redeem is ChangeUser for the user of an invitation, which is used up with it.
	// ErrUnknown is returned for one that was used or replaced, or has ended.
	Redeem(ctx context.Context, invitation Hash, now time.Time, change func(*Record) (Change, error)) error
	UserByID(ctx context.Context, id string) (Record, error)
	UserByName(ctx context.Context, name string) (Record, error)
	// UserByPasskey is whose passkey browsers name so.
	UserByPasskey(ctx context.Context, credential []byte) (Record, error)
	// StrayPasskeys are those of other hosts than one, of people who are not disabled.
	StrayPasskeys(ctx context.Context, host string) (StrayPasskeys, error)
	// Users are all of them, by name.
	Users(ctx context.Context) ([]User, error)
	// Invitation is one that was not used, ended ones too.
	Invitation(ctx context.Context, hash Hash) (Invitation, error)
	// KnownAddress reports whether a user signed in from an address since a moment.
	KnownAddress(ctx context.Context, id, address string, since time.Time) (bool, error)
}

// SessionStore finds sessions. They begin and end with changes of their users.
type SessionStore interface {
	// SessionByHash is a session with its user, ended ones too.
	SessionByHash(ctx context.Context, hash Hash) (Session, error)
	// TouchSession says when the last page was shown.
	TouchSession(ctx context.Context, hash Hash, at time.Time) error
	// SessionsOf are those of a user that end after a moment, the latest first, without
	// the user.
	SessionsOf(ctx context.Context, id string, now time.Time) ([]Session, error)
}

// ActStore keeps what people did. Nothing in it is changed, and nothing is removed but
// what is older than anybody may keep it.
type ActStore interface {
	AddAct(ctx context.Context, a Act) error
	// Acts returns acts, newest first; more says that older ones match too.
	Acts(ctx context.Context, q ActQuery) (found []Act, more bool, err error)
	// DropActs removes acts before an id, the oldest first, at most so many.
	DropActs(ctx context.Context, before sms.ID, most int) (dropped int, err error)
}

// IdentityStore finds users by what a provider of identities says of them. Writing a user
// whose address or identity another one has fails with ErrMailTaken or ErrBound.
type IdentityStore interface {
	UserByIdentity(ctx context.Context, issuer, subject string) (Record, error)
	// UserByMail is who was invited by an address, in small letters.
	UserByMail(ctx context.Context, mail string) (Record, error)
}

// PeopleStore keeps everything about people who sign in.
type PeopleStore interface {
	UserStore
	IdentityStore
	SessionStore
	ActStore
}
