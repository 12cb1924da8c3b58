package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Contact is a number, with what the account knows of the person and what the person agreed to.
type Contact struct {
	ID        string            `json:"id"` // by which the audit knows it
	Number    string            `json:"number"`
	Version   int               `json:"version"`  // rises with each change, from 1
	Values    map[string]string `json:"values"`   // by the names of the fields
	Groups    []string          `json:"groups"`   // ids
	Consents  []Consent         `json:"consents"` // all that were ever given, oldest first
	MadeAt    time.Time         `json:"made_at"`
	MadeBy    string            `json:"made_by"`
	ChangedAt time.Time         `json:"changed_at"`
	ChangedBy string            `json:"changed_by"`
	DroppedAt *time.Time        `json:"dropped_at,omitempty"` // in the export of a person; nil: it is there
}

// Consent is what a person agreed to, with its proof.
type Consent struct {
	Purpose         string     `json:"purpose"`
	Source          string     `json:"source"`          // where it was given
	Proof           string     `json:"proof,omitempty"` // the words that were shown, or where they are kept
	GivenAt         time.Time  `json:"given_at"`
	NotedAt         time.Time  `json:"noted_at"`
	NotedBy         string     `json:"noted_by"`
	InForce         bool       `json:"in_force"`
	WithdrawnAt     *time.Time `json:"withdrawn_at,omitempty"` // nil: it is in force
	WithdrawnBy     string     `json:"withdrawn_by,omitempty"`
	WithdrawnSource string     `json:"withdrawn_source,omitempty"` // stop: the suppression list; dropped: the contact was forgotten
}

// ContactList is a page of contacts, by number.
type ContactList struct {
	Items []Contact `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// ContactRequest is what is written about a contact; a change gives all of it.
type ContactRequest struct {
	Values map[string]string `json:"values,omitempty"`
	Groups []string          `json:"groups,omitempty"` // ids
}

// ConsentRequest is what a person agreed to.
type ConsentRequest struct {
	Purpose string     `json:"purpose"`
	Source  string     `json:"source"` // where it was given, such as a form
	Proof   string     `json:"proof,omitempty"`
	GivenAt *time.Time `json:"given_at,omitempty"` // nil: now
}

// Group is contacts under a name.
type Group struct {
	ID      string    `json:"id"`
	Version int       `json:"version"` // rises with each change of name and note, from 1
	Name    string    `json:"name"`
	Note    string    `json:"note,omitempty"`
	Members int       `json:"members"` // contacts in it
	MadeAt  time.Time `json:"made_at"`
	MadeBy  string    `json:"made_by"`
}

// GroupList are all groups of the account, by name.
type GroupList struct {
	Items []Group `json:"items"`
}

// contacts are the calls about contacts and groups.
type contacts struct{ *Connection }

func contactPath(number, rest string) string { return "/v1/contacts/" + url.PathEscape(number) + rest }

func groupPath(id string) string { return "/v1/groups/" + url.PathEscape(id) }

func tagOf(version int) string { return `"` + strconv.Itoa(version) + `"` }

// Contacts returns one page of the contacts of the account, by number; of a group alone where its
// id is not empty.
func (c contacts) Contacts(ctx context.Context, group string, limit int, cursor string) (*ContactList, error) {
	return ask[ContactList](ctx, c.Connection, call{
		method: http.MethodGet,
		path:   "/v1/contacts" + query("group", group, "limit", number(int64(limit)), "cursor", cursor),
	})
}

// Contact returns the contact of a number.
func (c contacts) Contact(ctx context.Context, number string) (*Contact, error) {
	return ask[Contact](ctx, c.Connection, call{method: http.MethodGet, path: contactPath(number, "")})
}

// CreateContact adds the contact of a number.
func (c contacts) CreateContact(ctx context.Context, number string, r ContactRequest) (*Contact, error) {
	return ask[Contact](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/contacts", body: struct {
			Number string `json:"number"`
			ContactRequest
		}{number, r},
	})
}

// ChangeContact changes what is known of a contact of which a version was read. When somebody was
// faster, the error is a *Problem with the code contact_outdated.
func (c contacts) ChangeContact(ctx context.Context, number string, read int, r ContactRequest) (*Contact, error) {
	return ask[Contact](ctx, c.Connection, call{
		method: http.MethodPut, path: contactPath(number, ""), body: r, ifMatch: tagOf(read),
	})
}

// DropContact forgets a contact. What the person agreed to is withdrawn, and stays as a proof.
func (c contacts) DropContact(ctx context.Context, number string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: contactPath(number, "")})
	return err
}

// AddConsent writes down what a person agreed to.
func (c contacts) AddConsent(ctx context.Context, number string, r ConsentRequest) (*Contact, error) {
	return ask[Contact](ctx, c.Connection, call{
		method: http.MethodPost, path: contactPath(number, "/consents"), body: r,
	})
}

// WithdrawConsent ends every consent to a purpose. source is how the person said so.
func (c contacts) WithdrawConsent(ctx context.Context, number, purpose, source string) (*Contact, error) {
	return ask[Contact](ctx, c.Connection, call{
		method: http.MethodPost, path: contactPath(number, "/withdraw"),
		body: map[string]string{"purpose": purpose, "source": source},
	})
}

// Groups returns the groups of the account.
func (c contacts) Groups(ctx context.Context) (*GroupList, error) {
	return ask[GroupList](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/groups"})
}

// Group returns one group.
func (c contacts) Group(ctx context.Context, id string) (*Group, error) {
	return ask[Group](ctx, c.Connection, call{method: http.MethodGet, path: groupPath(id)})
}

// CreateGroup makes a group without anybody in it.
func (c contacts) CreateGroup(ctx context.Context, name, note string) (*Group, error) {
	return ask[Group](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/groups", body: map[string]string{"name": name, "note": note},
	})
}

// ChangeGroup gives a group of which a version was read another name and note. When somebody was
// faster, the error is a *Problem with the code group_outdated.
func (c contacts) ChangeGroup(ctx context.Context, id string, read int, name, note string) (*Group, error) {
	return ask[Group](ctx, c.Connection, call{
		method: http.MethodPut, path: groupPath(id), body: map[string]string{"name": name, "note": note}, ifMatch: tagOf(read),
	})
}

// DropGroup forgets a group. Its contacts stay.
func (c contacts) DropGroup(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: groupPath(id)})
	return err
}

// PutCampaignGroup gives a campaign the people of a group, as a copy. Advertising goes to those of
// them alone who agreed to the purpose. It returns what their table looks like.
func (c campaigns) PutCampaignGroup(ctx context.Context, id, group, purpose string) (*CampaignLook, error) {
	return ask[CampaignLook](ctx, c.Connection, call{
		method: http.MethodPut, path: campaignPath(id, "/recipients"),
		body: map[string]string{"group": group, "purpose": purpose},
	})
}
