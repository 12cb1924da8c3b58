package manual_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/app"
	"relais/auth"
	"relais/config"
	"relais/sandbox"
	"relais/sandbox/ovh"
	"relais/store/sqlite"
)

// beside are the settings of the gateway that the examples speak to.
const beside = `
listen = "127.0.0.1:0"
data = %[1]q
sandbox_at = %[2]q
[account.sandbox]
approve_above_rows = 2
`

// poor are those of a gateway whose credit is below the threshold. No key works there that
// everybody knows.
const poor = `
listen = "127.0.0.1:0"
data = %[1]q
[credit]
check_every = "1s"
[connector.ovh]
provider = "ovh"
endpoint = "%[2]s/ovh/1.0"
application_key = "` + ovh.ApplicationKey + `"
application_secret = "` + ovh.ApplicationSecret + `"
consumer_key = "` + ovh.ConsumerKey + `"
service = "` + ovh.Service + `"
sender = "RELAIS"
credit_alert = 100000000
`

// patience is what a slow machine gets before a test fails.
const patience = 30 * time.Second

// world is a gateway beside simulated operators.
type world struct {
	t         *testing.T
	app       *app.App
	operators *sandbox.Server
	receiver  *receiver
	key       string
	colleague string // another key of the account
	made      *int   // numbers and addresses, so that each is used once
	begun     *int   // tables
}

func newWorld(t *testing.T, settings string) *world {
	t.Helper()
	operators, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { operators.Close() })
	dir := t.TempDir()
	file := filepath.Join(dir, "relais.toml")
	text := fmt.Sprintf(settings, filepath.Join(dir, "data"), operators.URL())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), c, "test", app.NewLogger(io.Discard, c.Log))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Stop(t.Context()) })
	w := &world{t: t, app: a, operators: operators, receiver: newReceiver(t), key: app.SandboxKey, made: new(int), begun: new(int)}
	if a.Key() == "" {
		w.key = newKey(t, c.Data, "default")
		return w
	}
	w.colleague = newKey(t, c.Data, "sandbox")
	w.hook(w.receiver.URL + "/sms")
	return w
}

