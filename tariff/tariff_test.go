package tariff_test

import (
	"strings"
	"testing"
	"time"

	"relais/number"
	"relais/reason"
	"relais/tariff"
)

const whole = `
name = "ovh-contract"
version = 2
since = 2026-01-01
source = "contract 4711, annex 2"
currency = "EUR"
[segment]
fr-metro = "0.047"
fr-overseas = "0.085"
re = "0.09"
de = "0.11"
all = "0.12"
`

func parse(t *testing.T, text string) *tariff.Table {
	t.Helper()
	table, err := tariff.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestSegment has a vector for each kind of destination.
func TestSegment(t *testing.T) {
	full, few := parse(t, whole), parse(t, strings.Split(whole, "fr-overseas")[0])
	at := time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, number       string
		table              *tariff.Table
		price, destination string // no price: not known
	}{
		{"metropolitan France", "+33639980001", full, "0.047", "fr-metro"},
		{"a country before its family", "+262692123456", full, "0.09", "re"},
		{"Mayotte has no price of its own", "+262639123456", full, "0.085", "fr-overseas"},
		{"Guadeloupe", "+590690123456", full, "0.085", "fr-overseas"},
		{"a country", "+4915112345678", full, "0.11", "de"},
		{"any other", "+447700900001", full, "0.12", "all"},
		{"no price", "+4915112345678", few, "", "de"},
		{"no price overseas", "+262692123456", few, "", "re"},
		{"no table", "+33639980001", nil, "", "fr-metro"},
		{"told", "+33639980001", tariff.Told("FR", "EUR", 70_000, at), "0.07", "fr-metro"},
		{"told of La Réunion", "+262692123456", tariff.Told("RE", "EUR", 140_000, at), "0.14", "re"},
		{"told of another country", "+4915112345678", tariff.Told("RE", "EUR", 140_000, at), "", "de"},
		{"told that there is none", "+33639980001", tariff.Told("FR", "EUR", 0, at), "", "fr-metro"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := number.Parse(tc.number, "FR")
			if err != nil {
				t.Fatal(err)
			}
			price, destination, ok := tc.table.Segment(n)
			shown := ""
			if ok {
				shown = price.String()
			}
			if shown != tc.price || destination != tc.destination || !ok && price != 0 {
				t.Errorf("%q to %s, want %q to %s", shown, destination, tc.price, tc.destination)
			}
		})
	}
}

func TestHead(t *testing.T) {
	written := parse(t, whole)
	if written.Currency != "EUR" || written.Source != "contract 4711, annex 2" ||
		written.Since.Format(time.DateOnly) != "2026-01-01" {
		t.Errorf("the head was read as %+v", written)
	}
}

