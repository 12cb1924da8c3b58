package sfrdmc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"relais/connector"
	"relais/sms"
)

const (
	pollEvery   = time.Minute    // reports are read once a minute at most (DMC developer guide v1.7, 1.1.9.5)
	supervision = time.Minute    // between two calls of SupervisionWS (2.4)
	pollSize    = 500            // reports of one page
	mostPages   = 10             // of one poll; the next one goes on
	overlap     = 6 * time.Hour  // which date beginDate filters by is not told
	firstLook   = 24 * time.Hour // of a connector that has no cursor
	mostIDs     = 100            // of findCraByIds (2.4.8)
	mostRefine  = 10_000
)

const (
	findCraByIDs    = "SupervisionWS/findCraByIds"    // DMC developer guide v1.7, 2.4.8
	getResponsesSMS = "SupervisionWS/getResponsesSMS" // 2.4.7
)

// todo are messages whose push told an error without its code. It lives in
// memory: what a restart forgets shows in the reports that are polled.
type todo struct {
	mu  sync.Mutex
	ids []string
}

func (t *todo) add(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ids) < mostRefine {
		t.ids = append(t.ids, id)
	}
}

func (t *todo) take(n int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	n = min(n, len(t.ids))
	taken := t.ids[:n:n]
	t.ids = t.ids[n:]
	return taken
}

// turns keeps the calls of SupervisionWS a minute apart. Whether the limit is
// for each method or for all of them is not clear: it is kept for all.
type turns struct {
	mu   sync.Mutex
	last time.Time
}

func (t *turns) take(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.last) < supervision {
		return false
	}
	t.last = now
	return true
}

// unitReport is an item of getSingleCallCra, in the observed spelling and in that
// of the guide (2.5.4).
type unitReport struct {
	MessageID   scalar `json:"messageId"`
	To          scalar `json:"to"`
	PhoneNumber scalar `json:"phoneNumber"`
	Status      scalar `json:"status"`
	LastResult  scalar `json:"lastResult"`
	LastCall    scalar `json:"lastCall"`
	Changed     scalar `json:"statusLastChange"`
	Response    scalar `json:"callResponse"`
	RefExt      scalar `json:"refExt"`
}

// craReport is a CRA of SupervisionWS (5.2.7). callAdress is the API's spelling.
type craReport struct {
	ContactID scalar `json:"contactId"`
	Reference scalar `json:"externalReference"`
	Address   scalar `json:"callAdress"`
	Phone     scalar `json:"phoneNumber1"`
	Result    scalar `json:"callResult"`
	Code      scalar `json:"callResultCode"`
	Status    scalar `json:"status"`
	CallDate  scalar `json:"callDate"`
	Changed   scalar `json:"statusLastChange"`
	Response  scalar `json:"callResponse"`
}

// cursor is how far reports were read. Texts never stand in it.
type cursor struct {
	Since time.Time `json:"since"` // reports of messages from here on were read
	Page  int       `json:"page"`  // of the window that is being read
	Until time.Time `json:"until"` // its end; zero between windows
}

// PollNews reads what changed, as a safety net under the push: the reports of unit
// messages, then one call of SupervisionWS, for failures whose code is wanted, or
// for STOPs.
func (i *instance) PollNews(ctx context.Context, from string, emit func(connector.News) error) (string, error) {
	var at cursor
	if json.Unmarshal([]byte(from), &at) != nil || at.Since.IsZero() {
		at = cursor{Since: i.env.Now().Add(-firstLook)}
	}
	if at.Until.IsZero() {
		at.Until = i.env.Now()
	}
	for range mostPages {
		more, err := i.pollPage(ctx, at, emit)
		if err != nil {
			return encodeCursor(at), err
		}
		if !more {
			at = cursor{Since: at.Until}
			return encodeCursor(at), i.supervise(ctx, emit)
		}
		at.Page++
	}
	return encodeCursor(at), nil
}

func encodeCursor(at cursor) string {
	text, _ := json.Marshal(at) // times and an integer: they always marshal
	return string(text)
}

func (i *instance) pollPage(ctx context.Context, at cursor, emit func(connector.News) error) (more bool, err error) {
	value, err := i.call(ctx, getSingleCallCra, map[string]any{
		"authenticate": i.authentication(),
		"beginDate":    at.Since.Add(-overlap).UnixMilli(),
		"endDate":      at.Until.UnixMilli(),
		"paging":       map[string]string{"offSet": strconv.Itoa(at.Page * pollSize), "size": strconv.Itoa(pollSize)},
	})
	if err != nil {
		return false, fmt.Errorf("read reports: %w", err)
	}
	reports, total, err := readList[unitReport](value)
	if err != nil {
		return false, fmt.Errorf("read reports: %w", err)
	}
	var news connector.News
	for n := range reports {
		reports[n].read(&news)
	}
	if err := emit(news); err != nil {
		return false, err
	}
	return len(reports) == pollSize && (at.Page+1)*pollSize < total, nil
}

