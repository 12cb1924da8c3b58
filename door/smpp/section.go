package smpp

import (
	"maps"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/reason"
	"relais/smpp"
	"relais/sms"
)

// Section is one client of the door, by its system id.
type Section struct {
	Password      connector.Secret `toml:"password" doc:"Password of the bind, or what relais hash makes of it. Many clients send 8 characters at most." example:"secret08"`
	Account       string           `toml:"account" doc:"Account (tenant) that owns the messages." example:"town-hall"`
	AllowFrom     []string         `toml:"allow_from" doc:"Addresses and networks that the client may bind from. Empty means every one." example:"127.0.0.1, 10.0.0.0/8"`
	MaxBinds      int              `toml:"max_binds" doc:"Binds that the client may have at once."`
	Window        int              `toml:"window" doc:"Requests of one bind that are worked on at once; what comes beyond is not read yet. As many receipts and replies wait for their answer."`
	Rate          float64          `toml:"rate" doc:"Segments that the client may send each second, over all its binds to a node. Beyond, answers are put off by up to a second, then ESME_RTHROTTLED. 0 means that it is not bounded."`
	Alphabet      string           `toml:"alphabet" doc:"What data_coding 0 means: gsm (the GSM alphabet, one character in each octet), gsm-packed, latin1 or ascii."`
	IDs           string           `toml:"ids" doc:"Form of message_id: reference (20 letters, digits, dashes and underscores) or uuid (36 characters, for clients that do not tell capitals from small letters). Clients that bind by version 3.3 get 8 hexadecimal digits."`
	Receipts      string           `toml:"receipts" doc:"Form of receipts: both, text (that of appendix B of the specification) or tlv (receipted_message_id and message_state)."`
	Replies       string           `toml:"replies" doc:"Replies that the client gets: account (all of the account), own (those to its messages) or none."`
	KeyTLV        int              `toml:"key_tlv" doc:"Tag of the optional parameter in which the client sends a key of its own for each message, 5120 to 16383: the same key again gets the first answer and sends nothing. 0 means none." example:"5120"`
	RepeatsWithin time.Duration    `toml:"repeats_within" doc:"How long a message with the addresses, the schedule, the reference of its parts and the text of an earlier one counts as that one: for clients that send again what was not answered when a connection broke. A person who is to get the same text twice does not, within that time. 0s means never." example:"5m"`
	Sender        string           `toml:"sender" doc:"Sender of messages without source_addr. Empty means the account's." example:"TownHall"`
	Numbers       string           `toml:"numbers" doc:"How digits that begin with neither + nor 0 are read where their TON is not international: international, with the country code first, or national, in the account's country."`
	Connector     string           `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class         sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	UrgentClass   sms.Class        `toml:"urgent_class" doc:"Class of messages with priority_flag 3, the highest. Empty means class." example:"otp"`
}

func defaults() *Section {
	return &Section{
		Account: "default", MaxBinds: 10, Window: 100, Alphabet: "gsm", IDs: idReference, Receipts: receiptsBoth, Replies: repliesOfAccount,
		Numbers: "international",
	}
}

// Words of the settings.
const (
	idReference      = "reference"
	idUUID           = "uuid"
	receiptsBoth     = "both"
	receiptsText     = "text"
	receiptsTLV      = "tlv"
	repliesOfAccount = "account"
	repliesOwn       = "own"
	repliesNone      = "none"
)

var alphabets = map[string]smpp.Charset{
	"gsm": smpp.GSM7, "gsm-packed": smpp.GSM7Packed, "latin1": smpp.Latin1, "ascii": smpp.ASCII,
}

// Table is that of the door's clients.
func Table() section.Table {
	return section.Table{
		Key: "smpp",
		Doc: "A client of the door for SMPP, by its system id. Without such a section, or without smpp_listen or " +
			"smpp_tls.listen, the door is closed.",
		New: func() any { return defaults() },
		Check: func(sections map[string]any, rest section.Rest) (found []section.Finding) {
			clients := section.Of[Section](sections)
			for _, name := range slices.Sorted(maps.Keys(clients)) {
				found = append(found, clients[name].check(name, rest)...)
			}
			return found
		},
	}
}

// Bounds of the settings.
const (
	mostSystemID = 15 // octets (3.4, 5.2.1)
	mostPassword = 64 // longer than the 8 of 3.4, 5.2.2: clients send such ones (observed: vumi#859)
	mostBinds    = 1000
	mostWindow   = 1000
	mostRate     = 100_000
	mostRepeats  = 24 * time.Hour
	// Tags that vendors have for parameters of their own (3.4, 5.3.1).
	firstVendorTag = 0x1400
	lastVendorTag  = 0x3FFF
)

func (s *Section) check(name string, rest section.Rest) []section.Finding {
	password := string(s.Password.Reveal())
	found := section.Findings(section.Path{name}, []section.Judged{
		{Key: "password", Wrong: section.Unless(password != "", whyPassword)},
		{Key: "password", Wrong: section.Unless(auth.IsPasswordHash(password) || len(password) <= mostPassword && !strings.Contains(password, "\x00"), whyLongPassword)},
		{Key: "password", Wrong: section.Unless(!strings.HasPrefix(password, "$argon2id$") || auth.IsPasswordHash(password), whyHash)},
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
		{Key: "max_binds", Wrong: outside(s.MaxBinds, 1, mostBinds)},
		{Key: "window", Wrong: outside(s.Window, 1, mostWindow)},
		{Key: "rate", Wrong: section.Unless(s.Rate >= 0 && s.Rate <= mostRate, whyRate)},
		{Key: "alphabet", Wrong: section.WrongWord(s.Alphabet, "gsm", "gsm-packed", "latin1", "ascii")},
		{Key: "ids", Wrong: section.WrongWord(s.IDs, idReference, idUUID)},
		{Key: "receipts", Wrong: section.WrongWord(s.Receipts, receiptsBoth, receiptsText, receiptsTLV)},
		{Key: "replies", Wrong: section.WrongWord(s.Replies, repliesOfAccount, repliesOwn, repliesNone)},
		{Key: "key_tlv", Wrong: section.Unless(s.KeyTLV == 0 || s.KeyTLV >= firstVendorTag && s.KeyTLV <= lastVendorTag, whyTag)},
		{Key: "repeats_within", Wrong: section.Unless(s.RepeatsWithin == 0 || s.RepeatsWithin >= time.Second && s.RepeatsWithin <= mostRepeats, whyRepeats)},
		{Key: "sender", Wrong: section.WrongSender(s.Sender)},
		{Key: "numbers", Wrong: section.WrongWord(s.Numbers, "international", "national")},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "urgent_class", Wrong: section.WrongClassOrNone(s.UrgentClass)},
	})
	if !isSystemID(name) {
		found = append(found, section.Finding{At: section.Path{name}, Wrong: reason.Of(whySystemID, reason.Args{"most": reason.Count(mostSystemID)})})
	}
	return found
}

// isSystemID reports whether clients can send a name as their system_id, and an address of an
// endpoint can hold it.
func isSystemID(name string) bool {
	if name == "" || len(name) > mostSystemID {
		return false
	}
	for _, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-_.", c) {
			return false
		}
	}
	return true
}

func outside(n, least, most int) reason.Reason {
	if n >= least && n <= most {
		return reason.Reason{}
	}
	return reason.Of(whyBounds, reason.Args{"least": reason.Count(least), "most": reason.Count(most)})
}
