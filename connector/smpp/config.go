package smpp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/smpp"
	"relais/sms"
)

// What bind may be.
const (
	transceiver = "transceiver"
	pair        = "pair"
)

// What long_messages may be.
const (
	byHeader  = "udh"
	bySAR     = "sar"
	byPayload = "payload"
)

// What flash may be.
const (
	noFlash   = "none"
	byCoding  = "coding"
	bySubunit = "subunit"
)

// What ids may be.
const (
	sameIDs = "same"
	hexDec  = "hex-dec"
	decHex  = "dec-hex"
)

// Limits of the section (our choice; peers allow 10 in a window and 1 to 4 binds).
const (
	mostBinds  = 16
	mostWindow = 1000
)

// alphabets are what data_coding 0 may mean.
var alphabets = map[string]smpp.Charset{
	"gsm": smpp.GSM7, "gsm-packed": smpp.GSM7Packed, "latin1": smpp.Latin1, "ascii": smpp.ASCII,
}

// Config is the section of an instance.
type Config struct {
	Address       string           `toml:"address" doc:"Host and port of the operator's SMSC." example:"smpp.operator.example:2776"`
	TLS           bool             `toml:"tls" doc:"TLS from the first octet. False sends the password and every text in the clear: for a private line or a tunnel."`
	TLSName       string           `toml:"tls_name" doc:"Name in the operator's certificate; empty: the host of address."`
	TLSCA         string           `toml:"tls_ca" doc:"File with the certificate (PEM) of the operator's own authority; empty: those of the system."`
	SystemID      string           `toml:"system_id" doc:"Name of the account at the SMSC, at most 15 characters." example:"mairie"`
	Password      connector.Secret `toml:"password" doc:"Its password, at most 8 characters." example:"k7Rw2pQz"`
	SystemType    string           `toml:"system_type" doc:"What some operators want in the bind beside the name; mostly empty."`
	Bind          string           `toml:"bind" doc:"Sessions: \"transceiver\", which sends and receives, or \"pair\", a transmitter and a receiver."`
	Binds         int              `toml:"binds" doc:"How many of them; as many as the contract allows, and no more."`
	Window        int              `toml:"window" doc:"Most messages of one session without an answer. A broken session leaves so many in doubt at most."`
	Sender        string           `toml:"sender" doc:"Sender of messages that name none; empty leaves it to the operator." example:"MAIRIE"`
	NameType      string           `toml:"name_type" doc:"TON and NPI of a sender that is a name."`
	ShortCodeType string           `toml:"short_code_type" doc:"TON and NPI of a sender that is a short code."`
	NumberType    string           `toml:"number_type" doc:"TON and NPI of a sender that is a number."`
	ToType        string           `toml:"to_type" doc:"TON and NPI of the recipient, who is written in international digits without a plus."`
	ServiceType   string           `toml:"service_type" doc:"What some operators want in each message; mostly empty."`
	Alphabet      string           `toml:"alphabet" doc:"What the operator's data_coding 0 is: \"gsm\", \"gsm-packed\", \"latin1\" or \"ascii\"."`
	LongMessages  string           `toml:"long_messages" doc:"How a text of several segments travels: \"udh\" in parts with a header, \"sar\" in parts with parameters, \"payload\" as one."`
	Flash         string           `toml:"flash" doc:"How a message that opens by itself is marked: \"coding\" by its data_coding, \"subunit\" by dest_addr_subunit, which OVH wants; \"none\" where the operator has none."`
	Binary        bool             `toml:"binary" doc:"The operator takes binary messages, by data_coding 4."`
	IDs           string           `toml:"ids" doc:"How the operator writes the same id twice: \"same\", or \"hex-dec\" for hexadecimal in its answer and decimal in its receipt, or \"dec-hex\"."`
	IDsFold       bool             `toml:"ids_fold" doc:"Capitals in ids do not matter."`
	IDsTrimZeros  bool             `toml:"ids_trim_zeros" doc:"Zeros in front of ids do not matter."`
	Query         bool             `toml:"query" doc:"Ask the operator for the state of messages whose receipt does not come (query_sm); false where it has no such question."`
	TLVs          []string         `toml:"tlvs" doc:"Optional parameters of the operator's own that messages bring in their metadata, each as NAME=TAG: the name in metadata, and the tag, 0x1400 to 0x3fff. A colon and a form may follow: text, octets (in hexadecimal), uint8, uint16 or uint32. Without one it is text." example:"campaign=0x1400, route=0x1402:uint8"`
	TimeZone      string           `toml:"time_zone" doc:"Time zone of the dates in receipts; empty: they are not read, and the time of arrival stands." example:"Europe/Paris"`
	EnquireEvery  time.Duration    `toml:"enquire_every" doc:"Silence after which the operator is asked for a sign of life."`
	AnswerTimeout time.Duration    `toml:"answer_timeout" doc:"Longest wait for the answer to a message. Then the message is in doubt, and a late answer settles it."`

	// Locate tells where the SMSC listens, before each connection to it; nil: at Address. It is no
	// key: a simulated SMSC may get another port each time it starts.
	Locate func(context.Context) (address string, err error)
}

