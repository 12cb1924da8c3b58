package ovh

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"relais/connector"
	"relais/sms"
)

// Bounds of one poll. OVH calls 60 calls a minute and key fair use (observed,
// python-ovh #81).
const (
	pollEvery = 5 * time.Minute
	mostReads = 40 // of single objects in one poll; the next one goes on
	// outgoing messages that a poll looks at; older ones are looked up one by one.
	lookBack    = 24 * time.Hour
	overlap     = time.Hour // of incoming lists: their dates may come late
	mostKnown   = 200_000   // ids that are remembered, so as not to tell them again
	statusBatch = 20        // messages of one ReadStatus, a call or two each
)

// outgoing is what is read of sms.Outgoing (API schema sms.json).
type outgoing struct {
	ID              int64  `json:"id"`
	DeliveryReceipt int64  `json:"deliveryReceipt"`
	PTT             int64  `json:"ptt"`
	Tag             string `json:"tag"`
	DeliveredAt     string `json:"deliveredAt"`
}

func (o *outgoing) receipt() sms.Receipt {
	r := receiptOf(o.ID, o.DeliveryReceipt, o.PTT)
	r.Ref, r.At = refOf(o.Tag), parseDate(o.DeliveredAt)
	return r
}

// memory remembers what a poll has told, while the process lives. A store drops
// what it is told again, so forgetting costs calls and nothing else.
type memory struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (s *memory) has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[key]
}

func (s *memory) add(keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil || len(s.ids)+len(keys) > mostKnown {
		s.ids = map[string]bool{}
	}
	for _, key := range keys {
		s.ids[key] = true
	}
}

// cursor is how far replies were read.
type cursor struct {
	Incoming int64     `json:"incoming"` // highest id
	Since    time.Time `json:"since"`
}

// poller is one round.
type poller struct {
	*Client
	ctx   context.Context
	emit  func(connector.News) error
	reads int
}

// PollNews is the safety net under the callbacks: what was delivered or failed
// in the last day, replies above the highest id that is known, and the list of
// blocked numbers. A round makes few calls; what is left is for the next one.
func (c *Client) PollNews(
	ctx context.Context, from string, emit func(connector.News) error,
) (next string, err error) {
	p := &poller{Client: c, ctx: ctx, emit: emit}
	at := readCursor(from, c.api.now())
	if err := p.delivered(); err != nil {
		return from, err
	}
	if err := p.failed(); err != nil {
		return from, err
	}
	if err := p.incoming(&at); err != nil {
		return encode(at), err
	}
	return encode(at), p.blacklist()
}

// readCursor starts again from a text that it cannot read: the first poll, or a cursor
// of another version. A moment that is still to come is of a clock that was put back.
func readCursor(from string, now time.Time) cursor {
	var at cursor
	if json.Unmarshal([]byte(from), &at) != nil {
		at = cursor{}
	}
	if at.Since.IsZero() || at.Since.After(now) {
		at.Since = now.Add(-lookBack)
	}
	return at
}

func encode(at cursor) string {
	text, _ := json.Marshal(at) // an integer and a time: they always marshal
	return string(text)
}

// list reads the ids of the last day with a state. The route of an SMS user has
// no dates (API schema sms.json).
func (p *poller) list(state int) ([]int64, error) {
	query := url.Values{"deliveryReceipt": {strconv.Itoa(state)}}
	if p.jobs == p.account {
		query.Set("creationDatetime.from", p.api.now().Add(-lookBack).UTC().Format(time.RFC3339))
	}
	var ids []int64
	if err := p.api.get(p.ctx, p.jobs+"/outgoing?"+query.Encode(), &ids); err != nil {
		return nil, fmt.Errorf("list sent messages: %w", err)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(ids, func(id int64) bool { return p.known.has(strconv.FormatInt(id, 10)) }), nil
}

// delivered needs no look at each message: the filter says it all.
func (p *poller) delivered() error {
	ids, err := p.list(1)
	if err != nil {
		return err
	}
	for piece := range slices.Chunk(ids, 500) {
		var news connector.News
		var keys []string
		for _, id := range piece {
			r := receiptOf(id, 1, 4)
			r.Code = "" // not read
			news.Receipts = append(news.Receipts, r)
			keys = append(keys, r.ProviderID)
		}
		if err := p.emit(news); err != nil {
			return err
		}
		p.known.add(keys...)
	}
	return nil
}

// failed reads each failure for its reason.
func (p *poller) failed() error {
	for _, state := range []int{2, 16} {
		ids, err := p.list(state)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if p.reads++; p.reads > mostReads {
				return nil
			}
			var one outgoing
			if err := p.api.get(p.ctx, p.jobs+"/outgoing/"+strconv.FormatInt(id, 10), &one); err != nil {
				return fmt.Errorf("read a sent message: %w", err)
			}
			if err := p.emit(connector.News{Receipts: []sms.Receipt{one.receipt()}}); err != nil {
				return err
			}
			p.known.add(strconv.FormatInt(id, 10))
		}
	}
	return nil
}

