package ovh

import (
	"strconv"

	"relais/sms"
)

// The coarse states of an SMS, its deliveryReceipt (documented: guide on SMS
// users).
const (
	receiptNone      = 0  // created or pending
	receiptDelivered = 1  // success
	receiptFailed    = 2  // failed
	receiptOperator  = 4  // pending at the operator
	receiptError     = 16 // error, not billed
)

// The detailed states that this door gives, its ptt (documented, same guide).
const (
	pttNone           = 0
	pttAccepted       = 3
	pttDelivered      = 4
	pttUndelivered    = 5
	pttUnknowable     = 6
	pttExpired        = 8
	pttNoCredit       = 21
	pttBarred         = 23
	pttAbsent         = 24
	pttNetwork        = 25
	pttNeverReachable = 27
	pttContent        = 29
)

// pttOfReason says in OVH's numbers why a message did not arrive. Codes of
// operators are not passed on: those of another operator mean other things.
var pttOfReason = map[string]int64{
	string(sms.ReasonAbsent):            pttAbsent,
	string(sms.ReasonUnknownSubscriber): pttNeverReachable,
	string(sms.ReasonBlocked):           pttBarred,
	string(sms.ReasonOptedOut):          pttBarred,
	string(sms.ReasonNoCredit):          pttNoCredit,
	string(sms.ReasonContent):           pttContent,
	string(sms.ReasonNetwork):           pttNetwork,
	string(sms.ReasonExpired):           pttExpired,
	sms.NoReceipt:                       pttUnknowable,
}

// stateOf tells where a message stands, as OVH would.
func stateOf(m *sms.Message) (receipt, ptt int64) {
	switch m.Status {
	case sms.Delivered:
		return receiptDelivered, pttDelivered
	case sms.Submitted:
		return receiptOperator, pttAccepted
	case sms.Undelivered, sms.Expired, sms.Rejected:
		receipt, ptt = receiptFailed, pttUndelivered
		if !wasTaken(m) {
			receipt = receiptError
		}
		if m.Status == sms.Expired {
			ptt = pttExpired
		}
		if known, ok := pttOfReason[m.Reason]; ok {
			ptt = known
		}
		return receipt, ptt
	default:
		return receiptNone, pttNone
	}
}

// wasTaken reports whether an operator had a message: it took it, or told of it
// later where the call was in doubt.
func wasTaken(m *sms.Message) bool {
	return !m.SubmittedAt.IsZero() || m.ProviderID != "" || m.Status == sms.Undelivered
}

// waits reports whether a message is still a job: the operator is not known to
// have it.
func waits(m *sms.Message) bool {
	return m.Status == sms.Queued || m.Status == sms.Submitting || m.Status == sms.Uncertain
}

// pttText is what OVH says of a ptt (documented; texts condensed).
type pttText struct {
	description, duration string
}

// Durations of a ptt (documented: PttDurationTypeEnum).
const (
	temporary      = "temporary"
	permanent      = "permanent"
	indeterminated = "indeterminated"
)

var ptts = map[int64]pttText{
	0:    {"No detail", indeterminated},
	1:    {"Retrying: problem on the phone", temporary},
	2:    {"Retrying: problem at the operator", temporary},
	3:    {"Accepted by the operator", temporary},
	4:    {"Delivered", permanent},
	5:    {"Confirmed undelivered, no detail", indeterminated},
	6:    {"The outcome will never be known", indeterminated},
	8:    {"Expired at the message centre", indeterminated},
	20:   {"Cannot be delivered in this form", indeterminated},
	21:   {"The subscriber has no credit", indeterminated},
	23:   {"Number invalid, blacklisted or barred", permanent},
	24:   {"Subscriber absent", temporary},
	25:   {"Temporary network failure", temporary},
	26:   {"Temporary phone error", temporary},
	27:   {"The phone can never receive it", permanent},
	28:   {"Suspected spam", indeterminated},
	29:   {"Content not allowed", indeterminated},
	33:   {"Parental lock", indeterminated},
	39:   {"Failure at the new operator of a ported number", indeterminated},
	73:   {"Ported numbers cannot be reached", indeterminated},
	74:   {"Roaming problem", indeterminated},
	76:   {"Ported numbers blocked for this client", indeterminated},
	202:  {"Ported numbers blocked for this client", indeterminated},
	1999: {"No template matches", indeterminated},
}

// pttOf tells what a ptt means.
func pttOf(c *call) (any, error) {
	text := c.query.Get("ptt")
	if text == "" {
		return nil, required("ptt")
	}
	code, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, invalid("'ptt' is not an integer")
	}
	known, ok := ptts[code]
	if !ok {
		return nil, noObject("ptt " + decimal(code))
	}
	return map[string]string{
		"description": known.description, "comment": known.description,
		"duration": known.duration,
	}, nil
}
