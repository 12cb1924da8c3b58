package campaign

import (
	"relais/merge"
	"relais/reason"
	"relais/typography"
)

// HasFields reports whether texts differ from row to row.
func (c *Checker) HasFields() bool { return len(c.fields) > 0 }

// Values are those of the fields, by the names of their columns, of the row that was judged
// last.
func (c *Checker) Values(j *Judged) map[string]string {
	values := make(map[string]string, len(c.fields))
	for _, column := range c.fields {
		if column < len(j.Cells) && j.Cells[column].Fault == "" {
			values[c.layout.Columns[column].Key()] = tidy(j.Cells[column].Shown)
		}
	}
	return values
}

// Cell is what a person sees in a column of the row that was judged last.
func (j *Judged) Cell(column int) string {
	if column >= len(j.Cells) || j.Cells[column].Fault != "" {
		return ""
	}
	return tidy(j.Cells[column].Shown)
}

// ColumnOf finds a column by its name or letter. The error is a *reason.Error.
func (l *Layout) ColumnOf(name string) (int, error) {
	if found := l.find(name); len(found) == 1 {
		return found[0], nil
	}
	return 0, refuse(CodeNoColumn, reason.Args{"field": reason.Name(name), "columns": l.names()})
}

// Plain is a text without fields, as every row gets it.
func Plain(text string, cheaper bool) (string, error) {
	parsed, err := merge.Parse(text)
	if err != nil {
		return "", err
	}
	plain, _ := typography.Rewrite(parsed.Fill(nil).Text, cheaper)
	return plain, nil
}
