package console

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"relais/auth"
	"relais/campaign"
	"relais/campaign/export"
	"relais/campaign/ledger"
	"relais/merge"
	"relais/reason"
)

// campaignExported is in the audit when somebody keeps the rows of a campaign as a file.
const campaignExported auth.ActCode = "campaign_exported"

// exportPage is how many rows of an export are read at once, and exportIdle how long they may
// take to be written.
const (
	exportPage = 1000
	exportIdle = time.Minute
)

// campaignColumnsOf are those of an export, behind the fields of the text.
var campaignColumnsOf = []struct {
	word string
	kind export.Kind
}{
	{"campaigns_row_number", export.Count},
	{"number", export.Phone},
	{"state", export.Text},
	{"campaigns_why", export.Text},
	{"campaigns_billed", export.Count},
	{"campaigns_price", export.Text},
	{"campaigns_since", export.Text},
	{"reference", export.Text},
}

// appointmentColumns are those of reminders, before them.
var appointmentColumns = []string{"appointments_key", "appointments_meets", "appointments_rule", "appointments_due"}

// exportCampaign gives every row as a file, with what became of it.
func exportCampaign(q *request) (answer, error) {
	if err := q.read("form"); err != nil {
		return nil, err
	}
	c, err := q.ofCampaign()
	if err != nil {
		return nil, err
	}
	if elsewhere, err := q.toExport(&c); err != nil || elsewhere != nil {
		return elsewhere, err
	}
	form := export.Form(q.field("form"))
	if !slices.Contains([]export.Form{export.Workbook, export.Programs, export.Spreadsheet}, form) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	if err := q.record(campaignExported, c.ID.String(), string(form)); err != nil {
		return nil, err
	}
	return &campaignFile{form: form, campaign: c, language: q.lang}, nil
}

// toExport refuses rows of a campaign to those who may not keep them as a file; elsewhere
// asks for a proof first.
func (q *request) toExport(c *ledger.Campaign) (elsewhere answer, err error) {
	switch {
	case !q.mayExport(c):
		return nil, forbidden()
	case !q.ownCampaign(c) && q.wantsProof(auth.Export):
		return toProof(q)
	}
	return nil, nil //nolint:nilnil // nothing stands in the way
}

// campaignFile is the rows of a campaign as a table, written page by page.
type campaignFile struct {
	form     export.Form
	campaign ledger.Campaign
	language reason.Language // of words; programs read English

	fields []string
	page   *campaignRowsPage // whose words are those of the table
}

func (a *campaignFile) write(w http.ResponseWriter, q *request) {
	h := w.Header()
	h.Set("Content-Type", a.form.MediaType())
	h.Set("Content-Disposition", `attachment; filename="campagne-`+a.campaign.ID.Ref()+a.form.Extension()+`"`)
	if err := a.rows(w, q, http.NewResponseController(w).SetWriteDeadline); err != nil {
		q.console.Log.Error("an export of a campaign broke off", "error", err)
		panic(http.ErrAbortHandler) // the browser must see that it is not whole
	}
}

func (a *campaignFile) rows(w io.Writer, q *request, until func(time.Time) error) error {
	if a.form == export.Programs {
		a.language = reason.English
	}
	a.page = &campaignRowsPage{campaignFrame: campaignFrame{frame: *q.frame()}}
	a.page.Lang = a.language
	a.fields = campaign.ValueKeys(a.campaign.Text, a.campaign.Look, a.campaign.Report)
	table, err := export.New(a.form, w, a.columns())
	if err != nil {
		return err
	}
	query := ledger.RowQuery{Account: q.account, Campaign: a.campaign.ID, Limit: exportPage}
	for more := true; more; {
		var found []ledger.Row
		if found, more, err = q.console.Campaigns.Rows(q.ctx(), query); err != nil {
			return err
		}
		_ = until(time.Now().Add(exportIdle)) // where there is none, the server's holds
		for i := range found {
			query.After = found[i].Row
			if err := table.Row(a.cells(&found[i])); err != nil {
				return err
			}
		}
	}
	return table.Close()
}

func (a *campaignFile) columns() (all []export.Column) {
	names, kinds := slices.Clone(a.fields), make([]export.Kind, len(a.fields))
	for _, word := range appointmentColumns {
		if a.campaign.Options.Appointments.Any() {
			names, kinds = append(names, a.page.say(word)), append(kinds, export.Text)
		}
	}
	for _, c := range campaignColumnsOf {
		names, kinds = append(names, a.page.say(c.word)), append(kinds, c.kind)
	}
	same := func(a, b string) bool { return merge.Fold(a) == merge.Fold(b) }
	for i, name := range export.Distinct(names, same) {
		all = append(all, export.Column{Name: name, Kind: kinds[i]})
	}
	return all
}

func (a *campaignFile) cells(r *ledger.Row) (all []string) {
	for _, field := range a.fields {
		all = append(all, r.Values[field])
	}
	shown := a.page.tableRow(r)
	if a.campaign.Options.Appointments.Any() {
		all = append(all, appointmentCells(&r.Appointment, rulesInWords(r.Appointment.Rule, a.language))...)
	}
	segments, price, at := "", "", ""
	if r.Segments > 0 {
		segments = strconv.Itoa(r.Segments)
	}
	if r.Price > 0 {
		price = r.Price.String()
	}
	if !r.At.IsZero() {
		at = r.At.In(a.page.q.console.Zone).Format(time.RFC3339)
	}
	return append(all, strconv.Itoa(r.SheetRow()), string(r.Number), shown.Pill.Word, shown.Why, segments, price, at, r.Reference)
}

// ownCampaign reports whether the person made or started a campaign.
func (q *request) ownCampaign(c *ledger.Campaign) bool {
	return c.CreatedBy == q.actor() || c.StartedBy == q.actor()
}

// badRowsNote is the note of the audit about a file of the rows that are left out.
const badRowsNote = "bad-rows"

// badCampaignRows gives the rows that are left out as a table, to be mended.
func badCampaignRows(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	c, err := q.ofCampaign()
	if err != nil {
		return nil, err
	}
	if elsewhere, err := q.toExport(&c); err != nil || elsewhere != nil {
		return elsewhere, err
	}
	if c.File.SHA256 == "" {
		return nil, notFound()
	}
	if err := q.record(campaignExported, c.ID.String(), badRowsNote); err != nil {
		return nil, err
	}
	return badRowsFile{c}, nil
}

// badRowsFile is such a table.
type badRowsFile struct{ campaign ledger.Campaign }

func (a badRowsFile) write(w http.ResponseWriter, q *request) {
	h := w.Header()
	h.Set("Content-Type", export.Spreadsheet.MediaType())
	h.Set("Content-Disposition", `attachment; filename="lignes-`+a.campaign.ID.Ref()+`.csv"`)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(uploadTime)) // the whole file is judged anew
	err := q.console.Campaigns.BadRows(q.ctx(), q.account, a.campaign.ID, w, q.lang)
	if err != nil {
		q.console.Log.Error("a file of rows that are left out broke off", "error", err)
		panic(http.ErrAbortHandler) // the browser must see that it is not whole
	}
}