func newConfig() any {
	return &Config{
		TLS: true, Bind: transceiver, Binds: 1, Window: 10,
		NameType: "5/0", ShortCodeType: "3/0", NumberType: "1/1", ToType: "1/1", // observed: OVH, Infobip
		Alphabet: "gsm", LongMessages: byHeader, Flash: noFlash, IDs: sameIDs,
		EnquireEvery: 30 * time.Second, AnswerTimeout: time.Minute,
	}
}

var typeForm = regexp.MustCompile(`^([0-6])/([0-9]|1[0-8])$`)

// Validate checks every key and tells all that is wrong at once.
func (c *Config) Validate() error {
	host, port, err := net.SplitHostPort(c.Address)
	number, portErr := strconv.ParseUint(port, 10, 16)
	_, known := alphabets[c.Alphabet]
	_, zoneErr := time.LoadLocation(c.TimeZone)
	return errors.Join(
		check(err == nil && host != "" && portErr == nil && number > 0, "address", whyAddress, nil),
		check(within(c.SystemID, 1, 15), "system_id", whySystemID, nil),
		check(within(c.Password.Reveal(), 1, 8), "password", whyPassword, nil),
		check(within(c.SystemType, 0, 12), "system_type", whyShort, most(12)),
		check(within(c.ServiceType, 0, 5), "service_type", whyShort, most(5)),
		check(c.Bind == transceiver || c.Bind == pair, "bind", whyBind, nil),
		check(c.Binds >= 1 && c.Binds <= mostBinds, "binds", whyCount, most(mostBinds)),
		check(c.Window >= 1 && c.Window <= mostWindow, "window", whyCount, most(mostWindow)),
		check(c.Sender == "" || writable(sms.Sender(c.Sender)), "sender", whySender, nil),
		check(typeForm.MatchString(c.NameType), "name_type", whyType, nil),
		check(typeForm.MatchString(c.ShortCodeType), "short_code_type", whyType, nil),
		check(typeForm.MatchString(c.NumberType), "number_type", whyType, nil),
		check(typeForm.MatchString(c.ToType), "to_type", whyType, nil),
		check(known, "alphabet", whyAlphabet, nil),
		check(c.LongMessages == byHeader || c.LongMessages == bySAR || c.LongMessages == byPayload,
			"long_messages", whyLong, nil),
		check(c.Flash == noFlash || c.Flash == byCoding || c.Flash == bySubunit, "flash", whyFlash, nil),
		check(c.IDs == sameIDs || c.IDs == hexDec || c.IDs == decHex, "ids", whyIDs, nil),
		check(!c.Query || c.rule() == smpp.IDRule{}, "query", whyQuery, nil),
		check(goodParameters(c.TLVs), "tlvs", whyTLVs, most(mostParameters)),
		check(zoneErr == nil, "time_zone", whyZone, nil),
		check(c.EnquireEvery >= time.Second, "enquire_every", whyDuration, nil),
		check(c.AnswerTimeout >= time.Second, "answer_timeout", whyDuration, nil),
	)
}

