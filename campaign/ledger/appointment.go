package ledger

import (
	"time"

	"relais/reason"
	"relais/sms"
)

// Appointments make reminders of the rows of a campaign: each row of the table is an appointment,
// and has a reminder for each rule. Zero: it is an ordinary campaign.
type Appointments struct {
	Rules    string `json:"rules,omitempty" required:"false" doc:"when reminders leave, parted by commas: 1d 18:00 (the day before), 0d 08:00 (the same day), 2h, 1h30m, 45m; also in words of English or French; absent: it has no reminders"`
	Key      string `json:"key,omitempty" required:"false" doc:"the column with what names an appointment, by its name or letter; absent: the one that is called so"`
	Date     string `json:"date,omitempty" required:"false" doc:"the column with the dates; absent: the one that is called so"`
	Time     string `json:"time,omitempty" required:"false" doc:"the column with the times; absent: the one that is called so, else the dates have them"`
	Zone     string `json:"zone,omitempty" required:"false" doc:"of the place, by its name, such as Indian/Reunion; absent: the gateway's"`
	Complete bool   `json:"complete,omitempty" required:"false" doc:"the table has every appointment: reminders of those that it lacks are canceled when it starts"`
	Many     bool   `json:"many,omitempty" required:"false" doc:"also where more than a fifth of them go"`
}

// Any reports whether there are reminders.
func (a Appointments) Any() bool { return a.Rules != "" }

// Appointment is what a row reminds of.
type Appointment struct {
	// Series is the first of the campaigns that go on from each other.
	Series sms.ID
	Key    string
	Rule   string // as package appointment keeps it; empty: the row was left out before
	// Meets and Due are wall-clock times of the place, as package appointment has them: when the
	// appointment is, and when its reminder leaves. Zero: nobody knows.
	Meets, Due time.Time
}

// RuleRows is how far apart the reminders of a row of the table are numbered: row 12 is 12 by the
// first rule, 2,000,012 by the second. No table has as many rows.
const RuleRows = 2_000_000

// SeriesPlace is a row of a series.
type SeriesPlace struct {
	Key      string
	Campaign sms.ID
	Row      int
}

// SeriesRow is a reminder that waits.
type SeriesRow struct {
	SeriesPlace

	Meets time.Time
}

// Codes of reminders that are not sent.
const (
	// AlreadyReminded is why a row is skipped: the same reminder was sent, or is on the way.
	AlreadyReminded reason.Code = "appointment_reminded"
	// Replaced and Gone are why a row is canceled: a newer table has the appointment, or has it
	// no more.
	Replaced reason.Code = "appointment_replaced"
	Gone     reason.Code = "appointment_gone"
)

// Series is the first of the campaigns that go on from each other, of which this is one.
func (c *Campaign) Series() sms.ID {
	if c.Options.From.Root.IsZero() {
		return c.ID
	}
	return c.Options.From.Root
}

// SheetRow is the row of the table, as the spreadsheet counts, of which this is the message: reminders
// by several rules have one.
func (r *Row) SheetRow() int { return r.Row % RuleRows }
