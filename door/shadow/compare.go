package shadow

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"relais/gateway"
	"relais/number"
	"relais/sms"
)

// Answer is what an answer says about a message.
type Answer struct {
	Known    bool              // the answer can be read
	Taken    bool              // at least one recipient gets the message
	Refused  map[string]string // recipients that do not, as the answer writes them, and why in its words
	Messages int               // how many were taken; 0: it does not say
}

// row is the result of a comparison.
func (c *comparison) row(old *memory, failed error) Row {
	r := Row{
		Account: c.target.Account, Door: c.door.Name(), Instance: c.target.Instance, At: c.at,
		Verdict: Same, Found: Found{OldStatus: old.status, Plan: plan(&c.seen)},
	}
	if c.answer != nil {
		r.Found.OurStatus = c.answer.status
	}
	if r.Verdict, r.Found.Why = c.comparable(old, failed); r.Verdict != Same {
		return r
	}
	theirs := c.door.Answered(old.status, old.plain())
	ours := c.door.Answered(c.answer.status, c.answer.body.Bytes())
	if !theirs.Known || !ours.Known {
		r.Verdict, r.Found.Why = NotComparable, "answer_unknown"
		return r
	}
	if r.Found.Differences = c.differences(theirs, ours); len(r.Found.Differences) > 0 {
		r.Verdict = Differs
	}
	return r
}

// comparable reports whether both sides said something; why is empty when they did.
func (c *comparison) comparable(old *memory, failed error) (v Verdict, why string) {
	switch {
	case failed != nil:
		_, why = statusOf(failed)
		return OldFailed, why
	case old.status >= http.StatusInternalServerError:
		return OldFailed, "status_" + strconv.Itoa(old.status)
	case c.answer == nil:
		return NotComparable, "ours_broke"
	case c.answer.status >= http.StatusInternalServerError, c.answer.status == http.StatusTooManyRequests:
		return NotComparable, "ours_failed"
	}
	return Same, ""
}

// differences are in the whole first, then of each recipient. Two refusals of the
// whole are one and the same, whatever the words.
func (c *comparison) differences(theirs, ours Answer) (found []Difference) {
	if theirs.Taken != ours.Taken {
		return []Difference{
			{What: "request", Old: said(theirs.Taken, ""), Ours: said(ours.Taken, c.reason())},
		}
	}
	if !theirs.Taken {
		return nil
	}
	old, now, codes := c.read(theirs.Refused), c.read(ours.Refused), c.codes()
	all := maps.Clone(old)
	maps.Copy(all, now)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		was, refusedThen := old[key]
		is, refusedNow := now[key]
		if refusedThen == refusedNow {
			continue
		}
		if code := codes[key]; code != "" {
			is = code
		}
		found = append(found, Difference{
			What: "recipient", To: hidden(key), Old: said(!refusedThen, was),
			Ours: said(!refusedNow, is),
		})
	}
	if theirs.Messages != ours.Messages && theirs.Messages*ours.Messages > 0 && len(found) == 0 {
		found = append(found, Difference{
			What: "messages", Old: strconv.Itoa(theirs.Messages),
			Ours: strconv.Itoa(ours.Messages),
		})
	}
	return found
}

func said(taken bool, why string) string {
	switch {
	case taken:
		return "accepted"
	case why == "":
		return "refused"
	}
	return "refused: " + why
}

// reason is why we would refuse the whole: the gateway's code, else the status of
// the door's answer.
func (c *comparison) reason() string {
	if e, ok := errors.AsType[*gateway.Error](c.seen.err); ok {
		if e.Is(gateway.CodeNoRecipient) && len(e.Rejected) > 0 {
			return e.Code.Wire() + " (" + e.Rejected[0].Code.Wire() + ")"
		}
		return e.Code.Wire()
	}
	return "status " + strconv.Itoa(c.answer.status)
}

// codes are the gateway's reasons, by recipient.
func (c *comparison) codes() map[string]string {
	codes := map[string]string{}
	if c.seen.result != nil {
		for _, r := range c.seen.result.Rejected {
			codes[c.key(r.To)] = r.Code.Wire()
		}
	}
	return codes
}

// read brings recipients into one form: gateways write a number in their own.
func (c *comparison) read(refused map[string]string) map[string]string {
	all := make(map[string]string, len(refused))
	for raw, why := range refused {
		all[c.key(raw)] = why
	}
	return all
}

func (c *comparison) key(raw string) string {
	region := c.target.Region
	if region == "" {
		region = c.door.keeper.Region(c.target.Account)
	}
	parsed, err := number.Every.Parse(raw, region)
	if err != nil {
		return raw
	}
	return string(parsed.Number)
}

// hidden hides a number as logs do, and what is none altogether.
func hidden(key string) string {
	if key == "" || key[0] != '+' {
		return "***"
	}
	return sms.Number(key).Masked()
}

// plan tells what would have been done with a submission.
func plan(seen *planned) *Plan {
	if seen.result == nil {
		return nil
	}
	p := &Plan{
		Messages: len(seen.result.Messages), Encodings: map[string]int{}, Connectors: map[string]int{},
		Families: map[string]int{},
		Changes:  map[string]int{}, Senders: map[string]int{},
	}
	for i := range seen.result.Messages {
		m := &seen.result.Messages[i]
		p.Segments += m.Segments
		p.Encodings[string(m.Encoding)]++
		p.Connectors[m.Connector]++
		p.Senders[cmp.Or(string(m.Sender.Kind()), "none")]++
		p.Families[m.Family]++
	}
	for _, note := range seen.asked.Notes {
		p.Changes[note.Code.Wire()]++
	}
	for _, w := range seen.result.Warnings {
		p.Changes[w.Code.Wire()]++
	}
	return p
}
