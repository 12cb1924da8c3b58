package console

import (
	"cmp"
	"strings"
	"time"

	"relais/auth"
	"relais/campaign/appointment"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/reason"
)

// appointmentRoutes are the pages of campaigns that remind of appointments.
func appointmentRoutes() []route {
	return []route{
		{"GET /console/campaigns/{id}/appointments", auth.DraftCampaigns, showAppointments},
		{"POST /console/campaigns/{id}/appointments", auth.DraftCampaigns, changeAppointments},
		{"POST /console/campaigns/{id}/gone", auth.DraftCampaigns, letAppointmentsGo},
	}
}

// appointmentsPage is a part of the third step: when reminders leave, and which columns say of what.
type appointmentsPage struct {
	*campaignColumnsPage

	Of    ledger.Appointments
	Rules string // as typed, or in words
}

// Again reports whether the table is one that comes again.
func (p *appointmentsPage) Again() bool { return !p.Campaign.Options.From.Campaign.IsZero() }

// Keys are the columns that may name an appointment.
func (p *appointmentsPage) Keys() []option { return p.guessedOr(p.Of.Key) }

// Dates are the columns that may have the dates.
func (p *appointmentsPage) Dates() []option { return p.guessedOr(p.Of.Date) }

// Times are the columns that may have the times.
func (p *appointmentsPage) Times() []option { return p.guessedOr(p.Of.Time) }

func (p *appointmentsPage) guessedOr(chosen string) []option {
	return append([]option{{"", p.say("appointments_guessed"), chosen == ""}}, p.columns(chosen)...)
}

func appointmentsPageOf(q *request) (*appointmentsPage, answer, error) {
	columns, elsewhere, err := columnsPage(q)
	if err != nil || elsewhere != nil {
		return nil, elsewhere, err
	}
	p := &appointmentsPage{campaignColumnsPage: columns, Of: columns.Campaign.Options.Appointments}
	p.Rules = rulesInWords(p.Of.Rules, p.Lang)
	return p, nil, nil
}

