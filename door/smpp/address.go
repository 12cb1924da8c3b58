package smpp

import (
	"strings"
	"unicode/utf8"

	"relais/smpp"
	"relais/sms"
)

// Types of number (3.4, 5.2.5).
const (
	tonInternational = 1
	tonName          = 5
)

const digits = "0123456789"

// number is a destination as the gateway reads numbers. Clients write digits with the country
// code whatever the type says: Kannel's default is "national" (observed).
func (c *client) number(a smpp.Address) string {
	text := strings.TrimSpace(a.Addr)
	bare := text != "" && strings.Trim(text, digits) == ""
	switch {
	case !bare:
		return text
	case a.TON == tonInternational:
		return "+" + text
	case c.National || text[0] == '0':
		return text
	default:
		return "+" + text
	}
}

// mostShort is the longest short code, in digits: what is longer is a number with its country
// code.
const mostShort = 8

// sender is the source of a message; its own where it has none.
func (c *client) sender(a smpp.Address) (sms.Sender, bool) {
	text := strings.TrimSpace(a.Addr)
	bare := text != "" && strings.Trim(text, digits) == ""
	switch {
	case text == "":
		return c.Sender, true
	case !utf8.ValidString(text):
		return "", false
	case bare && a.TON != tonName && text[0] != '0' && (a.TON == tonInternational || !c.National) && len(text) > mostShort:
		return sms.Sender("+" + text), true
	default:
		return sms.Sender(text), true
	}
}
