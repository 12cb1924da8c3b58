package sfrdmc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // XML dates are local, without a zone
	"unicode/utf8"

	"relais/connector"
	"relais/sms"
)

// report is a pushed document (DMC developer guide v1.7, 2.9, in XML; observed,
// in JSON).
type report struct {
	Username scalar `xml:"username,attr" json:"username"`
	Items    []item `xml:"sms" json:"sms"`
}

// item is one message of a push. Types of JSON values are not documented.
type item struct {
	To        scalar  `xml:"to,attr" json:"to"`
	Status    scalar  `xml:"status,attr" json:"status"`
	CallID    scalar  `xml:"call_id,attr" json:"call_id"`
	ContactID scalar  `xml:"contact_id,attr" json:"contact_id"`
	Reference scalar  `xml:"ref_externe,attr" json:"ref_externe"`
	SpaceID   scalar  `xml:"space_id,attr" json:"space_id"`
	Date      scalar  `xml:"date,attr" json:"date"`
	History   []entry `xml:"status" json:"status_list"`
}

type entry struct {
	Date scalar `xml:"date,attr" json:"date"`
	Type scalar `xml:"type,attr" json:"type"`
	Code scalar `xml:"code,attr" json:"code"` // in JSON by analogy (inferred)
	Info scalar `xml:"info,attr" json:"info"`
}

// ParseNews reads a push of receipts and replies: XML (documented) or JSON
// (observed), told apart by the first character, because no source tells the
// Content-Type. Nobody signs it, so that service and space are compared.
func (i *instance) ParseNews(r *http.Request) (connector.News, error) {
	switch strings.Trim(r.URL.Path, "/") {
	case "", "report", "reports":
	default:
		return connector.News{}, errors.New("no push has this path")
	}
	if r.Method != http.MethodPost {
		return connector.News{}, errors.New("a push is a POST")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return connector.News{}, errors.New("the body cannot be read")
	}
	parsed, err := parseReport(body)
	if err != nil {
		return connector.News{}, err
	}
	if string(parsed.Username) != i.config.ServiceID {
		return connector.News{}, errors.New("username is not the service_id of this connector")
	}
	if len(parsed.Items) == 0 {
		return connector.News{}, errors.New("the report holds no sms")
	}
	var news connector.News
	for n := range parsed.Items {
		if err := i.readItem(&parsed.Items[n], &news); err != nil {
			return connector.News{}, err
		}
	}
	return news, nil
}

func parseReport(body []byte) (report, error) {
	body = bytes.TrimSpace(body)
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		return parseXML(body)
	case bytes.HasPrefix(body, []byte("{")):
		return parseJSON(body)
	}
	return report{}, errors.New("the body is neither XML nor JSON")
}

// errXML does not repeat what came, which holds numbers and texts.
var errXML = errors.New("the body is no status_report in XML")

// parseXML refuses a document type: no push has one, and entities are made
// there.
func parseXML(body []byte) (report, error) {
	if bytes.Contains(body, []byte("<!DOCTYPE")) || bytes.Contains(body, []byte("<!ENTITY")) {
		return report{}, errors.New("the body declares a document type, which no push does")
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "iso-8859-1", "iso-8859-15", "windows-1252", "latin1":
			raw, err := io.ReadAll(in)
			return strings.NewReader(latin(raw)), err
		case "utf-8", "us-ascii":
			return in, nil
		}
		return nil, errXML
	}
	var root struct {
		XMLName xml.Name `xml:"status_report"`
		report
	}
	if decoder.Decode(&root) != nil {
		return report{}, errXML
	}
	return root.report, nil
}

// UnmarshalXMLAttr reads an attribute as it is.
func (s *scalar) UnmarshalXMLAttr(a xml.Attr) error {
	*s = scalar(a.Value)
	return nil
}

