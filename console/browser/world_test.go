//go:build browser

package browser_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/app"
	"relais/auth"
	"relais/client"
	"relais/config"
	"relais/store/sqlite"
)

// world is a gateway beside simulated operators, with people of each role and what they
// would find there.
type world struct {
	app  *app.App
	api  *client.Client
	url  string
	dir  string
	logs *logbook
	who  map[string]visitor

	secrets map[string]string // of the second step, of who has one
	webhook string            // path of the page of one
	talk    string            // path of a conversation that the agent has, with notes
	row     string            // path of the preview of a row of a campaign
}

// visitor is somebody with a browser.
type visitor struct {
	name    string
	roles   []auth.Grant
	session string // value of the cookie; empty: not signed in
	again   *again // how they sign in once more; nil: they do not
}

// may reports whether the visitor has a right on the account that they look at. What is no
// right of auth is everybody's who is signed in.
func (v visitor) may(right auth.Right) bool {
	return !slices.Contains(auth.Rights(), right) || auth.User{Roles: v.roles}.May(right, account)
}

// account is the one with data, empty the one without.
const account, empty = "sandbox", "vide"

// password is that of every visitor.
const password = "soixante-deux pommes vertes"

// The visitors. nobody is not signed in; halfway has a second step to set up yet, code has
// to give one, and alone looks at an account in which nothing has happened.
var cast = []visitor{
	{name: "manager", roles: []auth.Grant{{Account: account, Role: auth.Manager}}},
	{name: "dpo", roles: []auth.Grant{{Account: account, Role: auth.DPO}}},
	{name: "operator", roles: []auth.Grant{{Role: auth.Operator}}},
	{name: "admin", roles: []auth.Grant{{Role: auth.Admin}}},
	{name: "agent", roles: []auth.Grant{{Account: account, Role: auth.Agent}}},
	{name: "reader", roles: []auth.Grant{{Account: account, Role: auth.Reader}}},
	{name: "alone", roles: []auth.Grant{{Account: empty, Role: auth.Manager}, {Account: empty, Role: auth.DPO}}},
}

// hostile is what somebody may write who means harm: as a text, a name, a reference.
const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'` + "\u202e" +
	`{{.}} javascript:alert(3)`

// canary is in texts, and must be in no address, no title and no log.
const canary = "jonquille-canari"

// telephone is the number of a test by its last four digits.
func telephone(end int) string { return fmt.Sprintf("+3363998%04d", end) }

// newWorld starts a gateway on a temporary directory, and lets things happen.
func newWorld(ctx context.Context, dir string) (w *world, err error) {
	settings, err := config.Load("", func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		return nil, err
	}
	settings.Data, settings.Sandbox = filepath.Join(dir, "data"), true
	town := settings.Account(account)
	town.ApproveAboveRows = 2
	settings.Accounts[account] = town
	settings.Listen, settings.SandboxListen = "127.0.0.1:0", "127.0.0.1:0"
	w = &world{
		dir: settings.Data, logs: &logbook{}, who: map[string]visitor{"nobody": {name: "nobody"}},
		secrets: map[string]string{},
	}
	w.app, err = app.New(ctx, settings, "test", app.NewLogger(w.logs, settings.Log))
	if err != nil {
		return nil, err
	}
	if err := w.app.Start(ctx); err != nil {
		return nil, err
	}
	w.url, w.api = w.app.URL(), client.New(w.app.URL(), app.SandboxKey)
	if err := errors.Join(w.invite(ctx), w.happen(ctx)); err != nil {
		return nil, errors.Join(err, w.stop()) //nolint:contextcheck // it takes as long as it takes, whoever waits
	}
	return w, nil
}

