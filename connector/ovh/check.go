package ovh

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"relais/connector"
	"relais/reason"
)

const (
	skewWorthSaying = time.Minute         // failures were reported from about one minute (java-ovh #6)
	expiryNear      = 14 * 24 * time.Hour // of the consumer key
	creditsLow      = 100                 // the smallest pack that OVH sells (API schema sms.json)
)

// Check examines clock, consumer key, rights, account, sender and credit, in
// the order in which each hides the next. It sends no message.
func (c *Client) Check(ctx context.Context) []connector.Finding { return checkup{c}.run(ctx) }

// checkup examines what a client would use.
type checkup struct{ *Client }

func (c checkup) run(ctx context.Context) []connector.Finding {
	findings := []connector.Finding{c.checkClock(ctx)}
	if findings[0].Level == connector.Failure {
		return findings
	}
	key, err := c.api.currentCredential(ctx)
	if err != nil {
		return append(findings, failure("credential_refused", foundCredentialRefused,
			reason.Args{"error": reason.Name(err.Error())}))
	}
	findings = append(findings, c.checkCredential(key)...)
	findings = append(findings, c.checkRights(key.Rules)...)
	account, finding := c.checkAccount(ctx)
	findings = append(findings, finding)
	if finding.Level == connector.Failure {
		return findings
	}
	findings = append(findings, checkChannel(account.Channel), checkCredit(account.CreditsLeft),
		c.checkSender(ctx), c.checkCallbacks(ctx))
	if c.config.User != "" {
		findings = append(findings, c.checkUser(ctx))
	}
	return findings
}

func ok(code string, sentence reason.Code, args reason.Args) connector.Finding {
	return connector.Found(connector.OK, code, reason.Of(sentence, args))
}

func warning(code string, sentence reason.Code, args reason.Args) connector.Finding {
	return connector.Found(connector.Warning, code, reason.Of(sentence, args))
}

func failure(code string, sentence reason.Code, args reason.Args) connector.Finding {
	return connector.Found(connector.Failure, code, reason.Of(sentence, args))
}

func (c checkup) checkClock(ctx context.Context) connector.Finding {
	offset, err := c.api.readClock(ctx)
	if err != nil {
		return failure("endpoint_unreachable", foundEndpointUnreachable,
			reason.Args{"error": reason.Name(err.Error())})
	}
	off := offset.ahead.Abs().Round(time.Second)
	if off > skewWorthSaying {
		return warning("clock_skew", foundClockSkew, reason.Args{"off": reason.Name(off.String())})
	}
	return ok("clock", foundClock, reason.Args{"off": reason.Name(max(off, time.Second).String())})
}

func (c checkup) checkCredential(key credential) []connector.Finding {
	var findings []connector.Finding
	switch {
	case key.Status != stateValidated:
		findings = append(findings, failure("credential_not_validated", foundCredentialNotValidated,
			reason.Args{"state": reason.Name(strconv.Quote(c.api.clean(key.Status, "")))}))
	case key.Expiration == nil:
		findings = append(findings, ok("credential", foundCredential, nil))
	default:
		findings = append(findings, c.checkExpiration(*key.Expiration))
	}
	if len(key.AllowedIPs) > 0 {
		findings = append(findings, ok("credential_addresses", foundCredentialAddresses,
			reason.Args{"addresses": reason.Names(key.AllowedIPs)}))
	}
	return findings
}

func (c checkup) checkExpiration(end time.Time) connector.Finding {
	day := reason.Args{"day": reason.Name(end.Format(time.DateOnly))}
	switch left := end.Sub(c.api.now()); {
	case left <= 0:
		return failure("credential_expired", foundCredentialExpired, day)
	case left < expiryNear:
		return warning("credential_expires", foundCredentialExpires, day)
	default:
		return ok("credential", foundCredentialUntil, day)
	}
}

// need is a call that the gateway makes through the instance, and what stops without it.
type need struct {
	method, path string
	rule         Rule
	level        connector.Level
	purpose      reason.Code
}

func (c checkup) needs() []need {
	list, read, send := Rights[1], Rights[2], Rights[3]
	return []need{
		{http.MethodPost, c.jobs + "/jobs", send, connector.Failure, foundWithoutSend},
		{http.MethodGet, c.account, read, connector.Warning, foundWithoutCredit},
		{http.MethodGet, c.jobs + "/outgoing", read, connector.Warning, foundWithoutLookup},
		{http.MethodGet, c.jobs + "/outgoing/1", read, connector.Warning, foundWithoutLookup},
		{http.MethodGet, c.jobs + "/jobs/1", read, connector.Warning, foundWithoutIds},
		{http.MethodGet, c.account + "/senders", read, connector.Warning, foundWithoutSenders},
		{http.MethodGet, c.account + "/senders/x", read, connector.Warning, foundWithoutSenders},
		{http.MethodGet, "/sms", list, connector.Warning, foundWithoutAccounts},
	}
}

