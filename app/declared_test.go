package app_test

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"relais/app"
	"relais/client"
)

// inventedOperator is an operator that nobody knows: XML in Latin-9, text out, receipts by GET, odd
// words.
const inventedOperator = `version = 1
title = "Pigeon d'airain"
base_url = "https://api.pigeon.example"
own_base_url = true
wants = ["login", "secret", "sender"]
number = "zeros"
[auth]
kind = "basic"
user = "{login}"
password = "{secret}"
[words.class]
otp = "vite"
transactional = "simple"
marketing = "lent"
[send]
path = "/vol/{class}"
body = "xml"
charset = "iso-8859-15"
xml = '<?xml version="1.0" encoding="ISO-8859-15"?><vol de="{sender}" vers="{to}"><mot>{text}</mot><bague>{ref}</bague></vol>'
answers = "text"
pattern = '^(?P<word>ENVOL|REFUS|ATTENDRE) ?(?P<number>[0-9a-f]*)'
[[send.rule]]
where = { word = "ENVOL" }
then = "taken"
id = "number"
[[send.rule]]
where = { word = "REFUS" }
then = "rejected"
code = "number"
[[send.rule]]
where = { word = "ATTENDRE" }
then = "throttled"
[receipts]
path = "/retour"
method = "GET"
charset = "iso-8859-15"
id = "vol"
ref = "bague"
status = "etat"
states = { "posé" = "delivered", "tombé" = "undelivered:network", "en l'air" = "stays" }
`

// flown is a text that an operator of a test has on a handset.
type flown struct{ to, from, text, ref, id, callback string }

// aviary is an operator of a test: its API, written from its documents, and its handsets.
type aviary struct {
	*httptest.Server
	t      *testing.T
	read   func(r *http.Request, body []byte) (flown, bool) // false: a call that sends nothing
	answer func(w http.ResponseWriter, f flown)
	push   func(a *aviary, f flown, state string) *http.Request
	before func(w http.ResponseWriter, r *http.Request) bool // answers a call that comes before; nil: there is none

	gateway string // its address, before the proxy

	mu       sync.Mutex
	handsets map[string][]flown
	silent   map[string]bool // texts that are taken and not answered
}

func (a *aviary) start(t *testing.T) *aviary {
	t.Helper()
	a.t, a.handsets, a.silent = t, map[string][]flown{}, map[string]bool{}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *aviary) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	if r.Body = io.NopCloser(bytes.NewReader(body)); a.before != nil && a.before(w, r) {
		return
	}
	f, sends := a.read(r, body)
	if !sends {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if strings.HasPrefix(f.text, "REFUS") {
		a.answer(w, flown{})
		return
	}
	a.mu.Lock()
	f.id = fmt.Sprintf("%x", 0xa000+len(a.handsets[f.to])+100*len(a.handsets))
	a.handsets[f.to] = append(a.handsets[f.to], f)
	silent := a.silent[f.text]
	a.mu.Unlock()
	if silent {
		panic(http.ErrAbortHandler)
	}
	a.answer(w, f)
}

// on are the texts on a handset.
func (a *aviary) on(number string) []flown {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.handsets[number])
}

// flies is a gateway with one connector, and its address as the operator has it.
func (a *aviary) flies(t *testing.T, section string) (w *client.Client, logs *logbook) {
	t.Helper()
	b, settings, logs := run(t, func(data string) string {
		dir := filepath.Dir(data)
		if err := os.WriteFile(filepath.Join(dir, "pigeon.toml"), []byte(inventedOperator), 0o600); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\npublic_url = %q\n[log]\nlevel = \"debug\"\n"+
			"[connector.operator]\nprovider = \"http\"\ncallback_secret = \"abcdefghijklmnop\"\nbase_url = %q\n%s",
			data, publicURL, a.URL, section)
	})
	a.push, a.gateway = a.through(b, a.push), b.URL()
	return client.New(b.URL(), newKey(t, settings.Data)), logs
}

const (
	publicURL   = "https://relais.example"
	callbackURL = publicURL + "/callbacks/operator/abcdefghijklmnop"
)

