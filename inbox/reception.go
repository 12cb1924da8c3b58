package inbox

import (
	"cmp"
	"time"

	"relais/sms"
)

// Reception is what an operator told, as the store takes it.
type Reception struct {
	Connector string
	Owner     string // account of what belongs to no known message
	Pushed    bool   // unmatched receipts wait; a poll will tell them again
	Receipts  []sms.Receipt
	Inbounds  []Inbound // without ID, Account, Message and LinkedBy
	Blocks    []Block
	PerSender func(account string) bool // whether a STOP is for one sender alone
	// Read says what a reply asks for, once the message that it answers is known. nil: it
	// stands in the reply.
	Read func(account string, sender sms.Sender, in *Inbound)
	// Hidden is what stands for a number where it was hidden. nil: nothing was.
	Hidden func(account string, n sms.Number) sms.Number
	At     time.Time
}

// HiddenOf is what stands for the number of a reply in the older ones of its conversation,
// else the number.
func (r *Reception) HiddenOf(in *Inbound) sms.Number {
	if r.Hidden == nil || !in.From.Known() {
		return in.From
	}
	return cmp.Or(r.Hidden(in.Account, in.From), in.From)
}

// Block is an operator's word that a number gets no more texts.
type Block struct {
	Number    sms.Number
	AnswersID string
	At        time.Time // zero: the operator does not tell
}

// Received is what became of a reception.
type Received struct {
	Verdicts map[Verdict]int
	Moved    []sms.ID // messages that a receipt moved
	Accounts []string // of each of them
	Inbounds int      // new ones
	OptOuts  int      // numbers that were added to a list
}
