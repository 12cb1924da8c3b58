package inbox

import (
	"time"

	"relais/sms"
)

// Answerable is how long after a text a reply is still taken for an answer to it.
const Answerable = 30 * 24 * time.Hour

// How a reply was linked to its message.
const (
	ByOperatorID = "operator_id" // the operator names the message by its own id
	ByReference  = "reference"   // the operator echoes our id
	ByNumber     = "number"      // the last message to the number
)

// Finder looks for the message that a handset answers. Its home is unknown: no account is
// given, and each method says whom it would ask if accounts lay in several databases
// (ADR 41).
type Finder interface {
	// ByProviderID finds a message by the id that the operator gave it. Home unknown: it
	// would ask every database that the connector sends for.
	ByProviderID(connector, id string) (m sms.Message, found bool, err error)
	// ByRef finds a message by our id, in any account. It would ask the database of the
	// id's bucket, and every one for an id of before ids had one.
	ByRef(id sms.ID) (m sms.Message, found bool, err error)
	// LastTo finds the last message to a number by a connector, accepted at a time or after
	// it: one that the operator took or may have taken. Home unknown: it would ask every
	// database that the connector sends for, and take the last of their answers.
	LastTo(number sms.Number, connector string, since time.Time) (m sms.Message, found bool, err error)
}

// Answer is what an operator tells of a text from a handset: what it answers, as far as that
// is known, and who wrote it.
type Answer struct {
	ProviderID string // of the message that is answered
	Ref        sms.ID // our id of it
	From       sms.Number
}

// Link finds the message that a handset answers, and says how. When none is found, the text
// belongs to the account of the connector, and the message has nothing but that account.
func (r *Reception) Link(f Finder, a Answer) (m sms.Message, by string, err error) {
	if a.ProviderID != "" {
		if m, found, err := f.ByProviderID(r.Connector, a.ProviderID); err != nil || found {
			return m, ByOperatorID, err
		}
	}
	if !a.Ref.IsZero() {
		if m, found, err := f.ByRef(a.Ref); err != nil || found {
			return m, ByReference, err
		}
	}
	if m, found, err := f.LastTo(a.From, r.Connector, r.At.Add(-Answerable)); err != nil || found {
		return m, ByNumber, err
	}
	return sms.Message{Account: r.Owner}, "", nil
}

// Adopt gives a reply its id, its account and its message, and reads what it asks for. sender
// is that of the message, empty when none was found.
func (r *Reception) Adopt(in *Inbound, m *sms.Message, by string, sender sms.Sender) {
	in.ID = sms.BucketOf(m.Account).NewID(r.At)
	in.Account, in.Message, in.LinkedBy = m.Account, m.ID, by
	if r.Read != nil {
		r.Read(in.Account, sender, in)
	}
}
