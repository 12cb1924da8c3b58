package lane

import (
	"cmp"
	"slices"
	"time"

	"relais/sms"
)

// Line is what waits for one key of an account, in one class and at one connector.
type Line struct {
	Account string
	Key     sms.Actor // the actor of its submissions; empty: of an older program
}

// Slot is the part of a line that falls due in one minute, of messages that had a later date
// when they were written.
type Slot struct {
	Minute int64 // since 1970
	Line
}

// MinuteOf is the minute of a moment, since 1970.
func MinuteOf(at time.Time) int64 { return at.Unix() / 60 }

// DueMinute is kept by a store beside a message's date: the minute in which it falls due, or
// 0 if it was due when it was written.
func DueMinute(due, written time.Time) int64 {
	if !due.After(written) {
		return 0
	}
	return MinuteOf(due)
}

// Ends are the first and the last line, in the order of their names, that have
// something due without a later date, and whether a dated message falls due in this
// minute or fell due before. Both lines are empty where none has.
type Ends struct {
	First, Last Line
	Dated       bool
}

// Queue reads what is due at a connector, for DueInTurns. Stores implement it, each
// method by searches in an index whose number does not grow with what waits. A
// message that was due when it was written and one that had a later date are kept
// apart, so that dates far ahead are not walked through.
type Queue interface {
	// Ends returns those of each priority.
	Ends() ([]Ends, error)
	// Accounts returns accounts in the order of their names from one on, itself
	// included, then those before it: those that have messages without a date.
	Accounts(priority int, from string, limit int) ([]string, error)
	// Keys returns keys of each account, in the same way.
	Keys(priority int, from []Line, limit int) ([]Line, error)
	// Slots returns those behind one, in the order of minutes, accounts and keys, up to
	// the minute of the claim; due are those whose first message is.
	Slots(priority int, behind Slot, limit int) (all []Slot, due []bool, err error)
	// Due returns the messages of each line that were due when they were written, in
	// the order of their dates, at most so many; then what is due of each slot.
	Due(
		priority int, lines []Line, most []int, slots []Slot, mostOf []int,
	) (fresh, dated [][]sms.Message, err error)
}

// slotsInAClaim bounds the slots that one claim looks at.
const slotsInAClaim = 256

// mostRemembered bounds the accounts whose keys take turns from where they were.
const mostRemembered = 1000

// Rota remembers whose turn it is at a connector. Within a class accounts take
// turns, and the keys of an account within its turns. A turn is a call where the
// messages of a call have one text, else a message; an account has as many in a row
// as its weight. It lives in memory: after a restart somebody may come twice.
type Rota struct {
	classes []classRota          // by priority
	keys    map[string]sms.Actor // by account
	guess   Line                 // that was alone at the last claim; empty: there were others
}

type classRota struct {
	account string // that had the last turn
	left    int    // turns that it has still
	front   string // who came first at the last claim
	looked  Slot   // the last that a claim looked at, where it could not look at all
}

// NewRota makes a rota that remembers nobody.
func NewRota() *Rota {
	return &Rota{classes: make([]classRota, len(sms.Classes)), keys: map[string]sms.Actor{}}
}

// Guess is the line that was alone at the last claim, for stores that read ahead.
func (r *Rota) Guess() (Line, bool) {
	if r == nil {
		return Line{}, false
	}
	return r.guess, r.guess != Line{}
}

// Took records who had a turn in a claim.
func (r *Rota) Took(c Claim, claimed Claimed) {
	if claimed.Short > 0 {
		return
	}
	if len(claimed.Calls) == 0 { // what stood in front has ended, so that it does not stay there for ever
		for i := range r.classes {
			if r.classes[i].front != "" {
				r.classes[i].account, r.classes[i].left = r.classes[i].front, 0
			}
		}
		return
	}
	for _, call := range claimed.Calls {
		if c.SameText {
			call = call[:1]
		}
		for i := range call {
			r.turn(c, &call[i])
		}
	}
}

func (r *Rota) turn(c Claim, m *sms.Message) {
	class := &r.classes[m.Class.Priority()]
	if class.account != m.Account || class.left == 0 {
		class.account, class.left = m.Account, c.weight(m.Account)
	}
	class.left--
	if _, known := r.keys[m.Account]; known {
		r.keys[m.Account] = m.Actor
	}
}

func (c *Claim) weight(account string) int {
	if c.Weight == nil {
		return 1
	}
	return max(1, c.Weight(account))
}

// turns is how many turns fill a claim.
func (c *Claim) turns() int {
	if c.SameText {
		return c.Calls
	}
	return c.Calls * c.Batch
}

