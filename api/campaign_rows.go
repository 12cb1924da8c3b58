package api

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/campaign"
	"relais/campaign/export"
	"relais/campaign/ledger"
	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// campaignRowReader reads what became of rows.
type campaignRowReader interface {
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	Rows(ctx context.Context, q ledger.RowQuery) (found []ledger.Row, more bool, err error)
}

// campaignRows shows and exports what became of rows.
type campaignRows struct {
	*campaigns

	rows   campaignRowReader
	places exports
}

// CampaignRow is a row of the table, and what became of it.
type CampaignRow struct {
	Row       int               `json:"row" doc:"as the spreadsheet counts; of reminders, 2,000,000 more for each further rule"`
	To        sms.Number        `json:"to,omitempty" doc:"E.164; absent: it has no number that can be read"`
	State     ledger.State      `json:"state" enum:"waiting,taken,ended,skipped,canceled" doc:"where it is: waiting, taken, ended, skipped, canceled"`
	Code      string            `json:"code,omitempty" doc:"why it was skipped, or the last event of its message, for programs"`
	Detail    string            `json:"detail,omitempty" doc:"sentence for people, in English or French by Accept-Language"`
	Reference string            `json:"reference,omitempty" doc:"the caller's own"`
	Values    map[string]string `json:"values,omitempty" doc:"by the names of the fields; absent: they were forgotten"`
	Message   *sms.ID           `json:"message,omitempty" format:"uuid" doc:"that was made of it; absent: none"`
	Status    sms.Status        `json:"status,omitempty" enum:"queued,submitting,uncertain,submitted,delivered,undelivered,expired,rejected,canceled" doc:"of its message"`
	Segments  int               `json:"segments,omitempty" doc:"of its message"`
	Price     *Price            `json:"price,omitempty" doc:"of all its segments; absent: not known"`
	UpdatedAt *time.Time        `json:"updated_at,omitempty" doc:"of the last event; absent: there was none"`

	Appointment *CampaignAppointment `json:"appointment,omitempty" doc:"that it reminds of; absent: it is no reminder"`
}

// CampaignAppointment is an appointment, and the reminder of it that a row is.
type CampaignAppointment struct {
	Key  string `json:"key" doc:"that names it in each table"`
	Rule string `json:"rule,omitempty" doc:"by which its reminder leaves; absent: the row was left out before"`
	At   string `json:"at,omitempty" doc:"when it is, by the clock of its place, such as 2026-12-03T14:30; absent: nobody can read it"`
	Due  string `json:"due,omitempty" doc:"when its reminder leaves, by the same clock; absent: never"`
}

func appointmentOf(a *ledger.Appointment) *CampaignAppointment {
	if a.Key == "" {
		return nil
	}
	return &CampaignAppointment{Key: a.Key, Rule: a.Rule, At: shownByClock(a.Meets), Due: shownByClock(a.Due)}
}

// shownByClock writes a wall-clock time, which has no zone.
func shownByClock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format("2006-01-02T15:04")
}

