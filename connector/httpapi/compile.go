package httpapi

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Declaration is a judged one. It is not changed afterwards.
type Declaration struct {
	Title   string
	Page    string // where the operator documents its API
	Country string // of its head office; empty: not said

	baseURL    string
	ownBaseURL bool
	wants      []string
	number     string
	onlyTo     template
	words      map[string]map[string]any
	auth       auth

	facts connector.Facts

	send      call
	rules     []rule
	receipts  *callback
	replies   *callback
	blocks    *callback
	signature *signature
	token     *tokenCall
	credit    *creditCall
	lookup    *lookupCall
	check     *call
}

// creditCall asks for the credit.
type creditCall struct {
	call
	amount place
	unit   string
	unitAt place
}

// lookupCall asks what became of a reference.
type lookupCall struct {
	call
	id place
}

// version is the one that this program reads.
const version = 1

// Parse reads and judges a declaration. The error joins a *MistakeError for each thing that is wrong,
// in the order of their lines.
func Parse(data []byte) (*Declaration, error) {
	var w written
	j := decode(data, &w)
	if len(j.mistakes) > 0 {
		return nil, j.err()
	}
	if w.Version != version {
		j.complain("version", whyVersion, reason.Args{"version": reason.Count(version)})
		return nil, j.err()
	}
	d := j.declaration(&w)
	if len(j.mistakes) > 0 {
		return nil, j.err()
	}
	return d, nil
}

