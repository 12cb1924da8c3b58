package client

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Status says where a message stands.
type Status string

// The statuses of a message. The last five are final.
const (
	Queued      Status = "queued"      // durable at the gateway, waiting
	Submitting  Status = "submitting"  // on its way to the operator
	Uncertain   Status = "uncertain"   // sent without a clear answer
	Submitted   Status = "submitted"   // the operator took it
	Delivered   Status = "delivered"   // it is on the handset
	Undelivered Status = "undelivered" // the operator gave up
	Expired     Status = "expired"     // its validity is over, or no receipt came in time
	Rejected    Status = "rejected"    // refused for good
	Canceled    Status = "canceled"    // by its caller
)

// Final reports whether a message in this status has ended: it is not sent any more.
// Expired may still become what the operator tells later, where the gateway's clock
// had given it up (Message.Reason: no_receipt, validity_over).
func (s Status) Final() bool {
	switch s {
	case Delivered, Undelivered, Expired, Rejected, Canceled:
		return true
	default:
		return false
	}
}

// Waiting reports whether the operator has yet to be asked, or is being asked.
func (s Status) Waiting() bool { return s == Queued || s == Submitting }

// Kinds of messages beside ordinary texts.
const (
	Flash  = "flash"  // the handset shows it at once, and need not keep it
	Binary = "binary" // octets for a program of the handset
)

// SubmitRequest is one text to one or many recipients. Fields left out take
// the account's defaults.
type SubmitRequest struct {
	To              []string          `json:"to"`             // E.164, or as dialled in the account's country
	Kind            string            `json:"kind,omitempty"` // text, the default, flash or binary
	Data            string            `json:"data,omitempty"` // of kind binary, in hexadecimal
	UDH             string            `json:"udh,omitempty"`  // its user data header, in hexadecimal
	Text            string            `json:"text,omitempty"`
	Template        string            `json:"template,omitempty"`         // id of one that makes the text
	TemplateVersion int               `json:"template_version,omitempty"` // 0: the present one
	Values          map[string]string `json:"values,omitempty"`           // of its fields, by their names
	Sender          string            `json:"sender,omitempty"`
	Class           string            `json:"class,omitempty"` // otp, transactional or marketing
	Connector       string            `json:"connector,omitempty"`
	Reference       string            `json:"reference,omitempty"` // the caller's own
	Metadata        map[string]string `json:"metadata,omitempty"`
	SendAt          time.Time         `json:"send_at,omitzero"`   // not before
	ValidFor        Duration          `json:"valid_for,omitzero"` // given up after
	// WebhookURL gets the events of these messages, beside the webhooks that
	// subscribed.
	WebhookURL string `json:"webhook_url,omitempty"`

	// IdempotencyKey makes two equal requests one. Submit makes a fresh one
	// when it is empty.
	IdempotencyKey string `json:"-"`
}

// PreviewRequest asks what would become of a text. Its idempotency key is not used,
// for nothing is stored.
type PreviewRequest struct {
	SubmitRequest
	At time.Time `json:"at,omitzero"` // the moment at which it would be asked for; zero: now
}

// NotUTF8Error is returned for a request with a field that JSON cannot carry.
// Package encoding/json would put other characters in its place.
type NotUTF8Error struct{ Field string }

// SomeField is a NotUTF8Error's Field where nobody can tell which it is.
const SomeField = "a field of the request"

func (e *NotUTF8Error) Error() string { return e.Field + " is not UTF-8; nothing was sent" }

