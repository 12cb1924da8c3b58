package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/campaign/ledger"
	"relais/contact"
	"relais/inbox"
	"relais/person"
	"relais/search"
	"relais/sms"
)

// PersonExport is everything that an account stores of one number.
type PersonExport struct {
	Number     sms.Number            `json:"number" doc:"E.164"`
	ExportedAt time.Time             `json:"exported_at" doc:"when"`
	Audit      sms.ID                `json:"audit" format:"uuid" doc:"the entry of the audit"`
	OptOut     OptOutState           `json:"opt_out" doc:"where the number stands on the suppression list, with every proof"`
	Messages   []MessageWithTimeline `json:"messages" doc:"newest first; those whose number a pseudonym hides too"`
	Replies    []Inbound             `json:"replies" doc:"newest first"`
	Notes      []Note                `json:"notes" doc:"of colleagues on the conversation with the person, newest first; they are never sent"`
	Rows       []PersonRow           `json:"campaign_rows" doc:"of campaigns, which have the number or the pseudonym that hides it"`
	Lists      []PersonListEntry     `json:"list_entries" doc:"of lists, and of tables that wait to be put in force on one"`
	Contacts   []Contact             `json:"contacts" doc:"the contact of the number, also where somebody forgot it and its proofs are left; at most one"`
	Parts      []PersonPart          `json:"message_parts" doc:"of long messages that came by SMPP in parts, in no message yet: they wait for the others, or came to nothing"`
}

// PersonPart is a part of a long message to a person that is in no message yet.
type PersonPart struct {
	ID     sms.ID    `json:"id" format:"uuid" doc:"that its client was told, in one form or another"`
	Client string    `json:"client" doc:"system id of who sent it"`
	At     time.Time `json:"at" doc:"when"`
	Part   int       `json:"part" doc:"its place in its message, from 1"`
	Text   string    `json:"text" doc:"what it says, as far as it names its alphabet"`
}

// PersonRow is a row of a campaign that has a person's number.
type PersonRow struct {
	Campaign  sms.ID            `json:"campaign" format:"uuid" doc:"that it is a row of"`
	Name      string            `json:"name" doc:"of the campaign"`
	Row       int               `json:"row" doc:"as the spreadsheet counts"`
	State     string            `json:"state" enum:"waiting,taken,ended,skipped,canceled" doc:"where it is"`
	Code      string            `json:"code,omitempty" doc:"why it was skipped, or the last event of its message, for programs"`
	Reference string            `json:"reference,omitempty" doc:"the caller's own"`
	Values    map[string]string `json:"values,omitempty" doc:"by the names of the fields; absent: they were forgotten"`
	Text      string            `json:"text,omitempty" doc:"that was made of them; absent: the campaign's own, or forgotten"`
	Message   *sms.ID           `json:"message,omitempty" format:"uuid" doc:"that was made of it; absent: none"`

	Appointment *CampaignAppointment `json:"appointment,omitempty" doc:"that it reminds of; absent: it is no reminder, or it was forgotten"`
}

// PersonListEntry is what a list has of a person.
type PersonListEntry struct {
	List   sms.ID            `json:"list" format:"uuid" doc:"that it is an entry of"`
	Name   string            `json:"name" doc:"of the list"`
	Row    int               `json:"row" doc:"of its table, as the spreadsheet counts"`
	Key    string            `json:"key,omitempty" doc:"what tells people apart; absent: the number"`
	Values map[string]string `json:"values" doc:"by the names of the fields"`
}

// Note is what a colleague noted on a conversation.
type Note struct {
	ID   sms.ID    `json:"id" format:"uuid" doc:"UUIDv7"`
	By   sms.Actor `json:"by" doc:"who wrote it: user:NAME"`
	At   time.Time `json:"at" doc:"when"`
	Text string    `json:"text" doc:"the note"`
}

// EraseRequest is the body of an erasure; it may be empty.
type EraseRequest struct {
	Cancel  bool `json:"cancel,omitempty" required:"false" doc:"cancel what is queued first"`
	OptOuts bool `json:"opt_outs,omitempty" required:"false" doc:"forget the entries of the suppression list and their proofs too: the number may get marketing again"`
}

