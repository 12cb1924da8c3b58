package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/auth"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// How a stream is kept.
const (
	streamBeat     = 15 * time.Second // a comment, so that proxies keep the connection
	streamDeadline = 10 * time.Second // for one event to be taken
	streamRetry    = 3 * time.Second  // before a browser connects again
	catchUpPages   = 10               // of changes that a browser has missed; more: it reloads
)

// streamCheck is between two looks at the session of a stream, and at its rights. Tests
// do not wait so long.
var streamCheck = time.Minute

// topics are what a stream may tell of, with the right that each needs. A message is
// asked for by "message:" and its id, a campaign likewise.
var topics = map[string]auth.Right{
	"home": auth.SeeCounts, "connectors": auth.SeeCounts, "messages": auth.SeeMessages,
	"message": auth.SeeMessages, "campaigns": auth.SeeMessages, "campaign": auth.SeeMessages, "inbox": auth.SeeMessages, "held": auth.Decide, "handsets": auth.SeeTexts,
}

// topic is one that a stream tells of.
type topic struct {
	name string
	id   sms.ID // of the message or the campaign; zero: any
}

// tells is what a stream says of a change: what changed, never what it says. It is empty
// where the change is of no topic.
func tells(wanted []topic, c *webhook.Happening) string {
	for i := range wanted {
		if said := wanted[i].tells(c); said != "" {
			return said
		}
	}
	return ""
}

func (t *topic) tells(c *webhook.Happening) string {
	kind, _, _ := strings.Cut(string(c.Type), ".")
	switch {
	case t.name == "home":
		return "counts"
	case t.name == "campaigns" || t.name == "campaign":
		return t.tellsCampaign(kind, c)
	case kind == "message" && t.name == "held" && c.Type == webhook.MessageUncertain:
		return "held " + c.Subject.String()
	case kind == "message" && (t.name == "messages" || t.name == "held" || t.name == "handsets"),
		kind == "message" && t.name == "message" && t.id == c.Subject:
		return "message " + c.Subject.String()
	case kind == "inbound" && (t.name == "inbox" || t.name == "handsets"):
		return "reply " + c.Subject.String()
	case t.name == "connectors" && c.Connector != "":
		return "lane " + c.Connector
	}
	return ""
}

// tellsCampaign says that a campaign changed, or messages that may be its rows.
func (t *topic) tellsCampaign(kind string, c *webhook.Happening) string {
	switch {
	case kind == "message":
		return "counts"
	case kind == "campaign" && (t.id.IsZero() || t.id == c.Subject):
		return "campaign " + c.Subject.String()
	}
	return ""
}

// topicsOf reads what is asked for, and refuses what the person may not know.
func topicsOf(q *request) (wanted []topic, err error) {
	for name := range strings.SplitSeq(q.URL.Query().Get("topics"), ",") {
		name, id, _ := strings.Cut(name, ":")
		one := topic{name: name}
		if (name == "message" || name == "campaign") != (id != "") {
			return nil, &problem{http.StatusBadRequest, reason.Of(sayTopic, nil)}
		}
		if id != "" {
			if one.id, err = sms.ParseID(id); err != nil {
				return nil, &problem{http.StatusBadRequest, reason.Of(sayTopic, nil)}
			}
		}
		right, known := topics[name]
		switch {
		case !known:
			return nil, &problem{http.StatusBadRequest, reason.Of(sayTopic, nil)}
		case !q.may(right):
			return nil, forbidden()
		}
		wanted = append(wanted, one)
	}
	return wanted, nil
}

// after is the number behind which the browser wants to go on: that of the last event
// that it got, else that of its page; 0: from now on.
func after(q *request) (int64, error) {
	told := q.Header.Get("Last-Event-ID")
	if told == "" {
		told = q.URL.Query().Get("since")
	}
	if told == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(told, 10, 64)
	if err != nil || n < 0 {
		return 0, &problem{http.StatusBadRequest, reason.Of(sayTopic, nil)}
	}
	return n, nil
}

// openLive begins a stream of what changes in the account that is looked at.
func openLive(q *request) (answer, error) {
	wanted, err := topicsOf(q)
	if err != nil {
		return nil, err
	}
	since, err := after(q)
	if err != nil {
		return nil, err
	}
	s, err := q.console.hub.open(q.ctx(), q.session.User.ID, q.account, wanted)
	switch {
	case errors.Is(err, errTooManyOfUser):
		return refusedStream{http.StatusTooManyRequests, reason.Of(sayStreamsOfUser, nil)}, nil
	case errors.Is(err, errTooMany), errors.Is(err, errStopping):
		return refusedStream{http.StatusServiceUnavailable, reason.Of(sayStreams, nil)}, nil
	case err != nil:
		return nil, err
	}
	return &liveAnswer{s, since}, nil
}

// refusedStream refuses a stream in a line that a script may show.
type refusedStream struct {
	status int
	why    reason.Reason
}

func (a refusedStream) write(w http.ResponseWriter, q *request) {
	w.Header().Set("Retry-After", soonAgain)
	http.Error(w, a.why.In(q.lang), a.status)
}

