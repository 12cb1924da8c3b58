package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/policy"
	"relais/reason"
	"relais/sms"
)

const whole = `
name = "town"
version = 2
since = 2026-01-01
source = "the town's council"
[windows.marketing]
monday = "09:00-12:00, 14:00-19:00"
tuesday = "all day"
wednesday = "09:00-19:00"
thursday = "09:00-24:00"
friday = "09:00-19:00"
saturday = "closed"
sunday = "closed"
holiday = "closed"
[holidays]
also = ["alsace-moselle"]
[stop]
classes = ["marketing"]
text = "\nSTOP au 36000"
[sender]
kinds = ["alphanumeric", "short"]
`

func TestParse(t *testing.T) {
	p, err := policy.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, asked, due string }{
		{"the pause at noon", "2026-11-30T12:00:00+01:00", "2026-11-30T14:00:00+01:00"},
		{"from one whole day to the next opening", "2026-12-02T00:00:00+01:00", "2026-12-02T09:00:00+01:00"},
		{"the end of a day", "2026-12-03T23:59:59+01:00", "2026-12-03T23:59:59+01:00"},
		{"Good Friday, which only Alsace-Moselle has", "2026-04-03T12:00:00+02:00", "2026-04-07T00:00:00+02:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := p.Next(sms.Marketing, policy.PlaceOf("FR"), at(t, tc.asked))
			if !v.Due.Equal(at(t, tc.due)) {
				t.Errorf("due %s, want %s", v.Due.In(v.Place.Zone), tc.due)
			}
		})
	}
	if c := p.Clause(); c.Text != "\nSTOP au 36000" || c.CountsAs != c.Text || !p.NeedsStop(sms.Marketing) ||
		p.NeedsStop(sms.Transactional) {
		t.Errorf("clause %+v", c)
	}
	for sender, want := range map[sms.Sender][2]string{
		"TownHall": {}, "+33639980001": {"it is a long number; use a name or a short code", "c'est un numéro long\u00a0; prenez un nom ou un numéro court"},
	} {
		why := p.RefusesSender(sender, sender.Kind())
		if got := [2]string{why.In(reason.English), why.In("fr")}; got != want {
			t.Errorf("%s is refused with %q, want %q", sender, got, want)
		}
	}
}

// Editors of Windows begin a file with a byte order mark, and end lines with CR LF.
func TestParseReadsFilesOfWindows(t *testing.T) {
	p, err := policy.Parse([]byte("\ufeff" + strings.ReplaceAll(whole, "\n", "\r\n")))
	if err != nil || p.Name != "town" {
		t.Errorf("pack %v (%v)", p, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, from, to, want string }{
		{"an unknown key", "version = 2", "version = 2\nhours = 3", "line 4: unknown key hours"},
		{"no TOML", `name = "town"`, `name = town`, "line 2"},
		{"no name", `name = "town"`, `name = "Town Hall"`, "name: want"},
		{"no version", "version = 2", "", "version: want"},
		{"no date", "since = 2026-01-01", "", "since: want"},
		{"no source", `source = "the town's council"`, "", "source: want"},
		{"hours for codes", "[windows.marketing]", "[windows.otp]", "a one-time code waits for no hour"},
		{"a day that is missing", `sunday = "closed"`, "", `windows.marketing.sunday: missing`},
		{"hours that end before they begin", `"09:00-24:00"`, `"19:00-09:00"`, `windows.marketing.thursday: want hours`},
		{"hours that overlap", `09:00-12:00, 14:00-19:00`, `09:00-12:00, 11:00-19:00`, `windows.marketing.monday: want hours`},
		{"no hour", `"09:00-24:00"`, `"09:60-24:00"`, `windows.marketing.thursday: want hours`},
		{"a day of no week", `holiday = "closed"`, "holiday = \"closed\"\ntolerated = [\"someday\"]", "tolerated: want"},
		{"a place without days", "alsace-moselle", "bretagne", "also: want"},
		{"STOP behind codes", `classes = ["marketing"]`, `classes = ["otp"]`, "stop.classes: want marketing"},
		{"a clause without a number", "STOP au 36000", "STOP", "stop clause: want"},
		{"a kind of sender", `"short"`, `"tiny"`, "sender.kinds: want"},
		{"a zone", "version = 2", "version = 2\nzone = \"Mars\"", "zone: want"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := policy.Parse([]byte(strings.Replace(whole, tc.from, tc.to, 1)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q in it", err, tc.want)
			}
			french := reason.OfError(err).In("fr")
			if french == err.Error() || strings.Contains(french, "want") || strings.Contains(french, "unknown") {
				t.Errorf("in French %q", french)
			}
		})
	}
	closed := strings.NewReplacer(`"09:00-12:00, 14:00-19:00"`, `"closed"`, `"all day"`, `"closed"`,
		`"09:00-19:00"`, `"closed"`, `"09:00-24:00"`, `"closed"`)
	if _, err := policy.Parse([]byte(closed.Replace(whole))); err == nil {
		t.Error("a pack that never opens was taken")
	}
}

func TestBuiltin(t *testing.T) {
	for _, name := range policy.Names() {
		p, _ := policy.Builtin(name)
		text, err := os.ReadFile(filepath.Join("packs", name+".toml"))
		if err != nil || !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s: the file does not begin with where its rules stand (%v)", name, err)
		}
		if p.Name != name || p.Since.Before(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)) || p.Source == "" {
			t.Errorf("%s is %s since %s", name, p.Label(), p.Since)
		}
		why := p.RefusesSender("0639980001", sms.LongNumber)
		refusal, french := why.In(reason.English), why.In("fr")
		if (refusal != "") != strings.HasPrefix(name, "fr-") || (french != "") != (refusal != "") ||
			strings.Contains(french, "mobile phone") {
			t.Errorf("%s about a mobile phone as sender: %q, %q", name, refusal, french)
		}
	}
}

