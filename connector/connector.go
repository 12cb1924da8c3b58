package connector

import (
	"context"
	"net/http"
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// Connector speaks to one operator.
type Connector interface {
	// Submit offers a batch to the operator in one call and returns one Outcome
	// per message, in order. A non-nil error stands for every message of the
	// batch. The batch respects the connector's Facts; with SameText its
	// numbers are distinct, for it comes from one submission, which has each
	// number once. When ctx ends, Submit returns soon, with an error that says
	// whether bytes had left.
	Submit(ctx context.Context, batch []sms.Message) ([]Outcome, error)
}

// Outcome is what is known of one message after a call.
type Outcome struct {
	// ProviderID is the operator's id, the key of later receipts. It may be
	// empty beside a nil Err when the operator took the message and it could
	// not be proved which of its ids is this one's.
	ProviderID string
	// Err is nil when the operator took the message; otherwise see FaultOf.
	Err error
}

// Facts are the static truths of an instance. The dispatcher groups, limits
// and retries by them.
type Facts struct {
	MaxBatch int // most messages in one Submit; 0 means 1
	// a batch must come from one submission: it shares text, sender and class
	SameText          bool
	CallsPerSecond    float64          // of every kind; 0: no limit
	SegmentsPerSecond float64          // 0: no limit
	Concurrency       int              // most calls under way at once; 0 means 1
	Timeout           time.Duration    // of one call; 0 means 30 s
	Senders           []sms.SenderKind // kinds that the operator takes; empty: any
	Kinds             []sms.Kind       // of messages that Submit can send, beside ordinary texts
	// StopClause is the text that the operator itself appends to marketing sent
	// from a name; it counts in the segments. Empty when it appends nothing.
	StopClause string
	// DefaultSender is what messages that name no sender leave from; empty: not known.
	DefaultSender sms.SenderKind
	// FixedSender: every message leaves from that kind, whatever sender it names.
	FixedSender bool
	// CheckSenders: a sender that the SenderLister does not list as usable is refused
	// before its message is stored.
	CheckSenders bool
	// SenderCase: a name in other capitals than the declared one is another sender.
	SenderCase bool
	// PollEvery is how often PollNews may be called; 0 means once a minute.
	PollEvery time.Duration
	// StatusBatch is how many messages one ReadStatus may ask for; 0 means 1. It
	// is called once a minute at most.
	StatusBatch int
	// LookupEvery is the least time between two Lookups; 0: none.
	LookupEvery time.Duration
	// PartReceipts: parts of a long message have receipts of their own, which the connector joins in
	// memory: where that is lost, a message that arrived has no receipt. One whose receipts
	// say of which part they are (sms.Receipt) leaves that to the store.
	PartReceipts bool
	// Simulated: the operator is a simulator on this machine, so that numbers
	// reserved for fiction may be sent to it.
	Simulated bool
}

// Sends reports whether Submit can send messages of a kind.
func (f *Facts) Sends(k sms.Kind) bool { return k == sms.Plain || slices.Contains(f.Kinds, k) }

// Abilities that a connector may have. CapabilitiesOf finds them; nothing else
// asserts them, and no decorator wraps a connector, for it would hide them. A Guard
// alone calls them.
type (
	// NewsParser reads what the operator pushes over HTTP. Unlike what a server
	// gets, r.URL.Path holds only what stands behind the instance's secret
	// ("/receipt"). The body is whole and bounded. An error means that the
	// request is none of the operator's: nothing of it is kept, and the answer
	// is a refusal. What can be read of a push is returned even where a part of
	// it makes no sense, as long as no receipt could be misread.
	NewsParser interface {
		ParseNews(r *http.Request) (News, error)
	}
	// NewsPoller fetches what the operator does not push, or whose push was lost.
	NewsPoller interface {
		// PollNews hands what came after cursor to emit, in pieces, and returns the
		// cursor to go on from; the first cursor is empty. It may tell again what
		// it told before. When emit fails, its piece was not stored: PollNews stops
		// and returns the last cursor that is safe.
		PollNews(ctx context.Context, cursor string, emit func(News) error) (next string, err error)
	}
	// StatusReader looks single messages up at the operator.
	StatusReader interface {
		// ReadStatus returns receipts of the messages that the operator knows more
		// of than that it took them; at most Facts.StatusBatch are asked for.
		ReadStatus(ctx context.Context, messages []sms.Message) ([]sms.Receipt, error)
	}
	// Runner keeps a live session, an SMPP bind for one.
	Runner interface {
		// Run opens the session, serves it until ctx ends and closes it; then it
		// returns nil. It returns an error as soon as the session cannot be opened or
		// breaks, and is called again after a pause. One Run of an instance is under way
		// at a time, in one process of a cluster: the one that calls Submit too. Submit
		// may be called before the session stands, and after it broke: a message for
		// which no byte left is Temporary. ctx outlasts the calls of Submit under way.
		Run(ctx context.Context, sink Sink) error
	}
	// SessionTeller tells of the sessions that Run keeps. It asks nobody.
	SessionTeller interface {
		Sessions() Sessions
	}
	// Tracer shows what the sessions that Run keeps say, without numbers, texts and secrets.
	Tracer interface {
		// Trace returns what was said behind a number, oldest first: 0 is the beginning. It is
		// bounded: what nobody asked for in time is left out. Nothing is kept unless
		// somebody has asked of late.
		Trace(after int64) []Said
	}
	// Balancer tells the credit left.
	Balancer interface {
		Balance(ctx context.Context) (Balance, error)
	}
	// Tariffer tells prices.
	Tariffer interface {
		// Tariff returns what one segment costs to a country (ISO 3166-1, in capitals).
		// The zero Price means that the operator names none; an error that it could
		// not be asked.
		Tariff(ctx context.Context, country string) (Price, error)
	}
	// Reconciler answers "did you take this one?" after doubt. It returns
	// ErrNotTaken only when the operator's answer is authoritative.
	Reconciler interface {
		Lookup(ctx context.Context, id sms.ID) (Outcome, error)
	}
	// Checker examines the instance for a person: credentials, rights, sender,
	// credit, clock. It sends no message.
	Checker interface {
		Check(ctx context.Context) []Finding
	}
)

// News is what an operator tells of its own accord after a submit.
type News struct {
	Receipts []sms.Receipt
	Inbounds []sms.Inbound
	Blocks   []sms.Block
	// Unread is why a part of a push could not be read, of which the rest is here; nil: all of it was.
	Unread error
	// Acknowledgement is what a push is answered with once all of this is on disk; the zero
	// value: OK in plain text.
	Acknowledgement Acknowledgement
}

// Acknowledgement is an answer 200 that an operator wants in its own form. Twilio, for one, sends
// what a plain text says to the person who replied (documented).
type Acknowledgement struct {
	Type string // media type; empty: the answer is "OK"
	Body string
}

// Sink takes news from a session, from several goroutines if need be.
type Sink interface {
	// Take returns nil when the news are on disk: acknowledge them to the operator
	// then, and not before. An error means that they are not stored.
	Take(ctx context.Context, news News) error
}

// Sessions are the live sessions with an operator.
type Sessions struct {
	Standing   int // that stand
	Wanted     int // that the configuration asks for
	Window     int // most requests without an answer, of all that stand
	Unanswered int // requests without an answer
	// Throttled is how many messages, or parts of one, the operator did not take because they came
	// too fast, since the start.
	Throttled int
}

// Said is one request or response of a session.
type Said struct {
	Number   int64 // from 1, one more for each
	At       time.Time
	Sent     bool // by us
	Session  int  // from 1, one more for each that was opened
	Command  string
	Status   string // of responses
	Sequence uint32 // by which a response finds its request
	Octets   int
	Detail   string // fields that name nobody
}

// Balance is the credit left with an operator.
type Balance struct {
	Amount float64   // in Unit
	Unit   string    // "credits", or an ISO 4217 currency
	At     time.Time // when the operator said so
}

// Price is what an operator takes for one segment.
type Price struct {
	Segment  sms.Money
	Currency string // ISO 4217
}

// Level grades a Finding.
type Level string

// The levels of a finding.
const (
	OK      Level = "ok"
	Warning Level = "warning" // works, and will surprise somebody
	Failure Level = "failure" // messages will not leave
)

// Finding is one line of a check-up.
type Finding struct {
	Level  Level  `json:"level"`
	Code   string `json:"code"`   // stable, snake_case
	Detail string `json:"detail"` // a sentence: what was seen and, unless OK, what to do

	// Reason is the sentence where a catalogue has it; Detail is what it is in English.
	Reason reason.Reason `json:"-"`
}

// Found makes a finding of a sentence of the catalogues.
func Found(level Level, code string, sentence reason.Reason) Finding {
	return Finding{Level: level, Code: code, Detail: sentence.In(reason.English), Reason: sentence}
}

// In returns the finding with its sentence in a language.
func (f Finding) In(l reason.Language) Finding {
	if !f.Reason.IsZero() {
		f.Detail = f.Reason.In(l)
	}
	return f
}

// Capabilities is the list of abilities that an instance has, by the names
// shown in the API and the documents.
type Capabilities struct {
	NewsParser    NewsParser
	NewsPoller    NewsPoller
	StatusReader  StatusReader
	Runner        Runner
	SessionTeller SessionTeller
	Tracer        Tracer
	Balancer      Balancer
	Tariffer      Tariffer
	Reconciler    Reconciler
	Checker       Checker
	SenderLister  SenderLister
}

// Declared is a connector whose abilities are not those of its type: a declaration gives them to each
// instance.
type Declared interface {
	Abilities() Capabilities
}

// CapabilitiesOf finds what c can do. A field is nil where c cannot.
func CapabilitiesOf(c Connector) Capabilities {
	if d, ok := c.(Declared); ok {
		return d.Abilities()
	}
	var caps Capabilities
	caps.NewsParser, _ = c.(NewsParser)
	caps.NewsPoller, _ = c.(NewsPoller)
	caps.StatusReader, _ = c.(StatusReader)
	caps.Runner, _ = c.(Runner)
	caps.SessionTeller, _ = c.(SessionTeller)
	caps.Tracer, _ = c.(Tracer)
	caps.Balancer, _ = c.(Balancer)
	caps.Tariffer, _ = c.(Tariffer)
	caps.Reconciler, _ = c.(Reconciler)
	caps.Checker, _ = c.(Checker)
	caps.SenderLister, _ = c.(SenderLister)
	return caps
}

// Names lists the capabilities that are present.
func (c Capabilities) Names() []string {
	names := []string{abilitySubmit}
	for _, ability := range []struct {
		name    string
		present bool
	}{
		{abilityCallbacks, c.NewsParser != nil},
		{abilityPoll, c.NewsPoller != nil},
		{abilityStatus, c.StatusReader != nil},
		{abilitySession, c.Runner != nil},
		{abilityBalance, c.Balancer != nil},
		{abilityTariff, c.Tariffer != nil},
		{abilityLookup, c.Reconciler != nil},
		{abilityCheck, c.Checker != nil},
		{abilitySenders, c.SenderLister != nil},
	} {
		if ability.present {
			names = append(names, ability.name)
		}
	}
	return names
}
