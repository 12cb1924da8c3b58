package contact

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/campaign"
	"relais/plaintext"
	"relais/reason"
	"relais/sheet"
	"relais/sms"
)

// Codes of tables and of their rows.
const (
	codeUpload   reason.Code = "upload_broken"
	codeTooLarge reason.Code = "file_too_large/list"
	codeEntries  reason.Code = "list_too_many_entries"
	codeFields   reason.Code = "list_too_many_fields"
	codeColumn   reason.Code = "list_column_twice"

	codeNoKey    reason.Code = "list_key_missing"
	codeKeyTwice reason.Code = "list_key_twice"
	codeKeyLong  reason.Code = "list_key_too_long"
	codeValue    reason.Code = "list_value_too_long"
)

// Table is how a table for a list is read.
type Table struct {
	Name   string   // of the file
	Column string   // the one with the numbers, by name or letter; empty: as the content says
	Key    string   // the one that tells people apart, likewise; empty: the number does
	Fields []string // columns that are kept, likewise; empty: all
	Header int      // the row with the names; 0: as the content says, below 0: none

	Encoding, Separator, Sheet string // empty: as the content says
	Hidden                     bool   // hidden rows count too
}

// Put reads a table for a list, which waits to be put in force then. What is no table is
// refused, and a table that waited before goes on to wait: the whole table is read before any of it is kept. A row that cannot be on the list is left out, and counted with why; a cell that has
// no value, such as #N/A, is an empty field.
func (b *Book) Put(
	ctx context.Context, account string, id sms.ID, t Table, body io.Reader, by sms.Actor,
) (List, error) {
	l, err := b.List(ctx, account, id)
	if err != nil {
		return l, err
	}
	f := &filling{Book: b, list: &l, table: &t}
	if err := f.open(body); err != nil {
		return l, unreadable(err)
	}
	if err := f.read(ctx); err != nil {
		return l, unreadable(err)
	}
	if f.set, err = b.Store.StageList(ctx, account, id, l.Sets, b.mark(by)); err != nil {
		return l, err
	}
	waits, err := f.keep(ctx, by)
	if err != nil { // the caller may be gone; what it left goes all the same
		err = errors.Join(err, b.Store.UnstageList(context.WithoutCancel(ctx), account, id, f.set))
		return l, unreadable(err)
	}
	return waits, nil
}

// keep reads a table once more, which is known to be good, and has it wait.
func (f *filling) keep(ctx context.Context, by sms.Actor) (List, error) {
	if err := f.read(ctx); err != nil {
		return List{}, err
	}
	if err := f.flush(ctx); err != nil {
		return List{}, err
	}
	l, err := f.Store.AwaitList(ctx, f.list.Account, f.list.ID, Pending{
		Set: f.set, Name: fileName(f.table.Name), Shape: f.shape, At: f.Now().UTC(), By: by, Entries: f.count,
		Skipped: f.whySkipped(),
	})
	return l, explained(err)
}

// unreadable refuses a table with what is wrong with it.
func unreadable(err error) error {
	if wrong, ok := errors.AsType[*reason.Error](err); ok {
		return &Error{wrong.Reason, ""}
	}
	return err
}

// fileName is the last part of a name, as people see it.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || utf8.RuneCountInString(name) > MaxName || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, unicode.IsControl) {
		return ""
	}
	return name
}

// filling reads a table into a set of entries.
type filling struct {
	*Book
	list  *List
	table *Table

	book    *sheet.Book
	layout  *campaign.Layout
	options campaign.Options
	key     int    // column; below 0: none
	also    string // a column that is read and not kept, by name or letter; empty: none
	alsoAt  int    // its place; below 0: none
	fields  []int
	shape   Shape

	set     int // 0: nothing is kept yet
	count   int
	keys    map[string]int // row by key
	batch   []Entry
	skipped map[string]*Skipped // by code

	// each sees every row that can be kept, and turned every other one; nil: nobody asks.
	each   func(ctx context.Context, j *campaign.Judged, e *Entry) error
	turned func(row int, why reason.Reason)
}