func TestStop(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		has        bool
		cut        string
	}{
		{"none", "Marché de Noël samedi", false, "Marché de Noël samedi"},
		{"the word alone", "Stop aux gaspillages", false, "Stop aux gaspillages"},
		{"as the control panel of OVH", "Soldes\nSTOP:36111", true, "Soldes"},
		{"as a batch of OVH", "Soldes\nSTOP 36184", true, "Soldes"},
		{"as people write it", "Soldes ! STOP au 36180.", true, "Soldes !"},
		{"in lower case, with SMS", "Soldes - Stop SMS au 36180", true, "Soldes"},
		{"as SFR DMC", "Soldes\nSTOP au <#shortcode#>", true, "Soldes"},
		{"with spaces that break no line", "Soldes\u202f! STOP\u00a0au\u00a036180", true, "Soldes\u202f!"},
		{"behind a space that breaks no line", "Soldes\u00a0: STOP\u202f: 36180\u00a0", true, "Soldes"},
		{"in the middle", "STOP au 36180 pour ne plus rien recevoir", true, "STOP au 36180 pour ne plus rien recevoir"},
		{"six digits", "Soldes STOP 361801", false, "Soldes STOP 361801"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cut, _ := policy.WithoutStop(tc.text)
			if policy.HasStop(tc.text) != tc.has || cut != tc.cut {
				t.Errorf("has %v, without it %q", policy.HasStop(tc.text), cut)
			}
		})
	}
}

func TestDerive(t *testing.T) {
	base, _ := policy.Builtin("fr-prudent")
	p, err := base.Derive("town-hall", []string{policy.AlsaceMoselle}, "STOP au 36180")
	if err != nil {
		t.Fatal(err)
	}
	friday := at(t, "2026-04-03T12:00:00+02:00") // Good Friday
	v, ordinary := p.Next(sms.Marketing, policy.PlaceOf("FR"), friday), base.Next(sms.Marketing,
		policy.PlaceOf("FR"), friday)
	if !v.Moved() || ordinary.Moved() || p.Clause().Text != "\nSTOP au 36180" || base.Clause().Text != "" {
		t.Errorf("moved %v and %v, clause %q", v.Moved(), ordinary.Moved(), p.Clause().Text)
	}
	if got := p.Label(); got != "town-hall (fr-prudent, version 1)" {
		t.Errorf("label %q", got)
	}
	if _, err := base.Derive("town-hall", []string{"bretagne"}, ""); err == nil {
		t.Error("a place without days was taken")
	}
}

// Whatever a pack holds, reading it ends, and so does looking for its hours.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Parse(data)
		if err != nil {
			return
		}
		asked := at(t, "2026-11-28T21:45:00+01:00")
		if v := p.Next(sms.Marketing, policy.PlaceOf("PF"), asked); !v.Never && v.Due.Before(asked) {
			t.Errorf("due %s is before %s", v.Due, asked)
		}
	})
}
