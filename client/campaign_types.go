package client

import "time"

// CampaignRequest is a new campaign.
type CampaignRequest struct {
	Name      string          `json:"name"`
	Text      string          `json:"text,omitempty"`  // with fields that are columns of the table
	Class     string          `json:"class,omitempty"` // transactional or marketing
	Sender    string          `json:"sender,omitempty"`
	Connector string          `json:"connector,omitempty"`
	StartAt   *time.Time      `json:"start_at,omitempty"` // nil: once it is started
	Options   CampaignOptions `json:"options,omitzero"`

	// IdempotencyKey makes two equal requests one campaign. CreateCampaign makes a fresh one
	// when it is empty.
	IdempotencyKey string `json:"-"`
}

// CampaignChange is what changes of a campaign that has not begun; what is nil stays.
type CampaignChange struct {
	Name      *string          `json:"name,omitempty"`
	Text      *string          `json:"text,omitempty"`
	Class     *string          `json:"class,omitempty"`
	Sender    *string          `json:"sender,omitempty"`
	Connector *string          `json:"connector,omitempty"`
	StartAt   *time.Time       `json:"start_at,omitempty"`
	Options   *CampaignOptions `json:"options,omitempty"` // what is empty in them stays
}

// CampaignOptions are what people chose of how a table is read and sent.
type CampaignOptions struct {
	Column     string `json:"column,omitempty"`     // with the numbers, by its name or letter
	Header     int    `json:"header_row,omitempty"` // -1: there is none
	Reference  string `json:"reference,omitempty"`  // a column with a reference of each message
	Region     string `json:"region,omitempty"`     // ISO 3166-1
	Duplicates string `json:"duplicates,omitempty"` // same_text, first or none
	Segments   int    `json:"segments,omitempty"`   // most segments of one message; empty: 10
	GSM        bool   `json:"gsm,omitempty"`        // characters that cost more are replaced
	Sheet      string `json:"sheet,omitempty"`      // of a workbook; empty: the first with data
	Hidden     bool   `json:"hidden,omitempty"`     // hidden rows and columns count too
	Encoding   string `json:"encoding,omitempty"`   // of a text file; empty: as the content says
	Separator  string `json:"separator,omitempty"`  // of a text file; empty: as the content says
	Rate       int    `json:"rate,omitempty"`

	EndBy string `json:"end_by,omitempty"` // RFC 3339; rows that wait then are left out
	Hours string `json:"hours,omitempty"`  // such as 09:00-12:00,14:00-18:00
	Days  string `json:"days,omitempty"`   // such as mon-fri

	Guards CampaignGuards `json:"guards,omitzero"` // when it pauses by itself

	Appointments CampaignAppointments `json:"appointments,omitzero"` // makes reminders of the rows
}

// CampaignAppointments make reminders: each row of the table is an appointment. Zero: it has none.
type CampaignAppointments struct {
	Rules    string `json:"rules,omitempty"`    // when they leave, such as "1d 18:00, 2h"
	Key      string `json:"key,omitempty"`      // column; empty: as it is called
	Date     string `json:"date,omitempty"`     // column; empty: as it is called
	Time     string `json:"time,omitempty"`     // column; empty: as it is called, else the dates have them
	Zone     string `json:"zone,omitempty"`     // of the place, by its name; empty: the gateway's
	Complete bool   `json:"complete,omitempty"` // reminders of appointments that the table lacks are canceled
	Many     bool   `json:"many,omitempty"`     // also where more than a fifth of them go
}

// CampaignGuards are the shares, in percent, from which a campaign pauses by itself. 0: the
// usual one, -1: never.
type CampaignGuards struct {
	Errors  int `json:"errors,omitempty"`   // rejected or undelivered, but for handsets that were off
	OptOuts int `json:"opt_outs,omitempty"` // people who answered STOP
	Doubt   int `json:"doubt,omitempty"`    // messages of which nobody knows whether they left
}

