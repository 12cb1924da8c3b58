// Package search describes questions about stored messages: which of them, and how many.
package search

import (
	"encoding/json"
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
	Metadata  []Metadatum // one of which it has
	Since     time.Time   // accepted at or after
	Until     time.Time   // accepted before
	Before    sms.ID      // only messages older than this one: the cursor
	Limit     int
}

// Metadatum is one key of the metadata and its value.
type Metadatum struct {
	Key, Value string
}

// plainKey is a key that stores need not quote.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// Plain reports whether the key holds nothing but letters, digits, dots, dashes and
// underscores of ASCII, 64 at most.
func (m Metadatum) Plain() bool { return plainKey.MatchString(m.Key) }

// mostReadings bounds what one search looks for.
const mostReadings = 16

// ParseMetadata reads "key:value" or "key=value", or a JSON object of one string, which
// leaves no doubt; false when it is none of them. Where a colon or an equals sign
// stands in the key or the value itself, every reading counts, 16 at most: a key may
// hold anything.
func ParseMetadata(text string) (readings []Metadatum, ok bool) {
	if strings.HasPrefix(text, "{") {
		var one map[string]string
		if json.Unmarshal([]byte(text), &one) == nil && len(one) == 1 {
			for key, value := range one {
				return []Metadatum{{key, value}}, true
			}
		}
	}
	for at := 1; at < len(text) && len(readings) < mostReadings; at++ {
		if text[at] == ':' || text[at] == '=' {
			readings = append(readings, Metadatum{text[:at], text[at+1:]})
		}
	}
	return readings, len(readings) > 0
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

// Slot is how long the times are that messages are counted in: short enough
// for the days of every time zone.
const Slot = 15 * time.Minute

// Counted is one number of messages: those accepted within Slot of a time,
// with the same values.
type Counted struct {
	At       time.Time
	Value    string // of Key
	By       string // value of By; empty: they have none
	Messages int
}