// EraseAnswer tells what was erased, and what stays.
type EraseAnswer struct {
	Number      sms.Number `json:"number" doc:"E.164"`
	Messages    int        `json:"messages" doc:"whose number, text, metadata and reference were erased; their statuses stay"`
	Replies     int        `json:"replies" doc:"replies whose number and text were erased"`
	Canceled    int        `json:"canceled" doc:"messages that were queued and were canceled"`
	TextsShared int        `json:"texts_shared" doc:"messages whose text stays with other people's, because one request sent it to all of them"`
	OptOuts     int        `json:"opt_outs" doc:"entries of the suppression list that were erased"`
	OptOutsKept int        `json:"opt_outs_kept" doc:"entries of the suppression list that stay, so that the number gets no marketing"`
	Rows        int        `json:"campaign_rows" doc:"rows of campaigns whose number, values and reference were erased, with the files that had them; those that waited get no message"`
	ListEntries int        `json:"list_entries" doc:"entries of lists that were removed, and of tables that wait for one"`
	Contacts    int        `json:"contacts" doc:"contacts that were removed, with the proofs of what they agreed to"`
	Audit       sms.ID     `json:"audit" format:"uuid" doc:"the entry of the audit"`
}

// personReader finds what is stored of a person.
type personReader interface {
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	noteReader
	rowReader
	entryReader
	partReader
}

// partReader finds the parts of long messages to a number that are in no message, oldest first.
type partReader interface {
	PersonParts(ctx context.Context, account string, n sms.Number) ([]person.Part, error)
}

// entryReader finds what lists have of a number.
type entryReader interface {
	PersonEntries(ctx context.Context, account string, n sms.Number) ([]person.ListEntry, error)
	// PersonContact returns the contact of a number, or contact.ErrNoContact.
	PersonContact(ctx context.Context, account string, n sms.Number) (contact.Contact, error)
}

// rowReader finds the rows of campaigns that have a person's number.
type rowReader interface {
	PersonRows(ctx context.Context, q person.RowsQuery) (found []person.CampaignRow, more bool, err error)
}

// noteReader finds the notes of colleagues on a conversation, newest first.
type noteReader interface {
	Notes(ctx context.Context, t inbox.Thread, limit int) ([]inbox.Note, error)
}

// personKeeper proves exports, and erases.
type personKeeper interface {
	BeginExport(ctx context.Context, account string, actor sms.Actor, n sms.Number) (person.AuditEntry, error)
	EndExport(ctx context.Context, entry person.AuditEntry) error
	ErasePerson(ctx context.Context, r person.Request) (*person.Gone, error)
	Hidden(account string, n sms.Number) sms.Number
}

// people exports and erases what is stored of a person.
type people struct {
	failures
	optOuts   *optOuts
	timelines *timelines
	reader    personReader
	regions   regions
	persons   personKeeper
	places    exports
}

func (h *people) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "export-person", Method: http.MethodGet, Path: "/v1/people/{number}/export",
		Tags:    []string{"people"},
		Summary: "Everything that is stored of a number",
		Description: "For a person who asks what is known of them. The answer is whole, or breaks off; it " +
			"is in the audit before it begins.",
		Responses: r.answers(http.StatusOK, PersonExport{}, http.StatusTooManyRequests),
	}, h.export)
	r.mux.HandleFunc("HEAD /v1/people/{number}/export", h.head)
	body := &huma.RequestBody{Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "erase-person", Method: http.MethodPost, Path: "/v1/people/{number}/erase",
		Tags:    []string{"people"},
		Summary: "Erase what is stored of a number",
		Description: "For a person who asks to be forgotten. While a message to the number has not ended, " +
			"nothing is erased and the answer is 409. The suppression list keeps the number unless " +
			"opt_outs says otherwise.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, EraseAnswer{}, 400, 408, 409, 413, 415),
	}, h.erase)
	body.Required = false // the library says otherwise of a body that we decode
	r.describe(body, EraseRequest{}, map[string]any{"cancel": true})
}

type personInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	Number    string `path:"number" doc:"written as in a submission; + is %2B"`
}

// export answers piece by piece: a number may have any number of messages.
func (h *people) export(ctx context.Context, in *personInput) (*huma.StreamResponse, error) {
	caller := callerOf(ctx)
	n, err := handset("number", in.Number, h.regions.Region(caller.Account))
	if err != nil {
		return nil, err
	}
	done, full := h.places.take()
	if full != nil {
		return nil, full
	}
	write, err := h.begin(ctx, caller.Account, caller.Actor(), n, in.Languages)
	if err != nil {
		done()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		defer done()
		to.SetHeader("Content-Type", jsonType)
		if err := write(to.BodyWriter()); err != nil {
			panic(http.ErrAbortHandler) // the caller must see that it is not whole
		}
	}}, nil
}

