package gateway

import (
	"slices"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Codes of what the key of a submission may not use.
const (
	CodeSenderOfKey    reason.Code = "sender_not_of_key"
	CodeConnectorOfKey reason.Code = "connector_not_of_key"

	codeConnectorsGone reason.Code = "connector_not_of_key/gone"
	codeNoSenderOfKey  reason.Code = "sender_not_of_key/none"
	phraseOfKey        reason.Code = "words/route_of_key"

	codeNamesNoSender    reason.Code = "sender_not_of_key/campaign"
	codeNamesNoConnector reason.Code = "connector_not_of_key/campaign"
)

// RefusesSender says why a sender may not be used, which was asked for or is the account's
// default; zero: it may.
func (w *Within) RefusesSender(asked, used sms.Sender) reason.Reason {
	if len(w.Senders) == 0 ||
		slices.ContainsFunc(w.Senders, func(one sms.Sender) bool { return connector.SameSender(one, used) }) {
		return reason.Reason{}
	}
	senders := reason.Names(w.Senders)
	if asked == "" {
		return reason.Of(codeNoSenderOfKey, reason.Args{"senders": senders})
	}
	return reason.Of(CodeSenderOfKey, reason.Args{"sender": reason.Name(asked), "senders": senders})
}

// RefusesConnector says why a connector that was asked for may not be used; zero: it may.
func (w *Within) RefusesConnector(asked string) reason.Reason {
	if asked == "" || w.has(asked) {
		return reason.Reason{}
	}
	return reason.Of(CodeConnectorOfKey, reason.Args{
		"connector": reason.Name(asked), "connectors": reason.Names(w.Connectors),
	})
}

// RefusesLater says why messages may not be made later, by others, from a sender and over a
// connector. Each must be named where whoever asks may not use all: what stands for it later
// may be another one. Nil: they may.
func (w *Within) RefusesLater(from sms.Sender, over string) error {
	if len(w.Senders) > 0 && from == "" {
		return refusedFor("/sender", reason.Of(codeNamesNoSender, reason.Args{"senders": reason.Names(w.Senders)}))
	}
	if why := w.RefusesSender(from, from); !why.IsZero() {
		return refusedFor("/sender", why)
	}
	if len(w.Connectors) > 0 && over == "" {
		connectors := reason.Args{"connectors": reason.Names(w.Connectors)}
		return refusedFor("/connector", reason.Of(codeNamesNoConnector, connectors))
	}
	if why := w.RefusesConnector(over); !why.IsZero() {
		return refusedFor("/connector", why)
	}
	return nil
}

func (w *Within) has(name string) bool {
	return len(w.Connectors) == 0 || slices.Contains(w.Connectors, name)
}

// of keeps the connectors that may be used, in their order.
func (w *Within) of(connectors []string) []string {
	if len(w.Connectors) == 0 {
		return connectors
	}
	return slices.DeleteFunc(slices.Clone(connectors), func(name string) bool { return !w.has(name) })
}
