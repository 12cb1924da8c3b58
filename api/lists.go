package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// List is people who get texts again and again, under a name.
type List struct {
	ID       sms.ID     `json:"id" format:"uuid" doc:"UUIDv7"`
	Version  int        `json:"version" doc:"rises with each change, from 1"`
	Name     string     `json:"name" doc:"by which people find it"`
	Source   string     `json:"source,omitempty" doc:"where the numbers come from; absent: nobody wrote it down"`
	Purpose  string     `json:"purpose,omitempty" doc:"what the people agreed to; absent: nobody wrote it down"`
	KeepDays int        `json:"keep_days,omitempty" doc:"how long entries stay after they came; absent: no end"`
	Entries  int        `json:"entries" doc:"people on it"`
	Columns  ListShape  `json:"columns" doc:"of its table"`
	MadeAt   time.Time  `json:"made_at" doc:"when"`
	MadeBy   sms.Actor  `json:"made_by" doc:"api:KEY or user:NAME"`
	FilledAt *time.Time `json:"filled_at,omitempty" doc:"when its entries came; absent: it never had any"`
	FilledBy sms.Actor  `json:"filled_by,omitempty" doc:"who put them in force"`
	Table    *ListTable `json:"table,omitempty" doc:"a table that was read and waits to be put in force; absent: none"`
}

// ListShape is what columns the table of a list has.
type ListShape struct {
	Phone  string   `json:"phone" doc:"the one with the numbers; empty: nobody was on the list yet"`
	Key    string   `json:"key,omitempty" doc:"the one that tells people apart; absent: the number does"`
	Fields []string `json:"fields" doc:"the others"`
}

// ListTable is a table that waits to be put in force, with what it would do.
type ListTable struct {
	Table   int           `json:"table" doc:"its number, by which it is put in force"`
	Name    string        `json:"name" doc:"of the file"`
	At      time.Time     `json:"at" doc:"when it was read"`
	By      sms.Actor     `json:"by" doc:"who sent it"`
	Columns ListShape     `json:"columns" doc:"of the table"`
	Entries int           `json:"entries" doc:"people whom it has"`
	Added   int           `json:"added" doc:"people who are not on the list"`
	Removed int           `json:"removed" doc:"people on the list whom it does not have"`
	Changed int           `json:"changed" doc:"people on the list with another number or other values"`
	Skipped []ListSkipped `json:"skipped" doc:"rows that cannot be on the list"`
}

// ListSkipped counts rows that cannot be on a list.
type ListSkipped struct {
	Code   string `json:"code" doc:"why"`
	Rows   int    `json:"rows" doc:"how many"`
	First  int    `json:"first" doc:"row of the first, as the spreadsheet counts"`
	Detail string `json:"detail" doc:"sentence for people, of the first"`
}

// Lists are all lists of the account, by name.
type Lists struct {
	Items []List `json:"items" doc:"by name"`
}

