package smpp

import (
	"relais/connector"
	"relais/smpp"
)

// class is what an answer to submit_sm means. Every negative answer to our own request proves
// that the message was not taken (inferred: the operator's word is about this request).
type class uint8

const (
	temporary class = iota // a code that is not listed is one too
	throttled
	blocked
	rejected
	// refused as one message, or because of the configuration: the same from message to message
	// is the latter.
	suspicious
)

// classes are the statuses of 3.4, table 5-2, and of 5.0, 4.7.6 (documented); what each leads to
// is ours, after what Kannel, Jasmin and vendors' documents do with them (observed).
var classes = map[smpp.Status]class{
	smpp.RINVMSGLEN: suspicious, smpp.RINVCMDLEN: suspicious, smpp.RINVCMDID: suspicious,
	smpp.RINVBNDSTS: temporary, smpp.RALYBND: temporary,
	smpp.RINVPRTFLG: suspicious, smpp.RINVREGDLVFLG: suspicious, smpp.RINVESMCLASS: suspicious, smpp.RINVREPFLAG: suspicious,
	smpp.RSYSERR:    temporary,
	smpp.RINVSRCADR: suspicious, smpp.RINVSRCTON: suspicious, smpp.RINVSRCNPI: suspicious,
	smpp.RINVDSTADR: rejected, smpp.RINVDSTTON: rejected, smpp.RINVDSTNPI: rejected,
	smpp.RBINDFAIL: blocked, smpp.RINVPASWD: blocked, smpp.RINVSYSID: blocked,
	smpp.RMSGQFUL: throttled, smpp.RTHROTTLED: throttled,
	smpp.RINVSERTYP: blocked, smpp.RINVSYSTYP: blocked,
	smpp.RINVNUMDESTS: rejected, smpp.RINVDLNAME: rejected, smpp.RINVDESTFLAG: rejected, smpp.RINVSUBREP: rejected,
	smpp.RCNTSUBDL: rejected, smpp.RINVNUMMSGS: rejected,
	smpp.RSUBMITFAIL: temporary,
	smpp.RINVSCHED:   suspicious, smpp.RINVEXPIRY: suspicious, smpp.RINVDFTMSGID: suspicious,
	smpp.RXTAPPN: temporary, smpp.RXPAPPN: rejected, smpp.RXRAPPN: rejected,
	smpp.RINVOPTPARSTREAM: suspicious, smpp.ROPTPARNOTALLWD: suspicious, smpp.RINVPARLEN: suspicious,
	smpp.RMISSINGOPTPARAM: suspicious, smpp.RINVOPTPARAMVAL: suspicious,
	smpp.RDELIVERYFAILURE: rejected, smpp.RUNKNOWNERR: temporary,
	smpp.RSERTYPUNAUTH: blocked, smpp.RPROHIBITED: blocked, smpp.RSERTYPDENIED: blocked, smpp.RSERTYPUNAVAIL: temporary,
	smpp.RINVDCS: suspicious,
}

// suspiciousStreak is how many messages in a row are refused with one code before it is taken
// for a fault of the configuration.
const suspiciousStreak = 5

// refusal is the fault that a negative answer to submit_sm leads to. A generic_nack tells of the stream,
// which is begun anew, and nothing of the message: it is tried again (inferred).
func (i *instance) refusal(answer smpp.PDU) *connector.Error {
	status, info := answer.Status, answer.Info()
	e := &connector.Error{Code: status.String(), Detail: "the operator refused the message"}
	if info != "" { // the words may repeat the number or the text
		e.Detail += " and gave a reason, which is withheld"
	}
	switch classes[status] {
	case throttled:
		i.slowDown()
		e.Fault, e.Detail = connector.Throttled, "the operator asks to slow down"
	case blocked:
		e.Fault = connector.Blocked
	case rejected:
		e.Fault = connector.Rejected
	case suspicious:
		e.Fault = connector.Rejected
		if answer.Body.Command() == smpp.CommandGenericNack {
			e.Fault, e.Detail = connector.Temporary, "the operator could not read the request"
		}
		if i.streak(status) >= suspiciousStreak {
			e.Fault = connector.Blocked
			e.Detail = "the operator refuses one message after another for the same reason: check the section"
		}
	default:
		e.Fault = connector.Temporary
	}
	return e
}

// streak counts how often in a row messages were refused with a status.
func (i *instance) streak(status smpp.Status) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.lastRefusal != status {
		i.lastRefusal, i.refusals = status, 0
	}
	i.refusals++
	return i.refusals
}

// endStreak notes a message that was taken.
func (i *instance) endStreak() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lastRefusal, i.refusals = smpp.OK, 0
}
