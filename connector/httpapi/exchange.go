package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"relais/connector"
	"relais/sms"
)

// recorded is a file of exchanges with an operator: what it is asked and what it answers, by its
// own documents, and what the declaration is to make of that.
type recorded struct {
	Preset   string `toml:"preset"`
	File     string `toml:"declaration"`
	Settings struct {
		Login      string `toml:"login"`
		Profile    string `toml:"profile"`
		Key        string `toml:"key"`
		Secret     string `toml:"secret"`
		SigningKey string `toml:"signing_key"`
		Token      string `toml:"token"` // the one that requests are made with
		Sender     string `toml:"sender"`
		Callback   string `toml:"callback"`
		Now        string `toml:"now"`
	} `toml:"settings"`
	Requests []recordedRequest `toml:"request"`
	Tokens   []recordedAnswer  `toml:"token"`
	Sends    []recordedAnswer  `toml:"send"`
	Credits  []recordedAnswer  `toml:"credit"`
	Lookups  []recordedAnswer  `toml:"lookup"`
	Pushes   []recordedPush    `toml:"push"`
	Polls    []recordedPoll    `toml:"poll"`
}

// recordedRequest is a message and the request that it is to lead to.
type recordedRequest struct {
	Name     string            `toml:"name"`
	Of       string            `toml:"of"`   // "token": the call that obtains one; "receipts", "replies", "blocks": one that fetches them
	List     int               `toml:"list"` // which of those calls, from 1
	To       string            `toml:"to"`
	Text     string            `toml:"text"`
	Sender   string            `toml:"sender"`
	Class    string            `toml:"class"`
	Alphabet string            `toml:"alphabet"`
	Method   string            `toml:"method"`
	URL      string            `toml:"url"`
	Headers  map[string]string `toml:"headers"`
	Body     string            `toml:"body"`
	Refused  string            `toml:"refused"` // the code of the refusal before the call
}

type recordedAnswer struct {
	Name    string            `toml:"name"`
	Source  string            `toml:"source"`
	Status  int               `toml:"status"`
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Then    string            `toml:"then"`
	ID      string            `toml:"id"`
	Code    string            `toml:"code"`
	Amount  float64           `toml:"amount"`
	Unit    string            `toml:"unit"`
	Lasts   string            `toml:"lasts"` // of a token, such as 59m0s
}

type recordedPush struct {
	Name    string            `toml:"name"`
	Source  string            `toml:"source"`
	Method  string            `toml:"method"`
	Path    string            `toml:"path"` // behind the secret, with its query
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Then    string            `toml:"then"` // a status, "reply", "block" or "refused"
	ID      string            `toml:"id"`
	Ref     string            `toml:"ref"`
	Code    string            `toml:"code"`
	Reason  string            `toml:"reason"`
	From    string            `toml:"from"`
	Text    string            `toml:"text"`
	At      string            `toml:"at"`
	Blocks  string            `toml:"blocks"` // the number that is blocked by it
	Answer  string            `toml:"answer"`
	News    int               `toml:"news"` // of how many things it tells, of which the last is above
}

// recordedPoll is the answer to a call that fetches a list.
type recordedPoll struct {
	Of     string `toml:"of"`   // "receipts", "replies" or "blocks"
	List   int    `toml:"list"` // which of its calls, from 1
	Status int    `toml:"status"`
	recordedPush
}

// Trial is what became of one exchange.
type Trial struct {
	Kind   string   `json:"kind"` // "request", "token", "send", "credit", "lookup", "push" or "poll"
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Want   string   `json:"want"`
	Got    string   `json:"got"`
	Rules  []string `json:"rules,omitempty"` // of a send: each that was asked, with its line
	Line   int      `json:"line"`            // of the exchange in its file
	Why    string   `json:"why,omitempty"`   // a push is refused
}

// Rehearse runs a file of exchanges against its declaration. inPlace makes paths of the names in
// it. An error means that nothing could be run.
func Rehearse(text []byte, inPlace func(name string) string) ([]Trial, error) {
	var file recorded
	j := decode(text, &file)
	if len(j.mistakes) == 0 {
		j.exchanges(&file)
	}
	if len(j.mistakes) > 0 {
		return nil, j.err()
	}
	r, err := newRehearsal(&file, inPlace)
	if err != nil {
		return nil, err
	}
	return j.located(r.all(&file)), nil
}

