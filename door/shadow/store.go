package shadow

import (
	"context"
	"time"

	"relais/sms"
)

// Verdict says how a request went at both gateways.
type Verdict string

// The verdicts.
const (
	Same          Verdict = "same"
	Differs       Verdict = "differs"
	NotComparable Verdict = "not_comparable" // one of the answers tells nothing, or ours is missing
	OldFailed     Verdict = "old_failed"     // no answer, or one of the kind 5xx
)

// Row is one request that was compared. It holds no text, and no number that is
// not hidden.
type Row struct {
	ID       sms.ID
	Account  string
	Door     string
	Instance string
	At       time.Time
	Verdict  Verdict
	Found    Found
}

// Found is what the comparison found, as it is kept and shown.
type Found struct {
	OldStatus   int          `json:"old_status,omitempty"` // 0: there was no answer
	OurStatus   int          `json:"our_status,omitempty"` // 0: our side gave none
	Why         string       `json:"why,omitempty"`        // of not_comparable and old_failed
	Differences []Difference `json:"differences,omitempty"`
	Plan        *Plan        `json:"plan,omitempty"` // nil: our side would have sent nothing
}

// Difference is one thing that the gateways see in two ways.
type Difference struct {
	What string `json:"what"`         // request, recipient or messages
	To   string `json:"to,omitempty"` // hidden but for its first digits
	Old  string `json:"old"`
	Ours string `json:"ours"`
}

// Plan is what our side would have done. The old gateway does not tell the like.
type Plan struct {
	Messages   int            `json:"messages"`
	Segments   int            `json:"segments"`
	Encodings  map[string]int `json:"encodings"`  // messages of each
	Connectors map[string]int `json:"connectors"` // messages of each
	// messages by the family of the number as it was read
	Families map[string]int `json:"families"`
	Changes  map[string]int `json:"changes,omitempty"` // of number, text and sender, by their codes
	Senders  map[string]int `json:"senders"`           // messages by the kind of sender
}

// Count is how many requests had a verdict.
type Count struct {
	Account, Door, Instance string
	Verdict                 Verdict
	Requests                int
}

// Store keeps what was found.
type Store interface {
	KeepShadow(ctx context.Context, r Row) error
	// CountShadows counts what was compared since a time, by account, door,
	// instance and verdict.
	CountShadows(ctx context.Context, since time.Time) ([]Count, error)
	// Shadows lists the newest since a time whose verdict is not Same.
	Shadows(ctx context.Context, since time.Time, limit int) ([]Row, error)
	// PruneShadows drops at most limit rows older than a time, and tells how many.
	PruneShadows(ctx context.Context, before time.Time, limit int) (int, error)
}