// ListEntries is a page of the people on a list, in the order of its table.
type ListEntries struct {
	Items []ListEntry `json:"items" doc:"in the order of the table"`
	Next  string      `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// ListEntry is a person on a list.
type ListEntry struct {
	Row    int               `json:"row" doc:"of its table, as the spreadsheet counts"`
	Key    string            `json:"key" doc:"what tells people apart; the number where the list has no key"`
	Number sms.Number        `json:"number" doc:"E.164"`
	Values map[string]string `json:"values" doc:"by the names of the fields"`
}

// ListRequest is the body of a new list and of a change, which is whole.
type ListRequest struct {
	Name     string `json:"name" doc:"at most 100 characters; capitals, accents and spaces do not tell two names apart"`
	Source   string `json:"source,omitempty" required:"false" doc:"where the numbers come from"`
	Purpose  string `json:"purpose,omitempty" required:"false" doc:"what the people agreed to; a campaign of advertising is warned without it"`
	KeepDays int    `json:"keep_days,omitempty" required:"false" minimum:"0" doc:"how long entries stay after they came, at most 3660; absent: no end"`
}

// ListTableRequest names the table that somebody saw.
type ListTableRequest struct {
	Table int `json:"table" doc:"number of the table that waits"`
}

// RecipientsRequest says who gets a campaign.
type RecipientsRequest struct {
	List    string `json:"list,omitempty" required:"false" format:"uuid" doc:"the list's id; the campaign gets a copy"`
	Group   string `json:"group,omitempty" required:"false" format:"uuid" doc:"the group's id, in the place of a list; likewise"`
	Purpose string `json:"purpose,omitempty" required:"false" doc:"what those of the group are to have agreed to, of which advertising asks"`
}

// listBook keeps lists.
type listBook interface {
	Lists(ctx context.Context, account string) ([]contact.List, error)
	List(ctx context.Context, account string, id sms.ID) (contact.List, error)
	Create(ctx context.Context, account string, c contact.Content, by sms.Actor) (contact.List, error)
	Change(
		ctx context.Context, account string, id sms.ID, seen int, c contact.Content, by sms.Actor,
	) (contact.List, error)
	Drop(ctx context.Context, account string, id sms.ID, by sms.Actor) error
	Put(ctx context.Context, account string, id sms.ID, t contact.Table, body io.Reader, by sms.Actor) (contact.List, error)
	Fill(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (contact.List, error)
	Refuse(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (contact.List, error)
	Entries(ctx context.Context, account string, id sms.ID, after, limit int) (found []contact.Entry, more bool, err error)
	Remove(ctx context.Context, account string, id sms.ID, key string, by sms.Actor) (contact.List, error)
}

// lists are the people of an account who get texts again and again.
type lists struct {
	failures
	book listBook
}

// listTableRoute is the pattern by which tables of lists come.
const listTableRoute = "PUT /v1/lists/{id}/table"

var listExample = map[string]any{
	"name": "Canteen parents", "source": "enrolment form of the school year 2026-2027", "purpose": "news of the canteen",
	"keep_days": 400,
}

func (h *lists) register(r *router) {
	h.registerLists(r)
	h.registerTables(r)
	tags := []string{"lists"}
	huma.Register(r.api, huma.Operation{
		OperationID: "list-entries", Method: http.MethodGet, Path: "/v1/lists/{id}/entries", Tags: tags,
		Summary: "The people on a list, in the order of its table", Responses: r.answers(http.StatusOK, ListEntries{}, 404),
	}, h.entries)
	huma.Register(r.api, huma.Operation{
		OperationID: "remove-list-entry", Method: http.MethodDelete, Path: "/v1/lists/{id}/entries/{entry}", Tags: tags,
		Summary:     "Take a person off a list",
		Description: "By the key, or by the number where the list has no key. Campaigns keep their copies.",
		Responses:   r.answers(http.StatusOK, List{}, 404),
	}, h.remove)
}

func (h *lists) registerLists(r *router) {
	tags := []string{"lists"}
	huma.Register(r.api, huma.Operation{
		OperationID: "lists", Method: http.MethodGet, Path: "/v1/lists", Tags: tags,
		Summary: "The account's lists, by name", Responses: r.answers(http.StatusOK, Lists{}),
	}, h.list)
	made := bodyOf(r, tags, huma.Operation{
		OperationID: "create-list", Method: http.MethodPost, Path: "/v1/lists",
		Summary:     "Make a list without anybody on it",
		Description: "Its table is put next, then put in force.", DefaultStatus: http.StatusCreated,
		Responses: r.answers(http.StatusCreated, List{}, 400, 408, 413, 415),
	}, h.create)
	r.describe(made, ListRequest{}, listExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "list", Method: http.MethodGet, Path: "/v1/lists/{id}", Tags: tags,
		Summary:     "One list, with the table that waits",
		Description: "The ETag is the version; a change names it in If-Match.",
		Responses:   r.answers(http.StatusOK, List{}, 404),
	}, h.show)
	changed := bodyOf(r, tags, huma.Operation{
		OperationID: "change-list", Method: http.MethodPut, Path: "/v1/lists/{id}",
		Summary: "Change what is written about a list",
		Description: "If-Match names the version that was read. When somebody changed it since, the answer is 412 and " +
			"nothing changes.",
		Responses: r.answers(http.StatusOK, List{}, 400, 404, 408, 412, 413, 415, 428),
	}, h.change)
	r.describe(changed, ListRequest{}, listExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "drop-list", Method: http.MethodDelete, Path: "/v1/lists/{id}", Tags: tags,
		Summary: "Forget a list, with everybody on it", Description: "Campaigns keep their copies.",
		DefaultStatus: http.StatusNoContent, Responses: r.noContent(404),
	}, h.drop)
}

func (h *lists) registerTables(r *router) {
	tags := []string{"lists"}
	h.describeTable(r)
	filled := bodyOf(r, tags, huma.Operation{
		OperationID: "fill-list", Method: http.MethodPost, Path: "/v1/lists/{id}/fill",
		Summary: "Put the table that waits in force",
		Description: "The body names the table that was seen. When another one waits by now, the answer is 412 and nothing " +
			"changes.",
		Responses: r.answers(http.StatusOK, List{}, 400, 404, 408, 412, 413, 415),
	}, h.fill)
	r.describe(filled, ListTableRequest{}, map[string]any{"table": 1})
	refused := bodyOf(r, tags, huma.Operation{
		OperationID: "refuse-list-table", Method: http.MethodPost, Path: "/v1/lists/{id}/refuse",
		Summary: "Forget the table that waits", Description: "The list stays as it is.",
		Responses: r.answers(http.StatusOK, List{}, 400, 404, 408, 412, 413, 415),
	}, h.refuseTable)
	r.describe(refused, ListTableRequest{}, map[string]any{"table": 1})
}

// describeTable describes the route by which tables come, which the API library does not
// register: a file is read as it comes.
func (h *lists) describeTable(r *router) {
	_, path, _ := strings.Cut(listTableRoute, " ")
	r.mux.HandleFunc(listTableRoute, h.put)
	text, query := huma.TypeString, func(name, doc, kind string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: kind}}
	}
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "put-list-table", Method: http.MethodPut, Path: path, Tags: []string{"lists"},
		Summary: "Put a table for a list",
		Description: "The body is the file itself: CSV, TSV, TXT, XLSX, XLSM or ODS, at most 20 MiB and 100,000 people. The " +
			"list stays as it is; the answer says what the table would change. A row that cannot be on the list is left out, " +
			"and counted with why.",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Description: "the list's id", Schema: &huma.Schema{Type: text}},
			query("name", "of the file, for people", text),
			query("column", "the one with the numbers, by its name or letter; absent: as the content says", text),
			query("key_column", "the one that tells people apart, likewise; absent: the number does", text),
			query("field", "a column that is kept, likewise, as often as there are some; absent: all others", text),
			query("header_row", "the row with the names of the columns; -1: there is none; absent: as the content says", huma.TypeInteger),
			query("encoding", "of a text file; absent: as the content says", text),
			query("separator", "of a text file; absent: as the content says", text),
			query("sheet", "of a workbook; absent: the first with data", text),
			query("hidden", "true: hidden rows and columns count too", huma.TypeBoolean),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/csv": {
			Schema:  &huma.Schema{Type: text},
			Example: "Name;Mobile\nZoé;06 39 98 00 01\nLéa;639980002\n",
		}}},
		Responses: r.answers(http.StatusOK, List{}, 400, 404, 408, 412, 413),
	})
}

// listOf shows a list, with sentences in a language.
func listOf(l *contact.List, language reason.Language) List {
	shown := List{
		ID: l.ID, Version: l.Version, Name: l.Name, Source: l.Source, Purpose: l.Purpose, KeepDays: l.KeepDays,
		Entries: l.Entries, Columns: ListShape(l.Shape), MadeAt: l.MadeAt.UTC(), MadeBy: l.MadeBy,
		FilledAt: moment(l.FilledAt), FilledBy: l.FilledBy,
	}
	if p := l.Pending; p != nil {
		shown.Table = &ListTable{
			Table: p.Set, Name: p.Name, At: p.At.UTC(), By: p.By, Columns: ListShape(p.Shape), Entries: p.Entries,
			Added: p.Added, Removed: p.Removed, Changed: p.Changed, Skipped: []ListSkipped{},
		}
		for _, s := range p.Skipped {
			shown.Table.Skipped = append(shown.Table.Skipped, ListSkipped{s.Code, s.Rows, s.First, s.Reason.In(language)})
		}
	}
	return shown
}

type listsOutput struct{ Body *Lists }

type listsInput struct {
	Languages string `header:"Accept-Language" hidden:"true"`
}

func (h *lists) list(ctx context.Context, in *listsInput) (*listsOutput, error) {
	found, err := h.book.Lists(ctx, callerOf(ctx).Account)
	if err != nil {
		return nil, h.unread(err)
	}
	all := &Lists{Items: make([]List, len(found))}
	for i := range found {
		all.Items[i] = listOf(&found[i], reason.Match(in.Languages))
	}
	return &listsOutput{all}, nil
}

type newListInput struct {
	RawBody []byte `contentType:"application/json"`
}

type listOutput struct {
	ETag string `header:"ETag"`
	Body *List
}

func (h *lists) answer(l *contact.List, err error, body []byte, languages string) (*listOutput, error) {
	if err != nil {
		return nil, h.noList(err, body)
	}
	shown := listOf(l, reason.Match(languages))
	return &listOutput{etag(l.Version), &shown}, nil
}

// noList turns an error about a list into a problem document.
func (h *lists) noList(err error, body []byte) *refusal {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case mendable && wrong.Reason.Is(contact.CodeNobody):
		return refusalFor(http.StatusNotFound, wrong.Reason)
	case mendable && wrong.Field == "":
		return refusalFor(http.StatusUnprocessableEntity, wrong.Reason)
	case mendable:
		return refuse(body, wrong.Field, wrong.Reason)
	case errors.Is(err, contact.ErrUnknown):
		return refusalOf(http.StatusNotFound, contact.CodeUnknown)
	case errors.Is(err, contact.ErrOutdated):
		return refusalOf(http.StatusPreconditionFailed, contact.CodeOutdated)
	default:
		return h.fail(err, body)
	}
}

var (
	listKeys       = jsonbody.KeysOf(reflect.TypeFor[ListRequest]())
	listTableKeys  = jsonbody.KeysOf(reflect.TypeFor[ListTableRequest]())
	recipientsKeys = jsonbody.KeysOf(reflect.TypeFor[RecipientsRequest]())
)

func listContent(body []byte) (contact.Content, error) {
	var r ListRequest
	err := decode(body, &r, listKeys)
	return contact.Content(r), err
}

func (h *lists) create(ctx context.Context, in *newListInput) (*listOutput, error) {
	caller := callerOf(ctx)
	content, err := listContent(in.RawBody)
	if err != nil {
		return nil, err
	}
	made, err := h.book.Create(ctx, caller.Account, content, caller.Actor())
	return h.answer(&made, err, in.RawBody, "")
}

type listIDInput struct {
	ID        string `path:"id" doc:"the list's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
}

