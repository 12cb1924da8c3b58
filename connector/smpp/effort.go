package smpp

import (
	"context"
	"errors"
	"strconv"

	"relais/connector"
	"relais/smpp"
	"relais/sms"
)

// effort is a message on its way, or in doubt.
type effort struct {
	id      sms.ID
	parts   int
	session *session

	ids      []string // of the parts that were taken, as the rule of ids compares them
	taken    int
	notTaken bool // the operator refused it, late
}

// partsMark stands in the id of a long message between that of its first part and the number of
// those that follow.
const partsMark = "+"

// providerID is the id of the whole: that of a single part as it is. A long message has that
// of the first part and how many follow, so that the receipt of one part alone is no receipt of
// the message.
func (e *effort) providerID() string {
	switch {
	case len(e.ids) == 0 || e.ids[0] == "":
		return ""
	case e.parts == 1:
		return e.ids[0]
	default:
		return e.ids[0] + partsMark + strconv.Itoa(e.parts-1)
	}
}

// know notes the id of a message, or of a part of one.
func (i *instance) know(e *effort, id string) {
	key := i.rule.Answered(id)
	i.mu.Lock()
	defer i.mu.Unlock()
	e.ids = append(e.ids, key)
	e.taken++
	if key != "" {
		i.join(e, key)
	}
	close(i.told)
	i.told = make(chan struct{})
}

// mostEfforts bounds what is remembered of messages in doubt.
const mostEfforts = 10_000

// remember keeps a message that may come to be in doubt: its answer may come late, and as soon as
// nobody waits for it any more.
func (i *instance) remember(e *effort) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.efforts) < mostEfforts {
		i.efforts[e.id] = e
	}
}

// clear drops a message of which nothing is in doubt.
func (i *instance) clear(e *effort) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.efforts[e.id] == e {
		delete(i.efforts, e.id)
	}
}

// forget drops what a session left unanswered: that is never answered.
func (i *instance) forget(s *session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, e := range i.efforts {
		if e.session == s && !e.notTaken && e.taken < e.parts {
			delete(i.efforts, id)
		}
	}
}

// late settles a message in doubt by an answer that came after all. The answer to a part proves
// that the message was not taken if it is the first and a refusal, and that it was if it is the
// last and a yes. Between them the message is in parts, and a person decides.
func (i *instance) late(e *effort, n int, answer smpp.PDU) {
	if answer.Status == smpp.OK {
		response, ok := answer.Body.(*smpp.SubmitSMResp)
		if !ok {
			return
		}
		i.know(e, response.MessageID)
		if e.taken == e.parts {
			i.tell(e)
		}
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	e.notTaken = n == 0
}

// tell has it stored that a message in doubt was taken. Where that fails, or has no room, Lookup
// tells it.
func (i *instance) tell(e *effort) {
	news := connector.News{Receipts: []sms.Receipt{{
		Ref: e.id, ProviderID: e.providerID(), Status: sms.Submitted,
	}}}
	store := func(ctx context.Context) {
		if err := e.session.sink.Take(ctx, news); err != nil {
			i.env.Log.Warn("a late answer of the operator could not be stored", "error", err)
			return
		}
		i.clear(e)
	}
	select {
	case e.session.work <- store:
	default:
	}
}

var errUnknown = errors.New("SMPP cannot tell of a message without its id: only a late answer or a receipt can")

// Lookup answers from what came late. An SMSC cannot be asked about a message whose id is what is
// missing (3.4, 4.8), so that nothing else proves anything.
func (i *instance) Lookup(_ context.Context, id sms.ID) (connector.Outcome, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	e, known := i.efforts[id]
	switch {
	case known && e.notTaken:
		delete(i.efforts, id)
		return connector.Outcome{}, connector.ErrNotTaken
	case known && e.taken == e.parts:
		delete(i.efforts, id)
		return connector.Outcome{ProviderID: e.providerID()}, nil
	default:
		return connector.Outcome{}, &connector.Error{Fault: connector.Uncertain, Err: errUnknown}
	}
}