// ownWorld starts one that a test has for itself.
func ownWorld(t *testing.T) *world {
	t.Helper()
	w, err := newWorld(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// stop ends the gateway.
func (w *world) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return w.app.Stop(ctx)
}

// invite makes the visitors, who choose a password by their link and set up a second step
// where their role asks for one, each in the pages of the console.
func (w *world) invite(ctx context.Context) error {
	store, err := sqlite.Open(ctx, w.dir)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:contextcheck // what was begun is ended without it
	err = store.AddAccount(ctx, auth.Account{Name: empty, CreatedAt: time.Now()})
	if err != nil {
		return err
	}
	_, _, err = auth.NewKey(ctx, store, account, "etat-civil", time.Now())
	if err != nil {
		return err
	}
	people := auth.NewPeople(auth.PeopleOptions{Store: store})
	for _, v := range cast {
		if v.session, err = w.enter(ctx, people, v, true); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		v.again = w.signsInAgain(v.name)
		w.who[v.name] = v
	}
	halfway := visitor{name: "halfway", roles: []auth.Grant{{Role: auth.Admin}}}
	if halfway.session, err = w.enter(ctx, people, halfway, false); err != nil {
		return err
	}
	halfway.again = w.signsInAgain(halfway.name)
	w.who["halfway"] = halfway
	code := visitor{name: "code"} // the operator, in another browser
	if code.session, err = w.signIn(ctx, "operator"); err != nil {
		return err
	}
	code.again = &again{w: w, name: "operator", at: time.Now()}
	w.who["code"] = code
	return nil
}

// enter makes a user and signs them in.
func (w *world) enter(ctx context.Context, people *auth.People, v visitor, whole bool) (string, error) {
	_, link, err := people.Create(ctx, auth.By{Actor: auth.Machine}, auth.NewUser{
		Name: v.name, Display: v.name + " " + hostile, Roles: v.roles,
	})
	if err != nil {
		return "", err
	}
	b := newVisit(w.url)
	_, err = b.post(ctx, "/console/welcome", url.Values{
		"link": {link.Code}, "password": {password}, "again": {password},
	})
	if err != nil {
		return "", err
	}
	if !whole || !(auth.User{Roles: v.roles}).NeedsSecondStep() {
		return b.session()
	}
	page, err := b.get(ctx, "/console/step")
	if err != nil {
		return "", err
	}
	secret := secretOn.FindStringSubmatch(page)
	if secret == nil {
		return "", fmt.Errorf("no secret on the page of the second step: %s", page)
	}
	w.secrets[v.name] = html.UnescapeString(secret[1])
	code, err := oneTimeCode(w.secrets[v.name], time.Now())
	if err != nil {
		return "", err
	}
	if _, err := b.post(ctx, "/console/step", url.Values{"code": {code}}); err != nil {
		return "", err
	}
	return b.session()
}

// again signs a visitor in once more where their proof gets old: pages that ask for a
// fresh one are looked at late in the whole form.
type again struct {
	w    *world
	name string
	code string // secret of the second step; empty: none is given

	mu      sync.Mutex
	session string
	at      time.Time
}

func (w *world) signsInAgain(name string) *again {
	return &again{w: w, name: name, code: w.secrets[name], at: time.Now()}
}

// now is the visitor with a session whose proof is fresh.
func (v visitor) now(ctx context.Context) (visitor, error) {
	if v.again == nil {
		return v, nil
	}
	a := v.again
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.at) > auth.ProofLife/2 {
		session, err := a.signIn(ctx)
		if err != nil {
			return v, fmt.Errorf("%s signs in again: %w", v.name, err)
		}
		a.session, a.at = session, time.Now()
	}
	if a.session != "" {
		v.session = a.session
	}
	return v, nil
}

func (a *again) signIn(ctx context.Context) (string, error) {
	b := newVisit(a.w.url)
	if _, err := b.post(ctx, "/console/signin", url.Values{"name": {a.name}, "password": {password}}); err != nil {
		return "", err
	}
	if a.code != "" {
		code, err := oneTimeCode(a.code, time.Now())
		if err != nil {
			return "", err
		}
		if _, err := b.post(ctx, "/console/step", url.Values{"code": {code}}); err != nil {
			return "", err
		}
	}
	return b.session()
}

// signIn gives the password of a visitor, and no more.
func (w *world) signIn(ctx context.Context, name string) (string, error) {
	b := newVisit(w.url)
	if _, err := b.post(ctx, "/console/signin", url.Values{"name": {name}, "password": {password}}); err != nil {
		return "", err
	}
	return b.session()
}