func (h *lists) show(ctx context.Context, in *listIDInput) (*listOutput, error) {
	id, err := idOf(in.ID, contact.ErrUnknown)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	l, err := h.book.List(ctx, callerOf(ctx).Account, id)
	return h.answer(&l, err, nil, in.Languages)
}

type changeListInput struct {
	ID        string `path:"id" doc:"the list's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	IfMatch   string `header:"If-Match" doc:"the ETag of the list that was read; *: whichever is present"`
	RawBody   []byte `contentType:"application/json"`
}

func (h *lists) change(ctx context.Context, in *changeListInput) (*listOutput, error) {
	caller := callerOf(ctx)
	content, err := listContent(in.RawBody)
	if err != nil {
		return nil, err
	}
	id, err := idOf(in.ID, contact.ErrUnknown)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	seen, p := versionOf(in.IfMatch)
	if p != nil {
		return nil, p
	}
	changed, err := h.book.Change(ctx, caller.Account, id, seen, content, caller.Actor())
	return h.answer(&changed, err, in.RawBody, in.Languages)
}

func (h *lists) drop(ctx context.Context, in *listIDInput) (*struct{}, error) {
	id, err := idOf(in.ID, contact.ErrUnknown)
	if err == nil {
		caller := callerOf(ctx)
		err = h.book.Drop(ctx, caller.Account, id, caller.Actor())
	}
	if err != nil {
		return nil, h.noList(err, nil)
	}
	return nil, nil
}

type listTableInput struct {
	ID        string `path:"id" doc:"the list's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	RawBody   []byte `contentType:"application/json"`
}

