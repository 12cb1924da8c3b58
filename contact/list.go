package contact

import (
	"context"
	"errors"
	"time"

	"relais/reason"
	"relais/sms"
)

// List is people under a name.
type List struct {
	Account string
	ID      sms.ID
	Content

	Version int // rises with each change of the content and of the entries, from 1
	Entries int
	Shape   Shape
	MadeAt  time.Time
	MadeBy  sms.Actor
	// FilledAt is when its entries came; zero: it never had any.
	FilledAt time.Time
	FilledBy sms.Actor
	// Pending is a table that was read and is not in force yet; nil: there is none.
	Pending *Pending
	// Set tells the entries of the list from those of a table that is not in force.
	Set int
	// Sets rises with each table that comes, and where a person is erased: a table that was read before
	// has that person.
	Sets int
}

// Content is what people write about a list.
type Content struct {
	Name string
	// Source says where the numbers come from, such as a form or another program.
	Source string
	// Purpose is what the people agreed to; empty: nobody wrote it down, and advertising to the
	// list is warned of.
	Purpose string
	// KeepDays is how long entries stay after they came; 0: as long as somebody keeps them.
	KeepDays int
}

// Shape is what columns the table of a list has.
type Shape struct {
	Phone  string   `json:"phone"`         // name of the column with the numbers
	Key    string   `json:"key,omitempty"` // name of the column that tells people apart; empty: the number does
	Fields []string `json:"fields"`        // names of the other columns, in order
}

// Pending is a table that waits to be put in force, with what it would do.
type Pending struct {
	Set     int       `json:"set"`
	Over    int       `json:"over"` // set of the list that it was compared with
	Name    string    `json:"name"` // of the file
	Shape   Shape     `json:"shape"`
	At      time.Time `json:"at"`
	By      sms.Actor `json:"by"`
	Entries int       `json:"entries"`
	Skipped []Skipped `json:"skipped"` // rows that were left out, by why
	Difference
}

// Difference is what a table would change.
type Difference struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Changed int `json:"changed"`
}

// Skipped counts rows that were left out of a list.
type Skipped struct {
	Code   string        `json:"code"`
	Reason reason.Reason `json:"reason"` // of the first of them
	Rows   int           `json:"rows"`
	First  int           `json:"first"` // row of the first, as the spreadsheet counts
}

// Entry is a person on a list.
type Entry struct {
	Row    int    // of its table, as the spreadsheet counts
	Key    string // the number, where the list has no key
	Number sms.Number
	Values map[string]string // by the names of the fields
}

// Bounds of lists.
const (
	MaxLists   = 1000    // of one account
	MaxEntries = 100_000 // of one list
	MaxFields  = 20
	MaxBytes   = 20 << 20 // of a table
	MaxName    = 100      // characters
	MaxKept    = 3660     // days

	maxValue = 500 // characters of a value
	maxKey   = 100 // characters of a key
)

// Errors of a Store.
var (
	ErrUnknown   = errors.New("there is no such list")
	ErrOutdated  = errors.New("the list was changed since")
	ErrNameTaken = errors.New("another list has the name")
	ErrTooMany   = errors.New("the account has too many lists")
	ErrNoTable   = errors.New("no table waits to be put in force")
	ErrNobody    = errors.New("nobody on the list has the key")
)

// Error refuses what a person or a program can mend.
type Error struct {
	Reason reason.Reason // what is wrong, and what would be right
	Field  string        // JSON pointer to the value at fault
}

// Error implements error, in English.
func (e *Error) Error() string { return e.Reason.Code.Wire() + ": " + e.Reason.In(reason.English) }

// Mark is who does something, and when.
type Mark struct {
	At time.Time
	By sms.Actor
}

// EntryQuery asks for entries in the order of their rows.
type EntryQuery struct {
	Account string
	List    sms.ID
	Set     int
	After   int // the row before; 0: from the first
	Limit   int
}

// Store keeps lists. Each method is one transaction. Names are compared by a key, which the
// caller makes.
type Store interface {
	// Lists returns the lists of an account, by name.
	Lists(ctx context.Context, account string) ([]List, error)
	// List returns one, or ErrUnknown.
	List(ctx context.Context, account string, id sms.ID) (List, error)
	// AddList keeps a new one, or returns ErrNameTaken or ErrTooMany.
	AddList(ctx context.Context, l List, key string) error
	// ChangeList keeps a content over the version that somebody saw; 0: whichever is present. It
	// returns ErrUnknown, ErrOutdated or ErrNameTaken.
	ChangeList(ctx context.Context, account string, id sms.ID, seen int, c Content, key string, by Mark) (List, error)
	// DropList hides a list from everybody, or returns ErrUnknown.
	DropList(ctx context.Context, account string, id sms.ID, by Mark) error

	// StageList begins a table for a list, in the place of one that waited, and returns the set
	// that its entries go into. It returns ErrUnknown, and ErrOutdated where the list has other Sets
	// than when the table was read.
	StageList(ctx context.Context, account string, id sms.ID, sets int, by Mark) (set int, err error)
	// UnstageList forgets a table that does not wait yet.
	UnstageList(ctx context.Context, account string, id sms.ID, set int) error
	// AddEntries keeps entries of a table. Where the table is another one's by now it returns
	// ErrOutdated.
	AddEntries(ctx context.Context, account string, id sms.ID, set int, entries []Entry) error
	// AwaitList has a table wait to be put in force, and compares it with the list. It returns
	// ErrOutdated where another table came.
	AwaitList(ctx context.Context, account string, id sms.ID, p Pending) (List, error)
	// FillList puts the table that waits in force, which has a set. It returns ErrUnknown,
	// ErrNoTable, and ErrOutdated where another table waits or the list is another one than it
	// was compared with.
	FillList(ctx context.Context, account string, id sms.ID, set int, by Mark) (List, error)
	// RefuseList forgets the table that waits, likewise.
	RefuseList(ctx context.Context, account string, id sms.ID, set int, by Mark) (List, error)

	// Entries returns a page of the entries of a set.
	Entries(ctx context.Context, q EntryQuery) (found []Entry, more bool, err error)
	// DropEntry takes a person off a list, by key. It returns ErrUnknown, or ErrNobody.
	DropEntry(ctx context.Context, account string, id sms.ID, key string, by Mark) (List, error)
}
