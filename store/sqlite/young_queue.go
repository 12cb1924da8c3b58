package sqlite

import (
	"cmp"
	"maps"
	"slices"

	"relais/lane"
	"relais/sms"
)

// youngQueue is what is due of young messages.
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

// mixedQueue is what is due of messages that have their rows and of those that have none yet.
type mixedQueue struct {
	queue
	young youngQueue
	ends  []lane.Ends // of both
}

func mixed(rows queue, young youngQueue, ends []lane.Ends) mixedQueue {
	also, _ := young.Ends() // it asks nobody
	for priority := range ends {
		of, more := &ends[priority], also[priority]
		if more.First == (lane.Line{}) {
			continue
		}
		if of.First == (lane.Line{}) || compareLines(more.First, of.First) < 0 {
			of.First = more.First
		}
		if compareLines(more.Last, of.Last) > 0 {
			of.Last = more.Last
		}
	}
	return mixedQueue{rows, young, ends}
}

// Ends implements lane.Queue.
func (q mixedQueue) Ends() ([]lane.Ends, error) { return q.ends, nil }

// Accounts implements lane.Queue.
func (q mixedQueue) Accounts(priority int, from string, limit int) ([]string, error) {
	names, err := q.queue.Accounts(priority, from, limit)
	return turned(append(names, q.young.accounts(priority)...), from, limit), err
}

// Keys implements lane.Queue.
func (q mixedQueue) Keys(priority int, from []lane.Line, limit int) ([]lane.Line, error) {
	rows, err := q.queue.Keys(priority, from, limit)
	if err != nil {
		return nil, err
	}
	return keysInTurn(from, limit, func(account string) (keys []sms.Actor) {
		for _, line := range rows {
			if line.Account == account {
				keys = append(keys, line.Key)
			}
		}
		return append(keys, q.young.keys(priority, account)...)
	}), nil
}

// Due implements lane.Queue.
func (q mixedQueue) Due(
	priority int, lines []lane.Line, most []int, slots []lane.Slot, mostOf []int,
) (fresh, dated [][]sms.Message, err error) {
	fresh, dated, err = q.queue.Due(priority, lines, most, slots, mostOf)
	if err != nil {
		return nil, nil, err
	}
	for i, line := range lines {
		fresh[i] = append(fresh[i], q.young.first(priority, line, most[i])...)
		slices.SortStableFunc(fresh[i], func(a, b sms.Message) int { return a.DueAt.Compare(b.DueAt) })
		fresh[i] = fresh[i][:min(most[i], len(fresh[i]))]
	}
	return fresh, dated, nil
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
	return turned(q.accounts(priority), from, limit), nil
}

func (q youngQueue) accounts(priority int) (names []string) {
	for line := range q.lines[priority] {
		names = append(names, line.Account)
	}
	return names
}

// Keys implements lane.Queue.
func (q youngQueue) Keys(priority int, from []lane.Line, limit int) ([]lane.Line, error) {
	return keysInTurn(from, limit, func(account string) []sms.Actor { return q.keys(priority, account) }), nil
}

func (q youngQueue) keys(priority int, account string) (keys []sms.Actor) {
	for line := range q.lines[priority] {
		if line.Account == account {
			keys = append(keys, line.Key)
		}
	}
	return keys
}

func keysInTurn(from []lane.Line, limit int, keysOf func(account string) []sms.Actor) (lines []lane.Line) {
	for _, of := range from {
		for _, key := range turned(keysOf(of.Account), of.Key, limit) {
			lines = append(lines, lane.Line{Account: of.Account, Key: key})
		}
	}
	return lines
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
		fresh[i] = q.first(priority, line, most[i])
	}
	return fresh, nil, nil
}

// first returns what has waited longest in a line.
func (q youngQueue) first(priority int, line lane.Line, most int) (due []sms.Message) {
	waiting := q.lines[priority][line]
	slices.SortFunc(waiting, func(a, b *youngMessage) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), slices.Compare(a.ID[:], b.ID[:]))
	})
	for _, m := range waiting[:min(most, len(waiting))] {
		due = append(due, m.Message)
	}
	return due
}

var (
	_ lane.Queue = youngQueue{}
	_ lane.Queue = mixedQueue{}
)
