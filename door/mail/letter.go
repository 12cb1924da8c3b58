package mail

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/emersion/go-smtp"

	"relais/reason"
)

// letter is what a mail says.
type letter struct {
	text     string
	from     string // the address of its From line; empty: there is none, or several
	id       string // its Message-ID; empty: it has none
	identity []byte // what tells it from every other mail; nil: nothing does
	notes    []reason.Reason
}

// wanted is what a client's settings say of the text.
type wanted struct {
	Text      string   // body, subject or both; empty: body
	CutAt     []string // marks from which on nothing is sent
	Automatic bool     // mail that programs write by themselves is taken
}

// Words of the setting text.
const (
	textBody    = "body"
	textSubject = "subject"
	textBoth    = "both"
)

// Bounds of a mail.
const (
	mostParts = 200
	mostDepth = 10
	mostHops  = 50 // Received lines (RFC 5321, 6.3)
)

// smuggled finds ends of lines that servers read differently: a dot alone between them ends the mail for some (SMTP smuggling,
// 2023), and a lone LF behind CR LF is what such a dot leaves.
var smuggled = regexp.MustCompile("[^\r]\n\\.\r?\n|\r\n\n|\r\\.\r|\r\\.\n")

// read reads a mail, or refuses it.
func read(raw []byte, w wanted) (*letter, error) {
	if smuggled.Match(raw) {
		return nil, errSmuggled
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errUnreadable
	}
	header := textproto.MIMEHeader(m.Header)
	if err := loops(header, w.Automatic); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return nil, errUnreadable
	}
	l := &letter{from: addressOf(header["From"]), id: strings.TrimSpace(header.Get("Message-Id"))}
	subject := words(header.Get("Subject"))
	if w.Text == textSubject {
		l.identity = identityOf(header, l.id, string(body))
		return l, l.say(subject)
	}
	text, err := l.body(header, body)
	if err != nil {
		return nil, err
	}
	text = tidy(cut(text, answers(header), w.CutAt))
	l.identity = identityOf(header, l.id, text)
	if w.Text == textBoth && subject != "" {
		text = strings.TrimSpace(subject + "\n" + text)
	}
	return l, l.say(text)
}

// say sets the text; one of nothing is refused.
func (l *letter) say(text string) error {
	if l.text = tidy(text); l.text == "" {
		return errNothing
	}
	return nil
}

// addressOf is the address of a From line; of several, none: whoever proves one of them proves nothing.
func addressOf(fields []string) string {
	if len(fields) != 1 {
		return ""
	}
	all, err := (&netmail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: func(string, io.Reader) (io.Reader, error) {
		return strings.NewReader(""), nil // names do not matter
	}}}).ParseList(fields[0])
	if err != nil || len(all) != 1 {
		return ""
	}
	return all[0].Address
}

