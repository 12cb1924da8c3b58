package smpp

import "fmt"

// Command is a command_id (3.4, 5.1.2.1).
type Command uint32

// The requests, and generic_nack. A response has the id of its request with the highest bit
// set: see Command.Response.
const (
	CommandBindReceiver      Command = 0x00000001
	CommandBindTransmitter   Command = 0x00000002
	CommandQuerySM           Command = 0x00000003
	CommandSubmitSM          Command = 0x00000004
	CommandDeliverSM         Command = 0x00000005
	CommandUnbind            Command = 0x00000006
	CommandReplaceSM         Command = 0x00000007
	CommandCancelSM          Command = 0x00000008
	CommandBindTransceiver   Command = 0x00000009
	CommandOutbind           Command = 0x0000000B
	CommandEnquireLink       Command = 0x00000015
	CommandSubmitMulti       Command = 0x00000021
	CommandAlertNotification Command = 0x00000102
	CommandDataSM            Command = 0x00000103
	CommandGenericNack       Command = 0x80000000
)

const responseBit = 0x80000000

var commandNames = map[Command]string{
	CommandBindReceiver:      "bind_receiver",
	CommandBindTransmitter:   "bind_transmitter",
	CommandQuerySM:           "query_sm",
	CommandSubmitSM:          "submit_sm",
	CommandDeliverSM:         "deliver_sm",
	CommandUnbind:            "unbind",
	CommandReplaceSM:         "replace_sm",
	CommandCancelSM:          "cancel_sm",
	CommandBindTransceiver:   "bind_transceiver",
	CommandOutbind:           "outbind",
	CommandEnquireLink:       "enquire_link",
	CommandSubmitMulti:       "submit_multi",
	CommandAlertNotification: "alert_notification",
	CommandDataSM:            "data_sm",
}

// Response is the id of the response to c.
func (c Command) Response() Command { return c | responseBit }

// IsResponse reports whether c answers a request; generic_nack does.
func (c Command) IsResponse() bool { return c&responseBit != 0 }

// IsBind reports whether c asks for a session.
func (c Command) IsBind() bool {
	return c == CommandBindReceiver || c == CommandBindTransmitter || c == CommandBindTransceiver
}

// Submits reports whether a session that was bound by c may send messages to the SMSC.
func (c Command) Submits() bool { return c == CommandBindTransmitter || c == CommandBindTransceiver }

// Receives reports whether a session that was bound by c gets receipts and replies.
func (c Command) Receives() bool { return c == CommandBindReceiver || c == CommandBindTransceiver }

// String is the name that the specification has for c, or its number.
func (c Command) String() string {
	if c == CommandGenericNack {
		return "generic_nack"
	}
	name, known := commandNames[c&^responseBit]
	switch {
	case !known:
		return fmt.Sprintf("command 0x%08X", uint32(c))
	case c.IsResponse():
		return name + "_resp"
	default:
		return name
	}
}
