package number_test

import (
	"errors"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/number"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// FuzzParse: no input stops it, a result is in E.164, and a result is its own
// reading from any country.
func FuzzParse(f *testing.F) {
	for _, raw := range []string{
		"", "+33 (0)6 12 34 56 78", "0692123456", "tel:+447700900123", "+39 06 1234 5678", "011 33 612345678",
		"+33692123456", "٠٦١٢٣٤٥٦٧٨", "000", "+979123456789", "0508551234", "8 912 345-67-89",
		"+54 9 11 2345 6789",
	} {
		for _, region := range []string{"FR", "RE", "PM", "BE", "US", "RU", "IT", "AR", ""} {
			f.Add(raw, region)
		}
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		p, err := number.Parse(raw, region)
		if err != nil {
			assertRefused(t, err)
			return
		}
		assertStable(t, p, raw, region)
	})
}

// FuzzCell: what holds of FuzzParse holds of cells of tables.
func FuzzCell(f *testing.F) {
	for _, raw := range []string{
		"", "612345678", "33612345678", `="0612345678"`, "0+33612345678", "6,12E+08", "06 12 34 56 78 (mère)",
		"06 12 34 56 78 / 06 98 76 54 32", "06 12 34 56 7 06 98 76 54 32", "0612345678 ou 698765432", "O6 12",
		"06123456780698765432", "2e étage : 0612345678 poste 12", "687751234", "+43 664 12345O7",
	} {
		for _, region := range []string{"FR", "RE", "PM", "US", ""} {
			f.Add(raw, region)
		}
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		p, err := number.Policy{}.Cell(raw, region)
		if err != nil {
			assertRefused(t, err)
			return
		}
		assertStable(t, p, raw, region)
	})
}

func assertRefused(t *testing.T, err error) {
	t.Helper()
	refused, ok := errors.AsType[*number.Error](err)
	if !ok || refused.Reason.Code == "" || refused.Reason.In("fr") == string(refused.Reason.Code) {
		t.Errorf("error %#v", err)
	}
	assertNoNumber(t, err)
}

// assertStable holds a result to E.164, and to be its own reading from any country.
func assertStable(t *testing.T, p number.Parsed, raw, region string) {
	t.Helper()
	if !e164.MatchString(string(p.Number)) {
		t.Errorf("%q gives %q", raw, string(p.Number))
	}
	for _, elsewhere := range []string{"FR", "US", "IT", ""} {
		again, err := number.Parse(string(p.Number), elsewhere)
		again.Warnings, p.Warnings = nil, nil
		if diff := cmp.Diff(p, again); err != nil || diff != "" {
			t.Errorf("%q from %q, read again: %v\n%s", raw, region, err, diff)
		}
	}
}
