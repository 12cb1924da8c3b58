package sfrdmc

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"relais/connector"
	"relais/sms"
)

// Methods of SupervisionWS, by their own names: some examples of the guide show
// the address of another one, and public integrations call these (observed).
const (
	findLastModifiedCra = "SupervisionWS/findLastModifiedCra" // DMC developer guide v1.7, 2.4.4
	getResponsesSMS     = "SupervisionWS/getResponsesSMS"     // 2.4.7
	findCraByIDs        = "SupervisionWS/findCraByIds"        // 2.4.8
)

const (
	superviseEvery = time.Minute     // a second call within it is an error (2.4)
	listEvery      = 5 * time.Minute // between two looks at STOPs, and at replies (our choice)
	mostIDs        = 100             // of findCraByIds (2.4.8)
	mostChanges    = 50              // of findLastModifiedCra (2.4.4)
)

// party is who calls SupervisionWS.
type party uint8

const (
	poller party = iota + 1
	reader
)

// turns keeps the calls of SupervisionWS a minute apart. Whether the limit is one
// for each method or one for all is not clear (2.4): it is kept for all.
//
// Who finds that the other has used the turn is owed the next one, for as long
// as he may take to come back: polls would leave no turn to ReadStatus otherwise.
type turns struct {
	mu   sync.Mutex
	last time.Time
	by   party
	owed party // to whom; 0: to nobody
	from time.Time
}

// owedFor is longer than the gateway waits before it asks again.
const owedFor = 6 * time.Minute

// take returns 0 when the turn is who's, or how long he should wait.
func (t *turns) take(who party, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	since := now.Sub(t.last)
	switch {
	case !t.last.IsZero() && since >= 0 && since < superviseEvery:
		if t.by != who && t.owed == 0 {
			t.owed, t.from = who, now
		}
		return superviseEvery - since
	case t.owed != 0 && t.owed != who && now.Sub(t.from).Abs() < owedFor:
		return superviseEvery
	}
	t.last, t.by = now, who
	if t.owed == who || now.Sub(t.from).Abs() >= owedFor {
		t.owed = 0
	}
	return 0
}

const (
	mostUnexplained = 10_000
	mostTries       = 5
)

// unexplained are messages whose push told a failure without its reason. They are
// kept in memory: what a restart or the bound forgets shows in the reports that
// are polled, which have a label.
type unexplained struct {
	mu    sync.Mutex
	order []string
	tries map[string]int
}

func (u *unexplained) add(ids ...string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tries == nil {
		u.tries = map[string]int{}
	}
	for _, id := range ids {
		if _, known := u.tries[id]; !known && len(u.order) < mostUnexplained {
			u.order, u.tries[id] = append(u.order, id), 0
		}
	}
}

// first returns those that have waited longest. They stay until asked.
func (u *unexplained) first(most int) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.order[:min(most, len(u.order))])
}

// asked drops the ids that have ended, and those that were asked for too often.
// The others go to the end.
func (u *unexplained) asked(ids []string, ended map[string]bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.order = slices.DeleteFunc(u.order, func(id string) bool { return slices.Contains(ids, id) })
	for _, id := range ids {
		if u.tries[id]++; ended[id] || u.tries[id] >= mostTries {
			delete(u.tries, id)
			continue
		}
		u.order = append(u.order, id)
	}
}

// waiting reports whether there is any.
func (u *unexplained) waiting() bool { return len(u.first(1)) > 0 }

// list is what a turn of the poller is for.
type list uint8

const (
	noList list = iota
	failureList
	stopList
	replyList
	changeList
)

// schedule shares the turns of the poller out.
type schedule struct {
	mu       sync.Mutex
	failures bool // what the last turn was for
	stops    time.Time
	replies  time.Time // when each is due
}

// next puts failures without a reason first, for messages wait for it, but not
// twice while another list is due.
func (s *schedule) next(now time.Time, waiting, changes bool) list {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case waiting && !s.failures:
		return failureList
	case due(s.stops, now):
		return stopList
	case due(s.replies, now):
		return replyList
	case waiting:
		return failureList
	case changes:
		return changeList
	default:
		return noList
	}
}

// due is also true of a moment that only a clock put back can have made.
func due(at, now time.Time) bool { return !now.Before(at) || at.Sub(now) > 2*withoutOption }

func (s *schedule) took(which list, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = which == failureList
	if which == stopList {
		s.stops = now.Add(listEvery)
	}
	if which == replyList {
		s.replies = now.Add(listEvery)
	}
}

func (s *schedule) noReplies(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies = until
}

// supervise reads the list whose turn it is, if the minute is over.
func (i *instance) supervise(ctx context.Context, at *cursor, e *emitter) error {
	now := i.env.Now()
	which := i.schedule.next(now, i.unexplained.waiting(), i.config.BroadcastID != "")
	if which == noList || i.turns.take(poller, now) > 0 {
		return nil
	}
	i.schedule.took(which, now)
	switch which {
	case failureList:
		return i.pollFailures(ctx, e)
	case stopList:
		return i.pollStops(ctx, at, e)
	case replyList:
		return i.pollReplies(ctx, at, e)
	default:
		return i.pollChanges(ctx, at, e)
	}
}

