package ovh

import (
	"strconv"

	"relais/sms"
)

// deliveryReceipts is the coarse state of a message: field deliveryReceipt, and
// description in the callback (documented: API schema sms.json, guide "API SMS
// Cookbook"). It decides whether a message has ended; ptt says why.
var deliveryReceipts = map[int64]sms.Status{
	0:  sms.Submitted,   // created, or pending
	1:  sms.Delivered,   // success
	2:  sms.Undelivered, // failed
	4:  sms.Submitted,   // pending at the operator
	8:  sms.Submitted,   // buffered: the handset is off, it is tried again
	16: sms.Undelivered, // error, not billed
}

// detail is what a ptt adds.
type detail struct {
	status sms.Status // that it tells where deliveryReceipt is missing
	reason sms.Reason
}

// ptts are the codes of the guide on SMS users; that list says of itself that it
// is not complete. OVH marks 1 to 3 as intermediate; what else is final, and the
// reasons, are inferred from its texts.
var ptts = map[int64]detail{
	0:    {sms.Submitted, ""}, // none
	1:    {sms.Submitted, ""}, // retrying, problem on the phone
	2:    {sms.Submitted, ""}, // retrying, problem at the operator
	3:    {sms.Submitted, ""}, // accepted by the operator
	4:    {sms.Delivered, ""},
	5:    {sms.Undelivered, sms.ReasonUnknown},           // confirmed undelivered, no detail
	6:    {sms.Undelivered, sms.ReasonUnknown},           // outcome will never be known
	8:    {sms.Expired, sms.ReasonExpired},               // expired at the message centre
	20:   {sms.Undelivered, sms.ReasonContent},           // cannot be delivered in this form
	21:   {sms.Undelivered, sms.ReasonNoCredit},          // subscriber has no credit
	23:   {sms.Undelivered, sms.ReasonBlocked},           // number invalid, blacklisted or barred
	24:   {sms.Undelivered, sms.ReasonAbsent},            // subscriber absent
	25:   {sms.Undelivered, sms.ReasonNetwork},           // temporary network failure
	26:   {sms.Undelivered, sms.ReasonNetwork},           // temporary phone error
	27:   {sms.Undelivered, sms.ReasonUnknownSubscriber}, // phone can never receive it
	28:   {sms.Undelivered, sms.ReasonContent},           // suspected spam
	29:   {sms.Undelivered, sms.ReasonContent},           // content not allowed
	33:   {sms.Undelivered, sms.ReasonBlocked},           // parental lock
	39:   {sms.Undelivered, sms.ReasonNetwork},           // failure at the new operator of a ported number
	73:   {sms.Undelivered, sms.ReasonNetwork},           // ported numbers cannot be reached
	74:   {sms.Undelivered, sms.ReasonNetwork},           // roaming problem
	76:   {sms.Undelivered, sms.ReasonBlocked},           // ported numbers blocked for this client
	202:  {sms.Undelivered, sms.ReasonBlocked},           // the same; contact support
	1999: {sms.Undelivered, sms.ReasonContent},           // no US template matches
}

// receiptOf joins the two numbers. state is negative where OVH gave none; an
// unknown one is not final, which is the careful reading. An unknown ptt is kept.
func receiptOf(id, state, ptt int64) sms.Receipt {
	known, mapped := ptts[ptt]
	r := sms.Receipt{
		ProviderID: strconv.FormatInt(id, 10), Code: strconv.FormatInt(ptt, 10),
		Status: known.status,
	}
	if !mapped {
		r.Status = sms.Submitted
	}
	if state >= 0 {
		r.Status = sms.Submitted
		if coarse, ok := deliveryReceipts[state]; ok {
			r.Status = coarse
		}
		if r.Status == sms.Undelivered && known.status == sms.Expired {
			r.Status = sms.Expired
		}
	}
	if r.Status == sms.Undelivered || r.Status == sms.Expired {
		if r.Reason = known.reason; r.Reason == "" {
			r.Reason = sms.ReasonUnknown
		}
	}
	return r
}
