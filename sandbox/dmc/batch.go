package dmc

import (
	"errors"
	"slices"
)

// BadElement says what one bad message in batchSingleCall does. No source
// tells (DMC developer guide v1.7, 2.5.2 shows good batches only), so every value
// is inferred, and a client should be safe with all of them.
type BadElement int

// The possible ways.
const (
	RefuseBatch BadElement = iota // success false, none is taken
	RefuseRest                    // success false, those before the bad one are taken
	NullSlot                      // success, null in the place of the bad one
	ErrorSlot                     // success, an object with code and detail in that place
	ShortAnswer                   // success, an array without the bad one
)

// slotList is a list of ids, with something else in the place of what was not
// taken.
type slotList []any

func (l slotList) taken() int {
	n := 0
	for _, slot := range l {
		if _, ok := slot.(ID); ok {
			n++
		}
	}
	return n
}

// takePartly answers a batch with refusals in it, the first of them at place
// first.
func (l *ledger) takePartly(batch []message, refusals []error, first int) (any, error) {
	if l.bad == RefuseBatch {
		return nil, refusals[first]
	}
	if l.bad == RefuseRest {
		l.take(batch[:first])
		return nil, takenBefore(refusals[first], first)
	}
	slots := make(slotList, 0, len(batch))
	for i := range batch {
		if refusals[i] == nil {
			l.take(batch[i : i+1])
			slots = append(slots, batch[i].id)
			continue
		}
		l.count.Refused.Add(1)
		slots = append(slots, badSlot(l.bad, refusals[i]))
	}
	if l.bad == ShortAnswer {
		slots = slices.DeleteFunc(slots, func(slot any) bool { return slot == nil })
	}
	return slots, nil
}

// takenBefore is the refusal of a call that took n messages before it.
func takenBefore(err error, n int) error {
	known, ok := errors.AsType[*refusal](err)
	if !ok {
		return err
	}
	return &refusal{code: known.code, detail: known.detail, taken: n}
}

// badSlot is what stands in the place of a message that was not taken: null, or
// the fields of a refusal.
func badSlot(way BadElement, err error) any {
	refusal, ok := errors.AsType[*refusal](err)
	if way != ErrorSlot || !ok {
		return nil
	}
	return map[string]string{"errorCode": refusal.code, "errorDetail": refusal.detail}
}
