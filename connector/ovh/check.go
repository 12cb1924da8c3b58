package ovh

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/connector"
)

const (
	skewWorthSaying = time.Minute         // failures were reported from about one minute (java-ovh #6)
	expiryNear      = 14 * 24 * time.Hour // of the consumer key
	creditsLow      = 100                 // the smallest pack that OVH sells (API schema sms.json)
)

// Check examines clock, consumer key, rights, account, sender and credit, in
// the order in which each hides the next. It sends no message.
func (c *Client) Check(ctx context.Context) []connector.Finding {
	findings := []connector.Finding{c.checkClock(ctx)}
	if findings[0].Level == connector.Failure {
		return findings
	}
	key, err := c.api.currentCredential(ctx)
	if err != nil {
		return append(findings, failure("credential_refused",
			fmt.Sprintf("the keys are not accepted: %v; check the three keys, or run relais ovh login", err)))
	}
	findings = append(findings, c.checkCredential(key)...)
	findings = append(findings, c.checkRights(key.Rules)...)
	account, finding := c.checkAccount(ctx)
	findings = append(findings, finding)
	if finding.Level == connector.Failure {
		return findings
	}
	findings = append(findings, checkChannel(account.Channel), checkCredit(account.CreditsLeft), c.checkSender(ctx), c.checkCallbacks(ctx))
	if c.config.User != "" {
		findings = append(findings, c.checkUser(ctx))
	}
	return findings
}

func ok(code, detail string) connector.Finding {
	return connector.Finding{Level: connector.OK, Code: code, Detail: detail}
}

func warning(code, detail string) connector.Finding {
	return connector.Finding{Level: connector.Warning, Code: code, Detail: detail}
}

func failure(code, detail string) connector.Finding {
	return connector.Finding{Level: connector.Failure, Code: code, Detail: detail}
}

func (c *Client) checkClock(ctx context.Context) connector.Finding {
	offset, err := c.api.readClock(ctx)
	if err != nil {
		return failure("endpoint_unreachable", fmt.Sprintf("GET /auth/time failed: %v; check the endpoint and the network", err))
	}
	off := offset.ahead.Abs().Round(time.Second)
	if off > skewWorthSaying {
		return warning("clock_skew", fmt.Sprintf(
			"this machine's clock is %v away from OVH's; calls are corrected, but set the clock: times in the timeline are wrong", off))
	}
	return ok("clock", fmt.Sprintf("this machine's clock is within %v of OVH's", max(off, time.Second)))
}

func (c *Client) checkCredential(key credential) []connector.Finding {
	var findings []connector.Finding
	switch {
	case key.Status != stateValidated:
		findings = append(findings, failure("credential_not_validated", fmt.Sprintf(
			"the consumer key is %q; agree at the address that relais ovh login printed, or run it again", c.api.clean(key.Status, ""))))
	case key.Expiration == nil:
		findings = append(findings, ok("credential", "the consumer key is validated and does not expire"))
	default:
		findings = append(findings, c.checkExpiration(*key.Expiration))
	}
	if len(key.AllowedIPs) > 0 {
		findings = append(findings, ok("credential_addresses",
			"the consumer key works from these addresses only: "+strings.Join(key.AllowedIPs, ", ")))
	}
	return findings
}

func (c *Client) checkExpiration(end time.Time) connector.Finding {
	day := end.Format(time.DateOnly)
	switch left := end.Sub(c.api.now()); {
	case left <= 0:
		return failure("credential_expired", "the consumer key expired on "+day+"; run relais ovh login")
	case left < expiryNear:
		return warning("credential_expires", "the consumer key expires on "+day+"; run relais ovh login before")
	default:
		return ok("credential", "the consumer key is validated until "+day)
	}
}

// need is a call that the gateway makes through the instance, and what stops without it.
type need struct {
	method, path string
	rule         Rule
	level        connector.Level
	purpose      string
}

func (c *Client) needs() []need {
	list, read, send := Rights[1], Rights[2], Rights[3]
	return []need{
		{http.MethodPost, c.jobs + "/jobs", send, connector.Failure, "no message can be sent"},
		{http.MethodGet, c.account, read, connector.Warning, "the credit cannot be read"},
		{http.MethodGet, c.jobs + "/outgoing", read, connector.Warning, "a message in doubt cannot be looked up"},
		{http.MethodGet, c.jobs + "/outgoing/1", read, connector.Warning, "a message in doubt cannot be looked up"},
		{http.MethodGet, c.jobs + "/jobs/1", read, connector.Warning, "the ids of a batch cannot be read"},
		{http.MethodGet, c.account + "/senders", read, connector.Warning, "senders cannot be checked"},
		{http.MethodGet, c.account + "/senders/x", read, connector.Warning, "senders cannot be checked"},
		{http.MethodGet, "/sms", list, connector.Warning, "the accounts of the key cannot be listed"},
	}
}

