package mail

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Section is a mail server of the door.
type Section struct {
	Listen      string                   `toml:"listen" doc:"Address in the clear; with a certificate it offers STARTTLS. Empty means none." example:"0.0.0.0:587"`
	TLS         string                   `toml:"tls" doc:"Address with TLS from the first octet on. Empty means none." example:"0.0.0.0:465"`
	Certificate string                   `toml:"certificate" doc:"File of the certificate and its chain (PEM)." example:"/etc/relais/mail.pem"`
	Key         string                   `toml:"key" doc:"File of its key (PEM)." example:"/etc/relais/mail.key"`
	Hostname    string                   `toml:"hostname" doc:"Name by which the server greets." example:"sms.town.example"`
	MaxSize     int                      `toml:"max_size" doc:"Octets of a mail at most, its attachments included, though these are not sent."`
	Clients     map[string]ClientSection `toml:"client" doc:"Who may send, by the user name of a login. An API key logs in with any other user name, and the key as the password."`
	Aliases     map[string]AliasSection  `toml:"alias" doc:"Names that may stand before @ in place of a number."`
}

// ClientSection is one who may send.
type ClientSection struct {
	Account       string           `toml:"account" doc:"Account (tenant) that owns the messages." example:"town-hall"`
	Password      connector.Secret `toml:"password" doc:"Password of the login, or what relais hash makes of it. Empty means that there is no login. Beyond this machine a login needs TLS." example:"changeme"`
	Networks      []string         `toml:"networks" doc:"Addresses and networks from which mail is taken without a login: of devices that know none." example:"10.0.7.0/24"`
	Senders       []string         `toml:"senders" doc:"Addresses, or @ and a domain, whose mail is taken from everywhere, without a login, when SPF or DKIM proves the domain of the From line. Wants domains." example:"duty@town.example, @it.town.example"`
	Domains       []string         `toml:"domains" doc:"Domains of the recipients: NUMBER@DOMAIN. Empty means every one." example:"sms.town.example"`
	Text          string           `toml:"text" doc:"What is sent: body, subject, or both, the subject first. Empty means body." example:"subject"`
	CutAt         []string         `toml:"cut_at" doc:"Words of a line from which on nothing is sent, beside signatures and quoted mails." example:"Sent from my telephone"`
	Automatic     bool             `toml:"automatic" doc:"Mail that a program marks as written by itself (Auto-Submitted: auto-generated, Precedence: bulk) is taken. Answers of machines are refused all the same."`
	Receipts      string           `toml:"receipts" doc:"What is told of a message, by a mail to the sender of the mail that it came by: failed, when nobody got it; or all, how it ended. Empty means nothing. Wants a server in [mail]." example:"failed"`
	Replies       bool             `toml:"replies" doc:"A reply of the person goes to the sender of that mail, as a mail. Wants a server in [mail]."`
	Sender        string           `toml:"sender" doc:"Sender of the messages. Empty means the account's." example:"TownHall"`
	Connector     string           `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class         sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	DefaultRegion string           `toml:"default_region" doc:"Country of numbers as dialled, as two letters (ISO 3166-1). Empty means the account's." example:"FR"`
}

// AliasSection is a name for numbers.
type AliasSection struct {
	Numbers []string `toml:"numbers" doc:"The numbers that the name stands for, in E.164." example:"+33639980001"`
}

// Bounds of max_size.
const (
	usualSize = 1 << 20
	leastSize = 64 << 10
	mostSize  = 32 << 20
)

func defaults() *Section { return &Section{MaxSize: usualSize, Hostname: "relais"} }

// Addresses implements door.Listening.
func (s *Section) Addresses() []string { return []string{s.Listen, s.TLS} }

// Table is that of the door's servers.
func Table() section.Table {
	return section.Table{
		Key:   "smtp",
		Doc:   "A mail server of the door for programs and devices that know only mail, by a name for people. Without such a section the door is closed.",
		New:   func() any { return defaults() },
		Check: check,
	}
}

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	servers := section.Of[Section](sections)
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		found = append(found, servers[name].check(section.Path{name}, rest)...)
	}
	return found
}

var (
	host   = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	alias  = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)
	e164   = regexp.MustCompile(`^\+[1-9][0-9]{3,14}$`)
	listed = regexp.MustCompile(`^[^@\s<>",;]*@[^@\s<>",;]+$`)
)

func (s *Section) check(at section.Path, rest section.Rest) []section.Finding {
	found := section.Findings(at, []section.Judged{
		{Key: "listen", Wrong: wrongAddress(s.Listen)},
		{Key: "listen", Wrong: section.Unless(s.Listen != "" || s.TLS != "", whyListen)},
		{Key: "tls", Wrong: wrongAddress(s.TLS)},
		{Key: "certificate", Wrong: section.Unless((s.Certificate == "") == (s.Key == "") && (s.TLS == "" || s.Certificate != ""), whyTLS)},
		{Key: "hostname", Wrong: section.Unless(host.MatchString(s.Hostname), whyDomain)},
		{Key: "max_size", Wrong: section.Unless(s.MaxSize >= leastSize && s.MaxSize <= mostSize, whySize)},
		{Key: "client", Wrong: section.Unless(len(s.Clients) > 0, whyNobody)},
	})
	for _, name := range slices.Sorted(maps.Keys(s.Clients)) {
		one := s.Clients[name]
		found = append(found, one.check(at.To("client").To(name), rest)...)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Aliases)) {
		good := alias.MatchString(name) && strings.Trim(name, "0123456789") != "" && len(s.Aliases[name].Numbers) > 0
		for _, n := range s.Aliases[name].Numbers {
			good = good && e164.MatchString(n)
		}
		found = append(found, section.Findings(at.To("alias").To(name), []section.Judged{{Key: "numbers", Wrong: section.Unless(good, whyAlias)}})...)
	}
	return found
}

func wrongAddress(address string) reason.Reason {
	if address == "" {
		return reason.Reason{}
	}
	return section.WrongAddress(address)
}

func (c *ClientSection) check(at section.Path, rest section.Rest) []section.Finding {
	password := c.Password.Reveal()
	return section.Findings(at, []section.Judged{
		{Key: "account", Wrong: section.WrongAccount(c.Account)},
		{Key: "password", Wrong: section.Unless(!strings.HasPrefix(password, "$argon2id$") || auth.IsPasswordHash(password), whyHash)},
		{Key: "password", Wrong: section.Unless(password != "" || len(c.Networks) > 0 || len(c.Senders) > 0, whyNobody)},
		{Key: "networks", Wrong: section.WrongNetworks(c.Networks)},
		{Key: "senders", Wrong: section.Unless(!slices.ContainsFunc(c.Senders, func(one string) bool { return !listed.MatchString(one) }), whySender)},
		{Key: "senders", Wrong: section.Unless(len(c.Senders) == 0 || len(c.Domains) > 0, whyProof)},
		{Key: "domains", Wrong: section.Unless(!slices.ContainsFunc(c.Domains, func(one string) bool { return !host.MatchString(one) }), whyDomain)},
		{Key: "text", Wrong: wrongText(c.Text)},
		{Key: "cut_at", Wrong: section.Unless(!slices.ContainsFunc(c.CutAt, func(one string) bool { return strings.TrimSpace(one) == "" }), whyMark)},
		{Key: "receipts", Wrong: section.Unless(c.Receipts == "" || section.WrongWord(c.Receipts, receiptsFailed, receiptsAll).IsZero(), whyReceipts)},
		{Key: "sender", Wrong: section.WrongSender(c.Sender)},
		{Key: "connector", Wrong: rest.WrongConnector(c.Connector)},
		{Key: "class", Wrong: section.WrongClassOrNone(c.Class)},
		{Key: "default_region", Wrong: section.WrongRegionOrNone(c.DefaultRegion)},
	})
}

func wrongText(word string) reason.Reason {
	if word == "" {
		return reason.Reason{}
	}
	return section.WrongWord(word, textBody, textSubject, textBoth)
}
