package gateway

import "fmt"

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

func decision(code string, s said) Decision {
	return Decision{Code: code, Detail: s.english, French: s.french}
}

func warn(code string, s said) Warning {
	return Warning{Code: code, Detail: s.english, French: s.french}
}

func invalid(code, field string, s said) *Error {
	return &Error{Kind: Invalid, Code: code, Field: field, Detail: s.english, French: s.french}
}
