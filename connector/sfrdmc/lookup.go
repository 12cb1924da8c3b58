package sfrdmc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"relais/connector"
	"relais/sms"
)

// singleCall is an item of getSingleCallCra. Its other fields are localized
// and hold the number and the text.
type singleCall struct {
	MessageID json.RawMessage `json:"messageId"`
	RefExt    scalar          `json:"refExt"`
}

// Lookup asks getSingleCallCra for the message by our reference (observed; the
// guide, 2.5.4, tells of a period only).
//
// It never returns connector.ErrNotTaken: no source tells how soon a message
// shows in reports, so an empty list proves nothing. Every error of Lookup is
// Uncertain, whatever befell the question: it is about the message.
func (i *instance) Lookup(ctx context.Context, id sms.ID) (connector.Outcome, error) {
	value, err := i.call(ctx, getSingleCallCra, map[string]any{
		"authenticate": i.authentication(),
		"refExt":       id.String(),
	})
	if err != nil {
		return connector.Outcome{}, &connector.Error{
			Fault: connector.Uncertain, Code: connector.CodeOf(err),
			Err: err,
		}
	}
	calls, _, err := readList[singleCall](value)
	if err != nil {
		return connector.Outcome{}, fmt.Errorf("look a message up: %w", err)
	}
	for _, call := range calls {
		// The filter is not documented: an operator that ignores it lists others.
		if string(call.RefExt) == id.String() {
			found := readID(bytes.Trim(call.MessageID, `"`))
			return found, found.Err
		}
	}
	return connector.Outcome{}, errors.New("DMC does not list this message, or not yet")
}

// readList reads the two forms of lists, which depend on the method: a bare
// array, or {"list":[…],"total":n} (DMC developer guide v1.7, 2.4 to 2.7).
// total is the number of items that exist, those of other pages included.
func readList[T any](value json.RawMessage) (items []T, total int, err error) {
	if bytes.HasPrefix(value, []byte("[")) {
		if json.Unmarshal(value, &items) != nil {
			return nil, 0, errNoList
		}
		return items, len(items), nil
	}
	var page struct {
		List  *[]T `json:"list"`
		Total int  `json:"total"`
	}
	if json.Unmarshal(value, &page) != nil || page.List == nil {
		return nil, 0, errNoList
	}
	return *page.List, max(page.Total, len(*page.List)), nil
}

// errNoList does not repeat the value, which may hold numbers and texts.
var errNoList = errors.New("success without a list")
