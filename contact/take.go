package contact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"relais/campaign"
	"relais/campaign/appointment"
	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// Codes of imports.
const (
	CodeImportOutdated reason.Code = "contact_import_outdated"

	codeDay  reason.Code = "consent_day_unreadable"
	codeFull reason.Code = "contact_full"
)

// Import is a table of contacts, and what it is to do. A cell that is empty leaves what a contact
// has, and ClearsValue takes it away.
type Import struct {
	Table

	Groups []sms.ID // which every contact of the table comes into
	// Consent is what every one of them agreed to; without a purpose: nothing. GivenAt is that of rows without a date
	// of their own, and now where it is zero.
	Consent Consent
	// Given is the column with the days on which they agreed, by name or letter: who has none there did not
	// agree. Empty: there is no such column.
	Given string
}

// ClearsValue is the cell of a table that takes a value away from a contact.
const ClearsValue = "--"

// Outcome is what becomes of a row of an import.
type Outcome string

// The outcomes.
const (
	Added   Outcome = "added"
	Changed Outcome = "changed"
	Same    Outcome = "unchanged"
	Refused Outcome = "refused"
)

// Imported is what a table of contacts did, or would do.
type Imported struct {
	// Check is the name of everything that would happen: the table, how it is read, and each row with the
	// contact as it is. Whoever applies an import names it.
	Check    string
	Applied  bool
	Rows     map[Outcome]int
	Consents int         // that are new
	Skipped  []Skipped   // rows that were refused, by why
	Sample   []ImportRow // some rows of each outcome, in the order of the table
}

// ImportRow is a row of an import.
type ImportRow struct {
	Row     int // as the spreadsheet counts
	Number  sms.Number
	Outcome Outcome
	Reason  reason.Reason // why it is refused; zero: it is not
}

// Arrival is a person of an import.
type Arrival struct {
	ID      sms.ID // of the contact, where there is none yet
	Number  sms.Number
	Values  map[string]string // ClearsValue takes one away
	Groups  []sms.ID          // beside those that the contact is in
	Consent *Consent          // nil: none
	Undated bool              // nobody said when it was given: one that is known stands for it
}

// Onto puts what arrives on a contact, and reports whether that changes it, and whether the
// consent is new. One with the same purpose, source and time is known already. One of before a withdrawal
// arrives withdrawn: no old table has a person written to who said no since.
func (a *Arrival) Onto(c *Contact) (changed, agreed bool) {
	values := maps.Clone(c.Values)
	if values == nil {
		values = map[string]string{}
	}
	for name, value := range a.Values {
		key := merge.Fold(name)
		for has := range values {
			if merge.Fold(has) == key {
				name = has
			}
		}
		if value == ClearsValue {
			delete(values, name)
		} else {
			values[name] = value
		}
	}
	groups := slices.Clone(c.Groups)
	for _, id := range a.Groups {
		if !slices.Contains(groups, id) {
			groups = append(groups, id)
		}
	}
	changed = !maps.Equal(values, c.Values) || len(groups) != len(c.Groups)
	c.Values, c.Groups = values, groups
	if a.Consent == nil || slices.ContainsFunc(c.Consents, a.knows) {
		return changed, false
	}
	given := *a.Consent
	for _, before := range c.Consents {
		if PurposeKey(before.Purpose) == PurposeKey(given.Purpose) && given.GivenAt.Before(before.Ended.At) {
			given.Ended = before.Ended
		}
	}
	c.Consents = append(c.Consents, given)
	return changed, true
}

// knows reports whether a consent that was written down before is the one that arrives.
func (a *Arrival) knows(before Consent) bool {
	same := PurposeKey(a.Consent.Purpose) == PurposeKey(before.Purpose) && a.Consent.Source == before.Source
	return same && (a.Undated || a.Consent.GivenAt.Equal(before.GivenAt))
}

