package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// Contact is a number, with what the account knows of the person and what the person agreed to.
type Contact struct {
	ID        sms.ID            `json:"id" format:"uuid" doc:"UUIDv7, by which the audit knows it"`
	Number    sms.Number        `json:"number" doc:"E.164"`
	Version   int               `json:"version" doc:"rises with each change, from 1"`
	Values    map[string]string `json:"values" doc:"by the names of the fields"`
	Groups    []sms.ID          `json:"groups" format:"uuid" doc:"ids of its groups"`
	Consents  []Consent         `json:"consents" doc:"all that were ever given, oldest first"`
	MadeAt    time.Time         `json:"made_at" doc:"when"`
	MadeBy    sms.Actor         `json:"made_by" doc:"api:KEY or user:NAME"`
	ChangedAt time.Time         `json:"changed_at" doc:"when it changed last"`
	ChangedBy sms.Actor         `json:"changed_by" doc:"who changed it last"`
	DroppedAt *time.Time        `json:"dropped_at,omitempty" doc:"when somebody forgot it, in the export of a person; absent: it is there"`
}

// Consent is what a person agreed to, with its proof.
type Consent struct {
	Purpose         string     `json:"purpose" doc:"what the person agreed to"`
	Source          string     `json:"source" doc:"where it was given, such as a form"`
	Proof           string     `json:"proof,omitempty" doc:"the words that were shown, or where they are kept; absent: none were written down"`
	GivenAt         time.Time  `json:"given_at" doc:"when it was given"`
	NotedAt         time.Time  `json:"noted_at" doc:"when it was written down here"`
	NotedBy         sms.Actor  `json:"noted_by" doc:"who wrote it down"`
	InForce         bool       `json:"in_force" doc:"nobody withdrew it"`
	WithdrawnAt     *time.Time `json:"withdrawn_at,omitempty" doc:"when it was withdrawn; absent: it is in force"`
	WithdrawnBy     sms.Actor  `json:"withdrawn_by,omitempty" doc:"who withdrew it, or wrote that down"`
	WithdrawnSource string     `json:"withdrawn_source,omitempty" doc:"how the person said so; stop: the number came on the suppression list; dropped: the contact was forgotten"`
}