// Campaign is one sending of a text with fields to the rows of a table.
type Campaign struct {
	ID        string          `json:"id"`               // UUIDv7
	Version   int             `json:"version"`          // rises with each change; it is the ETag
	Name      string          `json:"name"`             // by which people find it
	Text      string          `json:"text"`             // with fields that are columns of the table
	Class     string          `json:"class,omitempty"`  // decides the rules that hold
	Sender    string          `json:"sender,omitempty"` // empty: the account's
	Connector string          `json:"connector,omitempty"`
	StartAt   *time.Time      `json:"start_at,omitempty"` // when it begins; nil: when somebody starts it
	Options   CampaignOptions `json:"options"`            // how the table is read and sent

	Status  CampaignStatus   `json:"status"`           // where it is in its life
	Reason  string           `json:"reason,omitempty"` // code of why it is paused, waits or was refused
	Detail  string           `json:"reason_detail,omitempty"`
	Waiting string           `json:"waiting_for,omitempty"` // window, rate or connector; empty: nothing
	Problem *CampaignProblem `json:"problem,omitempty"`

	Source  *CampaignSource `json:"source,omitempty"`  // that it goes on from; nil: it begins by itself
	List    string          `json:"list,omitempty"`    // that its table is a copy of; empty: none
	Group   string          `json:"group,omitempty"`   // likewise
	Purpose string          `json:"purpose,omitempty"` // that those of the group are to have agreed to

	CreatedAt  time.Time  `json:"created_at"`            // when it was begun
	CreatedBy  string     `json:"created_by"`            // api:KEY or user:NAME
	StartedAt  *time.Time `json:"started_at,omitempty"`  // nil: not yet
	StartedBy  string     `json:"started_by,omitempty"`  // api:KEY or user:NAME; empty: nobody yet
	ApprovedAt *time.Time `json:"approved_at,omitempty"` // when somebody else agreed; nil: nobody had to, or not yet
	ApprovedBy string     `json:"approved_by,omitempty"` // who agreed
	EndedAt    *time.Time `json:"ended_at,omitempty"`    // when its last row ended; nil: not yet

	File      *CampaignFile    `json:"file,omitempty"`       // nil: none was put yet
	Check     string           `json:"check,omitempty"`      // which a start names; empty: none stands
	CheckedAt *time.Time       `json:"checked_at,omitempty"` // when the check ended; nil: none stands
	Progress  CampaignProgress `json:"progress"`             // of the check
	Counts    CampaignCounts   `json:"counts"`               // rows by what became of them
}

// CampaignSource is the campaign that another one goes on from.
type CampaignSource struct {
	Campaign string `json:"campaign"` // its id
	Kind     string `json:"kind"`     // retry or correction
}

// CampaignProblem is what kept a check from its end.
type CampaignProblem struct {
	Code   string `json:"code"`   // stable word for programs
	Detail string `json:"detail"` // what is wrong here, and what would be right
}

// CampaignFile is the table that was put.
type CampaignFile struct {
	Name   string `json:"name,omitempty"` // as it was given
	SHA256 string `json:"sha256"`         // of its bytes, in hex
	Size   int64  `json:"size"`           // in bytes
}

// CampaignProgress is how much of the file was read.
type CampaignProgress struct {
	Done  int64 `json:"done"`  // read so far
	Total int64 `json:"total"` // to read
}

// CampaignCounts are the rows by what became of them. Each row is in one of them.
type CampaignCounts struct {
	Rows        int    `json:"rows"`            // all of them, the header aside
	Waiting     int    `json:"waiting"`         // no message was made yet
	Taken       int    `json:"taken"`           // their messages are on the way
	Skipped     int    `json:"skipped"`         // no message is made: see the reason of each
	Canceled    int    `json:"canceled"`        // canceled before a message left
	Delivered   int    `json:"delivered"`       // reached the handset
	Undelivered int    `json:"undelivered"`     // did not reach the handset
	Expired     int    `json:"expired"`         // no word came in time
	Rejected    int    `json:"rejected"`        // refused by the operator
	Segments    int    `json:"segments"`        // of the messages that ended
	Price       *Price `json:"price,omitempty"` // of the messages that ended; nil: not known
}

// CampaignStatus is where a campaign stands.
type CampaignStatus string

// The statuses of campaigns.
const (
	CampaignDraft     CampaignStatus = "draft"
	CampaignChecking  CampaignStatus = "checking"
	CampaignReady     CampaignStatus = "ready"
	CampaignAwaiting  CampaignStatus = "awaiting_approval" // somebody else has to agree to its start
	CampaignScheduled CampaignStatus = "scheduled"
	CampaignRunning   CampaignStatus = "running"
	CampaignPaused    CampaignStatus = "paused"
	CampaignFinishing CampaignStatus = "finishing" // every row has its message; receipts are awaited
	CampaignFinished  CampaignStatus = "finished"
	CampaignCanceling CampaignStatus = "canceling"
	CampaignCanceled  CampaignStatus = "canceled"
)

