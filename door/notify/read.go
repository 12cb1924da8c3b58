package notify

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/search"
	"relais/sms"
)

// Bounds of lists: a page (documented: GNT), and what is read for one.
const (
	pageSize     = 250
	mostExamined = 100_000
	readAtOnce   = 1000
)

// notification is a message as clients read it (documented: GNA, get_notification_response): what is of e-mail and letters
// alone is null.
type notification struct {
	ID           string       `json:"id"`
	Reference    *string      `json:"reference"`
	EmailAddress *string      `json:"email_address"`
	PhoneNumber  *string      `json:"phone_number"`
	Line1        *string      `json:"line_1"`
	Line2        *string      `json:"line_2"`
	Line3        *string      `json:"line_3"`
	Line4        *string      `json:"line_4"`
	Line5        *string      `json:"line_5"`
	Line6        *string      `json:"line_6"`
	Line7        *string      `json:"line_7"`
	Postcode     *string      `json:"postcode"`
	Postage      *string      `json:"postage"`
	Type         string       `json:"type"`
	Status       string       `json:"status"`
	Template     *templateRef `json:"template"`
	Body         string       `json:"body"`
	Subject      *string      `json:"subject"`
	CreatedAt    string       `json:"created_at"`
	CreatedBy    *string      `json:"created_by_name"`
	SentAt       *string      `json:"sent_at"`
	CompletedAt  *string      `json:"completed_at"`
	Scheduled    *string      `json:"scheduled_for"`
	Ready        bool         `json:"is_cost_data_ready"`
	Pounds       *float64     `json:"cost_in_pounds"`
	Cost         *cost        `json:"cost_details"`
}

type cost struct {
	Fragments  int      `json:"billable_sms_fragments"`
	Multiplier float64  `json:"international_rate_multiplier"`
	Rate       *float64 `json:"sms_rate"`
}

// moment is a time as Notify writes it (documented: GNA).
func moment(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

func momentOrNull(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return new(moment(at))
}

// notificationOf shows a message. It has a cost where the prices of the gateway are in pounds, and its own is known.
func (c *call) notificationOf(m *sms.Message) *notification {
	n := &notification{
		ID: m.ID.String(), Reference: orNull(m.Reference), PhoneNumber: orNull(string(m.To)), Type: "sms", Status: statusOf(m.Status, m.Reason),
		Body: m.Text, CreatedAt: moment(m.AcceptedAt), SentAt: momentOrNull(m.SubmittedAt),
		Cost: &cost{Fragments: m.Segments, Multiplier: 1},
	}
	if version, err := strconv.Atoi(m.Metadata[keptVersion]); err == nil {
		n.Template = new(c.refOf(m.Metadata[keptTemplate], version))
	}
	if m.Status.Final() {
		n.CompletedAt = new(moment(m.UpdatedAt))
	}
	if m.Price > 0 && c.Gateway.Currency() == "GBP" {
		pounds := float64(m.Price) / float64(sms.Unit)
		n.Ready, n.Pounds, n.Cost.Rate = true, &pounds, new(pounds/float64(max(m.Segments, 1)))
	}
	return n
}

func (c *call) fetch() (int, any, error) {
	if !isUUID(c.values[0]) {
		return 0, nil, invalid("notification_id is not a valid UUID")
	}
	id, err := sms.ParseID(c.values[0])
	if err != nil {
		return 0, nil, errNoResult
	}
	m, err := c.Reader.Message(c.ctx(), c.service.Account, id)
	switch {
	case errors.Is(err, gateway.ErrNotFound):
		return 0, nil, errNoResult
	case err != nil:
		return 0, nil, err
	case m.Metadata[keptService] != c.service.ID: // another door's, or of a person who was erased
		return 0, nil, errNoResult
	}
	return http.StatusOK, c.notificationOf(&m), nil
}

// links lead to the page that is shown, and to the next one (documented: GNT).
type links struct {
	Current string `json:"current"`
	Next    string `json:"next,omitempty"`
}

// linksOf are those of a list that asked for values; last is the id of its last entry, empty: there is none.
func (c *call) linksOf(path string, values url.Values, last string) links {
	at := func(values url.Values) string {
		if len(values) == 0 {
			return c.base() + path
		}
		return c.base() + path + "?" + values.Encode()
	}
	l := links{Current: at(values)}
	if last != "" {
		next := maps.Clone(values)
		next.Set("older_than", last)
		l.Next = at(next)
	}
	return l
}

// readQuery reads the filters of a list.
func (c *call) readQuery(known ...string) (values url.Values, before sms.ID, err error) {
	values, err = url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, before, bad("The query cannot be read")
	}
	var wrong []string
	for name := range values {
		if !slices.Contains(known, name) {
			wrong = append(wrong, "Additional properties are not allowed ("+name+" was unexpected)")
		}
	}
	older := values.Get("older_than")
	if older != "" && !isUUID(older) {
		wrong = append(wrong, "older_than is not a valid UUID")
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return nil, before, invalid(wrong...)
	}
	if older != "" {
		if before, err = sms.ParseID(older); err != nil {
			return nil, before, errNoResult
		}
	}
	return values, before, nil
}

