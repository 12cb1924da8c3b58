package smpp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// sendOne gives a message for one number to the gateway, and returns its id: that of the first time
// where the client says the same again, and its settings say how that is known.
func (s *session) sendOne(c *client, sm *smpp.SM, asked *gateway.Submission) (id string, status smpp.Status) {
	request := requestOf(sm, asked)
	if c.KeyTLV != 0 {
		if value, has := sm.TLVs.Get(smpp.Tag(c.KeyTLV)); has && len(value) > 0 {
			asked.Key = &gateway.IdempotencyKey{Key: "smpp key " + c.systemID + " " + hex.EncodeToString(value), Request: request}
		}
	}
	if asked.Key == nil && c.RepeatsWithin > 0 {
		if id, status := s.earlier(c, asked, request); id != "" || status != smpp.OK {
			return id, status
		}
	}
	result, status := s.send(c, asked, s.noted)
	if status != smpp.OK {
		return "", status
	}
	if result.Replay != nil {
		first, _, ok := notedOf(result.Replay)
		if !ok {
			return "", statusTrouble
		}
		return messageID(first, s.form(c)), smpp.OK
	}
	return messageID(result.Messages[0].ID, s.form(c)), smpp.OK
}

// requestOf tells messages apart: by their addresses, by the reference that numbers the parts of a
// long one, and by what they say.
func requestOf(sm *smpp.SM, asked *gateway.Submission) [32]byte {
	content := sm.Content()
	return sha256.Sum256(fmt.Appendf(nil, "%+v %+v %q %d %q %q %q %q", sm.Source, sm.Dest, asked.Kind,
		content.Concat.Ref, asked.Text, asked.Data, asked.UDH, asked.To))
}

// earlier looks whether the same message came a while ago, and gives the submission the key by which
// the next one will find it. Keys have a span of time in their name: the span before is looked up
// too, so that none is overlooked that came less than repeats_within ago.
func (s *session) earlier(c *client, asked *gateway.Submission, request [32]byte) (id string, status smpp.Status) {
	now := s.door.Now()
	span := now.UnixNano() / int64(c.RepeatsWithin)
	key := func(span int64) gateway.IdempotencyKey {
		return gateway.IdempotencyKey{
			Key:     "smpp again " + c.systemID + " " + hex.EncodeToString(request[:]) + " " + strconv.FormatInt(span, 10),
			Request: request,
		}
	}
	current := key(span)
	asked.Key = &current
	answer, err := s.door.Store.Answer(context.WithoutCancel(s.door.stopping), c.Account, key(span-1))
	if err != nil && !errors.Is(err, gateway.ErrKeyReused) {
		s.door.Log.Error("a message was put off: it cannot be compared with earlier ones", "door", "smpp", "system_id", c.systemID, "error", err)
		return "", statusTrouble
	}
	first, at, ok := notedOf(answer)
	if !ok || now.Sub(at) > c.RepeatsWithin {
		return "", smpp.OK
	}
	return messageID(first, s.form(c)), smpp.OK
}

// noted is the answer that is kept for a key: the id of the message, and when it came.
func (s *session) noted(result *gateway.Result) ([]byte, error) {
	return []byte(result.Messages[0].ID.String() + " " + strconv.FormatInt(s.door.Now().UnixMilli(), 10)), nil
}

// notedOf reads what noted wrote.
func notedOf(answer []byte) (id sms.ID, at time.Time, ok bool) {
	text, milliseconds, found := strings.Cut(string(answer), " ")
	if !found {
		return id, at, false
	}
	id, err := sms.ParseID(text)
	if err != nil {
		return id, at, false
	}
	n, err := strconv.ParseInt(milliseconds, 10, 64)
	return id, time.UnixMilli(n), err == nil
}
