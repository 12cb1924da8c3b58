package declared

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Source is what an operator is played from.
type Source struct {
	Name        string // in addresses, faults and counters: "brevo"
	Declaration []byte // as docs/connectors/http.md has it
	Exchanges   []byte // recorded, beside it
}

// The message that recorded exchanges are about, unless they say otherwise.
const (
	exampleDigits = "33639980001"
	exampleText   = "Bonjour"
	exampleRef    = "AZM7XIoBw-fQmobLD1OX"
)

// record is a file of exchanges, as far as an operator is played from it.
type record struct {
	Settings settings      `toml:"settings"`
	Requests []request     `toml:"request"`
	Tokens   []told        `toml:"token"`
	Sends    []told        `toml:"send"`
	Credits  []told        `toml:"credit"`
	Lookups  []told        `toml:"lookup"`
	Pushes   []pushExample `toml:"push"`
	Polls    []pollExample `toml:"poll"`
}

// settings are those of the account: the section of a connector that is to be let in.
type settings struct {
	Login      string `toml:"login"`
	Profile    string `toml:"profile"`
	Key        string `toml:"key"`
	Secret     string `toml:"secret"`
	SigningKey string `toml:"signing_key"`
	Token      string `toml:"token"`
	Sender     string `toml:"sender"`
	Callback   string `toml:"callback"`
}

// credentials are the values that let somebody in.
func (s *settings) credentials() []string {
	return present(s.Login, s.Profile, s.Key, s.Secret, s.Token)
}

func present(all ...string) []string {
	var some []string
	for _, one := range all {
		if one != "" {
			some = append(some, one)
		}
	}
	return some
}

// request is a message and what the operator is asked for it.
type request struct {
	Of      string            `toml:"of"` // "token": the call that obtains one; else one that fetches a list; empty: a message
	To      string            `toml:"to"`
	Text    string            `toml:"text"`
	Sender  string            `toml:"sender"`
	Method  string            `toml:"method"`
	URL     string            `toml:"url"`
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Refused string            `toml:"refused"` // it is never made
}

// told is an answer of the operator, and what it means.
type told struct {
	Status  int               `toml:"status"`
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Then    string            `toml:"then"`
	ID      string            `toml:"id"`
}

// pushExample is a receipt, a reply or a blocked number as the operator pushes it.
type pushExample struct {
	Method  string            `toml:"method"`
	Path    string            `toml:"path"` // behind the customer's address, with its query
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Then    string            `toml:"then"` // a status, "reply", "block" or "refused"
	ID      string            `toml:"id"`
	Ref     string            `toml:"ref"`
	Reason  string            `toml:"reason"`
	Text    string            `toml:"text"`
	Blocks  string            `toml:"blocks"`
	News    int               `toml:"news"`
}

// pollExample is a list of receipts, replies or blocked numbers, as the operator answers with it.
type pollExample struct {
	Of     string `toml:"of"` // "receipts", "replies" or "blocks"
	Status int    `toml:"status"`
	pushExample
}

// declaration is one, as far as an operator is played from it.
type declaration struct {
	Title     string     `toml:"title"`
	OnlyTo    string     `toml:"only_to"`
	Send      asking     `toml:"send"`
	Receipts  *pushed    `toml:"receipts"`
	Replies   *pushed    `toml:"replies"`
	Blocks    *pushed    `toml:"blocks"`
	Signature *signature `toml:"signature"`
	Credit    *asking    `toml:"credit"`
	Lookup    *asking    `toml:"lookup"`
	Check     *asking    `toml:"check"`
}

// asking is a call.
type asking struct {
	Method  string         `toml:"method"`
	Path    string         `toml:"path"`
	Query   map[string]any `toml:"query"`
	Charset string         `toml:"charset"`
	Where   map[string]any `toml:"where"`

	PageFrom *int `toml:"page_from"` // of a call that fetches a list
	Drained  bool `toml:"drained"`   // of one that fetches each thing once
}

// pushed is what the operator pushes, and where.
type pushed struct {
	Path     string `toml:"path"`
	Body     string `toml:"body"`
	Each     string `toml:"each"`
	At       string `toml:"at"`
	AtFormat string `toml:"at_format"`
	Zone     string `toml:"zone"`

	Poll []asking `toml:"poll"` // the calls that fetch it
}

type signature struct {
	Kind      string            `toml:"kind"`
	Header    string            `toml:"header"`
	Parameter string            `toml:"parameter"`
	Prefix    string            `toml:"prefix"`
	Encoding  string            `toml:"encoding"`
	Key       string            `toml:"key"`
	Over      []string          `toml:"over"`
	Join      string            `toml:"join"`
	Time      string            `toml:"time"`
	Claims    map[string]string `toml:"claims"`
	URLClaim  string            `toml:"url_claim"`
	BodyClaim string            `toml:"body_claim"`
}

// read reads both files.
func (s *Source) read() (d declaration, r record, err error) {
	if err := toml.Unmarshal(s.Declaration, &d); err != nil {
		return d, r, fmt.Errorf("the declaration of %s cannot be read: %w", s.Name, err)
	}
	if err := toml.Unmarshal(s.Exchanges, &r); err != nil {
		return d, r, fmt.Errorf("the exchanges of %s cannot be read: %w", s.Name, err)
	}
	return d, r, nil
}

// path is where a push stands behind the customer's address, and the query behind it.
func (p *pushExample) path() (path string, query url.Values) {
	path, text, _ := strings.Cut(p.Path, "?")
	query, _ = url.ParseQuery(text) // of a file that is tested
	return path, query
}

func (p *pushExample) method() string {
	if p.Method == "" {
		return http.MethodPost
	}
	return p.Method
}
