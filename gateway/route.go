package gateway

import (
	"fmt"
	"strings"
)

// route chooses the connector instance: the one asked for, else the account's,
// else the gateway's default.
func (g *Gateway) route(s *Submission, account Account) (*lane, Decision, error) {
	if len(g.order) == 0 {
		return nil, Decision{}, &Error{
			Kind: Invalid, Code: "no_connector", Field: "/connector",
			Detail: "No connector is configured: add a [connector.NAME] section to the configuration.",
		}
	}
	name, why := choose(s.Connector, account.Connector, g.defaultConnector, g.order[0])
	l, known := g.lanes[name]
	if !known {
		return nil, Decision{}, invalid("connector_unknown", "/connector",
			"No connector has that name. The configured ones are: %s.", strings.Join(g.order, ", "))
	}
	return l, Decision{"route", fmt.Sprintf("Connector %s, %s.", name, why)}, nil
}

func choose(asked, account, standard, first string) (name, why string) {
	switch {
	case asked != "":
		return asked, "as asked"
	case account != "":
		return account, "the account's default"
	case standard != "":
		return standard, "the gateway's default"
	default:
		return first, "the first one configured"
	}
}
