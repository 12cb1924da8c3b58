package section

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"relais/number"
	"relais/sms"
)

// WrongWord judges a word of which there are few.
func WrongWord(word string, valid ...string) string {
	if slices.Contains(valid, word) {
		return ""
	}
	return fmt.Sprintf("%q is none of %s", word, strings.Join(valid, ", "))
}

// WrongClass judges a class of messages.
func WrongClass(class sms.Class) string {
	var valid []string
	for _, c := range sms.Classes {
		valid = append(valid, string(c))
	}
	return WrongWord(string(class), valid...)
}

// WrongClassOrNone judges a class of messages that may be left out.
func WrongClassOrNone(class sms.Class) string {
	if class == "" {
		return ""
	}
	return WrongClass(class)
}

// WrongRegion judges a country that may be left out.
func WrongRegion(region string) string {
	return Unless(region == "" || number.KnownRegion(region), `want a country in two capital letters, such as "FR"`)
}

// WrongAccount judges the name of an account, of which the database knows whether it
// exists.
func WrongAccount(name string) string { return Unless(name != "", "want the name of an account") }

// Outside judges a number from 1 to most.
func Outside(n, most int) string {
	return Unless(n >= 1 && n <= most, fmt.Sprintf("want a number from 1 to %d", most))
}

var (
	numeric    = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
	senderName = regexp.MustCompile(`^[ -~]+$`)
)

// WrongSender judges a sender that may be left out.
func WrongSender(sender string) string {
	if sender == "" || numeric.MatchString(sender) {
		return ""
	}
	return Unless(senderName.MatchString(sender) && len(sender) <= sms.MaxSenderName,
		fmt.Sprintf("want a name of at most %d characters without accents, a short code or a number", sms.MaxSenderName))
}

// WrongURL judges the address of a server that may be left out. It does not repeat the
// value, which may hold a password.
func WrongURL(text string) string {
	if text == "" {
		return ""
	}
	const want = `want a URL such as "http://127.0.0.1:8081"`
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return want
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return want + ", without user, question mark and hash"
	}
	return ""
}
