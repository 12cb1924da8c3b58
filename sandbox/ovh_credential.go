package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The states of a consumer key (documented: auth.CredentialStateEnum).
const (
	statePending   = "pendingValidation"
	stateValidated = "validated"
	stateExpired   = "expired"
	stateRefused   = "refused"
)

// ovhRule is one right of a consumer key.
type ovhRule struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// ovhKey is a consumer key. Callers get copies.
type ovhKey struct {
	id          int64
	consumer    string
	token       string // of the consent page
	state       string
	rules       []ovhRule
	redirection string
	creation    time.Time
	lastUse     time.Time
}

// ovhKeys holds the consumer keys.
type ovhKeys struct {
	clock *clock

	mu   sync.Mutex
	keys map[string]*ovhKey
}

func newOVHKeys(c *clock) *ovhKeys {
	k := &ovhKeys{clock: c, keys: map[string]*ovhKey{}}
	me := []ovhRule{{"GET", "/auth/currentCredential"}, {"GET", "/me"}, {"GET", "/me/*"}}
	var full []ovhRule
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		full = append(full, ovhRule{method, "/sms"}, ovhRule{method, "/sms/*"})
	}
	k.add(&ovhKey{consumer: OVHConsumerKey, state: stateValidated, rules: append(full, me...)})
	readOnly := append([]ovhRule{{"GET", "/sms"}, {"GET", "/sms/*"}}, me...)
	k.add(&ovhKey{consumer: OVHReadOnlyConsumerKey, state: stateValidated, rules: readOnly})
	return k
}

func (k *ovhKeys) add(key *ovhKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key.id = 3_000_000_001 + int64(len(k.keys))
	key.creation = k.clock.now()
	k.keys[key.consumer] = key
}

// use returns a copy of a key and notes that it was used.
func (k *ovhKeys) use(consumer string) (*ovhKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[consumer]
	if !ok {
		return nil, false
	}
	key.lastUse = k.clock.now()
	copied := *key
	return &copied, true
}

// decide records what the customer chose on the consent page. A key that was
// decided on keeps its state.
func (k *ovhKeys) decide(token, state string) (ovhKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if token == "" || key.token != token {
			continue
		}
		if key.state == statePending && state != "" {
			key.state = state
		}
		return *key, true
	}
	return ovhKey{}, false
}

func (k *ovhKeys) expire(consumer string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[consumer].state = stateExpired
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

// requestCredential is POST /auth/credential: a new key that waits for consent.
func (o *ovh) requestCredential(r *http.Request, body []byte) (any, error) {
	switch app := r.Header.Get("X-Ovh-Application"); app {
	case OVHApplicationKey:
	case "":
		return nil, errOVHLogin
	default:
		return nil, errOVHKey
	}
	var asked struct {
		AccessRules []ovhRule `json:"accessRules"`
		Redirection string    `json:"redirection"`
	}
	if err := json.Unmarshal(body, &asked); err != nil || len(asked.AccessRules) == 0 {
		return nil, errOVHRules
	}
	for _, rule := range asked.AccessRules {
		if !strings.HasPrefix(rule.Path, "/") || !isOVHMethod(rule.Method) {
			return nil, errOVHRules
		}
	}
	key := &ovhKey{
		consumer: randomHex(16), token: randomHex(32), state: statePending,
		rules: asked.AccessRules, redirection: asked.Redirection,
	}
	o.keys.add(key)
	return struct {
		ValidationURL string `json:"validationUrl"`
		ConsumerKey   string `json:"consumerKey"`
		State         string `json:"state"`
	}{o.server.URL() + "/ovh/auth/?credentialToken=" + key.token, key.consumer, statePending}, nil
}

func isOVHMethod(method string) bool {
	switch method {
	case "GET", "POST", "PUT", "DELETE", "PATCH":
		return true
	}
	return false
}

// routeAuth serves the calls about the key itself.
func (o *ovh) routeAuth(r *http.Request, key *ovhKey, name string) (any, error) {
	switch r.Method + " " + name {
	case "GET currentCredential":
		return key.model(), nil
	case "GET details":
		return map[string]any{
			"account": "sb12345-ovh", "allowedRoutes": key.rules, "description": nil,
			"identities": []string{"urn:v1:eu:identity:account:sb12345-ovh"},
			"method":     "account", "roles": nil, "user": nil,
		}, nil
	case "POST logout":
		o.keys.expire(key.consumer)
		return nil, nil
	}
	return nil, errOVHRoute
}

// model is auth.ApiCredential.
func (k *ovhKey) model() any {
	return map[string]any{
		"allowedIPs": nil, "applicationId": 12345, "creation": ovhTime(k.creation), "credentialId": k.id,
		"expiration": nil, "lastUse": ovhTime(k.lastUse), "ovhSupport": false, "rules": k.rules, "status": k.state,
	}
}

// serveConsent is the page where the customer accepts or refuses a key. GET
// shows it, POST decides; POST /ovh/auth/validate accepts without a page.
func (o *ovh) serveConsent(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("credentialToken")
	decision := ""
	if r.Method == http.MethodPost {
		decision = stateValidated
		if r.PostFormValue("decision") == "refuse" {
			decision = stateRefused
		}
	}
	key, ok := o.keys.decide(token, decision)
	switch {
	case !ok:
		body := page("Unknown token", "No key waits for consent here.")
		answer{status: http.StatusNotFound, ctype: typeHTML, body: body}.write(w)
	case decision != "" && key.redirection != "" && !strings.HasSuffix(r.URL.Path, "/validate"):
		http.Redirect(w, r, key.redirection, http.StatusFound)
	case strings.HasSuffix(r.URL.Path, "/validate"):
		body, _ := json.Marshal(map[string]string{"state": key.state})
		answer{status: http.StatusOK, ctype: typeJSON, body: body}.write(w)
	default:
		answer{status: http.StatusOK, ctype: typeHTML, body: consentPage(key)}.write(w)
	}
}

func consentPage(key ovhKey) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Simulated OVH: consent</title></head>" +
		"<body><h1>Simulated OVH</h1><p>An application asks for these rights:</p><ul>")
	for _, rule := range key.rules {
		b.WriteString("<li><code>" + html.EscapeString(rule.Method+" "+rule.Path) + "</code></li>")
	}
	b.WriteString("</ul><p>State of the key: <strong>" + key.state + "</strong></p>")
	if key.state == statePending {
		b.WriteString(`<form method="post"><button name="decision" value="validate">Authorize access</button> ` +
			`<button name="decision" value="refuse">Refuse</button></form>`)
	}
	b.WriteString("</body></html>\n")
	return []byte(b.String())
}