// ContactList is a page of contacts, by number.
type ContactList struct {
	Items []Contact `json:"items" doc:"by number"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// ContactRequest is the body of a change of a contact, which is whole.
type ContactRequest struct {
	Values map[string]string `json:"values,omitempty" required:"false" doc:"by the names of the fields, 20 at most of 500 characters each; one that is empty is none"`
	Groups []string          `json:"groups,omitempty" required:"false" doc:"ids of its groups, 50 at most; absent: none"`
}

// AddContactRequest is the body of a new contact.
type AddContactRequest struct {
	Number string            `json:"number" doc:"E.164, or as dialled in the account's country"`
	Values map[string]string `json:"values,omitempty" required:"false" doc:"by the names of the fields, 20 at most of 500 characters each; one that is empty is none"`
	Groups []string          `json:"groups,omitempty" required:"false" doc:"ids of its groups, 50 at most; absent: none"`
}

// ConsentRequest is the body of a new consent.
type ConsentRequest struct {
	Purpose string  `json:"purpose" doc:"what the person agreed to, at most 100 characters; capitals, accents and spaces do not tell two purposes apart"`
	Source  string  `json:"source" doc:"where it was given, such as a form, paper, the telephone"`
	Proof   string  `json:"proof,omitempty" required:"false" doc:"the words that were shown, or where they are kept"`
	GivenAt *string `json:"given_at,omitempty" required:"false" format:"date-time" doc:"when it was given, since 1990 and not in the future; absent: now"`
}

// WithdrawRequest is the body of a withdrawal.
type WithdrawRequest struct {
	Purpose string `json:"purpose" doc:"of the consents that end"`
	Source  string `json:"source,omitempty" required:"false" doc:"how the person said so"`
}

// contacts are the numbers that an account knows, and what they agreed to.
type contacts struct {
	failures
	book *contact.Directory
}

var (
	contactKeys    = jsonbody.KeysOf(reflect.TypeFor[ContactRequest]())
	addContactKeys = jsonbody.KeysOf(reflect.TypeFor[AddContactRequest]())
	consentKeys    = jsonbody.KeysOf(reflect.TypeFor[ConsentRequest]())
	withdrawKeys   = jsonbody.KeysOf(reflect.TypeFor[WithdrawRequest]())
)

var contactExample = map[string]any{"values": map[string]any{"Name": "Zoe", "File": "7"}}

func (h *contacts) register(r *router) {
	tags := []string{"contacts"}
	huma.Register(r.api, huma.Operation{
		OperationID: "contacts", Method: http.MethodGet, Path: "/v1/contacts", Tags: tags,
		Summary: "The account's contacts, by number", Description: "Of a group alone where one is named.",
		Responses: r.answers(http.StatusOK, ContactList{}, 404),
	}, h.list)
	made := bodyOf(r, tags, huma.Operation{
		OperationID: "create-contact", Method: http.MethodPost, Path: "/v1/contacts", Summary: "Add a contact",
		Description: "A number has one contact. What the person agreed to comes with calls of its own; that of a number that was " +
			"forgotten has its consents again, none of which is in force.",
		DefaultStatus: http.StatusCreated, Responses: r.answers(http.StatusCreated, Contact{}, 400, 408, 413, 415),
	}, h.create)
	r.describe(made, AddContactRequest{}, map[string]any{"number": "0639980001", "values": contactExample["values"]})
	huma.Register(r.api, huma.Operation{
		OperationID: "contact", Method: http.MethodGet, Path: "/v1/contacts/{number}", Tags: tags,
		Summary:     "One contact, with everything it ever agreed to",
		Description: "The ETag is the version; a change names it in If-Match.",
		Responses:   r.answers(http.StatusOK, Contact{}, 404),
	}, h.show)
	changed := bodyOf(r, tags, huma.Operation{
		OperationID: "change-contact", Method: http.MethodPut, Path: "/v1/contacts/{number}",
		Summary: "Change what is known of a contact",
		Description: "If-Match names the version that was read. When somebody changed it since, the answer is 412 and " +
			"nothing changes.",
		Responses: r.answers(http.StatusOK, Contact{}, 400, 404, 408, 412, 413, 415, 428),
	}, h.change)
	r.describe(changed, ContactRequest{}, contactExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "drop-contact", Method: http.MethodDelete, Path: "/v1/contacts/{number}", Tags: tags,
		Summary: "Forget a contact",
		Description: "Values and groups go. What the person agreed to is withdrawn, and stays as a proof for five years; the erasure " +
			"of a person takes that too.",
		DefaultStatus: http.StatusNoContent, Responses: r.noContent(404),
	}, h.drop)
	h.registerConsents(r)
	h.registerImport(r)
}

func (h *contacts) registerConsents(r *router) {
	tags := []string{"contacts"}
	agreed := bodyOf(r, tags, huma.Operation{
		OperationID: "add-consent", Method: http.MethodPost, Path: "/v1/contacts/{number}/consents",
		Summary: "Write down what a person agreed to, with its proof",
		Description: "Each stays, whatever comes after it. Who stands on the suppression list gets no advertising all the " +
			"same.",
		Responses: r.answers(http.StatusOK, Contact{}, 400, 404, 408, 413, 415),
	}, h.agree)
	r.describe(agreed, ConsentRequest{}, map[string]any{
		"purpose": "cultural programme", "source": "form of the library", "proof": "I want news of concerts by SMS.",
	})
	withdrawn := bodyOf(r, tags, huma.Operation{
		OperationID: "withdraw-consent", Method: http.MethodPost, Path: "/v1/contacts/{number}/withdraw",
		Summary:     "Withdraw what a person agreed to",
		Description: "Every consent to the purpose ends, and stays as a proof. A STOP ends those to every purpose by itself.",
		Responses:   r.answers(http.StatusOK, Contact{}, 400, 404, 408, 413, 415),
	}, h.withdraw)
	r.describe(withdrawn, WithdrawRequest{}, map[string]any{"purpose": "cultural programme", "source": "by telephone"})
}

// contactOf shows a contact.
func contactOf(c *contact.Contact) Contact {
	shown := Contact{
		ID: c.ID, Number: c.Number, Version: c.Version, Values: map[string]string{}, Groups: append([]sms.ID{}, c.Groups...),
		Consents: make([]Consent, len(c.Consents)), MadeAt: c.MadeAt.UTC(), MadeBy: c.MadeBy, ChangedAt: c.ChangedAt.UTC(),
		ChangedBy: c.ChangedBy, DroppedAt: moment(c.DroppedAt),
	}
	if c.Values != nil {
		shown.Values = c.Values
	}
	for i := range c.Consents {
		one := &c.Consents[i]
		shown.Consents[i] = Consent{
			Purpose: one.Purpose, Source: one.Source, Proof: one.Proof, GivenAt: one.GivenAt.UTC(), NotedAt: one.NotedAt.UTC(),
			NotedBy: one.NotedBy, InForce: one.InForce(), WithdrawnAt: moment(one.Ended.At), WithdrawnBy: one.Ended.By,
			WithdrawnSource: one.Ended.Source,
		}
	}
	return shown
}

type contactOutput struct {
	ETag string `header:"ETag"`
	Body *Contact
}

func (h *contacts) answer(c *contact.Contact, err error, body []byte) (*contactOutput, error) {
	if err != nil {
		return nil, h.noContact(err, body)
	}
	shown := contactOf(c)
	return &contactOutput{etag(c.Version), &shown}, nil
}

// noContact turns an error about a contact or a group into a problem document.
func (h *contacts) noContact(err error, body []byte) *refusal {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case mendable && wrong.Field == "":
		return refusalFor(http.StatusUnprocessableEntity, wrong.Reason)
	case mendable:
		return refuse(body, wrong.Field, wrong.Reason)
	case errors.Is(err, contact.ErrNoContact):
		return refusalOf(http.StatusNotFound, contact.CodeNoContact)
	case errors.Is(err, contact.ErrContactOutdated):
		return refusalOf(http.StatusPreconditionFailed, contact.CodeContactOutdated)
	case errors.Is(err, contact.ErrNoGroup):
		return refusalOf(http.StatusNotFound, contact.CodeNoGroup)
	case errors.Is(err, contact.ErrGroupOutdated):
		return refusalOf(http.StatusPreconditionFailed, contact.CodeGroupOutdated)
	default:
		return h.fail(err, body)
	}
}

// knownOf reads what somebody writes about a contact.
func knownOf(values map[string]string, groups []string, body []byte) (d contact.Detail, err error) {
	d.Values = values
	for i, text := range groups {
		id, err := idOf(text, contact.ErrNoGroup)
		if err != nil {
			return d, refuse(body, "/groups/"+strconv.Itoa(i), reason.Of(contact.CodeGroupMissing, nil))
		}
		d.Groups = append(d.Groups, id)
	}
	return d, nil
}

type contactsInput struct {
	Group  string `query:"group" doc:"id of a group, whose contacts alone come"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most contacts of a page"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
}