// identityOf tells a mail from every other one, and is the same when it comes again: its Message-ID and what it says. Devices
// that write the same Message-ID always are observed, so that the text belongs to it, as it is sent: a server may write the mail in
// another encoding the second time. Where the subject alone is sent it is the body as it came; those that write none have a date (K).
func identityOf(header textproto.MIMEHeader, id, text string) []byte {
	name := id
	if name == "" {
		if name = header.Get("Date"); name == "" {
			return nil
		}
		name = header.Get("From") + "\n" + name
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %x", name, header.Get("Subject"), sha256.Sum256([]byte(text))))
	return sum[:]
}

// answers reports whether a mail answers another.
func answers(header textproto.MIMEHeader) bool {
	return header.Get("In-Reply-To") != "" || header.Get("References") != ""
}

// loops refuses what a machine answers with, and what lists send (RFC 3834, 2; RFC 2919). What programs write by themselves,
// such as alerts, is taken where the settings say so.
func loops(header textproto.MIMEHeader, automatic bool) error {
	kind, _, _ := strings.Cut(header.Get("Auto-Submitted"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	precedence := strings.ToLower(strings.TrimSpace(header.Get("Precedence")))
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	generated := kind == "auto-generated" || precedence == "bulk" || precedence == "junk" || precedence == "auto_reply"
	switch {
	case len(header["Received"]) > mostHops:
		return errHops
	case media == "multipart/report", kind != "" && kind != "no" && kind != "auto-generated":
		return errMachine
	case header.Get("List-Id") != "", header.Get("List-Post") != "", precedence == "list":
		return errMachine
	case header.Get("X-Autoreply") != "", header.Get("X-Autorespond") != "", header.Get("X-Autoreply-From") != "":
		return errMachine
	case generated && (!automatic || answers(header)): // Exchange calls its absences generated (observed)
		return errMachine
	}
	return nil
}

// found is the text of a part, in the forms that it has.
type found struct {
	plain, html       string
	hasPlain, hasHTML bool
}

// parts goes through the parts of a mail.
type parts struct {
	count     int
	attached  int
	encrypted bool
	tnef      bool
}

// body is the text of a mail: its plain text, else its HTML.
func (l *letter) body(header textproto.MIMEHeader, body []byte) (string, error) {
	p := &parts{}
	f, err := p.read(header, bytes.NewReader(body), 0)
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(f.plain) == "" && f.hasHTML:
		f.plain, f.hasPlain = textOfHTML(f.html), true
	}
	if p.attached > 0 {
		l.notes = append(l.notes, reason.Of(codeAttachments, reason.Args{"count": reason.Count(p.attached)}))
	}
	switch {
	case f.hasPlain:
		return f.plain, nil
	case p.encrypted:
		return "", errEncrypted
	case p.tnef:
		return "", errTNEF
	case p.attached > 0:
		return "", errAttached
	}
	return "", errNothing
}

// read reads one part, and those inside of it.
func (p *parts) read(header textproto.MIMEHeader, body io.Reader, depth int) (f found, err error) {
	if p.count++; p.count > mostParts || depth > mostDepth {
		return f, errTooComplex
	}
	media, params := mediaOf(header)
	disposition, _, _ := strings.Cut(header.Get("Content-Disposition"), ";")
	kind, _, _ := strings.Cut(media, "/")
	switch {
	case media == "application/ms-tnef":
		p.tnef = true
	case media == "multipart/encrypted", media == "application/pkcs7-mime", media == "application/x-pkcs7-mime":
		p.encrypted = true
	case media == "application/pkcs7-signature", media == "application/x-pkcs7-signature", media == "application/pgp-signature":
	case strings.EqualFold(strings.TrimSpace(disposition), "attachment"):
		p.attached++
	case kind == "multipart":
		return p.several(media, params["boundary"], body, depth)
	case media == "text/plain", media == "text/html":
		return one(media, params, header.Get("Content-Transfer-Encoding"), body)
	default:
		p.attached++
	}
	return f, nil
}

// mediaOf is what a part is; one that does not say it, or cannot be read, is plain text (RFC 2045, 5.2).
func mediaOf(header textproto.MIMEHeader) (media string, params map[string]string) {
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || !strings.Contains(media, "/") {
		return "text/plain", nil
	}
	return media, params
}

// one reads a part that is text.
func one(media string, params map[string]string, encoding string, body io.Reader) (f found, err error) {
	octets, err := decoded(body, encoding)
	if err != nil {
		return f, err
	}
	text, err := textOf(octets, params["charset"])
	if err != nil {
		return f, err
	}
	text = oneEnding(text)
	if media == "text/html" {
		return found{html: text, hasHTML: true}, nil
	}
	if strings.EqualFold(params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(params["delsp"], "yes"))
	}
	return found{plain: text, hasPlain: true}, nil
}

// several reads the parts of a multipart. Of alternatives one is enough, though another cannot be read.
func (p *parts) several(media, boundary string, body io.Reader, depth int) (f found, err error) {
	if boundary == "" {
		return f, errUnreadable
	}
	alternative := media == "multipart/alternative"
	var wrong error
	for reader := multipart.NewReader(body, boundary); ; {
		part, err := reader.NextRawPart()
		if err != nil { // the end, or what was cut: some devices leave the last line out (K)
			break
		}
		next, err := p.read(part.Header, part, depth+1)
		if refused, ok := errors.AsType[*smtp.SMTPError](err); ok && alternative && refused != errTooComplex {
			wrong = err
			continue
		}
		if err != nil {
			return f, err
		}
		f.add(&next, alternative || media == "multipart/related")
	}
	if wrong != nil && !f.hasPlain && !f.hasHTML {
		return f, wrong
	}
	return f, nil
}

// add puts a part behind those before it. Programs break a text where a picture stands in it.
func (f *found) add(next *found, first bool) {
	if next.hasPlain && (!f.hasPlain || !first) {
		f.plain, f.hasPlain = joined(f.plain, next.plain), true
	}
	if next.hasHTML && (!f.hasHTML || !first) {
		f.html, f.hasHTML = joined(f.html, next.html), true
	}
}

func joined(one, next string) string {
	if one == "" {
		return next
	}
	return strings.TrimRight(one, "\n") + "\n" + next
}
