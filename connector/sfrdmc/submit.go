package sfrdmc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"relais/connector"
	"relais/sms"
)

// unitMessage is a messageUnitaire (DMC developer guide v1.7, 2.5.1). RefExt
// is observed: the guide shows it in answers only.
type unitMessage struct {
	Media   string `json:"media"`
	TextMsg string `json:"textMsg"`
	To      string `json:"to"`
	From    string `json:"from,omitempty"`
	Timeout int64  `json:"timeout,omitempty"` // minutes; 0 leaves it to DMC, which takes 2880
	RefExt  string `json:"refExt"`
}

// Submit offers one message with addSingleCall, several with batchSingleCall.
//
// DMC refuses a batch as a whole (inferred) and does not say whose fault it was.
// Such a refusal is returned as the error of the call; when it is Rejected, the
// dispatcher sends each message of the batch alone, so that only the guilty one
// ends rejected. With batch_refusal = "hold" it is Uncertain instead.
func (i *instance) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	units := make([]unitMessage, len(batch))
	for n, m := range batch {
		if !utf8.ValidString(m.Text) {
			return nil, &connector.Error{Fault: connector.Rejected, Detail: "the text is not valid UTF-8"}
		}
		units[n] = i.unit(m)
	}
	if len(batch) == 1 {
		return i.submitOne(ctx, batch, units[0])
	}
	value, err := i.call(ctx, batchSingleCall, map[string]any{
		"authenticate":     i.authentication(),
		"messageUnitaires": units,
	}, batch...)
	if err != nil {
		return nil, err
	}
	return readBatch(value, len(batch))
}

func (i *instance) submitOne(
	ctx context.Context, batch []sms.Message, unit unitMessage,
) ([]connector.Outcome, error) {
	value, err := i.call(ctx, addSingleCall, map[string]any{
		"authenticate":    i.authentication(),
		"messageUnitaire": unit,
	}, batch...)
	if err != nil {
		return nil, err
	}
	return []connector.Outcome{readID(value)}, nil
}

// unit translates a message. The number stays in +CC form: DMC answers success
// to the 00 form and sends nothing (observed).
func (i *instance) unit(m sms.Message) unitMessage {
	from := string(m.Sender)
	if from == "" {
		from = i.config.Sender
	}
	return unitMessage{
		Media:   media(m),
		TextMsg: m.Text,
		To:      string(m.To),
		From:    from,
		Timeout: connector.MinutesLeft(m.ExpiresAt, i.env.Now()),
		RefExt:  m.ID.String(),
	}
}

// media says how DMC must encode and whether it may split. A long text in a
// short media is refused (DMC developer guide v1.7, 2.3.2, for broadcasts;
// inferred for unit messages). The two unicode media need API 1.5.6.
func media(m sms.Message) string {
	long := m.Segments > 1
	switch {
	case m.Encoding == sms.UCS2 && long:
		return "SMSUnicodeLong"
	case m.Encoding == sms.UCS2:
		return "SMSUnicode"
	case long:
		return "SMSLong"
	default:
		return "SMS"
	}
}

// readBatch reads the ids of a batch, in its order (DMC developer guide v1.7,
// 2.5.2, by its example). A list of another length proves nothing of any
// message.
func readBatch(value json.RawMessage, size int) ([]connector.Outcome, error) {
	var items []json.RawMessage
	if json.Unmarshal(value, &items) != nil {
		return nil, errors.New("success without a list of ids")
	}
	if len(items) != size {
		return nil, fmt.Errorf("success with %d ids for %d messages", len(items), size)
	}
	outcomes := make([]connector.Outcome, size)
	for n, item := range items {
		outcomes[n] = readID(item)
	}
	return outcomes, nil
}

// readID reads the id of one message. Anything but a positive integer is
// doubt: the guide says that an error message may stand there, and not what
// became of the message then (2.5.1).
func readID(value json.RawMessage) connector.Outcome {
	id, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || id <= 0 {
		return connector.Outcome{Err: errors.New("success without an id for this message")}
	}
	return connector.Outcome{ProviderID: strconv.FormatInt(id, 10)}
}