// DueInTurns returns what a claim may take, most urgent first and in turns, for FillCalls.
// It changes nothing but the memory of c.Rota.
func DueInTurns(q Queue, c Claim) (due []sms.Message, err error) {
	g := gathering{q: q, c: c, r: c.Rota, turns: c.turns()}
	if g.r == nil {
		g.r = NewRota()
	}
	g.r.guess = Line{}
	ends, err := q.Ends()
	if err != nil {
		return nil, err
	}
	for priority := range ends {
		g.class = &g.r.classes[priority]
		g.class.front = ""
		if g.turns <= 0 || ends[priority] == (Ends{}) {
			continue
		}
		more, err := g.gather(priority, ends[priority])
		if err != nil {
			return nil, err
		}
		due = append(due, more...)
	}
	return due, nil
}

// gathering is one DueInTurns at work.
type gathering struct {
	q     Queue
	c     Claim
	r     *Rota
	class *classRota
	turns int             // still to be filled
	slots map[Line][]Slot // that have something due, of this priority
}

func (g *gathering) gather(priority int, ends Ends) ([]sms.Message, error) {
	lines := []Line{ends.First}
	g.slots = nil
	if ends.Dated || ends.First != ends.Last {
		var err error
		if lines, err = g.lines(priority, ends); err != nil {
			return nil, err
		}
	}
	if len(lines) == 0 {
		return nil, nil
	}
	if len(lines) == 1 && !ends.Dated {
		g.r.guess = lines[0]
	}
	g.class.front = lines[0].Account
	shares := g.shares(lines)
	due, err := g.due(priority, lines, shares)
	if err == nil {
		err = g.fill(priority, lines, due, shares)
	}
	if err != nil {
		return nil, err
	}
	units := g.interleave(lines, due)
	g.turns -= len(units)
	return slices.Concat(units...), nil
}

// lines are those that may have a turn, in the order of their turns.
func (g *gathering) lines(priority int, ends Ends) ([]Line, error) {
	var found []Line
	if ends.First != ends.Last {
		accounts, err := g.q.Accounts(priority, g.class.account, g.turns+1)
		if err != nil {
			return nil, err
		}
		if found, err = g.keysOf(priority, accounts); err != nil {
			return nil, err
		}
	} else if (ends.First != Line{}) {
		found = append(found, ends.First)
	}
	if ends.Dated {
		dated, err := g.dated(priority)
		if err != nil {
			return nil, err
		}
		found = append(found, dated...)
	}
	return g.inTurn(found), nil
}

func (g *gathering) keysOf(priority int, accounts []string) ([]Line, error) {
	from := make([]Line, len(accounts))
	for i, account := range accounts {
		from[i] = Line{account, g.r.keys[account]}
	}
	return g.q.Keys(priority, from, 1+(g.turns+len(accounts)-1)/max(1, len(accounts)))
}

// dated are the lines of messages whose date has come, and notes their slots. What fell
// due in one minute is looked at with one search for each line, however much it is; where
// there are more lines than a claim looks at, the next one goes on behind them.
func (g *gathering) dated(priority int) (lines []Line, err error) {
	from := g.class.looked
	found, due, err := g.q.Slots(priority, from, slotsInAClaim)
	if err == nil && len(found) < slotsInAClaim && from != (Slot{}) {
		var first []Slot
		var isDue []bool
		first, isDue, err = g.q.Slots(priority, Slot{}, slotsInAClaim-len(found))
		found, due = append(found, first...), append(due, isDue...)
	}
	if err != nil {
		return nil, err
	}
	g.class.looked = Slot{}
	if len(found) == slotsInAClaim {
		g.class.looked = found[slotsInAClaim-1]
	}
	g.slots = map[Line][]Slot{}
	for i, slot := range found {
		if due[i] && !slices.Contains(g.slots[slot.Line], slot) {
			g.slots[slot.Line] = append(g.slots[slot.Line], slot)
			lines = append(lines, slot.Line)
		}
	}
	return lines, nil
}

// due reads what is due of each line, at most so many messages, in the order of their
// dates. Each slot has at least one.
func (g *gathering) due(priority int, lines []Line, most []int) ([][]sms.Message, error) {
	var slots []Slot
	var mostOf []int
	for i, line := range lines {
		of := g.slots[line]
		slices.SortFunc(of, func(a, b Slot) int { return cmp.Compare(a.Minute, b.Minute) })
		for _, slot := range of[:min(len(of), most[i])] {
			slots, mostOf = append(slots, slot), append(mostOf, most[i])
		}
	}
	due, dated, err := g.q.Due(priority, lines, most, slots, mostOf)
	if err != nil {
		return nil, err
	}
	of := map[Line][]sms.Message{}
	for i := range slots {
		of[slots[i].Line] = append(of[slots[i].Line], dated[i]...)
	}
	for i, line := range lines {
		due[i] = inOrder(due[i], of[line], most[i])
	}
	return due, nil
}

