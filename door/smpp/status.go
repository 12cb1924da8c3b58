package smpp

import (
	"errors"
	"strings"

	"relais/gateway"
	"relais/inbox"
	"relais/quota"
	"relais/reason"
	"relais/smpp"
)

// Statuses of our own, from the range that 3.4, 5.1.3 leaves to vendors. docs/migrate/smpp.md
// lists them.
const (
	statusOptedOut  smpp.Status = 0x400 // the number gets no advertising any more
	statusQuota     smpp.Status = 0x401 // a quota of the account is used up
	statusWindow    smpp.Status = 0x402 // the rules of advertising leave no hour for it
	statusKind      smpp.Status = 0x403 // no operator of the account can send a message of this kind
	statusConnector smpp.Status = 0x404 // no operator is there for the message
	statusClass     smpp.Status = 0x405 // the account has no such class
)

// The four statuses that clients try again after: every other one is final to Kannel (observed:
// Kannel, gw/smsc/smsc_smpp.c; Jasmin's list has all of them but RX_T_APPN).
const (
	statusTooFast = smpp.RTHROTTLED
	statusFull    = smpp.RMSGQFUL
	statusTrouble = smpp.RSYSERR
)

// byCode are the statuses of refusals whose code says more than the field at fault.
var byCode = map[reason.Code]smpp.Status{
	inbox.CodeOptedOut:           statusOptedOut,
	quota.Exceeded:               statusQuota,
	gateway.CodeConnectorUnknown: statusConnector,
	gateway.CodeTextEmpty:        smpp.RINVMSGLEN,
	gateway.CodeTextTooLong:      smpp.RINVMSGLEN,
	gateway.CodeDataTooLong:      smpp.RINVMSGLEN,
	gateway.CodeDataEmpty:        smpp.RINVMSGLEN,
	gateway.CodeUDH:              smpp.RINVESMCLASS,
}

// byField are the statuses of refusals by the field of a submission.
var byField = map[string]smpp.Status{
	"/to":        smpp.RINVDSTADR,
	"/sender":    smpp.RINVSRCADR,
	"/text":      smpp.RSUBMITFAIL,
	"/data":      smpp.RINVMSGLEN,
	"/udh":       smpp.RINVESMCLASS,
	"/kind":      statusKind,
	"/class":     statusClass,
	"/connector": statusConnector,
	"/send_at":   smpp.RINVSCHED,
	"/valid_for": smpp.RINVEXPIRY,
	"/reference": smpp.RINVOPTPARAMVAL,
	"/metadata":  smpp.RINVOPTPARAMVAL,
}

// statusOf is how a submission is answered that the gateway did not take. known is false for a
// failure, which the log has to tell.
func statusOf(err error) (status smpp.Status, known bool) {
	e, ok := errors.AsType[*gateway.Error](err)
	switch {
	case !ok, e.Kind == gateway.Unavailable:
		return statusTrouble, false
	case e.Kind == gateway.Overloaded && e.Is(gateway.CodeQuotaExceeded):
		return statusQuota, true
	case e.Kind == gateway.Overloaded:
		return statusFull, true
	case len(e.Rejected) > 0:
		return statusOfCode(e.Rejected[0].Code, smpp.RINVDSTADR), true
	default:
		fallback, listed := byField[e.Field]
		if !listed {
			fallback = smpp.RSUBMITFAIL
		}
		return statusOfCode(e.Code, fallback), true
	}
}

// statusOfCode is the status of a code, of the one that it is a kind of ("sender_not_valid/over"),
// or of its first word.
func statusOfCode(code reason.Code, fallback smpp.Status) smpp.Status {
	whole, _, _ := strings.Cut(string(code), "/")
	if status, listed := byCode[reason.Code(whole)]; listed {
		return status
	}
	switch word, _, _ := strings.Cut(whole, "_"); word {
	case "number", "several", "duplicate":
		return smpp.RINVDSTADR
	case "sender":
		return smpp.RINVSRCADR
	case "window":
		return statusWindow
	default:
		return fallback
	}
}