// through has pushes go to the gateway, whose address before the proxy is another.
func (a *aviary) through(
	b *app.App, push func(*aviary, flown, string) *http.Request,
) func(*aviary, flown, string) *http.Request {
	return func(a *aviary, f flown, state string) *http.Request {
		r := push(a, f, state)
		address, err := url.Parse(b.URL() + strings.TrimPrefix(r.URL.String(), publicURL))
		if err != nil {
			a.t.Fatal(err)
		}
		r.URL, r.Host = address, ""
		return r
	}
}

// tell pushes and gives the answer.
func (a *aviary) tell(f flown, state string) (status int, body string) {
	a.t.Helper()
	answer, err := a.Client().Do(a.push(a, f, state))
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// pigeon is the invented operator.
func pigeon() *aviary {
	return &aviary{
		read: func(r *http.Request, body []byte) (flown, bool) {
			var vol struct {
				De    string `xml:"de,attr"`
				Vers  string `xml:"vers,attr"`
				Mot   string `xml:"mot"`
				Bague string `xml:"bague"`
			}
			decoder := xml.NewDecoder(strings.NewReader(string(body)))
			decoder.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
				if label != "ISO-8859-15" {
					return nil, fmt.Errorf("charset %s", label)
				}
				return charmap.ISO8859_15.NewDecoder().Reader(in), nil
			}
			user, password, _ := r.BasicAuth()
			known := r.URL.Path == "/vol/simple" && user == "mairie" && password == "graine-7531"
			if err := decoder.Decode(&vol); err != nil {
				return flown{}, false
			}
			return flown{"+" + strings.TrimPrefix(vol.Vers, "00"), vol.De, vol.Mot, vol.Bague, "", callbackURL + "/retour"}, known
		},
		answer: func(w http.ResponseWriter, f flown) {
			if f.id == "" {
				fmt.Fprintln(w, "REFUS 17")
				return
			}
			fmt.Fprintf(w, "ENVOL %s\r\n", f.id)
		},
		push: func(a *aviary, f flown, state string) *http.Request {
			latin, err := charmap.ISO8859_15.NewEncoder().String(state)
			if err != nil {
				a.t.Fatal(err)
			}
			query := url.Values{"vol": {f.id}, "bague": {f.ref}, "etat": {latin}}
			return newPush(a.t, http.MethodGet, f.callback+"?"+query.Encode(), "", "")
		},
	}
}

func newPush(t *testing.T, method, address, ctype, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if ctype != "" {
		r.Header.Set("Content-Type", ctype)
	}
	return r
}

// An operator that nobody knew, in at most forty lines, and the whole way: to the handset, through
// a refusal, through doubt, and back with receipts.
func TestAnOperatorThatNobodyKnew(t *testing.T) {
	if lines := strings.Count(inventedOperator, "\n"); lines > 40 {
		t.Errorf("it takes %d lines", lines)
	}
	a := pigeon().start(t)
	w, logs := a.flies(t, "declaration = \"pigeon.toml\"\nlogin = \"mairie\"\nsecret = \"graine-7531\"\nsender = \"MAIRIE\"\n")
	const text = "Réunion à 9 h, 5 € & <cœur> \"Lœuilly\""
	m := a.sends(t, w, "+33639980001", text, client.Submitted)
	got := a.on("+33639980001")
	if len(got) != 1 || got[0].text != text || got[0].from != "MAIRIE" {
		t.Fatalf("on the handset: %+v", got)
	}
	if m.ProviderID != got[0].id {
		t.Errorf("the operator's id is %q, want %q", m.ProviderID, got[0].id)
	}
	for _, step := range []struct {
		state string
		want  client.Status
	}{{"en l'air", client.Submitted}, {"jamais vu", client.Submitted}, {"posé", client.Delivered}} {
		if status, _ := a.tell(got[0], step.state); status != http.StatusOK {
			t.Errorf("the receipt %q is answered with %d", step.state, status)
		}
		a.becomes(t, w, m.ID, step.want)
	}
	a.sends(t, w, "+33639980002", "REFUS", client.Rejected)
	a.mu.Lock()
	a.silent["perdu ?"] = true
	a.mu.Unlock()
	doubtful := a.sends(t, w, "+33639980003", "perdu ?", client.Uncertain)
	if status, _ := a.tell(a.on("+33639980003")[0], "tombé"); status != http.StatusOK { // the ring proves that it flew
		t.Errorf("the receipt is answered with %d", status)
	}
	a.becomes(t, w, doubtful.ID, client.Undelivered)
	if n := len(a.on("+33639980003")); n != 1 {
		t.Errorf("%d texts on the handset of a message in doubt", n)
	}
	if status, _ := a.tell(flown{callback: callbackURL + "x/retour", id: "1"}, "posé"); status != http.StatusNotFound {
		t.Errorf("a push with another secret is answered with %d", status)
	}
	for _, never := range []string{"graine-7531", "39980001", "39980003", "Lœuilly", "abcdefghijklmnop"} {
		if strings.Contains(logs.String(), never) {
			t.Errorf("the log holds %q", never)
		}
	}
}