// Ended reports whether nothing happens to the campaign any more.
func (s CampaignStatus) Ended() bool { return s == CampaignFinished || s == CampaignCanceled }

// CampaignList is a page of campaigns, newest first.
type CampaignList struct {
	Items []Campaign `json:"items"`          // newest first
	Next  string     `json:"next,omitempty"` // cursor of the next page; absent on the last
}

// CampaignTimeline is what happened to a campaign.
type CampaignTimeline struct {
	Items []CampaignEvent `json:"items"` // oldest first
}

// CampaignEvent is a line of the timeline of a campaign.
type CampaignEvent struct {
	At     time.Time      `json:"at"`               // when
	Status CampaignStatus `json:"status"`           // the status after it
	Actor  string         `json:"actor"`            // who: api:KEY, user:NAME, gateway
	Reason string         `json:"reason,omitempty"` // code of why it is paused; test_sent: a test
	Detail string         `json:"detail,omitempty"`
}

// CampaignLook is what the first rows of a file look like, before the check of all of them.
type CampaignLook struct {
	Format    string           `json:"format"`              // by its content, not by its name
	Encoding  string           `json:"encoding,omitempty"`  // of a text file
	Separator string           `json:"separator,omitempty"` // of a text file; empty: one column
	Sheet     string           `json:"sheet,omitempty"`     // of a workbook: the one that is read
	Sheets    []CampaignSheet  `json:"sheets,omitempty"`    // of a workbook: all of them
	Header    int              `json:"header_row"`
	Columns   []CampaignColumn `json:"columns"`   // from the left
	Questions []CampaignSaid   `json:"questions"` // what was guessed, and an option can decide
	Notes     []CampaignSaid   `json:"notes"`     // what was noticed on the way
}

// CampaignSheet is a sheet of a workbook.
type CampaignSheet struct {
	Name   string `json:"name"`             // as the workbook calls it
	Hidden bool   `json:"hidden,omitempty"` // a person does not see it
}

// CampaignColumn is a column of the table.
type CampaignColumn struct {
	Letter  string `json:"letter"`            // as spreadsheets call it
	Name    string `json:"name"`              // as written in the header; empty without one
	Phone   bool   `json:"phone,omitempty"`   // has the numbers
	Used    bool   `json:"used,omitempty"`    // is a field of the text
	Reminds bool   `json:"reminds,omitempty"` // has the keys, the dates or the times of appointments
	Unique  string `json:"unique,omitempty"`
}

// CampaignSaid is a sentence with its code.
type CampaignSaid struct {
	Code   string `json:"code"` // stable word for programs
	Detail string `json:"detail"`
}

// CampaignFound is a code and the rows that have it.
type CampaignFound struct {
	Code   string `json:"code"` // stable word for programs
	Rows   int    `json:"rows"` // how many have it
	First  []int  `json:"first"`
	Detail string `json:"detail"`
}

// CampaignReport is what a check found.
type CampaignReport struct {
	Check     string           `json:"check"`
	File      CampaignRead     `json:"file"`      // how the table was read
	Rows      CampaignJudged   `json:"rows"`      // how many of them
	Skipped   []CampaignFound  `json:"skipped"`   // rows that get no message, most of them first
	Repaired  []CampaignFound  `json:"repaired"`  // numbers that were mended
	Warnings  []CampaignSaid   `json:"warnings"`  // what to know that stops nothing
	Questions []CampaignSaid   `json:"questions"` // what was guessed, and an option can decide
	Notes     []CampaignSaid   `json:"notes"`     // what was noticed on the way
	Families  []CampaignFamily `json:"families"`  // of numbers, most messages first
	Segments  CampaignSegments `json:"segments"`  // that the texts take
	Longer    []CampaignLonger `json:"longer"`

	Forecast *CampaignForecast `json:"forecast,omitempty"` // price, ways and times; nil: of a check of before
}

// CampaignForecast is what the gateway says of the messages of a campaign that was checked.
type CampaignForecast struct {
	Price        *Price          `json:"price,omitempty"` // of those whose price is known; nil: of none
	WithoutPrice int             `json:"without_price"`   // messages
	Routes       []CampaignRoute `json:"routes"`
	Start        time.Time       `json:"start"`          // when the first message leaves
	Last         *time.Time      `json:"last,omitempty"` // when the last one does; nil: not known
}