var secretOn = regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`)

// oneTimeCode is what a telephone shows (RFC 6238).
func oneTimeCode(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	begin := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[begin:begin+4])&0x7fffffff%1_000_000), nil
}

// happen sends and answers: messages in every state, replies of every kind.
func (w *world) happen(ctx context.Context) error {
	tomorrow := time.Now().Add(30 * time.Hour)
	hook, err := w.api.CreateWebhook(ctx, w.app.SandboxURL()+"/webhooks/town", nil)
	if err != nil {
		return err
	}
	w.webhook = "/console/webhooks/" + hook.ID
	for _, r := range []client.SubmitRequest{
		{To: []string{telephone(1101), telephone(1102)}, Text: "Votre carte de cantine est à 5 €. " + canary},
		{To: []string{telephone(1103)}, Text: hostile, Reference: "dossier-7"},
		{To: []string{telephone(1104)}, Text: strings.Repeat("Un texte sans fin. ", 36), Connector: "sfr"},
		{
			To:   []string{telephone(1150), telephone(1155), telephone(1160), telephone(1180)},
			Text: "Rappel de la crèche 🌴",
		},
		{To: []string{telephone(1165), telephone(1195)}, Text: "Viendrez-vous samedi ?"},
		{To: []string{telephone(1107)}, Text: "Soldes au marché", Class: "marketing"},
		{To: []string{telephone(1105)}, Text: "À demain", SendAt: tomorrow},
	} {
		if _, err := w.api.Submit(ctx, r); err != nil {
			return err
		}
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	const stop = "stop svp" // which is no reply that somebody reads
	for _, reply := range [][2]string{
		{telephone(1102), stop}, {telephone(1101), "Merci, à samedi. " + canary}, {telephone(1103), hostile},
	} {
		number, text := reply[0], reply[1]
		if err := w.operate(ctx, "POST", "/handsets/"+number+"/reply", map[string]string{"text": text}); err != nil {
			return err
		}
		if text == stop {
			continue
		}
		if _, err := w.replyOf(ctx, number); err != nil { // the next one comes after it
			return err
		}
	}
	if err := w.operate(ctx, "PUT", "/faults", map[string]string{"operator": "ovh", "kind": "html"}); err != nil {
		return err
	}
	for _, r := range []client.TemplateRequest{
		{
			Name: "Rendez-vous <b>", Folder: "Accueil", Sender: "MAIRIE",
			Text: "Bonjour ((prénom|Madame, Monsieur)), rendez-vous le ((date)).((papiers?? Apportez vos papiers.)) À bientôt",
		},
		{Name: "Merci", Text: "Merci de votre réponse.", Answer: true},
	} {
		if _, err := w.api.CreateTemplate(ctx, r); err != nil {
			return err
		}
	}
	if err := errors.Join(w.share(ctx), w.fillLists(ctx), w.keepContacts(ctx), w.writeCampaigns(ctx)); err != nil {
		return err
	}
	held := client.SubmitRequest{To: []string{telephone(1106)}, Text: "Sans réponse claire", Connector: "ovh"}
	if _, err := w.api.Submit(ctx, held); err != nil {
		return err
	}
	return w.settle(ctx)
}

// share has the agent take the conversation with the first telephone, and leave notes.
func (w *world) share(ctx context.Context) error {
	reply, err := w.replyOf(ctx, telephone(1101))
	if err != nil {
		return err
	}
	w.talk = "/console/inbox/" + reply
	agent := as(w.url, w.who["agent"])
	page, err := agent.get(ctx, w.talk)
	if err != nil {
		return err
	}
	self := selfOn.FindStringSubmatch(page)
	if self == nil {
		return fmt.Errorf("nobody can take the conversation: %s", page)
	}
	for path, form := range map[string]url.Values{
		"/assign": {"was": {""}, "to": {self[1]}},
		"/notes":  {"note": {"Rappelée à 17 h : le dossier est complet. " + canary + " " + hostile}},
	} {
		if _, err := agent.post(ctx, w.talk+path, form); err != nil {
			return err
		}
	}
	return nil
}

// fillLists makes a list with people on it, for which another table waits.
func (w *world) fillLists(ctx context.Context) error {
	list, err := w.api.CreateList(ctx, client.ListRequest{
		Name: "Cantine " + hostile, Source: "Fiche d'inscription", Purpose: "Les nouvelles de la cantine", KeepDays: 400,
	})
	if err != nil {
		return err
	}
	for _, table := range []string{
		"Dossier;Nom;Portable\n7;Zoé;06 39 98 14 01\n8;Léa " + hostile + ";639981402\n",
		"Dossier;Nom;Portable\n8;Léa;639981403\n9;Noé;639981404\n9;Noé;639981405\n10;Anne;6,12E+08\n",
	} {
		waits, err := w.api.PutListTable(ctx, list.ID, client.TableOptions{Name: "cantine.csv", Key: "Dossier"}, strings.NewReader(table))
		if err != nil {
			return err
		}
		if list.Entries > 0 {
			return nil
		}
		if list, err = w.api.FillList(ctx, list.ID, waits.Table.Table); err != nil {
			return err
		}
	}
	return nil
}

// keepContacts makes a group of three contacts: one agrees to something and withdrew something else, one said STOP.
func (w *world) keepContacts(ctx context.Context) error {
	group, err := w.api.CreateGroup(ctx, "Amis <b>de la médiathèque</b>", "Fiches d'inscription de 2026 "+hostile)
	if err != nil {
		return err
	}
	given := time.Date(2025, time.January, 15, 9, 0, 0, 0, time.UTC)
	for _, who := range []struct{ number, name string }{
		{telephone(1501), "Zoé " + hostile}, {telephone(1502), "Léa"}, {telephone(1102), "Noël " + canary},
	} {
		_, err := w.api.CreateContact(ctx, who.number, client.ContactRequest{
			Values: map[string]string{"Nom": who.name, "Rue": "12, rue du Port"}, Groups: []string{group.ID},
		})
		if err != nil {
			return err
		}
		for _, purpose := range []string{"Agenda culturel", "Travaux du quartier"} {
			_, err := w.api.AddConsent(ctx, who.number, client.ConsentRequest{
				Purpose: purpose, Source: "Formulaire de la médiathèque", Proof: "Je souhaite être prévenue par SMS. " + hostile, GivenAt: &given,
			})
			if err != nil {
				return err
			}
		}
	}
	_, err = w.api.WithdrawConsent(ctx, telephone(1501), "Travaux du quartier", "au guichet")
	return err
}

// writeCampaigns has the agent write a campaign that somebody else has to approve, and the manager one
// to a table with faults. Both are checked.
func (w *world) writeCampaigns(ctx context.Context) error {
	const faults = "Anne;0639981203 ou 0639981204;5 mai\nNoël;01 99 00 00 01;6 mai\n"
	agent := as(w.url, w.who["agent"])
	at, err := w.writeCampaign(ctx, agent, "Marché de Noël", "Inscrits\nNom;Portable;Date\nZoé;06 39 98 12 01;3 mai\n"+
		"Léa;639981202;4 mai\nNoé;639981205;4 mai\n"+faults)
	if err != nil {
		return err
	}
	summary, err := agent.get(ctx, at+"/summary")
	if err != nil {
		return err
	}
	check := checkIn.FindStringSubmatch(summary)
	if len(check) == 0 {
		return errors.New("the summary of a campaign names no check")
	}
	if _, err := agent.post(ctx, at+"/start", url.Values{"check": {check[1]}}); err != nil {
		return err
	}
	at, err = w.writeCampaign(ctx, as(w.url, w.who["manager"]), "Rentrée "+hostile, "Inscrits\nNom;Portable;Date\nZoé;06 39 98 12 01;3 mai\nLéa "+
		hostile+";639981202;4 mai\n"+faults+"Zoé;+33639981201;3 mai\n")
	w.row = at + "/preview?row=4"
	return err
}

// writeCampaign has somebody write a campaign to a table, and has it checked.
func (w *world) writeCampaign(ctx context.Context, by *visit, name, table string) (at string, err error) {
	_, err = by.post(ctx, "/console/campaigns/new", url.Values{
		"version": {"0"}, "name": {name}, "text": {"Bonjour ((nom)), rendez-vous le ((date)). " + canary},
		"class": {"transactional"}, "sender": {"MAIRIE"},
	})
	if err != nil {
		return "", err
	}
	list, err := by.get(ctx, "/console/campaigns")
	if err != nil {
		return "", err
	}
	at = campaignOn.FindString(list)
	var body strings.Builder
	form := multipart.NewWriter(&body)
	err = form.WriteField("version", "1")
	if part, broken := form.CreateFormFile("file", "inscrits "+canary+".csv"); broken == nil {
		_, broken = io.WriteString(part, table)
		err = errors.Join(err, broken)
	}
	if err := errors.Join(err, form.Close()); err != nil {
		return "", err
	}
	_, err = by.send(ctx, http.MethodPost, at+"/recipients", form.FormDataContentType(), body.String())
	if err != nil {
		return "", err
	}
	_, err = by.post(ctx, at+"/check", url.Values{})
	return at, errors.Join(err, w.awaitCheck(ctx, by, at+"/check"))
}

var checkIn = regexp.MustCompile(`name="check" value="(c_[0-9a-f]+)"`)

var campaignOn = regexp.MustCompile(`/console/campaigns/[0-9a-f-]{36}`)

// awaitCheck waits until a file was checked.
func (w *world) awaitCheck(ctx context.Context, b *visit, path string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		page, err := b.get(ctx, path)
		if err != nil || strings.Contains(page, `/bad-rows"`) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the file of a campaign is not checked: %w", ctx.Err())
		}
	}
}