// Take reads a table of contacts, and says what it would do; with the check of that, it does it.
// What is no table is refused, and a row that cannot be a contact is counted with why. Where anything is
// not as it was checked, it is refused with CodeImportOutdated. Rows are kept some hundreds at a time:
// what breaks off has kept those before.
func (d *Directory) Take(
	ctx context.Context, account string, in Import, check string, body io.Reader, by sms.Actor,
) (Imported, error) {
	t := &taking{Directory: d, account: account, in: &in, mark: d.mark(by), sum: sha256.New()}
	if err := t.prepare(ctx); err != nil {
		return Imported{}, err
	}
	if err := t.open(body); err != nil {
		return Imported{}, unreadable(err)
	}
	if err := t.read(ctx); err != nil {
		return t.done, unreadable(err)
	}
	t.done.Check = "i_" + hex.EncodeToString(t.sum.Sum(nil)[:16])
	switch {
	case check == "":
		return t.done, nil
	case check != t.done.Check:
		return t.done, &Error{reason.Of(CodeImportOutdated, nil), ""}
	}
	return t.done, mendable(t.apply(ctx))
}

// taking reads a table of contacts.
type taking struct {
	*Directory

	account string
	in      *Import
	mark    Mark
	groups  []Group

	filling *filling
	sum     hash.Hash // of everything that would happen
	done    Imported
	joins   []int // how many would come into each group
	undated bool  // nobody says when the consent was given

	keeps bool
	note  string // for the audit, with the next ones that are kept
	batch []Arrival
}

// prepare judges what every row gets.
func (t *taking) prepare(ctx context.Context) error {
	for i, id := range t.in.Groups {
		g, err := t.Store.Group(ctx, t.account, id)
		if errors.Is(err, ErrNoGroup) {
			return &Error{reason.Of(CodeGroupMissing, nil), "/groups/" + strconv.Itoa(i)}
		}
		if err != nil {
			return err
		}
		t.groups = append(t.groups, g)
	}
	t.joins = make([]int, len(t.groups))
	options, err := json.Marshal(t.in)
	if err != nil {
		return fmt.Errorf("options of an import: %w", err)
	}
	t.sum.Write(options)
	c := &t.in.Consent
	if c.Purpose == "" && c.Source == "" && c.Proof == "" && t.in.Given == "" {
		return nil
	}
	t.undated = c.GivenAt.IsZero() && t.in.Given == ""
	return c.note(t.mark.At, t.mark.By)
}

// open looks at the table, whose columns may be the names of values.
func (t *taking) open(body io.Reader) error {
	t.in.Key = "" // the number tells people apart
	t.filling = &filling{
		Book: &Book{Account: t.Account, Now: t.Now}, list: &List{Account: t.account}, table: &t.in.Table, also: t.in.Given,
		each: t.see, turned: t.refused,
	}
	if err := t.filling.open(io.TeeReader(body, t.sum)); err != nil {
		return err
	}
	named := Detail{Values: map[string]string{}}
	for _, name := range t.filling.shape.Fields {
		named.Values[name] = "x"
	}
	if wrong, ok := errors.AsType[*Error](named.check()); ok {
		return &Error{wrong.Reason, ""}
	}
	return nil
}

// read sees every row.
func (t *taking) read(ctx context.Context) error {
	t.done.Rows, t.done.Consents, t.done.Sample = map[Outcome]int{}, 0, nil
	if err := t.filling.read(ctx); err != nil {
		return err
	}
	t.done.Skipped = t.filling.whySkipped()
	for i := range t.groups {
		if t.groups[i].Members+t.joins[i] > MaxMembers {
			return &Error{reason.Of(codeGroupFull, reason.Args{"most": reason.Count(MaxMembers)}), ""}
		}
	}
	return nil
}

// apply reads the table once more, which is known to be good, and keeps its people.
func (t *taking) apply(ctx context.Context) error {
	t.keeps, t.note = true, strconv.Itoa(t.done.Rows[Added]+t.done.Rows[Changed])
	clear(t.joins)
	if err := t.read(ctx); err != nil {
		return err
	}
	t.done.Applied = true
	return t.flush(ctx)
}