// incoming reads replies. OVH marks none as read, hence our own cursor.
func (p *poller) incoming(at *cursor) error {
	query := url.Values{"creationDatetime.from": {at.Since.Add(-overlap).UTC().Format(time.RFC3339)}}
	begun := p.api.now()
	var ids []int64
	if err := p.api.get(p.ctx, p.account+"/incoming?"+query.Encode(), &ids); err != nil {
		return fmt.Errorf("list replies: %w", err)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if id <= at.Incoming {
			continue
		}
		if p.reads++; p.reads > mostReads {
			return nil
		}
		var one struct {
			Sender  string `json:"sender"`
			Message string `json:"message"`
			Tag     string `json:"tag"`
			Created string `json:"creationDatetime"`
		}
		if err := p.api.get(p.ctx, p.account+"/incoming/"+strconv.FormatInt(id, 10), &one); err != nil {
			return fmt.Errorf("read a reply: %w", err)
		}
		in := sms.Inbound{
			ProviderID: strconv.FormatInt(id, 10), From: one.Sender, Text: one.Message, Ref: refOf(one.Tag),
			At: parseDate(one.Created),
		}
		if err := p.emit(connector.News{Inbounds: []sms.Inbound{in}}); err != nil {
			return err
		}
		at.Incoming = id
	}
	at.Since = begun
	return nil
}

// blacklist tells the numbers that answered STOP, each once. The date of an
// entry is read, so that it can be told from a later one.
func (p *poller) blacklist() error {
	var numbers []string
	if err := p.api.get(p.ctx, p.account+"/blacklists", &numbers); err != nil {
		return fmt.Errorf("list blocked numbers: %w", err)
	}
	for _, number := range numbers {
		if p.known.has(number) {
			continue
		}
		if p.reads++; p.reads > mostReads {
			return nil
		}
		var entry struct {
			Created  string `json:"dateCreation"`
			Outgoing int64  `json:"smsOutgoingID"`
		}
		if err := p.api.get(p.ctx, p.account+"/blacklists/"+url.PathEscape(number), &entry); err != nil {
			return fmt.Errorf("read a blocked number: %w", err)
		}
		block := sms.Block{Number: number, At: parseDate(entry.Created)}
		if entry.Outgoing > 0 {
			block.AnswersID = strconv.FormatInt(entry.Outgoing, 10)
		}
		if err := p.emit(connector.News{Blocks: []sms.Block{block}}); err != nil {
			return err
		}
		p.known.add(number)
	}
	return nil
}

// ReadStatus looks messages up in the log of sent ones. One that is not there
// is pending, or unknown: nothing is told of it.
func (c *Client) ReadStatus(ctx context.Context, messages []sms.Message) ([]sms.Receipt, error) {
	var receipts []sms.Receipt
	for i := range messages {
		if messages[i].ProviderID == "" {
			continue
		}
		var one outgoing
		err := c.api.get(ctx, c.jobs+"/outgoing/"+url.PathEscape(messages[i].ProviderID), &one)
		if notFound(err) {
			continue
		}
		if err != nil {
			return receipts, fmt.Errorf("read the status of a message: %w", err)
		}
		receipts = append(receipts, one.receipt())
	}
	return receipts, nil
}
