package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"relais/connector"
)

// poller is of instances whose operator is asked for what it has to tell.
type poller struct{ *client }

// mostPages bounds the calls for one list in one round; the next one goes on.
const mostPages = 20

// PollNews fetches each list. One that cannot be read does not keep the others from being read. Where emit fails,
// everything stops.
func (p *poller) PollNews(ctx context.Context, from string, emit func(connector.News) error) (string, error) {
	at := map[string]asked{}
	if json.Unmarshal([]byte(from), &at) != nil { // the first poll, or a cursor of another version
		at = map[string]asked{}
	}
	d, left := p.declaration, map[string]asked{}
	var errs error
	var stopped bool
	for _, kind := range []struct {
		name string
		of   *callback
		read reader
	}{{"blocks", d.blocks, (*callback).readBlock}, {"replies", d.replies, (*callback).readReply}, {"receipts", d.receipts, (*callback).readReceipt}} {
		if kind.of == nil {
			continue
		}
		for i := range kind.of.polls {
			name := nameOf(kind.name, i)
			list := at[name]
			if !stopped {
				r := &round{poller: p, of: kind.of, by: &kind.of.polls[i], read: kind.read, emit: emit}
				err := r.fetch(ctx, &list)
				if stopped = r.refused || ctx.Err() != nil; err != nil {
					errs = errors.Join(errs, fmt.Errorf("fetch %s: %w", kind.name, err))
				}
			}
			left[name] = list
		}
	}
	next, err := json.Marshal(left) // a year that JSON cannot write is of a clock that nobody has
	return string(next), errors.Join(errs, err)
}

// reader reads one thing that the operator tells.
type reader func(c *callback, doc *document) (connector.News, error)

// round asks for one list.
type round struct {
	*poller
	of      *callback
	by      *poll
	read    reader
	emit    func(connector.News) error
	refused bool // what was told was not stored
}

// fetch asks for what came since, answer by answer. at is moved behind what was stored.
func (r *round) fetch(ctx context.Context, at *asked) error {
	r.by.begin(at, r.now())
	var before []any
	for range mostPages {
		s := r.source(nil)
		s.poll, s.asked = r.by, at
		answer, err := r.exchange(ctx, &r.by.call, s)
		if err != nil {
			return err
		}
		news, err := r.told(answer, s)
		if err != nil {
			return err
		}
		if len(news.Receipts)+len(news.Inbounds)+len(news.Blocks) > 0 {
			if err := r.emit(news); err != nil {
				r.refused = true
				return err
			}
		}
		// What the declaration leaves out of a page, or cannot read, is no end of the pages.
		list, _ := listIn(answer.json, r.of.each)
		if !r.by.goesOn(at, answer, len(list) > 0 && !reflect.DeepEqual(list, before)) {
			return nil
		}
		before = list
	}
	return nil
}

// told is what an answer tells. What cannot be read of it costs the rest nothing, and is not asked for again.
func (r *round) told(answer *document, s *source) (connector.News, error) {
	if err := r.good(&r.by.call, answer, s); err != nil {
		return connector.News{}, err
	}
	if _, there := listIn(answer.json, r.of.each); !there {
		return connector.News{}, &connector.Error{
			Fault: connector.Uncertain, Code: statusCode(answer.status), Detail: "the answer has no list where the declaration says",
		}
	}
	p := &parsing{err: errNotOurs}
	for _, one := range p.elements(r.of, answer) {
		if all(r.of.where, one, s) {
			news, err := r.of.one(r.read, one)
			p.take(r.of, news, err)
		}
	}
	p.news.Acknowledgement = connector.Acknowledgement{}
	return p.news, nil
}
