package twilio

import (
	"encoding/hex"
	"strings"

	"relais/sms"
)

// Kinds of sids, which begin with them; 32 hexadecimal digits follow (documented: TWO).
const (
	kindAccount = "AC"
	kindKey     = "SK"
	kindService = "MG"
	kindMessage = "SM"
)

const sidLength = 34

// isSid reports whether a text is a sid of a kind.
func isSid(kind, text string) bool {
	digits, found := strings.CutPrefix(text, kind)
	if !found || len(text) != sidLength {
		return false
	}
	_, err := hex.DecodeString(digits)
	return err == nil
}

// isPlainSid reports whether a text is a sid as Twilio writes it, in small letters: what callers show is compared sign by sign.
func isPlainSid(kind, text string) bool {
	return isSid(kind, text) && text[len(kind):] == strings.ToLower(text[len(kind):])
}

// sidOf is a message's id as clients know it.
func sidOf(id sms.ID) string { return kindMessage + hex.EncodeToString(id[:]) }

// idOf reads what sidOf wrote.
func idOf(sid string) (id sms.ID, ok bool) {
	if !isSid(kindMessage, sid) {
		return id, false
	}
	d := strings.ToLower(sid[len(kindMessage):])
	id, err := sms.ParseID(d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:])
	return id, err == nil
}