func showAppointments(q *request) (answer, error) {
	p, elsewhere, err := appointmentsPageOf(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	return view{name: "campaign_appointments", data: p}, nil
}

// changeAppointments keeps when reminders leave. Without any rule the campaign has none any more.
func changeAppointments(q *request) (answer, error) {
	p, elsewhere, err := appointmentsPageOf(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	if err := q.read("version", "rules", "key", "date", "time", "zone", "complete"); err != nil {
		return nil, err
	}
	had := p.Of
	p.Rules = q.field("rules")
	p.Of = ledger.Appointments{
		Rules: p.Rules, Key: q.field("key"), Date: q.field("date"), Time: q.field("time"), Zone: q.field("zone"),
		Complete: q.field("complete") == "1", Many: had.Many,
	}
	content := p.Campaign.Content
	if content.Options.Appointments = p.Of; p.Rules == "" && had.Any() {
		content.Options.Appointments = ledger.Appointments{}
	}
	if rules, err := appointment.ReadRules(p.Rules); err == nil {
		content.Options.Appointments.Rules = appointment.Canonical(rules) // what changes nothing keeps its check
	}
	if err := p.change(q, content); err != nil {
		return p.refusedAppointments(q, err)
	}
	return redirect{to: p.Path + "/" + stepColumns}, nil
}

// fieldsOfAppointments are the fields of the form by those of a campaign.
var fieldsOfAppointments = map[string]string{
	"/options/appointments/rules": "rules", "/options/appointments/key": "key", "/options/appointments/date": "date",
	"/options/appointments/time": "time", "/options/appointments/zone": "zone",
}

func (p *appointmentsPage) refusedAppointments(q *request, err error) (answer, error) {
	if hasMoved(err) {
		return redirect{p.Path, "campaign_moved"}, nil
	}
	status := p.refusedCampaign(q, err, fieldsOfAppointments, "rules")
	if status == 0 {
		return nil, campaignError(err)
	}
	return view{"campaign_appointments", p, status}, nil
}

// letAppointmentsGo answers that many appointments may go, and has the table checked again.
func letAppointmentsGo(q *request) (answer, error) {
	if err := q.read("version"); err != nil {
		return nil, err
	}
	f, elsewhere, err := q.atStep(stepCheck)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignCheckPage{campaignFrame: f}
	if !p.Asks() {
		return redirect{to: p.Path + "/" + stepCheck}, nil // it was answered
	}
	content := p.Campaign.Content
	content.Options.Appointments.Many = true
	if err := p.change(q, content); err != nil {
		return refusedStep(q, "campaign_check", p, err, "problem")
	}
	return p.begin(q, "campaign_check", p, stepCheck, "problem")
}

// Asks reports whether the check asks whether many appointments may go.
func (p *campaignCheckPage) Asks() bool {
	return p.Campaign.Status == ledger.Draft && p.Campaign.Problem.Is(engine.CodeManyGone)
}

// Reminds reports whether the campaign reminds of appointments.
func (p *campaignFrame) Reminds() bool { return p.Campaign.Options.Appointments.Any() }

// Reminders are its rules in words.
func (p *campaignFrame) Reminders() string {
	return rulesInWords(p.Campaign.Options.Appointments.Rules, p.Lang)
}

// rulesInWords puts rules as they are kept into words, which are read as the same rules.
func rulesInWords(kept string, l reason.Language) string {
	rules, err := appointment.ReadRules(kept)
	if err != nil {
		return kept
	}
	words := make([]string, len(rules))
	for i, r := range rules {
		words[i] = ruleInWords(r, l)
	}
	return strings.Join(words, ", ")
}

func ruleInWords(r appointment.Rule, l reason.Language) string {
	args := reason.Args{
		"count": reason.Count(r.Days), "time": reason.Clock(int(r.Clock / time.Minute)),
		"hours": reason.Count(int(r.Before / time.Hour)), "minutes": reason.Count(int(r.Before % time.Hour / time.Minute)),
	}
	name := "appointments_rule_days"
	switch {
	case r.Before == 0 && r.Days == 0:
		name = "appointments_rule_same_day"
	case r.Before == 0 && r.Days == 1:
		name = "appointments_rule_day_before"
	case r.Before == 0:
	case r.Before%time.Hour == 0:
		name = "appointments_rule_hours"
	case r.Before < time.Hour:
		name = "appointments_rule_minutes"
	default:
		name = "appointments_rule_both"
	}
	return reason.Of(Words+"/"+reason.Code(name), args).In(l)
}

// appointmentShown is what a row reminds of.
type appointmentShown struct {
	Key   string // empty to those who may not read what is in tables
	Rule  string
	Meets *moment // nil: nobody can read it
	Due   *moment // nil: its reminder never leaves
}

// appointment shows what a row reminds of; nil: nothing.
func (p *campaignRowsPage) appointment(a *ledger.Appointment) *appointmentShown {
	if a.Key == "" {
		return nil
	}
	shown := &appointmentShown{Rule: rulesInWords(a.Rule, p.Lang), Meets: p.byClock(a.Meets), Due: p.byClock(a.Due)}
	if p.SeesTexts() {
		shown.Key = a.Key
	}
	return shown
}

// byClock is what the clock of a place shows, which has no zone.
func (p *campaignRowsPage) byClock(at time.Time) *moment {
	if at.IsZero() {
		return nil
	}
	said := reason.Of(Words+"/day_and_hour", reason.Args{
		"day": reason.Day(at.Format(time.DateOnly)), "time": reason.Clock(at.Hour()*60 + at.Minute()),
	}).In(p.Lang)
	return &moment{Machine: at.Format(localForm), People: unbroken(said)}
}

// appointmentCells are those of an export: key, rule, and the two times as programs read them.
func appointmentCells(a *ledger.Appointment, rule string) []string {
	clock := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format("2006-01-02 15:04")
	}
	return []string{a.Key, clock(a.Meets), cmp.Or(rule, a.Rule), clock(a.Due)}
}
