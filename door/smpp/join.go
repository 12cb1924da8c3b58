package smpp

import (
	"context"
	"slices"
	"strings"
	"time"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// mostPart is the longest part, in octets: a message_payload that is a part is no longer than a
// short_message.
const mostPart = 255

// held is a part, taken apart.
type held struct {
	sm      *smpp.SM
	content smpp.Content
}

// partOf reports whether a message is a part of a long one.
func partOf(sm *smpp.SM) (h held, ok bool) {
	h = held{sm, sm.Content()}
	return h, h.content.Part && h.content.Concat.Total > 1
}

// join takes a part. It is on disk before its answer, which names an id of its own; the last one
// makes the message. What refuses the message is known by its last part at the latest: then the
// client is told by a receipt of each part that was answered before.
func (s *session) join(c *client, h held) (smpp.Status, smpp.Body) {
	if status := unsendable(h.sm); status != smpp.OK {
		return status, nil
	}
	if len(h.content.Text) > mostPart {
		return smpp.RINVMSGLEN, nil
	}
	if status := s.door.room(c); status != smpp.OK {
		return status, nil
	}
	if status := s.paced(c, 1); status != smpp.OK {
		return status, nil
	}
	p, err := s.newPart(c, h)
	if err != nil {
		return smpp.RSUBMITFAIL, nil
	}
	ctx := s.lasting()
	kept, status := s.keepPart(ctx, c, h, p)
	if status != smpp.OK {
		return status, nil
	}
	if kept.Message.IsZero() {
		status = s.door.finish(ctx, c, kept.Long)
	}
	if status == smpp.OK {
		return smpp.OK, &smpp.SubmitSMResp{MessageID: messageID(kept.ID, s.form(c))}
	}
	s.door.report(c, s.door.giveUp(ctx, c, &kept, status))
	return status, nil
}

// MostWaiting is how many parts of one client may wait for others: they are kept for minutes, and no message counts them yet.
const MostWaiting = 100_000

// room refuses a part where too many wait: of the client, or of all clients with the messages that wait.
func (d *Door) room(c *client) smpp.Status {
	if c.waiting.Load() >= MostWaiting {
		return statusFull
	}
	var parts int64
	for _, one := range d.clients {
		parts += one.waiting.Load()
	}
	if err := d.Gateway.Room(int(parts)); err != nil {
		return d.refusal(c, err)
	}
	return smpp.OK
}

// crossing is how long parts of two messages that the client numbers alike may still be on their way at once:
// within it the other one is put off, and takes no place.
const crossing = 5 * time.Second

// keepPart puts a part to the others of its message. kept is an earlier one where the client says the
// same again.
func (s *session) keepPart(ctx context.Context, c *client, h held, p *Part) (kept Part, status smpp.Status) {
	d := s.door
	earlier, repeated, err := d.earlierPart(ctx, c, p)
	switch {
	case err != nil:
		d.report(c, err)
		return kept, statusTrouble
	case repeated:
		return *earlier, smpp.OK
	case earlier != nil: // it may be one whose answer got lost: no other message shall get it
		p.Seq += again
	}
	if p.Number, status = s.foreseen(ctx, c, h); status != smpp.OK {
		return kept, status
	}
	for range 2 {
		var fresh bool
		kept, fresh, err = d.Store.KeepPart(ctx, p)
		if err != nil || fresh || kept.same(p) || p.ID.Time().Sub(kept.ID.Time()) < crossing {
			break
		}
		if err = d.displace(ctx, c, p.Long); err != nil { // the client counts from the beginning again
			break
		}
	}
	switch {
	case err != nil:
		d.report(c, err)
		return kept, statusTrouble
	case !kept.same(p):
		return kept, statusTooFast
	case kept.ID == p.ID:
		c.waiting.Add(1)
	}
	return kept, smpp.OK
}

// displace ends a message whose number the client uses for another one: what is whole is sent, and
// the rest has failed.
func (d *Door) displace(ctx context.Context, c *client, long string) error {
	if status := d.finish(ctx, c, long); status == statusTrouble || status == statusFull {
		return nil
	}
	parts, err := d.Store.WaitingParts(ctx, c.Account, c.systemID, long)
	if err != nil {
		return err
	}
	d.gaveUp(c, parts, "the client uses their number for another message")
	return d.Store.FailParts(ctx, c.Account, sms.ID{}, parts)
}

// foreseen refuses a part at once where its message would be refused. The text of a part may end
// within a character: then any text stands for it.
func (s *session) foreseen(ctx context.Context, c *client, h held) (sms.Number, smpp.Status) {
	asked, status := s.door.submission(c, h.sm, s.form(c), s.door.Now())
	if status != smpp.OK {
		return "", status
	}
	status = c.content(&asked, h.sm.DataCoding, h.content, isFlashUnit(h.sm.TLVs))
	switch {
	case status == smpp.RINVDCS && known(h.sm.DataCoding, c.Alphabet):
		asked.Text = "-"
	case status != smpp.OK:
		return "", status
	}
	asked.To = []string{c.number(h.sm.Dest)}
	result, err := s.door.Gateway.Preview(ctx, asked, time.Time{})
	if err != nil {
		return "", s.door.refusal(c, err)
	}
	if len(result.Messages) == 0 {
		return "", smpp.RINVDSTADR
	}
	return result.Messages[0].To, smpp.OK
}

// known reports whether a data_coding says a text that is read here.
func known(coding byte, alphabet smpp.Charset) bool {
	_, known := smpp.CharsetOf(coding, alphabet)
	return known
}

// finish makes the message of parts once all are there. It is the same message however often that is
// tried: its key names its first part.
func (d *Door) finish(ctx context.Context, c *client, long string) smpp.Status {
	one := &c.joining[int(long[0])%len(c.joining)]
	one.Lock()
	defer one.Unlock()
	waiting, err := d.Store.WaitingParts(ctx, c.Account, c.systemID, long)
	if err != nil {
		d.report(c, err)
		return statusTrouble
	}
	first, repeated := split(waiting)
	for _, parts := range [][]Part{first, repeated} {
		if status := d.finishOne(ctx, c, parts); status != smpp.OK {
			return status
		}
	}
	return smpp.OK
}

// split takes the parts that say what earlier ones said apart.
func split(parts []Part) (first, repeated []Part) {
	at := slices.IndexFunc(parts, func(p Part) bool { return p.Seq > again })
	if at < 0 {
		return parts, nil
	}
	return parts[:at], parts[at:]
}

// finishOne makes the message of parts if they are all.
func (d *Door) finishOne(ctx context.Context, c *client, parts []Part) smpp.Status {
	all, err := readParts(parts)
	if err != nil {
		d.report(c, err)
		return smpp.RSUBMITFAIL
	}
	if !whole(all) {
		return smpp.OK
	}
	given, status := d.submitWhole(ctx, c, parts, all)
	if status != smpp.OK {
		return status
	}
	if given.repeated { // it may have ended: the client is told of these parts by themselves
		err = d.Store.FailParts(ctx, c.Account, given.Messages[0], parts)
	} else {
		err = d.Store.JoinParts(ctx, c.Account, given.Messages[0], parts)
	}
	c.waiting.Add(-int64(len(parts)))
	d.report(c, err) // the message is there: what waits is put to it later
	return smpp.OK
}

// whole reports whether nothing of a message is missing.
func whole(all []held) bool { return len(all) > 0 && len(all) == int(all[0].content.Concat.Total) }

func readParts(parts []Part) (all []held, err error) {
	for i := range parts {
		h, err := parts[i].read()
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// submitWhole takes a long message. Its times count from its first part. Its parts say the same but for their text; registered_delivery
// is that of whichever asks for most.
func (d *Door) submitWhole(ctx context.Context, c *client, parts []Part, all []held) (*answer, smpp.Status) {
	first := *all[0].sm
	for _, h := range all {
		first.RegisteredDelivery |= h.sm.RegisteredDelivery
		if h.sm.DataCoding != first.DataCoding {
			return nil, smpp.RINVDCS
		}
	}
	asked, status := d.submission(c, &first, parts[0].Form, oldest(parts))
	if status == smpp.OK {
		status = c.fillWhole(&asked, &first, all)
	}
	if status != smpp.OK {
		return nil, status
	}
	if _, wanted := asked.Metadata[keptRegistered]; wanted {
		asked.Metadata[keptParts] = "1"
	}
	asked.To = []string{c.number(first.Dest)}
	if asked.Key = c.keyOf(all[0].sm, &asked); asked.Key == nil {
		asked.Key = &gateway.IdempotencyKey{Key: "smpp parts " + parts[0].ID.String(), Request: requestOf(&first, &asked, 0)}
	}
	return d.send(ctx, c, &asked, parts[0].Form)
}

// oldest is when the first of some parts came.
func oldest(parts []Part) time.Time {
	first := parts[0].ID.Time()
	for i := range parts {
		if at := parts[i].ID.Time(); at.Before(first) {
			first = at
		}
	}
	return first
}

// fillWhole puts the text of all parts into a submission. A character may be cut by the border of
// two parts, so that octets are put together before they are read; packed septets begin anew in
// each part.
func (c *client) fillWhole(asked *gateway.Submission, first *smpp.SM, parts []held) smpp.Status {
	whole := parts[0].content
	if charset, known := smpp.CharsetOf(first.DataCoding, c.Alphabet); known && charset == smpp.GSM7Packed {
		var text strings.Builder
		for _, part := range parts {
			if status := c.content(asked, first.DataCoding, part.content, isFlashUnit(first.TLVs)); status != smpp.OK {
				return status
			}
			text.WriteString(asked.Text)
		}
		asked.Text = text.String()
		return smpp.OK
	}
	whole.Text = nil
	for _, part := range parts {
		whole.Text = append(whole.Text, part.content.Text...)
	}
	return c.content(asked, first.DataCoding, whole, isFlashUnit(first.TLVs))
}

// giveUp ends a message that was refused. The part that its refusal answers is forgotten; the others
// were answered before, and the client is told. After a failure all wait: the client sends its part
// again, or Sweep goes on.
func (d *Door) giveUp(ctx context.Context, c *client, last *Part, status smpp.Status) error {
	if status == statusTrouble {
		return nil
	}
	if err := d.Store.DropParts(ctx, c.Account, []Part{*last}); err != nil || status == statusFull {
		return err
	}
	others, err := d.Store.WaitingParts(ctx, c.Account, c.systemID, last.Long)
	if err != nil {
		return err
	}
	d.gaveUp(c, others, "the message was refused: "+status.String())
	return d.Store.FailParts(ctx, c.Account, sms.ID{}, others)
}

// gaveUp logs that parts come to nothing: they were answered ESME_ROK.
func (d *Door) gaveUp(c *client, parts []Part, why string) {
	if len(parts) > 0 {
		d.Log.Warn("parts of a long message were given up", "door", "smpp", "system_id", c.systemID, "parts", len(parts), "why", why)
	}
}