// replyOf waits for the reply of a telephone.
func (w *world) replyOf(ctx context.Context, number string) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		list, err := w.api.Inbounds(ctx, client.InboundQuery{From: number})
		if err == nil && len(list.Items) > 0 {
			return list.Items[0].ID, nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return "", errors.Join(fmt.Errorf("a reply of %s does not arrive", number), err, ctx.Err())
		}
	}
}

var selfOn = regexp.MustCompile(`<button class="button" name="to" value="([^"]+)">`)

// settle waits until no message is on its way, those for later aside.
func (w *world) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		moving := 0
		for _, status := range []client.Status{client.Queued, client.Submitting} {
			list, err := w.api.Messages(ctx, client.Query{Status: status})
			if err != nil {
				return err
			}
			for _, m := range list.Items {
				if m.DueAt.Before(time.Now()) {
					moving++
				}
			}
		}
		if moving == 0 {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d messages do not get on: %w", moving, ctx.Err())
		}
	}
}

// operate calls a control route of the simulated operators.
func (w *world) operate(ctx context.Context, method, path string, body any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, w.app.SandboxURL()+path, strings.NewReader(string(sent)))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		told, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, told)
	}
	return nil
}

// visit is a browser without a screen, for what needs none.
type visit struct {
	client *http.Client
	home   string
}