// marshal writes JSON, and refuses what encoding/json would write as U+FFFD: bytes that are
// no UTF-8 become the escape \ufffd, which a character U+FFFD of the text does not.
func marshal(body any) ([]byte, error) {
	written, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	const replaced = `\ufffd`
	for rest := written; ; {
		at := bytes.Index(rest, []byte(replaced))
		if at < 0 {
			return written, nil
		}
		before := rest[:at]
		if slashes := len(before) - len(bytes.TrimRight(before, `\`)); slashes%2 == 0 {
			return nil, &NotUTF8Error{SomeField}
		}
		rest = rest[at+len(replaced):]
	}
}

func (r *SubmitRequest) check() error {
	fields := map[string]string{
		"kind": r.Kind, "text": r.Text, "data": r.Data, "udh": r.UDH, "sender": r.Sender, "class": r.Class, "connector": r.Connector,
		"reference": r.Reference,
		"to":        strings.Join(r.To, ","),
	}
	for key, value := range r.Metadata {
		fields["metadata"] += key + value
	}
	for name, value := range r.Values {
		fields["values"] += name + value
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !utf8.ValidString(fields[name]) {
			return &NotUTF8Error{name}
		}
	}
	return nil
}

// Duration is a time.Duration that JSON shows as the API writes it: "15m0s".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	parsed, err := time.ParseDuration(string(b))
	*d = Duration(parsed)
	return err
}

// Message is one text to one handset.
type Message struct {
	ID          string            `json:"id"`
	To          string            `json:"to"` // E.164
	Status      Status            `json:"status"`
	Reason      string            `json:"reason,omitempty"` // code of the last event
	Class       string            `json:"class"`
	Kind        string            `json:"kind,omitempty"` // flash or binary; empty: an ordinary text
	Data        string            `json:"data,omitempty"` // of a binary message, in hexadecimal
	UDH         string            `json:"udh,omitempty"`  // its user data header
	Sender      string            `json:"sender,omitempty"`
	Text        string            `json:"text,omitempty"`         // absent in the answer to a submission
	TextRemoved bool              `json:"text_removed,omitempty"` // by the retention, or with the person
	Connector   string            `json:"connector"`
	Encoding    string            `json:"encoding"`        // gsm7 or ucs2
	Segments    int               `json:"segments"`        // what is billed
	Price       *Price            `json:"price,omitempty"` // of all its segments; absent: not known
	Attempt     int               `json:"attempt"`         // calls made to the operator
	ProviderID  string            `json:"provider_id,omitempty"`
	Routes      []string          `json:"routes,omitempty"`  // connectors that may send it, most wanted first
	Receipt     *Receipt          `json:"receipt,omitempty"` // the operator's last word
	Reference   string            `json:"reference,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	DueAt       time.Time         `json:"due_at"`
	ExpiresAt   time.Time         `json:"expires_at"`
	CreatedAt   time.Time         `json:"created_at"`
	// SubmittedAt is when the operator took it.
	SubmittedAt *time.Time `json:"submitted_at,omitempty"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

// Price is an amount of money.
type Price struct {
	Amount   string `json:"amount"`   // "0.141"
	Currency string `json:"currency"` // ISO 4217
}

// Receipt is the operator's last word on a message, verbatim.
type Receipt struct {
	Code string `json:"code"`
	Text string `json:"text,omitempty"`
}

// Decision is something that the gateway decided about a message, and why.
type Decision struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Event is a line of a timeline.
type Event struct {
	At      time.Time `json:"at"`
	Status  Status    `json:"status"` // after the event
	Actor   string    `json:"actor"`
	Code    string    `json:"code"`
	Detail  string    `json:"detail,omitempty"`
	Attempt int       `json:"attempt,omitempty"`

	OperatorCode string `json:"operator_code,omitempty"` // verbatim
	OperatorText string `json:"operator_text,omitempty"` // verbatim
}

// MessageWithTimeline is a message and everything that happened to it.
type MessageWithTimeline struct {
	Message
	Notice    string     `json:"notice,omitempty"` // what a person must do before it goes on
	Decisions []Decision `json:"decisions"`
	Timeline  []Event    `json:"timeline"` // oldest first
}

// Refused is a recipient that gets no message.
type Refused struct {
	To     string `json:"to"`    // as it was asked for
	Index  int    `json:"index"` // its place in the request, from 0
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Warning is something to know that stopped nothing.
type Warning struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	To     string `json:"to,omitempty"` // absent: all
}

// SubmitAnswer says what became of each recipient.
type SubmitAnswer struct {
	Messages []Message `json:"messages"` // accepted, in the order asked
	Rejected []Refused `json:"rejected"`
	Warnings []Warning `json:"warnings"`
}

// PreviewMessage is what a message would be.
type PreviewMessage struct {
	To        string     `json:"to"`
	Status    Status     `json:"status"`
	Class     string     `json:"class"`
	Kind      string     `json:"kind,omitempty"` // flash; empty: an ordinary text
	Sender    string     `json:"sender,omitempty"`
	Connector string     `json:"connector"`
	Encoding  string     `json:"encoding"`
	Segments  int        `json:"segments"`
	Price     *Price     `json:"price,omitempty"` // of all its segments; absent: not known
	DueAt     time.Time  `json:"due_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	Decisions []Decision `json:"decisions"`
}

// PreviewTotal adds up what a preview tells of each message.
type PreviewTotal struct {
	Messages int    `json:"messages"`
	Segments int    `json:"segments"`
	Price    *Price `json:"price,omitempty"` // absent: that of at least one message is not known
}

// PreviewAnswer is what a submission would be answered.
type PreviewAnswer struct {
	Messages []PreviewMessage `json:"messages"`
	Rejected []Refused        `json:"rejected"`
	Warnings []Warning        `json:"warnings"`
	Total    PreviewTotal     `json:"total"`
	Text     TextAdvice       `json:"text"`
}

// TextAdvice is what the text of a preview costs, and would in the GSM alphabet.
type TextAdvice struct {
	Policy  string   `json:"policy"` // of the account: "keep" or "gsm"
	Written TextCost `json:"written"`
	// nil when nothing of the GSM alphabet stands for some character
	GSM    *TextCost    `json:"gsm,omitempty"`
	Costly []CostlyChar `json:"costly"` // characters that the GSM alphabet lacks
}

// TextCost is a text and what it costs, for all recipients together.
type TextCost struct {
	Text     string `json:"text"`
	Encoding string `json:"encoding"`
	Segments int    `json:"segments"`
	Price    *Price `json:"price,omitempty"` // nil: not known for at least one message
}

// CostlyChar is a character that moves a text to UCS-2.
type CostlyChar struct {
	Character string  `json:"character"`
	Code      string  `json:"code"`              // "U+0153"
	Position  int     `json:"position"`          // in characters, from 1
	Instead   *string `json:"instead,omitempty"` // what stands for it in the GSM alphabet; nil: nothing does
}

// MessageList is a page of messages, newest first.
type MessageList struct {
	Items []Message `json:"items"`
	Next  string    `json:"next,omitempty"` // Query.Cursor of the next page; empty on the last
}

// Connector is a configured connector and its state.
type Connector struct {
	Name         string         `json:"name"`
	Provider     string         `json:"provider"`
	State        string         `json:"state"` // running, throttled, failing, blocked, missing, elsewhere or paused
	Reason       string         `json:"reason,omitempty"`
	Since        time.Time      `json:"since"`
	RetryAt      *time.Time     `json:"retry_at,omitempty"`
	CallsUnder   int            `json:"calls_under_way"`
	MaxBatch     int            `json:"max_batch"`
	Rate         float64        `json:"calls_per_second,omitempty"` // absent: no limit
	Capabilities []string       `json:"capabilities"`
	Credit       *Credit        `json:"credit,omitempty"`
	Left         string         `json:"left,omitempty"` // why new messages avoid it where they can
	Unmatched    int            `json:"unmatched_receipts,omitempty"`
	Waiting      map[Status]int `json:"waiting"`
	Pause        *Pause         `json:"pause,omitempty"` // absent: nobody paused it
	// Sessions are the live ones with the operator; absent: it has none, or another node keeps them.
	Sessions *Sessions `json:"sessions,omitempty"`
}

// Sessions are the live sessions with an operator.
type Sessions struct {
	Standing   int `json:"standing"`
	Wanted     int `json:"wanted"`     // by the configuration
	Window     int `json:"window"`     // most messages without an answer
	Unanswered int `json:"unanswered"` // messages without an answer
	Throttled  int `json:"throttled"`  // messages that came too fast, since the start
}

// Trace is a piece of what the live sessions of a connector say, oldest first.
type Trace struct {
	Items  []Said `json:"items"`
	Next   string `json:"next"`
	Missed int64  `json:"missed,omitempty"` // that were said meanwhile and are kept no longer
}

// Said is one request or response of a live session, without numbers, texts and passwords.
type Said struct {
	At       time.Time `json:"at"`
	Sent     bool      `json:"sent"` // by the gateway
	Session  int       `json:"session"`
	Command  string    `json:"command"`
	Status   string    `json:"status,omitempty"` // of responses
	Sequence uint32    `json:"sequence"`         // a response has that of its request
	Octets   int       `json:"octets"`
	Detail   string    `json:"detail,omitempty"` // fields that say how it travels
}

// Configuration is which configuration each node of the gateway has in effect.
type Configuration struct {
	Differ bool   `json:"differ"` // nodes that are there have read different ones
	Nodes  []Node `json:"nodes"`
}

// Node is a node of the gateway with its configuration: which one, and no value of it.
type Node struct {
	Name        string     `json:"name,omitempty"` // empty: it is alone
	Here        bool       `json:"here,omitempty"` // it made this answer
	Program     string     `json:"program,omitempty"`
	Version     string     `json:"version"` // of the configuration
	Since       time.Time  `json:"since"`
	TriedAt     time.Time  `json:"tried_at"`          // when it was read the last time
	Refused     string     `json:"refused,omitempty"` // why that changed nothing
	NeedRestart []string   `json:"need_restart,omitempty"`
	SeenAt      *time.Time `json:"seen_at,omitempty"` // nil: it is alone
	Silent      bool       `json:"silent,omitempty"`  // it has told nothing for too long
}

// Pause is the pause of a connector.
type Pause struct {
	By    string     `json:"by"`
	Why   string     `json:"why"`
	At    time.Time  `json:"at"`
	Until *time.Time `json:"until,omitempty"` // absent: until somebody resumes it
	Keep  bool       `json:"keep,omitempty"`  // messages wait, though others could send them
}

// PauseRequest asks for a pause. Without For and Until it lasts until somebody resumes the
// connector.
type PauseRequest struct {
	Why     string    `json:"why"`
	For     Duration  `json:"for,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Keep    bool      `json:"keep,omitempty"`
	Preview bool      `json:"preview,omitempty"` // only tell what the pause would do
}

// PauseAnswer is a pause, and what it does.
type PauseAnswer struct {
	Pause   Pause    `json:"pause"`
	Preview bool     `json:"preview,omitempty"`
	Waiting int      `json:"waiting"` // messages that wait for the connector
	Codes   int      `json:"codes"`   // one-time codes among them
	Movable int      `json:"movable"` // those that have another connector on their route
	Says    []string `json:"says"`    // what the pause does, for people
}

// ResumeAnswer says whether there was a pause.
type ResumeAnswer struct {
	Resumed bool `json:"resumed"`
}

// Credit is what is left with an operator.
type Credit struct {
	Amount float64   `json:"amount"`
	Unit   string    `json:"unit"`
	At     time.Time `json:"at"`

	Threshold  *float64   `json:"threshold,omitempty"` // people are told when it falls below
	BurnPerDay float64    `json:"burn_per_day,omitempty"`
	EmptyAt    *time.Time `json:"empty_at,omitempty"` // when it will be used up at that rate
}

// ConnectorList is every configured connector.
type ConnectorList struct {
	Items []Connector `json:"items"`
}

// Reassigned is what became of messages that were given to another connector.
type Reassigned struct {
	Moved int `json:"moved"` // that were queued
	Left  int `json:"left"`  // to numbers of fiction, which a real operator does not get
}
