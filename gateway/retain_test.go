package gateway_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/person"
	"relais/search"
	"relais/sms"
)

// TestRetention lets hours go by: the text goes first, then the number; the
// message is found by its number all the time.
func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Rejected, Code: "bad_number"}
		}}
		l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": o}, connector.Facts{}, func(s gateway.Store) gateway.Store {
			return s
		},
			func(options *gateway.Options) {
				// Ids of the process never go back, and other tests have made later ones.
				options.Clock = duty.NewClock(func() time.Time { return time.Now().AddDate(50, 0, 0) })
				options.Retentions = func(context.Context) ([]person.Retention, error) {
					return []person.Retention{
						{Account: "default", Texts: 90 * time.Minute, Numbers: 3 * time.Hour},
					}, nil
				}
				options.Pseudonym = func(account string, n sms.Number) string {
					return account + string(n[len(n)-2:])
				}
			})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{})[0]
		for _, tc := range []struct {
			after  time.Duration
			text   string
			number sms.Number
		}{
			{time.Hour + time.Minute, "Bonjour", "+33639980001"},
			{time.Hour, "", "+33639980001"},
			{2 * time.Hour, "", "~default01"},
		} {
			time.Sleep(tc.after)
			synctest.Wait()
			q := search.Query{Account: "default", To: "+33639980001", Limit: 10}
			q.Hidden = l.Persons.Pseudonym(t.Context(), q.Account, q.To)
			found, _, err := l.store.Search(t.Context(), q)
			if err != nil || len(found) != 1 || found[0].ID != m.ID || found[0].Text != tc.text ||
				found[0].To != tc.number {
				t.Errorf("%v later: %+v, %v; want text %q to %s", tc.after, found, err, tc.text, tc.number)
			}
		}
	})
}
