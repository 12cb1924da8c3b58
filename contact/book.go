package contact

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/merge"
	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Codes of what is refused.
const (
	CodeUnknown  reason.Code = "list_unknown"
	CodeMissing  reason.Code = "list_missing" // whoever names a list means another
	CodeOutdated reason.Code = "list_outdated"
	CodeEmpty    reason.Code = "list_empty"
	CodeNobody   reason.Code = "list_entry_unknown"
	CodeNoTable  reason.Code = "list_nothing_waits"

	codeName    reason.Code = "list_name_missing"
	codeLong    reason.Code = "list_too_long"
	codeTaken   reason.Code = "list_name_taken"
	codeTooMany reason.Code = "lists_too_many"
	codeLetter  reason.Code = "list_forbidden_character"
	codeKeep    reason.Code = "list_keep_days_invalid"
)

// Account is what the numbers of an account are read by.
type Account struct {
	Region  string // ISO 3166-1, in which numbers are dialled
	Numbers number.Policy
}

// Book is the lists of all accounts.
type Book struct {
	Store   Store
	Account func(account string) Account
	Now     func() time.Time
}

func (b *Book) mark(by sms.Actor) Mark { return Mark{b.Now().UTC(), by} }

// Lists returns those of an account, by name.
func (b *Book) Lists(ctx context.Context, account string) ([]List, error) {
	return b.Store.Lists(ctx, account)
}

// List returns one, or ErrUnknown.
func (b *Book) List(ctx context.Context, account string, id sms.ID) (List, error) {
	return b.Store.List(ctx, account, id)
}

// Create makes a list without anybody on it.
func (b *Book) Create(ctx context.Context, account string, c Content, by sms.Actor) (List, error) {
	if err := c.check(); err != nil {
		return List{}, err
	}
	now := b.Now().UTC()
	l := List{
		Account: account, ID: sms.BucketOf(account).NewID(now), Content: c, Version: 1, MadeAt: now, MadeBy: by,
		Shape: Shape{Fields: []string{}},
	}
	return l, explained(b.Store.AddList(ctx, l, nameKey(c.Name)))
}

// Change writes the content anew, over a version that somebody saw; 0: whichever is present. Where somebody was faster
// it returns ErrOutdated.
func (b *Book) Change(
	ctx context.Context, account string, id sms.ID, seen int, c Content, by sms.Actor,
) (List, error) {
	if err := c.check(); err != nil {
		return List{}, err
	}
	l, err := b.Store.ChangeList(ctx, account, id, seen, c, nameKey(c.Name), b.mark(by))
	return l, explained(err)
}

// Drop forgets a list and everybody on it. Campaigns keep their copies.
func (b *Book) Drop(ctx context.Context, account string, id sms.ID, by sms.Actor) error {
	return b.Store.DropList(ctx, account, id, b.mark(by))
}

// Entries returns a page of the people on a list, in the order of its table.
func (b *Book) Entries(
	ctx context.Context, account string, id sms.ID, after, limit int,
) (found []Entry, more bool, err error) {
	l, err := b.List(ctx, account, id)
	if err != nil {
		return nil, false, err
	}
	return b.Store.Entries(ctx, EntryQuery{Account: account, List: id, Set: l.Set, After: after, Limit: limit})
}

// Remove takes a person off a list, by key; by number where the list has no key.
func (b *Book) Remove(ctx context.Context, account string, id sms.ID, key string, by sms.Actor) (List, error) {
	l, err := b.List(ctx, account, id)
	if err != nil {
		return l, err
	}
	l, err = b.Store.DropEntry(ctx, account, id, b.keyOf(&l, key), b.mark(by))
	return l, explained(err)
}

// keyOf is the key of an entry as it is kept, of what somebody wrote.
func (b *Book) keyOf(l *List, written string) string {
	written = strings.TrimSpace(written)
	if l.Shape.Key != "" {
		return written
	}
	account := b.Account(l.Account)
	if parsed, err := account.Numbers.Cell(written, cmp.Or(account.Region, "FR")); err == nil {
		return string(parsed.Number)
	}
	return written
}

// Fill puts the table that waits in force, by the set that somebody saw. Where another one waits
// by now it returns ErrOutdated.
func (b *Book) Fill(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (List, error) {
	l, err := b.Store.FillList(ctx, account, id, set, b.mark(by))
	return l, explained(err)
}

// Refuse forgets the table that waits, likewise.
func (b *Book) Refuse(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (List, error) {
	l, err := b.Store.RefuseList(ctx, account, id, set, b.mark(by))
	return l, explained(err)
}

// nameKey is the same for names that people take for the same.
func nameKey(name string) string { return "=" + merge.Fold(name) }

// explained says what a person can mend of an error of the store.
func explained(err error) error {
	switch {
	case errors.Is(err, ErrNameTaken):
		return &Error{reason.Of(codeTaken, nil), "/name"}
	case errors.Is(err, ErrTooMany):
		return &Error{reason.Of(codeTooMany, reason.Args{"most": reason.Count(MaxLists)}), ""}
	case errors.Is(err, ErrNoTable):
		return &Error{reason.Of(CodeNoTable, nil), ""}
	case errors.Is(err, ErrNobody):
		return &Error{reason.Of(CodeNobody, nil), ""}
	default:
		return err
	}
}

// check refuses a content that is none.
func (c *Content) check() error {
	c.Name, c.Source, c.Purpose = strings.TrimSpace(c.Name), strings.TrimSpace(c.Source), strings.TrimSpace(c.Purpose)
	if merge.Fold(c.Name) == "" {
		return &Error{reason.Of(codeName, nil), "/name"}
	}
	const sentence = 500
	for _, one := range []struct {
		field, text string
		most        int
	}{{"/name", c.Name, MaxName}, {"/source", c.Source, sentence}, {"/purpose", c.Purpose, sentence}} {
		if utf8.RuneCountInString(one.text) > one.most {
			return &Error{reason.Of(codeLong, reason.Args{"most": reason.Count(one.most)}), one.field}
		}
		if !utf8.ValidString(one.text) || strings.ContainsFunc(one.text, unicode.IsControl) {
			return &Error{reason.Of(codeLetter, nil), one.field}
		}
	}
	if c.KeepDays < 0 || c.KeepDays > MaxKept {
		return &Error{reason.Of(codeKeep, reason.Args{"most": reason.Count(MaxKept)}), "/keep_days"}
	}
	return nil
}
