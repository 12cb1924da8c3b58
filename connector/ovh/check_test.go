package ovh

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
)

const (
	credentialRoute = "GET /1.0/auth/currentCredential"
	senderRoute     = "GET /1.0/sms/sms-ab12345-1/senders/TownHall"
	sendersRoute    = "GET /1.0/sms/sms-ab12345-1/senders"
)

// credentialBody is auth.ApiCredential of the schema auth.json.
func credentialBody(status, expiration, addresses, rules string) string {
	return `{"allowedIPs":` + addresses +
		`,"applicationId":1,"creation":"2026-03-02T10:15:00+01:00","credentialId":2,` +
		`"expiration":` + expiration + `,"lastUse":null,"ovhSupport":false,"rules":` + rules + `,"status":"` + status + `"}`
}

const allRules = `[{"method":"GET","path":"/sms"},{"method":"GET","path":"/sms/*"},{"method":"POST","path":"/sms/*/jobs"}]`

func checked(t *testing.T, change func(*Config), answers func(*operator)) []connector.Finding {
	t.Helper()
	o := newOperator(t)
	o.answer(credentialRoute, 200, credentialBody("validated", "null", "null", allRules))
	o.answer(accountRoute, 200, accountBody)
	o.answer(senderRoute, 200, `{"comment":null,"description":"","referer":"custom","sender":"TownHall","status":"enable","type":"alpha","validationMedia":null}`)
	if answers != nil {
		answers(o)
	}
	return o.open(change).Check(t.Context())
}

func codesOf(findings []connector.Finding) []string {
	var codes []string
	for _, f := range findings {
		codes = append(codes, string(f.Level)+" "+f.Code)
	}
	return codes
}

