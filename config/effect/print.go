package effect

import (
	"slices"
	"strings"
)

// Print stands for a value: two are the same where the values are.
type Print struct {
	Value   string `json:"value"`
	Outside bool   `json:"outside,omitempty"` // the environment or the command line gave it
}

// Pending is how a configuration differs from the one that a gateway has in effect: keys
// of the file, sorted.
type Pending struct {
	Reload  []string `json:"needs_reload"`
	Restart []string `json:"needs_restart"`
	// Outside are keys that the gateway has from its own environment or command line,
	// whatever the file says.
	Outside []string `json:"set_by_the_gateway"`
}

// None reports whether everything is in effect.
func (p *Pending) None() bool { return len(p.Reload)+len(p.Restart)+len(p.Outside) == 0 }

// Differ compares what a gateway has in effect with what a file says. fixed are the keys
// of the top level that a process has from its start to its end.
func Differ(running, read map[string]Print, fixed []string) Pending {
	p := Pending{Reload: []string{}, Restart: []string{}, Outside: []string{}}
	look := func(key string) {
		have, ours := running[key]
		want, theirs := read[key]
		top, _, _ := strings.Cut(key, ".")
		switch {
		case ours && theirs && have.Value == want.Value:
		case ours && have.Outside && !want.Outside:
			p.Outside = append(p.Outside, key)
		case slices.Contains(fixed, top):
			p.Restart = append(p.Restart, key)
		default:
			p.Reload = append(p.Reload, key)
		}
	}
	for key := range running {
		look(key)
	}
	for key := range read {
		if _, seen := running[key]; !seen {
			look(key)
		}
	}
	for _, list := range [][]string{p.Reload, p.Restart, p.Outside} {
		slices.Sort(list)
	}
	return p
}
