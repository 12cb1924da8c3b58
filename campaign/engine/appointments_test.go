package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/campaign"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// reminders makes a campaign of reminders; a world of tests begins on Saturday, 1 January 2000.
func (w *world) reminders(t *testing.T, o ledger.Options, table string) ledger.Campaign {
	t.Helper()
	c, err := w.Create(t.Context(), "default", ledger.Content{
		Name: "Rappels", Text: "((clé)) le ((date)) à ((heure))", Class: sms.Transactional, Options: o,
	}, by)
	if err != nil {
		t.Fatal(err)
	}
	return w.judged(t, &c, table)
}

// judged gives a campaign its table, and has it checked.
func (w *world) judged(t *testing.T, c *ledger.Campaign, table string) ledger.Campaign {
	t.Helper()
	_, err := w.PutFile(t.Context(), "default", c.ID, 0, "rdv.csv", strings.NewReader(table), by)
	if err == nil {
		_, err = w.Check(t.Context(), "default", c.ID, by)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.await(t, c.ID, ledger.Ready, ledger.Draft)
}

// fates are the rows of a campaign: key and rule, then when the reminder leaves, or why it does not.
func (w *world) fates(t *testing.T, id sms.ID) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, row := range w.rows(t, id) {
		fate := row.Appointment.Due.Format("02 15:04")
		if row.State == ledger.Skipped {
			fate = string(row.Reason.Code)
		}
		all[strings.TrimSpace(row.Appointment.Key+" "+row.Appointment.Rule)] = fate
	}
	return all
}

func differ(t *testing.T, got, want map[string]string) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestEachRuleMakesAReminder(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.reminders(t, ledger.Options{
			Appointments: ledger.Appointments{Rules: "2 h avant, la veille à 18 h"},
		}, "Jour;Clé;Tél;Date;Heure\n"+
			"lundi;A;0639980001;03/01/2000;14h30\n"+
			"lundi;B;0639980002;4 janv. 2000;9h\n"+ // a Tuesday
			";C;0639980003;01/01/2000;3h\n"+ // the day before is over
			";D;0639980004;31/12/1999;10h\n"+
			";E;3,36E+10;03/01/2000;10h\n"+
			";;0639980006;03/01/2000;10h\n"+
			";A;0639980007;03/01/2000;10h\n"+
			";G;0639980008;30/02/2000;10h\n"+
			";H;0639980009;03/01/2000;midi\n"+
			";I;0639980001;03/01/2000;14h30\n") // another one of the same person
		differ(t, w.fates(t, c.ID), map[string]string{
			"A 1d 18:00": "02 18:00", "A 2h": "03 12:30", "B 1d 18:00": "03 18:00", "B 2h": "04 07:00",
			"C 1d 18:00": "too_late/appointment", "C 2h": "01 01:00", "D": "appointment_date",
			"E": "number_scientific", "": "appointment_key_twice", "G": "appointment_date", "H": "appointment_time",
			"I 1d 18:00": "02 18:00", "I 2h": "03 12:30",
		})
		report, err := campaign.ReadReport(c.Report, reason.English)
		if err != nil || report.Rows.Ready != 7 || report.Forecast.Last == nil ||
			report.Forecast.Start.Format(time.DateTime) != "2000-01-01 01:00:00" ||
			report.Forecast.Last.Format(time.DateTime) != "2000-01-04 07:00:00" {
			t.Fatalf("%+v, %+v, %v", report.Rows, report.Forecast, err)
		}
		if !slices.ContainsFunc(report.Warnings, func(s campaign.Said) bool { return s.Code == "appointment_weekday" }) {
			t.Errorf("%+v", report.Warnings)
		}
		p, err := w.PreviewRow(t.Context(), "default", c.ID, ledger.RuleRows+2)
		if err != nil || p.Result == nil || p.Result.Messages[0].DueAt.Format(time.DateTime) != "2000-01-03 12:30:00" {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Now().Add(time.Hour), by); code(err) != "appointment_own_times /start_at" {
			t.Errorf("a time of its own: %s", code(err))
		}
		if c, err = w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 59*time.Minute)
		w.waitsFor(t, &c, ledger.ForTime)
		if n := len(o.sent()); n != 0 {
			t.Errorf("%d left before", n)
		}
		sleep(t, 2*time.Minute)
		if sent := o.sent(); len(sent) != 1 || sent[0].Text != "C le 01/01/2000 à 3h" {
			t.Errorf("%+v", sent)
		}
	})
}

