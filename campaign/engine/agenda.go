package engine

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"relais/campaign"
	"relais/campaign/appointment"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// Codes about reminders of appointments.
const (
	CodeManyGone reason.Code = "appointments_many_gone"
	CodeNoKeys   reason.Code = "appointment_no_key_column"
	CodeNoDates  reason.Code = "appointment_no_date_column"

	codeKey      reason.Code = "appointment_key_missing"
	codeKeyTwice reason.Code = "appointment_key_twice"
	codeKeyLong  reason.Code = "appointment_key_too_long"
	codeZone     reason.Code = "appointment_zone"
	codeOwnTimes reason.Code = "appointment_own_times"
	codeNoRetry  reason.Code = "appointment_no_retry"
	codeWeekday  reason.Code = "appointment_weekday"
	codeCompared reason.Code = "appointments_compared"
	codeAndGone  reason.Code = "appointments_compared/complete"

	tooLate reason.Code = "too_late/appointment"
)

// mostKey is how long the key of an appointment may be, in characters.
const mostKey = 200

// checkAppointments refuses rules and a zone that nobody can read, and writes them as they are kept.
func checkAppointments(c *ledger.Content) error {
	a := &c.Options.Appointments
	if *a == (ledger.Appointments{}) {
		return nil
	}
	rules, err := appointment.ReadRules(a.Rules)
	if err != nil {
		return &gateway.Error{
			Kind: gateway.Invalid, Reason: reason.OfError(err), Field: "/options/appointments/rules",
		}
	}
	a.Rules = appointment.Canonical(rules)
	for name, column := range map[string]string{"key": a.Key, "date": a.Date, "time": a.Time} {
		if !short(column) {
			return refused("/options/appointments/"+name, codeOption, nil)
		}
	}
	if _, err := zoneNamed(a.Zone, time.UTC); err != nil {
		return refused("/options/appointments/zone", codeZone, reason.Args{"zone": reason.Name(a.Zone)})
	}
	switch {
	case !c.StartAt.IsZero():
		return refused("/start_at", codeOwnTimes, nil)
	case c.Options.EndBy != "":
		return refused("/options/end_by", codeOwnTimes, nil)
	}
	return nil
}

// zoneNamed is a zone by its name; empty: the one that is given. "Local" is no place.
func zoneNamed(name string, otherwise *time.Location) (*time.Location, error) {
	switch {
	case name == "":
		return otherwise, nil
	case strings.EqualFold(name, "local") || !short(name):
		return nil, errors.New("no zone of a place")
	}
	return time.LoadLocation(name)
}

// zoneOf is the zone by whose clock a campaign goes: of its place, else of the gateway.
func (d *Desk) zoneOf(c *ledger.Campaign) *time.Location {
	zone, err := zoneNamed(c.Options.Appointments.Zone, d.zone())
	if err != nil { // the zones of the machine are fewer than when it was written
		return d.zone()
	}
	return zone
}

// agenda is what a check knows of appointments.
type agenda struct {
	of    ledger.Appointments
	rules []appointment.Rule
	zone  *time.Location
	now   time.Time // by the clock of the place

	series                   sms.ID
	key, date, time, weekday int                  // columns; below 0: none
	rows                     map[string]int       // of the table, by key
	waits                    map[string]time.Time // when appointments are of which a reminder waits

	fresh, moved, same, misdated int // appointments
	first, last                  time.Time
}

// agendaOf reads what waits of the series of a campaign; nil: it has no reminders.
func (k *checking) agendaOf(ctx context.Context) (*agenda, error) {
	c := k.campaign
	if !c.Options.Appointments.Any() {
		return nil, nil
	}
	rules, err := appointment.ReadRules(c.Options.Appointments.Rules)
	if err != nil {
		return nil, err
	}
	a := &agenda{
		of: c.Options.Appointments, rules: rules, zone: k.Desk.zoneOf(c), series: c.Series(),
		rows: map[string]int{}, waits: map[string]time.Time{},
	}
	a.now = appointment.Now(k.Desk.Now(), a.zone)
	if err := a.columns(k.layout); err != nil {
		return nil, err
	}
	const page = 1000
	for after := (ledger.SeriesPlace{}); ; {
		found, err := k.Desk.Store.SeriesRows(ctx, c.Account, a.series, after, page)
		if err != nil {
			return nil, err
		}
		for i := range found {
			a.waits[found[i].Key], after = found[i].Meets, found[i].SeriesPlace
		}
		if len(found) < page {
			return a, nil
		}
	}
}

// Names of columns, folded.
var (
	keyNames     = []string{"cle", "clerdv", "identifiant", "idrdv", "rdv", "key", "appointment", "appointmentid"}
	dateNames    = []string{"date", "daterdv", "datedurdv", "daterendezvous", "datedurendezvous"}
	timeNames    = []string{"heure", "heurerdv", "heuredurdv", "heurerendezvous", "heuredurendezvous", "horaire", "time"}
	weekdayNames = []string{"jour", "jourdelasemaine", "day", "weekday"}
)

// columns finds those of the appointments.
func (a *agenda) columns(l *campaign.Layout) (err error) {
	if a.key, err = columnOf(l, a.of.Key, keyNames, CodeNoKeys); err != nil {
		return err
	}
	if a.date, err = columnOf(l, a.of.Date, dateNames, CodeNoDates); err != nil {
		return err
	}
	if a.time, err = columnOf(l, a.of.Time, timeNames, ""); err != nil {
		return err
	}
	for _, column := range []int{a.key, a.date, a.time} {
		if column >= 0 {
			l.Columns[column].Reminds = true
		}
	}
	a.weekday, err = columnOf(l, "", weekdayNames, "")
	return err
}

