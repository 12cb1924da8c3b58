package console

import (
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/reason"
	"relais/webhook"
)

// editRow is a field that an act changed, in words.
type editRow struct {
	Title         string
	Shown         bool   // whether the values are: they are no secret and no text
	Before, After string // empty: there was none
}

func editRowsOf(f *frame, edits auth.Edits) (rows []editRow) {
	for i := range edits {
		e := &edits[i]
		title := e.Title()
		row := editRow{Title: title.In(f.Lang), Shown: e.Shown()}
		if row.Title == string(title.Code) { // nobody wrote a word for it
			row.Title = e.Field
		}
		row.Before, row.After = f.editValues(e.Field, e.Before), f.editValues(e.Field, e.After)
		rows = append(rows, row)
	}
	return rows
}

// editValues are values of a field as people call them.
func (f *frame) editValues(field string, values []string) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = f.editValue(field, v)
	}
	return strings.Join(all, ", ")
}

// editWords begin the codes of what people call the values of a field that has few.
var editWords = map[string]reason.Code{
	"class":  Words + "/class_",
	"circle": Words + "/templates_circle_",
	"answer": Words + "/audit_answer_",
}

func (f *frame) editValue(field, value string) string {
	if field == "events" {
		return f.eventWord(webhook.Type(value))
	}
	if right := auth.KeyRight(value); field == "rights" && right.Valid() {
		return right.Title().In(f.Lang)
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return datedOf(f, at).People
	}
	words, few := editWords[field]
	if code := words + reason.Code(value); few && slices.Contains(reason.Codes(), code) {
		return reason.Of(code, nil).In(f.Lang)
	}
	return value
}
