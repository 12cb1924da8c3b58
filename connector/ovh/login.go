package ovh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"relais/connector"
)

// LoginOptions is what the calls of a login need. Every and Now may be left out.
type LoginOptions struct {
	HTTP              *http.Client
	Endpoint          string
	ApplicationKey    string
	ApplicationSecret connector.Secret
	ConsumerKey       connector.Secret
	Every             time.Duration    // between two questions of WaitValidated; 0 means 2 s
	Now               func() time.Time // nil means time.Now
}

func (o LoginOptions) api() *api {
	if o.Now == nil {
		o.Now = time.Now
	}
	return newAPI(o, o.Now)
}

// RequestCredential asks for a consumer key with exactly the rights given, Rights
// and what the command needs beside them. The key works
// once the customer has agreed at validationURL.
func RequestCredential(
	ctx context.Context, client *http.Client, endpoint, applicationKey string, rights []Rule,
) (validationURL, consumerKey string, err error) {
	body, err := json.Marshal(map[string][]Rule{"accessRules": rights})
	if err != nil {
		return "", "", fmt.Errorf("write the rights: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/auth/credential",
		bytes.NewReader(body))
	if err != nil {
		return "", "", fmt.Errorf("request a consumer key: %w", errAddress)
	}
	r.Header.Set("X-Ovh-Application", applicationKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := connector.Exchange(client, r)
	if err != nil {
		return "", "", fmt.Errorf("request a consumer key: %w", err)
	}
	if answer.Status != http.StatusOK {
		a := LoginOptions{HTTP: client, Endpoint: endpoint, ApplicationKey: applicationKey}.api()
		return "", "", fmt.Errorf("request a consumer key: %w", a.refusal(answer, ""))
	}
	var granted struct {
		ValidationURL string `json:"validationUrl"`
		ConsumerKey   string `json:"consumerKey"`
	}
	if json.Unmarshal(answer.Body, &granted) != nil || granted.ValidationURL == "" ||
		granted.ConsumerKey == "" {
		return "", "", errors.New("request a consumer key: the answer holds no key and address; is the " +
			"endpoint right?")
	}
	return granted.ValidationURL, granted.ConsumerKey, nil
}

// credential is auth.ApiCredential of the API schema auth.json.
type credential struct {
	Status     string     `json:"status"`
	Expiration *time.Time `json:"expiration"`
	AllowedIPs []string   `json:"allowedIPs"`
	Rules      []Rule     `json:"rules"`
}

// States of a credential (API schema auth.json).
const (
	statePending   = "pendingValidation"
	stateValidated = "validated"
)

func (a *api) currentCredential(ctx context.Context) (credential, error) {
	var c credential
	if err := a.get(ctx, "/auth/currentCredential", &c); err != nil {
		return credential{}, err
	}
	return c, nil
}

// WaitValidated asks until the customer has agreed to the consumer key. It
// fails when the customer refuses, when the key is gone, or when ctx ends: the
// error then also tells the last answer.
func WaitValidated(ctx context.Context, o LoginOptions) error {
	every := o.Every
	if every <= 0 {
		every = 2 * time.Second
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	a := o.api()
	for {
		waiting, err := a.consent(ctx)
		if !waiting {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the consumer key to be validated: %w", errors.Join(ctx.Err(), err))
		case <-ticker.C:
		}
	}
}

// consent asks once. waiting is true as long as the customer may still agree,
// and err then says what was answered.
func (a *api) consent(ctx context.Context) (waiting bool, err error) {
	c, err := a.currentCredential(ctx)
	switch {
	case err != nil:
		return mayStillAgree(err), fmt.Errorf("read the state of the consumer key: %w", err)
	case c.Status == stateValidated:
		return false, nil
	case c.Status == statePending:
		return true, errors.New("the customer has not agreed yet")
	default:
		return false, fmt.Errorf("the consumer key is %s: ask for another", a.clean(c.Status, ""))
	}
}

// mayStillAgree tells an answer about a pending key from a final one. A pending
// key is called not valid (observed, php-ovh #56), or its signature is (one
// report, php-ovh #62). A call that was not answered proves nothing.
func mayStillAgree(err error) bool {
	if slices.Contains([]string{"INVALID_CREDENTIAL", "INVALID_SIGNATURE"}, connector.CodeOf(err)) {
		return true
	}
	fault := connector.FaultOf(err)
	return fault != connector.Blocked && fault != connector.Rejected
}

// Accounts lists the SMS accounts that the consumer key sees, in order.
func Accounts(ctx context.Context, o LoginOptions) ([]string, error) {
	accounts, err := o.api().accounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the SMS accounts: %w", err)
	}
	return accounts, nil
}

func (a *api) accounts(ctx context.Context) ([]string, error) {
	var names []string
	if err := a.get(ctx, "/sms", &names); err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}
