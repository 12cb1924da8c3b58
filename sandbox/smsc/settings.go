package smsc

import (
	"maps"
	"slices"

	"relais/sandbox/world"
	"relais/smpp"
)

// Settings are what differs from SMSC to SMSC without being wrong.
type Settings struct {
	// Dialect is the form of receipts: one of Dialects.
	Dialect string `json:"dialect"`
	// IDs says how the id of a receipt differs from that of the response: one of IDForms.
	IDs string `json:"ids"`
	// Alphabet is that of data_coding 0: gsm7, gsm7_packed, latin1 or ascii.
	Alphabet string `json:"alphabet"`
	// Version is what a bind response says of interfaces: 34, 50, 33, or none.
	Version string `json:"version"`
	// Rate is how many messages a second are taken, 0: any number. What comes beyond is
	// answered RTHROTTLED.
	Rate int `json:"rate"`
}

// alphabets are those that data_coding 0 may have. GSM 03.38, a septet in each octet, is what
// most SMSCs mean; Latin-1 and ASCII exist, and packed septets on request (observed).
var alphabets = map[string]smpp.Charset{
	"gsm7": smpp.GSM7, "gsm7_packed": smpp.GSM7Packed, "latin1": smpp.Latin1, "ascii": smpp.ASCII,
}

// versions are sc_interface_version of the bind response, 0 for none: an SMSC that leaves it out
// says by 3.4, 3.4 that it knows no optional parameters, and uses them all the same (observed).
var versions = map[string]uint32{"34": 0x34, "50": 0x50, "33": 0x33, "none": 0}

// complete fills in what is left open.
func (s Settings) complete() Settings {
	for value, standard := range map[*string]string{
		&s.Dialect: "full", &s.IDs: "same", &s.Alphabet: "gsm7", &s.Version: "34",
	} {
		if *value == "" {
			*value = standard
		}
	}
	return s
}

func (s Settings) check() error {
	for _, field := range []struct {
		name, value string
		valid       []string
	}{
		{"dialect", s.Dialect, Dialects()},
		{"ids", s.IDs, IDForms()},
		{"alphabet", s.Alphabet, slices.Sorted(maps.Keys(alphabets))},
		{"version", s.Version, slices.Sorted(maps.Keys(versions))},
	} {
		if !slices.Contains(field.valid, field.value) {
			return &world.FaultError{Field: field.name, Detail: "unknown " + field.name, Valid: field.valid}
		}
	}
	if s.Rate < 0 {
		return &world.FaultError{Field: "rate", Detail: "rate is a number of messages, 0 for any"}
	}
	return nil
}
