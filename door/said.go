package door

import (
	"errors"
	"strings"

	"relais/gateway"
	"relais/reason"
)

// Refused is a refusal of the gateway, where it has a code.
func Refused(err error, code reason.Code) (*gateway.Error, bool) {
	e, ok := errors.AsType[*gateway.Error](err)
	return e, ok && e.Is(code)
}

// codeIgnored is said of a parameter that nobody here knows, in the timeline.
const codeIgnored reason.Code = "door_ignored"

// Ignored notes the first parameters of a request that nobody here knows. Names in which a text or a number of somebody may
// stand are not repeated.
func Ignored(names []string) (notes []reason.Reason) {
	const most, longest = 5, 40
	for _, name := range names {
		plain := name != "" && len(name) <= longest && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_-") == ""
		if plain && len(notes) < most {
			notes = append(notes, reason.Of(codeIgnored, reason.Args{"name": reason.Name(name)}))
		}
	}
	return notes
}
