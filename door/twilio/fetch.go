package twilio

import (
	"errors"
	"net/http"
	"strconv"

	"relais/auth"
	"relais/gateway"
	"relais/inbox"
	"relais/sms"
)

// found is what a sid names: a message, or a reply.
type found struct {
	message *sms.Message
	reply   *inbox.Inbound
}

// lookUp finds what the sid of the path names. What is somebody else's, what does not exist, and what was
// deleted cannot be told apart.
func (c *call) lookUp() (f found, err error) {
	id, ok := idOf(c.place.id)
	if !ok {
		return f, errNotFound
	}
	m, err := c.Reader.Message(c.ctx(), c.account.Account, id)
	switch {
	case err == nil && !m.To.Known():
		return f, errNotFound
	case err == nil:
		return found{message: &m}, nil
	case !errors.Is(err, gateway.ErrNotFound):
		return f, err
	}
	replies, _, err := c.Reader.Inbounds(c.ctx(), inbox.InboundQuery{Account: c.account.Account, ID: id, Limit: 1})
	switch {
	case err != nil:
		return f, err
	case len(replies) == 0 || !replies[0].From.Known():
		return f, errNotFound
	}
	return found{reply: &replies[0]}, nil
}

func (c *call) fetch() (*answer, error) {
	f, err := c.lookUp()
	if err != nil {
		return nil, err
	}
	return c.showFound(f)
}

// showFound shows a message. Who changes one without the right to read gets neither its text nor its numbers.
func (c *call) showFound(f found) (*answer, error) {
	var shown *message
	if f.reply != nil {
		shown = c.replyOf(f.reply)
	} else {
		shown = c.messageOf(f.message)
	}
	if c.may(auth.KeyRead) != nil {
		shown.Body, shown.To, shown.From = "", nil, nil
	}
	return show(shown)
}

// media lists what was sent beside the text: never anything.
func (c *call) media() (*answer, error) {
	if _, err := c.lookUp(); err != nil {
		return nil, err
	}
	uri := prefix + "/Accounts/" + c.account.Sid + "/Messages/" + c.place.id + "/Media.json"
	return show(struct {
		MediaList []any `json:"media_list"`
		paging
	}{[]any{}, paging{PageSize: defaultPage, URI: uri + "?PageSize=50&Page=0", FirstPageURI: uri + "?PageSize=50&Page=0"}})
}

// showAccount tells clients that their login works. It repeats no secret.
func (c *call) showAccount() (*answer, error) {
	uri := prefix + "/Accounts/" + c.account.Sid
	return show(map[string]any{
		"sid": c.account.Sid, "owner_account_sid": c.account.Sid, "friendly_name": c.account.Name, "status": "active",
		"type": "Full", "auth_token": nil, "date_created": nil, "date_updated": nil, "uri": uri + ".json",
		"subresource_uris": map[string]string{"messages": uri + "/Messages.json", "balance": uri + "/Balance.json"},
	})
}

// showBalance tells what is left at the operator, where it tells.
func (c *call) showBalance() (*answer, error) {
	if c.account.CreditOf == "" {
		return nil, noBalance()
	}
	record, err := c.Reader.Credit(c.ctx(), c.account.CreditOf, c.Now())
	switch {
	case err != nil:
		return nil, err
	case record.At.IsZero():
		return nil, noBalance()
	}
	return show(map[string]string{
		"account_sid": c.account.Sid, "balance": strconv.FormatFloat(record.Amount, 'f', -1, 64), "currency": record.Unit,
	})
}

func noBalance() error {
	return refusalOf(http.StatusNotFound, codeNotFound, "the operator of the account tells no credit")
}