// open looks at a table, and finds the columns that are kept.
func (f *filling) open(body io.Reader) (err error) {
	data, err := io.ReadAll(io.LimitReader(body, MaxBytes+1))
	switch {
	case err != nil:
		return &Error{reason.Of(codeUpload, nil), ""}
	case len(data) > MaxBytes:
		return &Error{reason.Of(codeTooLarge, reason.Args{"most": reason.Count(MaxBytes >> 20)}), ""}
	}
	account := f.Account(f.list.Account)
	f.book, err = sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{
		Encoding: f.table.Encoding, Separator: f.table.Separator, Sheet: f.table.Sheet, Hidden: f.table.Hidden,
		English: account.Region == "GB" || account.Region == "US",
	})
	if err != nil {
		return err
	}
	o := campaign.Options{
		Column: f.table.Column, Header: f.table.Header, Region: account.Region, Numbers: account.Numbers,
		Duplicates: campaign.FirstOnly,
	}
	if f.table.Key != "" { // members of a family share a telephone
		o.Duplicates = campaign.EveryRow
	}
	if f.layout, err = campaign.Look(f.book, o); err != nil {
		return err
	}
	f.options = o
	return f.columns()
}

// columns finds those that are kept.
func (f *filling) columns() (err error) {
	f.key = -1
	if f.table.Key != "" {
		if f.key, err = f.layout.ColumnOf(f.table.Key); err != nil {
			return err
		}
		f.shape.Key = f.layout.Columns[f.key].Key()
	}
	f.alsoAt = -1
	if f.also != "" {
		if f.alsoAt, err = f.layout.ColumnOf(f.also); err != nil {
			return err
		}
	}
	f.shape.Phone, f.shape.Fields = f.layout.Columns[f.layout.Phone].Key(), []string{}
	for i := range f.layout.Columns {
		if len(f.table.Fields) == 0 && i != f.layout.Phone && i != f.key && i != f.alsoAt {
			f.fields = append(f.fields, i)
		}
	}
	for _, name := range f.table.Fields {
		column, err := f.layout.ColumnOf(name)
		if err != nil {
			return err
		}
		if column == f.layout.Phone || column == f.key || slices.Contains(f.fields, column) {
			return &Error{reason.Of(codeColumn, reason.Args{"column": f.layout.Columns[column].Label()}), ""}
		}
		f.fields = append(f.fields, column)
	}
	if len(f.fields) > MaxFields {
		return &Error{reason.Of(codeFields, reason.Args{
			"columns": reason.Count(len(f.fields)), "most": reason.Count(MaxFields),
		}), ""}
	}
	for _, column := range f.fields {
		f.shape.Fields = append(f.shape.Fields, f.layout.Columns[column].Key())
	}
	return nil
}

// read sees every row, and counts those that can be on the list.
func (f *filling) read(ctx context.Context) error {
	f.count, f.keys, f.skipped = 0, map[string]int{}, map[string]*Skipped{}
	checker, err := campaign.NewChecker(f.layout, f.options)
	if err != nil {
		return err
	}
	_, err = checker.Check(ctx, f.book, func(j *campaign.Judged) error { return f.see(ctx, j) }, nil)
	return err
}

func (f *filling) see(ctx context.Context, j *campaign.Judged) error {
	if !j.Skipped.IsZero() {
		f.skip(j.Row, j.Skipped)
		return nil
	}
	e := Entry{Row: j.Row, Key: string(j.Number), Number: j.Number, Values: map[string]string{}}
	if f.key >= 0 {
		e.Key = j.Cell(f.key)
	}
	for i, column := range f.fields {
		e.Values[f.shape.Fields[i]] = j.Cell(column)
	}
	if why := f.refusal(&e); !why.IsZero() {
		f.skip(j.Row, why)
		return nil
	}
	f.keys[e.Key] = e.Row
	if f.count++; f.count > MaxEntries {
		return &Error{reason.Of(codeEntries, reason.Args{"most": reason.Count(MaxEntries)}), ""}
	}
	if f.each != nil {
		return f.each(ctx, j, &e)
	}
	if f.set == 0 {
		return nil
	}
	const together = 500
	if f.batch = append(f.batch, e); len(f.batch) < together {
		return nil
	}
	return f.flush(ctx)
}

