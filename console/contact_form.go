package console

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relais/auth"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// contactFormPage is what people write about a contact: of a new one, or of one that there is.
type contactFormPage struct {
	frame
	problems

	Version int // of the contact that the form was made of; 0: it is a new one
	Path    string
	Number  string // as typed; of a contact that there is, as the person may see it
	Values  []valueRow
	Groups  []option // those of the account
}

// valueRow is a value in the form: of a field that the contact has, or of one that gets its name there.
type valueRow struct {
	At    int // the place in the form, from 0
	Name  string
	Value string
	Known bool // the contact has it
}

// NameField is the field of the form for the name.
func (r valueRow) NameField() string { return nameField(r.At) }

// ValueField is the one for the value.
func (r valueRow) ValueField() string { return valueField(r.At) }

// moreValues is how many fields a form can add.
const moreValues = 3

func nameField(at int) string { return "name" + strconv.Itoa(at) }

func valueField(at int) string { return "value" + strconv.Itoa(at) }

// fill has the form show the values of a contact, and places for some more.
func (p *contactFormPage) fill(values map[string]string) {
	p.Values = nil
	for i, name := range slices.Sorted(maps.Keys(values)) {
		p.Values = append(p.Values, valueRow{i, name, values[name], true})
	}
	for i := range moreValues {
		if at := len(values) + i; at < contact.MaxFields {
			p.Values = append(p.Values, valueRow{At: at})
		}
	}
}

// offer has the form offer the groups of the account, some of which are ticked.
func (p *contactFormPage) offer(q *request, in []sms.ID) error {
	found, err := q.console.Contacts.Groups(q.ctx(), q.account)
	for i := range found {
		g := &found[i]
		p.Groups = append(p.Groups, option{"group:" + g.ID.String(), g.Name, slices.Contains(in, g.ID)})
	}
	return err
}

func showNewContact(q *request) (answer, error) {
	p := &contactFormPage{frame: *q.frame(), Path: Home + "contacts"}
	var in []sms.ID
	if id, err := sms.ParseID(q.URL.Query().Get("group")); err == nil {
		in = append(in, id)
	}
	p.fill(nil)
	return view{name: "contact_form", data: p}, p.offer(q, in)
}

func createContact(q *request) (answer, error) {
	p := &contactFormPage{frame: *q.frame(), Path: Home + "contacts"}
	p.fill(nil)
	d, err := p.read(q)
	if err != nil {
		return nil, err
	}
	p.Number = q.field("number")
	if len(p.Problems) > 0 {
		return view{"contact_form", p, refusedForm}, nil
	}
	made, err := q.console.Contacts.Add(withoutCancel(q), q.account, p.Number, d, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{contactPath(q, made.Number), string(auth.ContactMade)}, nil
}

// contactFormOf is the form of the contact in the path.
func contactFormOf(q *request) (*contactFormPage, contact.Contact, error) {
	c, err := ofContact(q)
	if err != nil {
		return nil, c, err
	}
	p := &contactFormPage{frame: *q.frame(), Path: contactPath(q, c.Number), Version: c.Version}
	p.Number = p.frame.Number(c.Number)
	p.fill(c.Values)
	return p, c, nil
}

func showContactForm(q *request) (answer, error) {
	p, c, err := contactFormOf(q)
	if err != nil {
		return nil, err
	}
	return view{name: "contact_form", data: p}, p.offer(q, c.Groups)
}

func changeContact(q *request) (answer, error) {
	p, c, err := contactFormOf(q)
	if err != nil {
		return nil, err
	}
	d, err := p.read(q)
	if err != nil {
		return nil, err
	}
	seen, err := strconv.Atoi(q.field("version"))
	if err != nil || seen < 1 {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	if len(p.Problems) > 0 {
		return view{"contact_form", p, refusedForm}, nil
	}
	_, err = q.console.Contacts.Change(withoutCancel(q), q.account, c.Number, seen, d, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{p.Path, string(auth.ContactChanged)}, nil
}

// read takes what was typed.
func (p *contactFormPage) read(q *request) (d contact.Detail, err error) {
	if err := p.offer(q, nil); err != nil {
		return d, err
	}
	fields := []string{"version", "number"}
	for i := range contact.MaxFields {
		fields = append(fields, nameField(i), valueField(i))
	}
	for _, g := range p.Groups {
		fields = append(fields, g.Value)
	}
	if err := q.read(fields...); err != nil {
		return d, err
	}
	d.Values = p.typed(q)
	for i := range p.Groups {
		g := &p.Groups[i]
		if g.Chosen = q.form.Has(g.Value); !g.Chosen {
			continue
		}
		id, err := sms.ParseID(strings.TrimPrefix(g.Value, "group:"))
		if err != nil {
			return d, err
		}
		d.Groups = append(d.Groups, id)
	}
	return d, nil
}

// typed are the values of the form.
func (p *contactFormPage) typed(q *request) map[string]string {
	values, had := map[string]string{}, p.Values
	p.Values = nil
	for i := range contact.MaxFields {
		if !q.form.Has(nameField(i)) {
			continue
		}
		row := valueRow{At: i, Name: q.field(nameField(i)), Value: q.field(valueField(i))}
		row.Known = i < len(had) && had[i].Known && had[i].Name == row.Name
		p.Values = append(p.Values, row)
		_, twice := values[row.Name]
		switch {
		case row.Name == "" && row.Value == "":
			continue
		case row.Name == "":
			p.refuse(nameField(i), p.say("contacts_name_missing"))
		case twice:
			p.refuse(nameField(i), p.say("contacts_name_twice"))
		}
		values[row.Name] = row.Value
	}
	return values
}

// refused shows the form again, with what was typed and what is wrong.
func (p *contactFormPage) refused(q *request, err error) (answer, error) {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case errors.Is(err, contact.ErrContactOutdated):
		now, again := ofContact(q)
		if again != nil {
			return nil, again
		}
		p.Version = now.Version // whoever sends the form again has seen what the colleague did
		p.refuse(valueField(0), p.say("contacts_outdated"))
		return view{"contact_form", p, http.StatusConflict}, nil
	case !mendable:
		return nil, contactError(err)
	}
	p.refuse(p.fieldOf(wrong.Field), p.told(wrong.Reason))
	return view{"contact_form", p, refusedForm}, nil
}

// fieldOf is the field of the form that an error of a contact is about.
func (p *contactFormPage) fieldOf(pointer string) string {
	name, value := strings.CutPrefix(pointer, "/values/")
	name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	switch {
	case pointer == "/number" || pointer == "/groups":
		return strings.TrimPrefix(pointer, "/")
	case !value:
		return valueField(0)
	}
	for _, row := range p.Values {
		switch {
		case row.Name != name:
		case row.Known:
			return valueField(row.At)
		default:
			return nameField(row.At)
		}
	}
	return valueField(0)
}
