package sfrdmc

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // dates in XML are local ones of Paris

	"relais/connector"
	"relais/sms"
)

// Statuses of a push (DMC developer guide v1.7, 2.9; SUBMITTED is observed).
const (
	pushSubmitted = "SUBMITTED"
	pushSent      = "SENT"
	pushReceived  = "RECEIVED"
	pushError     = "ERROR"
	pushAborted   = "ABORTED"
	pushAnswered  = "ANSWERED"
)

// pushStatuses is what each of them means. Only who received a text can answer
// it (inferred).
var pushStatuses = map[string]sms.Status{
	pushSubmitted: sms.Submitted,
	pushSent:      sms.Submitted,
	pushReceived:  sms.Delivered,
	pushAnswered:  sms.Delivered,
	pushError:     sms.Undelivered,
	pushAborted:   sms.Undelivered,
}

// Errors of pushes, for the log. They do not repeat what came.
var (
	errPath    = errors.New("no push has this path")
	errMethod  = errors.New("a push is a POST")
	errBody    = errors.New("the body cannot be read")
	errService = errors.New("username is not the service_id of this connector")
	errSpace   = errors.New("no message of the push is of the space_id of this connector")
	errNone    = errors.New("no message of the push can be read")
	errItem    = errors.New("a message has neither a contact_id nor a reference")
	errStatus  = errors.New("a message has no status")
)

// ParseNews reads a push of receipts and replies. Nobody signs it (no source
// tells of a way), hence the secret of the address, and service and space are
// compared.
//
// Messages of another space are left out: SFR sets the address for the whole
// service (DMC developer guide v1.7, 2.9). So are those that bear somebody else's
// reference and no contact_id. Any other one that makes no sense refuses the
// push, because it may be the receipt of one of ours.
func (i *instance) ParseNews(r *http.Request) (connector.News, error) {
	switch strings.Trim(r.URL.Path, "/") {
	case "", "report", "reports":
	default:
		return connector.News{}, errPath
	}
	if r.Method != http.MethodPost {
		return connector.News{}, errMethod
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return connector.News{}, errBody
	}
	pushed, err := parseDocument(body)
	if err != nil {
		return connector.News{}, err
	}
	news, unexplained, err := i.readPush(pushed)
	if err != nil {
		return connector.News{}, err
	}
	i.unexplained.add(unexplained...)
	return news, nil
}

// readPush also returns the ids of the messages whose failure has no reason yet.
func (i *instance) readPush(pushed document) (news connector.News, unexplained []string, err error) {
	if string(pushed.Username) != i.config.ServiceID {
		return connector.News{}, nil, errService
	}
	ours := 0
	for n := range pushed.Items {
		it := &pushed.Items[n]
		if string(it.SpaceID) != i.config.SpaceID {
			continue
		}
		ours++
		receipt, skip, err := i.receiptOf(it)
		if err != nil {
			return connector.News{}, nil, err
		}
		if skip {
			continue
		}
		news.Receipts = append(news.Receipts, receipt)
		news.Inbounds = append(news.Inbounds, it.replies(&receipt)...)
		if i.refines(it.word()) && receipt.ProviderID != "" {
			unexplained = append(unexplained, receipt.ProviderID)
		}
	}
	switch {
	case ours == 0 && len(pushed.Items) > 0:
		return connector.News{}, nil, errSpace
	case len(news.Receipts) == 0:
		return connector.News{}, nil, errNone
	}
	return news, unexplained, nil
}

// refines reports whether the reason of a failure is asked for before the message
// ends. The push has a number whose catalogue is not published; the report has
// the documented code.
func (i *instance) refines(word string) bool {
	return i.config.RefineErrors && (word == pushError || word == pushAborted)
}

// receiptOf reads the latest status of a message. The earlier ones tell nothing
// that it does not.
func (i *instance) receiptOf(it *item) (receipt sms.Receipt, skip bool, err error) {
	receipt.ProviderID, receipt.Ref = contactID(it.ContactID), refOf(it.Reference)
	if receipt.ProviderID == "" && receipt.Ref.IsZero() {
		if it.Reference == "" {
			return sms.Receipt{}, false, errItem
		}
		return sms.Receipt{}, true, nil
	}
	word := it.word()
	if word == "" {
		return sms.Receipt{}, false, errStatus
	}
	latest := it.latest(word)
	receipt.Status, receipt.Code, receipt.At = sms.Submitted, brief(word), parseDate(string(latest.Date))
	if status, known := pushStatuses[word]; known {
		receipt.Status = status
	}
	switch word {
	case pushAnswered: // its info is the reply
		if received, known := it.find(pushReceived); known {
			receipt.At = parseDate(string(received.Date))
		}
	case pushError, pushAborted:
		receipt.Code = strings.TrimSpace(receipt.Code + " " + brief(string(latest.Code)))
		receipt.Text, receipt.Reason = brief(string(latest.Info)), sms.ReasonUnknown
		if i.refines(word) {
			receipt.Status, receipt.Reason = sms.Submitted, ""
		}
	default:
		receipt.Text = brief(string(latest.Info)) // such as the sender that was shown (observed)
	}
	return receipt, false, nil
}

// word is the latest status; where an item tells none, the last of its history
// (inferred).
func (it *item) word() string {
	word := it.Status
	if n := len(it.History); word == "" && n > 0 {
		word = it.History[n-1].Type
	}
	return strings.ToUpper(strings.TrimSpace(string(word)))
}

// find returns the last entry of a status.
func (it *item) find(word string) (entry, bool) {
	for _, v := range slices.Backward(it.History) {
		if strings.EqualFold(strings.TrimSpace(string(v.Type)), word) {
			return v, true
		}
	}
	return entry{}, false
}

// latest is the entry of the latest status; its date is that of the item where
// it has none of its own.
func (it *item) latest(word string) entry {
	found, _ := it.find(word)
	if found.Date == "" {
		found.Date = it.Date
	}
	return found
}

// replies are in the entries of the history that say ANSWERED.
func (it *item) replies(receipt *sms.Receipt) []sms.Inbound {
	var replies []sms.Inbound
	for _, e := range it.History {
		if !strings.EqualFold(strings.TrimSpace(string(e.Type)), pushAnswered) || e.Info == "" {
			continue
		}
		reply := inbound(receipt, string(it.To), string(e.Info))
		reply.At = parseDate(string(e.Date))
		replies = append(replies, reply)
	}
	return replies
}

var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err) // time/tzdata has it
	}
	return zone
}()

// zones are names that follow a date in an example of the guide (2.9, " CET").
var zones = map[string]*time.Location{
	" CET":  time.FixedZone("CET", 3600),
	" CEST": time.FixedZone("CEST", 7200),
}

// parseDate reads the dates of pushes: RFC 3339 in JSON (observed to be true UTC);
// in XML local ones, of Paris unless a zone is named (inferred). It returns zero
// for anything else.
func parseDate(text string) time.Time {
	text = strings.TrimSpace(text)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return sensible(at)
	}
	zone := paris
	for name, fixed := range zones {
		if bare, ok := strings.CutSuffix(text, name); ok {
			text, zone = bare, fixed
			break
		}
	}
	at, err := time.ParseInLocation(time.DateTime, text, zone)
	if err != nil {
		return time.Time{}
	}
	return sensible(at)
}

// sensible drops a date that no message can have: it says nothing, and may not
// fit where dates are stored.
func sensible(at time.Time) time.Time {
	if at.Year() < 2000 || at.Year() > 2999 {
		return time.Time{}
	}
	return at.UTC()
}
