package section

import (
	"slices"
	"strconv"
	"strings"

	"relais/reason"
)

// Path is a key, from the outermost table down.
type Path []string

// To is the path of a key in the table at p.
func (p Path) To(key string) Path { return append(slices.Clip(p), key) }

// ID is the path as the key of a map; NUL cannot stand in a TOML key.
func (p Path) ID() string { return strings.Join(p, "\x00") }

// String is the dotted form.
func (p Path) String() string { return strings.Join(p, ".") }

// Finding is a value that cannot work.
type Finding struct {
	At    Path
	Wrong reason.Reason // and what would be right; never a secret
}

// Judged is a key of a table, dotted where it is deeper, and what is wrong with its
// value; zero: nothing.
type Judged struct {
	Key   string
	Wrong reason.Reason
}

// Findings are those of the values of the table at a path.
func Findings(at Path, all []Judged) (found []Finding) {
	for _, j := range all {
		if !j.Wrong.IsZero() {
			found = append(found, Finding{slices.Concat(at, strings.Split(j.Key, ".")), j.Wrong})
		}
	}
	return found
}

// Unless says why when ok does not hold.
func Unless(ok bool, why reason.Code) reason.Reason { return UnlessWith(ok, why, nil) }

// UnlessWith is Unless for a sentence with arguments.
func UnlessWith(ok bool, why reason.Code, args reason.Args) reason.Reason {
	if ok {
		return reason.Reason{}
	}
	return reason.Of(why, args)
}

// Quoted is a text of the configuration inside a sentence.
func Quoted(text string) reason.Name { return reason.Name(strconv.Quote(text)) }
