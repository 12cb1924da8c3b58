package ovh

import (
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"relais/auth"
)

// mostPending bounds the consumer keys of an application that wait for a person,
// and pendingTime how long they may.
const (
	mostPending = 100
	pendingTime = 24 * time.Hour
)

// mostRules bounds what one consumer key asks for, rules and addresses: they are
// stored before anyone said yes.
const mostRules = 200

// consentPath is the page that a validationUrl leads to.
const consentPath = "/ovh/auth/"

// authTime answers a bare integer: several clients read it as plain text.
func authTime(c *call) (any, error) { return c.Now().Unix(), nil }

type credentialBody struct {
	AccessRules *[]Rule  `json:"accessRules"`
	Redirection loose    `json:"redirection"`
	AllowedIPs  *[]loose `json:"allowedIPs"`
}

// requestCredential gives a consumer key that works once a person said yes.
func requestCredential(c *call) (any, error) {
	var body credentialBody
	if err := c.decode(&body, "accessRules", "redirection", "allowedIPs"); err != nil {
		// observed: ovh/python-ovh issue 121
		return nil, bad("Body parameter accessRules isn't formated correctly")
	}
	asked := Credential{Application: c.app.ID, State: Pending, CreatedAt: c.Now()}
	if body.AccessRules == nil || len(*body.AccessRules) == 0 {
		return nil, required("accessRules")
	}
	for _, rule := range *body.AccessRules {
		rule.Method = strings.ToUpper(rule.Method)
		if !rule.valid() {
			return nil, bad("Body parameter accessRules isn't formated correctly")
		}
		asked.Rules = append(asked.Rules, rule)
	}
	if len(asked.Rules) > mostRules || body.AllowedIPs != nil && len(*body.AllowedIPs) > mostRules {
		return nil, invalid("'accessRules' and 'allowedIPs' hold at most 200 each")
	}
	if body.AllowedIPs != nil {
		for _, text := range *body.AllowedIPs {
			if _, err := networkOf(text.text); err != nil {
				return nil, invalid("'allowedIPs' holds what is no address and no network")
			}
			asked.AllowedIPs = append(asked.AllowedIPs, text.text)
		}
	}
	return keyCalls{c}.storeCredential(asked)
}

func (c keyCalls) storeCredential(asked Credential) (any, error) {
	consumer, err := randomText(secretSize)
	if err != nil {
		return nil, err
	}
	token, err := randomText(tokenSize)
	if err != nil {
		return nil, err
	}
	if asked.ID, err = randomID(); err != nil {
		return nil, err
	}
	asked.Hash, asked.Token = auth.HashOf(consumer), auth.HashOf(token)
	err = c.Store.AddOVHCredential(c.ctx(), asked, c.Now().Add(-pendingTime), mostPending)
	if errors.Is(err, ErrTooMany) {
		return nil, &refusal{
			status:  http.StatusTooManyRequests,
			message: "Too many credentials of this application wait for their validation", retry: "3600",
		}
	}
	if err != nil {
		return nil, err
	}
	c.Log.Info("a consumer key was asked for", "query", c.id, "application", c.app.ID, "credential", asked.ID)
	return map[string]any{
		"consumerKey": consumer, "state": Pending,
		"validationUrl": c.base() + consentPath + "?credentialToken=" + token,
	}, nil
}

// base is where people reach this gateway.
func (c *call) base() string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	return "http://" + c.r.Host
}

// The page asks nothing and knows nothing of the token: the person who looks
// after the gateway decides, on its machine. The token is repeated only when it
// is made of letters and digits.
var consentPage = template.Must(template.New("consent").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex"><title>Relais</title>
<h1>A program asks to use this gateway</h1>
<p>Whoever looks after the gateway lets it in with this command, on its machine:</p>
<pre>relais keys validate {{.}}</pre>
<h1 lang="fr">Un programme demande l'accès à cette passerelle</h1>
<p lang="fr">La personne qui a la charge de la passerelle l'autorise par la commande ci-dessus,
	sur sa machine.</p>
</html>
`))

func (d *Door) consent(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("credentialToken")
	if len(token) != tokenSize || strings.Trim(token, alphanumeric) != "" {
		token = "CREDENTIAL_TOKEN"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	consentPage.Execute(w, token) //nolint:errcheck // the reader may have gone
}

// currentCredential is what clients test a connection with.
func currentCredential(c *call) (any, error) {
	g := c.granted
	return map[string]any{
		"credentialId": g.ID, "applicationId": g.Application, "creation": moment(g.CreatedAt),
		"expiration": momentOrNil(g.ExpiresAt),
		"lastUse":    moment(c.Now()), "status": g.State, "rules": g.Rules, "allowedIPs": g.AllowedIPs,
		"ovhSupport": false,
	}, nil
}

func details(c *call) (any, error) {
	return map[string]any{
		"account": c.app.Account, "method": "account", "user": nil,
		"description": c.app.Name, "roles": []string{},
		"identities":    []string{"urn:v1:relais:identity:account:" + c.app.Account},
		"allowedRoutes": c.granted.Rules,
	}, nil
}

func logout(c *call) (any, error) {
	if err := c.Store.EndOVHCredential(c.ctx(), c.granted.Hash); err != nil {
		return nil, err
	}
	c.Log.Info("a consumer key ended itself", "query", c.id, "application", c.app.ID,
		"credential", c.granted.ID)
	return nil, nil
}

// moment is a date of the API: RFC 3339 with an offset, whole seconds.
func moment(at time.Time) string { return at.Truncate(time.Second).Format(time.RFC3339) }

func momentOrNil(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return moment(at)
}
