package console

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"relais/auth"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// Contacts keeps numbers, with what is known of people and what they agreed to.
type Contacts interface {
	ContactGroups

	Contacts(ctx context.Context, q contact.Query) (found []contact.Contact, more bool, err error)
	Contact(ctx context.Context, account string, n sms.Number) (contact.Contact, error)
	Add(ctx context.Context, account, written string, of contact.Detail, by sms.Actor) (contact.Contact, error)
	Change(
		ctx context.Context, account string, n sms.Number, seen int, of contact.Detail, by sms.Actor,
	) (contact.Contact, error)
	Drop(ctx context.Context, account string, n sms.Number, by sms.Actor) error
	Agree(ctx context.Context, account string, n sms.Number, c contact.Consent, by sms.Actor) (contact.Contact, error)
	Withdraw(
		ctx context.Context, account string, n sms.Number, purpose, source string, by sms.Actor,
	) (contact.Contact, error)
}

// contactRoutes are the pages of contacts and of their groups. Whoever may write a STOP down may
// write down that somebody withdrew a consent: that is as easy as giving one (GDPR, article 7(3)).
func contactRoutes() []route {
	return []route{
		{"GET /console/contacts", auth.SeeMessages, showContacts},
		{"POST /console/contacts/search", auth.SeeMessages, searchContacts},
		{"GET /console/contacts/new", auth.ManageLists, showNewContact},
		{"POST /console/contacts/new", auth.ManageLists, createContact},
		{"GET /console/contacts/{person}", auth.SeeMessages, showContact},
		{"GET /console/contacts/{person}/change", auth.ManageLists, showContactForm},
		{"POST /console/contacts/{person}/change", auth.ManageLists, changeContact},
		{"POST /console/contacts/{person}/agree", auth.ManageLists, noteConsent},
		{"POST /console/contacts/{person}/withdraw", auth.AddOptOuts, withdrawConsent},
		{"POST /console/contacts/{person}/drop", auth.ManageLists, dropContact},
		{"GET /console/groups", auth.SeeMessages, showGroups},
		{"GET /console/groups/new", auth.ManageLists, showNewGroup},
		{"POST /console/groups/new", auth.ManageLists, createGroup},
		{"GET /console/groups/{id}", auth.SeeMessages, showGroup},
		{"GET /console/groups/{id}/change", auth.ManageLists, showGroupForm},
		{"POST /console/groups/{id}/change", auth.ManageLists, changeGroup},
		{"POST /console/groups/{id}/drop", auth.ManageLists, dropGroup},
		{"POST /console/campaigns/{id}/group", auth.DraftCampaigns, putCampaignGroup},
	}
}

// contactsPage shows the contacts of an account, by number, with a form to find one.
type contactsPage struct {
	frame
	problems

	Rows  []contactRow
	Next  string // address of the next page; empty on the last
	Typed string // the number that was looked for
}

// contactRow is a contact among others.
type contactRow struct {
	Path   string
	Number string
	Known  string   // values, in a line; empty: there are none, or the person may not see them
	Agreed []string // purposes to which the contact agrees
}

func showContacts(q *request) (answer, error) {
	p, err := contactsPageOf(q)
	return view{name: "contacts", data: p}, err
}

func contactsPageOf(q *request) (p *contactsPage, err error) {
	p = &contactsPage{frame: *q.frame()}
	p.Rows, p.Next, err = p.contactRows(q, sms.ID{}, Home+"contacts")
	return p, err
}

// contactRows are a page of the contacts of a group, of all where there is none, with the address of the next page, which begins
// with that of the first one.
func (f *frame) contactRows(q *request, group sms.ID, first string) (rows []contactRow, next string, err error) {
	query := contact.Query{Account: q.account, Group: group, Limit: pageSize}
	if after := q.URL.Query().Get("after"); after != "" {
		if query.After, err = q.console.personOf(q.account, after); err != nil {
			return nil, "", &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
	}
	found, more, err := q.console.Contacts.Contacts(q.ctx(), query)
	if err != nil {
		return nil, "", contactError(err)
	}
	for i := range found {
		rows = append(rows, f.contactRow(q, &found[i]))
	}
	if more {
		next = first + "?after=" + q.console.tokenOf(q.account, found[len(found)-1].Number)
	}
	return rows, next, nil
}

func (f *frame) contactRow(q *request, c *contact.Contact) contactRow {
	row := contactRow{Path: contactPath(q, c.Number), Number: f.Number(c.Number), Agreed: purposesOf(c)}
	if f.May(auth.SeeTexts) {
		var values []string
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			values = append(values, c.Values[name])
		}
		row.Known = excerpt(strings.Join(values, " · "))
	}
	return row
}

// purposesOf are the purposes to which a contact agrees, each once.
func purposesOf(c *contact.Contact) (purposes []string) {
	known := map[string]bool{}
	for i := range c.Consents {
		one := &c.Consents[i]
		if key := contact.PurposeKey(one.Purpose); one.InForce() && !known[key] {
			known[key] = true
			purposes = append(purposes, one.Purpose)
		}
	}
	return purposes
}

// contactPath is the address of a contact, in which its number does not stand.
func contactPath(q *request, n sms.Number) string {
	return Home + "contacts/" + q.console.tokenOf(q.account, n)
}

// contactError is what pages make of an error of a contact or a group that is not there.
func contactError(err error) error {
	if errors.Is(err, contact.ErrNoContact) || errors.Is(err, contact.ErrNoGroup) {
		return notFound()
	}
	return err
}

// searchContacts takes a number out of a form, and goes to its contact.
func searchContacts(q *request) (answer, error) {
	if err := q.read("number"); err != nil {
		return nil, err
	}
	n, why, err := typedNumber(q, "number")
	if err != nil {
		return nil, err
	}
	if why == "" {
		_, err = q.console.Contacts.Contact(q.ctx(), q.account, n)
		switch {
		case err == nil:
			return redirect{to: contactPath(q, n)}, nil
		case !errors.Is(err, contact.ErrNoContact):
			return nil, err
		}
		if err := recordSearch(q, n); err != nil {
			return nil, err
		}
		why = phrase("contacts_none_of_number").In(q.lang)
	}
	p, err := contactsPageOf(q)
	if err != nil {
		return nil, err
	}
	p.Typed = q.field("number")
	p.refuse("number", why)
	return view{"contacts", p, refusedForm}, nil
}
