package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// rules are of every kind, and none refuses what this load sends. The load goes to
// 5000 numbers with one text: the quotas for one number read more here than where
// people get a few messages a day. Prices are left out: the simulated connectors have no
// tariff. So are the hours of advertising, for the load is no advertising.
const rules = `
[account.sandbox]
families = ["fr-metro", "fr-overseas", "be"]
fixed_lines = "none"
policy = "fr-2026-03"
typography = "gsm"
generic_senders = ["INFO", "SMS"]
forbidden_senders = ["ameli", "impots"]

[quota.minute]
per = "key"
every = "minute"
messages = 1_000_000_000
segments = 1_000_000_000

[quota.hour]
per = "key"
every = "hour"
messages = 1_000_000_000

[quota.day]
per = "account"
every = "day"
messages = 1_000_000_000

[quota.month]
per = "account"
every = "month"
messages = 1_000_000_000
segments = 1_000_000_000
money = "100000000"

[quota.country]
per = "country"
every = "hour"
messages = 1_000_000_000

[quota.new]
per = "new_country"
every = "day"
messages = 1_000_000_000

[quota.person]
per = "recipient"
every = "hour"
messages = 1000

[quota.same]
per = "text"
every = "hour"
messages = 1000
`

// ruled measures the same with every rule on.
func ruled(
	measure func(*session, context.Context, int) (Run, error),
) func(*session, context.Context, int) (Run, error) {
	return func(s *session, ctx context.Context, round int) (Run, error) {
		other := *s
		other.rules = true
		return measure(&other, ctx, round)
	}
}

func (s *session) writeRules() (string, error) {
	file := filepath.Join(s.dir, "rules.toml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		return "", fmt.Errorf("write the rules: %w", err)
	}
	return file, nil
}