// checkRights names each rule that must be added, once.
func (c checkup) checkRights(granted []Rule) []connector.Finding {
	var findings []connector.Finding
	var named []Rule
	for _, n := range c.needs() {
		if covered(granted, n.method, n.path) || slices.Contains(named, n.rule) {
			continue
		}
		named = append(named, n.rule)
		sentence, args := foundRightMissing,
			reason.Args{"rule": reason.Name(n.rule.String()), "so": reason.Of(n.purpose, nil)}
		if why := nearMiss(granted, n.method, n.path); !why.IsZero() {
			sentence, args["why"] = foundRightMissed, why
		}
		findings = append(findings, connector.Found(n.level, "right_missing", reason.Of(sentence, args)))
	}
	if len(findings) == 0 {
		findings = append(findings, ok("rights", foundRights, nil))
	}
	return findings
}

func (c checkup) checkAccount(ctx context.Context) (account, connector.Finding) {
	a, err := c.readAccount(ctx)
	switch {
	case notFound(err):
		return a, c.unknownAccount(ctx)
	case err != nil:
		return a, failure("account_unreadable", foundAccountUnreadable,
			reason.Args{"service": reason.Name(c.config.Service), "error": reason.Name(err.Error())})
	case a.Status != "enable":
		return a, failure("account_disabled", foundAccountDisabled,
			reason.Args{
				"service": reason.Name(c.config.Service),
				"state":   reason.Name(strconv.Quote(c.api.clean(a.Status, ""))),
			})
	}
	c.setBalance(a.CreditsLeft)
	return a, ok("account", foundAccount, reason.Args{"service": reason.Name(c.config.Service)})
}

func (c checkup) unknownAccount(ctx context.Context) connector.Finding {
	const code = "account_unknown"
	args := reason.Args{"service": reason.Name(c.config.Service)}
	accounts, err := c.api.accounts(ctx)
	switch {
	case err != nil:
		args["error"] = reason.Name(err.Error())
		return failure(code, foundAccountUnlisted, args)
	case len(accounts) == 0:
		return failure(code, foundAccountNone, args)
	default:
		args["accounts"] = reason.Names(accounts)
		return failure(code, foundAccountOther, args)
	}
}

func checkChannel(channel string) connector.Finding {
	switch channel {
	case "marketing":
		return warning("channel_marketing", foundChannelMarketing, nil)
	case "transactional":
		return warning("channel_transactional", foundChannelTransactional, nil)
	default:
		return ok("channel", foundChannel, nil)
	}
}

func checkCredit(credits float64) connector.Finding {
	left := reason.Args{"credits": reason.Name(strconv.FormatFloat(credits, 'f', -1, 64))}
	switch {
	case credits <= 0:
		return failure("credit_empty", foundCreditEmpty, nil)
	case credits < creditsLow:
		return warning("credit_low", foundCredit, left)
	default:
		return ok("credit", foundCredit, left)
	}
}

func (c checkup) checkSender(ctx context.Context) connector.Finding {
	switch {
	case c.config.SenderForResponse:
		return ok("sender", foundSenderResponse, nil)
	case c.config.Sender == "":
		return warning("sender_default_missing", foundSenderDefaultMissing, nil)
	}
	sender, err := c.readSender(ctx, c.config.Sender)
	switch {
	case notFound(err):
		return c.unknownSender(ctx)
	case err != nil:
		return warning("sender_unreadable", foundSenderUnreadable,
			reason.Args{"error": reason.Name(err.Error())})
	}
	return c.judgeSender(sender.Status, sender.Comment)
}

// judgeSender reads StatusSenderEnum (API schema sms.json).
func (c checkup) judgeSender(status, comment string) connector.Finding {
	switch status {
	case senderEnabled:
		return ok("sender", foundSender, nil)
	case senderWaiting:
		return failure("sender_waiting", foundSenderWaiting, nil)
	case senderRefused:
		if words := c.api.clean(comment, ""); words != "" {
			return failure("sender_refused", foundSenderRefusedWhy, reason.Args{"why": reason.Name(words)})
		}
		return failure("sender_refused", foundSenderRefused, nil)
	case senderDisabled:
		return failure("sender_disabled", foundSenderDisabled, nil)
	default:
		return warning("sender_state_unknown", foundSenderStateUnknown,
			reason.Args{"state": reason.Name(strconv.Quote(c.api.clean(status, "")))})
	}
}

func (c checkup) unknownSender(ctx context.Context) connector.Finding {
	const code = "sender_unknown"
	var senders []string
	if err := c.api.get(ctx, c.account+"/senders", &senders); err != nil || len(senders) == 0 {
		return failure(code, foundSenderUnknown, nil)
	}
	for i, sender := range senders {
		senders[i] = c.api.clean(sender, "")
	}
	slices.Sort(senders)
	return failure(code, foundSenderOther, reason.Args{"senders": reason.Names(senders)})
}

func (c checkup) checkUser(ctx context.Context) connector.Finding {
	var user struct {
		Quota struct {
			Left   float64 `json:"quotaLeft"`
			Status string  `json:"quotaStatus"`
		} `json:"quotaInformations"`
	}
	err := c.api.get(ctx, c.jobs, &user)
	switch {
	case notFound(err):
		return failure("user_unknown", foundUserUnknown, nil)
	case err != nil:
		return warning("user_unreadable", foundUserUnreadable, reason.Args{"error": reason.Name(err.Error())})
	case user.Quota.Status == "active" && user.Quota.Left <= 0:
		return failure("user_quota_empty", foundUserQuotaEmpty, nil)
	default:
		return ok("user", foundUser, nil)
	}
}
