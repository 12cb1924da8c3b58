package http2sms

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relais/charset"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// metaUser is the metadata by which the door for OVH's API finds what a user
// sent.
const metaUser = "ovh_user"

// maxTag is the longest tag, in characters (documented).
const maxTag = 20

// request is what a caller asks for.
type request struct {
	service, login, password string
	from, text, tag          string
	to                       []string
	refused                  int // receivers that are no numbers
	noStop, answers          bool
	at                       time.Time // zero: now
	note                     *reason.Reason
}

// read checks the parameters, the missing ones first.
func read(form url.Values, now time.Time) (*request, *answer) {
	if refused := readable(form); refused != nil {
		return nil, refused
	}
	q := &request{
		service: form.Get("account"), login: form.Get("login"), password: form.Get("password"),
		from: form.Get("from"), tag: form.Get("tag"), noStop: form.Has("noStop") && form.Get("noStop") != "0",
		answers: form.Get("senderForResponse") == "1",
	}
	for _, name := range []string{"account", "login", "password", "from", "to", "message"} {
		if strings.TrimSpace(form.Get(name)) == "" && (name != "from" || !q.answers) {
			return nil, failed(codeMissing,
				"Missing "+name+". For more information: docs/migrate/http2sms.md")
		}
	}
	// %0d is the end of a line (documented).
	q.text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(form.Get("message"))
	for text := range strings.SplitSeq(form.Get("to"), ",") {
		number, ok := receiver(text)
		if !ok {
			q.refused++
			continue
		}
		q.to = append(q.to, number)
	}
	if len(q.to) == 0 {
		return nil, failed(codeInvalid, "Invalid receiver: a number begins with + (written %2B) or 00")
	}
	if utf8.RuneCountInString(q.tag) > maxTag {
		return nil, failed(codeInvalid, "Invalid tag: it has more than 20 characters")
	}
	return q, q.readOptions(form, now)
}

func (q *request) readOptions(form url.Values, now time.Time) *answer {
	for _, option := range []struct {
		name  string
		words []string
	}{
		{"class", []string{"", "0", "1", "2", "3"}},
		{"smsCoding", []string{"", "1", "2"}},
		{"SMSencoding", []string{"", "1", "2"}}, // the English page's word
		{"noStop", []string{"", "0", "1"}},
		{"senderForResponse", []string{"", "0", "1"}},
	} {
		if !slices.Contains(option.words, form.Get(option.name)) {
			return failed(codeInvalid, "Invalid "+option.name+": "+
				strings.Join(option.words[1:], ", ")+" are possible")
		}
	}
	var refused *answer
	q.at, q.note, refused = readDeferred(form.Get("deferred"), now)
	return refused
}

// receiver reads a number with +, with 00, or bare: a plus sign that was not
// encoded arrives as a space, and a client's examples have neither (observed).
func receiver(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "00"); ok {
		text = rest
	}
	text = strings.TrimPrefix(text, "+")
	return "+" + text, text != "" && text[0] >= '1' && text[0] <= '9'
}

// readable reads the parameters that people write: UTF-8, else Windows-1252, which older
// programs send (inferred).
func readable(form url.Values) *answer {
	for _, name := range []string{"message", "from", "tag"} {
		text, ok := charset.Text(form.Get(name))
		if !ok {
			return failed(codeInvalid, "Invalid "+name+": it is neither UTF-8 nor Windows-1252 (Latin-1) as "+
				"a whole; its characters cannot be known")
		}
		if form.Has(name) {
			form.Set(name, text)
		}
	}
	return nil
}

// submission is the request in the gateway's words. Without noStop the text is
// advertising (documented); clients also send its name alone (observed), which says 1.
func (q *request) submission(account string) gateway.Submission {
	s := gateway.Submission{
		Account: account, Actor: sms.DoorActor("http2sms", q.login), To: q.to, Text: q.text, Class: sms.Marketing,
		Reference: q.tag, SendAt: q.at,
		Metadata: map[string]string{metaUser: q.login},
	}
	if q.noStop {
		s.Class = sms.Transactional
	}
	if q.note != nil {
		s.Notes = append(s.Notes, *q.note)
	}
	if !q.answers {
		s.Sender = sms.Sender(q.from)
	}
	return s
}
