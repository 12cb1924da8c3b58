package notify

import (
	"slices"
	"strings"

	"relais/sms"
)

// Statuses of a text message (documented: GNT).
const (
	statusCreated   = "created"
	statusSending   = "sending"
	statusDelivered = "delivered"
	statusPermanent = "permanent-failure"
	statusTemporary = "temporary-failure"
	statusTechnical = "technical-failure"
)

// statuses are all that a client may ask for. failed stands for every failure (documented: GNA).
var statuses = []string{
	statusCreated, statusSending, statusDelivered, statusPermanent, statusTemporary, statusTechnical, statusFailed,
	"pending", "sent", "accepted", "received", "cancelled", "pending-virus-check", "validation-failed", "virus-scan-failed", "returned-letter",
}

const statusFailed = "failed"

// lasting are reasons that trying again does not change.
var lasting = []string{string(sms.ReasonUnknownSubscriber), string(sms.ReasonBlocked), string(sms.ReasonOptedOut)}

// statusOf is where a message stands.
func statusOf(s sms.Status, reason string) string {
	switch s {
	case sms.Queued:
		return statusCreated
	case sms.Delivered:
		return statusDelivered
	case sms.Undelivered:
		if slices.Contains(lasting, reason) {
			return statusPermanent
		}
		return statusTemporary
	case sms.Expired:
		return statusTemporary
	case sms.Rejected:
		if slices.Contains(lasting, reason) || strings.HasPrefix(reason, "number") {
			return statusPermanent
		}
		return statusTechnical
	case sms.Canceled:
		return statusTechnical
	case sms.Submitting, sms.Uncertain, sms.Submitted:
	}
	return statusSending
}

// asks reports whether a filter of statuses lets one through; an empty one lets all.
func asks(filter []string, status string) bool {
	failed := status == statusPermanent || status == statusTemporary || status == statusTechnical
	return len(filter) == 0 || slices.Contains(filter, status) || failed && slices.Contains(filter, statusFailed)
}
