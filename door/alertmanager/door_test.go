package alertmanager_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"relais/alert"
	"relais/door/alertmanager"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

const alertBody = `{"version":"4","groupKey":"g","status":"STATUS","commonLabels":{"alertname":"Down"},"alerts":[
	{"status":"STATUS","labels":{},"annotations":{},"startsAt":"2026-11-29T06:00:00Z","fingerprint":"f"}]}`

// answering is a gateway that says what a test wants.
type answering struct {
	err error
	got []gateway.Submission
}

func (a *answering) Submit(
	_ context.Context, s gateway.Submission, _ func(*gateway.Result) ([]byte, error),
) (*gateway.Result, error) {
	a.got = append(a.got, s)
	if a.err != nil {
		return nil, a.err
	}
	return &gateway.Result{Messages: []gateway.Draft{{Message: sms.Message{ID: sms.NewID(time.Now())}}}}, nil
}

func TestDoor(t *testing.T) {
	put := &gateway.Error{Kind: gateway.Overloaded, Reason: reason.Written(
		"quota_exceeded", "The quota is used up.", "",
	), RetryAfter: time.Minute}
	nobody := &gateway.Error{
		Kind: gateway.Invalid, Reason: reason.Written("no_recipient", "", ""),
		Rejected: []gateway.Refusal{{To: "12", Reason: reason.Of("number_too_short", nil)}},
	}
	firing, resolved := strings.ReplaceAll(alertBody, "STATUS", "firing"), strings.ReplaceAll(alertBody,
		"STATUS", "resolved")
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer s3cret") }
	for _, tc := range []struct {
		name, path, body string
		sign             func(*http.Request)
		err              error
		status, sent     int
		want             string
	}{
		{"bearer", "/alertmanager/on-call", firing, bearer, nil, 200, 1, `"messages":["`},
		{"basic", "/alertmanager/on-call", firing, func(r *http.Request) { r.SetBasicAuth("on-call", "s3cret") }, nil, 200, 1, `"messages":["`},
		{"a slash behind it", "/alertmanager/on-call/", firing, bearer, nil, 200, 1, `"messages":["`},
		{"another user", "/alertmanager/on-call", firing, func(r *http.Request) { r.SetBasicAuth("night", "s3cret") }, nil, 401, 0, "unauthorized"},
		{"wrong secret", "/alertmanager/on-call", firing, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, nil, 401, 0, "unauthorized"},
		{"no secret", "/alertmanager/on-call", firing, func(*http.Request) {}, nil, 401, 0, "unauthorized"},
		{"unknown receiver", "/alertmanager/nobody", firing, bearer, nil, 401, 0, "unauthorized"},
		{"from elsewhere", "/alertmanager/inside", firing, bearer, nil, 401, 0, "unauthorized"},
		{"resolved", "/alertmanager/on-call", resolved, bearer, nil, 200, 1, `"messages":["`},
		{"resolved, not wanted", "/alertmanager/quiet", resolved, bearer, nil, 200, 0, `"skipped":"resolved"`},
		{"no text", "/alertmanager/silent", firing, bearer, nil, 200, 0, `"skipped":"the template writes nothing"`},
		{"no JSON", "/alertmanager/on-call", "x", bearer, nil, 422, 0, "webhook_unreadable"},
		{"a form", "/alertmanager/on-call", "status=firing", bearer, nil, 422, 0, "the body is a form"},
		{"nothing", "/alertmanager/on-call", "", bearer, nil, 422, 0, "the body is empty"},
		{"a quota", "/alertmanager/on-call", firing, bearer, put, 503, 1, "quota_exceeded"},
		{"nobody", "/alertmanager/on-call", firing, bearer, nobody, 422, 1, `"rejected":["number_too_short"]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := &answering{err: tc.err}
			d := alertmanager.New(alertmanager.Options{Gateway: g, Log: slog.New(slog.DiscardHandler), Receivers: map[string]alertmanager.Receiver{
				"on-call": receiver(t, alert.DefaultTemplate, true),
				"quiet":   receiver(t, alert.DefaultTemplate, false),
				"silent":  receiver(t, `{{ if eq .Status "x" }}x{{ end }}`, true),
				"inside":  inside(receiver(t, alert.DefaultTemplate, true)),
			}})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, tc.path,
				strings.NewReader(tc.body))
			tc.sign(r)
			w := httptest.NewRecorder()
			d.ServeHTTP(w, r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) || len(g.got) != tc.sent ||
				!json.Valid(w.Body.Bytes()) {
				t.Errorf("%d %s, %d submitted; want %d %s, %d",
					w.Code, w.Body, len(g.got), tc.status, tc.want, tc.sent)
			}
			if again := w.Header().Get("Retry-After"); (w.Code == http.StatusServiceUnavailable) != (again == "60") {
				t.Errorf("Retry-After %q with %d", again, w.Code)
			}
			if tc.sent == 1 && (g.got[0].Actor != "alertmanager:on-call" || g.got[0].Key == nil) {
				t.Errorf("submitted %+v", g.got[0])
			}
		})
	}
}

func receiver(t *testing.T, text string, resolved bool) alertmanager.Receiver {
	t.Helper()
	parsed, err := alert.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return alertmanager.Receiver{
		Secret: "s3cret", Account: "town", To: []string{"+33639980001"},
		Template: parsed, Resolved: resolved, MaxSegments: 1,
	}
}

func inside(r alertmanager.Receiver) alertmanager.Receiver {
	r.AllowFrom = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	return r
}

func TestLongTextIsCutAndSaysSo(t *testing.T) {
	g := &answering{}
	d := alertmanager.New(alertmanager.Options{Gateway: g, Log: slog.New(slog.DiscardHandler), Receivers: map[string]alertmanager.Receiver{
		"on-call": receiver(t, strings.Repeat("long ", 100), true),
	}})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/alertmanager/on-call",
		strings.NewReader(strings.ReplaceAll(alertBody, "STATUS", "firing")))
	r.SetBasicAuth("on-call", "s3cret")
	d.ServeHTTP(httptest.NewRecorder(), r)
	if len(g.got) != 1 || len(g.got[0].Text) > 160 || len(g.got[0].Notes) != 1 ||
		!g.got[0].Notes[0].Is("text_cut") {
		t.Errorf("submitted %+v", g.got)
	}
}
