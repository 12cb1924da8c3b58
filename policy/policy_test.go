package policy_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/fr"

	"relais/number"
	"relais/policy"
	"relais/reason"
	"relais/sms"
)

// lines are those of a file of test data that say something.
func lines(t *testing.T, name string) []string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var found []string
	for scan := bufio.NewScanner(file); scan.Scan(); {
		if line := scan.Text(); line != "" && line[0] != '#' {
			found = append(found, line)
		}
	}
	return found
}

func builtin(t *testing.T, names ...string) []*policy.Pack {
	t.Helper()
	var packs []*policy.Pack
	for _, name := range names {
		p, ok := policy.Builtin(name)
		if !ok {
			t.Fatalf("there is no pack %s", name)
		}
		packs = append(packs, p)
	}
	return packs
}

func placeOf(t *testing.T, n string) policy.Place {
	t.Helper()
	parsed, err := number.Parse(n, "FR")
	if err != nil {
		t.Fatalf("%s: %v", n, err)
	}
	return policy.PlaceOf(parsed.Country)
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	tested := map[string]bool{}
	for _, file := range files {
		names := strings.Split(strings.TrimSuffix(filepath.Base(file), ".txt"), "+")
		tested[names[0]] = true
		for _, line := range lines(t, file) {
			t.Run(filepath.Base(file)+" "+line, func(t *testing.T) {
				want := strings.Fields(line)
				v := policy.Next(builtin(t, names...), sms.Class(want[0]),
					placeOf(t, want[1]), at(t, want[2]))
				reason := "none"
				if len(v.Reasons) > 0 {
					reason = string(v.Reasons[0].Kind)
				}
				if !v.Due.Equal(at(t, want[3])) || reason != want[4] || v.Never {
					t.Errorf("due %s (%s), want %s (%s)", v.Due.In(v.Place.Zone), reason, want[3], want[4])
				}
			})
		}
	}
	for _, name := range policy.Names() {
		if !tested[name] {
			t.Errorf("the pack %s has no file of vectors", name)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// What a verdict says is open is open, nothing earlier is, and a code never waits:
// every half hour of a year in every place.
func TestDueIsOpenAndFirst(t *testing.T) {
	for _, name := range []string{"fr-2024-09", "fr-prudent", "ovh"} {
		for _, country := range []string{"FR", "RE", "PF", "PM", "NC"} {
			packs, place := builtin(t, name), policy.PlaceOf(country)
			open := time.Time{} // the last half hour that was seen to be open, from the end
			begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for i := 365*48 + 480; i >= 0; i-- {
				now := begin.Add(time.Duration(i) * 30 * time.Minute)
				v := policy.Next(packs, sms.Marketing, place, now)
				if !v.Moved() {
					open = now
				}
				if i < 365*48 && !v.Due.Equal(open) {
					t.Fatalf("%s in %s at %s: due %s, want %s",
						name, country, now.In(place.Zone), v.Due.In(place.Zone), open.In(place.Zone))
				}
				if code := policy.Next(packs, sms.OTP, place, now); code.Moved() {
					t.Fatalf("a code waits at %s", now)
				}
			}
		}
	}
}

// The library rickar/cal knows the days of metropolitan France.
// In Chile the clocks go from midnight to one o'clock: a day without its first hour.
func TestMidnightThatIsSkipped(t *testing.T) {
	days := ""
	for _, day := range []string{
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday",
	} {
		days += day + " = \"00:00-02:00\"\n"
	}
	p, err := policy.Parse([]byte("name = \"night\"\nversion = 1\nsince = 2026-01-01\nsource = \"this test\"\n" +
		"zone = \"America/Santiago\"\n[windows.marketing]\n" + days))
	if err != nil {
		t.Fatal(err)
	}
	v := p.Next(sms.Marketing, policy.PlaceOf("FR"), at(t, "2026-09-05T12:00:00-04:00"))
	if want := at(t, "2026-09-06T01:00:00-03:00"); !v.Due.Equal(want) {
		t.Errorf("due %s, want %s", v.Due, want)
	}
}

func TestHolidaysAreThoseOfAnIndependentCalendar(t *testing.T) {
	calendar := &cal.Calendar{}
	calendar.AddHoliday(fr.Holidays...)
	for day := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() <= 2030; day = day.AddDate(0, 0, 1) {
		want, _, _ := calendar.IsHoliday(day)
		y, m, d := day.Date()
		if _, got := policy.Holiday("FR", nil, y, m, d); got != want {
			t.Errorf("%s: holiday %v, want %v", day.Format(time.DateOnly), got, want)
		}
	}
}

// date-holidays knows those of Alsace-Moselle and overseas as well.
func TestHolidaysOfEachPlace(t *testing.T) {
	want := map[string]map[string]bool{}
	for _, line := range lines(t, "testdata/holidays.csv")[1:] {
		fields := strings.Split(line, ",")
		if want[fields[0]] == nil {
			want[fields[0]] = map[string]bool{}
		}
		want[fields[0]][fields[1]] = true
	}
	if len(want) != 11 {
		t.Fatalf("%d places, want 11", len(want))
	}
	for place, days := range want {
		country, also := place, []string(nil)
		if place == policy.AlsaceMoselle {
			country, also = "FR", []string{place}
		}
		for day := time.Date(
			2024, 1, 1, 12, 0, 0, 0, time.UTC,
		); day.Year() <= 2030; day = day.AddDate(0, 0, 1) {
			y, m, d := day.Date()
			if _, got := policy.Holiday(country, also, y, m, d); got != days[day.Format(time.DateOnly)] {
				t.Errorf("%s, %s: holiday %v, want %v", place, day.Format(time.DateOnly), got, !got)
			}
		}
	}
	if _, found := policy.Holiday("BE", nil, 2026, time.July, 14); found {
		t.Error("Bastille Day is no holiday in Belgium")
	}
}

func TestSentences(t *testing.T) {
	for _, tc := range []struct {
		name, packs, number, asked, english, french string
	}{
		{
			"too late on a Saturday", "fr-2026-03", "+33639980001", "2026-11-28T21:45:00+01:00",
			"Waits until Monday 30 November 2026, 08:00 (Paris time). It would be Saturday 28 November 2026, 21:45 (Paris time); that day fr-2026-03 (version 1) lets advertising go from 08:00 to 21:30. Nothing is put off to a day that it tolerates and advises against.",
			"Attend jusqu'au lundi 30 novembre 2026 à 8 h 00 (heure de Paris). Ce serait le samedi 28 novembre 2026 à 21 h 45 (heure de Paris)\u00a0: ce jour-là, fr-2026-03 (version 1) admet la publicité de 8 h à 21 h 30. Rien n'est reporté à un jour toléré mais déconseillé.",
		},
		{
			"within", "fr-2026-03", "+68987123456", "2026-11-28T21:45:00+01:00",
			"Saturday 28 November 2026, 10:45 (Tahiti time) is within the hours of fr-2026-03 (version 1).",
			"Samedi 28 novembre 2026 à 10 h 45 (heure de Tahiti) est dans les heures de fr-2026-03 (version 1).",
		},
		{
			"a holiday", "fr-prudent", "+262692123456", "2027-12-20T12:00:00+04:00",
			"Waits until Tuesday 21 December 2027, 08:00 (Réunion time). It would be Monday 20 December 2027, 12:00 (Réunion time), a public holiday (Abolition of slavery), on which fr-prudent (version 1) lets no advertising go.",
			"Attend jusqu'au mardi 21 décembre 2027 à 8 h 00 (heure de La Réunion). Ce serait le lundi 20 décembre 2027 à 12 h 00 (heure de La Réunion), jour férié (Abolition de l'esclavage)\u00a0: fr-prudent (version 1) n'y admet pas la publicité.",
		},
		{"a code", "fr-prudent", "+33639980001", "2026-11-29T03:00:00+01:00", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			class := sms.Marketing
			if tc.english == "" {
				class = sms.OTP
			}
			v := policy.Next(builtin(t, tc.packs), class, placeOf(t, tc.number), at(t, tc.asked))
			if diff := cmp.Diff(v.Reason().In(reason.English), tc.english); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(v.Reason().In("fr"), tc.french); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDefaultHoldsForTheFrenchPlanAlone(t *testing.T) {
	d := policy.Default()
	for country, want := range map[string]bool{
		"FR": true, "RE": true, "YT": true, "GP": true, "GF": true, "MQ": true, "PM": true, "NC": true,
		"PF": true, "WF": true,
		"BE": false, "GB": false, "MC": false, "": false,
	} {
		if got := d.For(country).Rules(sms.Marketing); got != want {
			t.Errorf("rules for %q: %v, want %v", country, got, want)
		}
	}
	named, _ := policy.Builtin(policy.DefaultName)
	if named.For("GB") != named || named.IsDefault() || !d.IsDefault() {
		t.Error("a pack that is named holds everywhere, and is not the default")
	}
	if !d.RefusesSender("+33612345678", sms.LongNumber).IsZero() || len(d.Words().Generic) > 0 {
		t.Error("the default refuses a sender")
	}
	var none *policy.Pack
	if none.For("FR") != nil || none.IsDefault() {
		t.Error("no pack became one")
	}
}
