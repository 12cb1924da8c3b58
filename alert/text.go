package alert

import (
	"errors"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"relais/gsm"
	"relais/reason"
)

// DefaultTemplate names the group, and of each alert its summary.
const DefaultTemplate = `{{ if .Alerts.Firing }}ALERT {{ len .Alerts.Firing }}{{ else }}RESOLVED{{ end }}` +
	`{{ with .CommonLabels.severity }} {{ . }}{{ end }}: {{ or .CommonLabels.alertname "several alerts" }}` +
	`{{ range .Alerts }}
{{ if eq .Status "resolved" }}OK {{ end }}{{ or .Annotations.summary .Labels.instance .Labels.alertname }}{{ end }}`

// maxText bounds what a template writes, in bytes: more fits in no message.
const maxText = 16 << 10

// functions are what templates may use beside those of the language. None reaches
// outside.
var functions = template.FuncMap{
	"toUpper": strings.ToUpper, "toLower": strings.ToLower, "trimSpace": strings.TrimSpace,
	"join":    func(sep string, list []string) string { return strings.Join(list, sep) },
	"replace": func(from, to, text string) string { return strings.ReplaceAll(text, from, to) },
	"short":   short,
	"at":      func(layout string, at time.Time) string { return at.Format(layout) },
}

// short cuts a text to so many characters.
func short(most int, text string) string {
	if most < 0 || utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// Parse reads a template and tries it. The error says what is wrong with it.
func Parse(text string) (*template.Template, error) {
	parsed, err := template.New("text").Option("missingkey=zero").Funcs(functions).Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	if _, err := Write(parsed, &sample); err != nil {
		return nil, err
	}
	return parsed, nil
}

// sample has everything that a template may ask for.
var sample = Notification{
	Version: version, GroupKey: `{}:{alertname="Down"}`, Status: Firing, Receiver: "sms",
	ExternalURL:       "http://alertmanager.example",
	GroupLabels:       map[string]string{"alertname": "Down"},
	CommonLabels:      map[string]string{"alertname": "Down", "severity": "page"},
	CommonAnnotations: map[string]string{"summary": "Down"},
	Alerts: Alerts{
		{
			Status: Firing, Labels: map[string]string{"instance": "a"},
			Annotations: map[string]string{"summary": "a is down"}, Fingerprint: "a",
		},
		{
			Status: Resolved, Labels: map[string]string{"instance": "b"},
			Annotations: map[string]string{"summary": "b is down"}, Fingerprint: "b",
		},
	},
}

// Write makes the text of a notification.
func Write(t *template.Template, n *Notification) (string, error) {
	out := &bounded{}
	if err := t.Execute(out, n); err != nil {
		return "", reason.NewError(codeTemplateFails, reason.Args{
			"why": reason.Name(strings.TrimPrefix(err.Error(), "template: ")),
		})
	}
	return strings.TrimSpace(strings.ToValidUTF8(out.String(), "?")), nil
}

// bounded accepts maxText bytes and drops the rest, which would be cut anyway.
type bounded struct{ strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	b.Builder.Write(p[:max(0, min(len(p), maxText-b.Len()))])
	return len(p), nil
}

// mark stands at the end of a text that was cut.
const mark = "..."

// Fit cuts a text to so many segments, and reports whether it did.
func Fit(text string, segments int) (string, bool) {
	if gsm.Count(text).Segments <= segments {
		return text, false
	}
	runes := []rune(text)
	low, high := 0, len(runes) // of characters, the most that fit
	for low < high {
		middle := (low + high + 1) / 2
		if gsm.Count(string(runes[:middle])+mark).Segments <= segments {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return strings.TrimSpace(string(runes[:low])) + mark, true
}
