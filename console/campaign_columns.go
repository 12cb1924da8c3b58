package console

import (
	"errors"
	"slices"
	"strconv"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/merge"
	"relais/reason"
)

// campaignColumnsPage is the third step: what the file looks like, and what is guessed of
// it, which a person may change.
type campaignColumnsPage struct {
	campaignFrame

	Sight  *campaign.Sight
	Draft  ledger.Options
	Fields []campaignField
	Sample [][]campaignCell // of the first rows
}

// campaignCell is a cell of the file, as a person sees it in the spreadsheet.
type campaignCell struct{ Label, Shown string }

// campaignField is a field of the text, with the column that fills it.
type campaignField struct {
	Name   string
	Column string // empty: there is none of that name
}

var campaignColumnsFields = []string{
	"version", "column", "header_row", "sheet", "hidden", "encoding", "separator", "reference",
}

// Told are what was guessed and should be looked at.
func (p *campaignColumnsPage) Told() (all []string) {
	for _, said := range slices.Concat(p.Sight.Questions, p.Sight.Notes) {
		all = append(all, p.told(said.Reason))
	}
	return all
}

// PhoneColumns are those that may have the numbers.
func (p *campaignColumnsPage) PhoneColumns() []option {
	all := []option{{"", p.say("campaigns_guessed"), p.Draft.Column == ""}}
	return append(all, p.columns(p.Draft.Column)...)
}

// References are the columns that may have a reference of each message.
func (p *campaignColumnsPage) References() []option {
	all := []option{{"", p.say("campaigns_no_reference"), p.Draft.Reference == ""}}
	return append(all, p.columns(p.Draft.Reference)...)
}

func (p *campaignColumnsPage) columns(chosen string) (all []option) {
	for _, c := range p.Sight.Columns {
		name := columnName(&c)
		all = append(all, option{name, p.Label(c), merge.Fold(name) == merge.Fold(chosen)})
	}
	return all
}

// columnName is what names a column and no other one.
func columnName(c *campaign.Column) string {
	switch {
	case c.Unique != "":
		return c.Unique
	case c.Name != "":
		return c.Name
	}
	return c.Letter
}

// Label is how people find a column: by its letter and its name.
func (p *campaignColumnsPage) Label(c campaign.Column) string {
	letter := reason.Of(Words+"/campaigns_column", reason.Args{"letter": reason.Name(c.Letter)}).In(p.Lang)
	if c.Name == "" {
		return letter
	}
	return letter + " : " + c.Name
}

// Phone is the column that has the numbers, as far as the first rows say.
func (p *campaignColumnsPage) Phone() string {
	for _, c := range p.Sight.Columns {
		if c.Phone {
			return p.Label(c)
		}
	}
	return ""
}

// Headers are the rows that may have the names of the columns.
func (p *campaignColumnsPage) Headers() []option {
	const most = 10
	all := []option{
		{"0", p.say("campaigns_guessed"), p.Draft.Header == 0},
		{"-1", p.say("campaigns_no_header"), p.Draft.Header < 0},
	}
	for row := 1; row <= max(most, p.Draft.Header); row++ {
		if row > most && row != p.Draft.Header {
			continue
		}
		word := reason.Of(Words+"/campaigns_row", reason.Args{"row": reason.Count(row)}).In(p.Lang)
		all = append(all, option{strconv.Itoa(row), word, p.Draft.Header == row})
	}
	return all
}

// Sheets are those of a workbook; none where there is but one.
func (p *campaignColumnsPage) Sheets() (all []option) {
	if len(p.Sight.Sheets) < 2 {
		return nil
	}
	for _, s := range p.Sight.Sheets {
		word := s.Name
		if s.Hidden {
			word = reason.Of(Words+"/campaigns_sheet_hidden", reason.Args{"sheet": reason.Name(s.Name)}).In(p.Lang)
		}
		all = append(all, option{s.Name, word, s.Name == p.Sight.Sheet})
	}
	return all
}