func (u *unitReport) read(news *connector.News) {
	to := u.To
	if to == "" {
		to = u.PhoneNumber
	}
	tell(news, told{
		id: u.MessageID, ref: u.RefExt, to: to, label: u.LastResult, status: u.Status, at: first(u.Changed, u.LastCall), reply: u.Response,
	})
}

func (c *craReport) read(news *connector.News) {
	tell(news, told{
		id: c.ContactID, ref: c.Reference, to: first(c.Address, c.Phone), code: c.Code, label: c.Result, status: c.Status,
		at: first(c.Changed, c.CallDate), reply: c.Response,
	})
}

// told is what both kinds of report tell of a message.
type told struct{ id, ref, to, code, label, status, at, reply scalar }

// tell leaves out what is no message, or tells nothing that is not known.
func tell(news *connector.News, t told) {
	id, err := strconv.ParseInt(string(t.id), 10, 64)
	if err != nil || id <= 0 {
		return
	}
	contact := strconv.FormatInt(id, 10)
	receipt := judge(string(t.code), string(t.label), string(t.status))
	receipt.ProviderID, receipt.Ref, receipt.At = contact, refOf(string(t.ref)), millis(t.at)
	if receipt.Code != "" {
		news.Receipts = append(news.Receipts, receipt)
	}
	if t.reply != "" {
		news.Inbounds = append(news.Inbounds, sms.Inbound{
			ProviderID: replyID(contact, string(t.reply)), From: string(t.to), Text: string(t.reply), AnswersID: contact, Ref: receipt.Ref,
		})
	}
}

func first(values ...scalar) scalar {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// millis reads a date of JSON: milliseconds since 1970 (1.1.6.5).
func millis(s scalar) time.Time {
	ms, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// supervise makes the one call of SupervisionWS that a minute allows.
func (i *instance) supervise(ctx context.Context, emit func(connector.News) error) error {
	if !i.turns.take(i.env.Now()) {
		return nil
	}
	if ids := i.refine.take(mostIDs); len(ids) > 0 {
		news, err := i.craByIDs(ctx, ids, nil)
		if err == nil {
			err = emit(news)
		}
		if err != nil {
			for _, id := range ids {
				i.refine.add(id)
			}
		}
		return err
	}
	return i.pollStops(ctx, emit)
}

func (i *instance) craByIDs(ctx context.Context, ids, references []string) (connector.News, error) {
	parameters := map[string]any{"authenticate": i.authentication()}
	if len(ids) > 0 {
		parameters["contactIds"] = ids
	}
	if len(references) > 0 {
		parameters["contactExtRefs"] = references
	}
	value, err := i.call(ctx, findCraByIDs, parameters)
	if err != nil {
		return connector.News{}, fmt.Errorf("read reports by id: %w", err)
	}
	reports, _, err := readList[craReport](value)
	if err != nil {
		return connector.News{}, fmt.Errorf("read reports by id: %w", err)
	}
	var news connector.News
	for n := range reports {
		reports[n].read(&news)
	}
	return news, nil
}

// pollStops reads who answered STOP in the last hours. DMC blocks them itself;
// that this list is that of its blacklist is inferred.
func (i *instance) pollStops(ctx context.Context, emit func(connector.News) error) error {
	now := i.env.Now()
	value, err := i.call(ctx, getResponsesSMS, map[string]any{
		"authenticate": i.authentication(), "stopOnly": true,
		"beginDate": now.Add(-overlap).UnixMilli(), "endDate": now.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("read who answered STOP: %w", err)
	}
	reports, _, err := readList[craReport](value)
	if err != nil {
		return fmt.Errorf("read who answered STOP: %w", err)
	}
	var news connector.News
	for n := range reports {
		c := &reports[n]
		id, err := strconv.ParseInt(string(c.ContactID), 10, 64)
		if number := first(c.Address, c.Phone); err == nil && id > 0 && number != "" {
			news.Blocks = append(news.Blocks, sms.Block{Number: string(number), AnswersID: strconv.FormatInt(id, 10), At: millis(c.CallDate)})
		}
	}
	return emit(news)
}

// errTurn is returned when SupervisionWS was called in the last minute.
var errTurn = errors.New("SupervisionWS may be called once a minute, and was")

// ReadStatus asks for the reports of messages, those without the operator's id by
// our reference.
func (i *instance) ReadStatus(ctx context.Context, messages []sms.Message) ([]sms.Receipt, error) {
	if !i.turns.take(i.env.Now()) {
		return nil, &connector.Error{Fault: connector.Throttled, Err: errTurn, RetryAfter: supervision}
	}
	var ids, references []string
	for n := range messages[:min(len(messages), mostIDs)] {
		if messages[n].ProviderID != "" {
			ids = append(ids, messages[n].ProviderID)
		} else {
			references = append(references, messages[n].ID.String())
		}
	}
	news, err := i.craByIDs(ctx, ids, references)
	return news.Receipts, err
}
