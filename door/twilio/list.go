package twilio

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/inbox"
	"relais/search"
	"relais/sms"
)

// Bounds of a list: a page (documented: TWO), and what is read for one, where a filter is none of the database's.
const (
	defaultPage  = 50
	largestPage  = 1000
	mostExamined = 100_000
	readAtOnce   = 1000
	mostSkipped  = 10_000 // entries before a page that is asked for by its number alone
	pageBits     = 20     // of the number of a page: times largestPage it is an int everywhere
)

// paging is what every list has beside its entries. Clients take the one key that is none of these for the
// entries (documented: TWN, Page.loadPage).
type paging struct {
	FirstPageURI    string  `json:"first_page_uri"`
	NextPageURI     *string `json:"next_page_uri"`
	PreviousPageURI *string `json:"previous_page_uri"`
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	Start           int     `json:"start"`
	End             int     `json:"end"`
	URI             string  `json:"uri"`
}

// asked is what a list asks for.
type asked struct {
	*call
	values       url.Values
	to, from     string
	since, until time.Time
	size, page   int
	before       sms.ID // the cursor; zero: from the newest on
	skip         int    // entries of the pages before, where there is no cursor
}

// entry is a line of a list.
type entry struct {
	id    sms.ID
	shown *message
}

// list shows messages and replies, the newest first.
func (c *call) list() (*answer, error) {
	a, err := c.asked()
	if err != nil {
		return nil, err
	}
	entries, next, err := a.entries()
	if err != nil {
		return nil, err
	}
	shown := struct {
		Messages []*message `json:"messages"`
		paging
	}{Messages: make([]*message, len(entries)), paging: a.paging(len(entries), next)}
	for i := range entries {
		shown.Messages[i] = entries[i].shown
	}
	return show(shown)
}

// asked reads the filters. A message counts by the time when it was accepted.
func (c *call) asked() (*asked, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, bad(codeBadRequest, "the query cannot be read")
	}
	if err := (&form{values: values}).once("To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"); err != nil {
		return nil, err
	}
	a := &asked{call: c, values: values, to: values.Get("To"), from: values.Get("From")}
	for _, read := range []func() error{a.readDates, a.readSize, a.readPage} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// dates are the filters by time (documented: TWO): a day, or bounds that belong to what is asked for.
var dates = []struct {
	name string
	span func(at time.Time) (since, until time.Time) // zero: no bound
}{
	{"DateSent", func(at time.Time) (since, until time.Time) { // the client for Node.js writes a moment of the day
		day := at.UTC().Truncate(24 * time.Hour)
		return day, day.AddDate(0, 0, 1)
	}},
	{"DateSent>", func(at time.Time) (since, until time.Time) { return at, until }},
	{"DateSent<", func(at time.Time) (since, until time.Time) { return since, at.Add(time.Second) }},
}

// readDates narrows what is asked for by each filter.
func (a *asked) readDates() error {
	for _, d := range dates {
		text := a.values.Get(d.name)
		if text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			at, err = time.Parse(time.RFC3339, text)
		}
		if err != nil {
			return bad(codeBadRequest, "'"+d.name+"' wants a day, such as 2026-05-15")
		}
		since, until := d.span(at)
		if since.After(a.since) {
			a.since = since
		}
		if !until.IsZero() && (a.until.IsZero() || until.Before(a.until)) {
			a.until = until
		}
	}
	return nil
}

func (a *asked) readSize() error {
	a.size = defaultPage
	text := a.values.Get("PageSize")
	if text == "" {
		return nil
	}
	size, err := strconv.ParseUint(text, 10, 31)
	if err != nil || size == 0 {
		return bad(codeBadRequest, "'PageSize' wants 1 to 1000")
	}
	a.size = int(min(size, largestPage))
	return nil
}

// readPage reads where the page begins: behind the entry that the token names, or behind so many pages.
func (a *asked) readPage() error {
	if text := a.values.Get("Page"); text != "" {
		page, err := strconv.ParseUint(text, 10, pageBits)
		if err != nil {
			return bad(codeBadRequest, "'Page' wants a number from 0 to 1048575")
		}
		a.page = int(page)
	}
	token := a.values.Get("PageToken")
	if token == "" {
		if a.page > mostSkipped/a.size {
			return bad(codeBadRequest, "'Page' is more than 10,000 entries away: follow next_page_uri, or ask for a day")
		}
		a.skip = a.page * a.size
		return nil
	}
	sid, found := strings.CutPrefix(token, tokenPrefix)
	id, ok := idOf(sid)
	if !found || !ok {
		return bad(codeBadRequest, "'PageToken' is none that was given")
	}
	a.before = id
	return nil
}

