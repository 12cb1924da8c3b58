package campaign

import (
	"encoding/json"

	"relais/reason"
	"relais/sheet"
)

// shelved is a report or a sight as it is stored: the sentences of its lists stand beside it
// as reasons, so that each reader gets them in a language of his own.
type shelved[T any] struct {
	What    T                          `json:"what"`
	Reasons map[string][]reason.Reason `json:"reasons"`
}

// Keep is the report as it is stored. ReadReport reads it.
func (r *Report) Keep() (json.RawMessage, error) {
	return json.Marshal(shelved[*Report]{r, map[string][]reason.Reason{
		"skipped": reasonsOf(r.Skipped), "repaired": reasonsOf(r.Repaired), "warnings": reasonsOf(r.Warnings),
		"questions": reasonsOf(r.Questions), "notes": reasonsOf(r.Notes),
	}})
}

// ReadReport reads a report that was kept, with its sentences in a language.
func ReadReport(stored []byte, l reason.Language) (*Report, error) {
	var k shelved[*Report]
	if err := json.Unmarshal(stored, &k); err != nil {
		return nil, err
	}
	if k.What == nil {
		k.What = &Report{}
	}
	giveReasons(k.What.Skipped, k.Reasons["skipped"])
	giveReasons(k.What.Repaired, k.Reasons["repaired"])
	giveReasons(k.What.Warnings, k.Reasons["warnings"])
	giveReasons(k.What.Questions, k.Reasons["questions"])
	giveReasons(k.What.Notes, k.Reasons["notes"])
	k.What.In(l)
	return k.What, nil
}

// Sight is what the first rows of a file look like. It has nothing of the rows themselves.
type Sight struct {
	Format    sheet.Format `json:"format"`
	Encoding  string       `json:"encoding,omitempty"`
	Separator string       `json:"separator,omitempty"`
	Sheet     string       `json:"sheet,omitempty"`
	Sheets    []sheet.Info `json:"sheets,omitempty"`
	Header    int          `json:"header_row"`
	Columns   []Column     `json:"columns"`
	Questions []Said       `json:"questions"`
	Notes     []Said       `json:"notes"`
}

// SightOf is what a look found.
func SightOf(book *sheet.Book, l *Layout) *Sight {
	s := &Sight{
		Format: book.Format, Encoding: book.Encoding, Separator: book.Separator, Sheet: book.Sheet,
		Sheets: book.Sheets, Header: l.Header, Columns: l.Columns, Questions: []Said{}, Notes: []Said{},
	}
	for _, q := range book.Questions {
		s.Questions = append(s.Questions, said(q))
	}
	for _, q := range l.Questions {
		s.Questions = append(s.Questions, said(q))
	}
	for _, n := range book.Notes {
		s.Notes = append(s.Notes, said(n))
	}
	return s
}

// Keep is the sight as it is stored. ReadSight reads it.
func (s *Sight) Keep() (json.RawMessage, error) {
	return json.Marshal(shelved[*Sight]{s, map[string][]reason.Reason{
		"questions": reasonsOf(s.Questions), "notes": reasonsOf(s.Notes),
	}})
}

// ReadSight reads a sight that was kept, with its sentences in a language.
func ReadSight(stored []byte, l reason.Language) (*Sight, error) {
	var k shelved[*Sight]
	if err := json.Unmarshal(stored, &k); err != nil {
		return nil, err
	}
	if k.What == nil {
		k.What = &Sight{}
	}
	giveReasons(k.What.Questions, k.Reasons["questions"])
	giveReasons(k.What.Notes, k.Reasons["notes"])
	for _, all := range [][]Said{k.What.Questions, k.What.Notes} {
		for i := range all {
			all[i].Detail = all[i].Reason.In(l)
		}
	}
	return k.What, nil
}

// reasoned is an entry of a list that has a reason.
type reasoned interface{ why() *reason.Reason }

func (f *Found) why() *reason.Reason { return &f.Reason }
func (s *Said) why() *reason.Reason  { return &s.Reason }

// entry is a pointer to one.
type entry[T any] interface {
	*T
	reasoned
}

func reasonsOf[T any, P entry[T]](all []T) []reason.Reason {
	reasons := make([]reason.Reason, len(all))
	for i := range all {
		reasons[i] = *P(&all[i]).why()
	}
	return reasons
}

func giveReasons[T any, P entry[T]](all []T, reasons []reason.Reason) {
	for i := range min(len(all), len(reasons)) {
		*P(&all[i]).why() = reasons[i]
	}
}
