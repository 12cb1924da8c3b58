package alert_test

import (
	"fmt"
	"strings"
	"testing"

	"relais/alert"
	"relais/gsm"
)

const two = `{"version":"4","groupKey":"{}:{}","status":"firing","receiver":"sms","groupLabels":{"alertname":"Down"},"truncatedAlerts":3,
	"commonLabels":{"alertname":"Down","severity":"page"},"commonAnnotations":{},"externalURL":"http://am","later":1,"alerts":[
	{"status":"firing","labels":{"instance":"a"},"annotations":{"summary":"a is down"},"startsAt":"2026-11-29T06:00:00Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"fa"},
	{"status":"resolved","labels":{"instance":"b"},"annotations":{},"startsAt":"2026-11-29T05:00:00Z","endsAt":"2026-11-29T06:00:00Z","fingerprint":"fb"}]}`

func notification(t *testing.T, body string) *alert.Notification {
	t.Helper()
	n, err := alert.Read([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTemplates(t *testing.T) {
	for _, tc := range []struct{ name, template, want string }{
		{"default", alert.DefaultTemplate, "ALERT 1 page: Down\na is down\nOK b"},
		{"fields", `{{ .Receiver }} {{ .GroupLabels.alertname }} {{ len .Alerts.Resolved }} {{ .TruncatedAlerts }}`, "sms Down 1 3"},
		{"functions", `{{ .Status | toUpper }} {{ short 2 "abcdef" }} {{ replace "a" "b" "aa" }}`, "FIRING ab bb"},
		{"a time", `{{ with index .Alerts 0 }}{{ at "15:04" .StartsAt }} {{ .StartsAt.Format "2006" }}{{ end }}`, "06:00 2026"},
		{"a label that is not there", `[{{ .CommonLabels.nothing }}]`, "[]"},
		{"nothing", `{{ if eq .CommonLabels.severity "info" }}x{{ end }} `, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			parsed, err := alert.Parse(tc.template)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := alert.Write(parsed, notification(t, two)); err != nil || got != tc.want {
				t.Errorf("text %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func TestBadTemplates(t *testing.T) {
	for _, tc := range []struct{ name, template, want string }{
		{"not closed", `{{ .Status`, "unclosed action"},
		{"no such field", `{{ .Stats }}`, "can't evaluate field Stats"},
		{"no such function", `{{ env "HOME" }}`, `function "env" not defined`},
		{"no such element", `{{ index .Alerts 9 }}`, "out of range"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := alert.Parse(tc.template); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestBadNotifications(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"a form", `alert=1`, "the body is a form"},
		{"nothing", ` `, "the body is empty"},
		{"XML", `<alert/>`, "the body is XML or HTML"},
		{"compressed", "\x1f\x8b\x08", "the body is compressed"},
		{"UTF-16", "{\x00\"\x00", "the body is UTF-16"},
		{"encoded twice", `"{\"version\":\"4\"}"`, "not a JSON string. It was encoded twice"},
		{"a list, as the API of Alertmanager takes alerts", `[{"labels":{"alertname":"Down"}}]`, "not a JSON array"},
		{"single quotes", `{'version':'4'}`, "not single ones"},
		{"cut", two[:len(two)/2], "ends too early"},
		{"a value of another type", `{"version":"4","status":"firing","alerts":"x"}`, "alerts holds a JSON string"},
		{"a value of another type inside", `{"version":"4","alerts":[{"labels":{"a":1}}]}`, "alerts.labels"},
		{"a moment that is none", `{"version":"4","alerts":[{"startsAt":"yesterday"}]}`, "startsAt or endsAt"},
		{"the version as a number", strings.Replace(two, `"4"`, `4`, 1), `version holds a JSON number; Alertmanager writes "4"`},
		{"no version, as another program sends", `{"title":"Down","state":"alerting"}`, "no version"},
		{"another version", strings.Replace(two, `"4"`, `"3"`, 1), "version 4"},
		{"no status", strings.Replace(two, `"status":"firing","receiver"`, `"status":"","receiver"`, 1), "no status"},
		{"no alerts", `{"version":"4","status":"firing","alerts":[]}`, "no alerts"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := alert.Read([]byte(tc.body)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// TestIdentity changes one thing after the other.
func TestIdentity(t *testing.T) {
	first, _ := notification(t, two).Identity("on-call")
	for _, tc := range []struct {
		name, from, to string
		same           bool
	}{
		{"told by another Alertmanager", `http://am`, `http://other`, true},
		{"with another annotation", `a is down`, `a is still down`, true},
		{"of another group", `{}:{}`, `{}:{a=b}`, false},
		{"another alert", `"fa"`, `"fc"`, false},
		{"since another time", `2026-11-29T05`, `2026-11-29T04`, false},
		{"one that ended", `{"status":"firing","labels"`, `{"status":"resolved","labels"`, false},
		{"the whole ended", `"status":"firing","receiver"`, `"status":"resolved","receiver"`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := notification(t, strings.Replace(two, tc.from, tc.to, 1)).Identity("on-call")
			if (got == first) != tc.same {
				t.Errorf("the same: %v, want %v", got == first, tc.same)
			}
		})
	}
	if other, _ := notification(t, two).Identity("night"); other == first {
		t.Error("two addresses have one identity")
	}
}

func TestFit(t *testing.T) {
	for _, unit := range []string{"a", "é", "€", "ç", "🌴", "a b "} {
		for _, most := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s in %d", unit, most), func(t *testing.T) {
				got, cut := alert.Fit(strings.Repeat(unit, 900), most)
				if n := gsm.Count(got).Segments; !cut || n != most || !strings.HasSuffix(got, "...") {
					t.Errorf("%d segments, %q at the end", n, got[max(0, len(got)-8):])
				}
			})
		}
	}
	if got, cut := alert.Fit("Bonjour", 1); cut || got != "Bonjour" {
		t.Errorf("%q, %v", got, cut)
	}
}
