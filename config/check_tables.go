package config

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/config/section"
	"relais/reason"
)

var (
	callbackSecret = regexp.MustCompile(`^[a-z0-9]{16,128}$`)
	sealKey        = regexp.MustCompile(`^\s*[0-9a-fA-F]{64}\s*$`)
)

func (c Config) checkTables() []section.Finding {
	const week = 7 * 24 * time.Hour
	return section.Findings(nil, []section.Judged{
		{Key: "public_url", Wrong: section.WrongURL(c.PublicURL)},
		{Key: "public_url", Wrong: section.Unless(!strings.HasSuffix(c.PublicURL, "/"), whySlashAtEnd)},
		{Key: "trusted_proxies", Wrong: section.WrongNetworks(c.TrustedProxies)},
		{Key: "seal_key", Wrong: section.Unless(c.SealKey == "" || sealKey.MatchString(c.SealKey.Reveal()),
			whySealKey)},
		{Key: "receipts.otp", Wrong: between(c.Receipts.OTP, time.Minute, week)},
		{Key: "receipts.transactional", Wrong: between(c.Receipts.Transactional, time.Minute, week)},
		{Key: "receipts.marketing", Wrong: between(c.Receipts.Marketing, time.Minute, week)},
		{Key: "doubt.otp", Wrong: section.WrongWord(c.Doubt.OTP, "hold", "resend")},
		{Key: "health.error_rate", Wrong: section.Unless(c.Health.ErrorRate > 0 && c.Health.ErrorRate <= 1,
			whyErrorRate)},
		{Key: "health.least", Wrong: section.Outside(c.Health.Least, 200)},
		{Key: "health.receipt_delay", Wrong: between(c.Health.ReceiptDelay, time.Second, week)},
		{Key: "health.probe_every", Wrong: between(c.Health.ProbeEvery, time.Second, 24*time.Hour)},
		{Key: "webhooks.allow", Wrong: wrongWords(c.Webhooks.Allow, "loopback", "private")},
		{Key: "webhooks.proxy", Wrong: wrongProxy(c.Webhooks.Proxy.Reveal())},
		{Key: "webhooks.timeout", Wrong: between(c.Webhooks.Timeout, time.Second, 5*time.Minute)},
		{Key: "webhooks.concurrency", Wrong: section.Outside(c.Webhooks.Concurrency, 256)},
		{Key: "credit.check_every", Wrong: between(c.Credit.CheckEvery, time.Second, 24*time.Hour)},
		{Key: "credit.remind_every", Wrong: between(c.Credit.RemindEvery, time.Minute, 30*24*time.Hour)},
		{Key: "mail.server", Wrong: wrongServer(c.Mail.Server)},
		{Key: "mail.tls", Wrong: section.WrongWord(c.Mail.TLS, "starttls", "tls", "none")},
		{Key: "mail.language", Wrong: section.WrongWord(c.Mail.Language, "fr", "en")},
		{Key: "mail.from", Wrong: section.Unless(c.Mail.Server == "" || address(c.Mail.From), whyMailAddress)},
		{Key: "mail.to", Wrong: section.Unless(c.Mail.Server == "" || len(c.Mail.To) > 0 &&
			!slices.ContainsFunc(c.Mail.To, noAddress), whyMailAddresses)},
	})
}

func address(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil
}

func noAddress(text string) bool { return !address(text) }

func wrongServer(server string) reason.Reason {
	if server == "" {
		return reason.Reason{}
	}
	host, _, _ := net.SplitHostPort(server)
	return section.Unless(host != "" && section.WrongAddress(server).IsZero(), whyMailServer)
}

func between(d, least, most time.Duration) reason.Reason {
	return section.UnlessWith(d >= least && d <= most, whyBetween, reason.Args{
		"least": reason.Duration(least), "most": reason.Duration(most),
	})
}

func wrongWords(words []string, valid ...string) reason.Reason {
	for _, w := range words {
		if wrong := section.WrongWord(w, valid...); !wrong.IsZero() {
			return wrong
		}
	}
	return reason.Reason{}
}

// headerName is a field name of RFC 9110, section 5.1.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (t Traces) check() []section.Finding {
	return section.Findings(path{"traces"}, []section.Judged{
		{Key: "endpoint", Wrong: section.WrongURL(t.Endpoint)},
		{Key: "endpoint", Wrong: section.Unless(
			!strings.HasSuffix(strings.TrimSuffix(t.Endpoint, "/"), "/v1/traces"), whyTracesPath)},
		{Key: "sample", Wrong: section.Unless(t.Sample >= 0 && t.Sample <= 1, whyTracesSample)},
		{Key: "header", Wrong: section.Unless(headerName.MatchString(t.Header), whyTracesHeader)},
		{Key: "token", Wrong: section.Unless(
			!strings.ContainsAny(t.Token.Reveal(), "\r\n\x00"), whyOneLine)},
	})
}

// ProxyURL is the proxy of webhooks; nil where there is none.
func (w Webhooks) ProxyURL() *url.URL {
	parsed, err := url.Parse(w.Proxy.Reveal())
	if err != nil || parsed.Host == "" {
		return nil
	}
	return parsed
}

// wrongProxy does not repeat the value, which may hold a password.
func wrongProxy(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return reason.Of(whyProxyURL, nil)
	case parsed.Scheme != "http":
		return reason.Of(whyProxyScheme, nil)
	case parsed.Hostname() == "" || !isPort(parsed.Port()):
		return reason.Of(whyProxyPort, nil)
	case parsed.Path != "" && parsed.Path != "/" || parsed.RawQuery != "" || parsed.Fragment != "":
		return reason.Of(whyProxyPath, nil)
	}
	return reason.Reason{}
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
