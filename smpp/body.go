package smpp

import "bytes"

// Address is where a message comes from or goes to.
type Address struct {
	TON  byte   // type of number (3.4, 5.2.5)
	NPI  byte   // numbering plan (3.4, 5.2.6)
	Addr string // digits without a plus, or a name
}

// The longest fields, in octets, NUL included (3.4, 4).
const (
	maxSystemID    = 16
	maxPassword    = 9
	maxSystemType  = 13
	maxRange       = 41
	maxServiceType = 6
	maxAddress     = 21
	maxLongAddress = 65 // of data_sm and alert_notification
	maxMessageID   = 65
	maxDests       = 254
	timeLength     = 16
)

// Bind asks for a session (3.4, 4.1).
type Bind struct {
	Kind             Command // CommandBindReceiver, CommandBindTransmitter or CommandBindTransceiver
	SystemID         string
	Password         string
	SystemType       string
	InterfaceVersion byte // 0x34; up to 0x33 means 3.3
	AddrTON, AddrNPI byte
	AddressRange     string
}

// Command is the kind of the bind.
func (b *Bind) Command() Command { return b.Kind }

func (b *Bind) fields(w *walk) {
	w.text("system_id", &b.SystemID, maxSystemID, RINVSYSID)
	w.text("password", &b.Password, maxPassword, RINVPASWD)
	w.text("system_type", &b.SystemType, maxSystemType, RINVSYSTYP)
	w.octet("interface_version", &b.InterfaceVersion)
	w.octet("addr_ton", &b.AddrTON)
	w.octet("addr_npi", &b.AddrNPI)
	w.text("address_range", &b.AddressRange, maxRange, RBINDFAIL)
}

// BindResp answers a bind.
type BindResp struct {
	Kind     Command // of the request
	SystemID string  // the SMSC's
	TLVs     TLVs
}

// Command is the response to the kind of the bind.
func (b *BindResp) Command() Command { return b.Kind.Response() }

func (b *BindResp) fields(w *walk) {
	w.text("system_id", &b.SystemID, maxSystemID, RSYSERR)
	w.tlvs(&b.TLVs)
}

// Outbind is how an SMSC asks to be bound to (3.4, 4.1.7). Nothing answers it.
type Outbind struct{ SystemID, Password string }

// Command is outbind.
func (*Outbind) Command() Command { return CommandOutbind }

func (b *Outbind) fields(w *walk) {
	w.text("system_id", &b.SystemID, maxSystemID, RINVSYSID)
	w.text("password", &b.Password, maxPassword, RINVPASWD)
}

// SM is what submit_sm and deliver_sm have in common (3.4, 4.4.1, 4.6.1).
type SM struct {
	ServiceType        string
	Source, Dest       Address
	ESMClass           byte
	ProtocolID         byte
	Priority           byte
	Schedule           string // see FormatTime; unused in deliver_sm
	Validity           string // see FormatTime, FormatRelative; unused in deliver_sm
	RegisteredDelivery byte
	ReplaceIfPresent   byte
	DataCoding         byte
	DefaultMessageID   byte
	Text               []byte // short_message: header and text; see SM.Octets
	TLVs               TLVs
}

func (m *SM) fields(w *walk) {
	w.text("service_type", &m.ServiceType, maxServiceType, RINVSERTYP)
	w.address("source_addr", &m.Source, maxAddress, RINVSRCADR)
	w.address("destination_addr", &m.Dest, maxAddress, RINVDSTADR)
	m.rest(w)
}

// rest is what stands behind the addresses, in submit_multi too.
func (m *SM) rest(w *walk) {
	w.octet("esm_class", &m.ESMClass)
	w.octet("protocol_id", &m.ProtocolID)
	w.octet("priority_flag", &m.Priority)
	w.time("schedule_delivery_time", &m.Schedule, RINVSCHED)
	w.time("validity_period", &m.Validity, RINVEXPIRY)
	w.octet("registered_delivery", &m.RegisteredDelivery)
	w.octet("replace_if_present_flag", &m.ReplaceIfPresent)
	w.octet("data_coding", &m.DataCoding)
	w.octet("sm_default_msg_id", &m.DefaultMessageID)
	w.message(&m.Text)
	w.tlvs(&m.TLVs)
}

// SubmitSM is a message to a handset.
type SubmitSM struct{ SM }

// Command is submit_sm.
func (*SubmitSM) Command() Command { return CommandSubmitSM }

// SubmitSMResp says that the SMSC has the message, by its id. An empty id is none.
type SubmitSMResp struct {
	MessageID string
	TLVs      TLVs
}

// Command is submit_sm_resp.
func (*SubmitSMResp) Command() Command { return CommandSubmitSM.Response() }

func (b *SubmitSMResp) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.tlvs(&b.TLVs)
}

// DeliverSM is a receipt, or a message from a handset.
type DeliverSM struct{ SM }

// Command is deliver_sm.
func (*DeliverSM) Command() Command { return CommandDeliverSM }

// DeliverSMResp says that the ESME has it. Its id is unused.
type DeliverSMResp struct {
	MessageID string
	TLVs      TLVs
}

