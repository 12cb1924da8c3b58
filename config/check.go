package config

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"relais/config/section"
	"relais/reason"
	"relais/tariff"
)

// sandboxInstances are the connectors that the sandbox adds.
var sandboxInstances = []string{"ovh", "sfr", "smsc"}

func (c Config) check() []section.Finding {
	found := append(c.checkValues(), c.checkTables()...)
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
	found = append(found, c.checkAddresses()...)
	found = append(found, c.checkPolicies()...)
	found = append(found, c.checkDoors()...)
	found = append(found, c.Traces.check()...)
	found = append(found, c.checkOIDC()...)
	found = append(found, c.Console.check()...)
	found = append(found, c.Accessibility.check()...)
	for _, conn := range c.Connectors {
		found = append(found, conn.check()...)
		if wrong := c.wrongPolicy(conn.PolicyOverlay); !wrong.IsZero() {
			found = append(found, section.Finding{
				At: path{"connector", conn.Name, "policy_overlay"}, Wrong: wrong,
			})
		}
		if wrong := wrongTariff(conn.Tariff); !wrong.IsZero() {
			found = append(found, section.Finding{At: path{"connector", conn.Name, "tariff"}, Wrong: wrong})
		}
	}
	return found
}

// checkAddresses finds addresses that two listen on. Any free port is nobody's.
func (c Config) checkAddresses() (found []section.Finding) {
	listens := []struct{ key, at string }{
		{"listen", c.Listen}, {"sandbox_listen", c.SandboxListen}, {"smpp_listen", c.SMPPListen}, {"smpp_tls.listen", c.SMPPTLS.Listen},
	}
	first := map[string]string{}
	for _, l := range listens {
		switch other := first[l.at]; {
		case l.at == "" || strings.HasSuffix(l.at, ":0"):
		case other == "":
			first[l.at] = l.key
		default:
			found = append(found, section.Finding{
				At: strings.Split(l.key, "."), Wrong: reason.Of(whySameAddress, reason.Args{"key": reason.Name(other)}),
			})
		}
	}
	return found
}

// checkValues judges single values.
func (c Config) checkValues() []section.Finding {
	return section.Findings(nil, []section.Judged{
		{Key: "listen", Wrong: section.WrongAddress(c.Listen)},
		{Key: "sandbox_listen", Wrong: section.WrongAddress(c.SandboxListen)},
		{Key: "sandbox_at", Wrong: section.WrongURL(c.SandboxAt)},
		{Key: "smpp_listen", Wrong: wrongListenOrNone(c.SMPPListen)},
		{Key: "smpp_tls.listen", Wrong: wrongListenOrNone(c.SMPPTLS.Listen)},
		{Key: "smpp_tls.certificate", Wrong: section.Unless(c.SMPPTLS.Listen == "" || c.SMPPTLS.Certificate != "", whySMPPCertificate)},
		{Key: "smpp_tls.key", Wrong: section.Unless(c.SMPPTLS.Listen == "" || c.SMPPTLS.Key != "", whySMPPKey)},
		{Key: "data", Wrong: section.Unless(c.Data != "", whyDirectory)},
		{Key: "database", Wrong: wrongDatabase(c.Database.Reveal())},
		{Key: "lease", Wrong: section.Unless(c.Lease >= minLease, whyLease)},
		{
			Key:   "keep_history_months",
			Wrong: section.Unless(c.KeepHistoryMonths >= 0 && c.KeepHistoryMonths <= 1200, whyMonths),
		},
		{
			Key: "keep_audit_months",
			Wrong: section.Unless(
				c.KeepAuditMonths == 0 || c.KeepAuditMonths >= 6 && c.KeepAuditMonths <= 1200, whyAuditMonths),
		},
		{Key: "stop_timeout", Wrong: section.Unless(c.StopTimeout > 0, whyAboveZeroTime)},
		{Key: "log.level", Wrong: section.WrongWord(c.Log.Level, "debug", "info", "warn", "error")},
		{Key: "log.format", Wrong: section.WrongWord(c.Log.Format, "text", "json")},
		{Key: "limits.segments", Wrong: section.Outside(c.Limits.Segments, 255)},
		{Key: "limits.recipients", Wrong: section.Outside(c.Limits.Recipients, 10_000)},
		{Key: "limits.backlog", Wrong: section.Unless(c.Limits.Backlog >= 1, whyAtLeastOne)},
		{Key: "currency", Wrong: section.Unless(tariff.IsCurrency(c.Currency), whyCurrency)},
		{Key: "default_connector", Wrong: c.WrongConnector(c.DefaultConnector)},
	})
}

