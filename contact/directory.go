package contact

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/merge"
	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Codes of what is refused of contacts and groups.
const (
	CodeNoContact       reason.Code = "contact_unknown"
	CodeContactOutdated reason.Code = "contact_outdated"
	CodeNoConsent       reason.Code = "consent_unknown"
	CodeNoGroup         reason.Code = "group_unknown"
	CodeGroupMissing    reason.Code = "group_missing" // whoever names a group means another
	CodeGroupOutdated   reason.Code = "group_outdated"
	CodeGroupEmpty      reason.Code = "group_empty"

	codeExists      reason.Code = "contact_exists"
	codeNumber      reason.Code = "contact_number_invalid"
	codeContactLong reason.Code = "contact_too_long"
	codeContactMany reason.Code = "contact_too_many"
	codeContactChar reason.Code = "contact_forbidden_character"
	codePurpose     reason.Code = "consent_purpose_missing"
	codeSource      reason.Code = "consent_source_missing"
	codeGiven       reason.Code = "consent_in_the_future"
	CodeGivenEarly  reason.Code = "consent_too_early"
	codeGroupName   reason.Code = "group_name_missing"
	codeGroupTaken  reason.Code = "group_name_taken"
	codeGroupsMany  reason.Code = "groups_too_many"
	codeGroupFull   reason.Code = "group_full"
)

// Directory is the contacts and the groups of all accounts.
type Directory struct {
	Store   DirectoryStore
	Account func(account string) Account
	Now     func() time.Time
}

func (d *Directory) now() time.Time { return d.Now().UTC().Truncate(time.Microsecond) }

func (d *Directory) mark(by sms.Actor) Mark { return Mark{d.now(), by} }

// Contacts returns a page of contacts, by number; of a group alone where the query names one.
func (d *Directory) Contacts(ctx context.Context, q Query) (found []Contact, more bool, err error) {
	if !q.Group.IsZero() {
		if _, err := d.Store.Group(ctx, q.Account, q.Group); err != nil {
			return nil, false, err
		}
	}
	return d.Store.Contacts(ctx, q)
}

// Contact returns one, or ErrNoContact.
func (d *Directory) Contact(ctx context.Context, account string, n sms.Number) (Contact, error) {
	return d.Store.Contact(ctx, account, n)
}

// Add keeps a new contact, whose number is read as people write it.
func (d *Directory) Add(ctx context.Context, account, written string, of Detail, by sms.Actor) (Contact, error) {
	n, err := d.read(account, written)
	if err != nil {
		return Contact{}, err
	}
	if err := of.check(); err != nil {
		return Contact{}, err
	}
	now := d.now()
	c, err := d.Store.AddContact(ctx, Contact{
		Account: account, ID: sms.BucketOf(account).NewID(now), Number: n, Version: 1, Detail: of,
		MadeAt: now, MadeBy: by, ChangedAt: now, ChangedBy: by,
	})
	return c, mendable(err)
}

// read reads a number as people write it in the account's country.
func (d *Directory) read(account, written string) (sms.Number, error) {
	a := d.Account(account)
	parsed, err := a.Numbers.Parse(written, cmp.Or(a.Region, "FR"))
	if err != nil {
		if wrong, ok := errors.AsType[*number.Error](err); ok {
			return "", &Error{reason.Of(codeNumber, reason.Args{"why": wrong.Reason}), "/number"}
		}
		return "", err
	}
	return parsed.Number, nil
}

// Change writes the detail of a contact anew, over a version that somebody saw; 0: whichever is
// present.
func (d *Directory) Change(
	ctx context.Context, account string, n sms.Number, seen int, of Detail, by sms.Actor,
) (Contact, error) {
	if err := of.check(); err != nil {
		return Contact{}, err
	}
	c, err := d.Store.ChangeContact(ctx, account, n, seen, of, d.mark(by))
	return c, mendable(err)
}