func (j *judge) declaration(w *written) *Declaration {
	d := &Declaration{
		Title: w.Title, Page: w.Page, Country: j.country(w.Country), ownBaseURL: w.OwnBaseURL, wants: w.Wants,
		number: j.oneOf("number", w.Number, numberE164, numberDigits, numberZeros),
		words:  j.words(w.Words), auth: j.auth("auth", &w.Auth), facts: j.facts(w),
	}
	d.onlyTo = j.onlyTo(w.OnlyTo)
	switch {
	case w.Title == "":
		j.complain("title", whyMissing, nil)
	case strings.ContainsFunc(w.Title, unicode.IsControl):
		j.complain("title", whyTitle, nil)
	}
	d.baseURL = w.BaseURL
	if w.BaseURL != "" || !w.OwnBaseURL {
		j.baseURL("base_url", w.BaseURL)
	}
	for i, name := range w.Wants {
		j.oneOf(element("wants", i), name, settingNames...)
	}
	d.send = j.call("send", &w.Send)
	j.saysAll(d)
	d.rules = j.rules("send", w.Send.Rules, d.send.answers)
	j.idle("send", map[string]bool{
		"status": w.Send.Status != nil, "where": w.Send.Where != nil, "id": w.Send.ID != "",
		"amount": w.Send.Amount != "", "unit_at": w.Send.UnitAt != "",
		"unit": w.Send.Unit != "",
	})
	d.receipts, d.replies, d.blocks = j.receipts(w.Receipts), j.replies(w.Replies), j.blocks(w.Blocks)
	d.facts.PollEvery = j.every(d, w.PollEvery)
	d.signature = j.signature(w.Signature)
	d.credit, d.lookup, d.check = j.credit(w.Credit), j.lookup(w.Lookup), j.check(w.Check)
	d.token = j.tokenCall(w.Token)
	j.tokenIsAsked(d)
	j.callbacksLead(d)
	j.covered(d)
	return d
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (j *judge) country(code string) string {
	if code != "" && !countryCode.MatchString(code) {
		j.complain("country", whyCountry, nil)
	}
	return code
}

// saysAll complains of a request that does not say to whom, or what: every message would go to one
// person, or with one text. Where the request itself cannot be read, that is said alone.
func (j *judge) saysAll(d *Declaration) {
	if slices.ContainsFunc(j.mistakes, func(m *MistakeError) bool { return strings.HasPrefix(m.Key, "send") }) {
		return
	}
	var names []string
	for _, t := range d.send.templates("send") {
		names = append(names, t.names()...)
	}
	if !slices.Contains(names, "to") && len(d.onlyTo.pieces) == 0 {
		j.complain("send", whyNoTo, nil)
	}
	if !slices.Contains(names, "text") {
		j.complain("send", whyNoText, nil)
	}
}

// settingNames are what a section can have for a declaration.
var settingNames = []string{"login", "profile", "key", "secret", "signing_key", "sender"}

// baseURL complains of an address that is no constant, or that sends secrets in the clear. A
// machine's own address may be plain: there is a simulator, or a program beside us.
func (j *judge) baseURL(key, text string) {
	if why := wrongBaseURL(text); why != "" {
		j.complain(key, why, nil)
	}
}

func wrongBaseURL(text string) reason.Code {
	u, err := url.Parse(text)
	switch {
	case strings.ContainsAny(text, "{}"):
		return whyHost
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https", u.RawQuery != "", u.Fragment != "",
		u.User != nil, u.Opaque != "", strings.HasSuffix(text, "/"), strings.ContainsAny(text, "?# "), !usablePort(u.Port()):
		return whyBaseURL
	case u.Scheme == "http" && !connector.OnThisMachine(text):
		return whyPlain
	}
	return ""
}

// usablePort reports whether a port, where an address has one, can be called.
func usablePort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

func (j *judge) words(written map[string]map[string]any) map[string]map[string]any {
	for _, name := range sortedKeys(written) {
		key := "words." + name
		values, known := wordsOf[name]
		if !known {
			j.complain(key, whyWordsFor, reason.Args{"words": reason.Names(sortedKeys(wordsOf))})
			continue
		}
		for _, value := range values {
			if _, there := written[name][value]; !there {
				j.complain(key, whyWordMissing, reason.Args{"word": reason.Name(value)})
			}
		}
		for _, word := range sortedKeys(written[name]) {
			here := join(key, word)
			if !slices.Contains(values, word) {
				j.complain(here, whyWordUnknown, reason.Args{"words": reason.Names(values)})
			}
			if _, ok := scalar(written[name][word]); !ok {
				j.complain(here, whyNested, nil)
			}
		}
	}
	return written
}

// Limits of an instance where its declaration sets none; inferred: no operator is known that
// takes less.
const (
	standardRate        = 10
	standardConcurrency = 8
	standardTimeout     = 30 * time.Second
	longestTimeout      = 5 * time.Minute

	// Far above what any operator takes: more is a slip.
	mostRate        = 10_000
	mostConcurrency = 1_000
)

func (j *judge) facts(w *written) connector.Facts {
	f := connector.Facts{
		MaxBatch: 1, CallsPerSecond: standardRate, Concurrency: standardConcurrency,
		Timeout: j.duration("timeout", w.Timeout, standardTimeout), LookupEvery: time.Second,
	}
	if !(w.CallsPerSecond >= 0 && w.CallsPerSecond <= mostRate) { // TOML has nan
		j.complain("calls_per_second", whyAboveZero, reason.Args{"most": reason.Count(mostRate)})
	}
	if w.Concurrency < 0 || w.Concurrency > mostConcurrency {
		j.complain("concurrency", whyAboveZero, reason.Args{"most": reason.Count(mostConcurrency)})
	}
	if w.CallsPerSecond > 0 {
		f.CallsPerSecond = w.CallsPerSecond
	}
	if w.Concurrency > 0 {
		f.Concurrency = w.Concurrency
	}
	for i, word := range w.Senders {
		switch j.oneOf(element("senders", i), word, kindName, kindShort, kindNumber) {
		case kindName:
			f.Senders = append(f.Senders, sms.Alphanumeric)
		case kindShort:
			f.Senders = append(f.Senders, sms.ShortCode)
		default:
			f.Senders = append(f.Senders, sms.LongNumber)
		}
	}
	return f
}

func (j *judge) duration(key, text string, standard time.Duration) time.Duration {
	if text == "" {
		return standard
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > longestTimeout {
		j.complain(key, whyDuration, nil)
		return standard
	}
	return d
}

// asks compiles a call that does not send: what its one good answer is.
func (j *judge) asks(at string, w *writtenCall) call {
	c := j.call(at, w)
	c.statuses = j.statuses(at+".status", w.Status)
	if w.Status == nil {
		c.statuses = statuses{{200, 200}}
	}
	c.where = j.where(at+".where", w.Where, c.answers, whereNeverSecret)
	j.idle(at, map[string]bool{
		"rule": len(w.Rules) > 0,
		"id":   w.ID != "" && at != "lookup", "amount": w.Amount != "" && at != "credit",
		"unit": w.Unit != "" && at != "credit", "unit_at": w.UnitAt != "" && at != "credit",
	})
	return c
}

func (j *judge) credit(w *writtenCall) *creditCall {
	if w == nil {
		return nil
	}
	c := &creditCall{call: j.asks("credit", w), unit: w.Unit}
	c.amount = j.place("credit.amount", w.Amount, c.answers)
	c.unitAt = j.place("credit.unit_at", w.UnitAt, c.answers)
	if w.Amount == "" {
		j.complain("credit.amount", whyMissing, nil)
	}
	if (w.Unit == "") == (w.UnitAt == "") {
		j.complain("credit.unit", whyMissing, nil)
	}
	return c
}

func (j *judge) lookup(w *writtenCall) *lookupCall {
	if w == nil {
		return nil
	}
	c := &lookupCall{call: j.asks("lookup", w)}
	c.id = j.place("lookup.id", w.ID, c.answers)
	if w.ID == "" {
		j.complain("lookup.id", whyMissing, nil)
	}
	if len(c.where) == 0 {
		j.complain("lookup.where", whyMissing, nil) // an answer that is not about our reference proves nothing
	}
	return c
}

func (j *judge) check(w *writtenCall) *call {
	if w == nil {
		return nil
	}
	c := j.asks("check", w)
	if len(c.where) == 0 {
		j.complain("check.where", whyMissing, nil)
	}
	return &c
}