// columnOf is the column that a person named, else the only one that is called so; below 0, or an
// error where a code is given: there is none.
func columnOf(l *campaign.Layout, named string, names []string, missing reason.Code) (int, error) {
	if named != "" {
		return l.ColumnOf(named)
	}
	found := -1
	for i := range l.Columns {
		for _, name := range names {
			if merge.Fold(l.Columns[i].Name) != name {
				continue
			}
			if found >= 0 && missing != "" {
				return 0, reason.NewError(missing, nil)
			}
			found = i
		}
	}
	if found < 0 && missing != "" {
		return 0, reason.NewError(missing, nil)
	}
	return found, nil
}

// reminder is one of a row of the table; skipped is why it is not sent.
type reminder struct {
	appointment ledger.Appointment
	skipped     reason.Reason
}

// remind makes the reminders of a row that was judged. One that gets none is a row all the same.
func (a *agenda) remind(j *campaign.Judged) []reminder {
	of := ledger.Appointment{Series: a.series}
	of.Key, of.Meets = j.Cell(a.key), time.Time{}
	first, twice := a.rows[of.Key]
	switch {
	case of.Key == "":
		return []reminder{{skipped: firstReason(j.Skipped, reason.Of(codeKey, nil))}}
	case utf8.RuneCountInString(of.Key) > mostKey:
		return []reminder{{skipped: reason.Of(codeKeyLong, reason.Args{"most": reason.Count(mostKey)})}}
	case twice: // the key stays that of the first
		return []reminder{{skipped: reason.Of(codeKeyTwice, reason.Args{"row": reason.Count(first)})}}
	}
	a.rows[of.Key] = j.Row
	found, why := appointment.When(a.cells(j))
	of.Meets = found.Meets
	a.compare(&of)
	if why = firstReason(j.Skipped, why); !why.IsZero() {
		return []reminder{{of, why}}
	}
	if found.Weekday || a.otherDay(j, found.Meets) {
		a.misdated++
	}
	all := make([]reminder, len(a.rules))
	for i, rule := range a.rules {
		all[i].appointment = of
		all[i].appointment.Rule, all[i].appointment.Due = rule.String(), rule.Due(of.Meets, a.zone)
	}
	return all
}

func firstReason(all ...reason.Reason) reason.Reason {
	for _, one := range all {
		if !one.IsZero() {
			return one
		}
	}
	return reason.Reason{}
}

func (a *agenda) cells(j *campaign.Judged) (c appointment.Cells) {
	c.Date = j.Cell(a.date)
	if a.date < len(j.Cells) {
		c.Day = j.Cells[a.date].When
	}
	if a.time >= 0 {
		c.Time = j.Cell(a.time)
	}
	return c
}

// otherDay reports whether the row names another day of the week, in a column of its own.
func (a *agenda) otherDay(j *campaign.Judged, meets time.Time) bool {
	if a.weekday < 0 || a.weekday == a.date {
		return false
	}
	weekday, known := appointment.WeekdayOf(j.Cell(a.weekday))
	return known && weekday != meets.Weekday()
}

// compare counts an appointment against what waits.
func (a *agenda) compare(of *ledger.Appointment) {
	switch waits, known := a.waits[of.Key]; {
	case !known:
		a.fresh++
	case of.Meets.IsZero() || waits.Equal(of.Meets):
		a.same++
	default:
		a.moved++
	}
}

// missed reports whether the time of a reminder is over, by the clock of the place, or comes after the
// appointment.
func missed(of *ledger.Appointment, now time.Time) bool {
	return !now.Before(of.Meets) || !of.Due.Before(of.Meets) || now.Sub(of.Due) > startWithin
}

// sees remembers when the first reminder leaves and the last one.
func (a *agenda) sees(due time.Time) {
	if a.first.IsZero() || due.Before(a.first) {
		a.first = due
	}
	if due.After(a.last) {
		a.last = due
	}
}

// report says what was found. Where a table that is declared whole lacks many appointments of which
// a reminder waits, a person is asked.
func (a *agenda) report(r *campaign.Report, again bool) error {
	gone := 0
	for key := range a.waits {
		if _, stays := a.rows[key]; !stays {
			gone++
		}
	}
	const fifth = 5
	if a.of.Complete && !a.of.Many && gone*fifth > len(a.waits) {
		return reason.NewError(CodeManyGone, reason.Args{
			"count": reason.Count(gone), "of": reason.Count(len(a.waits)),
		})
	}
	if a.misdated > 0 {
		r.Warn(reason.Of(codeWeekday, reason.Args{"count": reason.Count(a.misdated)}))
	}
	if again {
		code := codeCompared
		if a.of.Complete {
			code = codeAndGone
		}
		r.Note(reason.Of(code, reason.Args{
			"new": reason.Count(a.fresh), "moved": reason.Count(a.moved), "same": reason.Count(a.same),
			"gone": reason.Count(gone),
		}))
	}
	if r.Forecast != nil && !a.first.IsZero() {
		last := appointment.Instant(a.last, a.zone).UTC()
		r.Forecast.Start, r.Forecast.Last = appointment.Instant(a.first, a.zone).UTC(), &last
	}
	return nil
}