// checkRights names each rule that must be added, once.
func (c *Client) checkRights(granted []Rule) []connector.Finding {
	var findings []connector.Finding
	var named []Rule
	for _, n := range c.needs() {
		if covered(granted, n.method, n.path) || slices.Contains(named, n.rule) {
			continue
		}
		named = append(named, n.rule)
		detail := fmt.Sprintf("the consumer key lacks the rule %s, so %s; run relais ovh login", n.rule, n.purpose)
		if why := nearMiss(granted, n.method, n.path); why != "" {
			detail += " (" + why + ")"
		}
		findings = append(findings, connector.Finding{Level: n.level, Code: "right_missing", Detail: detail})
	}
	if len(findings) == 0 {
		findings = append(findings, ok("rights", "the consumer key has every right that is needed"))
	}
	return findings
}

func (c *Client) checkAccount(ctx context.Context) (account, connector.Finding) {
	a, err := c.readAccount(ctx)
	switch {
	case notFound(err):
		return a, failure("account_unknown", c.unknownAccount(ctx))
	case err != nil:
		return a, failure("account_unreadable", fmt.Sprintf("the SMS account %s cannot be read: %v", c.config.Service, err))
	case a.Status != "enable":
		return a, failure("account_disabled", fmt.Sprintf(
			"the SMS account %s is in state %q; enable it in the control panel of OVH", c.config.Service, c.api.clean(a.Status, "")))
	}
	c.setBalance(a.CreditsLeft)
	return a, ok("account", "the SMS account "+c.config.Service+" is enabled")
}

func (c *Client) unknownAccount(ctx context.Context) string {
	detail := "the consumer key sees no SMS account " + c.config.Service
	accounts, err := c.api.accounts(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("%s, and cannot list those it sees: %v", detail, err)
	case len(accounts) == 0:
		return detail + ", nor any other; log in as the customer who owns it"
	default:
		return detail + "; set service to one of: " + strings.Join(accounts, ", ")
	}
}

func checkChannel(channel string) connector.Finding {
	switch channel {
	case "marketing":
		return warning("channel_marketing", "the account is for marketing; otp and transactional messages need another account")
	case "transactional":
		return warning("channel_transactional", "the account is for transactional messages; marketing needs another account")
	default:
		return ok("channel", "the account takes every class of message")
	}
}

func checkCredit(credits float64) connector.Finding {
	switch {
	case credits <= 0:
		return failure("credit_empty", "no credit is left; buy a pack in the control panel of OVH")
	case credits < creditsLow:
		return warning("credit_low", strconv.FormatFloat(credits, 'f', -1, 64)+" credits are left")
	default:
		return ok("credit", strconv.FormatFloat(credits, 'f', -1, 64)+" credits are left")
	}
}

func (c *Client) checkSender(ctx context.Context) connector.Finding {
	switch {
	case c.config.SenderForResponse:
		return ok("sender", "messages leave from a random short number; the sender of a message is not used")
	case c.config.Sender == "":
		return warning("sender_default_missing", "no default sender is set: a message that names none will be rejected")
	}
	sender, err := c.readSender(ctx, c.config.Sender)
	switch {
	case notFound(err):
		return failure("sender_unknown", c.unknownSender(ctx))
	case err != nil:
		return warning("sender_unreadable", fmt.Sprintf("the default sender cannot be checked: %v", err))
	}
	return c.judgeSender(sender.Status, sender.Comment)
}

// judgeSender reads StatusSenderEnum (API schema sms.json).
func (c *Client) judgeSender(status, comment string) connector.Finding {
	switch status {
	case senderEnabled:
		return ok("sender", "the default sender is approved")
	case senderWaiting:
		return failure("sender_waiting", "the default sender waits for approval by OVH, about 72 hours; messages from it are refused until then")
	case senderRefused:
		detail := "the default sender was refused by OVH"
		if words := c.api.clean(comment, ""); words != "" {
			detail += ": " + words
		}
		return failure("sender_refused", detail+"; ask for another")
	case senderDisabled:
		return failure("sender_disabled", "the default sender is disabled; enable it in the control panel of OVH")
	default:
		return warning("sender_state_unknown", fmt.Sprintf("the default sender is in a state that OVH does not document: %q", c.api.clean(status, "")))
	}
}

func (c *Client) unknownSender(ctx context.Context) string {
	const detail = "the account has no such sender as the default one; ask OVH for it"
	var senders []string
	if err := c.api.get(ctx, c.account+"/senders", &senders); err != nil || len(senders) == 0 {
		return detail
	}
	for i, sender := range senders {
		senders[i] = c.api.clean(sender, "")
	}
	slices.Sort(senders)
	return detail + ", or use one of: " + strings.Join(senders, ", ")
}

func (c *Client) checkUser(ctx context.Context) connector.Finding {
	var user struct {
		Quota struct {
			Left   float64 `json:"quotaLeft"`
			Status string  `json:"quotaStatus"`
		} `json:"quotaInformations"`
	}
	err := c.api.get(ctx, c.jobs, &user)
	switch {
	case notFound(err):
		return failure("user_unknown", "the account has no such SMS user as the one set")
	case err != nil:
		return warning("user_unreadable", fmt.Sprintf("the SMS user cannot be checked: %v", err))
	case user.Quota.Status == "active" && user.Quota.Left <= 0:
		return failure("user_quota_empty", "the quota of the SMS user is spent; raise it in the control panel of OVH")
	default:
		return ok("user", "the SMS user exists and may send")
	}
}