// CampaignRowList is a page of rows, by their number.
type CampaignRowList struct {
	Items []CampaignRow `json:"items" doc:"by their number"`
	Next  string        `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

func (h *campaignRows) register(r *router) {
	tags := []string{"campaigns"}
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign-rows", Method: http.MethodGet, Path: "/v1/campaigns/{id}/rows", Tags: tags,
		Summary: "What became of each row", Responses: r.answers(http.StatusOK, CampaignRowList{}, 404),
	}, h.list)
	const csvPath, xlsxPath = "/v1/campaigns/{id}/rows.csv", "/v1/campaigns/{id}/rows.xlsx"
	r.mux.HandleFunc("GET "+csvPath, func(w http.ResponseWriter, r *http.Request) { h.export(w, r, export.Programs) })
	// The workbook is described with the CSV: it is the same table.
	r.mux.HandleFunc("GET "+xlsxPath, func(w http.ResponseWriter, r *http.Request) { h.export(w, r, export.Workbook) })
	answers := r.answers(http.StatusOK, CampaignRowList{}, 404, http.StatusTooManyRequests)
	answers["200"].Content = map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}
	text := &huma.Schema{Type: huma.TypeString}
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "campaign-rows-csv", Method: http.MethodGet, Path: csvPath, Tags: tags,
		Summary: "What became of each row, as CSV", Responses: answers,
		Description: "UTF-8, commas, numbers in E.164, names of columns in English. With excel=true as a French Excel opens it: " +
			"semicolons, numbers as they are dialled, names of columns in the language of the caller. " +
			"GET /v1/campaigns/{id}/rows.xlsx gives a workbook, in which every cell is a text, but for counts.",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Description: "the campaign's id", Schema: text},
			{Name: "state", In: "query", Description: "rows in this state alone", Schema: stateSchema()},
			{Name: "code", In: "query", Description: "rows with this code alone", Schema: text},
			{
				Name: "excel", In: "query", Description: "true: as a French Excel opens it",
				Schema: &huma.Schema{Type: huma.TypeBoolean},
			},
		},
	})
}

// stateList are the states as the API library lists values.
func stateList() string {
	all := make([]string, len(ledger.States))
	for i, s := range ledger.States {
		all[i] = string(s)
	}
	return strings.Join(all, ", ")
}

func stateSchema() *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, state := range ledger.States {
		s.Enum = append(s.Enum, string(state))
	}
	return s
}

type campaignRowsInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	State     string `query:"state" enum:"waiting,taken,ended,skipped,canceled" doc:"rows in this state alone"`
	Code      string `query:"code" doc:"rows with this code alone"`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor    string `query:"cursor" doc:"the next of the page before"`
}

type campaignRowsOutput struct{ Body *CampaignRowList }

func (h *campaignRows) list(ctx context.Context, in *campaignRowsInput) (*campaignRowsOutput, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	account := callerOf(ctx).Account
	if _, err := h.rows.Campaign(ctx, account, id); err != nil { // or else it would have no rows
		return nil, h.noCampaign(err, nil)
	}
	q := ledger.RowQuery{
		Account: account, Campaign: id, State: ledger.State(in.State), Code: in.Code, Limit: in.Limit,
	}
	if in.Cursor != "" {
		if q.After, err = strconv.Atoi(in.Cursor); err != nil || q.After < 0 {
			return nil, badCursor()
		}
	}
	found, more, err := h.rows.Rows(ctx, q)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	list := &CampaignRowList{Items: make([]CampaignRow, len(found))}
	for i := range found {
		list.Items[i] = campaignRowOf(&found[i], h.currency.Currency(), reason.Match(in.Languages))
	}
	if more {
		list.Next = strconv.Itoa(found[len(found)-1].Row)
	}
	return &campaignRowsOutput{list}, nil
}

func campaignRowOf(r *ledger.Row, currency string, l reason.Language) CampaignRow {
	shown := CampaignRow{
		Row: r.Row, To: r.Number, State: r.State, Reference: r.Reference, Values: r.Values, Status: r.Status,
		Segments: r.Segments, Price: priceOf(r.Price, currency), UpdatedAt: moment(r.At), Code: r.Code,
		Appointment: appointmentOf(&r.Appointment),
	}
	if !r.Reason.IsZero() {
		shown.Code, shown.Detail = r.Reason.Code.Wire(), r.Reason.In(l)
	}
	if r.Message != (sms.ID{}) {
		shown.Message = &r.Message
	}
	return shown
}

// The words of the columns of an export.
const (
	wordResultRow       reason.Code = "words/result_row"
	wordResultNumber    reason.Code = "words/result_number"
	wordResultState     reason.Code = "words/result_state"
	wordResultStatus    reason.Code = "words/result_status"
	wordResultCode      reason.Code = "words/result_code"
	wordResultDetail    reason.Code = "words/result_detail"
	wordResultSegments  reason.Code = "words/result_segments"
	wordResultPrice     reason.Code = "words/result_price"
	wordResultUpdatedAt reason.Code = "words/result_updated_at"
	wordResultReference reason.Code = "words/result_reference"
	wordResultMessage   reason.Code = "words/result_message"

	wordResultKey  reason.Code = "words/result_appointment"
	wordResultAt   reason.Code = "words/result_appointment_at"
	wordResultRule reason.Code = "words/result_reminder_rule"
	wordResultDue  reason.Code = "words/result_reminder_due"
)

// Names of the columns of an export, behind those of the fields.
var resultColumns = []struct {
	word reason.Code
	kind export.Kind
}{
	{wordResultRow, export.Count},
	{wordResultNumber, export.Phone},
	{wordResultState, export.Text},
	{wordResultStatus, export.Text},
	{wordResultCode, export.Text},
	{wordResultDetail, export.Text},
	{wordResultSegments, export.Count},
	{wordResultPrice, export.Text},
	{wordResultUpdatedAt, export.Text},
	{wordResultReference, export.Text},
	{wordResultMessage, export.Text},
}

// appointmentColumns are those of reminders, before them.
var appointmentColumns = []reason.Code{wordResultKey, wordResultAt, wordResultRule, wordResultDue}

// export writes every row as a table, page by page.
func (h *campaignRows) export(w http.ResponseWriter, r *http.Request, form export.Form) {
	done, full := h.places.take()
	if full != nil {
		full.write(w, r)
		return
	}
	defer done()
	e, name, err := h.exporter(r, form)
	if err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", e.form.MediaType())
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+e.form.Extension()+`"`)
	deadline := http.NewResponseController(w).SetWriteDeadline
	if err := e.write(r.Context(), w, func() { _ = deadline(time.Now().Add(exportIdle)) }); err != nil {
		h.log.Error("an export of a campaign broke off", "error", err)
		panic(http.ErrAbortHandler) // the caller must see that it is not whole
	}
}

