package quota

import (
	"testing"
	"time"

	"relais/sms"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// What reaches a bound exactly fits; the least more does not.
func TestChargeFitsUpToItsBounds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		charge Charge
		used   Use
		fits   bool
	}{
		{"the last message", Charge{Messages: 1, MostMessages: 10}, Use{Messages: 9}, true},
		{"a message too many", Charge{Messages: 1, MostMessages: 10}, Use{Messages: 10}, false},
		{"the last segments", Charge{Segments: 2, MostSegments: 10}, Use{Segments: 8}, true},
		{"a segment too many", Charge{Segments: 2, MostSegments: 10}, Use{Segments: 9}, false},
		{"the last of the money", Charge{Money: 1, MostMoney: sms.Unit}, Use{Money: sms.Unit - 1}, true},
		{"too dear by the least there is", Charge{Money: 1, MostMoney: sms.Unit}, Use{Money: sms.Unit}, false},
		{"a period that has ended", Charge{Messages: 1, MostMessages: 1}, Use{Until: noon, Messages: 1}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.charge.Until, tc.charge.Latest = noon.Add(time.Hour), noon.Add(time.Hour)
			if tc.used.Until.IsZero() {
				tc.used.Until = noon.Add(time.Minute)
			}
			if _, fits := tc.charge.Add(tc.used, noon); fits != tc.fits {
				t.Errorf("fits is %v, want %v", fits, tc.fits)
			}
		})
	}
}

func TestRoomEndsWithEachBound(t *testing.T) {
	one := &Recipient{Segments: 2, Price: 5}
	for name, left := range map[string]room{
		"messages": {1, 100, 100}, "segments": {100, 3, 100}, "money": {100, 100, 9},
	} {
		t.Run(name, func(t *testing.T) {
			if !left.admit(one) || left.admit(one) {
				t.Error("want room for one and no more")
			}
		})
	}
}

// One recipient who is more than the whole quota never gets anything, unless the quota ends
// with its first period.
func TestRecipientBeyondTheWholeQuota(t *testing.T) {
	for _, once := range []bool{false, true} {
		e := &enforcement{now: noon, Bill: &Bill{submission: Submission{
			Recipients: []Recipient{{To: "+33639980001", Country: "FR", Segments: 2}},
		}}}
		c := &Charge{
			Subject: " FR", Once: once, MostSegments: 1,
			quota: &Quota{Name: "abroad", Per: PerCountry, Every: Hour, Segments: 1},
		}
		later, never := e.refuseBeyond(c, Use{})
		if once && (later != 1 || never != 0) || !once && (later != 0 || never != 1) {
			t.Errorf("once %v: %d later, %d never", once, later, never)
		}
	}
}