func TestCheckOfAGoodAccount(t *testing.T) {
	want := []string{
		"ok clock", "ok credential", "ok rights", "ok account", "ok channel", "ok credit",
		"ok sender", "warning callbacks",
	}
	if diff := cmp.Diff(want, codesOf(checked(t, nil, nil))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckFinds(t *testing.T) {
	rules := func(list string) func(*operator) {
		return func(o *operator) {
			o.answer(credentialRoute, 200, credentialBody("validated", "null", "null", list))
		}
	}
	sender := func(body string) func(*operator) {
		return func(o *operator) {
			o.answer(senderRoute, 200, body)
		}
	}
	account := func(old, with string) func(*operator) {
		return func(o *operator) { o.answer(accountRoute, 200, strings.Replace(accountBody, old, with, 1)) }
	}
	expires := func(in time.Duration) func(*operator) {
		return func(o *operator) {
			end := `"` + time.Now().Add(in).Format(time.RFC3339) + `"`
			o.answer(credentialRoute, 200, credentialBody("validated", end, "null", allRules))
		}
	}
	user := func(c *Config) { c.User = "hall" }
	for _, tc := range []struct {
		name    string
		config  func(*Config)
		answers func(*operator)
		want    string // level and code
		words   string // in its detail
	}{
		{"clock away", nil, func(o *operator) { o.ahead = 5 * time.Minute }, "warning clock_skew", "calls are corrected"},
		{"no clock", nil, func(o *operator) { o.answer(timeRoute, 502, "") }, "failure endpoint_unreachable", "status 502"},
		{"keys refused", nil, func(o *operator) {
			o.answer(credentialRoute, 403,
				`{"errorCode":"NOT_CREDENTIAL","message":"This credential does not exist"}`)
		}, "failure credential_refused", "NOT_CREDENTIAL"},
		{"no consent", nil, func(o *operator) {
			o.answer(credentialRoute, 200, credentialBody("pendingValidation", "null", "null", allRules))
		}, "failure credential_not_validated", "pendingValidation"},
		{"expires soon", nil, expires(7 * 24 * time.Hour), "warning credential_expires", "relais ovh login"},
		{"expired", nil, expires(-time.Hour), "failure credential_expired", "relais ovh login"},
		{"expires late", nil, expires(90 * 24 * time.Hour), "ok credential", "validated until"},
		{"addresses", nil, func(o *operator) {
			o.answer(credentialRoute, 200, credentialBody("validated", "null", `["192.0.2.0/24"]`, allRules))
		}, "ok credential_addresses", "192.0.2.0/24"},
		{"no rule to send", nil, rules(`[{"method":"GET","path":"/sms/*"},{"method":"GET","path":"/sms"}]`), "failure right_missing", "POST /sms/*/jobs"},
		{"wider rules", nil, rules(`[{"method":"GET","path":"/*"},{"method":"POST","path":"/sms/*"}]`), "ok rights", "every right"},
		{"slash trap", nil, rules(strings.Replace(allRules, `/jobs"`, `/jobs/"`, 1)), "failure right_missing", "POST /sms/*/jobs/ ends with a slash"},
		{"star trap", nil, rules(strings.Replace(allRules, `"/sms"`, `"/smss"`, 1)), "warning right_missing", "GET /sms/* does not cover the path before its star"},
		{"hidden character", nil, rules(strings.Replace(allRules, `/jobs"`, `/jobs\t"`, 1)), "failure right_missing", "POST /sms/*/jobs holds a hidden character"},
		{"user not covered", user, rules(strings.Replace(allRules, `"/sms/*/jobs"`, `"/sms/sms-ab12345-1/jobs"`, 1)), "failure right_missing", "POST /sms/*/jobs"},
		{"no such account", nil, func(o *operator) {
			o.answer(
				accountRoute, 404, `{"class":"Client::NotFound","message":"This service does not exist"}`,
			)
			o.answer("GET /1.0/sms", 200, `["sms-zz9-2","sms-zz9-1"]`)
		}, "failure account_unknown", "sms-zz9-1, sms-zz9-2"},
		{"no account at all", nil, func(o *operator) {
			o.answer(accountRoute, 404, ``)
			o.answer("GET /1.0/sms", 200, `[]`)
		}, "failure account_unknown", "nor any other"},
		{"accounts not listed", nil, func(o *operator) { o.answer(accountRoute, 404, ``) }, "failure account_unknown", "cannot list"},
		{"account not read", nil, func(o *operator) { o.answer(accountRoute, 500, ``) }, "failure account_unreadable", "status 500"},
		{"account disabled", nil, account(`"enable"`, `"disable"`), "failure account_disabled", "control panel"},
		{"marketing only", nil, account(`"both"`, `"marketing"`), "warning channel_marketing", "otp"},
		{"transactional only", nil, account(`"both"`, `"transactional"`), "warning channel_transactional", "marketing"},
		{"no credit", nil, account(`420.5`, `0`), "failure credit_empty", "no credit"},
		{"little credit", nil, account(`420.5`, `12.5`), "warning credit_low", "12.5"},
		{"sender waits", nil, sender(`{"status":"waitingValidation"}`), "failure sender_waiting", "approval"},
		{"sender refused", nil, sender(`{"status":"refused","comment":"Not your brand, call 0033639980123"}`), "failure sender_refused", "Not your brand, call ***"},
		{"sender disabled", nil, sender(`{"status":"disable"}`), "failure sender_disabled", "enable it"},
		{"sender in a new state", nil, sender(`{"status":"frozen"}`), "warning sender_state_unknown", "frozen"},
		{"sender unknown", nil, func(o *operator) {
			o.answer(senderRoute, 404, ``)
			o.answer(sendersRoute, 200, `["Library","+33639980100"]`)
		}, "failure sender_unknown", "***, Library"},
		{"sender not read", nil, func(o *operator) { o.answer(senderRoute, 500, ``) }, "warning sender_unreadable", "status 500"},
		{"sender with a space", func(c *Config) { c.Sender = "Town Hall" }, func(o *operator) {
			o.answer("GET /1.0/sms/sms-ab12345-1/senders/Town%20Hall", 200, `{"status":"enable"}`)
		}, "ok sender", "approved"},
		{"no default sender", func(c *Config) { c.Sender = "" }, nil, "warning sender_default_missing", "rejected"},
		{"short number", func(c *Config) { c.SenderForResponse = true }, nil, "ok sender", "short number"},
		{"user", user, func(o *operator) {
			o.answer("GET /1.0/sms/sms-ab12345-1/users/hall", 200,
				`{"login":"hall","quotaInformations":{"quotaLeft":0,"quotaStatus":"inactive"}}`)
		}, "ok user", "may send"},
		{"user without quota left", user, func(o *operator) {
			o.answer("GET /1.0/sms/sms-ab12345-1/users/hall", 200,
				`{"login":"hall","quotaInformations":{"quotaLeft":0,"quotaStatus":"active"}}`)
		}, "failure user_quota_empty", "quota"},
		{"no such user", user, nil, "failure user_unknown", "SMS user"},
		{"user not read", user, func(o *operator) {
			o.answer("GET /1.0/sms/sms-ab12345-1/users/hall", 500, ``)
		}, "warning user_unreadable", "status 500"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			findings := checked(t, tc.config, tc.answers)
			for _, f := range findings {
				if string(f.Level)+" "+f.Code == tc.want && strings.Contains(f.Detail, tc.words) {
					return
				}
			}
			t.Errorf("no %q about %q in %+v", tc.want, tc.words, findings)
		})
	}
}

// Several calls may need one rule: it is asked for once, for the first of them.
func TestCheckNamesEachMissingRightOnce(t *testing.T) {
	findings := checked(t, nil, func(o *operator) {
		o.answer(credentialRoute, 200, credentialBody("validated", "null", "null", "[]"))
	})
	var got []string
	for _, f := range findings {
		if _, rest, found := strings.Cut(f.Detail, "lacks the rule "); found {
			rule, _, _ := strings.Cut(rest, ",")
			got = append(got, rule)
		}
	}
	want := []string{"POST /sms/*/jobs", "GET /sms/*", "GET /sms"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules named (-want +got):\n%s", diff)
	}
}
