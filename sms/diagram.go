package sms

import "strings"

// Diagram draws the transitions table as a Mermaid state diagram.
// docs/architecture.md shows it, and a test compares the two.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	arrow := func(from, to string) {
		b.WriteString("    " + from + " --> " + to + "\n")
	}
	const outside = "[*]"
	arrow(outside, string(Queued))
	for _, s := range Statuses {
		for _, next := range s.Next() {
			arrow(string(s), string(next))
		}
		if s.Final() {
			arrow(string(s), outside)
		}
	}
	return b.String()
}
