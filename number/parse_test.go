package number_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

const zeroWidth = "\u200b\u2060\ufeff\u202a"

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, raw, region string
		want              sms.Number
		kind              number.Kind
		country, family   string
		warning           string
	}{
		{name: "French mobile", raw: "0612345678", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "spaces", raw: "06 12 34 56 78", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "trunk zero in parentheses", raw: "+33 (0)6 12 34 56 78", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "00 for +", raw: "0033612345678", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "00 with spaces inside", raw: "0 0 33 612345678", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "07", raw: "0755123456", want: "+33755123456", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "07 not open yet", raw: "0712345678", want: "+33712345678", kind: number.Mobile, country: "FR", family: "fr-metro", warning: "number_unassigned"},
		{name: "0695 is metropolitan", raw: "0695123456", want: "+33695123456", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "0698 is metropolitan", raw: "0698123456", want: "+33698123456", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "0699 is metropolitan", raw: "0699123456", want: "+33699123456", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "Réunion 0692", raw: "0692123456", want: "+262692123456", kind: number.Mobile, country: "RE", family: "fr-overseas"},
		{name: "Réunion 0693", raw: "0693201234", want: "+262693201234", kind: number.Mobile, country: "RE", family: "fr-overseas"},
		{name: "Réunion 07092", raw: "0709201234", want: "+262709201234", kind: number.Mobile, country: "RE", family: "fr-overseas"},
		{name: "Réunion fixed", raw: "0262201234", want: "+262262201234", kind: number.Fixed, country: "RE", family: "fr-overseas", warning: "number_fixed_line"},
		{name: "Réunion fixed 0263", raw: "0263101234", want: "+262263101234", kind: number.Fixed, country: "RE", family: "fr-overseas", warning: "number_fixed_line"},
		{name: "Mayotte", raw: "0639012345", want: "+262639012345", kind: number.Mobile, country: "YT", family: "fr-overseas"},
		{name: "Mayotte 070935", raw: "0709351234", want: "+262709351234", kind: number.Mobile, country: "YT", family: "fr-overseas"},
		{name: "Mayotte fixed", raw: "0269601234", want: "+262269601234", kind: number.Fixed, country: "YT", family: "fr-overseas", warning: "number_fixed_line"},
		{name: "Guadeloupe 0690", raw: "0690001234", want: "+590690001234", kind: number.Mobile, country: "GP", family: "fr-overseas"},
		{name: "Guadeloupe 0691", raw: "0691221234", want: "+590691221234", kind: number.Mobile, country: "GP", family: "fr-overseas"},
		{name: "Guadeloupe 07090", raw: "0709001234", want: "+590709001234", kind: number.Mobile, country: "GP", family: "fr-overseas"},
		{name: "Guadeloupe with a zero", raw: "+590 0690 00 12 34", want: "+590690001234", kind: number.Mobile, country: "GP", family: "fr-overseas"},
		{name: "Guiana", raw: "0694201234", want: "+594694201234", kind: number.Mobile, country: "GF", family: "fr-overseas"},
		{name: "Guiana 070930", raw: "0709301234", want: "+594709301234", kind: number.Mobile, country: "GF", family: "fr-overseas"},
		{name: "Guiana fixed", raw: "0594101234", want: "+594594101234", kind: number.Fixed, country: "GF", family: "fr-overseas", warning: "number_fixed_line"},
		{name: "Martinique 0696", raw: "0696201234", want: "+596696201234", kind: number.Mobile, country: "MQ", family: "fr-overseas"},
		{name: "Martinique 0697", raw: "0697271234", want: "+596697271234", kind: number.Mobile, country: "MQ", family: "fr-overseas"},
		{name: "Martinique 07091", raw: "0709101234", want: "+596709101234", kind: number.Mobile, country: "MQ", family: "fr-overseas"},
		{name: "Martinique fixed", raw: "0596301234", want: "+596596301234", kind: number.Fixed, country: "MQ", family: "fr-overseas", warning: "number_fixed_line"},
		{name: "SPM", raw: "+508551234", want: "+508551234", kind: number.Mobile, country: "PM", family: "fr-overseas"},
		{name: "SPM mixed block", raw: "+508421234", want: "+508421234", kind: number.FixedOrMobile, country: "PM", family: "fr-overseas"},
		{name: "SPM national", raw: "0508 55 12 34", want: "+508551234", kind: number.Mobile, country: "PM", family: "fr-overseas"},
		{name: "SPM new mobile", raw: "0708401234", want: "+508708401234", kind: number.Mobile, country: "PM", family: "fr-overseas"},
		{name: "SPM local", raw: "55 12 34", region: "PM", want: "+508551234", kind: number.Mobile, country: "PM", family: "fr-overseas"},
		{name: "SPM local with 0", raw: "055 12 34", region: "PM", want: "+508551234", kind: number.Mobile, country: "PM", family: "fr-overseas"},
		{name: "repaired Réunion", raw: "+33692123456", want: "+262692123456", kind: number.Mobile, country: "RE", family: "fr-overseas", warning: "number_repaired"},
		{name: "repaired Mayotte", raw: "+33639012345", want: "+262639012345", kind: number.Mobile, country: "YT", family: "fr-overseas", warning: "number_repaired"},
		{name: "repaired Guadeloupe", raw: "+33 (0)690 00 12 34", want: "+590690001234", kind: number.Mobile, country: "GP", family: "fr-overseas", warning: "number_repaired"},
		{name: "repaired Guiana fixed", raw: "0033594101234", want: "+594594101234", kind: number.Fixed, country: "GF", family: "fr-overseas", warning: "number_repaired,number_fixed_line"},
		{name: "New Caledonia", raw: "+687751234", want: "+687751234", kind: number.Mobile, country: "NC", family: "fr-overseas"},
		{name: "New Caledonia local", raw: "75 12 34", region: "NC", want: "+687751234", kind: number.Mobile, country: "NC", family: "fr-overseas"},
		{name: "Polynesia", raw: "+68987123456", want: "+68987123456", kind: number.Mobile, country: "PF", family: "fr-overseas"},
		{name: "Wallis and Futuna", raw: "+681821234", want: "+681821234", kind: number.Mobile, country: "WF", family: "fr-overseas"},
		{name: "Wallis and Futuna, unknown block", raw: "+681451234", want: "+681451234", kind: number.Unknown, country: "WF", family: "fr-overseas", warning: "number_unassigned"},
		{name: "Belgium", raw: "+32470123456", want: "+32470123456", kind: number.Mobile, country: "BE", family: "be"},
		{name: "Belgium with a zero", raw: "+32 (0)470 12 34 56", want: "+32470123456", kind: number.Mobile, country: "BE", family: "be"},
		{name: "Belgium national", raw: "0470 12 34 56", region: "BE", want: "+32470123456", kind: number.Mobile, country: "BE", family: "be"},
		{name: "French from Belgium", raw: "0033 692 12 34 56", region: "BE", want: "+262692123456", kind: number.Mobile, country: "RE", family: "fr-overseas", warning: "number_repaired"},
		{name: "Comoros, not Mayotte", raw: "+2693212345", want: "+2693212345", kind: number.Mobile, country: "KM", family: "km"},
		{name: "Monaco", raw: "+377 6 12 34 56 78", want: "+377612345678", kind: number.Mobile, country: "MC", family: "mc"},
		{name: "British with a zero", raw: "+44 (0)7400 123456", want: "+447400123456", kind: number.Mobile, country: "GB", family: "gb"},
		{name: "Italian zero stays", raw: "+39 06 1234 5678", want: "+390612345678", kind: number.Fixed, country: "IT", family: "it", warning: "number_fixed_line"},
		{name: "Guernsey shares 44", raw: "+447911123456", want: "+447911123456", kind: number.Mobile, country: "GG", family: "gg"},
		{name: "American", raw: "(201) 234-5678", region: "US", want: "+12012345678", kind: number.FixedOrMobile, country: "US", family: "us"},
		{name: "American way abroad", raw: "011 33 6 12 34 56 78", region: "US", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "possible, not valid today", raw: "+32 410 12 34 56", want: "+32410123456", kind: number.Unknown, country: "BE", family: "be", warning: "number_unassigned"},
		{name: "satellite", raw: "+881 612345678", want: "+881612345678", kind: number.Mobile},
		{name: "French fiction", raw: "0639980123", want: "+33639980123", kind: number.Fiction, country: "FR", family: "fr-metro"},
		{name: "French fiction, international", raw: "+33639980123", want: "+33639980123", kind: number.Fiction, country: "FR", family: "fr-metro"},
		{name: "fiction behind 262", raw: "+262639980123", want: "+262639980123", kind: number.Fiction, country: "YT", family: "fr-overseas"},
		{name: "British fiction", raw: "+447700900123", want: "+447700900123", kind: number.Fiction, country: "GB", family: "gb"},
		{name: "American fiction", raw: "+12015550123", want: "+12015550123", kind: number.Fiction, country: "US", family: "us"},
		{name: "Réunion from Réunion", raw: "0692123456", region: "RE", want: "+262692123456", kind: number.Mobile, country: "RE", family: "fr-overseas"},
		{name: "metropolitan from Réunion", raw: "0612345678", region: "RE", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "tel scheme", raw: " TEL:+33-6-12-34-56-78", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "no-break spaces", raw: "06\u00a012\u202f34\u200956\u300078", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "zero width", raw: zeroWidth + "0612" + zeroWidth + "345678\u00ad", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "dots, slashes, dashes", raw: "06.12/34-56–78", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "full width", raw: "＋３３（０）６１２３４５６７８", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "Arabic digits", raw: "٠٦١٢٣٤٥٦٧٨", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
		{name: "mathematical digits", raw: "𝟎𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", want: "+33612345678", kind: number.Mobile, country: "FR", family: "fr-metro"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.region == "" {
				tc.region = "FR"
			}
			p, err := number.Parse(tc.raw, tc.region)
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, w := range p.Warnings {
				codes = append(codes, w.Code.Wire())
				if detail := w.In(reason.English); detail == "" || fourDigits.MatchString(detail) {
					t.Errorf("detail of %s: %q", w.Code, detail)
				}
			}
			p.Warnings = nil
			want := number.Parsed{Number: tc.want, Kind: tc.kind, Country: tc.country, Family: tc.family}
			if diff := cmp.Diff(want, p); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
			if got := strings.Join(codes, ","); got != tc.warning {
				t.Errorf("warnings %q, want %q", got, tc.warning)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, raw, region, want string }{
		{"nothing", "", "FR", "number_empty"},
		{"spaces only", " \u00a0-() ", "FR", "number_empty"},
		{"only a plus", "+", "FR", "number_empty"},
		{"letters", "0612E45678", "FR", "number_invalid_characters"},
		{"letter O", "O612345678", "FR", "number_invalid_characters"},
		{"plus inside", "06+12345678", "FR", "number_invalid_characters"},
		{"two pluses", "++33612345678", "FR", "number_invalid_characters"},
		{"extension", "tel:+33612345678;ext=12", "FR", "number_invalid_characters"},
		{"two numbers", "0612345678,0612345679", "FR", "number_invalid_characters"},
		{"bad UTF-8", "06123\xff45678", "FR", "number_invalid_characters"},
		{"zeros", "000", "FR", "number_too_short"},
		{"four digits", "1234", "FR", "number_too_short"},
		{"short number", "3615", "FR", "number_too_short"},
		{"a machine's number of ten digits", "0700112233", "FR", "number_too_short"},
		{"a machine's number of ten digits after +33", "+33700112233", "FR", "number_too_short"},
		{"a machine's number with a digit more", "070012345678901", "FR", "number_too_long"},
		{"a machine's number", "07001234567890", "FR", "number_machine"},
		{"a machine's number after +33", "+33 (0)700 12 34 56 78 90", "FR", "number_machine"},
		{"a machine's number behind another code", "+262 700112233", "FR", "number_not_possible"},
		{"a digit missing", "061234567", "FR", "number_too_short"},
		{"a digit more", "06123456789", "FR", "number_too_long"},
		{"a digit missing after +33", "+3361234567", "FR", "number_too_short"},
		{"a digit more after +33", "+336123456789", "FR", "number_too_long"},
		{"two numbers glued", "06123456780612345679", "FR", "number_too_long"},
		{"sixteen digits", "+8816123456789012", "FR", "number_too_long"},
		{"0 lost", "612345678", "FR", "number_missing_prefix"},
		{"+ lost", "33612345678", "FR", "number_missing_prefix"},
		{"zero and eight digits after +33", "+33012345678", "FR", "number_not_possible"},
		{"only zeros after +33", "+33000000000", "FR", "number_not_possible"},
		{"country code with 0", "+0612345678", "FR", "number_unknown_country"},
		{"no such country", "+2101234567", "FR", "number_unknown_country"},
		{"no such country after 00", "002101234567", "FR", "number_unknown_country"},
		{"a zero too many", "+49 (0)0 0000", "FR", "number_not_possible"},
		{"no region", "0612345678", "", "number_unknown_region"},
		{"no such region", "0612345678", "XX", "number_unknown_region"},
		{"too short for Belgium", "+3247012", "FR", "number_too_short"},
		{"too long for Belgium", "+324701234567", "FR", "number_too_long"},
		{"between two lengths", "+68912345678901", "FR", "number_too_long"},
		{"one digit in Belgium", "1", "BE", "number_not_possible"},
		{"two digits in Belgium", "12", "BE", "number_too_short"},
		{"eighteen digits in Belgium", "123456789012345678", "BE", "number_too_long"},
		{"abroad from America to nowhere", "011 210 123 4567", "US", "number_unknown_country"},
		{"between two lengths in Norway", "+47 123456", "FR", "number_not_possible"},
		{"possible in Germany, too long for E.164", "+49 15123456789012", "FR", "number_too_long"},
		{"possible in Germany, too short without its zero", "+49 (0)3012", "FR", "number_too_short"},
		{"short in Belgium", "112", "BE", "number_too_short"},
		{"premium", "0891123456", "FR", "number_premium"},
		{"premium, international", "+33 891 12 34 56", "FR", "number_premium"},
		{"premium, 3 figures", "0836123456", "FR", "number_premium"},
		{"shared cost", "0825123456", "FR", "number_special"},
		{"freephone", "0800123456", "FR", "number_special"},
		{"exception of 0836", "0836041234", "FR", "number_special"},
		{"premium in Réunion", "+262891123456", "FR", "number_premium"},
		{"shared in Réunion", "+262810123456", "FR", "number_special"},
		{"premium in Martinique", "+596810123456", "FR", "number_premium"},
		{"premium in New Caledonia", "+687361234", "FR", "number_premium"},
		{"premium in Belgium", "+3290212345", "FR", "number_premium"},
		{"premium of the world", "+979123456789", "FR", "number_premium"},
		{"Paris", "0123456789", "FR", "number_fixed_line"},
		{"Paris, international", "+33123456789", "FR", "number_fixed_line"},
		{"voice over IP", "0912345678", "FR", "number_fixed_line"},
		{"metropolitan block like Mayotte's", "+33269601234", "FR", "number_fixed_line"},
		{"metropolitan block like Martinique's", "+33596301234", "FR", "number_fixed_line"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := number.Parse(tc.raw, tc.region)
			refused, ok := errors.AsType[*number.Error](err)
			if !ok {
				t.Fatalf("Parse = %+v, %v", p, err)
			}
			if code := refused.Reason.Code.Wire(); code != tc.want {
				t.Errorf("code %q, want %q", code, tc.want)
			}
			assertNoNumber(t, refused)
		})
	}
}

func TestKnownRegion(t *testing.T) {
	for _, tc := range []struct {
		name, region string
		want         bool
	}{
		{"France", "FR", true},
		{"Saint-Barthélemy", "BL", true},
		{"small letters", "fr", false},
		{"nowhere", "XX", false},
		{"none", "", false},
		{"the world", "001", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := number.KnownRegion(tc.region); got != tc.want {
				t.Errorf("KnownRegion = %v, want %v", got, tc.want)
			}
		})
	}
}

var fourDigits = regexp.MustCompile(`[0-9]{4}`)

// assertNoNumber holds since no sentence of ours has four digits in a row.
func assertNoNumber(t *testing.T, err error) {
	t.Helper()
	if fourDigits.MatchString(err.Error()) {
		t.Errorf("error shows digits of the number: %v", err)
	}
}

func TestParseSpecial(t *testing.T) {
	special := number.Policy{Special: true}
	for _, tc := range []struct {
		name, raw, want string
		kind            number.Kind
	}{
		{"premium", "0891123456", "+33891123456", number.Premium},
		{"freephone", "0800 12 34 56", "+33800123456", number.Special},
		{"mobile", "0612345678", "+33612345678", number.Mobile},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := special.Parse(tc.raw, "FR")
			if err != nil || string(got.Number) != tc.want || got.Kind != tc.kind {
				t.Errorf("Parse = %v, %v; want %s, %s", got, err, tc.want, tc.kind)
			}
		})
	}
	if _, err := special.Parse("0123456789", "FR"); err == nil {
		t.Error("a fixed line is taken")
	}
}
