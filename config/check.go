package config

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"relais/number"
	"relais/policy"
	"relais/sms"
	"relais/tariff"
)

// finding is a value that cannot work.
type finding struct {
	at     path
	detail string
}

// sandboxInstances are the connectors that the sandbox adds.
var sandboxInstances = []string{"ovh", "sfr"}

func (c Config) check() []finding {
	found := append(c.checkValues(), c.checkAfterSubmit()...)
	for _, r := range c.Routes {
		found = append(found, c.checkRoute(r)...)
	}
	for _, r := range c.Replies {
		found = append(found, c.checkReply(r)...)
	}
	for _, q := range c.Quotas {
		found = append(found, q.check()...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		found = append(found, c.checkAccount(name)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Kannel)) {
		found = append(found, c.checkKannel(name)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Alertmanagers)) {
		found = append(found, c.checkAlertmanager(name)...)
	}
	found = append(found, c.checkPolicies()...)
	found = append(found, c.checkPasserelles()...)
	found = append(found, c.checkOVH()...)
	found = append(found, c.Traces.check()...)
	for _, conn := range c.Connectors {
		found = append(found, conn.check()...)
		if wrong := c.wrongPolicy(conn.PolicyOverlay); wrong != "" {
			found = append(found, finding{path{"connector", conn.Name, "policy_overlay"}, wrong})
		}
		if wrong := wrongTariff(conn.Tariff); wrong != "" {
			found = append(found, finding{path{"connector", conn.Name, "tariff"}, wrong})
		}
	}
	return found
}

// checkValues judges single values.
func (c Config) checkValues() []finding {
	var found []finding
	for _, judged := range []struct{ key, wrong string }{
		{"listen", WrongAddress(c.Listen)},
		{"sandbox_listen", WrongAddress(c.SandboxListen)},
		{"sandbox_at", wrongURL(c.SandboxAt)},
		{"data", unless(c.Data != "", "want a directory")},
		{"database", wrongDatabase(c.Database.Reveal())},
		{"lease", unless(c.Lease >= minLease, "want 1s or more")},
		{"keep_history_months", unless(c.KeepHistoryMonths >= 0 && c.KeepHistoryMonths <= 1200, "want full months, or 0 to keep all")},
		{"stop_timeout", unless(c.StopTimeout > 0, "want a duration above zero")},
		{"log.level", wrongWord(c.Log.Level, "debug", "info", "warn", "error")},
		{"log.format", wrongWord(c.Log.Format, "text", "json")},
		{"limits.segments", outside(c.Limits.Segments, 255)},
		{"limits.recipients", outside(c.Limits.Recipients, 10_000)},
		{"limits.backlog", unless(c.Limits.Backlog >= 1, "want a number of at least 1")},
		{"currency", unless(tariff.IsCurrency(c.Currency), `want three capital letters (ISO 4217), such as "EUR"`)},
		{"default_connector", c.wrongConnector(c.DefaultConnector)},
	} {
		if judged.wrong != "" {
			found = append(found, finding{strings.Split(judged.key, "."), judged.wrong})
		}
	}
	return found
}

var (
	numeric    = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
	senderName = regexp.MustCompile(`^[ -~]+$`)
)

func (c Config) checkAccount(name string) []finding {
	at, account := path{"account", name}, c.Accounts[name]
	var found []finding
	for _, judged := range []struct{ key, wrong string }{
		{"default_region", unless(number.KnownRegion(account.DefaultRegion), `want a country in two capital letters, such as "FR"`)},
		{"default_sender", wrongSender(account.DefaultSender)},
		{"default_class", wrongClass(account.DefaultClass)},
		{"default_connector", c.wrongConnector(account.DefaultConnector)},
		{"keep_texts_days", wrongDays(account.KeepTextsDays)},
		{"keep_numbers_days", wrongDays(account.KeepNumbersDays)},
		{"policy", unless(account.Policy == policy.None, c.wrongPolicy(account.Policy))},
		{"families", wrongAccountFamilies(account.Families)},
		{"fixed_lines", wrongLines(account.FixedLines)},
		{"generic_senders", wrongWordsOfSenders(account.GenericSenders)},
		{"forbidden_senders", wrongWordsOfSenders(account.ForbiddenSenders)},
		{"typography", wrongWord(account.Typography, "keep", "gsm")},
		{"stop_confirmation", unless(account.StopConfirmation == "" || strings.TrimSpace(account.StopConfirmation) != "", "want a text; leave the key out for none")},
		{"stop_words", unless(!slices.ContainsFunc(account.StopWords, noWord), "want words or phrases with letters or digits")},
		{"weight", unless(account.Weight >= 1 && account.Weight <= 100, "want a number from 1 to 100, of turns in a row")},
		{"opt_out_scope", wrongWord(account.OptOutScope, "account", "sender")},
	} {
		if judged.wrong != "" {
			found = append(found, finding{at.to(judged.key), judged.wrong})
		}
	}
	return append(found, account.checkSenders(at)...)
}

func noWord(phrase string) bool {
	return !strings.ContainsFunc(phrase, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func (c Connector) check() []finding {
	at := path{"connector", c.Name}
	var found []finding
	positive := func(key string, wrong bool) {
		if wrong {
			found = append(found, finding{at.to(key), "want a value above zero; leave the key out for the provider's own"})
		}
	}
	positive("calls_per_second", c.CallsPerSecond != nil && *c.CallsPerSecond <= 0)
	positive("segments_per_second", c.SegmentsPerSecond != nil && *c.SegmentsPerSecond <= 0)
	positive("concurrency", c.Concurrency != nil && *c.Concurrency <= 0)
	positive("max_batch", c.MaxBatch != nil && *c.MaxBatch <= 0)
	positive("timeout", c.Timeout != nil && *c.Timeout <= 0)
	positive("poll_every", c.PollEvery != nil && *c.PollEvery <= 0)
	positive("credit_alert", c.CreditAlert != nil && *c.CreditAlert <= 0)
	if secret := c.CallbackSecret.Reveal(); secret != "" && !callbackSecret.MatchString(secret) {
		found = append(found, finding{at.to("callback_secret"), "want 16 to 128 characters of a-z and 0-9; leave the key out for one that is derived from the seal key"})
	}
	return found
}

// unless is detail when ok does not hold.
func unless(ok bool, detail string) string {
	if ok {
		return ""
	}
	return detail
}

func wrongURLs(texts []string) string {
	for _, text := range texts {
		if wrong := wrongURL(text); wrong != "" || text == "" {
			return fmt.Sprintf("%q is no address: want some such as %q", text, "https://sms.town.example/1.0")
		}
	}
	return ""
}

func wrongURL(text string) string {
	if text == "" {
		return ""
	}
	const want = `want a URL such as "http://127.0.0.1:8081"`
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return want
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return want + ", without user, question mark and hash"
	}
	return ""
}

// wrongDatabase does not repeat the value, which may hold a password.
func wrongDatabase(text string) string {
	if text == "" {
		return ""
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" || strings.Trim(parsed.Path, "/") == "" {
		return `want a URL such as "postgres://user:password@host:5432/name", or nothing for SQLite in the data directory`
	}
	return ""
}

// minLease leaves time to renew a lease three times.
const minLease = time.Second

// leastDays is longer than any message waits for its receipt.
const leastDays = 7

func wrongDays(days int) string {
	return unless(days == 0 || days >= leastDays, fmt.Sprintf("want %d days or more, or 0 to keep everything", leastDays))
}

func wrongWord(word string, valid ...string) string {
	if slices.Contains(valid, word) {
		return ""
	}
	return fmt.Sprintf("%q is none of %s", word, strings.Join(valid, ", "))
}

func wrongClass(class sms.Class) string {
	var valid []string
	for _, c := range sms.Classes {
		valid = append(valid, string(c))
	}
	return wrongWord(string(class), valid...)
}

func outside(n, most int) string {
	return unless(n >= 1 && n <= most, fmt.Sprintf("want a number from 1 to %d", most))
}

func wrongSender(sender string) string {
	if sender == "" || numeric.MatchString(sender) {
		return ""
	}
	return unless(senderName.MatchString(sender) && len(sender) <= sms.MaxSenderName,
		fmt.Sprintf("want a name of at most %d characters without accents, a short code or a number", sms.MaxSenderName))
}

// wrongConnector judges a reference to an instance.
func (c Config) wrongConnector(name string) string {
	if name == "" {
		return ""
	}
	var valid []string
	for _, conn := range c.Connectors {
		valid = append(valid, conn.Name)
	}
	if c.Sandbox || c.SandboxAt != "" {
		valid = append(valid, sandboxInstances...)
	}
	if slices.Contains(valid, name) {
		return ""
	}
	if len(valid) == 0 {
		return fmt.Sprintf("no connector %q: none is configured; sandbox = true, or --sandbox, brings ovh and sfr", name)
	}
	return fmt.Sprintf("no connector %q; %s", name, suggest(name, valid))
}
