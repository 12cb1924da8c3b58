package console

import (
	"errors"
	"maps"
	"slices"
	"time"

	"relais/auth"
	"relais/contact"
	"relais/reason"
)

// contactPage is one contact, with everything that the person ever agreed to.
type contactPage struct {
	frame
	problems

	Contact  contact.Contact
	Path     string
	Number   string
	Known    []contactValue // empty: there are none, or the person may not see them
	Groups   []groupLink
	Consents []consentShown // oldest first
	Purposes []option       // to which the contact agrees
	Stop     string         // address of where the number stands on the suppression list; empty: it does not, or the person may not see it
	Made     madeBy
	Changed  madeBy
	Agree    consentForm
	How      string // how the person said that a consent ends, as typed
}

// contactValue is something that is known of a contact.
type contactValue struct{ Name, Value string }

// groupLink is a group that a contact is in.
type groupLink struct{ Name, Path string }

// consentForm is what was typed into the form of a consent.
type consentForm struct{ Purpose, Source, Proof, Day string }

// consentShown is one of the things that a contact agreed to.
type consentShown struct {
	Pill    pill
	Purpose string
	Given   moment
	Source  string
	Proof   string // empty: none was written down, or the person may not see it
	Noted   madeBy
	Ended   madeBy // zero: it is in force
	How     string // how the person said so
	Last    bool
}

// Manage reports whether the person may change contacts.
func (p *contactPage) Manage() bool { return p.May(auth.ManageLists) }

// Ends reports whether the person may write down that a consent ended, and there is one.
func (p *contactPage) Ends() bool { return p.May(auth.AddOptOuts) && len(p.Purposes) > 0 }

func showContact(q *request) (answer, error) {
	p, err := contactPageOf(q)
	if err != nil {
		return nil, err
	}
	return view{name: "contact", data: p}, recordSearch(q, p.Contact.Number)
}

// contactPageOf is the page of the contact in the path.
func contactPageOf(q *request) (*contactPage, error) {
	c, err := ofContact(q)
	if err != nil {
		return nil, err
	}
	p := &contactPage{frame: *q.frame(), Contact: c, Path: contactPath(q, c.Number)}
	p.Number = p.frame.Number(c.Number)
	p.Made, p.Changed = madeBy{p.At(c.MadeAt), p.actor(c.MadeBy)}, madeBy{p.At(c.ChangedAt), p.actor(c.ChangedBy)}
	if p.May(auth.SeeTexts) {
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			p.Known = append(p.Known, contactValue{name, c.Values[name]})
		}
	}
	for i := range c.Consents {
		p.Consents = append(p.Consents, p.consent(&c.Consents[i]))
	}
	if n := len(p.Consents); n > 0 {
		p.Consents[n-1].Last = true
	}
	for _, purpose := range purposesOf(&c) {
		p.Purposes = append(p.Purposes, option{Value: purpose, Word: purpose})
	}
	return p, p.around(q)
}

// ofContact finds the contact in the path.
func ofContact(q *request) (contact.Contact, error) {
	n, err := q.console.personOf(q.account, q.PathValue("person"))
	if err != nil {
		return contact.Contact{}, err
	}
	c, err := q.console.Contacts.Contact(q.ctx(), q.account, n)
	return c, contactError(err)
}

// around finds the groups of the contact, and whether its number stands on the suppression list.
func (p *contactPage) around(q *request) error {
	groups, err := q.console.Contacts.Groups(q.ctx(), q.account)
	if err != nil {
		return err
	}
	for i := range groups {
		if g := &groups[i]; slices.Contains(p.Contact.Groups, g.ID) {
			p.Groups = append(p.Groups, groupLink{g.Name, groupPath(g.ID)})
		}
	}
	if !p.May(auth.SeeOptOuts) {
		return nil
	}
	entries, _, err := q.console.OptOuts.OptOutProofs(q.ctx(), q.account, p.Contact.Number)
	if len(entries) > 0 {
		p.Stop = optOutPath(q, p.Contact.Number)
	}
	return err
}

