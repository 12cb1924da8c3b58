package template

import (
	"context"
	"errors"
	"time"

	"relais/reason"
	"relais/sms"
)

// Template is one version of a text with fields, and what is known of the whole.
type Template struct {
	Account string
	ID      sms.ID
	Content

	Version int // from 1
	Latest  int // the present version
	MadeAt  time.Time
	MadeBy  sms.Actor
	// ArchivedAt is when it was put away; zero: it may be used.
	ArchivedAt time.Time
	Uses       int       // messages that were made with it, of all versions
	UsedAt     time.Time // zero: never
}

// Content is what a version has.
type Content struct {
	Name   string
	Folder string // empty: none
	Text   string // with fields
	Class  sms.Class
	Sender sms.Sender
	Circle Circle
	// Answer: it is offered where a reply is answered. It has no fields then.
	Answer bool
}

// Circle are the people who may use a template. Programs may use all of their account.
type Circle string

// The circles.
const (
	Everyone  Circle = "everyone"  // who may send
	Approvers Circle = "approvers" // who may decide what agents may not
	Managers  Circle = "managers"  // who look after the templates
)

// Circles returns every circle, from what most may use to what few may.
func Circles() []Circle { return []Circle{Everyone, Approvers, Managers} }

// Bounds of templates.
const (
	MaxTemplates = 1000 // of one account, those that were put away with them
	MaxName      = 100  // characters, of a folder too
	MaxText      = 5000 // characters
)

// Errors of a Store.
var (
	ErrUnknown   = errors.New("there is no such template")
	ErrOutdated  = errors.New("the template was changed since")
	ErrNameTaken = errors.New("another template has the name")
	ErrTooMany   = errors.New("the account has too many templates")
)

// Error refuses what a person or a program can mend.
type Error struct {
	Reason reason.Reason // what is wrong, and what would be right
	Field  string        // JSON pointer to the value at fault
}

// Error implements error, in English.
func (e *Error) Error() string { return e.Reason.Code.Wire() + ": " + e.Reason.In(reason.English) }

// Store keeps templates. Names are compared by a key, which the caller makes.
type Store interface {
	// Templates returns the present versions, by folder and name; archived: of those that
	// were put away instead.
	Templates(ctx context.Context, account string, archived bool) ([]Template, error)
	// Template returns a version, 0: the present one, or ErrUnknown.
	Template(ctx context.Context, account string, id sms.ID, version int) (Template, error)
	// TemplateVersions returns versions below one, 0: all, newest first.
	TemplateVersions(ctx context.Context, account string, id sms.ID, below, limit int) ([]Template, error)
	// AddTemplate keeps a new one, or returns ErrNameTaken or ErrTooMany.
	AddTemplate(ctx context.Context, t Template, key string) error
	// ChangeTemplate keeps the next version. It returns ErrOutdated where its number is not
	// the next one, ErrNameTaken and ErrUnknown.
	ChangeTemplate(ctx context.Context, t Template, key string) error
	// ArchiveTemplate puts one away at a moment, zero: brings it back. It returns
	// ErrUnknown, and ErrNameTaken where another has the name meanwhile.
	ArchiveTemplate(ctx context.Context, account string, id sms.ID, at time.Time, key string) error
}
