package smpp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// answer is what is kept for an idempotency key: what a client that says the same again is told.
type answer struct {
	ID       string    `json:"id"` // that the client was given
	Messages []sms.ID  `json:"messages"`
	At       time.Time `json:"at"`
	Failed   []failed  `json:"failed,omitempty"` // numbers of a submit_multi that got none

	repeated bool // it was given before
}

// failed is one of several numbers, by its place.
type failed struct {
	Index  int         `json:"index"`
	Status smpp.Status `json:"status"`
}

// key is the client's own name of a message.
func (c *client) key(sm *smpp.SM) (value []byte, has bool) {
	if c.KeyTLV == 0 {
		return nil, false
	}
	value, _ = sm.TLVs.Get(smpp.Tag(c.KeyTLV))
	return value, len(value) > 0
}

// give gives a message to the gateway, and returns what the client is told: the same as the first time where
// it says the same again, and its settings say how that is known.
func (s *session) give(c *client, sm *smpp.SM, asked *gateway.Submission) (*answer, smpp.Status) {
	ctx := s.lasting()
	asked.Key = c.keyOf(sm, asked)
	if asked.Key == nil && c.RepeatsWithin > 0 {
		first, err := s.door.first(ctx, c, asked, requestOf(sm, asked, sm.Content().Concat.Ref))
		if err != nil {
			s.door.Log.Error("a message was put off: it cannot be compared with earlier ones", "door", "smpp", "system_id", c.systemID, "error", err)
			return nil, statusTrouble
		}
		if first != nil {
			return first, smpp.OK
		}
	}
	return s.door.send(ctx, c, asked, s.form(c))
}

// keyOf is the idempotency key of a message that the client named; nil: it did not.
func (c *client) keyOf(sm *smpp.SM, asked *gateway.Submission) *gateway.IdempotencyKey {
	value, has := c.key(sm)
	if !has {
		return nil
	}
	return &gateway.IdempotencyKey{Key: "smpp key " + c.systemID + " " + hex.EncodeToString(value), Request: requestOf(sm, asked, 0)}
}

// requestOf tells messages apart: by their addresses, their schedule, a reference that the client numbers
// them by, and by what they say.
func requestOf(sm *smpp.SM, asked *gateway.Submission, ref uint16) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%+v %+v %q %d %q %q %q %q %q", sm.Source, sm.Dest, asked.Kind,
		ref, asked.Text, asked.Data, asked.UDH, asked.To, sm.Schedule))
}

// spans are the keys by which a message is found that came a while ago: a span of time, and how many
// of the same came in it before that ended unsent.
type spans struct {
	door    *Door
	client  *client
	request [32]byte
}

func (k *spans) key(span int64, before int) gateway.IdempotencyKey {
	return gateway.IdempotencyKey{
		Key:     fmt.Sprintf("smpp again %s %x %d %d", k.client.systemID, k.request, span, before),
		Request: k.request,
	}
}

func (k *spans) answer(ctx context.Context, span int64, before int) (*answer, error) {
	kept, err := k.door.Store.Answer(ctx, k.client.Account, k.key(span, before))
	if err != nil || kept == nil {
		return nil, err
	}
	return readAnswer(kept)
}

// last is the last message of a span, and how many there were. They have no gaps: leaps double until
// one is not there, and the place between is halved.
func (k *spans) last(ctx context.Context, span int64) (last *answer, count int, err error) {
	var beyond int
	for step := 1; beyond == 0; step *= 2 {
		found, err := k.answer(ctx, span, count+step-1)
		if err != nil {
			return nil, 0, err
		}
		if found == nil {
			beyond = count + step
		} else {
			last, count = found, count+step
		}
	}
	for count+1 < beyond {
		middle := (count + beyond) / 2
		found, err := k.answer(ctx, span, middle-1)
		switch {
		case err != nil:
			return nil, 0, err
		case found == nil:
			beyond = middle
		default:
			last, count = found, middle
		}
	}
	return last, count, nil
}

// first is what was answered to the same message a while ago; nil: there is none, and the submission
// has the key by which the next one will find it. Keys have a span of time in their name: the span
// before is looked up too, so that none is overlooked that came less than repeats_within ago.
func (d *Door) first(ctx context.Context, c *client, asked *gateway.Submission, request [32]byte) (*answer, error) {
	now, k := d.Now(), spans{d, c, request}
	span := now.UnixNano() / int64(c.RepeatsWithin)
	last, count, err := k.last(ctx, span)
	if err != nil {
		return nil, err
	}
	key := k.key(span, count)
	asked.Key = &key
	if last == nil {
		if last, _, err = k.last(ctx, span-1); err != nil {
			return nil, err
		}
	}
	if last == nil || now.Sub(last.At) > c.RepeatsWithin {
		return nil, nil
	}
	stands, err := d.stands(ctx, c, last.Messages...)
	if err != nil || !stands {
		return nil, err
	}
	return last, nil
}

// stands reports whether one of the messages reached its person, or may do so. What was canceled, refused
// or came to nothing is no reason not to send the same again.
func (d *Door) stands(ctx context.Context, c *client, messages ...sms.ID) (bool, error) {
	for _, id := range messages {
		m, err := d.Store.Message(ctx, c.Account, id)
		switch {
		case errors.Is(err, gateway.ErrNotFound):
			continue
		case err != nil:
			return false, err
		}
		switch m.Status {
		case sms.Canceled, sms.Rejected, sms.Undelivered, sms.Expired:
		default:
			return true, nil
		}
	}
	return false, nil
}

// earlierPart looks whether a client said a part before that is in a message. repeated reports whether that is
// its answer too, by repeats_within; else it is one that the client may not have been answered.
func (d *Door) earlierPart(ctx context.Context, c *client, p *Part) (earlier *Part, repeated bool, err error) {
	all, err := d.Store.EarlierParts(ctx, c.Account, c.systemID, p.Long, p.Seq, p.Sum)
	if err != nil {
		return nil, false, err
	}
	for i := range all {
		one, age := &all[i], p.ID.Time().Sub(all[i].ID.Time())
		if c.RepeatsWithin > 0 && age <= c.RepeatsWithin {
			stands, err := d.stands(ctx, c, one.Message)
			if err != nil || stands {
				return one, stands, err
			}
		}
		if age <= earlierSpan {
			earlier = cmp.Or(earlier, one)
		}
	}
	return earlier, false, nil
}

// noted is what is kept of an answer.
func (d *Door) noted(asked *gateway.Submission, form string) func(*gateway.Result) ([]byte, error) {
	return func(result *gateway.Result) ([]byte, error) { return json.Marshal(d.answerOf(asked, form, result)) }
}

func readAnswer(kept []byte) (*answer, error) {
	a := &answer{}
	a.repeated = true
	if err := json.Unmarshal(kept, a); err != nil {
		return nil, fmt.Errorf("read what was answered: %w", err)
	}
	return a, nil
}

// answerOf is what the client is told of a submission.
func (d *Door) answerOf(asked *gateway.Submission, form string, result *gateway.Result) *answer {
	a := &answer{ID: asked.Metadata[keptMessageID], At: d.Now()}
	for i := range result.Messages {
		a.Messages = append(a.Messages, result.Messages[i].ID)
	}
	if a.ID == "" {
		a.ID = messageID(a.Messages[0], form)
	}
	for _, refused := range result.Rejected {
		a.Failed = append(a.Failed, failed{refused.Index, statusOfCode(refused.Code, smpp.RINVDSTADR)})
	}
	return a
}