// sends submits a text and waits until it is there.
func (a *aviary) sends(t *testing.T, w *client.Client, to, text string, want client.Status) client.Message {
	t.Helper()
	answer, err := w.Submit(t.Context(), client.SubmitRequest{To: []string{to}, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return a.becomes(t, w, answer.Messages[0].ID, want)
}

func (a *aviary) becomes(t *testing.T, w *client.Client, id string, want client.Status) client.Message {
	t.Helper()
	var m client.Message
	await(t, string(want), patience, func() bool {
		got, err := w.Message(t.Context(), id)
		if err == nil {
			m = got.Message
		}
		return err == nil && got.Status == want
	})
	return m
}

// presetOperators are operators of the presets, each written from its own documents.
var presetOperators = map[string]struct {
	section   string
	delivered string
	operator  func() *aviary
	from      string // of the texts; empty: MAIRIE
	unnamed   bool   // its receipts have its own id alone, so that none settles a doubt
}{
	"brevo": {unnamed: true, section: "key = \"xkeysib-0a1b2c3d\"\nsender = \"MAIRIE\"\n", delivered: "delivered", operator: func() *aviary {
		return &aviary{
			read: func(r *http.Request, body []byte) (flown, bool) {
				var asked struct{ Recipient, Sender, Content, Tag, WebURL string }
				err := json.Unmarshal(body, &asked)
				return flown{"+" + asked.Recipient, asked.Sender, asked.Content, asked.Tag, "", asked.WebURL}, err == nil &&
					r.URL.Path == "/v3/transactionalSMS/sms" && r.Header.Get("Api-Key") == "xkeysib-0a1b2c3d"
			},
			answer: func(w http.ResponseWriter, f flown) {
				if f.id == "" {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, `{"code":"invalid_parameter","message":"Invalid telephone number"}`)
					return
				}
				w.WriteHeader(http.StatusCreated)
				fmt.Fprintf(w, `{"reference":"r","messageId":%d,"smsCount":1}`, decimal(f.id))
			},
			push: func(a *aviary, f flown, state string) *http.Request {
				body := fmt.Sprintf(`{"id":1,"to":%q,"messageId":%d,"msg_status":%q,"date":"2026-11-30 11:00:05"}`,
					strings.TrimPrefix(f.to, "+"), decimal(f.id), state)
				return newPush(a.t, http.MethodPost, f.callback, "application/json", body)
			},
		}
	}},
	"orange-sms": {section: "login = \"client01\"\nsecret = \"pa55-0a1b2c3d\"\nsender = \"+33639980099\"\n", delivered: "DeliveredToTerminal", operator: orange, from: "+33639980099", unnamed: true},
	"seven":      {section: "key = \"k7-0a1b2c3d\"\nsigning_key = \"sign-0a1b2c3d\"\nsender = \"MAIRIE\"\n", delivered: "DELIVERED", operator: seven, unnamed: true},
	"smsfactor": {section: "key = \"t0ken-0a1b2c3d\"\nsender = \"MAIRIE\"\n", delivered: "3", operator: func() *aviary {
		return &aviary{
			read: func(r *http.Request, body []byte) (flown, bool) {
				var asked struct {
					SMS struct {
						Message    struct{ Text, Sender string }
						Recipients struct {
							GSM []struct{ GSMSMSID, Value string }
						}
					}
				}
				if json.Unmarshal(body, &asked) != nil || len(asked.SMS.Recipients.GSM) != 1 {
					return flown{}, false
				}
				one, m := asked.SMS.Recipients.GSM[0], asked.SMS.Message
				return flown{"+" + one.Value, m.Sender, m.Text, one.GSMSMSID, "", callbackURL + "/receipt"},
					r.URL.Path == "/send" && r.Header.Get("Authorization") == "Bearer t0ken-0a1b2c3d"
			},
			answer: func(w http.ResponseWriter, f flown) {
				taken := min(1, len(f.id))
				fmt.Fprintf(w, `{"status":1,"message":"OK","ticket":%q,"total":1,"sent":%d,"blacklisted":0,"duplicated":0,"invalid":%d,"npai":0}`,
					f.id, taken, 1-taken)
			},
			push: func(a *aviary, f flown, state string) *http.Request {
				body := fmt.Sprintf(`{"date":"2026-11-30 11:00:05","status":%s,"destination":"33","message_id":%q,"campaign_id":1}`, state, f.ref)
				return newPush(a.t, http.MethodPost, f.callback, "application/json", body)
			},
		}
	}},
	"twilio": {section: "login = \"AC01\"\nsecret = \"t0ken-0a1b2c3d\"\nsender = \"MAIRIE\"\n", delivered: "delivered", operator: func() *aviary {
		return &aviary{
			read: func(r *http.Request, body []byte) (flown, bool) {
				form, err := url.ParseQuery(string(body))
				user, password, _ := r.BasicAuth()
				return flown{form.Get("To"), form.Get("From"), form.Get("Body"), "", "", form.Get("StatusCallback")}, err == nil &&
					r.URL.Path == "/2010-04-01/Accounts/AC01/Messages.json" && user == "AC01" && password == "t0ken-0a1b2c3d"
			},
			answer: func(w http.ResponseWriter, f flown) {
				if f.id == "" {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, `{"code":21211,"message":"Invalid 'To' Phone Number","status":400}`)
					return
				}
				w.WriteHeader(http.StatusCreated)
				fmt.Fprintf(w, `{"sid":"SM%s","status":"queued"}`, f.id)
			},
			push: func(a *aviary, f flown, state string) *http.Request {
				form := url.Values{"MessageSid": {"SM" + f.id}, "MessageStatus": {state}, "To": {f.to}, "AccountSid": {"AC01"}}
				r := newPush(a.t, http.MethodPost, f.callback, "application/x-www-form-urlencoded", form.Encode())
				mac := hmac.New(sha1.New, []byte("t0ken-0a1b2c3d"))
				io.WriteString(mac, f.callback) // a hash takes everything
				for _, name := range slices.Sorted(maps.Keys(form)) {
					io.WriteString(mac, name+form.Get(name)) // a hash takes everything
				}
				r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
				return r
			},
		}
	}},
}

