package sqlite

import (
	"cmp"
	"maps"
	"slices"

	"relais/lane"
	"relais/sms"
)

// youngQueue is what is due of young messages, where nothing else is.
type youngQueue struct {
	lines []map[lane.Line][]*youngMessage // by priority
}

func newYoungQueue(waiting map[sms.ID]*youngMessage) youngQueue {
	q := youngQueue{make([]map[lane.Line][]*youngMessage, len(priorities))}
	for _, m := range waiting {
		priority, line := m.Class.Priority(), lane.Line{Account: m.Account, Key: m.Actor}
		if q.lines[priority] == nil {
			q.lines[priority] = map[lane.Line][]*youngMessage{}
		}
		q.lines[priority][line] = append(q.lines[priority][line], m)
	}
	return q
}

// Ends implements lane.Queue.
func (q youngQueue) Ends() ([]lane.Ends, error) {
	ends := make([]lane.Ends, len(q.lines))
	for priority, lines := range q.lines {
		if len(lines) > 0 {
			ends[priority].First = slices.MinFunc(slices.Collect(maps.Keys(lines)), compareLines)
			ends[priority].Last = slices.MaxFunc(slices.Collect(maps.Keys(lines)), compareLines)
		}
	}
	return ends, nil
}

func compareLines(a, b lane.Line) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Key, b.Key))
}

// Accounts implements lane.Queue.
func (q youngQueue) Accounts(priority int, from string, limit int) ([]string, error) {
	var names []string
	for line := range q.lines[priority] {
		names = append(names, line.Account)
	}
	return turned(names, from, limit), nil
}

// Keys implements lane.Queue.
func (q youngQueue) Keys(priority int, from []lane.Line, limit int) (lines []lane.Line, err error) {
	for _, of := range from {
		var keys []sms.Actor
		for line := range q.lines[priority] {
			if line.Account == of.Account {
				keys = append(keys, line.Key)
			}
		}
		for _, key := range turned(keys, of.Key, limit) {
			lines = append(lines, lane.Line{Account: of.Account, Key: key})
		}
	}
	return lines, nil
}

// turned brings names in their order, each once, those from one on first.
func turned[T cmp.Ordered](names []T, from T, limit int) []T {
	slices.Sort(names)
	names = slices.Compact(names)
	at, _ := slices.BinarySearch(names, from)
	names = slices.Concat(names[at:], names[:at])
	return names[:min(limit, len(names))]
}

// Slots implements lane.Queue. No young message has a date of its own.
func (q youngQueue) Slots(int, lane.Slot, int) ([]lane.Slot, []bool, error) { return nil, nil, nil }

// Due implements lane.Queue.
func (q youngQueue) Due(
	priority int, lines []lane.Line, most []int, _ []lane.Slot, _ []int,
) (fresh, dated [][]sms.Message, err error) {
	fresh = make([][]sms.Message, len(lines))
	for i, line := range lines {
		waiting := q.lines[priority][line]
		slices.SortFunc(waiting, func(a, b *youngMessage) int {
			return cmp.Or(a.DueAt.Compare(b.DueAt), slices.Compare(a.ID[:], b.ID[:]))
		})
		for _, m := range waiting[:min(most[i], len(waiting))] {
			fresh[i] = append(fresh[i], m.Message)
		}
	}
	return fresh, nil, nil
}

var _ lane.Queue = youngQueue{}
