package lane

import "relais/sms"

// FillCalls fills at most c.Calls calls with due messages, in the order of their urgency,
// with at most c.Segments segments. What fits in no call is left for the next claim. When
// not even the first call is allowed, its segments are returned: the lane saves up for all
// of them, because the operator's calls may be scarcer than its segments. Stores call it.
func FillCalls(due []sms.Message, c Claim) (calls [][]sms.Message, short int) {
	calls = packed(due, c)
	if c.Segments == 0 {
		return calls, 0
	}
	left := c.Segments
	for i := range calls {
		segments := segmentsOf(calls[i : i+1])
		if segments > left && i == 0 {
			return nil, segments
		}
		if segments > left {
			return calls[:i], 0
		}
		left -= segments
	}
	return calls, 0
}

func packed(due []sms.Message, c Claim) [][]sms.Message {
	var calls [][]sms.Message
	open := map[sms.ID]int{} // submission to the call that takes more of it
	for _, m := range due {
		group := m.Submission
		if !c.SameText {
			group = sms.ID{}
		}
		at, found := open[group]
		if found && !m.Solo && len(calls[at]) < c.Batch {
			calls[at] = append(calls[at], m)
			continue
		}
		if len(calls) == c.Calls {
			continue
		}
		calls = append(calls, []sms.Message{m})
		if !m.Solo {
			open[group] = len(calls) - 1
		}
	}
	return calls
}

func segmentsOf(calls [][]sms.Message) (segments int) {
	for _, call := range calls {
		for i := range call {
			segments += call[i].Segments
		}
	}
	return segments
}
