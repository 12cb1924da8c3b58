package appointment_test

import (
	"testing"
	"time"

	"relais/campaign/appointment"
)

func TestWhen(t *testing.T) {
	day := time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, date, time string
		day              time.Time
		want             string // a code where nothing is read
		weekday          bool
	}{
		{name: "slashes", date: "03/12/2026", time: "14h30", want: "2026-12-03 14:30"},
		{name: "the day before the month", date: "04/03/2027", time: "9h", want: "2027-03-04 09:00"},
		{name: "points", date: "3.12.2026", time: "14:30", want: "2026-12-03 14:30"},
		{name: "a short year", date: "3-12-26", time: "14 h 30", want: "2026-12-03 14:30"},
		{name: "a short month", date: "3 déc. 2026", time: "9 h", want: "2026-12-03 09:00"},
		{name: "a month without its accents", date: "1er aout 2027", time: "09:00:00", want: "2027-08-01 09:00"},
		{name: "accents in two characters", date: "3 de\u0301cembre 2026", time: "9h", want: "2026-12-03 09:00"},
		{name: "capitals, no-break spaces", date: "JEUDI\u00a03\u202fDÉCEMBRE 2026", time: "14\u00a0H\u00a030", want: "2026-12-03 14:30"},
		{name: "English", date: "3 December 2026", time: "2:30 pm", want: "2026-12-03 14:30"},
		{name: "midnight in English", date: "3 Dec 2026", time: "12:05 AM", want: "2026-12-03 00:05"},
		{name: "as programs write it", date: "2026-12-03", time: "14:30", want: "2026-12-03 14:30"},
		{name: "one cell", date: "03/12/2026 14h30", want: "2026-12-03 14:30"},
		{name: "one cell with a word between", date: "jeudi 3 décembre 2026 à 14 h 30", want: "2026-12-03 14:30"},
		{name: "one cell of a program", date: "2026-12-03T14:30:00", want: "2026-12-03 14:30"},
		{name: "an article", date: "le 3 décembre 2026", time: "à 9h", want: "2026-12-03 09:00"},
		{name: "a leap day", date: "29/02/2028", time: "9h", want: "2028-02-29 09:00"},
		{name: "another day of the week", date: "mardi 3 décembre 2026", time: "9h", want: "2026-12-03 09:00", weekday: true},
		{name: "its day of the week, short", date: "jeu. 3 déc. 2026", time: "9h", want: "2026-12-03 09:00"},
		{name: "a day of a workbook", date: "12/3/26", day: day, time: "14:30", want: "2026-12-03 14:30"},
		{name: "a day of a workbook with its time", date: "3 déc.", day: day.Add(9 * time.Hour), want: "2026-12-03 09:00"},
		{name: "a day of a workbook alone", date: "3 déc.", day: day, want: "appointment_time_missing"},
		{name: "nothing", want: "appointment_date_missing"},
		{name: "no time", date: "03/12/2026", want: "appointment_time_missing"},
		{name: "the month before the day", date: "12/31/2026", time: "9h", want: "appointment_date"},
		{name: "a day that there is not", date: "29/02/2027", time: "9h", want: "appointment_date"},
		{name: "no year", date: "3 décembre", time: "9h", want: "appointment_date"},
		{name: "a month that could be two", date: "3 jui 2026", time: "9h", want: "appointment_date"},
		{name: "an old year", date: "03/12/1926", time: "9h", want: "appointment_date"},
		{name: "digits behind", date: "03/12/20261", time: "9h", want: "appointment_date"},
		{name: "words", date: "à convenir", time: "9h", want: "appointment_date"},
		{name: "no hour of a day", date: "03/12/2026", time: "25h", want: "appointment_time"},
		{name: "no minute of an hour", date: "03/12/2026", time: "9h75", want: "appointment_time"},
		{name: "no hour of half a day", date: "03/12/2026", time: "13:30 pm", want: "appointment_time"},
		{name: "a span", date: "03/12/2026", time: "9h-10h", want: "appointment_time"},
		{name: "something behind", date: "03/12/2026 matin", want: "appointment_time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, why := appointment.When(appointment.Cells{Date: tc.date, Day: tc.day, Time: tc.time})
			got := string(why.Code)
			if why.IsZero() {
				got = found.Meets.Format("2006-01-02 15:04")
			}
			if got != tc.want || found.Weekday != tc.weekday {
				t.Errorf("%s, weekday %v; want %s", got, found.Weekday, tc.want)
			}
		})
	}
}

func TestWeekdayOf(t *testing.T) {
	for cell, want := range map[string]string{
		"Jeudi": "Thursday", "jeu.": "Thursday", "monday": "Monday", "": "none", "matin": "none", "lundi ou mardi": "none",
	} {
		got := "none"
		if weekday, ok := appointment.WeekdayOf(cell); ok {
			got = weekday.String()
		}
		if got != want {
			t.Errorf("%q is %s, want %s", cell, got, want)
		}
	}
}

// FuzzWhen: whatever a cell holds, a time is read to the minute, or there is a reason.
func FuzzWhen(f *testing.F) {
	for _, cell := range []string{"jeudi 3 déc. 2026 à 14 h 30", "2026-12-03T14:30:00", "3/12/26", "1er mai 2027"} {
		f.Add(cell, "9h")
		f.Add(cell, "")
	}
	f.Fuzz(func(t *testing.T, date, clock string) {
		found, why := appointment.When(appointment.Cells{Date: date, Time: clock})
		if why.IsZero() != !found.Meets.IsZero() {
			t.Errorf("%v, %v", found, why)
		}
		if found.Meets.Truncate(time.Minute) != found.Meets {
			t.Errorf("%v", found.Meets)
		}
	})
}