// tokenPrefix begins the token of a page; the sid of the last entry before it follows.
const tokenPrefix = "PA"

// entries are those of the page. next is the last one before the page that follows; zero: there is none.
func (a *asked) entries() (page []entry, next sms.ID, err error) {
	need := a.skip + a.size + 1
	messages, endOfMessages, err := a.messages(need)
	if err != nil {
		return nil, next, err
	}
	replies, endOfReplies, err := a.replies(need)
	if err != nil {
		return nil, next, err
	}
	page = append(messages, replies...)
	slices.SortFunc(page, func(x, y entry) int { return bytes.Compare(y.id[:], x.id[:]) })
	// What lies behind the place where one of both was left was not looked at.
	left := endOfMessages
	if bytes.Compare(endOfReplies[:], left[:]) > 0 {
		left = endOfReplies
	}
	page = slices.DeleteFunc(page, func(e entry) bool { return bytes.Compare(e.id[:], left[:]) < 0 })
	page = page[min(a.skip, len(page)):]
	if len(page) > a.size {
		page = page[:a.size]
		return page, page[a.size-1].id, nil
	}
	return page, left, nil
}

// messages are some that were sent. left is the last one that was looked at where that was too much; zero: all were.
func (a *asked) messages(need int) (entries []entry, left sms.ID, err error) {
	q := search.Query{Account: a.account.Account, Since: a.since, Until: a.until, Before: a.before, Limit: min(need, readAtOnce)}
	if a.to != "" {
		if !isE164(a.to) {
			return nil, left, nil
		}
		q.To = sms.Number(a.to)
		q.Hidden = a.pseudonym(a.ctx(), a.to)
	}
	for examined := 0; ; {
		some, more, err := a.Reader.Search(a.ctx(), q)
		if err != nil {
			return nil, left, err
		}
		for i := range some {
			m := &some[i]
			q.Before = m.ID
			if m.To.Known() && (a.from == "" || string(m.Sender) == a.from) {
				entries = append(entries, entry{m.ID, a.messageOf(m)})
			}
		}
		switch examined += len(some); {
		case !more || len(entries) >= need:
			return entries, left, nil
		case examined >= mostExamined:
			return entries, q.Before, nil
		}
	}
}

// replies are some of what people wrote.
func (a *asked) replies(need int) (entries []entry, left sms.ID, err error) {
	q := inbox.InboundQuery{Account: a.account.Account, Since: a.since, Until: a.until, Before: a.before, Limit: min(need, readAtOnce)}
	if a.from != "" {
		if !isE164(a.from) {
			return nil, left, nil
		}
		q.From = sms.Number(a.from)
		q.HiddenFrom = a.pseudonym(a.ctx(), a.from)
	}
	for examined := 0; ; {
		some, more, err := a.Reader.Inbounds(a.ctx(), q)
		if err != nil {
			return nil, left, err
		}
		for i := range some {
			in := &some[i]
			q.Before = in.ID
			if in.From.Known() && (a.to == "" || string(in.To) == a.to) {
				entries = append(entries, entry{in.ID, a.replyOf(in)})
			}
		}
		switch examined += len(some); {
		case !more || len(entries) >= need:
			return entries, left, nil
		case examined >= mostExamined:
			return entries, q.Before, nil
		}
	}
}

// pseudonym is what stands for a number where old ones are hidden.
func (c *call) pseudonym(ctx context.Context, n string) sms.Number {
	return c.Gateway.Persons.Pseudonym(ctx, c.account.Account, sms.Number(n))
}

func (a *asked) paging(entries int, next sms.ID) paging {
	p := paging{
		Page: a.page, PageSize: a.size, Start: a.page * a.size, FirstPageURI: a.uri(0, ""),
		URI: a.uri(a.page, a.values.Get("PageToken")),
	}
	p.End = p.Start + max(entries-1, 0)
	if !next.IsZero() {
		p.NextPageURI = new(a.uri(a.page+1, tokenPrefix+sidOf(next)))
	}
	if a.page > 0 {
		p.PreviousPageURI = new(a.uri(a.page-1, ""))
	}
	return p
}

// uri is the path of a page, which clients join to their address.
func (a *asked) uri(page int, token string) string {
	values := url.Values{"PageSize": {decimal(a.size)}, "Page": {decimal(page)}}
	for _, name := range []string{"To", "From", "DateSent", "DateSent<", "DateSent>"} {
		if value := a.values.Get(name); value != "" {
			values.Set(name, value)
		}
	}
	if token != "" {
		values.Set("PageToken", token)
	}
	return prefix + "/Accounts/" + a.account.Sid + "/Messages.json?" + values.Encode()
}