// CampaignRoute is a connector, and what it carries.
type CampaignRoute struct {
	Connector string          `json:"connector"`
	Messages  int             `json:"messages"`
	Segments  int             `json:"segments"`             // of these messages, STOP clause included
	PerMinute int             `json:"per_minute,omitempty"` // messages at most; 0: not known
	Credit    *CampaignCredit `json:"credit,omitempty"`     // nil: not known
}

// CampaignCredit is what is left at the operator, and whether it is enough.
type CampaignCredit struct {
	Left   float64 `json:"left"`
	Unit   string  `json:"unit"` // credits, of which one is reckoned for each segment, or a currency
	Needed float64 `json:"needed"`
	Enough bool    `json:"enough"`
}

// CampaignRead is how a table was read.
type CampaignRead struct {
	Name       string           `json:"name,omitempty"`      // of the file
	SHA256     string           `json:"sha256,omitempty"`    // of its bytes, in hex
	Format     string           `json:"format"`              // by its content, not by its name
	Encoding   string           `json:"encoding,omitempty"`  // of a text file
	Separator  string           `json:"separator,omitempty"` // of a text file; empty: one column
	Sheet      string           `json:"sheet,omitempty"`     // of a workbook: the one that is read
	Header     int              `json:"header_row"`
	Columns    []CampaignColumn `json:"columns"`     // from the left
	BlankRows  int              `json:"blank_rows"`  // rows without content
	HiddenRows int              `json:"hidden_rows"` // rows that a person does not see
}

// CampaignJudged are the rows of a check.
type CampaignJudged struct {
	Total   int `json:"total"`   // all of them, the header aside
	Ready   int `json:"ready"`   // get a message
	Skipped int `json:"skipped"` // no message is made: see the reason of each
}

// CampaignFamily is a family of numbers.
type CampaignFamily struct {
	Family   string `json:"family"`   // of numbers, such as fr-metro
	Messages int    `json:"messages"` // to numbers of the family
	Segments int    `json:"segments"` // of these messages
	Price    *Price `json:"price,omitempty"`
}

// CampaignSegments are what the texts take.
type CampaignSegments struct {
	Total      int            `json:"total"`                 // of all messages
	ByCount    map[string]int `json:"by_count"`              // messages by how many segments they take
	LongestRow int            `json:"longest_row,omitempty"` // the row of the longest text
	Longest    int            `json:"longest,omitempty"`     // segments of the longest text
	Encodings  map[string]int `json:"encodings"`             // messages by alphabet: gsm7, ucs2
}

// CampaignLonger is a column whose values make texts take more segments.
type CampaignLonger struct {
	Column     string `json:"column"` // its name, else its letter
	Characters bool   `json:"characters"`
	Rows       int    `json:"rows"`     // how many have it
	Segments   int    `json:"segments"` // that would be saved
}

// CampaignRow is a row of the table, and what became of it.
type CampaignRow struct {
	Row       int               `json:"row"`          // as the spreadsheet counts
	To        string            `json:"to,omitempty"` // E.164; empty: it has no number that can be read
	State     string            `json:"state"`
	Code      string            `json:"code,omitempty"`
	Detail    string            `json:"detail,omitempty"`
	Reference string            `json:"reference,omitempty"` // the caller's own
	Values    map[string]string `json:"values,omitempty"`
	Message   string            `json:"message,omitempty"`    // that was made of it; empty: none
	Status    Status            `json:"status,omitempty"`     // of its message
	Segments  int               `json:"segments,omitempty"`   // of its message
	Price     *Price            `json:"price,omitempty"`      // of all its segments; nil: not known
	UpdatedAt *time.Time        `json:"updated_at,omitempty"` // of the last event; nil: there was none

	Appointment *CampaignAppointment `json:"appointment,omitempty"` // nil: the row is no reminder
}

// CampaignAppointment is an appointment, and the reminder of it that a row is. Its times are those
// of the clock of its place, such as 2026-12-03T14:30.
type CampaignAppointment struct {
	Key  string `json:"key"`            // that names it in each table
	Rule string `json:"rule,omitempty"` // by which its reminder leaves
	At   string `json:"at,omitempty"`   // when it is
	Due  string `json:"due,omitempty"`  // when its reminder leaves
}

// CampaignRowList is a page of rows, by their number.
type CampaignRowList struct {
	Items []CampaignRow `json:"items"`          // by their number
	Next  string        `json:"next,omitempty"` // cursor of the next page; absent on the last
}