// exchanges complains of a file that asks nothing, or what no declaration could do.
func (j *judge) exchanges(file *recorded) {
	told := []string{"delivered", "undelivered", "expired", "rejected", "submitted", pushPart, "reply", "block"}
	if len(file.Requests)+len(file.Tokens)+len(file.Sends)+len(file.Credits)+len(file.Lookups)+len(file.Pushes)+len(file.Polls) == 0 {
		j.complain("", whyNoExchanges, nil)
	}
	for i := range file.Sends {
		key := element("send", i)
		j.oneOf(key+".then", file.Sends[i].Then, thenTaken, thenRejected, thenTemporary, thenThrottled, thenCredit, thenAuth, thenUncertain)
		if status := file.Sends[i].Status; status < 100 || status > 599 {
			j.complain(key+".status", whyStatus, nil)
		}
	}
	for i := range file.Pushes {
		j.oneOf(element("push", i)+".then", file.Pushes[i].Then, append(told, pushRefused)...)
	}
	for i := range file.Polls {
		key, e := element("poll", i), &file.Polls[i]
		j.oneOf(key+".then", e.Then, append(told, pollNothing, pushRefused)...)
		j.oneOf(key+".of", e.Of, tables...)
		j.idle(key, map[string]bool{"method": e.Method != "", "path": e.Path != ""})
	}
}

// tables are the tables of what operators tell.
var tables = []string{"receipts", "replies", "blocks"}

const (
	// pushRefused is what is wanted of a push that is none of the operator's.
	pushRefused = "refused"
	// pushPart is a part of a long message that arrived. What becomes of the message depends on the others.
	pushPart = "part"
	// pollNothing is a list with nothing in it.
	pollNothing = "nothing"
)

// located gives trials, which are in the order of their kinds, the lines of their exchanges.
func (j *judge) located(trials []Trial) []Trial {
	counts := map[string]int{}
	for i := range trials {
		kind := trials[i].Kind
		trials[i].Line = j.line(element(kind, counts[kind]))
		counts[kind]++
	}
	return trials
}

// all runs each exchange.
func (r *rehearsal) all(file *recorded) []Trial {
	var trials []Trial
	for i := range file.Requests {
		trials = append(trials, r.request(&file.Requests[i]))
	}
	for i := range file.Tokens {
		trials = append(trials, r.given(&file.Tokens[i]))
	}
	for i := range file.Sends {
		trials = append(trials, r.send(&file.Sends[i]))
	}
	for i := range file.Credits {
		trials = append(trials, r.credit(&file.Credits[i]))
	}
	for i := range file.Lookups {
		trials = append(trials, r.lookup(&file.Lookups[i]))
	}
	for i := range file.Pushes {
		trials = append(trials, r.push(&file.Pushes[i]))
	}
	for i := range file.Polls {
		trials = append(trials, r.poll(&file.Polls[i]))
	}
	return trials
}

type rehearsal struct {
	*client
	message sms.Message
	token   string
}

func newRehearsal(file *recorded, inPlace func(string) string) (*rehearsal, error) {
	section := &Config{Preset: file.Preset, File: file.File}
	if file.File != "" {
		section.Locate(inPlace)
	}
	d, err := section.read()
	if err != nil {
		return nil, err
	}
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	if file.Settings.Now != "" {
		if now, err = time.Parse(time.RFC3339, file.Settings.Now); err != nil {
			return nil, errors.New("settings.now is no time such as 2026-03-01T10:00:00Z")
		}
	}
	c := newClient(d, settings{
		Login: file.Settings.Login, Profile: file.Settings.Profile, Key: file.Settings.Key, Secret: file.Settings.Secret,
		SigningKey: file.Settings.SigningKey,
	}, connector.Env{CallbackURL: file.Settings.Callback, Now: func() time.Time { return now }})
	c.sender = file.Settings.Sender
	return &rehearsal{c, exampleMessage(now), file.Settings.Token}, nil
}

func trial(kind, name, want, got string) Trial {
	return Trial{Kind: kind, Name: name, Want: want, Got: got, Passed: want == got}
}

