package dmc

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relais/sandbox/world"
)

// ID is the id of a unit message: messageId, contactId and contact_id are one
// (observed).
type ID int64

// message is one unit message. All but its state is set once.
type message struct {
	id     ID
	media  string
	text   string
	to     string // as given
	number string // E.164; empty when it cannot be dialled
	from   string // what the handset shows
	refExt string
	lost   bool // taken and never sent
	parts  int
	at     time.Time

	course  world.Course
	final   result // its end, while it is on its way
	arrives bool   // the handset will have it

	status   string // guarded by ledger.mu, as all below
	result   result
	changed  time.Time
	response string // the last reply
	answered time.Time
}

// result is a code with its French label (documented: DMC developer guide v1.7,
// 5.4.1 and 5.4.7).
type result struct{ code, label string }

var (
	received   = result{"CRA_SMS_RECEIVED", "Reçu"}
	sent       = result{"CRA_SMS_SENT", "Envoyé"}
	badNumber  = result{"CRA_SMS_BADNUMBER", "Numéro erroné"}
	blacklist  = result{"CRA_SMS_BLACKLIST", "Numéro blacklisté"}
	badOADC    = result{"CRA_SMS_OADC", "Emetteur interdit"}
	noText     = result{"CRA_SMS_NOTEXT", "Pas de texte SMS"}
	tooLong    = result{"CRA_SMS_TOOLONG", "Taille non conforme"}
	terminated = result{"CRA_CONTACTTERMINATED", "Contact annulé"}
)

// The statuses of a message (documented: DMC developer guide v1.7, 5.2.1).
const (
	running = "RUNNING"
	done    = "DONE"
	failed  = "FAILED"
)

// medias are the media that carry a SMS.
var medias = []string{"SMS", "SMSLong", "SMSUnicode", "SMSUnicodeLong"}

// numberOf reads a number. lost tells that the platform takes it and sends
// nothing: the 00 form (observed: Entr'ouvert ticket 20973) and a leading space,
// which is a plus sign that was not percent-encoded (inferred). Bare international
// numbers are unknown to all sources; here they are bad.
func numberOf(to string) (number string, lost bool) {
	if strings.HasPrefix(to, "00") || strings.HasPrefix(to, " ") {
		return "", true
	}
	if digits, ok := strings.CutPrefix(to, "+"); ok && world.IsE164(digits) {
		return to, false
	}
	if len(to) == 10 && to[0] == '0' && world.IsE164("33"+to[1:]) {
		return "+33" + to[1:], false
	}
	return "", false
}

// verdict is what becomes of a message, parts included. Texts of 160 characters
// and more than that in one part are documented for broadcasts; for unit messages
// the late failure is inferred, and so are the 70 characters of unicode.
func (l *ledger) verdict(m *message) (result, int) {
	unicode := strings.HasPrefix(m.media, "SMSUnicode")
	n, one, next := latinLength(m.text), 160, 153
	if unicode {
		n, one, next = world.Units(m.text), 70, 67
	}
	parts := 1
	if n > one {
		parts = (n + next - 1) / next
	}
	switch {
	case m.number == "":
		return badNumber, parts
	case m.text == "":
		return noText, parts
	case n > one && !strings.HasSuffix(m.media, "Long"):
		return tooLong, parts
	case m.from != world.StopShortCode && !l.knows(m.from):
		return badOADC, parts // inferred; some contracts show the short code instead
	}
	return received, parts
}

func (l *ledger) knows(sender string) bool {
	_, known := l.senders.Get(sender)
	return known
}

// latinLength counts the characters of GSM 03.38's extension table twice.
func latinLength(text string) int {
	n := 0
	for _, c := range text {
		n += max(1, world.Width(c))
	}
	return n
}

// latinText is what a handset shows of a text that was sent without the unicode
// media. The guide says ISO 8859-1 (documented: 2.3.2); that GSM 03.38 passes as
// well, the euro sign for one, and that a question mark stands for the rest is
// inferred.
func latinText(text string) string {
	if strings.IndexFunc(text, func(c rune) bool { return c >= utf8.RuneSelf }) < 0 {
		return text
	}
	return strings.Map(func(c rune) rune {
		if c <= 0xff || world.Width(c) > 0 {
			return c
		}
		return '?'
	}, text)
}

func (m *message) onHandset() world.Text {
	text := m.text
	if !strings.HasPrefix(m.media, "SMSUnicode") {
		text = latinText(text)
	}
	return world.Text{
		From: m.from, Text: text, Operator: world.DMC, OperatorID: strconv.FormatInt(int64(m.id), 10),
		Reference: m.refExt, At: m.at,
	}
}

// callID names the attempt. The observed one starts with a number of the platform.
func (m *message) callID() string {
	return strconv.FormatInt(10_220_500_000_000+int64(m.id-firstID), 10)
}
