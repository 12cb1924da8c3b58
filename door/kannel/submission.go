package kannel

import (
	"encoding/hex"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// What a message keeps of its request, in its metadata: delivery reports are
// made of it, and a search finds it.
const (
	keptUser     = "kannel-user"
	keptURL      = "kannel-dlr-url"
	keptMask     = "kannel-dlr-mask"
	keptAccount  = "kannel-account"
	keptBilling  = "kannel-binfo"
	keptMetaData = "kannel-meta-data"
)

// maxAccount is the longest account (gw/smsbox.c ACCOUNT_MAX_LEN).
const maxAccount = 64

// longest is the longest validity that the gateway keeps to.
const longest = 7 * 24 * time.Hour

// fields are the numbers of a request, in the order in which gw/smsbox.c
// smsbox_req_handle judges them, with their bounds and the name by which an
// answer calls them. ignored says what becomes of a value, but for the ordinary
// one, which asks for nothing; "" means that it is honoured, as is class 0.
var fields = []struct {
	name, label string
	most        int
	ordinary    int
	ignored     reason.Code
}{
	{"dlr-mask", "DLR-Mask", 66, undefined, ""},
	{"mclass", "MClass", 3, 1, ignoredClass},
	{"pid", "PID", 255, 0, ignoredProtocol},
	{"rpi", "RPI", 2, 0, ignoredPath},
	{"alt-dcs", "Alt-DCS", 1, 0, ignoredCoding},
	{"mwi", "MWI", 7, undefined, ignoredIndicator},
	{"coding", "Coding", 2, undefined, ""},
	{"compress", "Compress", 1, 0, ignoredCompression},
	{"validity", "Validity", math.MaxInt32, undefined, ""},
	{"deferred", "Deferred", math.MaxInt32, undefined, ""},
	{"priority", "Priority", 3, undefined, ""},
}

// classFlash is the mclass of a text that the handset shows at once (gw/sms.h MC_CLASS0).
const classFlash = 0

// report is what a client wants to hear of its messages.
type report struct {
	url  string // with its escapes
	host string // scheme and host of url, which is the endpoint
	mask int
}

// submission translates a request (gw/smsbox.c smsbox_req_sendsms,
// smsbox_req_handle).
func (d *Door) submission(user User, p *params) (gateway.Submission, report, *answer) {
	s := gateway.Submission{
		Account: user.Account, Actor: sms.DoorActor("kannel", p.username), Sender: user.Sender, Class: user.Class,
		Connector: user.Connector, Within: user.Within,
		Metadata: map[string]string{keptUser: p.username},
	}
	if refused := receivers(&s, p, user.National); refused != nil {
		return s, report{}, refused
	}
	if refused := unsendable(p); refused != nil {
		return s, report{}, refused
	}
	if from := p.values["from"]; from != "" {
		s.Sender = sms.Sender(from)
	}
	if smsc := p.values["smsc"]; smsc != "" && !user.ForceConnector {
		s.Connector = smsc
	} else if smsc != "" {
		s.Notes = append(s.Notes, note("smsc", ignoredConnector))
	}
	n, refused := numbers(p, &s)
	if refused != nil {
		return s, report{}, refused
	}
	wanted, refused := reportOf(p, n["dlr-mask"], &s)
	if refused != nil {
		return s, wanted, refused
	}
	if refused := d.times(&s, n["validity"], n["deferred"]); refused != nil {
		return s, wanted, refused
	}
	if n["priority"] == 3 && user.UrgentClass != "" {
		s.Class = user.UrgentClass
	}
	return s, wanted, text(&s, p, n["coding"])
}

// receivers splits the list of numbers at spaces, each once.
func receivers(s *gateway.Submission, p *params, national bool) *answer {
	to := p.values["to"]
	switch {
	case !p.has("to"):
		refused := badRequest(p.missing)
		return &refused
	case strings.TrimSpace(to) == "":
		refused := badRequest("Empty receiver number not allowed, rejected")
		return &refused
	}
	seen := map[string]bool{}
	for number := range strings.FieldsSeq(to) {
		if number = international(number, national); !seen[number] {
			seen[number] = true
			s.To = append(s.To, number)
		}
	}
	return nil
}

// international puts the + before digits that begin with the country code.
// Kannel hands numbers on as they are, and operators want them so; in a query a
// + that is not escaped is a space besides.
func international(number string, national bool) string {
	bare := number != "" && strings.Trim(number, "0123456789-") == "" && number[0] != '0'
	if national || !bare {
		return number
	}
	return "+" + number
}

// unsendable refuses what is no text, or cannot be kept.
func unsendable(p *params) *answer {
	var refused answer
	account := p.values["account"]
	switch {
	case len(account) > maxAccount || strings.ContainsAny(account, "[]\n\r"):
		refused = badRequest("Account field misformed or too long, rejected")
	default:
		return nil
	}
	return &refused
}

// numbers reads and judges the numbers of a request, and notes those that count
// for nothing.
func numbers(p *params, s *gateway.Submission) (map[string]int, *answer) {
	n := map[string]int{}
	for _, f := range fields {
		value, odd := p.integer(f.name)
		switch {
		case odd:
			s.Notes = append(s.Notes, note(f.name, ignoredNoNumber))
		case value < undefined || value > f.most:
			refused := badRequest(f.label + " field misformed, rejected")
			return nil, &refused
		case f.name == "mclass" && value == classFlash && p.values[f.name] != "":
			s.Kind = sms.Flash
		case f.ignored != "" && value != undefined && value != f.ordinary:
			s.Notes = append(s.Notes, note(f.name, f.ignored))
		}
		n[f.name] = value
	}
	return n, nil
}

func note(name string, why reason.Code) reason.Reason {
	return reason.Of(codeIgnored, reason.Args{"name": reason.Name(name), "why": reason.Of(why, nil)})
}

// reportOf reads what the client wants to hear, and keeps it with the message.
func reportOf(p *params, mask int, s *gateway.Submission) (report, *answer) {
	for kept, name := range map[string]string{
		keptAccount: "account", keptBilling: "binfo",
		keptMetaData: "meta-data",
	} {
		if value := p.values[name]; value != "" {
			s.Metadata[kept] = value
		}
	}
	address := p.values["dlr-url"]
	if address == "" {
		if mask > 0 {
			s.Notes = append(s.Notes, note("dlr-mask", ignoredNoURL))
		}
		return report{}, nil
	}
	host, ok := hostOf(address)
	if _, err := url.Parse((&dlr{}).address(address)); !ok || err != nil {
		refused := badRequest("DLR-URL field misformed, rejected")
		return report{}, &refused
	}
	if mask <= 0 {
		return report{}, nil // Kannel calls for nothing then either
	}
	s.Metadata[keptURL], s.Metadata[keptMask] = address, strconv.Itoa(mask)
	return report{url: address, host: host, mask: mask}, nil
}

// hostOf is the part of an address before its path. The rest may hold escapes,
// which no parser of URLs takes, and differs from message to message.
func hostOf(address string) (string, bool) {
	scheme, rest, found := strings.Cut(address, "://")
	if scheme = strings.ToLower(scheme); !found || scheme != "http" && scheme != "https" {
		return "", false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	u, err := url.Parse(scheme + "://" + rest + "/")
	if err != nil || u.Host == "" || strings.Contains(rest[strings.LastIndexByte(rest, '@')+1:], "%") {
		return "", false // an escape would be filled later, and lead to a host that nobody judged
	}
	u.User = nil // it goes with the request
	return u.String(), true
}

// most bounds minutes: what is longer is too long for the gateway as well.
const most = 2 * 366 * 24 * 60

// times counts both from now, in minutes (gw/smsbox.c smsbox_req_handle); the
// gateway counts the validity from the date of sending.
func (d *Door) times(s *gateway.Submission, validity, deferred int) *answer {
	deferred = max(0, min(deferred, most))
	if deferred > 0 {
		s.SendAt = d.Now().Add(time.Duration(deferred) * time.Minute)
	}
	if validity == undefined {
		return nil
	}
	s.ValidFor = time.Duration(min(validity, 2*most)-deferred) * time.Minute
	if s.ValidFor <= 0 {
		refused := badRequest("Validity field misformed, rejected: it is over before the message may leave")
		return &refused
	}
	if s.ValidFor > longest {
		s.ValidFor = longest
		s.Notes = append(s.Notes, reason.Of(codeValidity, reason.Args{
			"hours": reason.Count(longest.Hours()),
		}))
	}
	return nil
}

func text(s *gateway.Submission, p *params, coding int) *answer {
	header := p.values["udh"]
	switch {
	case coding == undefined && p.coding == undefined && header != "":
		coding = binary // a header makes 8-bit data, unless coding says otherwise (user guide, coding)
	case coding == undefined:
		coding = p.coding
	}
	var refused answer
	switch {
	case coding == binary:
		if s.Kind == sms.Flash {
			s.Notes = append(s.Notes, note("mclass", ignoredClass))
		}
		s.Kind, s.Data, s.UDH = sms.Binary, hex.EncodeToString(p.text), hex.EncodeToString([]byte(header))
		return nil
	case header != "":
		refused = badRequest("UDH field misformed, rejected: a text with a header of its own (udh) cannot " +
			"be sent, only 8-bit data (coding 1). Send a long text whole: it is split here")
		return &refused
	}
	decoded, ok := textOf(p.text, p.charset, coding)
	if !ok {
		refused = badRequest("Charset or body misformed, rejected")
		return &refused
	}
	s.Text = decoded
	return nil
}
