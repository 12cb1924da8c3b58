package sfrdmc

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"relais/connector"
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
		findings = append(findings, connector.Finding{
			Level: connector.Warning, Code: "rate",
			Detail: fmt.Sprintf("calls_per_second is %g; the contract allows %d, and SFR may suspend a service that goes beyond.",
				i.config.CallsPerSecond, contractRate),
		})
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
		return []connector.Finding{failure("credentials", fmt.Sprintf(
			"DMC does not list the spaces of the service. Check service_id and service_password. %v.", err))}
	}
	spaces, total, err := readList[space](value)
	if err != nil {
		return []connector.Finding{failure("credentials", fmt.Sprintf("DMC does not list the spaces of the service. %v.", err))}
	}
	accepted := connector.Finding{
		Level: connector.OK, Code: "credentials", Detail: "DMC accepts service_id and service_password.",
	}
	at := slices.IndexFunc(spaces, func(s space) bool { return string(s.ID) == i.config.SpaceID })
	if at < 0 && total > len(spaces) {
		return []connector.Finding{accepted, warning("space", "DMC lists a part of the spaces only, and space_id is not in it.")}
	}
	if at < 0 {
		return []connector.Finding{accepted, failure("space", "The service has no space with this space_id.")}
	}
	return []connector.Finding{accepted, spaces[at].finding(i.env.Now())}
}

func (s space) finding(now time.Time) connector.Finding {
	if s.Active == "0" || s.Active == "false" {
		return failure("space", "The space is not active. The administrator of the service can activate it.")
	}
	milliseconds, err := strconv.ParseInt(string(s.Expiration), 10, 64)
	if err != nil || milliseconds <= 0 {
		return connector.Finding{Level: connector.OK, Code: "space", Detail: "The space is active."}
	}
	end := time.UnixMilli(milliseconds).UTC()
	switch {
	case !now.Before(end):
		return failure("space", "The space expired on "+end.Format(time.DateOnly)+". Ask SFR to extend it.")
	case end.Sub(now) < expiresSoon:
		return warning("space", "The space expires on "+end.Format(time.DateOnly)+". Ask SFR to extend it.")
	default:
		return connector.Finding{
			Level: connector.OK, Code: "space", Detail: "The space is active until " + end.Format(time.DateOnly) + ".",
		}
	}
}

// checkSender looks for the configured sender among those that SFR declared.
// DMC sends from the short code in place of another one, and says nothing (SFR
// online help, "oadc-ne-fonctionne-pas").
func (i *instance) checkSender(ctx context.Context) connector.Finding {
	senders, err := i.senderNames(ctx)
	switch {
	case err != nil:
		return warning("sender", fmt.Sprintf("DMC does not list the senders of the service. %v.", err))
	case i.config.Sender == "":
		return connector.Finding{
			Level: connector.OK, Code: "sender",
			Detail: "No sender is configured: messages that name none show the short code. " + declared(len(senders)),
		}
	case !slices.Contains(senders, i.config.Sender):
		return warning("sender", "The configured sender is not declared for the service: DMC replaces it "+
			"by the short code and says nothing. Ask SFR to declare it. "+declared(len(senders)))
	default:
		return connector.Finding{Level: connector.OK, Code: "sender", Detail: "The configured sender is declared for the service."}
	}
}

func declared(count int) string {
	return fmt.Sprintf("Senders declared for the service: %d.", count)
}

func failure(code, detail string) connector.Finding {
	return connector.Finding{Level: connector.Failure, Code: code, Detail: detail}
}

func warning(code, detail string) connector.Finding {
	return connector.Finding{Level: connector.Warning, Code: code, Detail: detail}
}