// inTurn brings lines into the order of their turns, each once, and no more accounts
// than can have one.
func (g *gathering) inTurn(lines []Line) []Line {
	passed := func(l Line) bool { // it has had its turn in this round
		return l.Account < g.class.account || l.Account == g.class.account && g.class.left == 0
	}
	keyPassed := func(l Line) bool { return l.Key <= g.r.keys[l.Account] }
	slices.SortFunc(lines, func(a, b Line) int {
		if a.Account != b.Account {
			return cmp.Or(compareBool(passed(a), passed(b)), cmp.Compare(a.Account, b.Account))
		}
		return cmp.Or(compareBool(keyPassed(a), keyPassed(b)), cmp.Compare(a.Key, b.Key))
	})
	lines = slices.Compact(lines)
	accounts := 0
	for i := range lines {
		if i > 0 && lines[i].Account == lines[i-1].Account {
			g.remember(lines[i].Account)
			continue
		}
		if accounts++; accounts > g.turns {
			return lines[:i]
		}
	}
	return lines
}

// remember continues the turns of an account's keys from where they were.
func (g *gathering) remember(account string) {
	if len(g.r.keys) >= mostRemembered {
		clear(g.r.keys)
	}
	if _, known := g.r.keys[account]; !known {
		g.r.keys[account] = ""
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// shares is how many messages of each line are read at first: as many as it would
// have of the claim if everybody had enough, and a turn more where that is one message.
func (g *gathering) shares(lines []Line) []int {
	keys, weights := map[string]int{}, 0
	for _, l := range lines {
		if keys[l.Account]++; keys[l.Account] == 1 {
			weights += g.c.weight(l.Account)
		}
	}
	shares := make([]int, len(lines))
	for i, l := range lines {
		parts := weights * keys[l.Account]
		shares[i] = (g.turns*g.c.weight(l.Account) + parts - 1) / parts * g.perTurn()
		if len(lines) > 1 && !g.c.SameText {
			shares[i] += g.c.weight(l.Account)
		}
	}
	return shares
}

// perTurn is how many messages a turn may have.
func (g *gathering) perTurn() int {
	if g.c.SameText {
		return g.c.Batch
	}
	return 1
}

// fill reads more of the lines that have more, where others did not have enough to
// fill the claim.
func (g *gathering) fill(priority int, lines []Line, due [][]sms.Message, shares []int) error {
	units := 0
	var more []Line
	var at, most []int
	for i := range lines {
		units += len(g.units(due[i]))
		if len(due[i]) == shares[i] {
			more, at, most = append(more, lines[i]), append(at, i), append(most, g.turns*g.perTurn())
		}
	}
	if units >= g.turns || len(more) == 0 || len(lines) == 1 {
		return nil
	}
	rest, err := g.due(priority, more, most)
	if err != nil {
		return err
	}
	for i := range more {
		due[at[i]] = rest[i]
	}
	return nil
}

// units cuts what is due of a line into turns.
func (g *gathering) units(due []sms.Message) (units [][]sms.Message) {
	if !g.c.SameText {
		for i := range due {
			units = append(units, due[i:i+1])
		}
		return units
	}
	return packed(due, Claim{Calls: len(due), Batch: g.c.Batch, SameText: true})
}

// interleave brings what is due into the order of turns.
func (g *gathering) interleave(lines []Line, due [][]sms.Message) (turns [][]sms.Message) {
	var accounts [][][]sms.Message // by account, in turns of its keys
	var weights []int
	for i := 0; i < len(lines); {
		first := i
		var keys [][][]sms.Message
		for ; i < len(lines) && lines[i].Account == lines[first].Account; i++ {
			keys = append(keys, g.units(due[i]))
		}
		ones := make([]int, len(keys))
		for k := range ones {
			ones[k] = 1
		}
		accounts = append(accounts, takeTurns(keys, ones, 1))
		weights = append(weights, g.c.weight(lines[first].Account))
	}
	credit := weights[0]
	if g.class.account == lines[0].Account && g.class.left > 0 {
		credit = min(credit, g.class.left)
	}
	return takeTurns(accounts, weights, credit)
}

// takeTurns takes from one queue after the other, of each as many as its weight, and
// of the first one credit at first.
func takeTurns(queues [][][]sms.Message, weights []int, credit int) (turns [][]sms.Message) {
	for left := true; left; {
		left = false
		for i := range queues {
			n := weights[i]
			if credit > 0 {
				n, credit = credit, 0
			}
			n = min(n, len(queues[i]))
			turns = append(turns, queues[i][:n]...)
			queues[i] = queues[i][n:]
			left = left || len(queues[i]) > 0
		}
	}
	return turns
}

// inOrder merges two lists that are in the order of their dates, at most so many.
func inOrder(a, b []sms.Message, most int) []sms.Message {
	all := append(a, b...)
	slices.SortStableFunc(all, func(x, y sms.Message) int { return x.DueAt.Compare(y.DueAt) })
	return all[:min(most, len(all))]
}
