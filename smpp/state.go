package smpp

import "strings"

// MessageState is where a message stands at the SMSC (3.4, 5.2.28; 0 and 9 are of 5.0).
type MessageState byte

// The states.
const (
	Scheduled     MessageState = 0
	EnRoute       MessageState = 1
	Delivered     MessageState = 2
	Expired       MessageState = 3
	Deleted       MessageState = 4
	Undeliverable MessageState = 5
	Accepted      MessageState = 6
	UnknownState  MessageState = 7
	Rejected      MessageState = 8
	Skipped       MessageState = 9
)

var stateWords = map[MessageState]string{
	Scheduled: "SCHEDLD", EnRoute: "ENROUTE", Delivered: "DELIVRD", Expired: "EXPIRED", Deleted: "DELETED",
	Undeliverable: "UNDELIV", Accepted: "ACCEPTD", UnknownState: "UNKNOWN", Rejected: "REJECTD", Skipped: "SKIPPED",
}

// Word is how a receipt's text writes the state (3.4, appendix B); empty for one that it has
// no word for.
func (s MessageState) Word() string { return stateWords[s] }

// stateBeginnings are the words of receipts by how they begin, as they are met: whole, cut to
// seven letters, and of vendors' own (observed: Kannel's list). The first that fits holds.
var stateBeginnings = []struct {
	begins string
	state  MessageState
}{
	{"DELIVR", Delivered},
	{"DELIVERED", Delivered},
	{"DELIVERD", Delivered},
	{"EXPIR", Expired},
	{"DELET", Deleted},
	{"UNDEL", Undeliverable},
	{"FAIL", Undeliverable},
	{"ACCEP", Accepted},
	{"ACKED", Accepted},
	{"UNKN", UnknownState},
	{"REJEC", Rejected},
	{"SKIPP", Skipped},
	{"SCHED", Scheduled},
	{"ENROU", EnRoute},
	{"BUFF", EnRoute},
	{"QUEUE", EnRoute},
}

// StateOfWord reads the word of a receipt's text.
func StateOfWord(word string) (state MessageState, known bool) {
	word = strings.ToUpper(word)
	for _, one := range stateBeginnings {
		if strings.HasPrefix(word, one.begins) {
			return one.state, true
		}
	}
	return 0, false
}