// TestACellIsInNoReason: what stands in a cell that is no date or no time is not kept with the reason,
// which outlives the erasure of the person.
func TestACellIsInNoReason(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		c := w.reminders(t, ledger.Options{Appointments: ledger.Appointments{Rules: "2h"}}, "Clé;Tél;Date;Heure\n"+
			"A;0639980001;Marie Durand 12 rue du Lac;9h\n"+
			"B;0639980002;03/01/2000 Marie Durand;-\n"+
			"C;0639980003;03/01/2000;25h Marie Durand\n"+
			"D;0639980004;03/01/2000;9h\n")
		differ(t, w.fates(t, c.ID), map[string]string{
			"A": "appointment_date", "B": "appointment_time", "C": "appointment_time", "D 2h": "03 07:00",
		})
		for _, row := range w.rows(t, c.ID) {
			for _, l := range reason.Languages() {
				if said := row.Reason.Text() + row.Reason.In(l); strings.Contains(said, "Durand") || strings.Contains(said, "<no value>") {
					t.Errorf("row %d: %s", row.Row, said)
				}
			}
		}
		if strings.Contains(string(c.Report), "Durand") {
			t.Errorf("%s", c.Report)
		}
	})
}

// TestRemindersLeaveEarlier where they would leave outside of the hours of their campaign, and not
// later; one whose time is over by then is left out.
func TestRemindersLeaveEarlier(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		c := w.reminders(t, ledger.Options{
			Hours: "09:00-12:00,14:00-18:00", Days: "mon-fri",
			Appointments: ledger.Appointments{Rules: "1d 18:00, 2h, 45m"},
		}, "Clé;Tél;Date;Heure\n"+
			"A;0639980001;06/01/2000;15h\n"+ // a Thursday
			"B;0639980002;05/01/2000;8h\n"+
			"C;0639980003;03/01/2000;8h\n") // a Monday; the hours before are those of Friday, and over
		differ(t, w.fates(t, c.ID), map[string]string{
			"A 1d 18:00": "05 17:30", "A 2h": "06 11:30", "A 45m": "06 14:15",
			"B 1d 18:00": "04 17:30", "B 2h": "04 17:30", "B 45m": "04 17:30",
			"C 1d 18:00": "too_late/appointment", "C 2h": "too_late/appointment", "C 45m": "too_late/appointment",
		})
	})
}

// TestHoursAreAskedOnce for all numbers that go the same way, whatever their first digits, and each time
// at which reminders would leave.
func TestHoursAreAskedOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		asked := func(rows int) int64 {
			table := &strings.Builder{}
			table.WriteString("Clé;Tél;Date;Heure\n")
			for i := range rows {
				fmt.Fprintf(table, "%d;06%08d;06/01/2000;%dh%02d\n", i, i*51_011, 9+i%8, 5*(i%12))
			}
			before := w.door.asked.Load()
			c := w.reminders(t, ledger.Options{
				Hours: "09:00-12:00", Appointments: ledger.Appointments{Rules: "1d 18:00, 2h"},
			}, table.String())
			if report, err := campaign.ReadReport(c.Report, reason.English); err != nil || report.Rows.Ready != 2*rows {
				t.Fatalf("%+v, %v", report, err)
			}
			return w.door.asked.Load() - before
		}
		if few, many := asked(96), asked(960); many > 2*few {
			t.Errorf("%d questions for 96 rows, %d for ten times as many", few, many)
		}
	})
}

// TestTheForecastCountsRemindersThatLeave, and no other ones.
func TestTheForecastCountsRemindersThatLeave(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		c := w.reminders(t, ledger.Options{Appointments: ledger.Appointments{Rules: "1d 18:00, 2h"}},
			"Clé;Tél;Date;Heure\nA;0639980001;01/01/2000;3h\nB;0639980002;01/01/2000;4h\n") // the day before is over
		report, err := campaign.ReadReport(c.Report, reason.English)
		if err != nil || report.Rows.Ready != 2 || report.Forecast == nil || len(report.Forecast.Routes) != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		if f := report.Forecast; f.WithoutPrice != 2 || f.Routes[0].Messages != 2 || f.Routes[0].Segments != 2 {
			t.Errorf("%+v", f)
		}
	})
}

// TestRemindersThatCanStillLeave: one that would leave outside of hours, and not before any more, leaves
// when they open next, where that is before the appointment.
func TestRemindersThatCanStillLeave(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		sleep(t, 12*time.Hour+4*time.Minute)
		c := w.reminders(t, ledger.Options{
			Hours: "14:00-18:00", Appointments: ledger.Appointments{Rules: "2h"},
		}, "Clé;Tél;Date;Heure\n"+
			"A;0639980001;01/01/2000;15h\n"+
			"B;0639980002;01/01/2000;14h\n"+ // it begins when they open
			"C;0639980003;01/01/2000;14h05\n"+
			"D;0639980004;01/01/2000;14h01\n"+ // its time has come, and it would be over at 14:00
			"E;0639980005;01/01/2000;17h\n")
		differ(t, w.fates(t, c.ID), map[string]string{
			"A 2h": "01 14:00", "B 2h": "too_late/appointment", "C 2h": "01 14:00", "D 2h": "01 14:00", "E 2h": "01 15:00",
		})
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 119*time.Minute)
		if sent := o.sent(); len(sent) != 3 {
			t.Errorf("%+v", sent)
		}
	})
}