// orange gives a token that a second call needs, and an address whose end is the id.
func orange() *aviary {
	return &aviary{
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/oauth/v3/token" {
				return false
			}
			if user, password, _ := r.BasicAuth(); user != "client01" || password != "pa55-0a1b2c3d" {
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
			fmt.Fprint(w, `{"token_type":"Bearer","access_token":"t0ken-0a1b2c3d","expires_in":3600}`)
			return true
		},
		read: func(r *http.Request, body []byte) (flown, bool) {
			var asked struct {
				Outbound struct {
					Address, SenderAddress string
					Text                   struct{ Message string } `json:"outboundSMSTextMessage"`
				} `json:"outboundSMSMessageRequest"`
			}
			err := json.Unmarshal(body, &asked)
			o := asked.Outbound
			return flown{strings.TrimPrefix(o.Address, "tel:"), strings.TrimPrefix(o.SenderAddress, "tel:"), o.Text.Message, "", "", callbackURL + "/receipt"}, err == nil &&
				r.URL.EscapedPath() == "/smsmessaging/v1/outbound/tel%3A%2B33639980099/requests" && r.Header.Get("Authorization") == "Bearer t0ken-0a1b2c3d"
		},
		answer: func(w http.ResponseWriter, f flown) {
			if f.id == "" {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"requestError":{"serviceException":{"messageId":"SVC0004","text":"No valid addresses"}}}`)
				return
			}
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"outboundSMSMessageRequest":{"resourceReference":{"resourceURL":"https://api.orange.com/smsmessaging/v1/outbound/tel:%%2B33639980099/requests/%s"}}}`, f.id)
		},
		push: func(a *aviary, f flown, state string) *http.Request {
			body := fmt.Sprintf(`{"deliveryInfoNotification":{"callbackData":%q,"deliveryInfo":{"address":"tel:%s","deliveryStatus":%q}}}`, f.id, f.to, state)
			return newPush(a.t, http.MethodPost, f.callback, "application/json", body)
		},
	}
}

