package console

import (
	"errors"
	"strconv"
	"strings"

	"relais/merge"
	"relais/sms"
	"relais/template"
)

// sendTemplate is a template that makes the text of a form.
type sendTemplate struct {
	template.Template

	Values []templateValue
	empty  string // the first field without a value that needs one; empty: none
}

// templateValue is what was typed for a field.
type templateValue struct {
	merge.Field

	Key   string // of the form
	Value string
}

// valueFields are the names of fields in a form: those of a template are numbered, so that
// no name comes from outside.
func valueFields() []string {
	all := make([]string, merge.MaxFields)
	for i := range all {
		all[i] = "value-" + strconv.Itoa(i)
	}
	return all
}

// choose takes a template for the form, by its id; empty: the text is typed, and the
// templates that the person may use are offered.
func (p *sendPage) choose(q *request, id string) error {
	if id == "" {
		return p.offer(q)
	}
	parsed, err := sms.ParseID(id)
	if err != nil {
		return notFound()
	}
	version, _ := strconv.Atoi(q.form.Get("version"))
	t, err := q.console.TemplateReader.Template(q.ctx(), q.account, parsed, max(0, version))
	if errors.Is(err, template.ErrUnknown) || err == nil && (!t.ArchivedAt.IsZero() || !q.mayUse(t.Circle)) {
		return notFound()
	}
	if err != nil {
		return err
	}
	text, err := merge.Parse(t.Text)
	if err != nil {
		return err // it was parsed before it was kept
	}
	chosen := &sendTemplate{Template: t}
	for i, f := range text.Fields() {
		v := templateValue{f, valueFields()[i], q.form.Get(valueFields()[i])}
		if chosen.empty == "" && f.Required && strings.TrimSpace(v.Value) == "" {
			chosen.empty = v.Key
		}
		chosen.Values = append(chosen.Values, v)
	}
	p.Template = chosen
	if t.Class != "" {
		p.Draft.Class = string(t.Class)
	}
	p.Draft.Sender = string(t.Sender)
	return nil
}

func (p *sendPage) offer(q *request) error {
	found, err := q.console.TemplateReader.Templates(q.ctx(), q.account, false)
	for i := range found {
		t := &found[i]
		if !q.mayUse(t.Circle) {
			continue
		}
		name := t.Name
		if t.Folder != "" {
			name = t.Folder + " / " + t.Name
		}
		p.Offered = append(p.Offered, option{Value: t.ID.String(), Word: name})
	}
	return err
}

// use is what the gateway makes of it.
func (t *sendTemplate) use() *template.Use {
	values := make(map[string]string, len(t.Values))
	for _, v := range t.Values {
		values[v.Name] = v.Value
	}
	return &template.Use{Template: t.ID, Version: t.Version, Values: values}
}

// blamed is the field of the form where a value is missing, else the first one.
func (t *sendTemplate) blamed() string {
	if t.empty != "" || len(t.Values) == 0 {
		return t.empty
	}
	return t.Values[0].Key
}