type contactsOutput struct{ Body *ContactList }

func (h *contacts) list(ctx context.Context, in *contactsInput) (*contactsOutput, error) {
	q := contact.Query{Account: callerOf(ctx).Account, Limit: in.Limit}
	if in.Group != "" {
		id, err := idOf(in.Group, contact.ErrNoGroup)
		if err != nil {
			return nil, h.noContact(err, nil)
		}
		q.Group = id
	}
	if in.Cursor != "" {
		after, wrong := handset("cursor", in.Cursor, "FR")
		if wrong != nil {
			return nil, badCursor()
		}
		q.After = after
	}
	found, more, err := h.book.Contacts(ctx, q)
	if err != nil {
		return nil, h.noContact(err, nil)
	}
	page := &ContactList{Items: make([]Contact, len(found))}
	for i := range found {
		page.Items[i] = contactOf(&found[i])
	}
	if more {
		page.Next = string(found[len(found)-1].Number)
	}
	return &contactsOutput{page}, nil
}

type newContactInput struct {
	RawBody []byte `contentType:"application/json"`
}

func (h *contacts) create(ctx context.Context, in *newContactInput) (*contactOutput, error) {
	var r AddContactRequest
	if err := decode(in.RawBody, &r, addContactKeys); err != nil {
		return nil, err
	}
	detail, err := knownOf(r.Values, r.Groups, in.RawBody)
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	made, err := h.book.Add(ctx, caller.Account, r.Number, detail, caller.Actor())
	return h.answer(&made, err, in.RawBody)
}

