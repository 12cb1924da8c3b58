package smpp

type (
	// Unbind ends the session (3.4, 4.2).
	Unbind struct{}
	// UnbindResp answers it.
	UnbindResp struct{}
	// EnquireLink asks for a sign of life (3.4, 4.11).
	EnquireLink struct{}
	// EnquireLinkResp gives it.
	EnquireLinkResp struct{}
	// GenericNack refuses what could not be read (3.4, 4.3).
	GenericNack struct{}
	// CancelSMResp answers cancel_sm.
	CancelSMResp struct{}
	// ReplaceSMResp answers replace_sm.
	ReplaceSMResp struct{}
)

// Command is unbind.
func (*Unbind) Command() Command { return CommandUnbind }

// Command is unbind_resp.
func (*UnbindResp) Command() Command { return CommandUnbind.Response() }

// Command is enquire_link.
func (*EnquireLink) Command() Command { return CommandEnquireLink }

// Command is enquire_link_resp.
func (*EnquireLinkResp) Command() Command { return CommandEnquireLink.Response() }

// Command is generic_nack.
func (*GenericNack) Command() Command { return CommandGenericNack }

// Command is cancel_sm_resp.
func (*CancelSMResp) Command() Command { return CommandCancelSM.Response() }

// Command is replace_sm_resp.
func (*ReplaceSMResp) Command() Command { return CommandReplaceSM.Response() }

func (*Unbind) fields(*walk)          {}
func (*UnbindResp) fields(*walk)      {}
func (*EnquireLink) fields(*walk)     {}
func (*EnquireLinkResp) fields(*walk) {}
func (*GenericNack) fields(*walk)     {}
func (*CancelSMResp) fields(*walk)    {}
func (*ReplaceSMResp) fields(*walk)   {}

// newBody is an empty body of a command.
func newBody(c Command) Body {
	if c.IsResponse() {
		return newResponse(c)
	}
	switch c {
	case CommandBindReceiver, CommandBindTransmitter, CommandBindTransceiver:
		return &Bind{Kind: c}
	case CommandOutbind:
		return &Outbind{}
	case CommandUnbind:
		return &Unbind{}
	case CommandEnquireLink:
		return &EnquireLink{}
	case CommandSubmitSM:
		return &SubmitSM{}
	case CommandDeliverSM:
		return &DeliverSM{}
	case CommandDataSM:
		return &DataSM{}
	case CommandSubmitMulti:
		return &SubmitMulti{}
	case CommandQuerySM:
		return &QuerySM{}
	case CommandCancelSM:
		return &CancelSM{}
	case CommandReplaceSM:
		return &ReplaceSM{}
	case CommandAlertNotification:
		return &AlertNotification{}
	default:
		return &Unknown{ID: c}
	}
}

func newResponse(c Command) Body {
	switch c &^ responseBit {
	case 0:
		return &GenericNack{}
	case CommandBindReceiver, CommandBindTransmitter, CommandBindTransceiver:
		return &BindResp{Kind: c &^ responseBit}
	case CommandUnbind:
		return &UnbindResp{}
	case CommandEnquireLink:
		return &EnquireLinkResp{}
	case CommandSubmitSM:
		return &SubmitSMResp{}
	case CommandDeliverSM:
		return &DeliverSMResp{}
	case CommandDataSM:
		return &DataSMResp{}
	case CommandSubmitMulti:
		return &SubmitMultiResp{}
	case CommandQuerySM:
		return &QuerySMResp{}
	case CommandCancelSM:
		return &CancelSMResp{}
	case CommandReplaceSM:
		return &ReplaceSMResp{}
	default:
		return &Unknown{ID: c}
	}
}

// ResponseTo is an empty response to a request; nil where nothing answers the request: outbind,
// alert_notification, and what is not known, which generic_nack refuses.
func ResponseTo(request Command) Body {
	if request == CommandOutbind || request == CommandAlertNotification {
		return nil
	}
	response := newBody(request.Response())
	if _, unknown := response.(*Unknown); unknown {
		return nil
	}
	return response
}