// liveAnswer is a stream.
type liveAnswer struct {
	stream *stream
	since  int64
}

func (a *liveAnswer) write(w http.ResponseWriter, q *request) {
	defer q.console.hub.close(a.stream)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := &events{w: w, to: http.NewResponseController(w), metrics: q.console.Metrics}
	//nolint:errcheck // a connection that cannot do this shows it when it is written to
	out.to.SetReadDeadline(time.Time{}) // else that of the server ends the request
	w.WriteHeader(http.StatusOK)
	if out.say("retry: "+strconv.FormatInt(streamRetry.Milliseconds(), 10)+"\n\n") != nil {
		return
	}
	if err := a.catchUp(q, out); err != nil {
		return
	}
	a.follow(q, out)
}

// catchUp tells what happened between the browser's last event and the stream's first.
func (a *liveAnswer) catchUp(q *request, out *events) error {
	at := a.since
	if at == 0 || at >= a.stream.start {
		return out.mark(a.stream.start)
	}
	for range catchUpPages {
		missed, err := q.console.Changes.Changes(q.ctx(), q.account, at, changesAtOnce)
		if err != nil {
			return err
		}
		for i := range missed {
			if missed[i].Seq > a.stream.start {
				return nil // the stream tells
			}
			at = missed[i].Seq
			if err := out.tell(at, tells(a.stream.topics, &missed[i])); err != nil {
				return err
			}
		}
		if len(missed) < changesAtOnce {
			return nil
		}
	}
	return out.reload(a.stream.start)
}

// follow tells what happens until somebody ends it.
func (a *liveAnswer) follow(q *request, out *events) {
	beat, check := time.NewTicker(streamBeat), time.NewTicker(streamCheck)
	defer beat.Stop()
	defer check.Stop()
	for {
		var err error
		select {
		case <-q.ctx().Done():
			return
		case <-q.console.hub.stopping:
			return
		case <-a.stream.wake:
			err = out.drain(a.stream)
		case <-beat.C:
			err = out.say(": \n\n")
		case <-check.C:
			if !q.stillMay(a.stream.topics) {
				//nolint:errcheck // the stream ends either way
				out.say("event: end\ndata: session\n\n")
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// stillMay reports whether the session of a stream goes on, with the rights that it had.
// That nobody can tell ends the stream too: the browser asks again.
func (q *request) stillMay(wanted []topic) bool {
	s, err := q.console.People.Look(q.ctx(), q.token())
	return err == nil && s.Step == auth.StepNone && s.User.ID == q.session.User.ID &&
		!slices.ContainsFunc(wanted, func(t topic) bool { return !s.May(topics[t.name], q.account) })
}

// events writes a stream.
type events struct {
	w       io.Writer
	to      *http.ResponseController
	metrics *Metrics
}

// say writes something at once, or fails: a browser that takes nothing loses its
// stream, and comes back with the number of the last event that it got.
func (e *events) say(text string) error {
	if err := e.to.SetWriteDeadline(time.Now().Add(streamDeadline)); err != nil {
		return err
	}
	if _, err := io.WriteString(e.w, text); err != nil {
		return err
	}
	return e.to.Flush()
}

// mark gives the browser a number to come back with.
func (e *events) mark(seq int64) error {
	return e.say("id: " + strconv.FormatInt(seq, 10) + "\nevent: at\ndata: \n\n")
}

func (e *events) tell(seq int64, said string) error {
	if said == "" {
		return nil
	}
	e.metrics.told()
	return e.say("id: " + strconv.FormatInt(seq, 10) + "\ndata: " + said + "\n\n")
}

// reload says that events were left out.
func (e *events) reload(seq int64) error {
	e.metrics.drop()
	return e.say("id: " + strconv.FormatInt(seq, 10) + "\nevent: reload\ndata: all\n\n")
}

// drain writes what waits in a stream. What is said twice in a row is said once.
func (e *events) drain(s *stream) error {
	waiting, lost := s.take()
	if lost > 0 {
		return e.reload(lost)
	}
	for i, one := range waiting {
		if i+1 < len(waiting) && waiting[i+1].said == one.said {
			continue
		}
		if err := e.tell(one.seq, one.said); err != nil {
			return err
		}
	}
	return nil
}

// live is what a page says to the script that keeps it up to date.
type live struct {
	Topics string
	Since  int64
	Off    bool   // the person has stopped updates
	List   string // what new rows of its list are called; empty: it has none
	Newest string // id of the newest row
}

// follow lets the page that is made be kept up to date. It comes before the page is
// read: what happens meanwhile is told.
func (q *request) follow(ctx context.Context, what string) {
	if q.console.hub == nil {
		return
	}
	at, err := q.console.Changes.LastChange(ctx, q.account)
	if err != nil {
		q.console.Log.Warn("a page is not kept up to date", "error", err)
		return
	}
	q.live = &live{Topics: what, Since: max(at, 1), Off: q.cookie(liveCookie) == "off"}
}

// lists says of which rows the script counts new ones.
func (q *request) lists(kind, newest string) {
	if q.live != nil {
		q.live.List, q.live.Newest = kind, newest
	}
}
