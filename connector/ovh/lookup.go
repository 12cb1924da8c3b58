package ovh

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"relais/connector"
	"relais/sms"
)

// errNotSeen is a no that proves nothing: OVH keeps no tag on a pending message
// (API schema sms.json, model Job), so one that waits cannot be found.
var errNotSeen = errors.New("no sent message has this reference, and a pending one cannot be seen")

// Lookup searches the log of sent messages for our tag. A find is proof. The
// absence of one is not, so Lookup never returns connector.ErrNotTaken.
func (c *Client) Lookup(ctx context.Context, id sms.ID) (connector.Outcome, error) {
	tag := c.tag(id)
	var ids []int64
	if err := c.api.get(ctx, c.jobs+"/outgoing?tag="+url.QueryEscape(tag), &ids); err != nil {
		return connector.Outcome{}, inDoubt("search by tag", err)
	}
	slices.Sort(ids)
	for _, candidate := range ids {
		number := strconv.FormatInt(candidate, 10)
		var one struct {
			Tag string `json:"tag"`
		}
		err := c.api.get(ctx, c.jobs+"/outgoing/"+number, &one)
		if err != nil {
			return connector.Outcome{}, inDoubt("confirm a tag", err)
		}
		if one.Tag == tag {
			return connector.Outcome{ProviderID: number}, nil
		}
	}
	return connector.Outcome{}, errNotSeen
}

// inDoubt keeps the words of err and drops its fault: a search that was refused
// says nothing of the message.
func inDoubt(doing string, err error) error {
	return &connector.Error{Fault: connector.Uncertain, Code: connector.CodeOf(err), Detail: doing, Err: err}
}
