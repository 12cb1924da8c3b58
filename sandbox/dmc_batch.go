package sandbox

import (
	"errors"
	"slices"
)

// DMCBadElement says what one bad message in batchSingleCall does. No source
// tells (DMC developer guide v1.7, 2.5.2 shows good batches only), so every value
// is inferred, and a client should be safe with all of them.
type DMCBadElement int

// The possible ways.
const (
	DMCRefuseBatch DMCBadElement = iota // success false, none is taken
	DMCRefuseRest                       // success false, those before the bad one are taken
	DMCNullSlot                         // success, null in the place of the bad one
	DMCErrorSlot                        // success, an object with code and detail in that place
	DMCShortAnswer                      // success, an array without the bad one
)

// dmcSlots is a list of ids, with something else in the place of what was not
// taken.
type dmcSlots []any

func (l dmcSlots) taken() int {
	n := 0
	for _, slot := range l {
		if _, ok := slot.(dmcID); ok {
			n++
		}
	}
	return n
}

// takePartly answers a batch with refusals in it, the first of them at place
// first.
func (d *dmc) takePartly(batch []dmcMessage, refusals []error, first int) (any, error) {
	if d.bad == DMCRefuseBatch {
		return nil, refusals[first]
	}
	if d.bad == DMCRefuseRest {
		d.take(batch[:first])
		return nil, takenBefore(refusals[first], first)
	}
	slots := make(dmcSlots, 0, len(batch))
	for i := range batch {
		if refusals[i] == nil {
			d.take(batch[i : i+1])
			slots = append(slots, batch[i].id)
			continue
		}
		d.count.refused.Add(1)
		slots = append(slots, badSlot(d.bad, refusals[i]))
	}
	if d.bad == DMCShortAnswer {
		slots = slices.DeleteFunc(slots, func(slot any) bool { return slot == nil })
	}
	return slots, nil
}

// takenBefore is the refusal of a call that took n messages before it.
func takenBefore(err error, n int) error {
	refusal, ok := errors.AsType[*dmcError](err)
	if !ok {
		return err
	}
	return &dmcError{code: refusal.code, detail: refusal.detail, taken: n}
}

// badSlot is what stands in the place of a message that was not taken: null, or
// the fields of a refusal.
func badSlot(way DMCBadElement, err error) any {
	refusal, ok := errors.AsType[*dmcError](err)
	if way != DMCErrorSlot || !ok {
		return nil
	}
	return map[string]string{"errorCode": refusal.code, "errorDetail": refusal.detail}
}