func (r *rehearsal) request(e *recordedRequest) Trial {
	m := r.message
	for _, field := range []struct {
		given string
		to    *string
	}{
		{e.To, (*string)(&m.To)},
		{e.Text, &m.Text},
		{e.Sender, (*string)(&m.Sender)},
		{e.Class, (*string)(&m.Class)},
		{e.Alphabet, (*string)(&m.Encoding)},
	} {
		if field.given != "" {
			*field.to = field.given
		}
	}
	s := r.source(&m)
	s.token = r.token
	of, by := &r.declaration.send, &r.declaration.auth
	if e.Of == "token" {
		if r.declaration.token == nil {
			return trial("request", e.Name, e.Method+" "+e.URL, "no call for a token is declared")
		}
		of, by = &r.declaration.token.call, &r.declaration.token.auth
	}
	if e.Of != "" && e.Of != "token" {
		_, list := r.list(e.Of, e.List)
		if list == nil {
			return trial("request", e.Name, e.Method+" "+e.URL, notPolled)
		}
		at := &asked{}
		list.begin(at, r.now())
		s = r.source(nil)
		s.token, s.poll, s.asked, of = r.token, list, at, &list.call
	}
	if e.Of != "" {
		// it is about no message
	} else if err := r.declaration.reaches(s); err != nil {
		return trial("request", e.Name, e.Refused, connector.CodeOf(err))
	}
	got, err := of.request(context.Background(), r.baseURL, by, s)
	if err != nil || e.Refused != "" {
		return trial("request", e.Name, e.Refused, connector.CodeOf(err))
	}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return trial("request", e.Name, "", err.Error())
	}
	want := []string{e.Method + " " + e.URL}
	have := []string{got.Method + " " + got.URL.String()}
	for _, name := range sortedKeys(e.Headers) {
		want, have = append(want, name+": "+e.Headers[name]), append(have, name+": "+got.Header.Get(name))
	}
	if sameBody(e.Body, string(body)) {
		return trial("request", e.Name, strings.Join(want, "\n"), strings.Join(have, "\n"))
	}
	return trial("request", e.Name, strings.Join(append(want, e.Body), "\n"), strings.Join(append(have, string(body)), "\n"))
}

// sameBody compares JSON as data, and anything else to the letter.
func sameBody(want, got string) bool {
	var a, b any
	if json.Unmarshal([]byte(want), &a) == nil && json.Unmarshal([]byte(got), &b) == nil {
		return reflect.DeepEqual(a, b)
	}
	return strings.TrimSpace(want) == got
}

func (e *recordedAnswer) answer() connector.Answer {
	return connector.Answer{Status: e.Status, Header: headersOf(e.Headers), Body: []byte(e.Body)}
}

func headersOf(written map[string]string) http.Header {
	h := http.Header{}
	for name, value := range written {
		h.Set(name, value)
	}
	return h
}

func (r *rehearsal) given(e *recordedAnswer) Trial {
	want := told(e.Then, e.ID, e.Lasts)
	of := r.declaration.token
	if of == nil {
		return trial("token", e.Name, want, "no call for a token is declared")
	}
	token, lasts, err := r.client.given(of, of.read(e.answer()), r.source(nil))
	switch {
	case err != nil && connector.FaultOf(err) == connector.Blocked:
		return trial("token", e.Name, want, thenAuth)
	case err != nil:
		return trial("token", e.Name, want, connector.FaultOf(err).String())
	case e.Lasts == "":
		return trial("token", e.Name, want, told("token", token))
	}
	return trial("token", e.Name, want, told("token", token, lasts.String()))
}

func (r *rehearsal) send(e *recordedAnswer) Trial {
	s := r.source(&r.message)
	doc := r.declaration.send.read(e.answer())
	by, outcome := r.outcome(doc, s)
	then := thenUncertain
	if by != nil {
		then = by.then
	}
	if then == thenTaken && outcome.Err != nil { // a yes without its id
		then = thenUncertain
	}
	t := trial("send", e.Name, told(e.Then, e.ID, e.Code), told(then, outcome.ProviderID, e.codeOf(outcome.Err)))
	for i := range r.declaration.rules {
		one := &r.declaration.rules[i]
		if one == by {
			t.Rules = append(t.Rules, fmt.Sprintf("line %d holds: %s", one.line, one.then))
			break
		}
		t.Rules = append(t.Rules, fmt.Sprintf("line %d does not hold", one.line))
	}
	return t
}

// codeOf is the code of an error where the exchange wants one.
func (e *recordedAnswer) codeOf(err error) string {
	if e.Code == "" {
		return ""
	}
	return connector.CodeOf(err)
}

func told(parts ...string) string { return strings.TrimSpace(strings.Join(parts, " ")) }

func (r *rehearsal) credit(e *recordedAnswer) Trial {
	want := told(fmt.Sprint(e.Amount), e.Unit)
	if e.Then != "" {
		want = e.Then
	}
	of := r.declaration.credit
	if of == nil {
		return trial("credit", e.Name, want, "no credit call is declared")
	}
	balance, err := r.balance(of, of.read(e.answer()))
	if err != nil {
		return trial("credit", e.Name, want, "refused")
	}
	return trial("credit", e.Name, want, told(fmt.Sprint(balance.Amount), balance.Unit))
}