// TestRemindersThatArePausedTooLong are left out where their time is over.
func TestRemindersThatArePausedTooLong(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.reminders(t, ledger.Options{Appointments: ledger.Appointments{Rules: "2h"}},
			"Clé;Tél;Date;Heure\nA;0639980001;01/01/2000;2h15\nB;0639980002;01/01/2000;4h\n")
		c, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by)
		if err == nil {
			_, err = w.Pause(t.Context(), "default", c.ID, by)
		}
		if err != nil {
			t.Fatal(err)
		}
		sleep(t, 150*time.Minute)
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, time.Minute)
		if sent := o.sent(); len(sent) != 1 || sent[0].Text != "B le 01/01/2000 à 4h" || !sent[0].ExpiresAt.Equal(time.Date(2000, 1, 1, 4, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", sent)
		}
		for _, row := range w.rows(t, c.ID) {
			if (row.Appointment.Key == "A") != (row.Code == string(engine.TooLate)) {
				t.Errorf("%+v", row)
			}
		}
	})
}

func TestRemindersThatCannotBe(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		good := ledger.Content{
			Name: "Rappels", Text: "a", Class: sms.Transactional,
			Options: ledger.Options{Appointments: ledger.Appointments{Rules: "2h"}},
		}
		for name, change := range map[string]func(c *ledger.Content){
			"appointment_rule /options/appointments/rules": func(c *ledger.Content) { c.Options.Appointments.Rules = "soon" },
			"appointment_zone /options/appointments/zone":  func(c *ledger.Content) { c.Options.Appointments.Zone = "Europe/Atlantis" },
			"appointment_own_times /options/end_by":        func(c *ledger.Content) { c.Options.EndBy = "2000-02-01T00:00:00Z" },
			"appointment_own_times /start_at":              func(c *ledger.Content) { c.StartAt = time.Now().Add(time.Hour) },
			"campaign_option /options/appointments/key":    func(c *ledger.Content) { c.Options.Appointments.Key = "a\x00" },
		} {
			wrong := good
			change(&wrong)
			if _, err := w.Create(t.Context(), "default", wrong, by); code(err) != name {
				t.Errorf("%s, want %s", code(err), name)
			}
		}
		for want, table := range map[string]string{
			"appointment_no_key_column":  "Nom;Tél;Date;Heure\nA;0639980001;03/01/2000;4h\n",
			"appointment_no_date_column": "Clé;Tél;Quand\nA;0639980001;03/01/2000 4h\n",
		} {
			c, err := w.Create(t.Context(), "default", good, by)
			if err != nil {
				t.Fatal(err)
			}
			if c = w.judged(t, &c, table); string(c.Problem.Code) != want || c.Status != ledger.Draft {
				t.Errorf("%s, %+v; want %s", c.Status, c.Problem, want)
			}
		}
	})
}

// TestANewTableTakesOver: until it starts, the reminders of before wait; then each leaves once, at the
// time of the new table. One that was compared with what waited before is checked again.
func TestANewTableTakesOver(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		var table strings.Builder
		table.WriteString("Clé;Tél;Date;Heure\n")
		const rows = 30
		for i := range rows {
			fmt.Fprintf(&table, "K%d;06399800%02d;01/01/2000;3h\n", i, i)
		}
		c := w.reminders(t, ledger.Options{Appointments: ledger.Appointments{Rules: "2h"}}, table.String())
		c, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by)
		if err != nil {
			t.Fatal(err)
		}
		sleep(t, time.Second) // what is checked at the moment of a start may have seen it or not
		next, err := w.Correct(t.Context(), "default", c.ID, by)
		if err != nil {
			t.Fatal(err)
		}
		next = w.judged(t, &next, strings.ReplaceAll(table.String(), ";3h", ";4h"))
		other, err := w.Correct(t.Context(), "default", c.ID, by)
		if err != nil {
			t.Fatal(err)
		}
		other = w.judged(t, &other, table.String())
		if _, err = w.Start(t.Context(), "default", next.ID, next.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		// What the other was compared with is no longer so.
		if _, err = w.Start(t.Context(), "default", other.ID, other.Check, time.Time{}, by); code(err) != "check_outdated " {
			t.Errorf("a table that was checked before: %s", code(err))
		}
		w.await(t, c.ID, ledger.Finished)
		sleep(t, 2*time.Hour)
		w.await(t, next.ID, ledger.Finishing, ledger.Finished)
		sent := o.sent()
		for i := range sent {
			if !strings.HasSuffix(sent[i].Text, " 4h") {
				t.Errorf("%q", sent[i].Text)
			}
		}
		if len(sent) != rows {
			t.Errorf("%d left, want %d", len(sent), rows)
		}
		if _, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by}); code(err) != "appointment_no_retry " {
			t.Errorf("a retry: %s", code(err))
		}
	})
}