// begin puts an export into the audit, and returns what writes it.
func (h *people) begin(
	ctx context.Context, account string, actor sms.Actor, n sms.Number, languages string,
) (func(io.Writer) error, error) {
	state, err := h.optOuts.state(ctx, account, n)
	if err != nil {
		return nil, err
	}
	entry, err := h.persons.BeginExport(ctx, account, actor, n)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return func(out io.Writer) error {
		e := &exporter{people: h, account: account, number: n, out: out, languages: languages}
		entry.OptOuts = len(state.Body.Entries)
		if err := e.write(ctx, entry, state.Body); err != nil {
			h.log.Error("an export of a person broke off", "account", account, "error", err)
			return err
		}
		entry.Messages, entry.Replies = e.messages, e.replies
		if err := h.persons.EndExport(ctx, entry); err != nil {
			h.log.Error("cannot add to the audit what an export held", "account", account, "error", err)
		}
		return nil
	}, nil
}

// ExportPerson writes the PersonExport of a number, for those who ask in other ways than
// by the route.
func (h *Handler) ExportPerson(ctx context.Context, to io.Writer, account string, actor sms.Actor, n sms.Number) error {
	write, err := h.persons.begin(ctx, account, actor, n, "")
	if err != nil {
		return err
	}
	return write(to)
}

// head answers as the export would, hands out nothing, and so leaves no proof.
func (h *people) head(w http.ResponseWriter, r *http.Request) {
	region := h.regions.Region(callerOf(r.Context()).Account)
	if _, err := handset("number", r.PathValue("number"), region); err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", jsonType)
}

// exporter writes a PersonExport.
type exporter struct {
	people            *people
	account           string
	number            sms.Number
	out               io.Writer
	languages         string // that the caller asked for
	messages, replies int
}