// exportIdle is how long a page of an export may take to be written.
const exportIdle = time.Minute

// rowExport writes the rows that a query asks for.
type rowExport struct {
	rows     campaignRowReader
	q        ledger.RowQuery
	form     export.Form
	fields   []string
	language reason.Language
	currency string
	reminds  bool // the rows are reminders of appointments
}

// exporter reads what an export is asked for; its name is that of the file, without an end.
func (h *campaignRows) exporter(r *http.Request, form export.Form) (*rowExport, string, error) {
	id, err := idOf(r.PathValue("id"), ledger.ErrUnknown)
	if err != nil {
		return nil, "", h.noCampaign(err, nil)
	}
	account := callerOf(r.Context()).Account
	c, err := h.rows.Campaign(r.Context(), account, id)
	if err != nil {
		return nil, "", h.noCampaign(err, nil)
	}
	asked := r.URL.Query()
	const page = 1000
	e := &rowExport{
		rows: h.rows, form: form, fields: campaign.ValueKeys(c.Text, c.Look, c.Report),
		language: reason.Match(r.Header.Get("Accept-Language")), currency: h.currency.Currency(),
		reminds: c.Options.Appointments.Any(), q: ledger.RowQuery{
			Account: account, Campaign: id, State: ledger.State(asked.Get("state")), Code: asked.Get("code"), Limit: page,
		},
	}
	if e.q.State != "" && !e.q.State.Valid() {
		return nil, "", badParameter("state", reason.Of(sayOneOf, reason.Args{"value": reason.Name(stateList())}))
	}
	switch asked.Get("excel") {
	case "", "false":
	case "true":
		e.form = export.Spreadsheet
	default:
		return nil, "", badParameter("excel", reason.Of(sayBoolean, nil))
	}
	if e.form == export.Programs {
		e.language = reason.English
	}
	return e, "campaign-" + c.ID.Ref(), nil
}

func (e *rowExport) write(ctx context.Context, w io.Writer, moving func()) error {
	table, err := export.New(e.form, w, e.columns())
	if err != nil {
		return err
	}
	for more := true; more; {
		var found []ledger.Row
		if found, more, err = e.rows.Rows(ctx, e.q); err != nil {
			return err
		}
		moving()
		for i := range found {
			if err := table.Row(e.cells(&found[i])); err != nil {
				return err
			}
			e.q.After = found[i].Row
		}
		more = more && len(found) > 0
	}
	return table.Close()
}

func (e *rowExport) columns() []export.Column {
	names := slices.Clone(e.fields)
	kinds := make([]export.Kind, len(names))
	if e.reminds {
		for _, word := range appointmentColumns {
			names, kinds = append(names, reason.Of(word, nil).In(e.language)), append(kinds, export.Text)
		}
	}
	for _, c := range resultColumns {
		names = append(names, reason.Of(c.word, nil).In(e.language))
		kinds = append(kinds, c.kind)
	}
	columns := make([]export.Column, len(names))
	for i, name := range export.Distinct(names, func(a, b string) bool { return merge.Fold(a) == merge.Fold(b) }) {
		columns[i] = export.Column{Name: name, Kind: kinds[i]}
	}
	return columns
}

func (e *rowExport) cells(r *ledger.Row) []string {
	cells := make([]string, 0, len(e.fields)+len(resultColumns))
	for _, f := range e.fields {
		cells = append(cells, r.Values[f])
	}
	if of := appointmentOf(&r.Appointment); e.reminds && of != nil {
		cells = append(cells, of.Key, of.At, of.Rule, of.Due)
	} else if e.reminds {
		cells = append(cells, "", "", "", "")
	}
	shown := campaignRowOf(r, e.currency, e.language)
	price, updated, message, segments := "", "", "", ""
	if shown.Price != nil {
		price = shown.Price.Amount
	}
	if shown.UpdatedAt != nil {
		updated = shown.UpdatedAt.Format(time.RFC3339)
	}
	if shown.Message != nil {
		message = shown.Message.String()
	}
	if shown.Segments > 0 {
		segments = strconv.Itoa(shown.Segments)
	}
	state, status := string(shown.State), string(shown.Status)
	return append(cells, strconv.Itoa(shown.Row), string(shown.To), state, status, shown.Code, shown.Detail, segments, price,
		updated, shown.Reference, message)
}
