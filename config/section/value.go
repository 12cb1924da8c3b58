package section

import (
	"net/url"
	"regexp"
	"slices"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

// WrongWord judges a word of which there are few.
func WrongWord(word string, valid ...string) reason.Reason {
	if slices.Contains(valid, word) {
		return reason.Reason{}
	}
	return reason.Of(whyWord, reason.Args{"word": Quoted(word), "valid": reason.Names(valid)})
}

// WrongClass judges a class of messages.
func WrongClass(class sms.Class) reason.Reason {
	var valid []string
	for _, c := range sms.Classes {
		valid = append(valid, string(c))
	}
	return WrongWord(string(class), valid...)
}

// WrongClassOrNone judges a class of messages that may be left out.
func WrongClassOrNone(class sms.Class) reason.Reason {
	if class == "" {
		return reason.Reason{}
	}
	return WrongClass(class)
}

// WrongRegion judges a country.
func WrongRegion(region string) reason.Reason { return Unless(number.KnownRegion(region), whyRegion) }

// WrongRegionOrNone judges a country that may be left out.
func WrongRegionOrNone(region string) reason.Reason {
	if region == "" {
		return reason.Reason{}
	}
	return WrongRegion(region)
}

// WrongAccount judges the name of an account, of which the database knows whether it
// exists.
func WrongAccount(name string) reason.Reason { return Unless(name != "", whyAccountName) }

// Outside judges a number from 1 to most.
func Outside(n, most int) reason.Reason {
	return UnlessWith(n >= 1 && n <= most, whyFromOne, reason.Args{"most": reason.Count(most)})
}

var (
	numeric    = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
	senderName = regexp.MustCompile(`^[ -~]+$`)
)

// WrongSender judges a sender that may be left out.
func WrongSender(sender string) reason.Reason {
	if sender == "" {
		return reason.Reason{}
	}
	return WrongSenderName(sender)
}

// WrongSenderName judges a sender that may not be left out.
func WrongSenderName(sender string) reason.Reason {
	if numeric.MatchString(sender) {
		return reason.Reason{}
	}
	return UnlessWith(senderName.MatchString(sender) && len(sender) <= sms.MaxSenderName,
		whySender, reason.Args{"most": reason.Count(sms.MaxSenderName)})
}

// WrongURL judges the address of a server that may be left out. It does not repeat the
// value, which may hold a password.
func WrongURL(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return reason.Of(whyURL, nil)
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return reason.Of(whyURLBare, nil)
	}
	return reason.Reason{}
}
