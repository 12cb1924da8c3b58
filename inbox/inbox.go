package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"relais/connector"
	"relais/internal/bell"
	"relais/internal/trial"
	"relais/reason"
	"relais/sms"
	"relais/trace"
	"relais/wish"
)

// Store keeps what operators tell, and suppression lists.
type Store interface {
	OptOutStore
	// Receive stores what an operator told: receipts move their messages or wait
	// for them, replies are linked to what they answer, STOPs fill the lists.
	// What was told before changes nothing. Home unknown (Finder): a receipt is looked for
	// by its operator's id and by our reference, a reply by its number too; then all that
	// comes of one receipt or reply is written where its message is. One that no message is
	// known by waits, or belongs to the account of the connector.
	Receive(ctx context.Context, r *Reception) (Received, error)
	// Unhandled returns replies that no rule has seen.
	Unhandled(ctx context.Context, limit int) ([]Inbound, error)
	// Handled marks a reply as seen, and gives its event to further endpoints.
	Handled(ctx context.Context, in Inbound, endpoints []sms.ID) error
	// DecideReply keeps a person's word on a reply that may be a STOP, and changes the
	// suppression list by it.
	DecideReply(ctx context.Context, d ReplyDecision) (Inbound, error)
	// SeeTo keeps who has seen to a reply without an answer; an empty by: nobody has.
	SeeTo(ctx context.Context, account string, id sms.ID, by sms.Actor, at time.Time) error
	// Undecided counts replies that may be a STOP and wait for a person.
	Undecided(ctx context.Context) (int, error)
}

// Account is the part of an account that matters here.
type Account struct {
	Region           string   // of numbers that are written without their country
	PerSender        bool     // a STOP is for the sender that was answered alone
	StopWords        []string // further words that are a STOP
	StopConfirmation string   // what is answered to a STOP; empty: nothing
}

// Options make an Inbox.
type Options struct {
	Store   Store
	Account func(name string) Account
	Rules   []ReplyRule
	// Endpoint returns the webhook endpoint of a URL that a rule names, made when it is new.
	Endpoint func(ctx context.Context, account, url string) (sms.ID, error)
	// Endpoints are those of an account that a door tells of a reply, beside the rules; nil:
	// none.
	Endpoints func(ctx context.Context, in *Inbound) ([]sms.ID, error)
	// Hidden is what stands for a number where an account hides old ones; nil: none does.
	Hidden  func(account string, n sms.Number) sms.Number
	Answers Answers
	// Told is called after something was put in the outbox; it must not wait.
	Told func()
	// Unavailable makes the refusal for a store that failed, Conflict the one for what does
	// not fit the present state.
	Unavailable func(error) error
	Conflict    func(reason.Reason) error
	Idle        time.Duration // how long the rules sleep when nothing rings
	Metrics     Metrics
	Traces      *trace.Tracer // nil: off
	Log         *slog.Logger
	Now         func() time.Time // as precise as stores keep it
}

// Inbox takes what operators tell, keeps suppression lists, and runs the rules of replies.
type Inbox struct {
	store       Store
	account     func(name string) Account
	rules       []ReplyRule
	endpoint    func(ctx context.Context, account, url string) (sms.ID, error)
	endpoints   func(ctx context.Context, in *Inbound) ([]sms.ID, error)
	hidden      func(account string, n sms.Number) sms.Number
	answers     Answers
	told        func()
	unavailable func(error) error
	conflict    func(reason.Reason) error
	idle        time.Duration
	replies     bell.Bell // a reply waits for its rules
	metrics     Metrics
	traces      *trace.Tracer
	log         *slog.Logger
	now         func() time.Time
}

// New makes an Inbox.
func New(o Options) *Inbox {
	return &Inbox{
		store: o.Store, account: o.Account, rules: o.Rules, endpoint: o.Endpoint, endpoints: o.Endpoints,
		hidden: o.Hidden, answers: o.Answers,
		told: o.Told, unavailable: o.Unavailable, conflict: o.Conflict, idle: o.Idle, replies: bell.New(),
		metrics: o.Metrics, traces: o.Traces, log: o.Log, now: o.Now,
	}
}

// Teller is the connector whose operator tells something.
type Teller struct {
	Connector string
	Owner     string // account of what belongs to no known message
}

// ErrNoNumber is returned for a push that blocks something that is not a number.
var ErrNoNumber = errors.New("a number that is blocked is none")

