package smpp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"relais/connector"
	"relais/smpp"
	"relais/sms"
)

// instance is one account at one SMSC.
type instance struct {
	config  Config
	env     connector.Env
	rule    smpp.IDRule
	charset smpp.Charset   // of data_coding 0
	zone    *time.Location // of dates in receipts; nil: they are not read
	tls     *tls.Config    // nil: in the clear

	parameters []parameter // that messages may bring

	mu          sync.Mutex
	live        []*session // that may submit, in the order of their opening
	turn        int
	open        int              // sessions of any kind
	throttled   int              // messages, or parts, that were not taken for their pace
	refused     *connector.Error // why the last bind was; nil: it was not
	refusedAt   time.Time
	lastRef     uint8
	lastRefusal smpp.Status
	refusals    int
	efforts     map[sms.ID]*effort // what is in doubt, as long as it may be settled
	joined      map[string]*joined // long messages by the ids of their parts; nil: the id is of a single message
	joinedOrder []string           // the ids of parts, oldest first
	singles     []string           // those of single messages
	long        int                // long messages on their way
	told        chan struct{}      // closed when the id of a part becomes known, and made anew
	held        map[longKey]*heldText

	texts storedTexts // from handsets
	trace trace
}

// Submit sends each message of the batch by one session.
func (i *instance) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	outcomes := make([]connector.Outcome, len(batch))
	for n := range batch {
		outcomes[n] = i.submit(ctx, &batch[n])
	}
	return outcomes, nil
}

func (i *instance) submit(ctx context.Context, m *sms.Message) connector.Outcome {
	pieces, err := i.pieces(m)
	if err != nil {
		return connector.Outcome{Err: err}
	}
	s, err := i.pick()
	if err != nil {
		return connector.Outcome{Err: err}
	}
	e := &effort{id: m.ID, parts: len(pieces), session: s}
	if len(pieces) > 1 {
		i.count(1)
		defer i.count(-1)
	}
	for n, piece := range pieces {
		if err := i.part(ctx, e, n, piece); err != nil {
			return connector.Outcome{Err: err}
		}
	}
	i.endStreak()
	return connector.Outcome{ProviderID: e.providerID()}
}

// count counts long messages on their way.
func (i *instance) count(n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.long += n
}

// pick returns the session whose turn it is. Without one nothing leaves, and no attempt is
// counted.
func (i *instance) pick() (*session, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.live) > 0 {
		i.turn++
		return i.live[i.turn%len(i.live)], nil
	}
	if i.refused != nil {
		return nil, i.refused
	}
	return nil, &connector.Error{
		Fault: connector.Throttled, Code: "not_bound", RetryAfter: time.Second,
		Detail: "no session with the operator stands",
	}
}

// Pauses between two tries of a part behind the first one.
const (
	partPause     = time.Second
	mostPartPause = 15 * time.Second
)

// part sends one part. A part behind the first is tried again while there is time: what went
// before it cannot be taken back.
func (i *instance) part(ctx context.Context, e *effort, n int, piece *smpp.SubmitSM) error {
	pause := partPause
	for {
		err := i.try(ctx, e, n, piece)
		fault := connector.FaultOf(err)
		if err == nil || n == 0 || fault == connector.Uncertain {
			return err
		}
		again := fault == connector.Temporary || fault == connector.Throttled
		if !again || !e.session.alive() || sleep(ctx, pause) != nil {
			return fmt.Errorf("part %d of %d was not taken, and a part of the message was sent: %w", n+1, e.parts, opaque{err})
		}
		pause = min(2*pause, mostPartPause)
	}
}

// opaque keeps the words of an error and hides its fault: of a message of which a part was
// taken, nobody knows more than that.
type opaque struct{ error }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try sends one part once.
func (i *instance) try(ctx context.Context, e *effort, n int, piece *smpp.SubmitSM) error {
	i.remember(e)
	answer, delivery, err := e.session.conn.Request(ctx, piece, func(p smpp.PDU) { i.late(e, n, p) })
	switch delivery {
	case smpp.Answered:
		i.clear(e)
		return i.answered(e, answer)
	case smpp.Written:
		return fmt.Errorf("the operator did not answer: %w", err)
	default:
		i.clear(e)
		return notWritten(err)
	}
}

// notWritten is the fault of a request of which the operator cannot have the whole.
func notWritten(err error) error {
	if over, ok := errors.AsType[*smpp.FieldError](err); ok {
		return refused(over.Field, "a field of the message is beyond what SMPP can carry: "+over.Error())
	}
	return &connector.Error{Fault: connector.Temporary, Detail: "the message did not leave", Err: err}
}

// answered notes what the operator said of a part.
func (i *instance) answered(e *effort, answer smpp.PDU) error {
	if answer.Status == smpp.RINVBNDSTS {
		e.session.conn.Close() // it is no session any more, or one of another kind
	}
	if answer.Status != smpp.OK {
		return i.refusal(answer)
	}
	response, ok := answer.Body.(*smpp.SubmitSMResp)
	if !ok {
		return fmt.Errorf("the operator answered by %s", answer.Body.Command())
	}
	i.know(e, response.MessageID)
	return nil
}