// seven signs what it pushes over five lines.
func seven() *aviary {
	return &aviary{
		read: func(r *http.Request, body []byte) (flown, bool) {
			var asked struct {
				To, From, Text string
				Ref            string `json:"foreign_id"`
			}
			err := json.Unmarshal(body, &asked)
			return flown{"+" + asked.To, asked.From, asked.Text, asked.Ref, "", callbackURL + "/receipt"}, err == nil &&
				r.URL.Path == "/api/sms" && r.Header.Get("X-Api-Key") == "k7-0a1b2c3d"
		},
		answer: func(w http.ResponseWriter, f flown) {
			if f.id == "" {
				fmt.Fprint(w, `{"success":"202","messages":[]}`)
				return
			}
			fmt.Fprintf(w, `{"success":"100","messages":[{"id":%q,"success":true}]}`, f.id)
		},
		push: func(a *aviary, f flown, state string) *http.Request {
			body := fmt.Sprintf(`{"webhook_event":"dlr","data":{"msg_id":%q,"status":%q}}`, f.id, state)
			r := newPush(a.t, http.MethodPost, f.callback, "application/json", body)
			stamp, digest := strconv.FormatInt(time.Now().Unix(), 10), md5.Sum([]byte(body))
			mac := hmac.New(sha256.New, []byte("sign-0a1b2c3d"))
			io.WriteString(mac, strings.Join([]string{stamp, "n0nce", http.MethodPost, f.callback, hex.EncodeToString(digest[:])}, "\n"))
			r.Header.Set("X-Timestamp", stamp)
			r.Header.Set("X-Nonce", "n0nce")
			r.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
			return r
		},
	}
}

func decimal(id string) (n int64) {
	if _, err := fmt.Sscanf(id, "%x", &n); err != nil {
		return 0
	}
	return n
}

// Each preset goes the whole way against an operator that was written from its documents: a text, a
// refusal, doubt that a receipt settles where it carries our reference, and receipts.
func TestPresetsToTheHandset(t *testing.T) {
	for name, preset := range presetOperators {
		t.Run(name, func(t *testing.T) {
			a := preset.operator().start(t)
			w, logs := a.flies(t, fmt.Sprintf("preset = %q\n%s", name, preset.section))
			const text = "Réunion à 9 h & \"demain\" 🎉"
			m := a.sends(t, w, "+33639980001", text, client.Submitted)
			got := a.on("+33639980001")
			if len(got) != 1 || got[0].text != text || got[0].from != cmp.Or(preset.from, "MAIRIE") {
				t.Fatalf("on the handset: %+v", got)
			}
			if status, _ := a.tell(got[0], preset.delivered); status != http.StatusOK {
				t.Errorf("the receipt is answered with %d", status)
			}
			a.becomes(t, w, m.ID, client.Delivered)
			a.sends(t, w, "+33639980002", "REFUS", client.Rejected)
			a.mu.Lock()
			a.silent["perdu ?"] = true
			a.mu.Unlock()
			doubtful := a.sends(t, w, "+33639980003", "perdu ?", client.Uncertain)
			if lost := a.on("+33639980003"); len(lost) != 1 {
				t.Errorf("%d texts on the handset of a message in doubt", len(lost))
			} else if !preset.unnamed {
				a.tell(lost[0], preset.delivered)
				a.becomes(t, w, doubtful.ID, client.Delivered)
			}
			for _, never := range []string{"0a1b2c3d", "39980001", "Réunion", "abcdefghijklmnop"} {
				if strings.Contains(logs.String(), never) {
					t.Errorf("the log holds %q", never)
				}
			}
		})
	}
}