// Accept stores what an operator tells, then lets others know. A push is told once; a poll
// will tell again what was not stored.
func (b *Inbox) Accept(
	ctx context.Context, from Teller, news connector.News, pushed bool,
) (received Received, err error) {
	if len(news.Receipts)+len(news.Inbounds)+len(news.Blocks) == 0 {
		return received, nil
	}
	r := b.reception(from, news, pushed)
	if pushed && len(r.Blocks) < len(news.Blocks) {
		return received, ErrNoNumber
	}
	begun := time.Now()
	trial.Reached(trial.Told)
	if received, err = b.store.Receive(ctx, r); err != nil {
		return received, b.unavailable(err)
	}
	trial.Reached(trial.Received)
	for verdict, n := range received.Verdicts {
		b.metrics.receipts.WithLabelValues(from.Connector, string(verdict)).Add(float64(n))
	}
	b.metrics.inbounds.WithLabelValues(from.Connector).Add(float64(received.Inbounds))
	b.traces.Receipts(ctx, from.Connector, begun, received.Accounts, received.Moved)
	if received.Inbounds > 0 {
		b.replies.Ring()
	}
	if received.Inbounds+received.OptOuts+len(received.Moved) > 0 {
		b.told()
	}
	return received, nil
}

func (b *Inbox) reception(from Teller, news connector.News, pushed bool) *Reception {
	r := &Reception{
		Connector: from.Connector, Owner: from.Owner, Pushed: pushed, Receipts: news.Receipts, At: b.now(),
		PerSender: func(account string) bool { return b.account(account).PerSender }, Read: b.read,
		Hidden: b.hidden,
	}
	region := b.account(from.Owner).Region
	for _, in := range news.Inbounds {
		r.Inbounds = append(r.Inbounds, inboundOf(from.Connector, in, region, r.At))
	}
	for _, block := range news.Blocks {
		n, _, ok := handset(block.Number, region)
		if !ok {
			b.log.Warn("a number that an operator blocks cannot be read", "connector", from.Connector)
			continue
		}
		if pushed && block.At.IsZero() {
			block.At = r.At
		}
		r.Blocks = append(r.Blocks, Block{Number: n, AnswersID: block.AnswersID, At: block.At})
	}
	return r
}

// read says what a reply to an account asks for. sender is that of the message which it
// answers, empty when none is known.
func (b *Inbox) read(account string, sender sms.Sender, in *Inbound) {
	in.Intent, in.Word = wish.Reader{Own: b.account(account).StopWords}.Of(in.Text, in.Country, string(sender))
}

// ChangeOptOuts puts numbers on an account's list or takes them off. Changes
// need no ID. It returns how many changed anything.
func (b *Inbox) ChangeOptOuts(ctx context.Context, changes []OptOutChange) (int, error) {
	b.stamp(changes)
	return b.changed(b.store.ChangeOptOuts(ctx, changes))
}

// ImportOptOuts is ChangeOptOuts for a file that counts once, by its name: taken again, it
// changes nothing of what was changed since.
func (b *Inbox) ImportOptOuts(ctx context.Context, f Import) (int, error) {
	f.Now = b.now()
	b.stamp(f.Changes)
	return b.changed(b.store.ImportOptOuts(ctx, f))
}

// stamp gives changes their ids and the moment.
func (b *Inbox) stamp(changes []OptOutChange) {
	now := b.now()
	for i := range changes {
		changes[i].ID, changes[i].At = sms.BucketOf(changes[i].Account).NewID(now), now
	}
}

// changed lets others know of what was made of changes.
func (b *Inbox) changed(made int, err error) (int, error) {
	if err != nil {
		return 0, b.unavailable(err)
	}
	if made > 0 {
		b.told()
	}
	return made, nil
}

// Codes of refusals of a decision.
const (
	CodeNotUnsure reason.Code = "reply_not_unsure"
	CodeDecided   reason.Code = "reply_decided"
)

// DecideReply takes a person's word on a reply that may be a STOP: that it is one, or a
// mere reply. The same word again changes nothing. A STOP that was confirmed stays; only
// the person's consent takes the number off the list.
func (b *Inbox) DecideReply(ctx context.Context, d ReplyDecision) (Inbound, error) {
	d.At, d.PerSender = b.now(), b.account(d.Account).PerSender
	in, err := b.store.DecideReply(ctx, d)
	switch {
	case errors.Is(err, ErrPlainReply):
		return in, b.conflict(reason.Of(CodeNotUnsure, nil))
	case errors.Is(err, ErrDecided):
		return in, b.conflict(reason.Of(CodeDecided, nil))
	case err != nil:
		return in, b.unavailable(err)
	}
	b.told()
	return in, nil
}

// SeeTo notes that a person has seen to a reply without an answer, or takes that back where
// by is empty.
func (b *Inbox) SeeTo(ctx context.Context, account string, id sms.ID, by sms.Actor) error {
	var at time.Time
	if by != "" {
		at = b.now()
	}
	if err := b.store.SeeTo(ctx, account, id, by, at); err != nil {
		return b.unavailable(err)
	}
	return nil
}
