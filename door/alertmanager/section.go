package alertmanager

import (
	"maps"
	"slices"

	"relais/alert"
	"relais/config/section"
	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Section is an address for the alerts of Prometheus' Alertmanager.
type Section struct {
	Secret      connector.Secret `toml:"secret" doc:"What Alertmanager shows: authorization.credentials of its http_config, or basic_auth.password with the section's name as the username." example:"changeme"`
	Account     string           `toml:"account" doc:"Account (tenant) that owns the messages." example:"town-hall"`
	AllowFrom   []string         `toml:"allow_from" doc:"Addresses and networks that alerts may come from. Empty means every one." example:"127.0.0.1, 10.0.0.0/8"`
	To          []string         `toml:"to" doc:"Who gets the text: E.164, or as dialled in the account's country." example:"+33639980001"`
	Sender      string           `toml:"sender" doc:"Sender of the text. Empty means the account's." example:"Alerts"`
	Class       sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	Connector   string           `toml:"connector" doc:"Connector that sends them. Empty leaves it to routes and account."`
	Template    string           `toml:"template" doc:"The text, as a template of Go (text/template) with the data of Alertmanager's webhook: .Status, .Alerts, .Alerts.Firing, .Alerts.Resolved, .GroupLabels, .CommonLabels, .CommonAnnotations, .ExternalURL, .TruncatedAlerts; of an alert .Status, .Labels, .Annotations, .StartsAt, .EndsAt. Functions: toUpper, toLower, trimSpace, join, replace, short, at. Where it writes nothing, nothing is sent. Empty means the group's name, and the summary of each alert." example:"{{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}"`
	Resolved    bool             `toml:"resolved" doc:"A group of which nothing fires any more is told too, where Alertmanager sends it (send_resolved)."`
	MaxSegments int              `toml:"max_segments" doc:"Segments of a text at most, 1 to 10; what is longer is cut."`
}

// Table is that of the addresses.
func Table() section.Table {
	return section.Table{
		Key: "alertmanager",
		Doc: "An address for the alerts of Prometheus' Alertmanager, /alertmanager/NAME. Without such a " +
			"section the door is closed.",
		New: func() any { return &Section{Account: "default", Resolved: true, MaxSegments: 3} },
		Check: func(sections map[string]any, rest section.Rest) (found []section.Finding) {
			receivers := section.Of[Section](sections)
			for _, name := range slices.Sorted(maps.Keys(receivers)) {
				found = append(found, receivers[name].check(section.Path{name}, rest)...)
			}
			return found
		},
	}
}

// Text is the template, or the one that stands for none.
func (s *Section) Text() string {
	if s.Template == "" {
		return alert.DefaultTemplate
	}
	return s.Template
}

func (s *Section) check(at section.Path, rest section.Rest) []section.Finding {
	return section.Findings(at, []section.Judged{
		{Key: "secret", Wrong: section.Unless(s.Secret != "", whySecret)},
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
		{Key: "to", Wrong: section.Unless(len(s.To) > 0, whyTo)},
		{Key: "sender", Wrong: section.WrongSender(s.Sender)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "template", Wrong: wrongTemplate(s.Text())},
		{Key: "max_segments", Wrong: section.Unless(s.MaxSegments >= 1 && s.MaxSegments <= 10, whySegments)},
	})
}

func wrongTemplate(text string) reason.Reason {
	if _, err := alert.Parse(text); err != nil {
		return reason.Of(whyTemplate, reason.Args{"why": reason.OfError(err)})
	}
	return reason.Reason{}
}
