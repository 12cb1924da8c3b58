package sfrdmc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"relais/connector"
	"relais/sms"
)

const (
	pollEvery = time.Minute    // "no more than once a minute" for reports (DMC developer guide v1.7, 1.1.9.5)
	pageSize  = 500            // reports of one call; the guide knows no most (our choice)
	firstLook = 24 * time.Hour // of a connector without a cursor
)

// cursor is how far a poll has come. It holds dates and ids, no number and no
// text. What failed stays where it was.
type cursor struct {
	// Since is the moment up to which unit reports were read; Until ends the
	// window that is being read, Offset is how far in it. Until is zero between
	// windows.
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"`
	Offset int       `json:"offset,omitempty"`
	// Stops and Replies are the moments up to which each list was read.
	Stops   time.Time `json:"stops"`
	Replies time.Time `json:"replies"`
	// Changed and Contact name the last report of findLastModifiedCra: its
	// statusLastChange in milliseconds, and its contactId.
	Changed int64  `json:"changed"`
	Contact string `json:"contact,omitempty"`
}

// readCursor starts again from a text that it cannot read, and from a moment
// that is still to come: the clock was put back.
func readCursor(text string, now time.Time) cursor {
	start := now.Add(-firstLook)
	var at cursor
	if json.Unmarshal([]byte(text), &at) != nil || at.Offset < 0 {
		at = cursor{}
	}
	for _, moment := range []*time.Time{&at.Since, &at.Stops, &at.Replies} {
		if moment.Before(start.AddDate(-1, 0, 0)) || moment.After(now) {
			*moment = start
		}
	}
	if at.Until.After(now) || !at.Until.After(at.Since) {
		at.Until, at.Offset = time.Time{}, 0
	}
	if at.Changed <= 0 || at.Changed > now.Add(firstLook).UnixMilli() { // the operator's clock may be ahead
		at.Changed, at.Contact = start.UnixMilli(), ""
	}
	return at
}

func (c cursor) String() string {
	text, _ := json.Marshal(c) // times from 2000 on, integers and digits: they always marshal
	return string(text)
}

// PollNews is the safety net under the push. A round reads one page of unit
// reports and, in its turn, one list of SupervisionWS: two calls at most.
//
// A list that cannot be read does not keep the other from being read. Where emit
// fails, everything stops.
func (i *instance) PollNews(
	ctx context.Context, from string, emit func(connector.News) error,
) (string, error) {
	at := readCursor(from, i.env.Now())
	e := &emitter{emit: emit}
	err := i.pollUnits(ctx, &at, e)
	if !e.failed && ctx.Err() == nil {
		err = errors.Join(err, i.supervise(ctx, &at, e))
	}
	return at.String(), err
}

// emitter remembers that a piece of news was not stored.
type emitter struct {
	emit   func(connector.News) error
	failed bool
}

func (e *emitter) send(news connector.News) error {
	if len(news.Receipts)+len(news.Inbounds)+len(news.Blocks) == 0 {
		return nil
	}
	err := e.emit(news)
	e.failed = err != nil
	return err
}

// paging is observed; offSet is the API's own spelling.
type paging struct {
	OffSet int `json:"offSet"`
	Size   int `json:"size"`
}

// pollUnits reads one page of getSingleCallCra. Which date its period is about is
// not told (DMC developer guide v1.7, 2.5.4): each window reaches back by
// report_overlap, for reports that came late. Messages that are older still are
// asked for one by one, see ReadStatus.
func (i *instance) pollUnits(ctx context.Context, at *cursor, e *emitter) error {
	if at.Until.IsZero() {
		at.Until, at.Offset = i.env.Now(), 0
	}
	value, err := i.call(ctx, getSingleCallCra, map[string]any{
		"authenticate": i.inFrench(),
		"beginDate":    at.Since.Add(-i.config.ReportOverlap).UnixMilli(),
		"endDate":      at.Until.UnixMilli(),
		"paging":       paging{OffSet: at.Offset, Size: pageSize},
	})
	if err != nil {
		return fmt.Errorf("read the reports of unit messages: %w", err)
	}
	reports, total, err := readList[unitReport](value)
	if err != nil {
		return fmt.Errorf("read the reports of unit messages: %w", err)
	}
	if err := e.send(newsOf(reports)); err != nil {
		return err
	}
	at.Offset += len(reports)
	if len(reports) < pageSize || at.Offset >= total {
		at.Since, at.Until, at.Offset = at.Until, time.Time{}, 0
	}
	return nil
}

// inFrench authenticates calls that read labels: they are documented in French
// only, and getSingleCallCra gives no code beside them.
func (i *instance) inFrench() authentication {
	credentials := i.authentication()
	credentials.Lang = french
	return credentials
}

// ReadStatus asks findCraByIds, by the operator's id and, for a message that has
// none, by our reference. SupervisionWS may be called once a minute, so that the
// answer may be connector.Throttled.
func (i *instance) ReadStatus(ctx context.Context, messages []sms.Message) ([]sms.Receipt, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	if len(messages) > mostIDs {
		return nil, fmt.Errorf("%d messages in one question to DMC, which takes %d", len(messages), mostIDs)
	}
	if wait := i.turns.take(reader, i.env.Now()); wait > 0 {
		return nil, &connector.Error{
			Fault: connector.Throttled, Detail: "SupervisionWS may be called once a minute, and it is not time yet",
			RetryAfter: wait,
		}
	}
	var ids, references []string
	for n := range messages {
		if id := messages[n].ProviderID; id != "" {
			ids = append(ids, id)
		} else {
			references = append(references, messages[n].ID.String())
		}
	}
	reports, err := i.reportsOf(ctx, ids, references)
	if err != nil {
		return nil, err
	}
	var receipts []sms.Receipt
	for _, receipt := range newsOf(reports).Receipts {
		if !onlyTaken(receipt) {
			receipts = append(receipts, receipt)
		}
	}
	return receipts, nil
}

// onlyTaken tells that a report says no more than that DMC took the message.
func onlyTaken(r sms.Receipt) bool {
	known, ok := resultOf(r.Code, "")
	return ok && known.label == taken
}