// Drop forgets a contact. What the person agreed to stays as a proof, and is no longer in force.
func (d *Directory) Drop(ctx context.Context, account string, n sms.Number, by sms.Actor) error {
	return d.Store.DropContact(ctx, account, n, d.mark(by))
}

// Nobody agreed to texts before there were any: the first one was sent in December 1992 (documented).
// A consent that is given a moment ahead comes from a clock that is, and was given now.
var earliestConsent = time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC)

const clockTolerance = 5 * time.Minute

// Agree writes down a consent. GivenAt is now where nobody says when; before 1990, and more than
// five minutes ahead, it is refused.
func (d *Directory) Agree(ctx context.Context, account string, n sms.Number, c Consent, by sms.Actor) (Contact, error) {
	if err := c.note(d.now(), by); err != nil {
		return Contact{}, err
	}
	with, err := d.Store.AddConsent(ctx, account, n, c)
	return with, mendable(err)
}

// note judges a consent that somebody writes down now, and tidies it.
func (c *Consent) note(now time.Time, by sms.Actor) error {
	c.Purpose, c.Source, c.Proof = strings.TrimSpace(c.Purpose), strings.TrimSpace(c.Source), strings.TrimSpace(c.Proof)
	c.NotedAt, c.NotedBy, c.Ended = now, by, Withdrawal{}
	if c.GivenAt.IsZero() {
		c.GivenAt = c.NotedAt
	}
	c.GivenAt = c.GivenAt.UTC().Truncate(time.Microsecond)
	ahead := c.GivenAt.Sub(c.NotedAt)
	if ahead > 0 && ahead <= clockTolerance {
		c.GivenAt = c.NotedAt
	}
	const purpose, proof = 100, 2000
	switch {
	case merge.Fold(c.Purpose) == "":
		return &Error{reason.Of(codePurpose, nil), "/purpose"}
	case merge.Fold(c.Source) == "":
		return &Error{reason.Of(codeSource, nil), "/source"}
	case ahead > clockTolerance:
		return &Error{reason.Of(codeGiven, nil), "/given_at"}
	case c.GivenAt.Before(earliestConsent):
		return &Error{reason.Of(CodeGivenEarly, nil), "/given_at"}
	}
	for _, one := range []struct {
		field, text string
		most        int
	}{{"/purpose", c.Purpose, purpose}, {"/source", c.Source, maxValue}, {"/proof", c.Proof, proof}} {
		if err := writable(one.field, one.text, one.most); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw ends every consent to a purpose. source is how the person said so.
func (d *Directory) Withdraw(
	ctx context.Context, account string, n sms.Number, purpose, source string, by sms.Actor,
) (Contact, error) {
	source = strings.TrimSpace(source)
	if PurposeKey(purpose) == "" {
		return Contact{}, &Error{reason.Of(codePurpose, nil), "/purpose"}
	}
	if err := writable("/source", source, maxValue); err != nil {
		return Contact{}, err
	}
	c, err := d.Store.EndConsents(ctx, account, n, PurposeKey(purpose), Withdrawal{At: d.now(), By: by, Source: source})
	return c, mendable(err)
}

// Groups returns those of an account, by name.
func (d *Directory) Groups(ctx context.Context, account string) ([]Group, error) {
	return d.Store.Groups(ctx, account)
}

// Group returns one, or ErrNoGroup.
func (d *Directory) Group(ctx context.Context, account string, id sms.ID) (Group, error) {
	return d.Store.Group(ctx, account, id)
}

// AddGroup makes a group without anybody in it.
func (d *Directory) AddGroup(ctx context.Context, account, name, note string, by sms.Actor) (Group, error) {
	g := Group{Account: account, Version: 1, Name: strings.TrimSpace(name), Note: strings.TrimSpace(note), MadeBy: by}
	if err := g.check(); err != nil {
		return g, err
	}
	g.MadeAt = d.now()
	g.ID = sms.BucketOf(account).NewID(g.MadeAt)
	return g, mendable(d.Store.AddGroup(ctx, g, nameKey(g.Name)))
}

// ChangeGroup gives a group another name and another note, over a version that somebody saw; 0:
// whichever is present.
func (d *Directory) ChangeGroup(
	ctx context.Context, account string, id sms.ID, seen int, name, note string, by sms.Actor,
) (Group, error) {
	g := Group{Account: account, ID: id, Name: strings.TrimSpace(name), Note: strings.TrimSpace(note)}
	if err := g.check(); err != nil {
		return g, err
	}
	g, err := d.Store.ChangeGroup(ctx, g, seen, nameKey(g.Name), d.mark(by))
	return g, mendable(err)
}

// DropGroup forgets a group. Its contacts stay.
func (d *Directory) DropGroup(ctx context.Context, account string, id sms.ID, by sms.Actor) error {
	return d.Store.DropGroup(ctx, account, id, d.mark(by))
}

func (g *Group) check() error {
	if merge.Fold(g.Name) == "" {
		return &Error{reason.Of(codeGroupName, nil), "/name"}
	}
	if err := writable("/name", g.Name, MaxName); err != nil {
		return err
	}
	return writable("/note", g.Note, maxValue)
}

// check refuses a detail that nobody could send to, and tidies the rest: a value that is empty is
// none, and a group counts once.
func (d *Detail) check() error {
	tidy := make(map[string]string, len(d.Values))
	folded := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(d.Values)) {
		at := "/values/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		if err := writable(at, name, MaxName); err != nil {
			return err
		}
		if err := writable(at, d.Values[name], maxValue); err != nil {
			return err
		}
		key := merge.Fold(name)
		if strings.TrimSpace(name) == "" {
			return &Error{reason.Of(codeFieldNone, nil), at}
		}
		if folded[key] || key == "" {
			return &Error{reason.Of(codeField, reason.Args{"field": reason.Name(name)}), at}
		}
		folded[key] = true
		if value := strings.TrimSpace(d.Values[name]); value != "" {
			tidy[name] = value
		}
	}
	groups := slices.SortedFunc(slices.Values(d.Groups), func(a, b sms.ID) int { return slices.Compare(a[:], b[:]) })
	groups = slices.Compact(groups)
	switch {
	case len(tidy) > MaxFields:
		return &Error{reason.Of(codeContactMany, reason.Args{"most": reason.Count(MaxFields)}), "/values"}
	case len(groups) > MaxOfOne:
		return &Error{reason.Of(codeContactMany, reason.Args{"most": reason.Count(MaxOfOne)}), "/groups"}
	}
	d.Values, d.Groups = tidy, groups
	return nil
}

