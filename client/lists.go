package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// List is people who get texts again and again, under a name.
type List struct {
	ID       string     `json:"id"`
	Version  int        `json:"version"` // rises with each change, from 1
	Name     string     `json:"name"`
	Source   string     `json:"source,omitempty"`    // where the numbers come from
	Purpose  string     `json:"purpose,omitempty"`   // what the people agreed to
	KeepDays int        `json:"keep_days,omitempty"` // how long entries stay after they came; 0: no end
	Entries  int        `json:"entries"`
	Columns  ListShape  `json:"columns"`
	MadeAt   time.Time  `json:"made_at"`
	MadeBy   string     `json:"made_by"`
	FilledAt *time.Time `json:"filled_at,omitempty"` // nil: it never had any entries
	FilledBy string     `json:"filled_by,omitempty"`
	Table    *ListTable `json:"table,omitempty"` // that waits to be put in force
}

// ListShape is what columns the table of a list has.
type ListShape struct {
	Phone  string   `json:"phone"`
	Key    string   `json:"key,omitempty"` // empty: the number tells people apart
	Fields []string `json:"fields"`
}

// ListTable is a table that waits to be put in force, with what it would do.
type ListTable struct {
	Table   int           `json:"table"` // its number
	Name    string        `json:"name"`
	At      time.Time     `json:"at"`
	By      string        `json:"by"`
	Columns ListShape     `json:"columns"`
	Entries int           `json:"entries"`
	Added   int           `json:"added"`
	Removed int           `json:"removed"`
	Changed int           `json:"changed"`
	Skipped []ListSkipped `json:"skipped"` // rows that cannot be on the list
}

// ListSkipped counts rows that cannot be on a list.
type ListSkipped struct {
	Code   string `json:"code"`
	Rows   int    `json:"rows"`
	First  int    `json:"first"`
	Detail string `json:"detail"`
}

// Lists are all lists of the account, by name.
type Lists struct {
	Items []List `json:"items"`
}

// ListEntries is a page of the people on a list, in the order of its table.
type ListEntries struct {
	Items []ListEntry `json:"items"`
	Next  string      `json:"next,omitempty"`
}

// ListEntry is a person on a list.
type ListEntry struct {
	Row    int               `json:"row"`
	Key    string            `json:"key"`
	Number string            `json:"number"`
	Values map[string]string `json:"values"`
}

// ListRequest is what is written about a list; a change gives all of it.
type ListRequest struct {
	Name     string `json:"name"`
	Source   string `json:"source,omitempty"`
	Purpose  string `json:"purpose,omitempty"`
	KeepDays int    `json:"keep_days,omitempty"`
}

// TableOptions say how a table for a list is read. What is empty is as the content says.
type TableOptions struct {
	Name   string   // of the file, for people
	Column string   // the one with the numbers, by its name or letter
	Key    string   // the one that tells people apart; empty: the number does
	Fields []string // columns that are kept; empty: all others
	Header int      // the row with the names; below 0: none
	Hidden bool     // hidden rows and columns count too

	Encoding, Separator, Sheet string
}

func (o *TableOptions) query() string { return queryOf(o.values()) }

func queryOf(q url.Values) string {
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (o *TableOptions) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"name": o.Name, "column": o.Column, "key_column": o.Key, "encoding": o.Encoding, "separator": o.Separator, "sheet": o.Sheet,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for _, field := range o.Fields {
		q.Add("field", field)
	}
	if o.Header != 0 {
		q.Set("header_row", strconv.Itoa(o.Header))
	}
	if o.Hidden {
		q.Set("hidden", "true")
	}
	return q
}

// lists are the calls about people who get texts again and again.
type lists struct{ *Connection }

func listPath(id, rest string) string { return "/v1/lists/" + url.PathEscape(id) + rest }

// Lists returns the lists of the account.
func (c lists) Lists(ctx context.Context) (*Lists, error) {
	return ask[Lists](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/lists"})
}

// List returns one list.
func (c lists) List(ctx context.Context, id string) (*List, error) {
	return ask[List](ctx, c.Connection, call{method: http.MethodGet, path: listPath(id, "")})
}

// CreateList makes a list without anybody on it.
func (c lists) CreateList(ctx context.Context, r ListRequest) (*List, error) {
	return ask[List](ctx, c.Connection, call{method: http.MethodPost, path: "/v1/lists", body: r})
}

// ChangeList changes what is written about a list of which a version was read. When somebody was
// faster, the error is a *Problem with the code list_outdated.
func (c lists) ChangeList(ctx context.Context, id string, read int, r ListRequest) (*List, error) {
	return ask[List](ctx, c.Connection, call{
		method: http.MethodPut, path: listPath(id, ""), body: r, ifMatch: tagOf(read),
	})
}

// DropList forgets a list, with everybody on it.
func (c lists) DropList(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: listPath(id, "")})
	return err
}

// PutListTable gives a list a table, which waits to be put in force then. The answer says what it
// would change.
func (c lists) PutListTable(ctx context.Context, id string, o TableOptions, file io.Reader) (*List, error) {
	return ask[List](ctx, c.Connection, call{
		method: http.MethodPut, path: listPath(id, "/table"+o.query()), stream: file,
	})
}

// FillList puts the table that waits in force, by its number.
func (c lists) FillList(ctx context.Context, id string, table int) (*List, error) {
	return c.decide(ctx, id, "/fill", table)
}

// RefuseListTable forgets the table that waits, by its number.
func (c lists) RefuseListTable(ctx context.Context, id string, table int) (*List, error) {
	return c.decide(ctx, id, "/refuse", table)
}

func (c lists) decide(ctx context.Context, id, what string, table int) (*List, error) {
	return ask[List](ctx, c.Connection, call{
		method: http.MethodPost, path: listPath(id, what), body: map[string]int{"table": table},
	})
}

// ListEntries returns one page of the people on a list.
func (c lists) ListEntries(ctx context.Context, id string, limit int, cursor string) (*ListEntries, error) {
	return ask[ListEntries](ctx, c.Connection, call{
		method: http.MethodGet, path: listPath(id, "/entries"+query("limit", number(int64(limit)), "cursor", cursor)),
	})
}

// RemoveListEntry takes a person off a list, by key; by number where the list has no key.
func (c lists) RemoveListEntry(ctx context.Context, id, key string) (*List, error) {
	return ask[List](ctx, c.Connection, call{
		method: http.MethodDelete, path: listPath(id, "/entries/"+url.PathEscape(key)),
	})
}

// PutCampaignList gives a campaign the people of a list, as a copy. It returns what their table
// looks like.
func (c campaigns) PutCampaignList(ctx context.Context, id, list string) (*CampaignLook, error) {
	return ask[CampaignLook](ctx, c.Connection, call{
		method: http.MethodPut, path: campaignPath(id, "/recipients"), body: map[string]string{"list": list},
	})
}
