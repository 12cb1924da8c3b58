package gateway

import "relais/sms"

// Pack fills at most c.Calls calls with due messages, in the order of their
// urgency. What finds no call is left for the next claim. Stores call it.
func Pack(due []sms.Message, c Claim) [][]sms.Message {
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