// refusal is why somebody with a number cannot be on the list; zero: nothing.
func (f *filling) refusal(e *Entry) reason.Reason {
	if e.Key == "" {
		return reason.Of(codeNoKey, reason.Args{"column": reason.Name(f.shape.Key)})
	}
	if utf8.RuneCountInString(e.Key) > maxKey {
		return reason.Of(codeKeyLong, reason.Args{"column": reason.Name(f.shape.Key), "most": reason.Count(maxKey)})
	}
	if row, known := f.keys[e.Key]; known {
		return reason.Of(codeKeyTwice, reason.Args{"column": reason.Name(f.shape.Key), "row": reason.Count(row)})
	}
	for _, name := range f.shape.Fields {
		if utf8.RuneCountInString(e.Values[name]) > maxValue {
			return reason.Of(codeValue, reason.Args{"column": reason.Name(name), "most": reason.Count(maxValue)})
		}
	}
	return reason.Reason{}
}

func (f *filling) skip(row int, why reason.Reason) {
	code := why.Code.Wire()
	if f.skipped[code] == nil {
		f.skipped[code] = &Skipped{Code: code, Reason: why, First: row}
	}
	f.skipped[code].Rows++
	if f.turned != nil {
		f.turned(row, why)
	}
}

// whySkipped has the most frequent reason first.
func (f *filling) whySkipped() []Skipped {
	all := []Skipped{}
	for _, s := range f.skipped {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Skipped) int {
		if a.Rows != b.Rows {
			return b.Rows - a.Rows
		}
		return a.First - b.First
	})
	return all
}

func (f *filling) flush(ctx context.Context) error {
	if len(f.batch) == 0 {
		return nil
	}
	err := f.Store.AddEntries(ctx, f.list.Account, f.list.ID, f.set, f.batch)
	f.batch = f.batch[:0]
	return err
}

// Read returns a list as a table with names of columns in its first row: text in UTF-8 with
// semicolons, written as it is read, until it is closed. A list without anybody is refused.
func (b *Book) Read(ctx context.Context, account string, id sms.ID) (List, io.ReadCloser, error) {
	l, err := b.List(ctx, account, id)
	if err != nil {
		return l, nil, err
	}
	if l.Entries == 0 {
		return l, nil, &Error{reason.Of(CodeEmpty, reason.Args{"name": reason.Name(l.Name)}), "/list"}
	}
	from, into := io.Pipe()
	t := &written{PipeReader: from, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		into.CloseWithError(b.write(ctx, &l, into))
	}()
	return l, t, nil
}

// written is a table that is written as it is read.
type written struct {
	*io.PipeReader

	done chan struct{}
}

// Close ends the reading, and waits for whoever writes.
func (w *written) Close() error {
	err := w.PipeReader.Close()
	<-w.done
	return err
}

func (b *Book) write(ctx context.Context, l *List, into io.Writer) error {
	w := csv.NewWriter(into)
	w.Comma = ';'
	if err := w.Write(l.Shape.row(&Entry{Number: sms.Number(l.Shape.Phone), Key: l.Shape.Key}, plaintext.ForSpreadsheet)); err != nil {
		return err
	}
	const page = 1000
	q, people := EntryQuery{Account: l.Account, List: l.ID, Set: l.Set, Limit: page}, 0
	for more := true; more; {
		found, further, err := b.Store.Entries(ctx, q)
		if err != nil {
			return err
		}
		for i := range found {
			if err := w.Write(l.Shape.row(&found[i], func(name string) string {
				return plaintext.ForSpreadsheet(found[i].Values[name])
			})); err != nil {
				return err
			}
			q.After = found[i].Row
		}
		people, more = people+len(found), further
	}
	if people != l.Entries { // another table came into force, or somebody went, since
		return ErrOutdated
	}
	w.Flush()
	return w.Error()
}

// row is a row of the table of a list.
func (s *Shape) row(e *Entry, field func(name string) string) []string {
	cells := []string{string(e.Number)}
	if s.Key != "" {
		cells = append(cells, plaintext.ForSpreadsheet(e.Key))
	}
	for _, name := range s.Fields {
		cells = append(cells, field(name))
	}
	return cells
}