type contactInput struct {
	Number string `path:"number" doc:"the contact's number, as in a submission; + is %2B"`
}

// number reads that of a path.
func (h *contacts) number(ctx context.Context, written string) (sms.Number, error) {
	region := ""
	if h.book.Account != nil {
		region = h.book.Account(callerOf(ctx).Account).Region
	}
	return handset("number", written, region)
}

func (h *contacts) show(ctx context.Context, in *contactInput) (*contactOutput, error) {
	n, err := h.number(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	c, err := h.book.Contact(ctx, callerOf(ctx).Account, n)
	return h.answer(&c, err, nil)
}

type changeContactInput struct {
	Number  string `path:"number" doc:"the contact's number, as in a submission; + is %2B"`
	IfMatch string `header:"If-Match" doc:"the ETag of the contact that was read; *: whichever is present"`
	RawBody []byte `contentType:"application/json"`
}

func (h *contacts) change(ctx context.Context, in *changeContactInput) (*contactOutput, error) {
	var r ContactRequest
	if err := decode(in.RawBody, &r, contactKeys); err != nil {
		return nil, err
	}
	n, err := h.number(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	seen, p := versionOf(in.IfMatch)
	if p != nil {
		return nil, p
	}
	detail, err := knownOf(r.Values, r.Groups, in.RawBody)
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	c, err := h.book.Change(ctx, caller.Account, n, seen, detail, caller.Actor())
	return h.answer(&c, err, in.RawBody)
}

func (h *contacts) drop(ctx context.Context, in *contactInput) (*struct{}, error) {
	n, err := h.number(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	if err := h.book.Drop(ctx, caller.Account, n, caller.Actor()); err != nil {
		return nil, h.noContact(err, nil)
	}
	return nil, nil
}

type consentInput struct {
	Number  string `path:"number" doc:"the contact's number, as in a submission; + is %2B"`
	RawBody []byte `contentType:"application/json"`
}

// codeGivenAt refuses a time that cannot be read.
const codeGivenAt reason.Code = "given_at_invalid"

func (h *contacts) agree(ctx context.Context, in *consentInput) (*contactOutput, error) {
	var r ConsentRequest
	if err := decode(in.RawBody, &r, consentKeys); err != nil {
		return nil, err
	}
	n, err := h.number(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	given := contact.Consent{Purpose: r.Purpose, Source: r.Source, Proof: r.Proof}
	if r.GivenAt != nil {
		if given.GivenAt, err = time.Parse(time.RFC3339, *r.GivenAt); err != nil {
			return nil, refuse(in.RawBody, "/given_at", reason.Of(codeGivenAt, nil))
		}
		if given.GivenAt.IsZero() { // which Agree would take for none
			return nil, refuse(in.RawBody, "/given_at", reason.Of(contact.CodeGivenEarly, nil))
		}
	}
	caller := callerOf(ctx)
	c, err := h.book.Agree(ctx, caller.Account, n, given, caller.Actor())
	return h.answer(&c, err, in.RawBody)
}

func (h *contacts) withdraw(ctx context.Context, in *consentInput) (*contactOutput, error) {
	var r WithdrawRequest
	if err := decode(in.RawBody, &r, withdrawKeys); err != nil {
		return nil, err
	}
	n, err := h.number(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	c, err := h.book.Withdraw(ctx, caller.Account, n, r.Purpose, r.Source, caller.Actor())
	return h.answer(&c, err, in.RawBody)
}