// The name of a value that is refused: it is empty, has no letter and no digit, or is that of another one.
const (
	codeField     reason.Code = "contact_field_invalid"
	codeFieldNone reason.Code = "contact_field_invalid/empty"
)

// writable refuses a text that is too long, or has what nobody sees.
func writable(field, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return &Error{reason.Of(codeContactLong, reason.Args{"most": reason.Count(most)}), field}
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return &Error{reason.Of(codeContactChar, nil), field}
	}
	return nil
}

// mendable says what a person can mend of an error of the store.
func mendable(err error) error {
	for known, refusal := range map[error]*Error{
		ErrContactExists: {reason.Of(codeExists, nil), "/number"},
		ErrConsentsMany:  {reason.Of(codeContactMany, reason.Args{"most": reason.Count(MaxConsents)}), ""},
		ErrNoConsent:     {reason.Of(CodeNoConsent, nil), "/purpose"},
		ErrGroupMissing:  {reason.Of(CodeGroupMissing, nil), "/groups"},
		ErrGroupTaken:    {reason.Of(codeGroupTaken, nil), "/name"},
		ErrGroupsMany:    {reason.Of(codeGroupsMany, reason.Args{"most": reason.Count(MaxGroups)}), ""},
		ErrGroupFull:     {reason.Of(codeGroupFull, reason.Args{"most": reason.Count(MaxMembers)}), "/groups"},
	} {
		if errors.Is(err, known) {
			return refusal
		}
	}
	return err
}
