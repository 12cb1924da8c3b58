package kannel

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// params are the parameters of one request, whichever way they came.
type params struct {
	username, password string
	values             map[string]string // by the names of the query form; the first of several counts
	charset            string
	text               []byte
	coding             int    // of a body that says so by its type; else undefined
	missing            string // what is said when there is no receiver
	json               bool   // the answer is JSON too
}

// undefined is a number that was not given (gw/msg.h MSG_PARAM_UNDEFINED).
const undefined = -1

func (p *params) has(name string) bool {
	_, ok := p.values[name]
	return ok
}

// integer reads a number as sscanf("%d") does: digits up to the first character
// that is none. odd tells that a value is there and is no number.
func (p *params) integer(name string) (n int, odd bool) {
	if p.values[name] == "" {
		return undefined, false
	}
	text := strings.TrimLeft(p.values[name], " \t\r\n")
	end := strings.IndexFunc(strings.TrimLeft(text, "+-"), func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		text = text[:end+len(text)-len(strings.TrimLeft(text, "+-"))]
	}
	read, err := strconv.ParseInt(text, 10, 32) // one that is too large gives the largest
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return undefined, true
	}
	return int(read), false
}

// read takes the parameters from the query of a GET, or from a POST: headers
// with a body of text, as Kannel has it, a form, or JSON, as Kamex has it. Kannel 1.4.5 refuses
// a form (gw/smsbox.c smsbox_sendsms_post); what clients mean by one is clear.
func read(w http.ResponseWriter, r *http.Request) (*params, *answer) {
	switch r.Method {
	case http.MethodGet:
		return ofForm(r.URL.RawQuery), nil
	case http.MethodPost:
	default:
		return nil, &badMethod
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &tooLarge
	}
	if err != nil {
		return nil, &endedEarly
	}
	kind, charset := contentType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return ofJSON(body)
	case "application/x-www-form-urlencoded":
		return ofForm(strings.Trim(r.URL.RawQuery+"&"+string(body), "&")), nil
	case "text/plain", "application/octet-stream":
		return ofHeaders(r.Header, kind, charset, body), nil
	case "text/html", "text/vnd.wap.wml", "text/xml":
		return nil, &unsupported
	}
	return nil, &badType
}

// contentType reads the type of a body as gwlib/http.c
// http_header_get_content_type does: text without a charset is ISO-8859-1.
func contentType(header string) (kind, charset string) {
	if header == "" {
		return "application/octet-stream", ""
	}
	kind, of, err := mime.ParseMediaType(header)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(header), ";")
		return strings.TrimSpace(kind), ""
	}
	charset = of["charset"]
	if charset == "" && strings.HasPrefix(kind, "text/") {
		charset = "ISO-8859-1"
	}
	return kind, charset
}

// oldNames are other names of the query form.
var oldNames = map[string]string{
	"user": "username", "pass": "password", "dlrurl": "dlr-url",
	"dlrmask": "dlr-mask",
}

// formNames are all names that count. The others are not kept, not even for a
// moment: a form is read before the password is.
var formNames = func() map[string]bool {
	all := map[string]bool{"text": true, "charset": true}
	for _, name := range headerNames {
		all[name] = true
	}
	for old := range oldNames {
		all[old] = true
	}
	return all
}()

const missingInForm = "Missing receiver number, rejected"

// ofForm reads name=value pairs. The names are those of gw/smsbox.c
// smsbox_req_sendsms; others count for nothing, as in Kannel.
func ofForm(form string) *params {
	p := &params{values: map[string]string{}, coding: undefined, missing: missingInForm}
	for pair := range strings.SplitSeq(form, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name = unescape(name); formNames[name] && !p.has(name) {
			p.values[name] = unescape(value)
		}
	}
	p.fill()
	return p
}

// fill takes what has other names, and what a form says of the text.
func (p *params) fill() {
	for old, name := range oldNames {
		if value, ok := p.values[old]; ok && !p.has(name) {
			p.values[name] = value
		}
	}
	p.username, p.password = p.values["username"], p.values["password"]
	p.charset, p.text = p.values["charset"], []byte(p.values["text"])
}

// unescape decodes a value. A % that begins no escape stays, as in "100%"
// (gwlib/octstr.c octstr_url_decode).
func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b.WriteByte(' ')
		case text[i] == '%' && i+2 < len(text) && isHex(text[i+1:i+3]):
			b.WriteString(unescape(text[i : i+3]))
			i += 2
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdefABCDEF") == "" }

// headerNames leads from headers to the names of the query form (gw/smsbox.c
// get_x_kannel_from_headers).
var headerNames = map[string]string{
	"From": "from", "To": "to", "Username": "username", "Password": "password", "SMSC": "smsc", "UDH": "udh",
	"DLR-URL": "dlr-url", "DLR-Mask": "dlr-mask", "Account": "account", "BInfo": "binfo", "Coding": "coding",
	"PID": "pid",
	"MWI": "mwi", "MClass": "mclass", "Alt-DCS": "alt-dcs", "Compress": "compress", "Validity": "validity",
	"Deferred": "deferred", "RPI": "rpi", "Priority": "priority", "Meta-Data": "meta-data",
}

func ofHeaders(h http.Header, kind, charset string, body []byte) *params {
	p := &params{
		values: map[string]string{}, charset: charset, text: body, coding: undefined,
		missing: "Missing receiver(s) number(s), rejected",
	}
	for header, name := range headerNames {
		if values := h[textproto.CanonicalMIMEHeaderKey("X-Kannel-"+header)]; len(values) > 0 {
			p.values[name] = strings.TrimSpace(values[0])
		}
	}
	p.username, p.password = p.values["username"], p.values["password"]
	if kind == "application/octet-stream" {
		p.coding = binary
	}
	return p
}
