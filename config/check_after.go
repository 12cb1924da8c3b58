package config

import (
	"fmt"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"relais/number"
	"relais/sms"
)

// The judgements of this file are about what follows a submit.

var (
	callbackSecret = regexp.MustCompile(`^[a-z0-9]{16,128}$`)
	sealKey        = regexp.MustCompile(`^\s*[0-9a-fA-F]{64}\s*$`)
)

// judged is a key of a table and what is wrong with its value.
type judged struct{ key, wrong string }

func findings(at path, all []judged) (found []finding) {
	for _, j := range all {
		if j.wrong != "" {
			found = append(found, finding{slices.Concat(at, strings.Split(j.key, ".")), j.wrong})
		}
	}
	return found
}

func (c Config) checkAfterSubmit() []finding {
	const week = 7 * 24 * time.Hour
	return findings(nil, []judged{
		{"public_url", wrongURL(c.PublicURL)},
		{"public_url", unless(!strings.HasSuffix(c.PublicURL, "/"), "want no slash at the end")},
		{"seal_key", unless(c.SealKey == "" || sealKey.MatchString(c.SealKey.Reveal()), "want 64 hexadecimal digits; openssl rand -hex 32 makes them")},
		{"receipts.otp", between(c.Receipts.OTP, time.Minute, week)},
		{"receipts.transactional", between(c.Receipts.Transactional, time.Minute, week)},
		{"receipts.marketing", between(c.Receipts.Marketing, time.Minute, week)},
		{"doubt.otp", wrongWord(c.Doubt.OTP, "hold", "resend")},
		{"health.error_rate", unless(c.Health.ErrorRate > 0 && c.Health.ErrorRate <= 1, "want a share above 0 and up to 1, such as 0.5")},
		{"health.least", outside(c.Health.Least, 200)},
		{"health.receipt_delay", between(c.Health.ReceiptDelay, time.Second, week)},
		{"health.probe_every", between(c.Health.ProbeEvery, time.Second, 24*time.Hour)},
		{"webhooks.allow", wrongWords(c.Webhooks.Allow, "loopback", "private")},
		{"webhooks.proxy", wrongProxy(c.Webhooks.Proxy.Reveal())},
		{"webhooks.timeout", between(c.Webhooks.Timeout, time.Second, 5*time.Minute)},
		{"webhooks.concurrency", outside(c.Webhooks.Concurrency, 256)},
		{"credit.check_every", between(c.Credit.CheckEvery, time.Second, 24*time.Hour)},
		{"credit.remind_every", between(c.Credit.RemindEvery, time.Minute, 30*24*time.Hour)},
		{"mail.server", wrongServer(c.Mail.Server)},
		{"mail.tls", wrongWord(c.Mail.TLS, "starttls", "tls", "none")},
		{"mail.language", wrongWord(c.Mail.Language, "fr", "en")},
		{"mail.from", unless(c.Mail.Server == "" || address(c.Mail.From), "want a mail address such as relais@town.example")},
		{"mail.to", unless(c.Mail.Server == "" || len(c.Mail.To) > 0 && !slices.ContainsFunc(c.Mail.To, noAddress), "want at least one mail address")},
	})
}

func address(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil
}

func noAddress(text string) bool { return !address(text) }

func wrongServer(server string) string {
	if server == "" {
		return ""
	}
	host, _, _ := net.SplitHostPort(server)
	return unless(host != "" && WrongAddress(server) == "", `want host:port such as "smtp.town.example:587"`)
}

func between(d, least, most time.Duration) string {
	return unless(d >= least && d <= most, fmt.Sprintf("want a duration from %s to %s", shortDuration(least), shortDuration(most)))
}

func wrongWords(words []string, valid ...string) string {
	for _, w := range words {
		if wrong := wrongWord(w, valid...); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (c Config) checkRoute(r Route) []finding {
	return findings(path{"route", r.Name}, []judged{
		{"connectors", unless(len(r.Connectors) > 0, "missing; name at least one connector")},
		{"connectors", c.wrongConnectors(r.Connectors)},
		{"weights", wrongWeights(r)},
		{"family", wrongFamilies(r.Family)},
		{"country", wrongCountries(r.Country)},
		{"class", wrongClasses(r.Class)},
		{"second_chance", unless(r.SecondChance == 0 || r.SecondChance >= 5*time.Second && r.SecondChance <= time.Hour, "want 0s for never, or from 5s to 1h")},
		{"second_chance", unless(r.SecondChance == 0 || len(r.Connectors) > 1, "a second chance needs a second connector")},
	})
}

func (c Config) wrongConnectors(names []string) string {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return fmt.Sprintf("item %d is empty or there twice", i+1)
		}
		if wrong := c.wrongConnector(name); wrong != "" {
			return wrong
		}
	}
	return ""
}

func wrongWeights(r Route) string {
	if len(r.Weights) == 0 {
		return ""
	}
	total := 0
	for _, w := range r.Weights {
		if w < 0 || w > 1_000_000 {
			return "want whole numbers from 0 to 1000000"
		}
		total += w
	}
	if len(r.Weights) != len(r.Connectors) {
		return fmt.Sprintf("%d weights for %d connectors", len(r.Weights), len(r.Connectors))
	}
	return unless(total > 0, "want at least one weight above 0")
}

func wrongFamilies(families []string) string {
	for _, f := range families {
		if f != number.FRMetro && f != number.FROverseas && (f != strings.ToLower(f) || !number.KnownRegion(strings.ToUpper(f))) {
			return fmt.Sprintf("%q is none of fr-metro, fr-overseas, nor a country in lower case", f)
		}
	}
	return ""
}

func wrongCountries(countries []string) string {
	for _, c := range countries {
		if !number.KnownRegion(c) {
			return fmt.Sprintf(`%q is no country in two capital letters, such as "FR"`, c)
		}
	}
	return ""
}

func wrongClasses(classes []sms.Class) string {
	for _, class := range classes {
		if wrong := wrongClass(class); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (c Config) checkReply(r Reply) []finding {
	_, err := regexp.Compile(r.Pattern)
	return findings(path{"reply", r.Name}, []judged{
		{"webhook", unless(r.Webhook != "" || r.Text != "", "missing; a rule needs a webhook or a text")},
		{"webhook", unless(r.Webhook == "" || strings.HasPrefix(r.Webhook, "http://") || strings.HasPrefix(r.Webhook, "https://"), "want an address such as https://forms.town.example/sms")},
		{"pattern", unless(err == nil, "want a regular expression in the syntax of RE2, best in single quotes")},
		{"connector", c.wrongConnectors(r.Connector)},
		{"keyword", unless(!slices.ContainsFunc(r.Keyword, func(k string) bool { return strings.TrimSpace(k) == "" }), "an item is empty")},
	})
}
