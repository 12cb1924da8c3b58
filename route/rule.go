// Package route is which connectors a message may take: rules, the first of which that
// holds is used.
package route

import (
	"hash/fnv"
	"slices"
	"time"

	"relais/sms"
)

// Rule sends a part of the traffic through some connectors. An empty list of
// conditions holds for everything; of rules, the first that holds is used.
type Rule struct {
	Name      string
	Families  []string // number.FRMetro, number.FROverseas, else a country in lower case
	Countries []string // ISO 3166-1, in capitals
	Classes   []sms.Class
	Senders   []sms.Sender
	Accounts  []string
	// Connectors are instances, most wanted first; those behind the chosen one
	// are its fallbacks, in turn.
	Connectors []string
	Weights    []int // share of numbers that each is chosen for; empty: the first for all
	// SecondChance is how long the receipt of a code may take before the text is
	// sent once more through the next connector; 0: it is not.
	SecondChance time.Duration
}

// NeedsNumber reports whether recipients of one submission may go different ways.
func (r *Rule) NeedsNumber() bool {
	return len(r.Families)+len(r.Countries)+len(r.Weights) > 0
}

// Message is what a rule looks at.
type Message struct {
	Account         string
	Class           sms.Class
	Sender          sms.Sender
	Country, Family string // of the number, as package number tells them
}

// Holds reports whether the rule is for a message.
func (r *Rule) Holds(m *Message) bool {
	return oneOf(r.Accounts, m.Account) && oneOf(r.Classes, m.Class) && oneOf(r.Senders, m.Sender) &&
		oneOf(r.Countries, m.Country) && oneOf(r.Families, m.Family)
}

func oneOf[T comparable](list []T, value T) bool {
	return len(list) == 0 || slices.Contains(list, value)
}

// Order puts the rule's connectors in the order in which a number tries them.
func (r *Rule) Order(n sms.Number) []string {
	if len(r.Weights) == 0 {
		return r.Connectors
	}
	first := pick(r.Weights, dice(n))
	return append(append([]string{}, r.Connectors[first:]...), r.Connectors[:first]...)
}

// dice is always the same for a number, so that a preview tells what will be
// and one person's messages come by one operator.
func dice(n sms.Number) uint32 {
	sum := fnv.New32a()
	sum.Write([]byte(n))
	return sum.Sum32()
}

// pick chooses an index in proportion to its weight.
func pick(weights []int, dice uint32) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	left := int(dice % uint32(max(1, total)))
	for i, w := range weights {
		if left -= w; left < 0 {
			return i
		}
	}
	return 0
}
