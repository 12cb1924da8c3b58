package gateway

import (
	"fmt"
	"strconv"

	"relais/reason"
	"relais/sms"
)

// said is a sentence for people, in both languages.
type said struct{ english, french string }

// say fills the same values into both.
func say(english, french string, values ...any) said {
	if len(values) == 0 {
		return said{english, french}
	}
	return said{fmt.Sprintf(english, values...), fmt.Sprintf(french, values...)}
}

// written is a reason in both languages.
func written(r reason.Reason) said { return said{r.In("en"), r.In("fr")} }

// with puts another sentence behind.
func (s said) with(more said) said {
	return said{s.english + " " + more.english, s.french + " " + more.french}
}

// then joins what goes on.
func (s said) then(more said) said {
	return said{s.english + more.english, s.french + more.french}
}

// quantity writes a number of messages or segments, which have one name in both
// languages.
func quantity(n int, word string) said {
	one := strconv.Itoa(n) + " " + word
	q := said{one + "s", one + "s"}
	if n == 1 {
		q.english = one
	}
	if n < 2 {
		q.french = one // 0 too
	}
	return q
}

// amount writes a sum of money: "50.00 EUR".
func amount(m sms.Money, currency string) said {
	return said{m.String() + " " + currency, m.French() + " " + currency}
}

// joined makes one of several parts: "1 message, 3 segments and 0.20 EUR".
func joined(parts []said) said {
	var all said
	for i, p := range parts {
		switch {
		case i == 0:
		case i == len(parts)-1:
			all.english, all.french = all.english+" and ", all.french+" et "
		default:
			all.english, all.french = all.english+", ", all.french+", "
		}
		all.english, all.french = all.english+p.english, all.french+p.french
	}
	return all
}

// saidOf is the sentence of a reason in both languages.
func saidOf(r reason.Reason) said { return said{r.In(reason.English), r.In("fr")} }

func decision(code reason.Code, s said) reason.Reason {
	return reason.Written(code, s.english, s.french)
}

func warn(code reason.Code, s said) Warning {
	return Warning{Reason: reason.Written(code, s.english, s.french)}
}

func invalid(code reason.Code, field string, s said) *Error {
	return &Error{Kind: Invalid, Reason: reason.Written(code, s.english, s.french), Field: field}
}
