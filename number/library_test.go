package number

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// The tables here and the metadata of libphonenumber were written apart. Every
// block that the metadata knows must be read the same way by both.
func TestFrenchTablesAgainstLibrary(t *testing.T) {
	checked := 0
	for _, home := range territories {
		for _, national := range samples(home) {
			raw := "+" + home.code + national
			n, err := phonenumbers.Parse(raw, "")
			if err != nil || !phonenumbers.IsValidNumber(n) {
				continue
			}
			checked++
			compareWithLibrary(t, home, raw, n)
		}
	}
	if checked < 1000 {
		t.Errorf("only %d numbers checked", checked)
	}
}

// samples gives numbers of each length: some for every first three digits, and
// every first five where the plan looks so far.
func samples(home territory) []string {
	const stride = 61 // meets every hundred at another place
	fine := []string{"639", "708", "709", "836"}
	var national []string
	for _, length := range home.lengths {
		for head := 1; head < 100_000; head++ {
			digits := fmt.Sprintf("%05d", head)
			if head%stride == 0 || slices.Contains(fine, digits[:3]) {
				national = append(national, digits+"12345678"[:length-len(digits)])
			}
		}
	}
	return national
}

func compareWithLibrary(t *testing.T, home territory, raw string, n *phonenumbers.PhoneNumber) {
	t.Helper()
	p, err := international([]byte(raw[1:]))
	if err != nil {
		t.Errorf("%s: valid for the library, refused here: %v", raw, err)
		return
	}
	if want := phonenumbers.Format(n, phonenumbers.E164); string(p.Number) != want {
		t.Errorf("%s: %s here, %s for the library", raw, string(p.Number), want)
	}
	want := kinds[phonenumbers.GetNumberType(n)]
	// 0806 to 0809 are special numbers at an ordinary rate (ARCEP); the metadata
	// of the Antilles and Guiana counts them with the fixed lines.
	antilles := slices.Contains([]string{"590", "594", "596"}, home.code)
	if antilles && strings.HasPrefix(raw[len("+"+home.code):], "80") && want == Fixed {
		want = Special
	}
	if p.Kind != want {
		t.Errorf("%s: %s here, %s for the library", raw, p.Kind, want)
	}
	country := regionOf(n)
	if country == "BL" || country == "MF" { // they share the blocks of Guadeloupe
		country = "GP"
	}
	if p.Country != country {
		t.Errorf("%s: %s here, %s for the library", raw, p.Country, country)
	}
}

func TestCallingCodesAgainstLibrary(t *testing.T) {
	for code := range phonenumbers.GetSupportedCallingCodes() {
		want := strconv.Itoa(code)
		if got := callingCode([]byte(want + "0000000")); got != want {
			t.Errorf("country code %s is read as %s", want, got)
		}
	}
}

// digitOf relies on the shape of Unicode's table: runs of ten digits, from 0.
func TestUnicodeDigits(t *testing.T) {
	for _, block := range unicode.Nd.R16 {
		if block.Stride != 1 || (block.Hi-block.Lo+1)%10 != 0 {
			t.Errorf("block %U is no run of tens", block.Lo)
		}
	}
	for _, block := range unicode.Nd.R32 {
		if block.Stride != 1 || (block.Hi-block.Lo+1)%10 != 0 {
			t.Errorf("block %U is no run of tens", block.Lo)
		}
	}
}

// Digits alone must say as much as the library reads in the formatted number:
// every region's own example of a mobile number, in each form.
func TestExamplesOfEveryRegion(t *testing.T) {
	for region := range phonenumbers.GetSupportedRegions() {
		example := phonenumbers.GetExampleNumberForType(region, phonenumbers.MOBILE)
		if example == nil {
			continue
		}
		for _, form := range []phonenumbers.PhoneNumberFormat{
			phonenumbers.E164, phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL,
		} {
			raw := phonenumbers.Format(example, form)
			n, err := phonenumbers.Parse(raw, region)
			if err != nil {
				t.Fatal(err)
			}
			want := phonenumbers.Format(n, phonenumbers.E164)
			if p, err := Parse(raw, region); err != nil || string(p.Number) != want {
				t.Errorf("%s: %q gives %q, %v, want %q", region, raw, string(p.Number), err, want)
			}
		}
	}
}