func (h *lists) fill(ctx context.Context, in *listTableInput) (*listOutput, error) {
	return h.decide(ctx, in, h.book.Fill)
}

func (h *lists) refuseTable(ctx context.Context, in *listTableInput) (*listOutput, error) {
	return h.decide(ctx, in, h.book.Refuse)
}

func (h *lists) decide(
	ctx context.Context, in *listTableInput,
	decide func(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (contact.List, error),
) (*listOutput, error) {
	var r ListTableRequest
	if err := decode(in.RawBody, &r, listTableKeys); err != nil {
		return nil, err
	}
	id, err := idOf(in.ID, contact.ErrUnknown)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	caller := callerOf(ctx)
	l, err := decide(ctx, caller.Account, id, r.Table, caller.Actor())
	return h.answer(&l, err, in.RawBody, in.Languages)
}

func (h *lists) put(w http.ResponseWriter, r *http.Request) {
	answer, err := h.take(w, r)
	if err != nil {
		h.failures.fail(err, nil).write(w, r)
		return
	}
	encoded, err := encode(answer.Body)
	if err != nil {
		h.failures.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("ETag", answer.ETag)
	w.Write(encoded) //nolint:errcheck // the client may have gone
}

func (h *lists) take(w http.ResponseWriter, r *http.Request) (*listOutput, error) {
	ctx, caller := r.Context(), callerOf(r.Context())
	id, err := idOf(r.PathValue("id"), contact.ErrUnknown)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	if _, err := h.book.List(ctx, caller.Account, id); err != nil {
		return nil, h.noList(err, nil)
	}
	table, err := tableOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if r.ContentLength == 0 {
		return nil, refusalOf(http.StatusBadRequest, sayNoFile)
	}
	body := &upload{
		Reader: http.MaxBytesReader(w, r.Body, contact.MaxBytes), deadline: http.NewResponseController(w).SetReadDeadline,
		ends: time.Now().Add(fileTimeout),
	}
	l, err := h.book.Put(ctx, caller.Account, id, table, body, caller.Actor())
	if body.failed != nil {
		return nil, cutShort(body.failed, contact.MaxBytes)
	}
	return h.answer(&l, err, nil, r.Header.Get("Accept-Language"))
}

// Codes about the parameters of a table.
const (
	codeHeaderRow reason.Code = "header_row_invalid"
	codeHidden    reason.Code = "hidden_invalid"
)

// tableOf reads how a table is to be read.
func tableOf(q url.Values) (t contact.Table, err error) {
	t = contact.Table{
		Name: q.Get("name"), Column: q.Get("column"), Key: q.Get("key_column"), Fields: q["field"],
		Encoding: q.Get("encoding"), Separator: q.Get("separator"), Sheet: q.Get("sheet"),
	}
	if text := q.Get("header_row"); text != "" {
		if t.Header, err = strconv.Atoi(text); err != nil || t.Header < -1 {
			return t, refusalOf(http.StatusBadRequest, codeHeaderRow).at(FieldError{Field: "header_row"})
		}
	}
	if text := q.Get("hidden"); text != "" {
		if t.Hidden, err = strconv.ParseBool(text); err != nil {
			return t, refusalOf(http.StatusBadRequest, codeHidden).at(FieldError{Field: "hidden"})
		}
	}
	return t, nil
}

type listEntriesInput struct {
	ID     string `path:"id" doc:"the list's id"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
}

type listEntriesOutput struct{ Body *ListEntries }

func (h *lists) entries(ctx context.Context, in *listEntriesInput) (*listEntriesOutput, error) {
	id, err := idOf(in.ID, contact.ErrUnknown)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	after := 0
	if in.Cursor != "" {
		if after, err = strconv.Atoi(in.Cursor); err != nil || after < 1 {
			return nil, badCursor()
		}
	}
	found, more, err := h.book.Entries(ctx, callerOf(ctx).Account, id, after, in.Limit)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	page := &ListEntries{Items: make([]ListEntry, len(found))}
	for i := range found {
		page.Items[i] = ListEntry(found[i])
	}
	if more {
		page.Next = strconv.Itoa(found[len(found)-1].Row)
	}
	return &listEntriesOutput{page}, nil
}

type listEntryInput struct {
	ID        string `path:"id" doc:"the list's id"`
	Key       string `path:"entry" doc:"key of the person; a number is written as in a submission, + is %2B"`
	Languages string `header:"Accept-Language" hidden:"true"`
}

func (h *lists) remove(ctx context.Context, in *listEntryInput) (*listOutput, error) {
	id, err := idOf(in.ID, contact.ErrUnknown)
	if err != nil {
		return nil, h.noList(err, nil)
	}
	caller := callerOf(ctx)
	l, err := h.book.Remove(ctx, caller.Account, id, in.Key, caller.Actor())
	return h.answer(&l, err, nil, in.Languages)
}
