package twilio

import (
	"encoding/binary"
	"net/http"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/person"
	"relais/reason"
	"relais/sms"
)

// change cancels a message, or takes its text away (documented: TWO).
func (c *call) change() (*answer, error) {
	f, err := c.readForm()
	if err != nil {
		return nil, err
	}
	if err := f.once("Body", "Status"); err != nil {
		return nil, err
	}
	_, redacts := f.values["Body"]
	switch status := f.get("Status"); {
	case status == statusCanceled && !redacts:
		return c.cancel()
	case redacts && status == "" && f.get("Body") == "":
		return c.redact()
	case redacts && status == "":
		return nil, bad(codeBadRequest, "'Body' can only be emptied")
	}
	return nil, bad(codeBadRequest, "want Status=canceled, or an empty 'Body'")
}

// cancel takes back what has not left. One that is canceled already is answered as it is.
func (c *call) cancel() (*answer, error) {
	f, err := c.lookUp()
	if err != nil {
		return nil, err
	}
	if f.message == nil {
		return nil, bad(codeNotCancelable, "it is a reply")
	}
	if f.message.Status != sms.Canceled {
		err := c.Gateway.Cancel(c.ctx(), *f.message, c.caller.Actor)
		if refused, ok := isConflict(err); ok {
			return nil, bad(codeNotCancelable, refused.In(reason.English))
		}
		if err != nil {
			return nil, err
		}
	}
	return c.fetch()
}

// redact takes the text of a message away for good.
func (c *call) redact() (*answer, error) {
	f, err := c.purge(false)
	if err != nil {
		return nil, err
	}
	return c.showFound(f)
}

// remove takes text and number of a message away for good. What it cost stays counted.
func (c *call) remove() (*answer, error) {
	if _, err := c.purge(true); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent}, nil
}

// purge empties a message, or a reply, once it has ended. The text of one that came by another door may be that of
// many people's.
func (c *call) purge(number bool) (f found, err error) {
	if err := c.may(auth.KeyManage); err != nil {
		return f, err
	}
	if f, err = c.lookUp(); err != nil {
		return f, err
	}
	p := person.Purge{Account: c.account.Account, Limit: 1, Metadata: number}
	switch {
	case f.reply != nil:
		p.Of, p.After, p.Before = person.Replies, before(f.reply.ID), behind(f.reply.ID)
	case f.message.Actor.Kind() != Format:
		return f, bad(codeState, "it was not sent by this API")
	case !f.message.Status.Final():
		return f, bad(codeState, "it has not ended yet")
	default:
		p.After, p.Before = before(f.message.ID), behind(f.message.ID)
	}
	done, err := c.Reader.Purge(c.ctx(), p)
	if err == nil && !done.Kept.IsZero() {
		return f, bad(codeState, "it has not ended yet")
	}
	if err == nil && number {
		p.Hide = func(sms.Number) sms.Number { return sms.NoNumber }
		_, err = c.Reader.Purge(c.ctx(), p)
	}
	if err != nil {
		return f, err
	}
	c.Log.Info("a message was emptied", "door", Format, "message", c.place.id, "actor", string(c.caller.Actor), "number", number)
	if f.reply != nil {
		f.reply.Text = ""
	} else {
		f.message.Text = ""
	}
	return f, nil
}

// before is the id that comes before one.
func before(id sms.ID) sms.ID {
	high, low := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	if low == 0 {
		high--
	}
	binary.BigEndian.PutUint64(id[:8], high)
	binary.BigEndian.PutUint64(id[8:], low-1)
	return id
}

// behind is a time whose ids all come behind one.
func behind(id sms.ID) time.Time { return id.Time().Add(time.Millisecond) }

// isConflict reports whether an error refuses what does not fit the present state.
func isConflict(err error) (*gateway.Error, bool) {
	e, ok := asGatewayError(err)
	return e, ok && e.Kind == gateway.Conflict
}