func (r *rehearsal) lookup(e *recordedAnswer) Trial {
	of := r.declaration.lookup
	if of == nil {
		return trial("lookup", e.Name, e.Then, "no lookup is declared")
	}
	s := r.source(nil)
	s.id = r.message.ID
	outcome, err := of.found(of.read(e.answer()), s)
	then := "found"
	if err != nil {
		then = "unknown"
	}
	return trial("lookup", e.Name, told(e.Then, e.ID), told(then, outcome.ProviderID))
}

const notPolled = "no such call is declared"

// list is a call that fetches receipts, replies or blocks; nil: it is not declared.
func (r *rehearsal) list(of string, number int) (*callback, *poll) {
	d := r.declaration
	c := map[string]*callback{"receipts": d.receipts, "replies": d.replies, "blocks": d.blocks}[of]
	if number = max(number, 1); c == nil || number > len(c.polls) {
		return nil, nil
	}
	return c, &c.polls[number-1]
}

func (r *rehearsal) poll(e *recordedPoll) Trial {
	of, by := r.list(e.Of, e.List)
	if by == nil {
		return trial("poll", e.Name, e.Then, notPolled)
	}
	read := map[string]reader{
		"receipts": (*callback).readReceipt, "replies": (*callback).readReply, "blocks": (*callback).readBlock,
	}[e.Of]
	answer := recordedAnswer{Status: e.Status, Headers: e.Headers, Body: e.Body}
	fetching := &round{poller: &poller{r.client}, of: of, by: by, read: read}
	news, err := fetching.told(by.read(answer.answer()), r.source(nil))
	if err == nil {
		err = news.Unread
	}
	if err != nil {
		t := trial("poll", e.Name, e.Then, pushRefused)
		t.Why = err.Error()
		return t
	}
	got := recordedPush{Then: pollNothing}
	got.take(&news, &e.recordedPush)
	return trial("poll", e.Name, e.told(), got.told())
}

func (r *rehearsal) push(e *recordedPush) Trial {
	l := &listener{r.client}
	path, query, _ := strings.Cut(e.Path, "?")
	method := e.Method
	if method == "" {
		method = http.MethodPost
	}
	push := &http.Request{
		Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: headersOf(e.Headers),
		Body: io.NopCloser(strings.NewReader(e.Body)),
	}
	news, err := l.ParseNews(push)
	if err != nil {
		t := trial("push", e.Name, e.Then, pushRefused)
		t.Why = err.Error()
		return t
	}
	got := *e
	got.ID, got.Ref, got.Code, got.Reason, got.From, got.Text, got.At, got.Blocks = "", "", "", "", "", "", "", ""
	got.Answer = news.Acknowledgement.Body
	got.take(&news, e)
	return trial("push", e.Name, e.told(), got.told())
}

func (e *recordedPush) told() string {
	parts := []string{e.Then, e.ID, e.Ref, e.Code, e.Reason, e.From, e.Text, e.At, e.Blocks, e.Answer}
	if e.News > 0 {
		parts = append(parts, strconv.Itoa(e.News))
	}
	return told(parts...)
}

// take fills in what came of a push, where the exchange has a word about it.
func (e *recordedPush) take(news *connector.News, wanted *recordedPush) {
	shown := func(want, got string) string {
		if want == "" {
			return ""
		}
		return got
	}
	at := func(t time.Time) string {
		if t.IsZero() || wanted.At == "" {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	if wanted.News > 0 {
		e.News = len(news.Receipts) + len(news.Inbounds) + len(news.Blocks)
	}
	for _, b := range news.Blocks {
		e.Then, e.Blocks = "block", b.Number
	}
	for _, in := range news.Inbounds {
		e.Then, e.ID, e.From, e.Text, e.At = "reply", shown(wanted.ID, in.ProviderID), in.From, in.Text, at(in.At)
		e.Ref = shown(wanted.Ref, in.Ref.Ref())
	}
	for i := range news.Receipts {
		receipt := &news.Receipts[i]
		if e.Then = string(receipt.Status); receipt.OfPart() {
			e.Then = pushPart
		}
		e.ID, e.Code = shown(wanted.ID, receipt.ProviderID), shown(wanted.Code, receipt.Code)
		e.Reason, e.At, e.Ref = string(receipt.Reason), at(receipt.At), shown(wanted.Ref, receipt.Ref.Ref())
	}
}
