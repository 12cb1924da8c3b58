package smpp

import (
	"fmt"
	"strconv"
	"strings"

	"relais/smpp"
	"relais/sms"
)

// What a message keeps of its request, in its metadata: receipts are made of it.
const (
	keptClient     = "smpp-system-id"
	keptSource     = "smpp-source"      // TON.NPI.address, as the client wrote it
	keptDest       = "smpp-destination" // the same
	keptRegistered = "smpp-registered-delivery"
	keptReference  = "smpp-user-message-reference"
	keptMessageID  = "smpp-message-id" // of a submit_multi, whose messages have one; empty: each its own
	keptIDs        = "smpp-ids"        // the form of message_id; empty: sms.ID.Ref
)

// ids33 is the form of message_id for clients of a version before 3.4.
const ids33 = "33"

// messageID is how a client that wants a form of ids knows a message.
func messageID(id sms.ID, form string) string {
	switch form {
	case idUUID:
		return id.String()
	case ids33: // at most 8 characters (3.3): the part of an id that is random
		return fmt.Sprintf("%x", id[11:15])
	default:
		return id.Ref()
	}
}

// idOf reads what messageID wrote for the first two forms.
func idOf(text string) (sms.ID, bool) {
	if id, err := sms.ParseRef(text); err == nil {
		return id, true
	}
	id, err := sms.ParseID(text)
	return id, err == nil
}

// form is the form of ids that a session wants.
func (s *session) form(c *client) string {
	switch {
	case s.old():
		return ids33
	case c.UUIDs:
		return idUUID
	default:
		return ""
	}
}

// keepAddress writes an address for the metadata.
func keepAddress(a smpp.Address) string { return fmt.Sprintf("%d.%d.%s", a.TON, a.NPI, a.Addr) }

// keptAddress reads what keepAddress wrote.
func keptAddress(text string) (a smpp.Address, ok bool) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return a, false
	}
	ton, err := strconv.ParseUint(parts[0], 10, 8)
	if err != nil {
		return a, false
	}
	npi, err := strconv.ParseUint(parts[1], 10, 8)
	return smpp.Address{TON: byte(ton), NPI: byte(npi), Addr: parts[2]}, err == nil
}
