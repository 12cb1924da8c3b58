package campaign

import (
	"relais/merge"
	"relais/reason"
)

// Key is the name under which rows have the value of the column: its own, and its letter
// where it has none or shares it.
func (c *Column) Key() string {
	if c.Name == "" || c.Unique != "" {
		return c.Letter
	}
	return c.Name
}

// ValueKeys are the names under which the rows of a campaign have their values: those of the
// columns that the text uses, once the file was checked, else those of its fields. look and report
// are as KeptSight has them.
func ValueKeys(text string, look, report []byte) []string {
	var keys []string
	sight := KeptSight(look, report)
	for i := range sight.Columns {
		if sight.Columns[i].Used {
			keys = append(keys, sight.Columns[i].Key())
		}
	}
	if len(keys) > 0 {
		return keys
	}
	for _, f := range sight.Fields(text) {
		keys = append(keys, f.Name)
	}
	return keys
}

// KeptSight is the Sight of the file of a campaign, of which look and report are stored. Where the
// look was forgotten with the file, the report of the check still has the columns; without a file
// there are none.
func KeptSight(look, report []byte) *Sight {
	if sight, err := ReadSight(look, reason.English); err == nil {
		return sight
	}
	checked, err := ReadReport(report, reason.English)
	if err != nil {
		return &Sight{}
	}
	return &Sight{Header: checked.File.Header, Columns: checked.File.Columns}
}

// Field is a field of a text, with the column that fills it.
type Field struct {
	Name   string
	Column *Column // the first of several; nil: there is none
}

// Fields are those of a text, also as other programs write them. A text that cannot be read
// has none.
func (s *Sight) Fields(text string) (all []Field) {
	columns := &Layout{Columns: s.Columns}
	parsed, err := merge.Parse(merge.Rewrite(text, columns.known()))
	if err != nil {
		return nil
	}
	for _, f := range parsed.Fields() {
		one := Field{Name: f.Name}
		if found := columns.find(f.Name); len(found) > 0 {
			one.Column = &s.Columns[found[0]]
		}
		all = append(all, one)
	}
	return all
}

// known are the names that columns have.
func (l *Layout) known() (all []string) {
	for _, c := range l.Columns {
		if c.Name != "" {
			all = append(all, c.Name)
		}
	}
	return all
}
