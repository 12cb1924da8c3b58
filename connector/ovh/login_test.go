package ovh

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
)

const requestRoute = "POST /1.0/auth/credential"

func TestRequestCredential(t *testing.T) {
	o := newOperator(t)
	var application string
	o.handle(requestRoute, func(w http.ResponseWriter, r *http.Request) {
		application = r.Header.Get("X-Ovh-Application")
		_, _ = io.WriteString(w, `{"validationUrl":"https://eu.api.ovh.com/auth/?credentialToken=abc","consumerKey":"`+testToken+`","state":"pendingValidation"}`)
	})
	address, key, err := RequestCredential(t.Context(), connector.NewHTTPClient(1),
		o.endpoint(), testKey, Rights)
	if err != nil {
		t.Fatal(err)
	}
	if address != "https://eu.api.ovh.com/auth/?credentialToken=abc" || key != testToken ||
		application != testKey {
		t.Errorf("got %q, %q with the application %q", address, key, application)
	}
	want := `{"accessRules":[{"method":"GET","path":"/auth/currentCredential"},{"method":"GET","path":"/sms"},` +
		`{"method":"GET","path":"/sms/*"},{"method":"POST","path":"/sms/*/jobs"}]}`
	if diff := cmp.Diff(want, o.lastBody(requestRoute)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestRequestCredentialFails(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		words  string
	}{
		{"unknown application", 403, `{"errorCode":"INVALID_KEY","message":"This application key is invalid"}`, "INVALID_KEY"},
		{"malformed rules", 400, `{"class":"Client::BadRequest","message":"Body parameter accessRules isn't formated correctly"}`, "accessRules"},
		{"page", 200, "<html>", "endpoint"},
		{"no key", 200, `{"validationUrl":"https://eu.api.ovh.com/auth/"}`, "endpoint"},
		{"no address", 200, `{"consumerKey":"` + testToken + `"}`, "endpoint"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(requestRoute, tc.status, tc.body)
			_, key, err := RequestCredential(t.Context(), connector.NewHTTPClient(1),
				o.endpoint(), testKey, Rights)
			if err == nil || key != "" || !strings.Contains(err.Error(), tc.words) ||
				strings.Contains(err.Error(), testToken) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func (o *operator) login() LoginOptions {
	options := o.config().LoginOptions(connector.NewHTTPClient(1))
	options.Every = time.Millisecond
	return options
}

func TestWaitValidated(t *testing.T) {
	validated := credentialBody("validated", "null", "null", allRules)
	for _, tc := range []struct {
		name   string
		status int
		before string // answered twice first
	}{
		{"pending", 200, credentialBody("pendingValidation", "null", "null", "[]")},
		{"called not valid", 403, `{"errorCode":"INVALID_CREDENTIAL","message":"This credential is not valid"}`},
		{"called not signed", 400, `{"errorCode":"INVALID_SIGNATURE","message":"Invalid signature"}`},
		{"clock", 400, `{"errorCode":"QUERY_TIME_OUT","message":"Query out of time"}`},
		{"broken", 500, ``},
		{"throttled", 429, ``},
		{"page", 200, `<html>`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			var asked atomic.Int32
			o.handle(credentialRoute, func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) > 2 {
					_, _ = io.WriteString(w, validated)
					return
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.before)
			})
			if err := WaitValidated(t.Context(), o.login()); err != nil || asked.Load() != 3 {
				t.Errorf("got %v after %d questions", err, asked.Load())
			}
		})
	}
}

func TestWaitValidatedEnds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		words  string
	}{
		{"refused", 200, credentialBody("refused", "null", "null", "[]"), "is refused"},
		{"expired", 200, credentialBody("expired", "null", "null", "[]"), "is expired"},
		{"gone", 403, `{"class":"Client::Forbidden","message":"This credential does not exist"}`, "NOT_CREDENTIAL"},
		{"application gone", 403, `{"errorCode":"INVALID_KEY","message":"x"}`, "INVALID_KEY"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(credentialRoute, tc.status, tc.body)
			if err := WaitValidated(t.Context(), o.login()); err == nil ||
				!strings.Contains(err.Error(), tc.words) {
				t.Errorf("got %v", err)
			}
			if o.count(credentialRoute) != 1 {
				t.Errorf("asked %d times", o.count(credentialRoute))
			}
		})
	}
}

func TestWaitValidatedStops(t *testing.T) {
	o := newOperator(t)
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int32
	o.handle(credentialRoute, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 3 {
			cancel()
		}
		_, _ = io.WriteString(w, credentialBody("pendingValidation", "null", "null", "[]"))
	})
	if err := WaitValidated(ctx, o.login()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAccounts(t *testing.T) {
	o := newOperator(t)
	o.answer("GET /1.0/sms", 200, `["sms-ab12345-2","sms-ab12345-1"]`)
	got, err := Accounts(t.Context(), o.login())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sms-ab12345-1", "sms-ab12345-2"}, got); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	o.answer("GET /1.0/sms", 403, `{"class":"Client::Forbidden","message":"This call has not been granted"}`)
	if _, err := Accounts(t.Context(), o.login()); connector.CodeOf(err) != "NOT_GRANTED_CALL" {
		t.Errorf("got %v", err)
	}
}
