package gateway

import (
	"regexp"
	"strings"
	"time"

	"relais/sms"
)

// Query chooses messages of one account, newest first. Zero fields choose all.
type Query struct {
	Account   string
	To        sms.Number
	Hidden    sms.Number // what stands for To where it was hidden; empty: nothing does
	Status    sms.Status
	Class     sms.Class
	Connector string
	Reference string
	Metadata  Metadatum // that it has
	Since     time.Time // accepted at or after
	Until     time.Time // accepted before
	Before    sms.ID    // only messages older than this one: the cursor
	Limit     int
}

// Metadatum is one key of the metadata and its value. The zero one is none.
type Metadatum struct {
	Key, Value string
}

// metadataKey is what a search takes for a key: stores need not quote it.
var metadataKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// ParseMetadatum reads "key:value" or "key=value"; false when it is neither, or
// the key holds anything but letters, digits, dots, dashes and underscores.
func ParseMetadatum(text string) (Metadatum, bool) {
	at := strings.IndexAny(text, ":=")
	if at < 0 || !metadataKey.MatchString(text[:at]) {
		return Metadatum{}, false
	}
	return Metadatum{text[:at], text[at+1:]}, true
}

// Count asks how many messages of an account there are whose metadata have a
// key.
type Count struct {
	Account string
	Key     string // that they have
	By      string // a further key by which they are counted apart
	Since   time.Time
	Until   time.Time
}

// CountSlot is how long the times are that messages are counted in: short enough
// for the days of every time zone.
const CountSlot = 15 * time.Minute

// Counted is one number of messages: those accepted within CountSlot of a time,
// with the same values.
type Counted struct {
	At       time.Time
	Value    string // of Key
	By       string // value of By; empty: they have none
	Messages int
}

// InboundQuery chooses replies to one account, newest first. Zero fields choose
// all.
type InboundQuery struct {
	Account    string
	From       sms.Number
	HiddenFrom sms.Number // what stands for From where it was hidden
	Message    sms.ID     // that they answer
	Intent     Intent
	Connector  string
	Since      time.Time // received at or after
	Until      time.Time // received before
	Before     sms.ID    // only older ones: the cursor
	Limit      int
}

// UnmatchedReceipt is a receipt that no message is known by.
type UnmatchedReceipt struct {
	sms.Receipt
	Connector  string
	ReceivedAt time.Time
}
