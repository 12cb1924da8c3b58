package contact

import (
	"context"
	"errors"
	"slices"
	"time"

	"relais/merge"
	"relais/sms"
)

// Contact is a number, with what an account knows of the person and what the person agreed to.
type Contact struct {
	Account string
	ID      sms.ID // by which the audit knows it
	Number  sms.Number
	Version int // rises with each change, from 1
	Detail
	// Consents are all that were ever given, oldest first. None is taken away but with the person.
	Consents []Consent

	MadeAt, ChangedAt time.Time
	MadeBy, ChangedBy sms.Actor
	// DroppedAt is when somebody forgot the contact: the consents stay, as proofs. Zero: it is there.
	DroppedAt time.Time
}

// Detail is what people write about a contact.
type Detail struct {
	Values map[string]string // by the names of fields
	Groups []sms.ID
}

// Consent is what a person agreed to, with its proof.
type Consent struct {
	Purpose string    `json:"purpose"`         // such as the town's cultural programme
	Source  string    `json:"source"`          // where it was given, such as a form, paper, the telephone
	Proof   string    `json:"proof,omitempty"` // the words that were shown, or where they are kept; empty: none were written down
	GivenAt time.Time `json:"given_at"`
	NotedAt time.Time `json:"noted_at"`
	NotedBy sms.Actor `json:"noted_by"`
	// Ended is when and how it was withdrawn; zero: it is in force.
	Ended Withdrawal `json:"ended,omitzero"`
}

// Withdrawal is how a consent ended.
type Withdrawal struct {
	At     time.Time `json:"at"`
	By     sms.Actor `json:"by"`
	Source string    `json:"source,omitempty"` // how the person said so; empty: nobody wrote it down
}

// Sources of withdrawals that are not a person's words.
const (
	WithdrawnByStop = "stop"    // the number came on the suppression list
	WithdrawnByDrop = "dropped" // somebody forgot the contact
)

// InForce reports whether nobody withdrew a consent.
func (c *Consent) InForce() bool { return c.Ended.At.IsZero() }

// PurposeKey is the same for purposes that people take for the same.
func PurposeKey(purpose string) string { return merge.Fold(purpose) }

// Agreed reports whether the person agrees to a purpose, which is named by its key.
func (c *Contact) Agreed(key string) bool {
	return c.DroppedAt.IsZero() && slices.ContainsFunc(c.Consents, func(one Consent) bool {
		return one.InForce() && PurposeKey(one.Purpose) == key
	})
}

// Withdraw ends the consents to a purpose that are in force, which is named by its key; empty: all.
// It reports how many there were.
func (c *Contact) Withdraw(key string, w Withdrawal) (ended int) {
	for i := range c.Consents {
		one := &c.Consents[i]
		if one.InForce() && (key == "" || PurposeKey(one.Purpose) == key) {
			one.Ended = w
			ended++
		}
	}
	return ended
}

// Group is contacts under a name.
type Group struct {
	Account string
	ID      sms.ID
	Version int // rises with each change of the name and the note, from 1
	Name    string
	Note    string // for people
	Members int
	MadeAt  time.Time
	MadeBy  sms.Actor
}

// Bounds of contacts and groups.
const (
	MaxGroups   = 1000    // of one account
	MaxMembers  = 100_000 // of one group
	MaxOfOne    = 50      // groups of one contact
	MaxConsents = 200     // of one contact
)

// KeptProofs is how long the proofs of a contact stay that somebody forgot: whoever disputes a
// message has five years (French Civil Code, article 2224).
const KeptProofs = 5 * 366 * 24 * time.Hour

// Errors of a DirectoryStore.
var (
	ErrNoContact       = errors.New("there is no such contact")
	ErrContactExists   = errors.New("there is a contact of this number")
	ErrContactOutdated = errors.New("the contact was changed since")
	ErrNoConsent       = errors.New("no consent to the purpose is in force")
	ErrConsentsMany    = errors.New("the contact has too many consents")

	ErrNoGroup       = errors.New("there is no such group")
	ErrGroupOutdated = errors.New("the group was changed since")
	ErrGroupTaken    = errors.New("another group has the name")
	ErrGroupsMany    = errors.New("the account has too many groups")
	ErrGroupFull     = errors.New("the group has too many contacts")
	// ErrGroupMissing is of a contact that names a group which does not exist.
	ErrGroupMissing = errors.New("a group of the contact does not exist")
)

// Query asks for contacts, by number.
type Query struct {
	Account string
	Group   sms.ID     // zero: all
	After   sms.Number // empty: from the first
	Limit   int
}

// DirectoryStore keeps contacts and groups. Each method is one transaction.
type DirectoryStore interface {
	// Contacts returns a page of those that nobody forgot. Their groups are those that exist.
	Contacts(ctx context.Context, q Query) (found []Contact, more bool, err error)
	// Contact returns one, or ErrNoContact.
	Contact(ctx context.Context, account string, n sms.Number) (Contact, error)
	// PersonContact returns one also where somebody forgot it and its proofs are left, or
	// ErrNoContact.
	PersonContact(ctx context.Context, account string, n sms.Number) (Contact, error)
	// AddContact keeps a new one; that of a number that was forgotten has its consents again. It
	// returns ErrContactExists, ErrGroupMissing or ErrGroupFull.
	AddContact(ctx context.Context, c Contact) (Contact, error)
	// ChangeContact keeps a detail over the version that somebody saw; 0: whichever is present. It returns ErrNoContact,
	// ErrContactOutdated, ErrGroupMissing or ErrGroupFull.
	ChangeContact(ctx context.Context, account string, n sms.Number, seen int, d Detail, by Mark) (Contact, error)
	// DropContact forgets what is known of somebody, and withdraws every consent, whose proofs
	// stay. It returns ErrNoContact.
	DropContact(ctx context.Context, account string, n sms.Number, by Mark) error
	// AddConsent adds one, or returns ErrNoContact or ErrConsentsMany.
	AddConsent(ctx context.Context, account string, n sms.Number, c Consent) (Contact, error)
	// TakeContacts puts people of an import on their contacts, or makes them: all of them or none. A contact that was
	// forgotten has its consents again. note is for the audit; empty: nothing is noted. It returns ErrGroupMissing or
	// ErrGroupFull.
	TakeContacts(ctx context.Context, account string, arrivals []Arrival, by Mark, note string) error
	// EndConsents withdraws the consents to a purpose, by its key. It returns ErrNoContact, or
	// ErrNoConsent where none is in force.
	EndConsents(ctx context.Context, account string, n sms.Number, key string, w Withdrawal) (Contact, error)

	// Groups returns those of an account, by name.
	Groups(ctx context.Context, account string) ([]Group, error)
	// Group returns one, or ErrNoGroup.
	Group(ctx context.Context, account string, id sms.ID) (Group, error)
	// AddGroup keeps a new one, or returns ErrGroupTaken or ErrGroupsMany.
	AddGroup(ctx context.Context, g Group, key string) error
	// ChangeGroup keeps name and note over the version that somebody saw, likewise. It returns
	// ErrNoGroup, ErrGroupOutdated or ErrGroupTaken.
	ChangeGroup(ctx context.Context, g Group, seen int, key string, by Mark) (Group, error)
	// DropGroup hides a group from everybody, or returns ErrNoGroup. Its contacts stay.
	DropGroup(ctx context.Context, account string, id sms.ID, by Mark) error
}