func (p *contactPage) consent(c *contact.Consent) consentShown {
	shown := consentShown{
		Pill: pill{"good", p.say("contacts_in_force")}, Purpose: c.Purpose, Source: c.Source, Given: p.dayOf(c.GivenAt),
		Noted: madeBy{p.At(c.NotedAt), p.actor(c.NotedBy)},
	}
	if p.May(auth.SeeTexts) {
		shown.Proof = c.Proof
	}
	if c.InForce() {
		return shown
	}
	shown.Pill = pill{"bad", p.say("contacts_ended")}
	shown.Ended, shown.How = madeBy{p.At(c.Ended.At), p.actor(c.Ended.By)}, c.Ended.Source
	if c.Ended.Source == contact.WithdrawnByStop || c.Ended.Source == contact.WithdrawnByDrop {
		shown.How = p.say("contacts_ended_" + c.Ended.Source)
	}
	return shown
}

// dayOf is the day of a moment, for what people date by days.
func (f *frame) dayOf(t time.Time) moment {
	local := t.In(f.q.console.Zone)
	return moment{
		Machine: local.Format(time.RFC3339),
		People:  reason.Of(Words+"/contacts_day", reason.Args{"day": reason.Day(local.Format(time.DateOnly))}).In(f.Lang),
	}
}

// noteConsent writes down what the person agreed to.
func noteConsent(q *request) (answer, error) {
	if err := q.read("agreed", "source", "proof", "day"); err != nil {
		return nil, err
	}
	p, err := contactPageOf(q)
	if err != nil {
		return nil, err
	}
	p.Agree = consentForm{q.field("agreed"), q.field("source"), q.field("proof"), q.field("day")}
	at, why := p.given(q)
	if why != "" {
		p.refuse("day", why)
		return view{"contact", p, refusedForm}, nil
	}
	_, err = q.console.Contacts.Agree(withoutCancel(q), q.account, p.Contact.Number, contact.Consent{
		Purpose: p.Agree.Purpose, Source: p.Agree.Source, Proof: p.Agree.Proof, GivenAt: at,
	}, q.actor())
	if err != nil {
		return p.refused(err, map[string]string{"/source": "source", "/proof": "proof", "/given_at": "day"}, "agreed")
	}
	return redirect{p.Path, string(auth.ConsentNoted)}, nil
}

// given is when the consent was given that was typed; zero: now. why says what is wrong with it.
func (p *contactPage) given(q *request) (at time.Time, why string) {
	if p.Agree.Day == "" {
		return at, ""
	}
	at, err := time.ParseInLocation(time.DateOnly, p.Agree.Day, q.console.Zone)
	switch {
	case err != nil:
		return at, p.say("contacts_day_unreadable")
	case at.IsZero():
		return at, p.told(reason.Of(contact.CodeGivenEarly, nil))
	case sameDay(at, q.now()):
		return time.Time{}, ""
	}
	return at, ""
}

// withdrawConsent ends the consents to a purpose.
func withdrawConsent(q *request) (answer, error) {
	if err := q.read("purpose", "how"); err != nil {
		return nil, err
	}
	p, err := contactPageOf(q)
	if err != nil {
		return nil, err
	}
	purpose := q.field("purpose")
	p.How = q.field("how")
	for i := range p.Purposes {
		p.Purposes[i].Chosen = p.Purposes[i].Value == purpose
	}
	if purpose == "" {
		p.refuse("purpose", p.say("contacts_choose_purpose"))
		return view{"contact", p, refusedForm}, nil
	}
	_, err = q.console.Contacts.Withdraw(withoutCancel(q), q.account, p.Contact.Number, purpose, p.How, q.actor())
	switch wrong, mendable := errors.AsType[*contact.Error](err); {
	case mendable && wrong.Reason.Is(contact.CodeNoConsent): // somebody else was faster
		return redirect{p.Path, "consent_gone"}, nil
	case err != nil:
		return p.refused(err, map[string]string{"/source": "how"}, "how")
	}
	return redirect{p.Path, string(auth.ConsentEnded)}, nil
}

// refused shows the contact again, with what is wrong in one of its forms.
func (p *contactPage) refused(err error, fields map[string]string, other string) (answer, error) {
	wrong, mendable := errors.AsType[*contact.Error](err)
	if !mendable {
		return nil, contactError(err)
	}
	field := fields[wrong.Field]
	if field == "" {
		field = other
	}
	p.refuse(field, p.told(wrong.Reason))
	return view{"contact", p, refusedForm}, nil
}

// dropContact forgets a contact. What the person agreed to stays as a proof.
func dropContact(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	c, err := ofContact(q)
	if err != nil {
		return nil, err
	}
	if err := q.console.Contacts.Drop(withoutCancel(q), q.account, c.Number, q.actor()); err != nil {
		return nil, contactError(err)
	}
	return redirect{Home + "contacts", string(auth.ContactDropped)}, nil
}