func TestSentence(t *testing.T) {
	written := parse(t, whole)
	told := tariff.Told("FR", "EUR", 70_000, time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC))
	for _, tc := range []struct {
		name            string
		table           *tariff.Table
		destination     string
		english, french string
	}{
		{"a price", written, "re", "A segment to re costs 0.09 EUR by ovh-contract (version 2).", "Un segment vers re coûte 0,09 EUR d'après ovh-contract (version 2)."},
		{"any other", written, "all", "A segment to any other destination costs 0.12 EUR by ovh-contract (version 2).", "Un segment vers toute autre destination coûte 0,12 EUR d'après ovh-contract (version 2)."},
		{"no price", written, "es", "A segment to es has no price in ovh-contract (version 2).", "Un segment vers es n'a pas de prix dans ovh-contract (version 2)."},
		{"told", told, "fr-metro", "A segment to fr-metro costs 0.07 EUR by the operator's prices of 2026-11-26.", "Un segment vers fr-metro coûte 0,07 EUR d'après les prix de l'opérateur du 2026-11-26."},
		{"not told", told, "", "A segment to a place that the number does not tell has no price in the operator's prices of 2026-11-26.", "Un segment vers un lieu que le numéro ne dit pas n'a pas de prix dans les prix de l'opérateur du 2026-11-26."},
		{"not yet", nil, "de", "A segment to de has no known price yet: the operator has not told it.", "Un segment vers de n'a pas encore de prix connu\u00a0: l'opérateur ne l'a pas indiqué."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			why := tc.table.Reason(tc.destination)
			english, french := why.In(reason.English), why.In("fr")
			if english != tc.english || french != tc.french {
				t.Errorf("%s\n%s", english, french)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, from, to, want string }{
		{"an unknown key", "version = 2", "version = 2\nvat = 20", "line 4: unknown key vat"},
		{"no TOML", `name = "ovh-contract"`, `name = ovh`, "line 2"},
		{"a destination twice", `all = "0.12"`, "all = \"0.12\"\nall = \"0.13\"", "line 13"},
		{"no name", `name = "ovh-contract"`, `name = "OVH"`, "name: want"},
		{"no version", "version = 2", "", "version: want"},
		{"no date", "since = 2026-01-01", "", "since: want"},
		{"no source", `source = "contract 4711, annex 2"`, "", "source: want"},
		{"a currency by its sign", `"EUR"`, `"€"`, "currency: want three capital letters"},
		{"a price as a number", `fr-metro = "0.047"`, `fr-metro = 0.047`, `segment.fr-metro: want the price as text, such as "0.047"`},
		{"a price with a comma", `"0.047"`, `"0,047"`, "segment.fr-metro: an amount is written like 0.047"},
		{"a price of nothing", `"0.047"`, `"0.00"`, "segment.fr-metro: want a price above 0"},
		{"a price that many messages could not be counted by", `"0.047"`, `"100000.01"`, "segment.fr-metro: want a price of a segment, at most 100000.00"},
		{"a price below nothing", `"0.047"`, `"-1"`, "segment.fr-metro: an amount"},
		{"France as a country", `de = `, `fr = `, "segment.fr: want fr-metro"},
		{"Saint-Martin", `de = `, `mf = `, "segment.mf: want gp"},
		{"no country", `de = `, `xx = `, "segment.xx: want a country"},
		{"a country in capitals", `de = `, `DE = `, "segment.DE: want a country as two lower-case letters"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tariff.Parse([]byte(strings.Replace(whole, tc.from, tc.to, 1)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q in it", err, tc.want)
			}
			french := reason.OfError(err).In("fr")
			if french == err.Error() || strings.Contains(french, "want") || strings.Contains(french, "unknown") {
				t.Errorf("in French %q", french)
			}
		})
	}
	if _, err := tariff.Parse([]byte(strings.Split(whole, "[segment]")[0])); err == nil ||
		!strings.HasPrefix(err.Error(), "segment: want") {
		t.Errorf("a table without prices: %v", err)
	}
}

// FuzzParse: a table that is taken has a name, and prices above zero.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("name = 1"))
	f.Add([]byte("[segment]\nall = 0.1"))
	paris, err := number.Parse("+33639980001", "FR")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := tariff.Parse(data)
		if err != nil {
			if table != nil || err.Error() == "" {
				t.Errorf("table %v with the error %q", table, err)
			}
			return
		}
		if price, _, ok := table.Segment(paris); ok != (price > 0) || table.Label() == "" ||
			!tariff.IsCurrency(table.Currency) {
			t.Errorf("%s has the price %s in %s", table.Label(), price, table.Currency)
		}
	})
}

func TestParseReadsFilesOfWindows(t *testing.T) {
	text := "\ufeffname = \"a\"\r\nversion = 1\r\nsince = 2026-01-01\r\nsource = \"b\"\r\ncurrency = \"EUR\"\r\n[segment]\r\nall = \"0.1\"\r\n"
	if table, err := tariff.Parse([]byte(text)); err != nil || table.Name != "a" {
		t.Errorf("%+v, %v", table, err)
	}
}
