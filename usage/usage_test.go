package usage

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sms"
)

func TestMonths(t *testing.T) {
	zone, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 2, 28, 21, 0, 0, 0, time.UTC) // March began there an hour ago
	for _, tc := range []struct {
		name, since, until string
		want               string
		err                error
	}{
		{name: "this month", want: "2026-03"},
		{name: "since", since: "2025-12", want: "2025-12 2026-01 2026-02 2026-03"},
		{name: "until", until: "2026-01", want: "2026-01"},
		{name: "both", since: "2025-01", until: "2025-02", want: "2025-01 2025-02"},
		{name: "a year that has not ended", since: "2026-11", until: "2026-12", want: "2026-11 2026-12"},
		{name: "a day", since: "2026-01-01", err: ErrMonth},
		{name: "no month", until: "2026-13", err: ErrMonth},
		{name: "the wrong way round", since: "2026-02", until: "2026-01", err: ErrOrder},
		{name: "since a month to come", since: "2026-04", err: ErrOrder},
		{name: "too many", since: "1990-01", err: ErrMany},
	} {
		t.Run(tc.name, func(t *testing.T) {
			months, err := Months(tc.since, tc.until, now, zone)
			var got []string
			for _, at := range months {
				if at.Day() != 1 || at.Hour() != 0 || at.Location() != zone {
					t.Errorf("%s is not the beginning of a month", at)
				}
				got = append(got, at.Format(monthForm))
			}
			if strings.Join(got, " ") != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("months %v, %v; want %q, %v", got, err, tc.want, tc.err)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	rows := []Row{
		{
			Month: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Account: "town-hall",
			Key: "api:forms", Class: sms.OTP, Connector: "ovh",
			Messages: 12, Sent: 10, Segments: 20, Price: 470_000, WithoutPrice: 1, InDoubt: 1,
		},
		{
			Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Account: "-1",
			Key: `=HYPERLINK("a")`, Class: sms.Marketing, Connector: "@sfr",
		},
	}
	var b strings.Builder
	if err := Write(&b, rows, "EUR"); err != nil {
		t.Fatal(err)
	}
	want := `month,account,key,class,connector,messages,sent,segments,price,currency,without_price,in_doubt
2026-03,town-hall,api:forms,otp,ovh,12,10,20,0.47,EUR,1,1
2026-04,'-1,"'=HYPERLINK(""a"")",marketing,'@sfr,0,0,0,0.00,EUR,0,0
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
}
