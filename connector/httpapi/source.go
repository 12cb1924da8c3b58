package httpapi

import (
	"fmt"
	"strings"
	"time"

	"relais/connector"
	"relais/sms"
)

// Forms of a number in a request.
const (
	numberE164   = "e164"   // +33639980001
	numberDigits = "digits" // 33639980001
	numberZeros  = "zeros"  // 0033639980001
)

// settings are the values of a section that a declaration can name.
type settings struct {
	Login, Profile, Key, Secret, SigningKey string
}

// masked are settings that may be shown.
func (s settings) masked() settings {
	hide := func(v string) string { return connector.Secret(v).String() }
	return settings{Login: s.Login, Profile: s.Profile, Key: hide(s.Key), Secret: hide(s.Secret), SigningKey: hide(s.SigningKey)}
}

// source is what the placeholders of one call stand for.
type source struct {
	declaration *Declaration
	settings    settings
	token       string // that the operator gave for a while; empty: none is kept
	callback    string // without the secret of it where it is shown
	sender      string // of messages that name none
	message     *sms.Message
	id          sms.ID // where there is no message
	now         time.Time
	poll        *poll  // of a call that fetches a list
	asked       *asked // where that is
}

// value is a string, an int64, a bool or what the declaration's table of words has; nil or
// empty: nothing.
func (s *source) value(name string) any {
	value := s.plain(name)
	if words := s.declaration.words[name]; words != nil && value != nil {
		return words[fmt.Sprint(value)]
	}
	return value
}

func (s *source) plain(name string) any {
	switch name {
	case "login":
		return s.settings.Login
	case "profile":
		return s.settings.Profile
	case "token":
		return s.token
	case "key":
		return s.settings.Key
	case "secret":
		return s.settings.Secret
	case "signing_key":
		return s.settings.SigningKey
	case "callback":
		return s.callback
	case "ref":
		return s.messageID().Ref()
	case "id":
		return s.messageID().String()
	}
	if s.poll != nil {
		return s.poll.value(s.asked, name)
	}
	if s.message == nil {
		return nil
	}
	return s.ofMessage(name)
}

func (s *source) messageID() sms.ID {
	if s.message != nil {
		return s.message.ID
	}
	return s.id
}

func (s *source) ofMessage(name string) any {
	m := s.message
	switch name {
	case "to":
		return formed(string(m.To), s.declaration.number)
	case "text":
		return m.Text
	case "sender":
		if sender := s.from(); sender.Kind() == sms.LongNumber {
			return formed(string(sender), s.declaration.number)
		}
		return string(s.from())
	case "sender_kind":
		return kindWord(s.from().Kind())
	case "class":
		return string(m.Class)
	case "alphabet":
		return string(m.Encoding)
	case "unicode":
		return m.Encoding == sms.UCS2
	case "segments":
		return int64(m.Segments)
	default:
		return s.validity(name)
	}
}

func (s *source) from() sms.Sender {
	if s.message.Sender != "" {
		return s.message.Sender
	}
	return sms.Sender(s.sender)
}

// validity rounds up: a message must not expire at the operator while it is still worth sending.
func (s *source) validity(name string) any {
	if s.message.ExpiresAt.IsZero() {
		return nil
	}
	unit := map[string]time.Duration{
		"validity_seconds": time.Second, "validity_minutes": time.Minute, "validity_hours": time.Hour,
	}[name]
	left := s.message.ExpiresAt.Sub(s.now)
	return max(1, int64((left+unit-1)/unit))
}

func formed(number, form string) string {
	digits := strings.TrimPrefix(number, "+")
	switch form {
	case numberDigits:
		return digits
	case numberZeros:
		return "00" + digits
	default:
		return "+" + digits
	}
}

// The words of {sender_kind}.
const (
	kindNone, kindName, kindShort, kindNumber = "none", "name", "short_code", "number"
)

func kindWord(k sms.SenderKind) string {
	switch k {
	case sms.Alphanumeric:
		return kindName
	case sms.ShortCode:
		return kindShort
	case sms.LongNumber:
		return kindNumber
	default:
		return kindNone
	}
}

// wordsOf are the values of the placeholders that a table of words can rename.
var wordsOf = map[string][]string{
	"class":       {string(sms.OTP), string(sms.Transactional), string(sms.Marketing)},
	"alphabet":    {string(sms.GSM7), string(sms.UCS2)},
	"unicode":     {"true", "false"},
	"sender_kind": {kindNone, kindName, kindShort, kindNumber},
}
