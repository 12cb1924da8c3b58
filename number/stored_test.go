package number_test

import (
	"testing"

	"relais/number"
	"relais/sms"
)

func TestPlaceOf(t *testing.T) {
	for _, tc := range []struct {
		name            string
		message         sms.Message
		country, family string
		known           bool
	}{
		{
			"as it was read then, not as it is read today",
			sms.Message{To: "+33639980123", Country: "RE", Family: number.FROverseas},
			"RE", number.FROverseas, true,
		},
		{
			"of a family without a country",
			sms.Message{To: "+262801234567", Family: number.FROverseas},
			"", number.FROverseas, true,
		},
		{"of an older program", sms.Message{To: "+33639980123"}, "FR", number.FRMetro, true},
		{"of an older program, hidden", sms.Message{To: "~x7Q2"}, "", "", false},
		{"hidden", sms.Message{To: "~x7Q2", Country: "FR", Family: number.FRMetro}, "", "", false},
		{"erased", sms.Message{To: sms.NoNumber, Country: "FR", Family: number.FRMetro}, "", "", false},
		{"none", sms.Message{}, "", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			country, family, known := number.PlaceOf(&tc.message)
			if country != tc.country || family != tc.family || known != tc.known {
				t.Errorf("PlaceOf = %q, %q, %t", country, family, known)
			}
		})
	}
}

// What a message carries is what its number says when it is read again, so that rows of an
// older program are treated alike.
func TestPlaceIsThatOfTheNumber(t *testing.T) {
	for _, raw := range []string{
		"+33639980123", "+262692123456", "+337001234567890", "+447700900123", "+12025550123",
	} {
		p, err := number.Every.Parse(raw, "")
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		again, known := number.Stored(p.Number)
		if !known || again.Country != p.Country || again.Family != p.Family || again.Kind != p.Kind {
			t.Errorf("%s was read as %+v, and again as %+v", raw, p, again)
		}
	}
}
