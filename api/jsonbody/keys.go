package jsonbody

import (
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"relais/reason"
)

// Keys are the keys that an object may have.
type Keys struct {
	Names []string
	// Hint says what to do about another key that is not a slip of the pen, if it can; nil:
	// it never can.
	Hint func(key string) (why reason.Reason, known bool)
}

// KeysOf lists the JSON names of a struct's fields.
func KeysOf(t reflect.Type) Keys {
	var names []string
	for f := range t.Fields() {
		if f.Anonymous {
			names = append(names, KeysOf(f.Type).Names...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "-" {
			names = append(names, name)
		}
	}
	return Keys{Names: names}
}

// Has reports whether the object may have a key.
func (k Keys) Has(key string) bool { return slices.Contains(k.Names, key) }

// Unknown refuses a key that the object may not have, and that stands somewhere.
func (k Keys) Unknown(key string, at Place) *Fault {
	return wrongAt(at, k.unknown(key))
}

func (k Keys) unknown(key string) reason.Reason {
	if near := Nearest(key, k.Names); near != "" {
		return reason.Of(sayFieldNear, reason.Args{"near": reason.Name(near)})
	}
	if k.Hint != nil {
		if why, known := k.Hint(key); known {
			return why
		}
	}
	return reason.Of(sayFields, reason.Args{"fields": reason.Names(k.Names)})
}

// Nearest finds a key that differs by little: case, a missing letter, a swap.
func Nearest(key string, keys []string) string {
	const longest = 64 // nobody mistypes a name at this length; comparing costs the product of both
	if len(key) > longest {
		return ""
	}
	folded := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	best, least := "", len(folded)
	for _, k := range keys {
		plain := strings.ReplaceAll(k, "_", "")
		if d := levenshtein.ComputeDistance(plain, folded); d < least && d <= 1+len(plain)/5 {
			best, least = k, d
		}
	}
	return best
}