// see judges a person of the table by the contact that there is, and keeps them when it is time.
func (t *taking) see(ctx context.Context, j *campaign.Judged, e *Entry) error {
	a, why := t.arrival(j, e)
	if !why.IsZero() {
		t.filling.skip(e.Row, why)
		return nil
	}
	now, err := t.Store.Contact(ctx, t.account, e.Number)
	fresh := errors.Is(err, ErrNoContact)
	if err != nil && !fresh {
		return err
	}
	seen, had := now.Version, now.Groups
	changed, agreed := a.Onto(&now)
	if len(now.Values) > MaxFields || len(now.Groups) > MaxOfOne || len(now.Consents) > MaxConsents {
		t.filling.skip(e.Row, reason.Of(codeFull, reason.Args{
			"values": reason.Count(MaxFields), "groups": reason.Count(MaxOfOne), "consents": reason.Count(MaxConsents),
		}))
		return nil
	}
	for i := range t.groups {
		if !slices.Contains(had, t.groups[i].ID) {
			t.joins[i]++
		}
	}
	outcome := Same
	switch {
	case fresh:
		outcome = Added
	case changed || agreed:
		outcome = Changed
	}
	if agreed {
		t.done.Consents++
	}
	t.count(ImportRow{Row: e.Row, Number: e.Number, Outcome: outcome}, seen)
	if !t.keeps || outcome == Same {
		return nil
	}
	const together = 200
	a.ID = sms.BucketOf(t.account).NewID(t.mark.At)
	if t.batch = append(t.batch, a); len(t.batch) < together {
		return nil
	}
	return t.flush(ctx)
}

// arrival is a person of the table; why says what is wrong with the row.
func (t *taking) arrival(j *campaign.Judged, e *Entry) (a Arrival, why reason.Reason) {
	a = Arrival{Number: e.Number, Values: map[string]string{}, Groups: t.in.Groups}
	for name, value := range e.Values {
		if value == "" {
			continue
		}
		if wrong, ok := errors.AsType[*Error](writable("", value, maxValue)); ok {
			return a, wrong.Reason
		}
		a.Values[name] = value
	}
	if t.in.Consent.Purpose == "" {
		return a, reason.Reason{}
	}
	given := t.in.Consent
	if t.filling.alsoAt >= 0 {
		cell := appointment.Cells{Date: j.Cell(t.filling.alsoAt)}
		if cell.Date == "" {
			return a, reason.Reason{}
		}
		cell.Day = j.Cells[t.filling.alsoAt].When
		day, ok := appointment.DayOf(cell)
		if !ok {
			return a, reason.Of(codeDay, reason.Args{"column": t.filling.layout.Columns[t.filling.alsoAt].Label()})
		}
		given.GivenAt = noon(day, t.mark.At)
		if wrong, ok := errors.AsType[*Error](given.note(t.mark.At, t.mark.By)); ok {
			return a, wrong.Reason
		}
	}
	a.Consent, a.Undated = &given, t.undated
	return a, reason.Reason{}
}

// noon is that of a day, in UTC: it is the same day in every place of the French plan but those far
// west of it. Of today it is no later than now.
func noon(day, now time.Time) time.Time {
	const half = 12 * time.Hour
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC).Add(half)
	if ahead := at.Sub(now); ahead > 0 && ahead <= half {
		return now
	}
	return at
}

// refused counts a row that cannot be a contact.
func (t *taking) refused(row int, why reason.Reason) {
	t.count(ImportRow{Row: row, Outcome: Refused, Reason: why}, 0)
}

// count counts a row, with the version of the contact that it is about.
func (t *taking) count(r ImportRow, version int) {
	const sample = 100 // of each outcome
	t.done.Rows[r.Outcome]++
	if t.done.Rows[r.Outcome] <= sample && r.Outcome != Same {
		t.done.Sample = append(t.done.Sample, r)
	}
	fmt.Fprintf(t.sum, "%d %s %d\n", r.Row, r.Outcome, version)
}

func (t *taking) flush(ctx context.Context) error {
	if len(t.batch) == 0 {
		return nil
	}
	err := t.Store.TakeContacts(ctx, t.account, t.batch, t.mark, t.note)
	t.batch, t.note = t.batch[:0], ""
	return err
}
