package ovh

import (
	"errors"
	"strconv"

	"relais/gateway"
	"relais/number"
	"relais/search"
	"relais/sms"
)

// mostListed bounds a list, since the API has no pages, and mostExamined what is
// read for one. Filters by date, tag and receiver reach what is older.
const (
	mostListed   = 10_000
	mostExamined = 100_000
)

// walk reads messages, newest first, and keeps those that fit.
func (c *call) walk(q search.Query, fits func(*sms.Message) bool) ([]sms.Message, error) {
	var kept []sms.Message
	q.Limit = 1000
	if q.Status != "" {
		q.Limit = mostListed + 1 // a page by status sorts all that have it: one page, rather than ten
	}
	for examined := 0; ; examined += q.Limit {
		found, more, err := c.Reader.Search(c.ctx(), q)
		if err != nil {
			return nil, err
		}
		for i := range found {
			q.Before = found[i].ID
			if fits(&found[i]) {
				kept = append(kept, found[i])
			}
		}
		switch {
		case len(kept) > mostListed:
			c.cut()
			return kept[:mostListed], nil
		case !more:
			return kept, nil
		case examined >= mostExamined:
			c.cut()
			return kept, nil
		}
	}
}

// cutHeader tells that a list is not whole.
const cutHeader = "X-Relais-List-Cut"

func (c *call) cut() {
	c.header.Set(cutHeader, "true")
	c.Log.Warn("a list of an OVH client was cut: it should ask for a period", "query", c.id, "application",
		c.app.ID)
}

// outgoingFilter is what a list of outgoing SMS asks for.
type outgoingFilter struct {
	search.Query
	scope  scope
	exact  map[string]int64 // deliveryReceipt, ptt, differedDelivery
	sender string
	id     sms.ID // zero: any
	batch  sms.ID // zero: any
}

func outgoing(c *call) (any, error) {
	f, err := outgoingCalls{c}.readOutgoingFilter()
	if err != nil || f == nil {
		return []int64{}, err
	}
	found, err := c.walk(f.Query, f.fits)
	if err != nil {
		return nil, err
	}
	return c.shown(found)
}

// outgoingCalls are the calls about messages that have left.
type outgoingCalls struct{ *call }

// readOutgoingFilter gives nil for a filter that nothing can fit.
func (c outgoingCalls) readOutgoingFilter() (*outgoingFilter, error) {
	f := &outgoingFilter{
		Query: search.Query{Account: c.app.Account, Reference: c.query.Get("tag")},
		exact: map[string]int64{}, sender: c.query.Get("sender"),
	}
	var err error
	if f.scope, err = c.scope(); err != nil {
		return nil, err
	}
	if f.Since, f.Until, err = c.period(); err != nil {
		return nil, err
	}
	for _, key := range []string{"deliveryReceipt", "ptt", "differedDelivery"} {
		text := c.query.Get(key)
		if text == "" {
			continue
		}
		if f.exact[key], err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, invalid("'" + key + "' is not an integer")
		}
	}
	if text := c.query.Get("receiver"); text != "" {
		if f.To, err = c.handset(text); err != nil {
			return nil, nil //nolint:nilerr // what is no number received nothing
		}
		f.Hidden = c.Gateway.Persons.Pseudonym(c.ctx(), c.app.Account, f.To)
	}
	if text := c.query.Get("messageID"); text != "" {
		if f.id, err = sms.ParseID(text); err != nil {
			return nil, nil //nolint:nilerr // another's id is nobody's here
		}
	}
	if text := c.query.Get("batchID"); text != "" {
		return f, c.narrowToBatch(f, text)
	}
	return f, nil
}

func (c outgoingCalls) narrowToBatch(f *outgoingFilter, id string) error {
	b, err := batchCalls(c).findBatch(id)
	if err != nil {
		return err
	}
	f.batch = b.ID
	f.Since, f.Until = b.period()
	return nil
}

func (f *outgoingFilter) fits(m *sms.Message) bool {
	if waits(m) || m.Status == sms.Canceled || !f.scope.holds(m) {
		return false
	}
	receipt, ptt := stateOf(m)
	for key, want := range f.exact {
		got := ptt
		switch key {
		case "deliveryReceipt":
			got = receipt
		case "differedDelivery":
			got, _ = strconv.ParseInt(m.Metadata[metaDiffer], 10, 64) // absent is 0
		}
		if got != want {
			return false
		}
	}
	return (f.sender == "" || string(m.Sender) == f.sender) && (f.id.IsZero() || m.ID == f.id) &&
		(f.batch.IsZero() || m.Submission == f.batch)
}

// handset reads a number that a client names.
func (c *call) handset(text string) (sms.Number, error) {
	parsed, err := number.Every.Parse(text, c.Gateway.Region(c.app.Account))
	return parsed.Number, err
}

func (c outgoingCalls) outgoingMessage() (*sms.Message, int64, error) {
	s, err := c.scope()
	if err != nil {
		return nil, 0, err
	}
	m, id, err := c.message(s, "outgoing")
	if err == nil && (waits(m) || m.Status == sms.Canceled) {
		err = noObject("outgoing")
	}
	return m, id, err
}

func getOutgoing(c *call) (any, error) {
	m, id, err := outgoingCalls{c}.outgoingMessage()
	if err != nil {
		return nil, err
	}
	shown := jobOf(m, id)
	shown["tag"], shown["tariffCode"], shown["batchID"], shown["messageID"] = m.Reference,
		"", nil, m.ID.String()
	_, err = c.Store.OVHBatch(c.ctx(), c.app.Account, m.Submission)
	if errors.Is(err, gateway.ErrNotFound) {
		return shown, nil
	}
	shown["batchID"] = m.Submission.String()
	return shown, err
}

// deleteOutgoing takes a message out of the history that OVH clients see. The
// gateway keeps it: erasing a person has a command of its own, and an audit.
func deleteOutgoing(c *call) (any, error) {
	_, id, err := outgoingCalls{c}.outgoingMessage()
	if err != nil {
		return nil, err
	}
	return nil, c.Store.HideOVHNumber(c.ctx(), c.app.Account, id)
}