// Command is deliver_sm_resp.
func (*DeliverSMResp) Command() Command { return CommandDeliverSM.Response() }

func (b *DeliverSMResp) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.tlvs(&b.TLVs)
}

// DataSM is a message, either way, whose text is a message_payload (3.4, 4.7).
type DataSM struct {
	ServiceType        string
	Source, Dest       Address
	ESMClass           byte
	RegisteredDelivery byte
	DataCoding         byte
	TLVs               TLVs
}

// Command is data_sm.
func (*DataSM) Command() Command { return CommandDataSM }

func (b *DataSM) fields(w *walk) {
	w.text("service_type", &b.ServiceType, maxServiceType, RINVSERTYP)
	w.address("source_addr", &b.Source, maxLongAddress, RINVSRCADR)
	w.address("destination_addr", &b.Dest, maxLongAddress, RINVDSTADR)
	w.octet("esm_class", &b.ESMClass)
	w.octet("registered_delivery", &b.RegisteredDelivery)
	w.octet("data_coding", &b.DataCoding)
	w.tlvs(&b.TLVs)
}

// SM is the same message as the other commands have it.
func (b *DataSM) SM() SM {
	return SM{
		ServiceType: b.ServiceType, Source: b.Source, Dest: b.Dest, ESMClass: b.ESMClass,
		RegisteredDelivery: b.RegisteredDelivery, DataCoding: b.DataCoding, TLVs: b.TLVs,
	}
}

// DataSMResp answers data_sm.
type DataSMResp struct {
	MessageID string
	TLVs      TLVs
}

// Command is data_sm_resp.
func (*DataSMResp) Command() Command { return CommandDataSM.Response() }

func (b *DataSMResp) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.tlvs(&b.TLVs)
}

// QuerySM asks for the state of a message (3.4, 4.8).
type QuerySM struct {
	MessageID string
	Source    Address // as it was submitted
}

// Command is query_sm.
func (*QuerySM) Command() Command { return CommandQuerySM }

func (b *QuerySM) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.address("source_addr", &b.Source, maxAddress, RINVSRCADR)
}

// QuerySMResp answers it.
type QuerySMResp struct {
	MessageID string
	FinalDate string // empty unless State is final
	State     MessageState
	ErrorCode byte
}

// Command is query_sm_resp.
func (*QuerySMResp) Command() Command { return CommandQuerySM.Response() }

func (b *QuerySMResp) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.text("final_date", &b.FinalDate, timeLength+1, RQUERYFAIL)
	w.octet("message_state", (*byte)(&b.State))
	w.octet("error_code", &b.ErrorCode)
}

// CancelSM takes a message back, or, without an id, all that match (3.4, 4.9).
type CancelSM struct {
	ServiceType  string
	MessageID    string
	Source, Dest Address
}

// Command is cancel_sm.
func (*CancelSM) Command() Command { return CommandCancelSM }

func (b *CancelSM) fields(w *walk) {
	w.text("service_type", &b.ServiceType, maxServiceType, RINVSERTYP)
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.address("source_addr", &b.Source, maxAddress, RINVSRCADR)
	w.address("destination_addr", &b.Dest, maxAddress, RINVDSTADR)
}

// ReplaceSM puts another text in the place of a message's; data_coding stays (3.4, 4.10).
type ReplaceSM struct {
	MessageID          string
	Source             Address
	Schedule, Validity string
	RegisteredDelivery byte
	DefaultMessageID   byte
	Text               []byte
}

// Command is replace_sm.
func (*ReplaceSM) Command() Command { return CommandReplaceSM }

func (b *ReplaceSM) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	w.address("source_addr", &b.Source, maxAddress, RINVSRCADR)
	w.time("schedule_delivery_time", &b.Schedule, RINVSCHED)
	w.time("validity_period", &b.Validity, RINVEXPIRY)
	w.octet("registered_delivery", &b.RegisteredDelivery)
	w.octet("sm_default_msg_id", &b.DefaultMessageID)
	w.message(&b.Text)
}

// AlertNotification says that a handset is there again (3.4, 4.12). Nothing answers it.
type AlertNotification struct {
	Source, ESME Address
	TLVs         TLVs
}

// Command is alert_notification.
func (*AlertNotification) Command() Command { return CommandAlertNotification }

func (b *AlertNotification) fields(w *walk) {
	w.address("source_addr", &b.Source, maxLongAddress, RINVSRCADR)
	w.address("esme_addr", &b.ESME, maxLongAddress, RINVDSTADR)
	w.tlvs(&b.TLVs)
}

// Unknown is a command that is none of the others.
type Unknown struct {
	ID     Command
	Octets []byte
}

// Command is its number.
func (b *Unknown) Command() Command { return b.ID }

func (b *Unknown) fields(w *walk) {
	if w.writing {
		w.octets = append(w.octets, b.Octets...)
		return
	}
	if len(w.octets) > 0 {
		b.Octets = bytes.Clone(w.octets)
	}
	w.octets = nil
}
