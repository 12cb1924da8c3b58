package campaign

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"relais/reason"
	"relais/sheet"
)

// Report is what a check found.
type Report struct {
	// Check is a hash over the file, the text and the options: the same check has the same.
	Check    string    `json:"check"`
	File     File      `json:"file"`
	Rows     RowCounts `json:"rows"`
	Skipped  []Found   `json:"skipped"`
	Repaired []Found   `json:"repaired"`
	Warnings []Said    `json:"warnings"`
	// Questions are what was guessed and a person can say better.
	Questions []Said   `json:"questions"`
	Notes     []Said   `json:"notes"`
	Families  []Family `json:"families"`
	Segments  Segments `json:"segments"`
	Longer    []Longer `json:"longer"`
	// Forecast is what a gateway adds; nil: none was asked.
	Forecast *Forecast `json:"forecast,omitempty"`

	layout   *Layout
	skipped  map[reason.Code]*Found
	repaired map[reason.Code]*Found
	families map[string]*Family
	longers  map[longerKey]*Longer
	doubts   map[string]int
	several  int // numbers with several texts
	tests    int
	inARow   int // numbers that follow each other
}

// File is what was read.
type File struct {
	Name       string       `json:"name,omitempty"`
	SHA256     string       `json:"sha256,omitempty"`
	Format     sheet.Format `json:"format"`
	Encoding   string       `json:"encoding,omitempty"`
	Separator  string       `json:"separator,omitempty"`
	Sheet      string       `json:"sheet,omitempty"`
	Header     int          `json:"header_row"`
	Columns    []Column     `json:"columns"`
	BlankRows  int          `json:"blank_rows"`
	HiddenRows int          `json:"hidden_rows"`
}

// RowCounts are those of the rows.
type RowCounts struct {
	Total   int `json:"total"`
	Ready   int `json:"ready"`
	Skipped int `json:"skipped"`
}

// Found is a code and the rows that have it.
type Found struct {
	Code   string        `json:"code"`
	Rows   int           `json:"rows"`
	First  []int         `json:"first"` // a few of their numbers
	Reason reason.Reason `json:"-"`     // of the first row
	Detail string        `json:"detail"`
}

// Said is a sentence with its code.
type Said struct {
	Code   string        `json:"code"`
	Detail string        `json:"detail"`
	Reason reason.Reason `json:"-"`
}

// Family is a family of numbers.
type Family struct {
	Family   string `json:"family"`
	Messages int    `json:"messages"`
	Segments int    `json:"segments"`
	Price    *Price `json:"price,omitempty"` // nil: not known, or no gateway was asked
}

// Segments are what the texts take.
type Segments struct {
	Total      int            `json:"total"`
	ByCount    map[string]int `json:"by_count"`
	LongestRow int            `json:"longest_row,omitempty"`
	Longest    int            `json:"longest,omitempty"`
	Encodings  map[string]int `json:"encodings"`
}

// Longer is a column whose values make texts take more segments.
type Longer struct {
	Column string `json:"column"` // its name, else its letter
	// Characters are the cause: some of the values are not in the GSM alphabet.
	Characters bool `json:"characters"`
	Rows       int  `json:"rows"`
	Segments   int  `json:"segments"` // that would be saved

	label reason.Arg
}

type longerKey struct {
	column     int
	characters bool
}

func newReport(l *Layout) *Report {
	return &Report{
		layout:  l,
		skipped: map[reason.Code]*Found{}, repaired: map[reason.Code]*Found{}, families: map[string]*Family{},
		longers: map[longerKey]*Longer{}, doubts: map[string]int{},
		Segments: Segments{ByCount: map[string]int{}, Encodings: map[string]int{}},
	}
}

// count adds a row that was judged.
func (r *Report) count(j *Judged) {
	r.Rows.Total++
	if !j.Skipped.IsZero() {
		r.Rows.Skipped++
		found(r.skipped, j.Skipped, j.Row)
		return
	}
	r.Rows.Ready++
	r.family(j.Family, j.Segments)
	for _, w := range j.Repaired {
		found(r.repaired, w, j.Row)
	}
	if j.Segments == 0 {
		return
	}
	r.Segments.Total += j.Segments
	r.Segments.ByCount[strconv.Itoa(j.Segments)]++
	r.Segments.Encodings[j.Alphabet.String()]++
	if j.Segments > r.Segments.Longest {
		r.Segments.Longest, r.Segments.LongestRow = j.Segments, j.Row
	}
}

func found(all map[reason.Code]*Found, why reason.Reason, row int) {
	const few = 5
	f := all[why.Code]
	if f == nil {
		f = &Found{Code: why.Code.Wire(), Reason: why}
		all[why.Code] = f
	}
	f.Rows++
	if len(f.First) < few {
		f.First = append(f.First, row)
	}
}

func (r *Report) family(name string, segments int) {
	f := r.families[name]
	if f == nil {
		f = &Family{Family: name}
		r.families[name] = f
	}
	f.Messages++
	f.Segments += segments
}

func (r *Report) doubtful(fields []string) {
	for _, f := range fields {
		r.doubts[f]++
	}
}

