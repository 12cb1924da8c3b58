package template

import (
	"context"
	"errors"
	"strings"

	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// Codes of what is wrong with values.
const (
	CodeNoValue      reason.Code = "field_without_value"
	CodeUnknownField reason.Code = "field_unknown"
	CodeDoubtful     reason.Code = "field_doubtful"
	CodeMade         reason.Code = "template_used"
	CodeNone         reason.Code = "template_missing/unknown" // of a message that names it

	sayNear   reason.Code = "field_unknown/near"
	sayFields reason.Code = "field_unknown/fields"
	sayNone   reason.Code = "field_unknown/none"
)

// Use asks for a text that is made with a template.
type Use struct {
	Template sms.ID
	Version  int // 0: the present one
	Values   map[string]string
}

// Made is a text that was made with a template.
type Made struct {
	Template

	Filled string
	// Doubtful are warnings: conditions whose values say neither yes nor no.
	Doubtful []reason.Reason
}

// Decision says in a timeline with what the text was made.
func (m *Made) Decision() reason.Reason {
	return reason.Of(CodeMade, reason.Args{
		"name": reason.Name(m.Name), "version": reason.Count(m.Version),
	})
}

// Fill makes a text. It returns ErrUnknown, or an *Error for what can be mended.
func (b *Book) Fill(ctx context.Context, account string, use Use) (*Made, error) {
	t, err := b.Store.Template(ctx, account, use.Template, use.Version)
	if err != nil {
		return nil, err
	}
	if !t.ArchivedAt.IsZero() {
		return nil, archived(t.Name)
	}
	filled, err := FillText(t.Text, use.Values)
	if err != nil {
		return nil, err
	}
	if len(filled.Missing) > 0 {
		return nil, &Error{missing(filled.Missing), "/values"}
	}
	made := &Made{Template: t, Filled: filled.Text}
	for _, name := range filled.Doubtful {
		made.Doubtful = append(made.Doubtful, Doubt(name))
	}
	return made, nil
}

// Doubt warns of a condition whose value says neither yes nor no.
func Doubt(field string) reason.Reason {
	return reason.Of(CodeDoubtful, reason.Args{"field": reason.Name(field)})
}

// FillText fills a text with values by the names of its fields; what is missing stands in
// the answer. The error is an *Error: a fault of the text, or a value that no field takes.
func FillText(text string, values map[string]string) (merge.Filled, error) {
	parsed, err := merge.Parse(text)
	if fault, ok := errors.AsType[*merge.Error](err); ok {
		return merge.Filled{}, &Error{fault.Reason, "/text"}
	}
	arranged, unknown := parsed.Arrange(values)
	if len(unknown) > 0 {
		return merge.Filled{}, &Error{unknownField(unknown[0], parsed.Fields()), "/values/" + pointer(unknown[0])}
	}
	return parsed.Fill(arranged), nil
}

// pointer escapes a name for a JSON pointer.
func pointer(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

func missing(names []string) reason.Reason {
	return reason.Of(CodeNoValue, reason.Args{
		"fields": reason.Name(strings.Join(names, ", ")), "count": reason.Count(len(names)),
	})
}

func unknownField(name string, fields []merge.Field) reason.Reason {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	args := reason.Args{"field": reason.Name(name)}
	if near := merge.Nearest(name, names); near != "" {
		args["near"] = reason.Name(near)
		return reason.Of(sayNear, args)
	}
	if len(names) == 0 {
		return reason.Of(sayNone, args)
	}
	args["fields"] = reason.Name(strings.Join(names, ", "))
	return reason.Of(sayFields, args)
}