func (e *exporter) write(ctx context.Context, entry person.AuditEntry, state *OptOutState) error {
	head, err := encode(PersonExport{
		Number: e.number, ExportedAt: entry.At.UTC(), Audit: entry.ID, OptOut: *state,
	})
	if err != nil {
		return err
	}
	head, _, _ = bytes.Cut(head, []byte(`,"messages":`))
	if _, err := fmt.Fprintf(e.out, `%s,"messages":[`, head); err != nil {
		return err
	}
	if err := e.writeMessages(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, `],"replies":[`); err != nil {
		return err
	}
	if err := e.writeReplies(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, `],"notes":[`); err != nil {
		return err
	}
	if err := e.writeNotes(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, `],"campaign_rows":[`); err != nil {
		return err
	}
	rows := 0
	for _, n := range []sms.Number{e.number, e.people.persons.Hidden(e.account, e.number)} {
		if err := e.writeRows(ctx, n, &rows); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(e.out, `],"list_entries":[`); err != nil {
		return err
	}
	if err := e.writeEntries(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, `],"contacts":[`); err != nil {
		return err
	}
	if err := e.writeContact(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, `],"message_parts":[`); err != nil {
		return err
	}
	if err := e.writeParts(ctx); err != nil {
		return err
	}
	_, err = io.WriteString(e.out, "]}\n")
	return err
}

// exportPage is how many rows are read at once.
const exportPage = 100

func (e *exporter) writeMessages(ctx context.Context) error {
	q := search.Query{
		Account: e.account, To: e.number,
		Hidden: e.people.persons.Hidden(e.account, e.number), Limit: exportPage,
	}
	for more := true; more; {
		var found []sms.Message
		var err error
		if found, more, err = e.people.reader.Search(ctx, q); err != nil {
			return err
		}
		for i := range found {
			shown, err := e.people.timelines.with(ctx, found[i], e.languages)
			if err != nil {
				return err
			}
			if err := e.item(&e.messages, shown.Body); err != nil {
				return err
			}
			q.Before = found[i].ID
		}
	}
	return nil
}

func (e *exporter) writeReplies(ctx context.Context) error {
	q := inbox.InboundQuery{
		Account: e.account, From: e.number, HiddenFrom: e.people.persons.Hidden(e.account, e.number),
		Limit: exportPage,
	}
	for more := true; more; {
		var found []inbox.Inbound
		var err error
		if found, more, err = e.people.reader.Inbounds(ctx, q); err != nil {
			return err
		}
		for i := range found {
			if err := e.item(&e.replies, inboundOf(&found[i])); err != nil {
				return err
			}
			q.Before = found[i].ID
		}
	}
	return nil
}

func (e *exporter) writeNotes(ctx context.Context) error {
	found, err := e.people.reader.Notes(ctx, inbox.Thread{
		Account: e.account, From: e.number, Hidden: e.people.persons.Hidden(e.account, e.number),
	}, math.MaxInt)
	written := 0
	for i := range found {
		n := &found[i]
		if err := e.item(&written, Note{n.ID, n.By, n.At.UTC(), n.Text}); err != nil {
			return err
		}
	}
	return err
}

func (e *exporter) writeRows(ctx context.Context, n sms.Number, written *int) error {
	q := person.RowsQuery{Account: e.account, Number: n, Limit: exportPage}
	for more := true; more; {
		var found []person.CampaignRow
		var err error
		if found, more, err = e.people.reader.PersonRows(ctx, q); err != nil {
			return err
		}
		for i := range found {
			if err := e.item(written, personRowOf(&found[i])); err != nil {
				return err
			}
			q.After = found[i].RowPlace
		}
	}
	return nil
}

func (e *exporter) writeEntries(ctx context.Context) error {
	found, err := e.people.reader.PersonEntries(ctx, e.account, e.number)
	written := 0
	for i := range found {
		if err := e.item(&written, PersonListEntry(found[i])); err != nil {
			return err
		}
	}
	return err
}

func (e *exporter) writeContact(ctx context.Context) error {
	c, err := e.people.reader.PersonContact(ctx, e.account, e.number)
	if errors.Is(err, contact.ErrNoContact) {
		return nil
	}
	if err != nil {
		return err
	}
	written := 0
	return e.item(&written, contactOf(&c))
}

func (e *exporter) writeParts(ctx context.Context) error {
	found, err := e.people.reader.PersonParts(ctx, e.account, e.number)
	written := 0
	for i := range found {
		p := &found[i]
		if err := e.item(&written, PersonPart{p.ID, p.Client, p.At.UTC(), p.Seq, p.Text}); err != nil {
			return err
		}
	}
	return err
}

func personRowOf(r *person.CampaignRow) PersonRow {
	of := ledger.Appointment{
		Key: r.Appointment.Key, Rule: r.Appointment.Rule, Meets: r.Appointment.Meets, Due: r.Appointment.Due,
	}
	shown := PersonRow{
		Campaign: r.Campaign, Name: r.Name, Row: r.Row, State: r.State, Code: r.Code, Reference: r.Reference,
		Values: r.Values, Text: r.Text, Appointment: appointmentOf(&of),
	}
	if !r.Message.IsZero() {
		shown.Message = &r.Message
	}
	return shown
}

// item writes one element of a list, and counts it.
func (e *exporter) item(written *int, v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	if *written > 0 {
		b = append([]byte(","), b...)
	}
	*written++
	_, err = e.out.Write(b)
	return err
}

type erasePersonInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	Number    string `path:"number" doc:"written as in a submission; + is %2B"`
	RawBody   []byte `contentType:"application/json" required:"false"`
}

type eraseOutput struct{ Body *EraseAnswer }

var eraseKeys = jsonbody.KeysOf(reflect.TypeFor[EraseRequest]())

func (h *people) erase(ctx context.Context, in *erasePersonInput) (*eraseOutput, error) {
	var r EraseRequest
	if len(bytes.TrimSpace(in.RawBody)) > 0 {
		if err := decode(in.RawBody, &r, eraseKeys); err != nil {
			return nil, h.fail(err, in.RawBody)
		}
	}
	caller := callerOf(ctx)
	n, err := handset("number", in.Number, h.regions.Region(caller.Account))
	if err != nil {
		return nil, err
	}
	done, err := h.persons.ErasePerson(ctx, person.Request{
		Account: caller.Account, Number: n, Actor: caller.Actor(), Cancel: r.Cancel, OptOuts: r.OptOuts,
	})
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	state, err := h.optOuts.state(ctx, caller.Account, n)
	if err != nil {
		return nil, err
	}
	return &eraseOutput{&EraseAnswer{
		Number: n, Messages: done.Messages, Replies: done.Replies, Canceled: done.Canceled,
		TextsShared: done.Shared,
		OptOuts:     done.OptOuts, OptOutsKept: len(state.Body.Entries), Rows: done.Rows, ListEntries: done.Entries,
		Contacts: done.Contacts,
		Audit:    done.Audit,
	}}, nil
}