// parseJSON takes ISO 8859-1 for what is not UTF-8: a receiver in the field
// converts from it (observed).
func parseJSON(body []byte) (report, error) {
	if !utf8.Valid(body) {
		body = []byte(latin(body))
	}
	var root struct {
		Report *report `json:"status_report"`
	}
	if json.Unmarshal(body, &root) != nil || root.Report == nil {
		return report{}, errors.New("the body is no status_report in JSON")
	}
	return *root.Report, nil
}

func latin(raw []byte) string {
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return string(runes)
}

// Statuses of a push (DMC developer guide v1.7, 2.9; SUBMITTED is observed).
const (
	pushSubmitted = "SUBMITTED"
	pushSent      = "SENT"
	pushReceived  = "RECEIVED"
	pushError     = "ERROR"
	pushAborted   = "ABORTED"
	pushAnswered  = "ANSWERED"
)

// pushStatuses say what each leads to. An error has no code of the documented
// table: the report, which has one, is asked for, and until then it has not
// ended (inferred).
var pushStatuses = map[string]sms.Status{
	pushSubmitted: sms.Submitted, pushSent: sms.Submitted, pushReceived: sms.Delivered,
	pushError: sms.Submitted, pushAborted: sms.Submitted,
	pushAnswered: sms.Delivered, // only who received can answer
}

// readItem adds one message's receipt and reply.
func (i *instance) readItem(it *item, news *connector.News) error {
	if it.SpaceID != "" && string(it.SpaceID) != i.config.SpaceID {
		return errors.New("space_id is not that of this connector")
	}
	id, err := strconv.ParseInt(string(it.ContactID), 10, 64)
	if err != nil || id <= 0 {
		return errors.New("contact_id is missing, or no positive integer of 64 bits")
	}
	contact, word := strconv.FormatInt(id, 10), strings.ToUpper(string(it.Status))
	if word == "" {
		return errors.New("an item has no status")
	}
	last := it.last(word)
	receipt := sms.Receipt{
		ProviderID: contact, Ref: refOf(string(it.Reference)), Status: sms.Submitted, Code: word, At: parseDate(string(last.Date)),
	}
	if status, known := pushStatuses[word]; known {
		receipt.Status = status
	}
	switch word {
	case pushError, pushAborted:
		receipt.Code, receipt.Text = word+codeSuffix(last.Code), short(string(last.Info))
		i.refine.add(contact)
	case pushAnswered:
		news.Inbounds = append(news.Inbounds, sms.Inbound{
			ProviderID: replyID(contact, string(last.Info)), From: string(it.To), Text: string(last.Info),
			AnswersID: contact, Ref: receipt.Ref, At: receipt.At,
		})
	}
	news.Receipts = append(news.Receipts, receipt)
	return nil
}

func codeSuffix(code scalar) string {
	if code == "" {
		return ""
	}
	return " " + string(code)
}

// last is the newest entry of the history that has the status of the item.
func (it *item) last(word string) entry {
	for n := len(it.History) - 1; n >= 0; n-- {
		if strings.EqualFold(string(it.History[n].Type), word) {
			return it.History[n]
		}
	}
	return entry{Date: it.Date, Type: scalar(word)}
}

// replyID is the same whichever way a reply comes: a push has its date and a
// report has not, so that the text stands for it (inferred).
func replyID(contact, text string) string {
	sum := fnv.New64a()
	sum.Write([]byte(strings.TrimSpace(text)))
	return contact + ":" + hex.EncodeToString(sum.Sum(nil))
}

// refOf is our id in a reference; zero when it is somebody else's.
func refOf(reference string) sms.ID {
	id, _ := sms.ParseID(reference) // zero with an error
	return id
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

// parseDate reads the dates of pushes: local ones in XML, perhaps with the name
// of the zone, and RFC 3339 in JSON. Zero when it is neither.
func parseDate(s string) time.Time {
	s = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(s), " CET"), " CEST")
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, paris)
	if err != nil {
		return time.Time{}
	}
	return at
}
