package ovh

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // OVH's dates without a zone are those of Paris

	"relais/charset"
	"relais/connector"
	"relais/sms"
)

// Paths behind the secret that the callbacks of an account are set to.
const (
	receiptPath = "/receipt"
	replyPath   = "/reply"
	stopPath    = "/stop"
)

// ParseNews reads the three callbacks. None is signed (documented).
func (c *Client) ParseNews(r *http.Request) (connector.News, error) {
	switch r.URL.Path {
	case receiptPath:
		return parseReceipt(r)
	case replyPath:
		return parseReply(r)
	case stopPath:
		return parseStop(r)
	}
	return connector.News{}, errors.New("no callback has this path; the paths are /receipt, /reply and /stop")
}

// parameters are those of query and form. The form of a reply also repeats the
// query of our own address (observed).
func parameters(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, errors.New("the parameters cannot be decoded")
	}
	return r.Form, nil
}

// parseReceipt reads the delivery callback: GET with id, ptt, date, description
// and descriptionDlr (documented, guide on SMS users). Some accounts may get dlr
// for description (observed, RaspiSMS).
func parseReceipt(r *http.Request) (connector.News, error) {
	if r.Method != http.MethodGet {
		return connector.News{}, errors.New("a delivery callback is a GET")
	}
	values, err := parameters(r)
	if err != nil {
		return connector.News{}, err
	}
	id, err := strconv.ParseInt(values.Get("id"), 10, 64)
	if err != nil || id <= 0 {
		return connector.News{}, errors.New("id is missing, or no positive integer of 64 bits")
	}
	state, err := optional(values, "description", "dlr")
	if err != nil {
		return connector.News{}, err
	}
	ptt, err := optional(values, "ptt")
	if err != nil {
		return connector.News{}, err
	}
	if state < 0 && ptt < 0 {
		return connector.News{}, errors.New("neither description nor ptt is there")
	}
	receipt := receiptOf(id, state, ptt)
	if ptt < 0 {
		receipt.Code = strconv.FormatInt(state, 10)
	}
	receipt.Text, receipt.At = short(text(values.Get("descriptionDlr"))), parseDate(values.Get("date"))
	return connector.News{Receipts: []sms.Receipt{receipt}}, nil
}

// optional reads the first of the names that is there; -1 when none is.
func optional(values url.Values, names ...string) (int64, error) {
	for _, name := range names {
		given := values.Get(name)
		if given == "" {
			continue
		}
		n, err := strconv.ParseInt(given, 10, 32)
		if err != nil || n < 0 {
			return 0, errors.New(name + " is no number from 0 up")
		}
		return n, nil
	}
	return -1, nil
}

// parseReply reads a reply: POST of a form with id, senderid, message and tag
// (observed: medere-tech/medere-prospection, betagouv/Aidants_Connect).
func parseReply(r *http.Request) (connector.News, error) {
	if r.Method != http.MethodPost {
		return connector.News{}, errors.New("a reply is a POST")
	}
	values, err := parameters(r)
	if err != nil {
		return connector.News{}, err
	}
	if values.Get("senderid") == "" {
		return connector.News{}, errors.New("senderid is missing")
	}
	if _, sent := values["message"]; !sent {
		return connector.News{}, errors.New("message is missing")
	}
	in := sms.Inbound{
		From: values.Get("senderid"), To: sms.Sender(values.Get("shortcode")),
		Text: text(values.Get("message")),
		Ref:  refOf(values.Get("tag")), At: parseDate(values.Get("date")),
	}
	if id, err := strconv.ParseInt(values.Get("id"), 10, 64); err == nil && id > 0 {
		in.ProviderID = strconv.FormatInt(id, 10) // the same as in GET incoming (inferred)
	}
	return connector.News{Inbounds: []sms.Inbound{in}}, nil
}

// stopNumbers are names that the number of a STOP may have. Method and
// parameters of stopCallBack are undocumented, so that this is inferred; the
// list of blocked numbers is polled as well.
var stopNumbers = []string{"number", "senderid", "sender", "receiver", "msisdn", "from"}

func parseStop(r *http.Request) (connector.News, error) {
	values, err := parameters(r)
	if err != nil {
		return connector.News{}, err
	}
	for _, name := range stopNumbers {
		number := strings.TrimSpace(values.Get(name))
		if strings.Trim(number, "+0123456789 .-") != "" || len(number) < 6 {
			continue // absent, or a name
		}
		block := sms.Block{Number: number, At: parseDate(values.Get("date"))}
		if id, err := strconv.ParseInt(values.Get("id"), 10, 64); err == nil && id > 0 {
			block.AnswersID = strconv.FormatInt(id, 10)
		}
		return connector.News{Blocks: []sms.Block{block}}, nil
	}
	return connector.News{}, errors.New("no parameter holds a number")
}

// refOf is our id in a tag, in either form; zero when it is somebody else's.
func refOf(tag string) sms.ID {
	if id, err := sms.ParseRef(tag); err == nil {
		return id
	}
	id, _ := sms.ParseID(tag) // zero with an error
	return id
}

// text makes sense of what is not UTF-8: Windows-1252. A reply is kept whatever it holds;
// what has no character there stands as U+FFFD.
func text(s string) string {
	if read, ok := charset.Text(s); ok {
		return read
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// short bounds what is kept of the operator's words.
func short(s string) string {
	const longest = 200
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest])
	}
	return s
}

var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return zone
}()

// parseDate is lenient: no source shows the format of a callback's date. Zero
// when it cannot be read.
func parseDate(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range []string{
		time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05",
		"20060102150405",
	} {
		if at, err := time.ParseInLocation(layout, s, paris); err == nil {
			return at
		}
	}
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && seconds > 1e9 && seconds < 1e11 {
		return time.Unix(seconds, 0)
	}
	return time.Time{}
}