// pollFailures asks for the reasons of failures that were pushed.
func (i *instance) pollFailures(ctx context.Context, e *emitter) error {
	ids := i.unexplained.first(mostIDs)
	reports, err := i.reportsOf(ctx, ids, nil)
	if err != nil {
		return err
	}
	news := newsOf(reports)
	if err := e.send(news); err != nil {
		return err
	}
	ended := map[string]bool{}
	for _, r := range news.Receipts {
		ended[r.ProviderID] = r.Status.Final()
	}
	i.unexplained.asked(ids, ended)
	return nil
}

// reportsOf asks findCraByIds. Both parameters are starred in the guide, and one
// is enough (observed).
func (i *instance) reportsOf(ctx context.Context, ids, references []string) ([]craReport, error) {
	parameters := map[string]any{"authenticate": i.inFrench()}
	if len(ids) > 0 {
		parameters["contactIds"] = ids
	}
	if len(references) > 0 {
		parameters["contactExtRefs"] = references
	}
	value, err := i.call(ctx, findCraByIDs, parameters)
	if err != nil {
		return nil, fmt.Errorf("read reports by id: %w", err)
	}
	reports, _, err := readList[craReport](value)
	if err != nil {
		return nil, fmt.Errorf("read reports by id: %w", err)
	}
	return reports, nil
}

// pollStops reads who answered STOP. That DMC blocks these numbers, and that the
// dates are those of the replies, is inferred.
func (i *instance) pollStops(ctx context.Context, at *cursor, e *emitter) error {
	reports, until, err := i.responses(ctx, true, at.Stops)
	if err != nil {
		return fmt.Errorf("read who answered STOP: %w", err)
	}
	news := newsOf(reports)
	for _, r := range reports {
		if number := first(r.Address, r.Phone); number != "" {
			news.Blocks = append(news.Blocks, sms.Block{
				Number: string(number), AnswersID: contactID(r.ContactID), At: milliseconds(r.CallDate),
			})
		}
	}
	if err := e.send(news); err != nil {
		return err
	}
	at.Stops = until
	return nil
}

// withoutOption is how long replies are not asked for where the contract has not
// got them (our choice).
const withoutOption = 24 * time.Hour

// pollReplies reads replies to messages of any age. They are an option of the
// contract (DMC developer guide v1.7, 2.4.7): without it there is nothing to read,
// and nothing wrong.
func (i *instance) pollReplies(ctx context.Context, at *cursor, e *emitter) error {
	reports, until, err := i.responses(ctx, false, at.Replies)
	if strings.EqualFold(connector.CodeOf(err), "option_not_present") {
		i.schedule.noReplies(i.env.Now().Add(withoutOption))
		return nil
	}
	if err != nil {
		return fmt.Errorf("read replies: %w", err)
	}
	if err := e.send(newsOf(reports)); err != nil {
		return err
	}
	at.Replies = until
	return nil
}

// responses asks getResponsesSMS for what came from since on, and before.
func (i *instance) responses(
	ctx context.Context, stopOnly bool, since time.Time,
) (reports []craReport, until time.Time, err error) {
	until = i.env.Now()
	value, err := i.call(ctx, getResponsesSMS, map[string]any{
		"authenticate": i.inFrench(),
		"stopOnly":     stopOnly,
		"beginDate":    since.Add(-i.config.ReportOverlap).UnixMilli(),
		"endDate":      until.UnixMilli(),
	})
	if err != nil {
		return nil, time.Time{}, err
	}
	reports, _, err = readList[craReport](value)
	return reports, until, err
}

// pollChanges goes on from the last report that was read (DMC developer guide
// v1.7, 2.10.11). The end of a page may come again, which does no harm.
func (i *instance) pollChanges(ctx context.Context, at *cursor, e *emitter) error {
	parameters := map[string]any{
		"authenticate": i.inFrench(),
		"broadcastId":  i.config.BroadcastID,
		"dSince":       at.Changed,
		"taille":       mostChanges,
	}
	if at.Contact != "" {
		parameters["idSince"] = at.Contact
	}
	value, err := i.call(ctx, findLastModifiedCra, parameters)
	if err != nil {
		return fmt.Errorf("read what changed: %w", err)
	}
	reports, _, err := readList[craReport](value)
	if err != nil {
		return fmt.Errorf("read what changed: %w", err)
	}
	if err := e.send(newsOf(reports)); err != nil {
		return err
	}
	at.passed(reports)
	return nil
}

// passed moves behind the last report of a page. A full page that does not move
// on must not be read for ever: its millisecond is left behind.
func (c *cursor) passed(reports []craReport) {
	if len(reports) == 0 {
		return
	}
	last := reports[len(reports)-1]
	changed, err := strconv.ParseInt(string(last.Changed), 10, 64)
	contact := contactID(last.ContactID)
	switch {
	case err == nil && contact != "" && (changed > c.Changed || changed == c.Changed && contact != c.Contact):
		c.Changed, c.Contact = changed, contact
	case len(reports) >= mostChanges:
		c.Changed, c.Contact = c.Changed+1, ""
	}
}