// within reports whether a text is ASCII of so many characters.
func within(text string, least, most int) bool {
	for _, octet := range []byte(text) {
		if octet < ' ' || octet > '~' {
			return false
		}
	}
	return len(text) >= least && len(text) <= most
}

func most(n int) reason.Args { return reason.Args{"most": reason.Count(n)} }

func check(ok bool, key string, why reason.Code, args reason.Args) error {
	if ok {
		return nil
	}
	return &connector.ConfigError{Key: key, Reason: reason.Of(why, args)}
}

// addressType is a TON and an NPI.
type addressType struct{ ton, npi byte }

// typeOf reads "5/0", which Validate has seen.
func typeOf(text string) addressType {
	ton, npi, _ := strings.Cut(text, "/")
	t, _ := strconv.Atoi(ton)
	n, _ := strconv.Atoi(npi)
	return addressType{byte(t), byte(n)}
}

// rule is how ids are compared.
func (c *Config) rule() smpp.IDRule {
	bases := map[string]smpp.Base{sameIDs: smpp.SameBase, hexDec: smpp.HexDec, decHex: smpp.DecHex}
	return smpp.IDRule{Base: bases[c.IDs], Fold: c.IDsFold, TrimZeros: c.IDsTrimZeros}
}

// Provider is the entry of the application's table.
func Provider() connector.Provider {
	return connector.Provider{Name: "smpp", Title: "SMPP", NewConfig: newConfig, Open: open}
}

func open(config any, env connector.Env) (connector.Connector, connector.Facts, error) {
	c, ok := config.(*Config)
	if !ok {
		return nil, connector.Facts{}, fmt.Errorf("open smpp: configuration is a %T, want %T", config, c)
	}
	i := &instance{
		config: *c, env: env, rule: c.rule(), charset: alphabets[c.Alphabet], parameters: parametersOf(c.TLVs),
		efforts: map[sms.ID]*effort{}, joined: map[string]*joined{}, held: map[longKey]*heldText{},
		told: make(chan struct{}),
	}
	if c.TimeZone != "" {
		zone, err := time.LoadLocation(c.TimeZone)
		if err != nil {
			return nil, connector.Facts{}, fmt.Errorf("open smpp: %w", err)
		}
		i.zone = zone
	}
	if c.TLS {
		tlsConfig, err := c.tlsConfig()
		if err != nil {
			return nil, connector.Facts{}, err
		}
		i.tls = tlsConfig
	}
	if c.Query {
		return asking{i}, c.facts(), nil
	}
	return i, c.facts(), nil
}

func (c *Config) tlsConfig() (*tls.Config, error) {
	name := c.TLSName
	if name == "" {
		name, _, _ = net.SplitHostPort(c.Address) // seen by Validate
	}
	config := &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	if c.TLSCA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(c.TLSCA)
	if err != nil {
		return nil, reason.Wrap(err, whyCA, nil)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, reason.NewError(whyCA, nil)
	}
	return config, nil
}

// answerSlack is how much longer a call may take than its answer is waited for: the parts of a
// long text go one after another.
const answerSlack = 10 * time.Second

func (c *Config) facts() connector.Facts {
	var kinds []sms.Kind
	if c.Flash != noFlash {
		kinds = append(kinds, sms.Flash)
	}
	if c.Binary {
		kinds = append(kinds, sms.Binary)
	}
	return connector.Facts{
		Kinds:         kinds,
		MaxBatch:      1,
		StatusBatch:   statusBatch,
		Concurrency:   c.Binds * c.Window,
		Timeout:       c.AnswerTimeout + answerSlack,
		DefaultSender: sms.Sender(c.Sender).Kind(),
		PartReceipts:  c.LongMessages != byPayload,
		Simulated:     connector.OnThisMachine("smpp://" + c.Address),
	}
}