// Encodings are those of a text file; none for a workbook.
func (p *campaignColumnsPage) Encodings() (all []option) {
	if p.Sight.Encoding == "" {
		return nil
	}
	all = []option{{"", p.say("campaigns_guessed"), p.Draft.Encoding == ""}}
	for _, name := range []string{"utf-8", "windows-1252", "macintosh", "ibm850", "utf-16le", "utf-16be"} {
		all = append(all, option{name, name, p.Draft.Encoding == name})
	}
	return all
}

// Separators are those of a text file; none for a workbook.
func (p *campaignColumnsPage) Separators() (all []option) {
	if p.Sight.Encoding == "" {
		return nil
	}
	all = []option{{"", p.say("campaigns_guessed"), p.Draft.Separator == ""}}
	for _, mark := range []string{";", ",", "\t", "|"} {
		word := mark
		if mark == "\t" {
			word = p.say("campaigns_tab")
		}
		all = append(all, option{mark, word, p.Draft.Separator == mark})
	}
	return all
}

func showCampaignColumns(q *request) (answer, error) {
	p, elsewhere, err := columnsPage(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	return view{name: "campaign_columns", data: p}, nil
}

func columnsPage(q *request) (p *campaignColumnsPage, elsewhere answer, err error) {
	f, elsewhere, err := q.atStep(stepColumns)
	if err != nil || elsewhere != nil {
		return nil, elsewhere, err
	}
	p = &campaignColumnsPage{campaignFrame: f, Draft: f.Campaign.Options}
	if p.Sight, err = f.sight(); err != nil {
		return nil, nil, err
	}
	if p.Sight == nil { // the file was put, and could not be looked at
		p.Sight = &campaign.Sight{}
	}
	p.Fields = p.fields()
	return p, nil, p.sample(q)
}

// sample shows the first rows, to those who may read what is in them.
func (p *campaignColumnsPage) sample(q *request) error {
	const rows, longest = 6, 40
	if !p.SeesTexts() || len(p.Sight.Columns) == 0 {
		return nil
	}
	first, err := q.console.Campaigns.Head(q.ctx(), q.account, p.Campaign.ID, p.Sight.Header+rows)
	if _, unreadable := errors.AsType[*gateway.Error](err); unreadable {
		return nil // the check says it
	}
	for _, row := range first {
		if row.Number <= p.Sight.Header || len(p.Sample) >= rows {
			continue
		}
		cells := make([]campaignCell, len(p.Sight.Columns))
		for i := range cells {
			cells[i].Label = p.Label(p.Sight.Columns[i])
			if i < len(row.Cells) {
				cells[i].Shown = excerptOf(row.Cells[i].Shown, longest)
			}
		}
		p.Sample = append(p.Sample, cells)
	}
	return err
}

// fields are those of the text, each with its column.
func (p *campaignColumnsPage) fields() (all []campaignField) {
	for _, f := range p.Sight.Fields(p.Campaign.Text) {
		one := campaignField{Name: f.Name}
		if f.Column != nil {
			one.Column = p.Label(*f.Column)
		}
		all = append(all, one)
	}
	return all
}

// changeCampaignColumns keeps what was chosen, and has the whole file checked.
func changeCampaignColumns(q *request) (answer, error) {
	p, elsewhere, err := columnsPage(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	if err := q.read(campaignColumnsFields...); err != nil {
		return nil, err
	}
	o := &p.Draft
	o.Column, o.Reference, o.Hidden = q.field("column"), q.field("reference"), q.field("hidden") == "1"
	o.Encoding, o.Separator = q.field("encoding"), q.form.Get("separator")
	if o.Header, err = strconv.Atoi(q.field("header_row")); err != nil {
		p.refuse("header_row", p.say("campaigns_header_unreadable"))
		return view{"campaign_columns", p, refusedForm}, nil //nolint:nilerr // the page says it
	}
	if chosen := q.field("sheet"); chosen != p.Sight.Sheet {
		o.Sheet = chosen
	}
	content := p.Campaign.Content
	content.Options = *o
	if err := p.change(q, content); err != nil {
		return refusedStep(q, "campaign_columns", p, err, "column")
	}
	if p.Campaign.Status != ledger.Draft {
		return redirect{to: p.Path + "/" + stepCheck}, nil // the check stands, or is under way
	}
	return p.begin(q, "campaign_columns", p, stepCheck, "column")
}
