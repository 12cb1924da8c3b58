package sfrdmc_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/connector/sfrdmc"
)

// spaces is an answer of findSpaces in which ours is so.
func spaces(t *testing.T, active string, expiration time.Time) string {
	t.Helper()
	return strings.NewReplacer(
		"{active}", active,
		"{expiration}", fmt.Sprint(expiration.UnixMilli()),
	).Replace(testdata(t, "spaces.json"))
}

func TestCheck(t *testing.T) {
	nextYear := clock.AddDate(1, 0, 0)
	senders := testdata(t, "senders.json")
	for _, tc := range []struct {
		name            string
		spaces, senders string
		change          func(*sfrdmc.Config)
		want            []string
	}{
		{
			"all is well",
			spaces(t, "1", nextYear), senders,
			func(c *sfrdmc.Config) { c.Sender = "MAIRIE" },
			[]string{"ok credentials", "ok space", "ok sender"},
		},
		{
			"no sender",
			spaces(t, "true", nextYear), senders, nil,
			[]string{"ok credentials", "ok space", "ok sender"},
		},
		{
			"space without an end",
			`{"success":true,"response":[{"spaceId":"70145","spaceActive":"1"}]}`, senders, nil,
			[]string{"ok credentials", "ok space", "ok sender"},
		},
		{
			"sender not declared",
			spaces(t, "1", nextYear), senders,
			func(c *sfrdmc.Config) { c.Sender = "PISCINE" },
			[]string{"ok credentials", "ok space", "warning sender"},
		},
		{
			"no sender declared",
			spaces(t, "1", nextYear), `{"success":true,"response":[]}`,
			func(c *sfrdmc.Config) { c.Sender = "MAIRIE" },
			[]string{"ok credentials", "ok space", "warning sender"},
		},
		{
			"senders refused",
			spaces(t, "1", nextYear), refusal("option_not_present", "OADC", false), nil,
			[]string{"ok credentials", "ok space", "warning sender"},
		},
		{
			"senders without a list",
			spaces(t, "1", nextYear), `{"success":true}`, nil,
			[]string{"ok credentials", "ok space", "warning sender"},
		},
		{
			"space ends soon",
			spaces(t, "1", clock.AddDate(0, 0, 7)), senders, nil,
			[]string{"ok credentials", "warning space", "ok sender"},
		},
		{
			"space expired",
			spaces(t, "1", clock), senders, nil,
			[]string{"ok credentials", "failure space", "ok sender"},
		},
		{
			"space not active",
			spaces(t, "0", nextYear), senders, nil,
			[]string{"ok credentials", "failure space", "ok sender"},
		},
		{
			"another service's space",
			spaces(t, "1", nextYear), senders,
			func(c *sfrdmc.Config) { c.SpaceID = "70146" },
			[]string{"ok credentials", "failure space", "ok sender"},
		},
		{
			"space on another page",
			`{"success":true,"response":{"list":[{"spaceId":70144,"spaceActive":1}],"total":90}}`, senders,
			nil,
			[]string{"ok credentials", "warning space", "ok sender"},
		},
		{
			"wrong password",
			refusal("AUTHENTICATION_FAILED", "", false), senders, nil,
			[]string{"failure credentials"},
		},
		{
			"spaces without a list",
			`{"success":true,"response":true}`, senders, nil,
			[]string{"failure credentials"},
		},
		{
			"faster than the contract",
			spaces(t, "1", nextYear), senders,
			func(c *sfrdmc.Config) { c.CallsPerSecond = 50 },
			[]string{"ok credentials", "ok space", "ok sender", "warning rate"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t, map[string]string{"findSpaces": tc.spaces, "findServiceOadc": tc.senders})
			findings := connector.CapabilitiesOf(o.connect(t, tc.change)).Checker.Check(t.Context())
			var got []string
			for _, f := range findings {
				got = append(got, string(f.Level)+" "+f.Code)
				if !strings.HasSuffix(f.Detail, ".") {
					t.Errorf("detail %q is not a sentence", f.Detail)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if calls := len(o.asked(t)); calls > 2 {
				t.Errorf("the check-up made %d calls, want 2 at most", calls)
			}
		})
	}
}

// A wrong space_id must not look like a wrong password.
func TestCheckNamesNoSpaceAtFirst(t *testing.T) {
	o := newOperator(t, map[string]string{"findSpaces": spaces(t, "1", clock.AddDate(1, 0, 0))})
	connector.CapabilitiesOf(o.connect(t, nil)).Checker.Check(t.Context())
	got := o.asked(t)[0].form.Get("authenticate")
	want := `{"serviceId":"4100220033","servicePassword":"k7Rw2pQz","lang":"fr_FR"}`
	if got != want {
		t.Errorf("authenticate = %s, want %s", got, want)
	}
}
