package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// ContactImport is what a table of contacts did, or would do.
type ContactImport struct {
	Check     string             `json:"check" doc:"name of everything that would happen: the import that names it does that, and nothing else"`
	Applied   bool               `json:"applied" doc:"it was done; false: it was checked"`
	Added     int                `json:"added" doc:"contacts that are new"`
	Changed   int                `json:"changed" doc:"contacts that get other values, groups or a consent"`
	Unchanged int                `json:"unchanged" doc:"contacts that are so already"`
	Refused   int                `json:"refused" doc:"rows that cannot be contacts"`
	Consents  int                `json:"consents" doc:"consents that are new"`
	Skipped   []ListSkipped      `json:"skipped" doc:"why rows are refused"`
	Rows      []ContactImportRow `json:"rows" doc:"the first rows that are added, changed or refused, 100 of each, in the order of the table"`
}

// ContactImportRow is what becomes of a row of a table of contacts.
type ContactImportRow struct {
	Row     int        `json:"row" doc:"as the spreadsheet counts"`
	Number  sms.Number `json:"number,omitempty" doc:"E.164; absent: it is refused"`
	Outcome string     `json:"outcome" enum:"added,changed,refused" doc:"what becomes of it"`
	Detail  string     `json:"detail,omitempty" doc:"sentence for people: why it is refused"`
}

// contactImportRoute is the pattern by which tables of contacts come.
const contactImportRoute = "POST /v1/contacts/import"

// registerImport describes the route by which tables come, which the API library does not
// register: a file is read as it comes.
func (h *contacts) registerImport(r *router) {
	_, path, _ := strings.Cut(contactImportRoute, " ")
	r.mux.HandleFunc(contactImportRoute, h.importTable)
	text, query := huma.TypeString, func(name, doc, kind string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: kind}}
	}
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "import-contacts", Method: http.MethodPost, Path: path, Tags: []string{"contacts"},
		Summary: "Add and change contacts from a table",
		Description: "The body is the file itself: CSV, TSV, TXT, XLSX, XLSM or ODS, at most 20 MiB and 100,000 people. Without check " +
			"nothing changes: the answer says who would be added, changed and refused, and why. With the check of that answer it " +
			"is done; when the table or a contact is another one by then, the answer is 412 and nothing changes. An empty cell " +
			"leaves a value, -- takes it away. Groups and consents are added, none is taken away.",
		Parameters: []*huma.Param{
			query("check", "of the answer that was seen; absent: nothing changes", text),
			query("name", "of the file, for people", text),
			query("column", "the one with the numbers, by its name or letter; absent: as the content says", text),
			query("field", "a column that is kept, likewise, as often as there are some; absent: all others", text),
			query("group", "id of a group that everybody comes into, as often as there are some", text),
			query("purpose", "what everybody agreed to; absent: nothing", text),
			query("source", "where they agreed, such as a form", text),
			query("proof", "the words that were shown, or where they are kept", text),
			query("given_at", "when they agreed; absent: now", text),
			query("given_column", "the one with the day on which each agreed, by its name or letter; who has none there did not agree", text),
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
		Responses: r.answers(http.StatusOK, ContactImport{}, 400, 408, 412, 413),
	})
}

func (h *contacts) importTable(w http.ResponseWriter, r *http.Request) {
	done, err := h.takeTable(w, r)
	if err != nil {
		h.failures.fail(err, nil).write(w, r)
		return
	}
	encoded, err := encode(importOf(&done, reason.Match(r.Header.Get("Accept-Language"))))
	if err != nil {
		h.failures.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Write(encoded) //nolint:errcheck // the client may have gone
}

func (h *contacts) takeTable(w http.ResponseWriter, r *http.Request) (done contact.Imported, err error) {
	caller, q := callerOf(r.Context()), r.URL.Query()
	in, err := importIn(q)
	if err != nil {
		return done, err
	}
	if r.ContentLength == 0 {
		return done, refusalOf(http.StatusBadRequest, sayNoFile)
	}
	body := &upload{
		Reader: http.MaxBytesReader(w, r.Body, contact.MaxBytes), deadline: http.NewResponseController(w).SetReadDeadline,
		ends: time.Now().Add(fileTimeout),
	}
	done, err = h.book.Take(r.Context(), caller.Account, in, q.Get("check"), body, caller.Actor())
	if body.failed != nil {
		return done, cutShort(body.failed, contact.MaxBytes)
	}
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case mendable && wrong.Reason.Is(contact.CodeImportOutdated):
		return done, refusalFor(http.StatusPreconditionFailed, wrong.Reason).at(FieldError{Field: "check"})
	case mendable && wrong.Field != "":
		name, _, _ := strings.Cut(strings.TrimPrefix(wrong.Field, "/"), "/")
		return done, refusalFor(http.StatusUnprocessableEntity, wrong.Reason).at(FieldError{Field: name})
	case err != nil:
		return done, h.noContact(err, nil)
	}
	return done, nil
}

// importIn reads what a table of contacts is to do.
func importIn(q url.Values) (in contact.Import, err error) {
	if in.Table, err = tableOf(q); err != nil {
		return in, err
	}
	for _, text := range q["group"] {
		id, wrong := idOf(text, contact.ErrNoGroup)
		if wrong != nil {
			return in, refusalOf(http.StatusUnprocessableEntity, contact.CodeGroupMissing).at(FieldError{Field: "group"})
		}
		in.Groups = append(in.Groups, id)
	}
	in.Given = q.Get("given_column")
	in.Consent = contact.Consent{Purpose: q.Get("purpose"), Source: q.Get("source"), Proof: q.Get("proof")}
	if text := q.Get("given_at"); text != "" {
		var ok bool
		if in.Consent.GivenAt, ok = instant(text); !ok {
			return in, refusalOf(http.StatusUnprocessableEntity, codeGivenAt).at(FieldError{Field: "given_at"})
		}
	}
	return in, nil
}

// importOf shows what a table did, with sentences in a language.
func importOf(done *contact.Imported, language reason.Language) *ContactImport {
	shown := &ContactImport{
		Check: done.Check, Applied: done.Applied, Added: done.Rows[contact.Added], Changed: done.Rows[contact.Changed],
		Unchanged: done.Rows[contact.Same], Refused: done.Rows[contact.Refused], Consents: done.Consents,
		Skipped: []ListSkipped{}, Rows: []ContactImportRow{},
	}
	for _, s := range done.Skipped {
		shown.Skipped = append(shown.Skipped, ListSkipped{s.Code, s.Rows, s.First, s.Reason.In(language)})
	}
	for i := range done.Sample {
		r := &done.Sample[i]
		row := ContactImportRow{Row: r.Row, Number: r.Number, Outcome: string(r.Outcome)}
		if !r.Reason.IsZero() {
			row.Detail = r.Reason.In(language)
		}
		shown.Rows = append(shown.Rows, row)
	}
	return shown
}
