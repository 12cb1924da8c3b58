package app_test

import (
	"fmt"
	"testing"
	"time"

	"relais/inbox"
	"relais/number"
	"relais/sms"
	"relais/store/sqlite"
)

// What stands under an old form of a number is renewed once for each change of the
// rules, and not read at every start.
func TestOptOutsAreRenewedOnce(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rules string // by which they were renewed before
		want  sms.Number
	}{
		{"never renewed", "", "+2290197123456"},
		{"renewed by older rules", "2025-01-01", "+2290197123456"},
		{"renewed by today's rules", number.Repairs, "+22997123456"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, settings, _ := run(t, func(data string) string {
				s, err := sqlite.OpenExclusive(t.Context(), data)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				now := time.Now()
				if _, err := s.ChangeOptOuts(t.Context(), []inbox.OptOutChange{{
					Account: "default", Number: "+22997123456", Added: true, Source: inbox.FromImport,
					Actor: "api:test", ID: sms.NewID(now), At: now,
				}}); err != nil {
					t.Fatal(err)
				}
				if err := s.SetSetting(t.Context(), "opt_outs_renewed", tc.rules); err != nil {
					t.Fatal(err)
				}
				return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\n", data)
			})
			s, err := sqlite.Open(t.Context(), settings.Data)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			found, _, err := s.OptOuts(t.Context(), inbox.OptOutQuery{Account: "default", Limit: 10})
			if err != nil || len(found) != 1 || found[0].Number != tc.want {
				t.Errorf("on the list: %v, %v; want %s", found, err, tc.want)
			}
			if rules, err := s.Setting(t.Context(), "opt_outs_renewed"); err != nil ||
				rules != number.Repairs {
				t.Errorf("renewed by %q, %v; want %q", rules, err, number.Repairs)
			}
		})
	}
}
