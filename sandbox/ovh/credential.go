package ovh

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"sync"
	"time"

	"relais/sandbox/world"
)

// The states of a consumer key (documented: auth.CredentialStateEnum).
const (
	statePending   = "pendingValidation"
	stateValidated = "validated"
	stateExpired   = "expired"
	stateRefused   = "refused"
)

// rule is one right of a consumer key.
type rule struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// key is a consumer key. Callers get copies.
type key struct {
	id          int64
	consumer    string
	token       string // of the consent page
	state       string
	rules       []rule
	redirection string
	creation    time.Time
	lastUse     time.Time
}

// keys holds the consumer keys.
type keys struct {
	clock *world.Clock

	mu   sync.Mutex
	keys map[string]*key
}

func newKeys(c *world.Clock) *keys {
	k := &keys{clock: c, keys: map[string]*key{}}
	me := []rule{{"GET", "/auth/currentCredential"}, {"GET", "/me"}, {"GET", "/me/*"}}
	var full []rule
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		full = append(full, rule{method, "/sms"}, rule{method, "/sms/*"})
	}
	k.add(&key{consumer: ConsumerKey, state: stateValidated, rules: append(full, me...)})
	readOnly := append([]rule{{"GET", "/sms"}, {"GET", "/sms/*"}}, me...)
	k.add(&key{consumer: ReadOnlyConsumerKey, state: stateValidated, rules: readOnly})
	return k
}

func (k *keys) add(key *key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key.id = 3_000_000_001 + int64(len(k.keys))
	key.creation = k.clock.Now()
	k.keys[key.consumer] = key
}

// use returns a copy of a key and notes that it was used.
func (k *keys) use(consumer string) (*key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[consumer]
	if !ok {
		return nil, false
	}
	key.lastUse = k.clock.Now()
	copied := *key
	return &copied, true
}

// decide records what the customer chose on the consent page. A key that was
// decided on keeps its state.
func (k *keys) decide(token, state string) (key, bool) {
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
	return key{}, false
}

func (k *keys) expire(consumer string) {
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
func (o *Operator) requestCredential(r *http.Request, body []byte) (any, error) {
	switch app := r.Header.Get("X-Ovh-Application"); app {
	case ApplicationKey:
	case "":
		return nil, errLogin
	default:
		return nil, errKey
	}
	var asked struct {
		AccessRules []rule `json:"accessRules"`
		Redirection string `json:"redirection"`
	}
	if err := json.Unmarshal(body, &asked); err != nil || len(asked.AccessRules) == 0 {
		return nil, errRules
	}
	for _, rule := range asked.AccessRules {
		if !strings.HasPrefix(rule.Path, "/") || !isMethod(rule.Method) {
			return nil, errRules
		}
	}
	key := &key{
		consumer: randomHex(16), token: randomHex(32), state: statePending,
		rules: asked.AccessRules, redirection: asked.Redirection,
	}
	o.keys.add(key)
	return struct {
		ValidationURL string `json:"validationUrl"`
		ConsumerKey   string `json:"consumerKey"`
		State         string `json:"state"`
	}{o.world.URL + "/ovh/auth/?credentialToken=" + key.token, key.consumer, statePending}, nil
}

func isMethod(method string) bool {
	switch method {
	case "GET", "POST", "PUT", "DELETE", "PATCH":
		return true
	}
	return false
}

// routeAuth serves the calls about the key itself.
func (o *Operator) routeAuth(r *http.Request, key *key, name string) (any, error) {
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
	return nil, errRoute
}

// model is auth.ApiCredential.
func (k *key) model() any {
	return map[string]any{
		"allowedIPs": nil, "applicationId": 12345, "creation": timeOf(k.creation), "credentialId": k.id,
		"expiration": nil, "lastUse": timeOf(k.lastUse), "ovhSupport": false,
		"rules": k.rules, "status": k.state,
	}
}

// ServeConsent is the page where the customer accepts or refuses a key. GET
// shows it, POST decides; POST /ovh/auth/validate accepts without a page.
func (o *Operator) ServeConsent(w http.ResponseWriter, r *http.Request) {
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
		body := world.Page("Unknown token", "No key waits for consent here.")
		world.Answer{Status: http.StatusNotFound, Type: world.TypeHTML, Body: body}.Write(w)
	case decision != "" && key.redirection != "" && !strings.HasSuffix(r.URL.Path, "/validate"):
		http.Redirect(w, r, key.redirection, http.StatusFound)
	case strings.HasSuffix(r.URL.Path, "/validate"):
		body, _ := json.Marshal(map[string]string{"state": key.state})
		world.Answer{Status: http.StatusOK, Type: world.TypeJSON, Body: body}.Write(w)
	default:
		world.Answer{Status: http.StatusOK, Type: world.TypeHTML, Body: consentPage(key)}.Write(w)
	}
}

func consentPage(key key) []byte {
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
