package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// PersonExport is everything that an account stores of one number.
type PersonExport struct {
	Number     string                `json:"number"`
	ExportedAt time.Time             `json:"exported_at"`
	Audit      string                `json:"audit"` // the entry of the audit
	OptOut     OptOutState           `json:"opt_out"`
	Messages   []MessageWithTimeline `json:"messages"` // newest first
	Replies    []Inbound             `json:"replies"`  // newest first
	Notes      []Note                `json:"notes"`    // newest first
	Rows       []PersonRow           `json:"campaign_rows"`
	Lists      []PersonListEntry     `json:"list_entries"`
	Contacts   []Contact             `json:"contacts"`      // at most one
	Parts      []PersonPart          `json:"message_parts"` // oldest first
}

// PersonPart is a part of a long message to a person, which came by SMPP and is in no message yet.
type PersonPart struct {
	ID     string    `json:"id"`
	Client string    `json:"client"` // system id
	At     time.Time `json:"at"`
	Part   int       `json:"part"` // from 1
	Text   string    `json:"text"`
}

// PersonListEntry is what a list has of a person.
type PersonListEntry struct {
	List   string            `json:"list"`
	Name   string            `json:"name"`
	Row    int               `json:"row"`
	Key    string            `json:"key,omitempty"`
	Values map[string]string `json:"values"`
}

// PersonRow is a row of a campaign that has a person's number.
type PersonRow struct {
	Campaign  string            `json:"campaign"`
	Name      string            `json:"name"` // of the campaign
	Row       int               `json:"row"`  // as the spreadsheet counts
	State     string            `json:"state"`
	Code      string            `json:"code,omitempty"`
	Reference string            `json:"reference,omitempty"`
	Values    map[string]string `json:"values,omitempty"` // by the names of the fields
	Text      string            `json:"text,omitempty"`   // empty: the campaign's own, or forgotten
	Message   string            `json:"message,omitempty"`

	Appointment *CampaignAppointment `json:"appointment,omitempty"` // that it reminds of; nil: it is no reminder
}

// Note is what a colleague noted on a conversation. It is never sent.
type Note struct {
	ID   string    `json:"id"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// EraseAnswer tells what was erased, and what stays.
type EraseAnswer struct {
	Number      string `json:"number"`
	Messages    int    `json:"messages"`
	Replies     int    `json:"replies"`
	Canceled    int    `json:"canceled"`
	TextsShared int    `json:"texts_shared"`  // messages whose text stays with other people's
	OptOuts     int    `json:"opt_outs"`      // entries of the suppression list that were erased
	OptOutsKept int    `json:"opt_outs_kept"` // those that stay
	Rows        int    `json:"campaign_rows"` // of campaigns
	ListEntries int    `json:"list_entries"`
	Contacts    int    `json:"contacts"`
	Audit       string `json:"audit"` // the entry of the audit
}

// AuditEntry is the proof of one export or erasure.
type AuditEntry struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`
	Action   string    `json:"action"`  // export or erase
	Subject  string    `json:"subject"` // pseudonym of the number
	Messages int       `json:"messages"`
	Replies  int       `json:"replies"`
	OptOuts  int       `json:"opt_outs"`
}

// AuditList is a page of the audit, newest first.
type AuditList struct {
	Items []AuditEntry `json:"items"`
	Next  string       `json:"next,omitempty"`
}

// people are the calls about what is stored of one person.
type people struct{ *Connection }

// ExportPerson returns everything that is stored of a number.
func (c people) ExportPerson(ctx context.Context, number string) (*PersonExport, error) {
	return ask[PersonExport](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/people/" + url.PathEscape(number) + "/export",
	})
}

// ErasePerson erases what is stored of a number. While a message to it has not
// ended it is refused with a *Problem; cancel ends those that are queued first.
// optOuts forgets the entries of the suppression list too.
func (c people) ErasePerson(ctx context.Context, number string, cancel, optOuts bool) (*EraseAnswer, error) {
	return ask[EraseAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/people/" + url.PathEscape(number) + "/erase",
		body: map[string]bool{"cancel": cancel, "opt_outs": optOuts},
	})
}

// Audit returns one page of who exported or erased a person; a number chooses
// one of them when it is not empty.
func (c people) Audit(ctx context.Context, person string, limit int, cursor string) (*AuditList, error) {
	return ask[AuditList](ctx, c.Connection, call{
		method: http.MethodGet,
		path:   "/v1/audit" + query("number", person, "cursor", cursor, "limit", number(int64(limit))),
	})
}
