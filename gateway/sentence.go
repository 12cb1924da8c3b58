package gateway

import (
	"fmt"
	"strconv"

	"relais/reason"
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
