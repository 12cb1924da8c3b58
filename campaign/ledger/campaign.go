package ledger

import (
	"encoding/json"
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// Campaign is one sending of a text with fields to the rows of a table.
type Campaign struct {
	Account string
	ID      sms.ID
	// Version rises with each edit, so that of two people who edit at once one is told.
	Version int
	Content

	Status Status
	// Why is the code of a pause, of why somebody has to agree or did not; empty: none.
	Why reason.Code
	// Saw says why, with what was seen; zero: nothing more than Why.
	Saw reason.Reason
	// WaitingFor is what keeps a campaign that runs from making messages; empty: nothing.
	WaitingFor Wait
	// Problem says what kept a check from ending; zero: nothing.
	Problem reason.Reason

	CreatedAt time.Time
	CreatedBy sms.Actor
	// Authors are those who wrote it or gave it its table, whoever began it first.
	Authors []sms.Actor
	// Makers are those who made the keys with which it was written or started. A store finds them
	// where somebody may read it or agree to it; they are not kept with it.
	Makers    []sms.Actor
	StartedAt time.Time // zero: not yet
	StartedBy sms.Actor // or asked for somebody to agree to the start
	// ApprovedBy agreed to the start; empty: nobody was asked to, or nobody did yet.
	ApprovedBy sms.Actor
	ApprovedAt time.Time
	EndedAt    time.Time // zero: it has not ended

	File   File
	Look   json.RawMessage // what the first rows of the file look like; nil: no file yet
	Check  string          // hash of the last check; empty: none stands
	Report json.RawMessage // of the last check; nil: none stands

	CheckedAt time.Time
	Progress  Progress // of the check
	Counts    Counts
	Watch     Watch
	Events    int // lines of its timeline
}

// Own reports whether somebody wrote or started the campaign, themselves or with a key that they
// made, so that another one has to agree. Whether somebody made the very key that agrees, the
// store knows as the campaign moves.
func (c *Campaign) Own(by sms.Actor) bool {
	return slices.Contains(c.Writers(), by) || slices.Contains(c.Makers, by)
}

// Writers are those who wrote or started the campaign, people and keys.
func (c *Campaign) Writers() []sms.Actor {
	all := append([]sms.Actor{c.CreatedBy}, c.Authors...)
	if c.StartedBy != "" {
		all = append(all, c.StartedBy)
	}
	return all
}

// Content is what people write.
type Content struct {
	Name      string
	Text      string // with fields
	Class     sms.Class
	Sender    sms.Sender // empty: the account's
	Connector string     // empty: as the routes say
	// StartAt is when it starts; zero: when somebody starts it.
	StartAt time.Time
	Options Options
}

// Options are what people chose of how the file is read and how it is sent.
type Options struct {
	Column     string `json:"column,omitempty"`     // the one with the numbers, by name or letter
	Header     int    `json:"header_row,omitempty"` // the row with the names; 0: as the content says, below 0: none
	Reference  string `json:"reference,omitempty"`  // column with a reference of each message
	Region     string `json:"region,omitempty"`     // in which numbers are dialled; empty: the account's
	Duplicates string `json:"duplicates,omitempty"` // as package campaign has them
	Segments   int    `json:"segments,omitempty"`   // most of one message; 0: the gateway's
	GSM        bool   `json:"gsm,omitempty"`        // characters that cost more are replaced
	Sheet      string `json:"sheet,omitempty"`      // of a workbook; empty: the first with data
	Hidden     bool   `json:"hidden,omitempty"`     // hidden rows count too
	Encoding   string `json:"encoding,omitempty"`   // of a text file; empty: as the content says
	Separator  string `json:"separator,omitempty"`  // of a text file; empty: as the content says
	// Rate is how many messages a minute; 0: as many as the connector takes.
	Rate int `json:"rate,omitempty"`
	// EndBy is when rows that were not taken are left out, as RFC 3339; empty: never.
	EndBy string `json:"end_by,omitempty"`
	Hours string `json:"hours,omitempty"` // as ReadHours reads them; empty: all
	Days  string `json:"days,omitempty"`  // likewise
	// Guards are when it pauses by itself.
	Guards Guards `json:"guards,omitzero"`
	// Appointments make it a campaign of reminders.
	Appointments Appointments `json:"appointments,omitzero"`
	// List is the list whose people the file has; zero: it is no list's. Nobody changes it.
	List sms.ID `json:"list,omitzero"`
	// Group is the group whose contacts the file has; zero: it is no group's. Purpose is what they
	// are to have agreed to where the campaign is advertising. Nobody changes either.
	Group   sms.ID `json:"group,omitzero"`
	Purpose string `json:"purpose,omitempty"`
	// From is the campaign that this one goes on from. Nobody changes it.
	From Origin `json:"from,omitzero"`
	// Order is what its messages have of the call that made it; zero: no door made it. Nobody changes it.
	Order Order `json:"order,omitzero"`
}

// Order is what a program asked for through a door, beside the text, of all messages of a campaign.
type Order struct {
	Special  bool   `json:"special,omitempty"`  // numbers of special and premium rates are taken too
	Metadata string `json:"metadata,omitempty"` // an object of texts, as JSON; empty: none
	Notes    string `json:"notes,omitempty"`    // a list of the texts of reasons, as JSON; empty: none
}

// Origin is the campaign that another one goes on from, as a retry or with a mended table.
type Origin struct {
	Campaign sms.ID `json:"campaign"` // zero: it begins by itself
	Root     sms.ID `json:"root"`     // the first of all that go on from each other
	Retry    bool   `json:"retry,omitempty"`
}

// Wait is what keeps a campaign that runs from making messages. The words are on the wire.
type Wait string

// What campaigns wait for.
const (
	ForWindow    Wait = "window"    // the hours at which messages may leave
	ForRate      Wait = "rate"      // its own rate
	ForConnector Wait = "connector" // the connector takes none now, or has enough
	ForTime      Wait = "time"      // that of the next reminder
)

// File is the table that was uploaded.
type File struct {
	Upload sms.ID // its parts have it
	Name   string
	SHA256 string // hex; empty: there is no file, or it was forgotten where there is an upload
	Size   int64
	Chunks int
	// Retry says of an upload that a retry makes it: the campaign gets it as Options.From.Retry, so
	// that another file does not have it. It is not kept here.
	Retry bool
	// List is the list that it is a copy of; zero: it is none. Likewise it is kept as Options.List.
	List sms.ID
	// Group is the group that it is a copy of, and Purpose what for. Likewise.
	Group   sms.ID
	Purpose string
}

// Progress is how much of the file was read.
type Progress struct{ Done, Total int64 }

// Counts are the rows by state, and those that ended by the status of their message. They
// change in the transactions that move rows.
type Counts struct {
	Waiting, Taken, Skipped, Canceled int
	Ended                             Outcomes
}

// Outcomes are the rows whose messages ended.
type Outcomes struct {
	Delivered, Undelivered, Expired, Rejected, Canceled int

	Segments int
	Price    sms.Money
}

// Total is how many ended.
func (o Outcomes) Total() int {
	return o.Delivered + o.Undelivered + o.Expired + o.Rejected + o.Canceled
}

// Rows is how many rows there are.
func (c Counts) Rows() int { return c.Waiting + c.Taken + c.Skipped + c.Canceled + c.Ended.Total() }

// Row is a row of the table.
type Row struct {
	Row       int // as the spreadsheet counts
	Number    sms.Number
	Reference string
	// Appointment is the one that the row reminds of; zero: the row is no reminder.
	Appointment Appointment
	Values      map[string]string // of the fields of the text; nil: none, or forgotten
	Text        string            // that was made of them; empty: the campaign's own, or forgotten
	State       State
	Reason      reason.Reason // why it was skipped; zero: it was not

	Message sms.ID // zero: it has none
	// Of its message, as it is now, or as it was when it was forgotten.
	Status   sms.Status
	Code     string // of the last event
	Segments int
	Attempt  int // of a message that has not ended
	Price    sms.Money
	At       time.Time // of the last event
}

// Event is a line of the timeline of a campaign.
type Event struct {
	At     time.Time
	Actor  sms.Actor
	Status Status
	Why    reason.Code   // of a pause, of what waits for somebody to agree, or Tested; empty: none
	Saw    reason.Reason // why, with what was seen; zero: nothing more than Why
}

// Tested is the code of an event that moves nothing: somebody sent a row to themselves.
const Tested reason.Code = "test_sent"

// Bounds of campaigns.
const (
	MaxName = 100  // characters
	MaxText = 5000 // characters
)

// Add counts a row where it is.
func (c *Counts) Add(row *Row) {
	switch row.State {
	case Waiting:
		c.Waiting++
	case Taken:
		c.Taken++
	case Skipped:
		c.Skipped++
	case RowCanceled:
		c.Canceled++
	case Ended:
		c.Ended.add(row)
	}
}

func (o *Outcomes) add(row *Row) {
	o.Segments += row.Segments
	o.Price += row.Price
	switch row.Status {
	case sms.Delivered:
		o.Delivered++
	case sms.Undelivered:
		o.Undelivered++
	case sms.Expired:
		o.Expired++
	case sms.Rejected:
		o.Rejected++
	default: // a message that ended otherwise did not leave
		o.Canceled++
	}
}