func newVisit(home string) *visit {
	jar, _ := cookiejar.New(nil)
	return &visit{&http.Client{Jar: jar, Timeout: 10 * time.Second}, home}
}

// as is a visit with a session.
func as(home string, v visitor) *visit {
	b := newVisit(home)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	at, _ := url.Parse(home)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: sessionCookie, Value: v.session, Path: "/"}})
	return b
}

const sessionCookie = "relais"

func (b *visit) session() (string, error) {
	at, _ := url.Parse(b.home + "/console/")
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == sessionCookie {
			return c.Value, nil
		}
	}
	return "", errors.New("there is no session")
}

func (b *visit) get(ctx context.Context, path string) (string, error) {
	return b.do(ctx, http.MethodGet, path, nil)
}

func (b *visit) post(ctx context.Context, path string, form url.Values) (string, error) {
	return b.do(ctx, http.MethodPost, path, form)
}

func (b *visit) do(ctx context.Context, method, path string, form url.Values) (string, error) {
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.send(ctx, method, path, kind, form.Encode())
}

// send sends a body of a kind; empty: none is named.
func (b *visit) send(ctx context.Context, method, path, kind, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, b.home+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept-Language", "fr")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s\n%s", method, path, resp.Status, page)
	}
	return string(page), err
}

// logbook is a log that is read while the gateway writes it.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// mustRead reads a file, or panics: it was installed before.
func mustRead(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return string(data)
}