func (c Config) checkAccount(name string) []section.Finding {
	at, account := path{"account", name}, c.Accounts[name]
	found := section.Findings(at, []section.Judged{
		{Key: "default_region", Wrong: section.WrongRegion(account.DefaultRegion)},
		{Key: "default_sender", Wrong: section.WrongSender(account.DefaultSender)},
		{Key: "default_class", Wrong: section.WrongClass(account.DefaultClass)},
		{Key: "default_connector", Wrong: c.WrongConnector(account.DefaultConnector)},
		{Key: "keep_texts_days", Wrong: wrongDays(account.KeepTextsDays)},
		{Key: "keep_numbers_days", Wrong: wrongDays(account.KeepNumbersDays)},
		{Key: "keep_file_days", Wrong: section.UnlessWith(account.KeepFileDays >= 0, whyDays,
			reason.Args{"least": reason.Count(1)})},
		{Key: "approve_above_rows", Wrong: section.Unless(account.ApproveAboveRows >= -1, whyApproveRows)},
		{Key: "approve_above_price", Wrong: wrongApprovePrice(account.ApproveAbovePrice)},
		{Key: "policy", Wrong: c.wrongPolicyOrNone(account.Policy)},
		{Key: "families", Wrong: wrongAccountFamilies(account.Families)},
		{Key: "fixed_lines", Wrong: wrongLines(account.FixedLines)},
		{Key: "generic_senders", Wrong: wrongWordsOfSenders(account.GenericSenders)},
		{Key: "forbidden_senders", Wrong: wrongWordsOfSenders(account.ForbiddenSenders)},
		{Key: "typography", Wrong: section.WrongWord(account.Typography, "keep", "gsm")},
		{Key: "stop_confirmation", Wrong: section.Unless(account.StopConfirmation == "" ||
			strings.TrimSpace(account.StopConfirmation) != "", whyStopConfirmation)},
		{Key: "stop_words", Wrong: section.Unless(!slices.ContainsFunc(account.StopWords, noWord), whyStopWords)},
		{Key: "weight", Wrong: section.Unless(account.Weight >= 1 && account.Weight <= 100, whyWeight)},
		{Key: "opt_out_scope", Wrong: section.WrongWord(account.OptOutScope, "account", "sender")},
	})
	return append(found, account.checkSenders(at)...)
}

func noWord(phrase string) bool {
	return !strings.ContainsFunc(phrase, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	})
}

func (c Connector) check() []section.Finding {
	at := path{"connector", c.Name}
	var found []section.Finding
	positive := func(key string, wrong bool) {
		if wrong {
			found = append(found, section.Finding{At: at.To(key), Wrong: reason.Of(whyAboveZero, nil)})
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
		found = append(found, section.Finding{
			At:    at.To("callback_secret"),
			Wrong: reason.Of(whyCallbackSecret, nil),
		})
	}
	return found
}

// wrongDatabase does not repeat the value, which may hold a password.
func wrongDatabase(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" ||
		strings.Trim(parsed.Path, "/") == "" {
		return reason.Of(whyDatabase, nil)
	}
	return reason.Reason{}
}

// minLease leaves time to renew a lease three times.
const minLease = time.Second

// leastDays is longer than any message waits for its receipt.
const leastDays = 7

func wrongDays(days int) reason.Reason {
	return section.UnlessWith(days == 0 || days >= leastDays, whyDays,
		reason.Args{"least": reason.Count(leastDays)})
}

// WrongConnector judges a reference to an instance.
func (c Config) WrongConnector(name string) reason.Reason {
	if name == "" {
		return reason.Reason{}
	}
	var valid []string
	for _, conn := range c.Connectors {
		valid = append(valid, conn.Name)
	}
	if c.Sandbox || c.SandboxAt != "" {
		valid = append(valid, sandboxInstances...)
	}
	if slices.Contains(valid, name) {
		return reason.Reason{}
	}
	if len(valid) == 0 {
		return reason.Of(whyNoConnectorAtAll, reason.Args{"name": section.Quoted(name)})
	}
	return reason.Of(whyNoConnector, reason.Args{"name": section.Quoted(name), "right": suggest(name, valid)})
}

// wrongListenOrNone judges an address to listen on that may be left out.
func wrongListenOrNone(address string) reason.Reason {
	if address == "" {
		return reason.Reason{}
	}
	return section.WrongAddress(address)
}