func (r *Report) longer(column int, characters bool, segments int) {
	k := longerKey{column, characters}
	l := r.longers[k]
	if l == nil {
		c := r.layout.Columns[column]
		l = &Longer{Column: cmp.Or(c.Name, c.Letter), Characters: characters, label: c.Label()}
		r.longers[k] = l
	}
	l.Rows++
	l.Segments += segments
}

// done makes the report of what was counted.
func (r *Report) done(book *sheet.Book, t sheet.Tally) *Report {
	r.File = File{
		Format: book.Format, Encoding: book.Encoding, Separator: book.Separator, Sheet: book.Sheet,
		Header: r.layout.Header, Columns: r.layout.Columns, BlankRows: t.Blank, HiddenRows: t.Hidden,
	}
	r.Skipped, r.Repaired = byRows(r.skipped), byRows(r.repaired)
	r.Families = slices.SortedFunc(values(r.families), func(a, b Family) int {
		return cmp.Or(b.Messages-a.Messages, strings.Compare(a.Family, b.Family))
	})
	r.Longer = slices.SortedFunc(values(r.longers), func(a, b Longer) int {
		return cmp.Or(b.Segments-a.Segments, strings.Compare(a.Column, b.Column))
	})
	r.say(book, t)
	return r
}

func values[K comparable, V any](m map[K]*V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(*v) {
				return
			}
		}
	}
}

func byRows(all map[reason.Code]*Found) []Found {
	return slices.SortedFunc(values(all), func(a, b Found) int {
		return cmp.Or(b.Rows-a.Rows, strings.Compare(string(a.Reason.Code), string(b.Reason.Code)))
	})
}

// say puts warnings, questions and notes together.
func (r *Report) say(book *sheet.Book, t sheet.Tally) {
	warn := func(n int, code reason.Code, args reason.Args) {
		if n > 0 {
			if args == nil {
				args = reason.Args{}
			}
			args["count"] = reason.Count(n)
			r.Warnings = append(r.Warnings, said(reason.Of(code, args)))
		}
	}
	warn(r.several, codeSeveral, nil)
	warn(r.sequence(), codeSequence, nil)
	warn(r.tests, codeTest, nil)
	for _, field := range slices.Sorted(maps.Keys(r.doubts)) {
		warn(r.doubts[field], codeUnclear, reason.Args{"field": reason.Name(field)})
	}
	warn(t.Undated, sheet.CodeUndated, nil)
	for _, q := range append(slices.Clone(book.Questions), r.layout.Questions...) {
		r.Questions = append(r.Questions, said(q))
	}
	if t.Hidden > 0 {
		r.Questions = append(r.Questions, said(reason.Of(sheet.CodeHiddenRows, reason.Args{"count": reason.Count(t.Hidden)})))
	}
	if t.Columns > 0 {
		r.Questions = append(r.Questions, said(reason.Of(sheet.CodeHiddenCols, reason.Args{"count": reason.Count(t.Columns)})))
	}
	for _, n := range book.Notes {
		r.Notes = append(r.Notes, said(n))
	}
	if t.Mixed > 0 {
		r.Notes = append(r.Notes, said(reason.Of(sheet.CodeMixed, reason.Args{"count": reason.Count(t.Mixed)})))
	}
}

func said(what reason.Reason) Said { return Said{Code: what.Code.Wire(), Reason: what} }

// In puts the sentences into a language.
func (r *Report) In(l reason.Language) {
	for _, all := range [][]Found{r.Skipped, r.Repaired} {
		for i := range all {
			all[i].Detail = all[i].Reason.In(l)
		}
	}
	for _, all := range [][]Said{r.Warnings, r.Questions, r.Notes} {
		for i := range all {
			all[i].Detail = all[i].Reason.In(l)
		}
	}
}

// Label is how the column is called.
func (l Longer) Label() reason.Arg {
	if l.label == nil { // of a report that was stored or sent
		return reason.Name(l.Column)
	}
	return l.label
}

// Seal gives the report the name and the hash of its file, and its own hash: over the
// file, the text, what was chosen and how the table was read.
func (r *Report) Seal(name string, file []byte, o Options) {
	r.File.Name, r.File.SHA256 = name, hex.EncodeToString(file)
	over, _ := json.Marshal([]any{
		r.File.SHA256, r.File.Sheet, r.File.Encoding, r.File.Separator, r.File.Header, r.layout.Phone,
		o.Text, o.region(), o.Numbers, o.duplicates(), o.segments(), o.GSM, r.Rows, r.Segments.Total,
	})
	sum := sha256.Sum256(over)
	const short = 8
	r.Check = "c_" + hex.EncodeToString(sum[:short])
}

// run finds numbers that follow each other, as somebody makes them who has no list.
type run struct {
	last   number64
	length int
	most   int
}

func (s *run) add(k number64) {
	if k == s.last+1 {
		s.length++
	} else {
		s.length = 1
	}
	s.last = k
	s.most = max(s.most, s.length)
}

func (s *run) end(r *Report) { r.inARow = s.most }

// sequence is how many numbers follow each other, where that is not chance.
func (r *Report) sequence() int {
	const many = 250
	if r.inARow < many {
		return 0
	}
	return r.inARow
}
