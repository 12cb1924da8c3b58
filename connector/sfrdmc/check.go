package sfrdmc

import (
	"context"
	"slices"
	"strconv"
	"time"

	"relais/connector"
	"relais/reason"
)

// space is an item of findSpaces (DMC developer guide v1.7, 2.7.1).
type space struct {
	ID         scalar `json:"spaceId"`
	Active     scalar `json:"spaceActive"`     // 0 or 1 where it is set; true is tolerated
	Expiration scalar `json:"spaceExpiration"` // milliseconds since 1970
}

// expiresSoon is how early a person should know that a space will end.
const expiresSoon = 30 * 24 * time.Hour

// Check makes two calls, which count in the contract's 5 a second: one proves
// the credentials and the space, one the sender.
func (i *instance) Check(ctx context.Context) []connector.Finding {
	findings := i.checkSpace(ctx)
	if findings[0].Level == connector.Failure {
		return findings // the second call would fail the same way
	}
	findings = append(findings, i.checkSender(ctx))
	if i.config.CallsPerSecond > contractRate {
		findings = append(findings, warning("rate", foundRate, reason.Args{
			"rate":    reason.Name(strconv.FormatFloat(i.config.CallsPerSecond, 'g', -1, 64)),
			"allowed": reason.Count(contractRate),
		}))
	}
	return findings
}

// checkSpace asks for the spaces of the service, without naming ours: a wrong
// space_id must not look like a wrong password.
func (i *instance) checkSpace(ctx context.Context) []connector.Finding {
	credentials := i.authentication()
	credentials.SpaceID = ""
	value, err := i.call(ctx, findSpaces, map[string]any{"authenticate": credentials})
	if err != nil {
		return []connector.Finding{failure("credentials", foundCredentialsRefused,
			reason.Args{"error": reason.Name(err.Error())})}
	}
	spaces, total, err := readList[space](value)
	if err != nil {
		return []connector.Finding{failure("credentials", foundSpacesUnlisted,
			reason.Args{"error": reason.Name(err.Error())})}
	}
	accepted := ok("credentials", foundCredentials, nil)
	at := slices.IndexFunc(spaces, func(s space) bool { return string(s.ID) == i.config.SpaceID })
	if at < 0 && total > len(spaces) {
		return []connector.Finding{accepted, warning("space", foundSpaceUnlisted, nil)}
	}
	if at < 0 {
		return []connector.Finding{accepted, failure("space", foundSpaceUnknown, nil)}
	}
	return []connector.Finding{accepted, spaces[at].finding(i.env.Now())}
}

func (s space) finding(now time.Time) connector.Finding {
	if s.Active == "0" || s.Active == "false" {
		return failure("space", foundSpaceInactive, nil)
	}
	milliseconds, err := strconv.ParseInt(string(s.Expiration), 10, 64)
	if err != nil || milliseconds <= 0 {
		return ok("space", foundSpace, nil)
	}
	end := time.UnixMilli(milliseconds).UTC()
	day := reason.Args{"day": reason.Name(end.Format(time.DateOnly))}
	switch {
	case !now.Before(end):
		return failure("space", foundSpaceExpired, day)
	case end.Sub(now) < expiresSoon:
		return warning("space", foundSpaceExpires, day)
	default:
		return ok("space", foundSpaceUntil, day)
	}
}

// checkSender looks for the configured sender among those that SFR declared.
// DMC sends from the short code in place of another one, and says nothing (SFR
// online help, "oadc-ne-fonctionne-pas").
func (i *instance) checkSender(ctx context.Context) connector.Finding {
	senders, err := i.senderNames(ctx)
	switch {
	case err != nil:
		return warning("sender", foundSendersUnlisted, reason.Args{"error": reason.Name(err.Error())})
	case i.config.Sender == "":
		return ok("sender", foundSenderNone, declared(len(senders)))
	case !slices.Contains(senders, i.config.Sender):
		return warning("sender", foundSenderUndeclared, declared(len(senders)))
	default:
		return ok("sender", foundSender, nil)
	}
}

func declared(count int) reason.Args { return reason.Args{"declared": reason.Count(count)} }

func ok(code string, sentence reason.Code, args reason.Args) connector.Finding {
	return connector.Found(connector.OK, code, reason.Of(sentence, args))
}

func failure(code string, sentence reason.Code, args reason.Args) connector.Finding {
	return connector.Found(connector.Failure, code, reason.Of(sentence, args))
}

func warning(code string, sentence reason.Code, args reason.Args) connector.Finding {
	return connector.Found(connector.Warning, code, reason.Of(sentence, args))
}
