package appointment_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"relais/campaign/appointment"
)

func TestReadRules(t *testing.T) {
	for text, want := range map[string]string{
		"1d 18:00":                            "1d 18:00",
		"la veille à 18 h":                    "1d 18:00",
		"La veille a 18h30":                   "1d 18:30",
		"the day before at 18:00":             "1d 18:00",
		"l’avant-veille à 9h":                 "2d 09:00",
		"J-3 9:00":                            "3d 09:00",
		"7 jours avant à 9 h":                 "7d 09:00",
		"7 days before at 09:00":              "7d 09:00",
		"le jour même à 8 h":                  "0d 08:00",
		"the same day at 8:00":                "0d 08:00",
		"2 h avant":                           "2h",
		"2 hours before":                      "2h",
		"1h30":                                "1h30m",
		"1h30m":                               "1h30m",
		"90 min avant":                        "1h30m",
		"45m":                                 "45m",
		"2 h avant, la veille à 18 h":         "1d 18:00, 2h",
		"1d 18:00, 7d 9:00, 2h, 24h, 0d 8:00": "7d 09:00, 1d 18:00, 24h, 2h, 0d 08:00",

		"":                         "appointment_rule",
		"la veille":                "appointment_rule",
		"la veille à 25 h":         "appointment_rule",
		"soon":                     "appointment_rule",
		"2":                        "appointment_rule",
		"2 h après":                "appointment_rule",
		"1m":                       "appointment_rule",
		"73h":                      "appointment_rule",
		"61d 9:00":                 "appointment_rule",
		"2h, 120m":                 "appointment_rule", // the same
		"1h, 2h, 3h, 4h, 5h, 6h":   "appointment_rule",
		"1d 18:00,":                "appointment_rule",
		"la veille à 18 h ou 19 h": "appointment_rule",
	} {
		rules, err := appointment.ReadRules(text)
		got := appointment.Canonical(rules)
		if err != nil {
			got = "appointment_rule"
		}
		if got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, err, want)
		}
		if again, err := appointment.ReadRules(got); want != "appointment_rule" && (err != nil || appointment.Canonical(again) != got) {
			t.Errorf("%q, read again: %v, %v", got, again, err)
		}
	}
}

// TestDue has both changes of hour of 2027: 28 March, when 02:00 is 03:00, and 31 October, when
// 03:00 is 02:00.
func TestDue(t *testing.T) {
	const day = "2006-01-02 15:04"
	for _, tc := range []struct{ name, zone, meets, rule, want, utc string }{
		{"an ordinary day", "Europe/Paris", "2026-12-03 14:30", "1d 18:00", "2026-12-02 18:00", "2026-12-02 17:00"},
		{"hours before", "Europe/Paris", "2026-12-03 14:30", "2h", "2026-12-03 12:30", "2026-12-03 11:30"},
		{"the day before the clock is put forward", "Europe/Paris", "2027-03-28 10:00", "1d 18:00", "2027-03-27 18:00", "2027-03-27 17:00"},
		{"the day before, on the other side", "Europe/Paris", "2027-03-29 10:00", "1d 18:00", "2027-03-28 18:00", "2027-03-28 16:00"},
		{"a time that never comes", "Europe/Paris", "2027-03-29 10:00", "1d 02:30", "2027-03-28 01:30", "2027-03-28 00:30"},
		{"hours over the missing one", "Europe/Paris", "2027-03-28 04:30", "2h", "2027-03-28 01:30", "2027-03-28 00:30"},
		{"a meeting that never comes", "Europe/Paris", "2027-03-28 02:30", "1h", "2027-03-28 00:30", "2027-03-27 23:30"},
		{"the day before the clock is put back", "Europe/Paris", "2027-10-31 10:00", "1d 18:00", "2027-10-30 18:00", "2027-10-30 16:00"},
		{"the day before, back on the other side", "Europe/Paris", "2027-11-01 10:00", "1d 18:00", "2027-10-31 18:00", "2027-10-31 17:00"},
		{"a time that comes twice", "Europe/Paris", "2027-11-01 10:00", "1d 02:30", "2027-10-31 02:30", "2027-10-31 00:30"},
		{"hours over the doubled one", "Europe/Paris", "2027-10-31 04:30", "3h", "2027-10-31 02:30", "2027-10-31 00:30"},
		{"a day of its own", "Indian/Reunion", "2027-03-28 10:00", "1d 18:00", "2027-03-27 18:00", "2027-03-27 14:00"},
		{"over the end of a year", "Europe/Paris", "2027-01-01 09:00", "2d 09:00", "2026-12-30 09:00", "2026-12-30 08:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			zone, err := time.LoadLocation(tc.zone)
			if err != nil {
				t.Fatal(err)
			}
			meets, err := time.Parse(day, tc.meets)
			if err != nil {
				t.Fatal(err)
			}
			rules, err := appointment.ReadRules(tc.rule)
			if err != nil {
				t.Fatal(err)
			}
			due := rules[0].Due(meets, zone)
			if got := due.Format(day); got != tc.want {
				t.Errorf("due %s, want %s", got, tc.want)
			}
			at := appointment.Instant(due, zone)
			if got := at.UTC().Format(day); got != tc.utc {
				t.Errorf("at %s, want %s", got, tc.utc)
			}
			if shown := appointment.Now(at, zone); !shown.Equal(due) {
				t.Errorf("the clock shows %s then", shown)
			}
		})
	}
}
