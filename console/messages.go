package console

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"relais/auth"
	"relais/number"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// pageSize is how many rows a list shows: as many as a weak line brings at once.
const pageSize = 25

// messagesPage lists messages, newest first.
type messagesPage struct {
	frame

	Rows    []messageRow
	Next    string // address of the next page; empty on the last
	Status  sms.Status
	Class   sms.Class
	Ref     string
	Person  string // the token of a number; empty: everybody
	Typed   string // the number that was typed, when it was refused
	Why     string // the refusal
	Filters bool   // the list is not of all messages
}

// messageRow is a message in a list.
type messageRow struct {
	ID      sms.ID
	At      moment
	To      string
	Sender  sms.Sender
	Class   string
	Pill    pill
	Excerpt string // empty to those who may not read texts
}

// Statuses are what a list can be narrowed to.
func (p *messagesPage) Statuses() (all []option) {
	for _, one := range sms.Statuses {
		all = append(all, option{string(one), p.status(one).Word, one == p.Status})
	}
	return all
}

// Classes are what a list can be narrowed to.
func (p *messagesPage) Classes() (all []option) {
	for _, one := range sms.Classes {
		all = append(all, option{string(one), p.class(one), one == p.Class})
	}
	return all
}

func showMessages(q *request) (answer, error) {
	p := &messagesPage{frame: *q.frame()}
	query, err := p.query(q)
	if err != nil {
		return nil, err
	}
	q.follow(q.ctx(), "messages")
	found, more, err := q.console.Reader.Search(q.ctx(), query)
	if err != nil {
		return nil, err
	}
	for i := range found {
		p.Rows = append(p.Rows, messageRowOf(&p.frame, &found[i]))
	}
	if !p.Filters && query.Before.IsZero() {
		q.lists("message", p.newest())
	}
	if more {
		asked := q.URL.Query()
		asked.Set("before", found[len(found)-1].ID.Ref())
		asked.Del("said")
		p.Next = Home + "messages?" + asked.Encode()
	}
	return view{name: "messages", data: p}, nil
}

// newest is the id of the first row; empty without one.
func (p *messagesPage) newest() string {
	if len(p.Rows) == 0 {
		return ""
	}
	return p.Rows[0].ID.String()
}

// query reads what is asked for. What is not one of the words that the page offers is
// refused: an empty list would say that there is nothing.
func (p *messagesPage) query(q *request) (search.Query, error) {
	asked := q.URL.Query()
	p.Status, p.Class = sms.Status(asked.Get("status")), sms.Class(asked.Get("class"))
	p.Ref, p.Person = asked.Get("reference"), asked.Get("person")
	p.Filters = p.Status != "" || p.Class != "" || p.Ref != "" || p.Person != ""
	query := search.Query{
		Account: q.account, Status: p.Status, Class: p.Class, Reference: p.Ref, Limit: pageSize,
	}
	if p.Status != "" && !p.Status.Valid() || p.Class != "" && !slices.Contains(sms.Classes, p.Class) {
		return query, &problem{http.StatusBadRequest, reason.Of(sayFilter, nil)}
	}
	if p.Person != "" && !q.may(auth.SeeTexts) {
		return query, forbidden() // whether there are rows tells whose they are
	}
	if p.Person != "" {
		n, err := q.console.personOf(q.account, p.Person)
		if err != nil {
			return query, err
		}
		if err := recordSearch(q, n); err != nil {
			return query, err
		}
		query.To, query.Hidden = n, q.console.Persons.Pseudonym(q.ctx(), q.account, n)
	}
	if before := asked.Get("before"); before != "" {
		var err error
		if query.Before, err = sms.ParseRef(before); err != nil {
			return query, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
	}
	return query, nil
}

// searchMessages takes a number out of a form and puts a token for it into the address
// of the list: proxies and browsers keep addresses.
func searchMessages(q *request) (answer, error) {
	if err := q.read("number", "reference", "status", "class"); err != nil {
		return nil, err
	}
	asked := url.Values{}
	for _, name := range []string{"reference", "status", "class"} {
		if value := q.field(name); value != "" {
			asked.Set(name, value)
		}
	}
	if q.field("number") != "" && !q.may(auth.SeeTexts) {
		return nil, forbidden()
	}
	if typed := q.field("number"); typed != "" {
		read, err := number.Parse(typed, q.console.Gateway.Region(q.account))
		if refused, ok := errors.AsType[*number.Error](err); ok {
			p := &messagesPage{
				frame: *q.frame(), Typed: typed, Why: refused.Reason.In(q.lang), Ref: q.field("reference"),
				Status: sms.Status(q.field("status")), Class: sms.Class(q.field("class")),
			}
			return view{"messages", p, http.StatusUnprocessableEntity}, nil
		}
		if err != nil {
			return nil, err
		}
		asked.Set("person", q.console.tokenOf(q.account, read.Number))
	}
	return redirect{to: Home + "messages?" + asked.Encode()}, nil
}

// tokenOf is what stands for a number in an address: it can be read by this gateway
// alone, and counts in one account.
func (c *Console) tokenOf(account string, n sms.Number) string {
	return base64.RawURLEncoding.EncodeToString(c.Sealer.Seal([]byte(account + "\x00" + string(n))))
}

func (c *Console) personOf(account, token string) (sms.Number, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		var plain []byte
		if plain, err = c.Sealer.Open(sealed); err == nil && len(plain) > len(account) &&
			string(plain[:len(account)+1]) == account+"\x00" {
			return sms.Number(plain[len(account)+1:]), nil
		}
	}
	return "", &problem{http.StatusNotFound, reason.Of(sayNoToken, nil)}
}

func messageRowOf(f *frame, m *sms.Message) messageRow {
	row := messageRow{
		ID: m.ID, At: f.At(m.AcceptedAt), To: f.Number(m.To), Sender: m.Sender, Class: f.class(m.Class),
		Pill: f.status(m.Status),
	}
	if f.May(auth.SeeTexts) {
		row.Excerpt = excerpt(m.Text)
	}
	return row
}

// excerpt is the beginning of a text.
func excerpt(text string) string {
	const longest = 60
	return excerptOf(text, longest)
}

// excerptOf is at most so many letters of a text.
func excerptOf(text string, longest int) string {
	letters := []rune(text)
	if len(letters) <= longest {
		return text
	}
	return string(letters[:longest-1]) + "…"
}
