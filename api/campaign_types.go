package api

import (
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// CampaignRequest is the body of a new campaign and of a change, of which what is absent
// stays.
type CampaignRequest struct {
	Name      string          `json:"name" required:"false" doc:"by which people find it, at most 100 characters"`
	Text      string          `json:"text,omitempty" required:"false" doc:"with fields that are columns of the table: ((name)), ((name|otherwise)), ((name??text where it says yes))"`
	Class     string          `json:"class,omitempty" required:"false" enum:"transactional,marketing" doc:"decides the rules that hold; one-time codes are no campaign"`
	Sender    string          `json:"sender,omitempty" required:"false" doc:"absent: the account's"`
	Connector string          `json:"connector,omitempty" required:"false" doc:"the instance that sends it; absent: as the routes say"`
	StartAt   *string         `json:"start_at,omitempty" required:"false" format:"date-time" doc:"when it begins once it is started; absent: at once; null takes the time away"`
	Options   CampaignOptions `json:"options,omitzero" required:"false" doc:"how the table is read and sent"`
}

// CampaignOptions are what people chose of how a table is read and sent.
type CampaignOptions struct {
	Column     string `json:"column,omitempty" required:"false" doc:"the one with the numbers, by its name or letter; absent: as the content says"`
	Header     int    `json:"header_row,omitempty" required:"false" doc:"the row with the names of the columns; -1: there is none; absent: as the content says"`
	Reference  string `json:"reference,omitempty" required:"false" doc:"a column with a reference of each message"`
	Region     string `json:"region,omitempty" required:"false" doc:"country in which national numbers are dialled, ISO 3166-1; absent: the account's"`
	Duplicates string `json:"duplicates,omitempty" required:"false" enum:"same_text,first,none" doc:"rows with the same number: one message where texts are the same, the first row alone, or each row; absent: same_text"`
	Segments   int    `json:"segments,omitempty" required:"false" minimum:"1" doc:"most segments of one message; absent: 10"`
	GSM        bool   `json:"gsm,omitempty" required:"false" doc:"characters that cost more are replaced"`
	Sheet      string `json:"sheet,omitempty" required:"false" doc:"of a workbook; absent: the first with data"`
	Hidden     bool   `json:"hidden,omitempty" required:"false" doc:"hidden rows and columns count too"`
	Encoding   string `json:"encoding,omitempty" required:"false" doc:"of a text file; absent: as the content says"`
	Separator  string `json:"separator,omitempty" required:"false" doc:"of a text file; absent: as the content says"`
	Rate       int    `json:"rate,omitempty" required:"false" minimum:"1" doc:"messages a minute at most; absent: as many as the connector takes"`

	EndBy string `json:"end_by,omitempty" required:"false" doc:"rows of which no message was made by then are left out (too_late), RFC 3339; absent: never"`
	Hours string `json:"hours,omitempty" required:"false" doc:"at which messages leave, such as 09:00-12:00,14:00-18:00, in the zone of the gateway; absent: as the rules of the account say"`
	Days  string `json:"days,omitempty" required:"false" doc:"on which messages leave, such as mon-fri or tue,sat; absent: as the rules of the account say"`

	Guards ledger.Guards `json:"guards,omitzero" required:"false" doc:"when it pauses by itself: shares, in percent, of the last thousand rows that settled"`

	Appointments ledger.Appointments `json:"appointments,omitzero" required:"false" doc:"makes reminders: each row of the table is an appointment; what is said of one table, complete and many, does not hold for the next"`

	List    sms.ID        `json:"-"` // nobody changes it
	Group   sms.ID        `json:"-"` // likewise
	Purpose string        `json:"-"` // likewise
	From    ledger.Origin `json:"-"` // likewise

	Order ledger.Order `json:"-"` // likewise
}

// Campaign is one sending of a text with fields to the rows of a table.
type Campaign struct {
	ID        sms.ID          `json:"id" format:"uuid" doc:"UUIDv7"`
	Version   int             `json:"version" doc:"rises with each change; it is the ETag"`
	Name      string          `json:"name" doc:"by which people find it"`
	Text      string          `json:"text" doc:"with fields that are columns of the table"`
	Class     sms.Class       `json:"class,omitempty" doc:"decides the rules that hold"`
	Sender    sms.Sender      `json:"sender,omitempty" doc:"absent: the account's"`
	Connector string          `json:"connector,omitempty" doc:"the instance that sends it; absent: as the routes say"`
	StartAt   *time.Time      `json:"start_at,omitempty" doc:"when it begins; absent: when somebody starts it"`
	Options   CampaignOptions `json:"options" doc:"how the table is read and sent"`

	Status  ledger.Status    `json:"status" enum:"draft,checking,ready,awaiting_approval,scheduled,running,paused,finishing,finished,canceling,canceled" doc:"where it is in its life"`
	Reason  string           `json:"reason,omitempty" doc:"code of why it is paused, waits for somebody to agree, or was not agreed to"`
	Detail  string           `json:"reason_detail,omitempty" doc:"sentence for people: why, with what was seen"`
	Waiting ledger.Wait      `json:"waiting_for,omitempty" enum:"window,rate,connector,time" doc:"what keeps a running campaign from making messages: its hours, its rate, its connector, or the time of the next reminder; absent: nothing"`
	Problem *CampaignProblem `json:"problem,omitempty" doc:"what kept the last check from its end; absent: nothing"`

	Source  *CampaignSource `json:"source,omitempty" doc:"the campaign that it goes on from; absent: it begins by itself"`
	List    *sms.ID         `json:"list,omitempty" format:"uuid" doc:"the list that its table is a copy of; absent: none"`
	Group   *sms.ID         `json:"group,omitempty" format:"uuid" doc:"the group that its table is a copy of; absent: none"`
	Purpose string          `json:"purpose,omitempty" doc:"what those of the group are to have agreed to, where it is advertising; absent: nobody said"`

	CreatedAt  time.Time  `json:"created_at" doc:"when it was begun"`
	CreatedBy  sms.Actor  `json:"created_by" doc:"api:KEY or user:NAME"`
	StartedAt  *time.Time `json:"started_at,omitempty" doc:"absent: not yet"`
	StartedBy  sms.Actor  `json:"started_by,omitempty" doc:"api:KEY or user:NAME; absent: nobody yet"`
	ApprovedAt *time.Time `json:"approved_at,omitempty" doc:"when somebody else agreed to the start; absent: nobody had to, or not yet"`
	ApprovedBy sms.Actor  `json:"approved_by,omitempty" doc:"who agreed: api:KEY or user:NAME"`
	EndedAt    *time.Time `json:"ended_at,omitempty" doc:"when its last row ended; absent: not yet"`

	File      *CampaignFile    `json:"file,omitempty" doc:"absent: none was put yet"`
	Check     string           `json:"check,omitempty" doc:"hash of the last check, which a start names; absent: none stands"`
	CheckedAt *time.Time       `json:"checked_at,omitempty" doc:"when the check ended; absent: none stands"`
	Progress  CampaignProgress `json:"progress" doc:"of the check"`
	Counts    CampaignCounts   `json:"counts" doc:"rows by what became of them"`
}

// CampaignSource is the campaign that another one goes on from.
type CampaignSource struct {
	Campaign sms.ID `json:"campaign" format:"uuid" doc:"the campaign's id"`
	Kind     string `json:"kind" enum:"retry,correction" doc:"retry: its rows did not arrive there; correction: a mended table"`
}

// CampaignProblem is what kept a check from its end.
type CampaignProblem struct {
	Code   string `json:"code" doc:"stable word for programs"`
	Detail string `json:"detail" doc:"what is wrong here, and what would be right"`
}

// CampaignFile is the table that was put.
type CampaignFile struct {
	Name   string `json:"name,omitempty" doc:"as it was given"`
	SHA256 string `json:"sha256" doc:"of its bytes, in hex"`
	Size   int64  `json:"size" doc:"in bytes"`
}

// CampaignProgress is how much of the file was read.
type CampaignProgress struct {
	Done  int64 `json:"done" doc:"read so far"`
	Total int64 `json:"total" doc:"to read"`
}

// CampaignCounts are the rows by what became of them. Each row is in one of them.
type CampaignCounts struct {
	Rows        int    `json:"rows" doc:"all of them, the header aside"`
	Waiting     int    `json:"waiting" doc:"no message was made yet"`
	Taken       int    `json:"taken" doc:"their messages are on the way"`
	Skipped     int    `json:"skipped" doc:"no message is made: see the reason of each"`
	Canceled    int    `json:"canceled" doc:"canceled before a message left"`
	Delivered   int    `json:"delivered" doc:"reached the handset"`
	Undelivered int    `json:"undelivered" doc:"did not reach the handset"`
	Expired     int    `json:"expired" doc:"no word came in time"`
	Rejected    int    `json:"rejected" doc:"refused by the operator"`
	Segments    int    `json:"segments" doc:"of the messages that ended"`
	Price       *Price `json:"price,omitempty" doc:"of the messages that ended; absent: not known"`
}

// CampaignList is a page of campaigns, newest first.
type CampaignList struct {
	Items []Campaign `json:"items" doc:"newest first"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// CampaignTimeline is what happened to a campaign.
type CampaignTimeline struct {
	Items []CampaignEvent `json:"items" doc:"oldest first"`
}

// CampaignEvent is a line of the timeline of a campaign.
type CampaignEvent struct {
	At     time.Time     `json:"at" doc:"when"`
	Status ledger.Status `json:"status" doc:"the status after it"`
	Actor  sms.Actor     `json:"actor" doc:"who: api:KEY, user:NAME, gateway"`
	Reason string        `json:"reason,omitempty" doc:"code of why it is paused, waits for somebody to agree, or was not agreed to; test_sent: nothing moved, somebody sent a row to themselves"`
	Detail string        `json:"detail,omitempty" doc:"sentence for people: why, with what was seen"`
}

// campaignOf shows a campaign, with sentences in a language.
func campaignOf(c *ledger.Campaign, currency string, l reason.Language) Campaign {
	shown := Campaign{
		ID: c.ID, Version: c.Version, Name: c.Name, Text: c.Text, Class: c.Class, Sender: c.Sender, Connector: c.Connector,
		StartAt: moment(c.StartAt), Options: CampaignOptions(c.Options), Status: c.Status, Reason: c.Why.Wire(), Waiting: c.WaitingFor,
		CreatedAt: c.CreatedAt.UTC(), CreatedBy: c.CreatedBy, StartedAt: moment(c.StartedAt), StartedBy: c.StartedBy,
		ApprovedAt: moment(c.ApprovedAt), ApprovedBy: c.ApprovedBy, EndedAt: moment(c.EndedAt), Check: c.Check, CheckedAt: moment(c.CheckedAt),
		Progress: CampaignProgress(c.Progress), Counts: countsOf(&c.Counts, currency),
	}
	if c.Why != "" {
		shown.Detail = detailOf(c.Why, c.Saw, l)
	}
	if !c.Problem.IsZero() {
		shown.Problem = &CampaignProblem{c.Problem.Code.Wire(), c.Problem.In(l)}
	}
	if !c.Options.List.IsZero() {
		shown.List = &c.Options.List
	}
	if !c.Options.Group.IsZero() {
		shown.Group, shown.Purpose = &c.Options.Group, c.Options.Purpose
	}
	if from := c.Options.From; !from.Campaign.IsZero() {
		shown.Source = &CampaignSource{from.Campaign, "correction"}
		if from.Retry {
			shown.Source.Kind = "retry"
		}
	}
	if c.File.SHA256 != "" {
		shown.File = &CampaignFile{c.File.Name, c.File.SHA256, c.File.Size}
	}
	return shown
}

// detailOf says why a campaign is paused.
func detailOf(why reason.Code, saw reason.Reason, l reason.Language) string {
	if saw.IsZero() {
		saw = reason.Of(why, nil)
	}
	return saw.In(l)
}

func countsOf(c *ledger.Counts, currency string) CampaignCounts {
	return CampaignCounts{
		Rows: c.Rows(), Waiting: c.Waiting, Taken: c.Taken, Skipped: c.Skipped, Canceled: c.Canceled + c.Ended.Canceled,
		Delivered: c.Ended.Delivered, Undelivered: c.Ended.Undelivered, Expired: c.Ended.Expired, Rejected: c.Ended.Rejected,
		Segments: c.Ended.Segments, Price: priceOf(c.Ended.Price, currency),
	}
}

// CampaignLook is what the first rows of a file look like, before the check of all of them.
type CampaignLook struct {
	Format    string           `json:"format" enum:"csv,xlsx,ods" doc:"by its content, not by its name"`
	Encoding  string           `json:"encoding,omitempty" doc:"of a text file"`
	Separator string           `json:"separator,omitempty" doc:"of a text file; absent: one column"`
	Sheet     string           `json:"sheet,omitempty" doc:"of a workbook: the one that is read"`
	Sheets    []CampaignSheet  `json:"sheets,omitempty" doc:"of a workbook: all of them"`
	Header    int              `json:"header_row" doc:"the row with the names of the columns; 0: there is none"`
	Columns   []CampaignColumn `json:"columns" doc:"from the left"`
	Questions []CampaignSaid   `json:"questions" doc:"what was guessed, and an option can decide"`
	Notes     []CampaignSaid   `json:"notes" doc:"what was noticed on the way"`
}

// CampaignSheet is a sheet of a workbook.
type CampaignSheet struct {
	Name   string `json:"name" doc:"as the workbook calls it"`
	Hidden bool   `json:"hidden,omitempty" doc:"a person does not see it"`
}

// CampaignColumn is a column of the table.
type CampaignColumn struct {
	Letter  string `json:"letter" doc:"as spreadsheets call it"`
	Name    string `json:"name" doc:"as written in the header; empty without one"`
	Phone   bool   `json:"phone,omitempty" doc:"has the numbers"`
	Used    bool   `json:"used,omitempty" doc:"is a field of the text"`
	Reminds bool   `json:"reminds,omitempty" doc:"has the keys, the dates or the times of appointments"`
	Unique  string `json:"unique,omitempty" doc:"its name with a number, where others are called the same"`
}

// CampaignSaid is a sentence with its code.
type CampaignSaid struct {
	Code   string `json:"code" doc:"stable word for programs"`
	Detail string `json:"detail" doc:"sentence for people, in English or French by Accept-Language"`
}

// CampaignFound is a code and the rows that have it.
type CampaignFound struct {
	Code   string `json:"code" doc:"stable word for programs"`
	Rows   int    `json:"rows" doc:"how many have it"`
	First  []int  `json:"first" doc:"a few of their numbers, as the spreadsheet counts"`
	Detail string `json:"detail" doc:"sentence for people, in English or French by Accept-Language"`
}

// CampaignReport is what a check found.
type CampaignReport struct {
	Check     string           `json:"check" doc:"a hash over file, text and options, which a start names"`
	File      CampaignRead     `json:"file" doc:"how the table was read"`
	Rows      CampaignJudged   `json:"rows" doc:"how many of them"`
	Skipped   []CampaignFound  `json:"skipped" doc:"rows that get no message, most of them first"`
	Repaired  []CampaignFound  `json:"repaired" doc:"numbers that were mended"`
	Warnings  []CampaignSaid   `json:"warnings" doc:"what to know that stops nothing"`
	Questions []CampaignSaid   `json:"questions" doc:"what was guessed, and an option can decide"`
	Notes     []CampaignSaid   `json:"notes" doc:"what was noticed on the way"`
	Families  []CampaignFamily `json:"families" doc:"of numbers, most messages first"`
	Segments  CampaignSegments `json:"segments" doc:"that the texts take"`
	Longer    []CampaignLonger `json:"longer" doc:"columns whose values make texts take more segments"`

	Forecast *CampaignForecast `json:"forecast,omitempty" doc:"price, ways and times; absent: of a check of before"`
}

// CampaignRead is how a table was read.
type CampaignRead struct {
	Name       string           `json:"name,omitempty" doc:"of the file"`
	SHA256     string           `json:"sha256,omitempty" doc:"of its bytes, in hex"`
	Format     string           `json:"format" enum:"csv,xlsx,ods" doc:"by its content, not by its name"`
	Encoding   string           `json:"encoding,omitempty" doc:"of a text file"`
	Separator  string           `json:"separator,omitempty" doc:"of a text file; absent: one column"`
	Sheet      string           `json:"sheet,omitempty" doc:"of a workbook: the one that is read"`
	Header     int              `json:"header_row" doc:"the row with the names of the columns; 0: there is none"`
	Columns    []CampaignColumn `json:"columns" doc:"from the left"`
	BlankRows  int              `json:"blank_rows" doc:"rows without content"`
	HiddenRows int              `json:"hidden_rows" doc:"rows that a person does not see"`
}

// CampaignJudged are the rows of a check.
type CampaignJudged struct {
	Total   int `json:"total" doc:"all of them, the header aside"`
	Ready   int `json:"ready" doc:"get a message"`
	Skipped int `json:"skipped" doc:"no message is made: see the reason of each"`
}

// CampaignFamily is a family of numbers.
type CampaignFamily struct {
	Family   string `json:"family" doc:"of numbers, such as fr-metro"`
	Messages int    `json:"messages" doc:"to numbers of the family"`
	Segments int    `json:"segments" doc:"of these messages"`
	Price    *Price `json:"price,omitempty" doc:"of those whose price is known; absent: of none"`
}

// CampaignSegments are what the texts take.
type CampaignSegments struct {
	Total      int            `json:"total" doc:"of all messages"`
	ByCount    map[string]int `json:"by_count" doc:"messages by how many segments they take"`
	LongestRow int            `json:"longest_row,omitempty" doc:"the row of the longest text"`
	Longest    int            `json:"longest,omitempty" doc:"segments of the longest text"`
	Encodings  map[string]int `json:"encodings" doc:"messages by alphabet: gsm7, ucs2"`
}

// CampaignLonger is a column whose values make texts take more segments.
type CampaignLonger struct {
	Column     string `json:"column" doc:"its name, else its letter"`
	Characters bool   `json:"characters" doc:"characters are the cause that the GSM alphabet lacks"`
	Rows       int    `json:"rows" doc:"how many have it"`
	Segments   int    `json:"segments" doc:"that would be saved"`
}

// lookOf reads a look that was kept.
func lookOf(stored []byte, l reason.Language) (*CampaignLook, error) {
	s, err := campaign.ReadSight(stored, l)
	if err != nil {
		return nil, err
	}
	shown := &CampaignLook{
		Format: string(s.Format), Encoding: s.Encoding, Separator: s.Separator, Sheet: s.Sheet, Header: s.Header,
		Columns: columnsOf(s.Columns), Questions: saidOf(s.Questions), Notes: saidOf(s.Notes),
	}
	for _, one := range s.Sheets {
		shown.Sheets = append(shown.Sheets, CampaignSheet(one))
	}
	return shown, nil
}

// reportOf reads a report that was kept.
func reportOf(stored []byte, l reason.Language) (*CampaignReport, error) {
	r, err := campaign.ReadReport(stored, l)
	if err != nil {
		return nil, err
	}
	shown := &CampaignReport{
		Check: r.Check, Rows: CampaignJudged(r.Rows), Skipped: foundOf(r.Skipped), Repaired: foundOf(r.Repaired),
		Warnings: saidOf(r.Warnings), Questions: saidOf(r.Questions), Notes: saidOf(r.Notes),
		Families: []CampaignFamily{}, Segments: CampaignSegments(r.Segments), Longer: []CampaignLonger{},
		File: CampaignRead{
			Name: r.File.Name, SHA256: r.File.SHA256, Format: string(r.File.Format), Encoding: r.File.Encoding,
			Separator: r.File.Separator, Sheet: r.File.Sheet, Header: r.File.Header, Columns: columnsOf(r.File.Columns),
			BlankRows: r.File.BlankRows, HiddenRows: r.File.HiddenRows,
		},
	}
	shown.Forecast = forecastOf(r.Forecast)
	for _, f := range r.Families {
		shown.Families = append(shown.Families, CampaignFamily{f.Family, f.Messages, f.Segments, (*Price)(f.Price)})
	}
	for _, l := range r.Longer {
		shown.Longer = append(shown.Longer, CampaignLonger{l.Column, l.Characters, l.Rows, l.Segments})
	}
	return shown, nil
}

func columnsOf(all []campaign.Column) []CampaignColumn {
	shown := make([]CampaignColumn, len(all))
	for i, c := range all {
		shown[i] = CampaignColumn(c)
	}
	return shown
}

func saidOf(all []campaign.Said) []CampaignSaid {
	shown := make([]CampaignSaid, len(all))
	for i, s := range all {
		shown[i] = CampaignSaid{s.Code, s.Detail}
	}
	return shown
}

func foundOf(all []campaign.Found) []CampaignFound {
	shown := make([]CampaignFound, len(all))
	for i, f := range all {
		shown[i] = CampaignFound{f.Code, f.Rows, f.First, f.Detail}
	}
	return shown
}