// newKey makes a key of an account.
func newKey(t *testing.T, dir, account string) string {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	text, _, err := auth.NewKey(t.Context(), store, account, "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// receiver is a webhook that keeps the first event of each type, as it came.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string]delivered
}

type delivered struct {
	header http.Header
	body   []byte
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: map[string]delivered{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		var event struct{ Type string }
		if json.Unmarshal(body, &event) == nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			if _, there := r.got[event.Type]; !there {
				r.got[event.Type] = delivered{q.Header.Clone(), body}
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) event(name string) (delivered, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.got[name]
	return d, ok
}

// ask calls a route, or one of the operators', and reads its JSON.
func (w *world) ask(method, url, body string) (status int, answer map[string]any) {
	w.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = w.app.URL() + url
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	json.Unmarshal(text, &answer) // what is no object is not looked at
	return resp.StatusCode, answer
}

// in is the same world for a subtest.
func (w *world) in(t *testing.T) *world {
	same := *w
	same.t = t
	return &same
}

func (w *world) await(what string, done func() bool) {
	w.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// send sends a text to a number that plays a fate, and returns the message's id. more are
// further fields. Each number is written to once: where an example has let the person answer
// "STOP ?", SFR blocks the number from then on, and further texts end when its results are
// polled, minutes later.
func (w *world) send(fate int, more string) (id, number string) {
	w.t.Helper()
	*w.made++
	if fate == 1 {
		fate += *w.made / 100 // up to 49 all of them are delivered
	}
	number = fmt.Sprintf("+3363998%02d%02d", *w.made%100, fate)
	status, answer := w.ask("POST", "/v1/messages", `{"to":"`+number+`","text":"Your appointment is on Monday at 9."`+more+`}`)
	if status != http.StatusAccepted {
		w.t.Fatalf("a submission was answered %d %v", status, answer)
	}
	return answer["messages"].([]any)[0].(map[string]any)["id"].(string), number
}

// reach waits until a message has a status.
func (w *world) reach(id, status string) {
	w.t.Helper()
	w.await("message "+status, func() bool {
		_, m := w.ask("GET", "/v1/messages/"+id, "")
		return m["status"] == status
	})
}

// template keeps one.
func (w *world) template() (id string) {
	w.t.Helper()
	*w.made++
	status, answer := w.ask("POST", "/v1/templates", fmt.Sprintf(`{"name":"Appointment %d","text":"Dear ((name|Sir or Madam)), `+
		`your appointment is on ((date)).((documents?? Bring your papers.))"}`, *w.made))
	if status != http.StatusCreated {
		w.t.Fatalf("a template was answered %d %v", status, answer)
	}
	return answer["id"].(string)
}

// list makes one with a table that waits.
func (w *world) list() (id string) {
	w.t.Helper()
	*w.made++
	status, answer := w.ask("POST", "/v1/lists", fmt.Sprintf(`{"name":"Canteen parents %d","source":"enrolment form",`+
		`"purpose":"news of the canteen","keep_days":400}`, *w.made))
	if status != http.StatusCreated {
		w.t.Fatalf("a list was answered %d %v", status, answer)
	}
	id = answer["id"].(string)
	table := "Name;Mobile\nZoé;06 39 98 00 01\nLéa;639980002\nNoé;06 39 98\n"
	if status, answer := w.ask("PUT", "/v1/lists/"+id+"/table?name=canteen.csv", table); status != http.StatusOK {
		w.t.Fatalf("a table was answered %d %v", status, answer)
	}
	return id
}

// contact makes one that agreed to something, and returns its number.
func (w *world) contact() (number string) {
	w.t.Helper()
	*w.made++
	number = fmt.Sprintf("+3363998%04d", 1000+*w.made)
	if status, answer := w.ask("POST", "/v1/contacts", `{"number":"`+number+`","values":{"Name":"Lea"}}`); status != http.StatusCreated {
		w.t.Fatalf("a contact was answered %d %v", status, answer)
	}
	status, answer := w.ask("POST", "/v1/contacts/"+strings.ReplaceAll(number, "+", "%2B")+"/consents",
		`{"purpose":"cultural programme","source":"form of the library","proof":"I want news of concerts by SMS."}`)
	if status != http.StatusOK {
		w.t.Fatalf("a consent was answered %d %v", status, answer)
	}
	return number
}

// group makes one without anybody in it.
func (w *world) group() (id string) {
	w.t.Helper()
	*w.made++
	status, answer := w.ask("POST", "/v1/groups", fmt.Sprintf(`{"name":"Friends of the museum %d"}`, *w.made))
	if status != http.StatusCreated {
		w.t.Fatalf("a group was answered %d %v", status, answer)
	}
	return answer["id"].(string)
}

// filled makes a list with people on it.
func (w *world) filled() (id string) {
	w.t.Helper()
	id = w.list()
	if status, answer := w.ask("POST", "/v1/lists/"+id+"/fill", `{"table":1}`); status != http.StatusOK {
		w.t.Fatalf("a list was filled: %d %v", status, answer)
	}
	return id
}

// campaign begins one, with a table; more is JSON behind the other fields.
func (w *world) campaign(more string) (id string) {
	w.t.Helper()
	status, answer := w.ask("POST", "/v1/campaigns", `{"name":"Wishes 2027","class":"transactional","sender":"MAIRIE",`+
		`"text":"Dear ((name)), the town wishes you a happy new year."`+more+`}`)
	if status != http.StatusCreated {
		w.t.Fatalf("a campaign was answered %d %v", status, answer)
	}
	id = answer["id"].(string)
	w.table(id, "Zoé;06 39 98 00 61\nLéa;639980062\nNoël;6,12E+08\n")
	return id
}

// table gives a campaign rows of names and numbers. The same is not sent twice: each table has Léa with another name.
func (w *world) table(id, rows string) {
	w.t.Helper()
	*w.begun++
	rows = strings.Replace(rows, "Léa", "Lé"+strings.Repeat("a", *w.begun), 1)
	status, answer := w.ask("PUT", "/v1/campaigns/"+id+"/file?name=people.csv", "Name;Mobile\n"+rows)
	if status != http.StatusOK {
		w.t.Fatalf("a file was answered %d %v", status, answer)
	}
}

// checked begins a campaign and has it checked.
func (w *world) checked(more string) (id string) {
	w.t.Helper()
	id = w.campaign(more)
	w.check(id)
	return id
}

func (w *world) check(id string) {
	w.t.Helper()
	if status, answer := w.ask("POST", "/v1/campaigns/"+id+"/check", ""); status != http.StatusAccepted {
		w.t.Fatalf("a check was answered %d %v", status, answer)
	}
	w.await("campaign ready", func() bool {
		_, c := w.ask("GET", "/v1/campaigns/"+id, "")
		return c["status"] == "ready"
	})
}

const twoDays = 48 * time.Hour

// scheduled begins a campaign that starts in two days.
func (w *world) scheduled() (id string) {
	w.t.Helper()
	id = w.checked(`,"start_at":"` + time.Now().Add(twoDays).UTC().Format(time.RFC3339) + `"`)
	w.start(id)
	return id
}

// awaiting begins a campaign that a colleague started, so that whoever asks has to agree.
func (w *world) awaiting() (id string) {
	w.t.Helper()
	other := *w
	other.key = w.colleague
	id = other.campaign(`,"start_at":"` + time.Now().Add(twoDays).UTC().Format(time.RFC3339) + `"`)
	other.table(id, "Zoé;06 39 98 00 61\nLéa;639980062\nNoé;639980063\n")
	other.check(id)
	other.start(id)
	return id
}

func (w *world) start(id string) {
	w.t.Helper()
	_, c := w.ask("GET", "/v1/campaigns/"+id, "")
	status, answer := w.ask("POST", "/v1/campaigns/"+id+"/start", fmt.Sprintf(`{"check":%q}`, c["check"]))
	if status != http.StatusOK {
		w.t.Fatalf("a start was answered %d %v", status, answer)
	}
}

// hook registers a webhook.
func (w *world) hook(url string) (id string) {
	w.t.Helper()
	status, answer := w.ask("POST", "/v1/webhooks", `{"url":"`+url+`"}`)
	if status != http.StatusCreated {
		w.t.Fatalf("a webhook was answered %d %v", status, answer)
	}
	return answer["id"].(string)
}

// fault orders the simulated OVH to misbehave once.
func (w *world) fault(kind string) {
	w.t.Helper()
	if status, _ := w.ask("PUT", w.operators.URL()+"/faults", `{"operator":"ovh","kind":"`+kind+`"}`); status > 299 {
		w.t.Fatalf("the fault %s was answered %d", kind, status)
	}
}

// reply lets the person of a number answer, and returns the reply's id.
func (w *world) reply(number, text string) (id string) {
	w.t.Helper()
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		w.t.Fatal(err)
	}
	if status, _ := w.ask("POST", w.operators.URL()+"/handsets/"+number+"/reply", string(body)); status > 299 {
		w.t.Fatalf("the reply was answered %d", status)
	}
	w.await("the reply", func() bool {
		_, list := w.ask("GET", "/v1/inbound?from="+strings.ReplaceAll(number, "+", "%2B"), "")
		items, _ := list["items"].([]any)
		if len(items) > 0 {
			id = items[0].(map[string]any)["id"].(string)
		}
		return id != ""
	})
	return id
}

// makers make what the words with $ of examples.toml stand for.
// They come in the order of their names, and find those that were made before in a map.
var makers = map[string]func(w *world, before map[string]string) string{
	"message": func(w *world, _ map[string]string) string {
		id, _ := w.send(1, `,"connector":"ovh","reference":"appointment-7"`)
		w.reach(id, "delivered")
		return id
	},
	"waiting": func(w *world, _ map[string]string) string {
		id, _ := w.send(1, `,"send_at":"`+time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339)+`"`)
		return id
	},
	"uncertain": func(w *world, _ map[string]string) string {
		w.fault("html")
		id, _ := w.send(1, `,"connector":"ovh"`)
		w.reach(id, "uncertain")
		return id
	},
	"reply": func(w *world, _ map[string]string) string {
		id, number := w.send(1, `,"connector":"sfr"`) // which pushes replies
		w.reach(id, "delivered")
		return w.reply(number, "STOP ?")
	},
	"template": func(w *world, _ map[string]string) string { return w.template() },
	"contact":  func(w *world, _ map[string]string) string { return w.contact() },
	"group":    func(w *world, _ map[string]string) string { return w.group() },
	"list":     func(w *world, _ map[string]string) string { return w.filled() },
	"staged":   func(w *world, _ map[string]string) string { return w.list() },
	"campaign": func(w *world, _ map[string]string) string { return w.campaign("") },
	"checked":  func(w *world, _ map[string]string) string { return w.checked("") },
	"hash": func(w *world, values map[string]string) string {
		_, c := w.ask("GET", "/v1/campaigns/"+values["checked"]+values["awaiting"], "")
		return c["check"].(string)
	},
	"scheduled": func(w *world, _ map[string]string) string { return w.scheduled() },
	"awaiting":  func(w *world, _ map[string]string) string { return w.awaiting() },
	"paused": func(w *world, _ map[string]string) string {
		id := w.scheduled()
		if status, answer := w.ask("POST", "/v1/campaigns/"+id+"/pause", ""); status != http.StatusOK {
			w.t.Fatalf("a pause was answered %d %v", status, answer)
		}
		return id
	},
	"canceled": func(w *world, _ map[string]string) string {
		id := w.scheduled()
		if status, answer := w.ask("POST", "/v1/campaigns/"+id+"/cancel", ""); status != http.StatusOK {
			w.t.Fatalf("an end was answered %d %v", status, answer)
		}
		w.await("campaign canceled", func() bool {
			_, c := w.ask("GET", "/v1/campaigns/"+id, "")
			return c["status"] == "canceled"
		})
		return id
	},
	"archived": func(w *world, _ map[string]string) string {
		id := w.template()
		if status, _ := w.ask("DELETE", "/v1/templates/"+id, ""); status != http.StatusNoContent {
			w.t.Fatalf("a template that is put away was answered %d", status)
		}
		return id
	},
	"stopped": func(w *world, _ map[string]string) string {
		*w.made++
		number := fmt.Sprintf("+33639986%03d", *w.made)
		if status, _ := w.ask("PUT", "/v1/opt-outs/"+strings.ReplaceAll(number, "+", "%2B"), `{"reason":"asked at the desk"}`); status != http.StatusOK {
			w.t.Fatalf("an opt-out was answered %d", status)
		}
		return number
	},
	"person": func(w *world, _ map[string]string) string {
		id, number := w.send(1, `,"connector":"ovh"`)
		w.reach(id, "delivered")
		return number
	},
	"webhook": func(w *world, _ map[string]string) string {
		*w.made++
		id := w.hook(fmt.Sprintf("%s/webhooks/forms-%d", w.operators.URL(), *w.made))
		message, _ := w.send(1, `,"connector":"ovh"`)
		w.reach(message, "delivered")
		w.await("a delivery", func() bool {
			_, list := w.ask("GET", "/v1/webhooks/"+id+"/deliveries?state=delivered", "")
			items, _ := list["items"].([]any)
			return len(items) > 1
		})
		return id
	},
	"webhook_event": func(w *world, before map[string]string) string {
		_, list := w.ask("GET", "/v1/webhooks/"+before["webhook"]+"/deliveries?state=delivered", "")
		return list["items"].([]any)[0].(map[string]any)["event"].(map[string]any)["id"].(string)
	},
}

// tidy takes away what the examples of one language would find in the way of the next:
// an account has few webhooks, and an Idempotency-Key and the name of a template are good
// once.
func (w *world) tidy() {
	w.t.Helper()
	_, list := w.ask("GET", "/v1/webhooks", "")
	for _, one := range list["items"].([]any) {
		hook := one.(map[string]any)
		if hook["url"] != w.receiver.URL+"/sms" {
			w.ask("DELETE", "/v1/webhooks/"+hook["id"].(string), "")
		}
	}
	_, list = w.ask("GET", "/v1/templates", "") // a name is given once
	for _, one := range list["items"].([]any) {
		w.ask("DELETE", "/v1/templates/"+one.(map[string]any)["id"].(string), "")
	}
	_, list = w.ask("GET", "/v1/lists", "")
	for _, one := range list["items"].([]any) {
		w.ask("DELETE", "/v1/lists/"+one.(map[string]any)["id"].(string), "")
	}
	_, list = w.ask("GET", "/v1/groups", "")
	for _, one := range list["items"].([]any) {
		w.ask("DELETE", "/v1/groups/"+one.(map[string]any)["id"].(string), "")
	}
	w.ask("DELETE", "/v1/contacts/%2B33639980001", "") // a number has one contact
}

// happen lets something of each type of event happen.
func (w *world) happen() {
	w.t.Helper()
	for _, fate := range []int{1, 50, 85} {
		w.send(fate, `,"connector":"ovh","reference":"appointment-7"`)
	}
	w.send(80, `,"connector":"sfr"`)
	w.ask("POST", "/v1/inbound/"+makers["reply"](w, nil)+"/decision", `{"decision":"stop","reason":"called back"}`)
	id, number := w.send(1, `,"connector":"sfr"`)
	w.reach(id, "delivered")
	w.reply(number, "STOP")
	makers["uncertain"](w, nil)
	w.campaigns()
	w.fault("no_credit")
	w.send(1, `,"connector":"ovh"`)
}

// campaigns lets one campaign be paused and go on, another be canceled, and a third come to
// its end.
func (w *world) campaigns() {
	w.t.Helper()
	if status, answer := w.ask("POST", "/v1/campaigns/"+makers["paused"](w, nil)+"/resume", ""); status != http.StatusOK {
		w.t.Fatalf("that a campaign goes on was answered %d %v", status, answer)
	}
	makers["canceled"](w, nil)
	for _, step := range []string{"approve", "refuse"} {
		id := w.awaiting()
		_, c := w.ask("GET", "/v1/campaigns/"+id, "")
		status, answer := w.ask("POST", "/v1/campaigns/"+id+"/"+step, fmt.Sprintf(`{"check":%q%s}`, c["check"],
			map[string]string{"refuse": `,"sentence":"The date is wrong."`}[step]))
		if status != http.StatusOK {
			w.t.Fatalf("%s was answered %d %v", step, status, answer)
		}
	}
	whole := w.campaign(`,"connector":"sfr"`)
	w.table(whole, "Zoé;06 39 98 00 41\nLéa;639980042\n") // whose receipts come at once
	w.check(whole)
	w.start(whole)
}

// compact is JSON without white space.
func compact(t *testing.T, text []byte) json.RawMessage {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b.Bytes()
}
