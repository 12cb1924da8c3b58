package smpp

import "fmt"

// Status is a command_status: how a request ended. Any 32 bits may come.
type Status uint32

// The statuses of 3.4, table 5-2, and of 5.0, 4.7.6 from 0x100 on. Vendors have 0x400 to 0x4FF.
const (
	OK               Status = 0x00 // done
	RINVMSGLEN       Status = 0x01 // length of the message
	RINVCMDLEN       Status = 0x02 // command_length
	RINVCMDID        Status = 0x03 // command_id
	RINVBNDSTS       Status = 0x04 // not in this state of the session
	RALYBND          Status = 0x05 // bound already
	RINVPRTFLG       Status = 0x06 // priority_flag
	RINVREGDLVFLG    Status = 0x07 // registered_delivery
	RSYSERR          Status = 0x08 // trouble of the peer's own
	RINVSRCADR       Status = 0x0A // source address
	RINVDSTADR       Status = 0x0B // destination address
	RINVMSGID        Status = 0x0C // message_id
	RBINDFAIL        Status = 0x0D // bind failed
	RINVPASWD        Status = 0x0E // password
	RINVSYSID        Status = 0x0F // system_id
	RCANCELFAIL      Status = 0x11 // cancel_sm failed
	RREPLACEFAIL     Status = 0x13 // replace_sm failed
	RMSGQFUL         Status = 0x14 // queue full
	RINVSERTYP       Status = 0x15 // service_type
	RINVNUMDESTS     Status = 0x33 // number_of_dests
	RINVDLNAME       Status = 0x34 // distribution list
	RINVDESTFLAG     Status = 0x40 // dest_flag
	RINVSUBREP       Status = 0x42 // submit with replace
	RINVESMCLASS     Status = 0x43 // esm_class
	RCNTSUBDL        Status = 0x44 // cannot submit to a distribution list
	RSUBMITFAIL      Status = 0x45 // submit failed
	RINVSRCTON       Status = 0x48 // type of source number
	RINVSRCNPI       Status = 0x49 // plan of source number
	RINVDSTTON       Status = 0x50 // type of destination number
	RINVDSTNPI       Status = 0x51 // plan of destination number
	RINVSYSTYP       Status = 0x53 // system_type
	RINVREPFLAG      Status = 0x54 // replace_if_present_flag
	RINVNUMMSGS      Status = 0x55 // number of messages
	RTHROTTLED       Status = 0x58 // too fast
	RINVSCHED        Status = 0x61 // schedule_delivery_time
	RINVEXPIRY       Status = 0x62 // validity_period
	RINVDFTMSGID     Status = 0x63 // sm_default_msg_id
	RXTAPPN          Status = 0x64 // the receiver's trouble, for a while
	RXPAPPN          Status = 0x65 // the receiver's trouble, for good
	RXRAPPN          Status = 0x66 // the receiver refuses this message
	RQUERYFAIL       Status = 0x67 // query_sm failed
	RINVOPTPARSTREAM Status = 0xC0 // octets that are no TLVs
	ROPTPARNOTALLWD  Status = 0xC1 // TLV not allowed
	RINVPARLEN       Status = 0xC2 // length of a TLV
	RMISSINGOPTPARAM Status = 0xC3 // TLV missing
	RINVOPTPARAMVAL  Status = 0xC4 // value of a TLV
	RDELIVERYFAILURE Status = 0xFE // data_sm was not delivered
	RUNKNOWNERR      Status = 0xFF // unknown
	RSERTYPUNAUTH    Status = 0x100
	RPROHIBITED      Status = 0x101
	RSERTYPUNAVAIL   Status = 0x102
	RSERTYPDENIED    Status = 0x103
	RINVDCS          Status = 0x104 // data_coding
)

var statusNames = map[Status]string{
	OK: "ROK", RINVMSGLEN: "RINVMSGLEN", RINVCMDLEN: "RINVCMDLEN", RINVCMDID: "RINVCMDID",
	RINVBNDSTS: "RINVBNDSTS", RALYBND: "RALYBND", RINVPRTFLG: "RINVPRTFLG", RINVREGDLVFLG: "RINVREGDLVFLG",
	RSYSERR: "RSYSERR", RINVSRCADR: "RINVSRCADR", RINVDSTADR: "RINVDSTADR", RINVMSGID: "RINVMSGID",
	RBINDFAIL: "RBINDFAIL", RINVPASWD: "RINVPASWD", RINVSYSID: "RINVSYSID", RCANCELFAIL: "RCANCELFAIL",
	RREPLACEFAIL: "RREPLACEFAIL", RMSGQFUL: "RMSGQFUL", RINVSERTYP: "RINVSERTYP", RINVNUMDESTS: "RINVNUMDESTS",
	RINVDLNAME: "RINVDLNAME", RINVDESTFLAG: "RINVDESTFLAG", RINVSUBREP: "RINVSUBREP", RINVESMCLASS: "RINVESMCLASS",
	RCNTSUBDL: "RCNTSUBDL", RSUBMITFAIL: "RSUBMITFAIL", RINVSRCTON: "RINVSRCTON", RINVSRCNPI: "RINVSRCNPI",
	RINVDSTTON: "RINVDSTTON", RINVDSTNPI: "RINVDSTNPI", RINVSYSTYP: "RINVSYSTYP", RINVREPFLAG: "RINVREPFLAG",
	RINVNUMMSGS: "RINVNUMMSGS", RTHROTTLED: "RTHROTTLED", RINVSCHED: "RINVSCHED", RINVEXPIRY: "RINVEXPIRY",
	RINVDFTMSGID: "RINVDFTMSGID", RXTAPPN: "RX_T_APPN", RXPAPPN: "RX_P_APPN", RXRAPPN: "RX_R_APPN",
	RQUERYFAIL: "RQUERYFAIL", RINVOPTPARSTREAM: "RINVOPTPARSTREAM", ROPTPARNOTALLWD: "ROPTPARNOTALLWD",
	RINVPARLEN: "RINVPARLEN", RMISSINGOPTPARAM: "RMISSINGOPTPARAM", RINVOPTPARAMVAL: "RINVOPTPARAMVAL",
	RDELIVERYFAILURE: "RDELIVERYFAILURE", RUNKNOWNERR: "RUNKNOWNERR", RSERTYPUNAUTH: "RSERTYPUNAUTH",
	RPROHIBITED: "RPROHIBITED", RSERTYPUNAVAIL: "RSERTYPUNAVAIL", RSERTYPDENIED: "RSERTYPDENIED", RINVDCS: "RINVDCS",
}

// String is the specification's name, "ESME_RTHROTTLED", or the number of what it has no name
// for, "0x00000400".
func (s Status) String() string {
	if name, known := statusNames[s]; known {
		return "ESME_" + name
	}
	return fmt.Sprintf("0x%08X", uint32(s))
}