// list shows the messages of the service, the newest first.
func (c *call) list() (int, any, error) {
	values, before, err := c.readQuery("template_type", "status", "reference", "older_than", "include_jobs")
	if err != nil {
		return 0, nil, err
	}
	for _, status := range values["status"] {
		if !slices.Contains(statuses, status) {
			return 0, nil, invalid("status " + strconv.Quote(status[:min(len(status), 20)]) + " is not one of [" + strings.Join(statuses, ", ") + "]")
		}
	}
	shown := struct {
		Notifications []*notification `json:"notifications"`
		Links         links           `json:"links"`
	}{Notifications: []*notification{}}
	last := ""
	if types := values["template_type"]; len(types) == 0 || slices.Contains(types, "sms") {
		if shown.Notifications, last, err = c.page(values, before); err != nil {
			return 0, nil, err
		}
	}
	shown.Links = c.linksOf("/v2/notifications", values, last)
	return http.StatusOK, shown, nil
}

// page reads one page. last is the id behind which the next one begins; empty: there is none.
func (c *call) page(values url.Values, before sms.ID) (page []*notification, last string, err error) {
	q := search.Query{
		Account: c.service.Account, Reference: values.Get("reference"), Before: before, Limit: readAtOnce,
		Metadata: []search.Metadatum{{Key: keptService, Value: c.service.ID}},
	}
	page = []*notification{}
	for examined := 0; ; {
		some, more, err := c.Reader.Search(c.ctx(), q)
		if err != nil {
			return nil, "", err
		}
		for i := range some {
			q.Before = some[i].ID
			n := c.notificationOf(&some[i])
			if !asks(values["status"], n.Status) {
				continue
			}
			if len(page) == pageSize {
				return page, page[pageSize-1].ID, nil
			}
			page = append(page, n)
		}
		switch examined += len(some); {
		case !more:
			return page, "", nil
		case examined >= mostExamined:
			return page, q.Before.String(), nil
		}
	}
}

// text is what a person wrote (documented: GNA).
type text struct {
	ID      string `json:"id"`
	Created string `json:"created_at"`
	Service string `json:"service_id"`
	Ours    string `json:"notify_number"`
	Theirs  string `json:"user_number"`
	Content string `json:"content"`
}

// received shows the replies to the account, the newest first.
func (c *call) received() (int, any, error) {
	values, before, err := c.readQuery("older_than")
	if err != nil {
		return 0, nil, err
	}
	found, more, err := c.Reader.Inbounds(c.ctx(), inbox.InboundQuery{Account: c.service.Account, Before: before, Limit: pageSize})
	if err != nil {
		return 0, nil, err
	}
	shown := struct {
		Texts []text `json:"received_text_messages"`
		Links links  `json:"links"`
	}{Texts: []text{}}
	last := ""
	for i := range found {
		in := &found[i]
		if more {
			last = in.ID.String()
		}
		if !in.From.Known() {
			continue
		}
		shown.Texts = append(shown.Texts, text{
			in.ID.String(), moment(in.ReceivedAt), c.service.ID, string(in.To), strings.TrimPrefix(string(in.From), "+"), in.Text,
		})
	}
	shown.Links = c.linksOf("/v2/received-text-messages", values, last)
	return http.StatusOK, shown, nil
}
