package config

import (
	"fmt"

	"relais/alert"
	"relais/connector"
	"relais/sms"
)

// Alertmanager is an address for the alerts of Prometheus' Alertmanager.
type Alertmanager struct {
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

func defaultAlertmanager() Alertmanager {
	return Alertmanager{Account: "default", Resolved: true, MaxSegments: 3}
}

// Text is the template, or the one that stands for none.
func (a Alertmanager) Text() string {
	if a.Template == "" {
		return alert.DefaultTemplate
	}
	return a.Template
}

func (c Config) checkAlertmanager(name string) []finding {
	a := c.Alertmanagers[name]
	return findings(path{"alertmanager", name}, []judged{
		{"secret", unless(a.Secret != "", "missing; give the one that Alertmanager shows")},
		{"account", unless(a.Account != "", "want the name of an account")},
		{"allow_from", wrongNetworks(a.AllowFrom)},
		{"to", unless(len(a.To) > 0, "name at least one recipient")},
		{"sender", wrongSender(a.Sender)},
		{"class", wrongClassOrNone(a.Class)},
		{"connector", c.wrongConnector(a.Connector)},
		{"template", wrongTemplate(a.Text())},
		{"max_segments", unless(a.MaxSegments >= 1 && a.MaxSegments <= 10, "want 1 to 10")},
	})
}

func wrongTemplate(text string) string {
	if _, err := alert.Parse(text); err != nil {
		return fmt.Sprintf("is no template that works: %v", err)
	}
	return ""
}
