package smpp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"relais/smpp"
	"relais/sms"
)

// What a message keeps of its request, in its metadata: receipts are made of it.
const (
	keptClient     = "smpp-system-id"
	keptSource     = "smpp-source"      // TON.NPI.form, as the client wrote it
	keptDest       = "smpp-destination" // the same
	keptRegistered = "smpp-registered-delivery"
	keptReference  = "smpp-user-message-reference"
	keptMessageID  = "smpp-message-id" // of a submit_multi, whose messages have one; empty: each its own
	keptParts      = "smpp-parts"      // not empty: parts of it came, each with an id of its own
	keptIDs        = "smpp-ids"        // the form of message_id; empty: sms.ID.Ref
)

// ids33 is the form of message_id for clients of a version before 3.4.
const ids33 = "33"

// messageID is how a client that wants a form of ids knows a message.
func messageID(id sms.ID, form string) string {
	switch form {
	case idUUID:
		return id.String()
	case ids33: // at most 8 characters (3.3): 32 bits of an id that are random; those behind tell the account
		return fmt.Sprintf("%x", id[10:14])
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

// keepForm writes an address for the metadata: its types, and how it is written. A number itself
// stays where retention finds it, in the message; a name is nobody's number, and is kept.
func keepForm(a smpp.Address, named bool) string {
	form := formOf(strings.TrimSpace(a.Addr))
	if named {
		form = formAsIs + strings.TrimSpace(a.Addr)
	}
	return fmt.Sprintf("%d.%d.%s", a.TON, a.NPI, form)
}

// isName reports whether a source is none, or a name.
func isName(source smpp.Address) bool {
	text := strings.TrimSpace(source.Addr)
	return text == "" || strings.ContainsFunc(text, unicode.IsLetter)
}

// formAsIs begins a form that is the address itself.
const formAsIs = "="

// formOf is the form of a number: what its digits begin with that is not the number's, and how many
// follow. "0639980300" is "0:9", "+33639980300" is "+:11".
func formOf(text string) string {
	prefix := ""
	for _, one := range []string{"+", "00", "0"} {
		if strings.HasPrefix(text, one) {
			prefix = one
			break
		}
	}
	return prefix + ":" + strconv.Itoa(len(onlyDigits(text[len(prefix):])))
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// keptAddress reads what keepForm wrote, of a number or name that the message has.
func keptAddress(kept, known string) (a smpp.Address, ok bool) {
	parts := strings.SplitN(kept, ".", 3)
	if len(parts) != 3 {
		return a, false
	}
	ton, err := strconv.ParseUint(parts[0], 10, 8)
	if err != nil {
		return a, false
	}
	npi, err := strconv.ParseUint(parts[1], 10, 8)
	if err != nil {
		return a, false
	}
	return smpp.Address{TON: byte(ton), NPI: byte(npi), Addr: inForm(parts[2], known)}, true
}

// inForm writes a number as the client wrote it. One whose form does not fit it is written with its
// country code.
func inForm(form, known string) string {
	if text, asIs := strings.CutPrefix(form, formAsIs); asIs {
		return text
	}
	all := onlyDigits(known)
	prefix, count, _ := strings.Cut(form, ":")
	n, err := strconv.Atoi(count)
	if err != nil || n > len(all) {
		return handset(known).Addr
	}
	return prefix + all[len(all)-n:]
}
