package smpp

import (
	"context"
	"strconv"
	"time"

	"relais/gateway"
	"relais/gsm"
	"relais/reason"
	"relais/smpp"
	"relais/sms"
)

// longest is the longest validity that the gateway keeps to.
const longest = 7 * 24 * time.Hour

// urgent is the priority_flag that is the highest (3.4, 5.2.14).
const urgent = 3

// Bits of registered_delivery (3.4, 5.2.17).
const (
	wantsReceipts     = 0x03
	wantsIntermediate = 0x10
)

// submit takes one message. When it returns OK the message is on disk.
func (s *session) submit(c *client, sm *smpp.SM) (smpp.Status, smpp.Body) {
	if h, part := partOf(sm); part {
		return s.join(c, h)
	}
	asked, status := s.asked(c, sm)
	if status == smpp.OK {
		status = s.paced(c, segments(&asked))
	}
	if status != smpp.OK {
		return status, nil
	}
	asked.To = []string{c.number(sm.Dest)}
	given, status := s.give(c, sm, &asked)
	if status != smpp.OK {
		return status, nil
	}
	return smpp.OK, &smpp.SubmitSMResp{MessageID: given.ID}
}

// asked is a message that stands alone, but for whom it is for.
func (s *session) asked(c *client, sm *smpp.SM) (asked gateway.Submission, status smpp.Status) {
	if status := unsendable(sm); status != smpp.OK {
		return asked, status
	}
	asked, status = s.door.submission(c, sm, s.form(c), s.door.Now())
	if status == smpp.OK {
		status = c.fill(&asked, sm)
	}
	return asked, status
}

// segments is how many segments a message has before anything is put to its text.
func segments(asked *gateway.Submission) int {
	if asked.Kind == sms.Binary {
		octets, err := sms.OctetsOf(asked.UDH + ":" + asked.Data)
		if err != nil {
			return 1 // the gateway refuses it
		}
		return octets.Segments()
	}
	return max(gsm.Count(asked.Text).Segments, 1)
}

// paced puts a message off where the client is too fast.
func (s *session) paced(c *client, segments int) smpp.Status {
	wait, ok := c.pace.take(segments, time.Now())
	if wait > 0 {
		s.door.wait(wait)
	}
	if !ok {
		return statusTooFast
	}
	return smpp.OK
}

// Ranges of protocol_id that are more than a text: one that replaces another on the handset, and
// one that the person does not see (3GPP TS 23.040, 9.2.3.9).
const (
	silent       = 0x40
	lastReplaces = 0x47
)

// unsendable refuses fields over their limits, and what is not done here.
func unsendable(sm *smpp.SM) smpp.Status {
	if wrong := smpp.Check(&smpp.SubmitSM{SM: *sm}); wrong != nil && wrong.Status != smpp.RINVMSGLEN {
		return wrong.Status
	}
	switch {
	case sm.ESMClass&smpp.ESMHeader != 0 && sm.Content().HeaderLength == 0: // it says a header, and has none that can be read
		return smpp.RINVESMCLASS
	case sm.Dest.Addr == "":
		return smpp.RINVDSTADR
	case sm.ReplaceIfPresent != 0:
		return smpp.RINVREPFLAG
	case sm.DefaultMessageID != 0:
		return smpp.RINVDFTMSGID
	case sm.Priority > urgent:
		return smpp.RINVPRTFLG
	case sm.ProtocolID >= silent && sm.ProtocolID <= lastReplaces:
		return smpp.RSUBMITFAIL
	default:
		return smpp.OK
	}
}

// submission translates all of a message but what it says and to whom. came is when it did.
func (d *Door) submission(c *client, sm *smpp.SM, form string, came time.Time) (gateway.Submission, smpp.Status) {
	asked := gateway.Submission{
		Account: c.Account, Actor: c.actor, Class: c.Class, Connector: c.Connector,
		Metadata: map[string]string{keptClient: c.systemID},
	}
	sender, ok := c.sender(sm.Source)
	if !ok {
		return asked, smpp.RINVSRCADR
	}
	asked.Sender = sender
	if sm.Priority == urgent && c.UrgentClass != "" {
		asked.Class = c.UrgentClass
	}
	keep(sm, form, asked.Metadata)
	return asked, d.times(sm, &asked, came)
}

// keep notes what receipts are made of.
func keep(sm *smpp.SM, form string, metadata map[string]string) {
	if sm.RegisteredDelivery&(wantsReceipts|wantsIntermediate) == 0 {
		return
	}
	metadata[keptRegistered] = strconv.Itoa(int(sm.RegisteredDelivery))
	metadata[keptSource], metadata[keptDest] = keepForm(sm.Source, isName(sm.Source)), keepForm(sm.Dest, false)
	if reference, present := sm.TLVs.Number(smpp.TagUserMessageReference); present {
		metadata[keptReference] = strconv.FormatUint(uint64(reference), 10)
	}
	if form != "" {
		metadata[keptIDs] = form
	}
}

// late is how far behind our clock a client's may be: what it schedules for now is sent.
const late = time.Minute

// times reads schedule_delivery_time and validity_period of a message that came at a moment. The gateway
// counts the validity from the date of sending, SMPP from then.
func (d *Door) times(sm *smpp.SM, asked *gateway.Submission, came time.Time) smpp.Status {
	now := d.Now()
	at, ok := smpp.ParseTime(sm.Schedule, came, d.Zone)
	if !ok || !at.IsZero() && at.Before(came.Add(-late)) {
		return smpp.RINVSCHED
	}
	if at.After(now) {
		asked.SendAt = at
	}
	ends, ok := smpp.ParseTime(sm.Validity, came, d.Zone)
	if !ok {
		return smpp.RINVEXPIRY
	}
	if ends.IsZero() {
		return smpp.OK
	}
	begins := now
	if !asked.SendAt.IsZero() {
		begins = asked.SendAt
	}
	asked.ValidFor = ends.Sub(begins).Truncate(time.Second)
	switch {
	case asked.ValidFor <= 0:
		return smpp.RINVEXPIRY
	case asked.ValidFor > longest:
		asked.ValidFor = longest
		asked.Notes = append(asked.Notes, reason.Of(codeValidity, reason.Args{"hours": reason.Count(longest.Hours())}))
	}
	return smpp.OK
}

// send gives a submission to the gateway. form is that of the id that the client is told.
func (d *Door) send(ctx context.Context, c *client, asked *gateway.Submission, form string) (*answer, smpp.Status) {
	if _, wanted := asked.Metadata[keptRegistered]; wanted {
		endpoint, err := d.endpointOf(ctx, c)
		if err != nil {
			d.Log.Error("a message was put off: its receipts cannot be kept", "door", "smpp", "system_id", c.systemID, "error", err)
			return nil, statusTrouble
		}
		asked.Endpoint = endpoint
	}
	result, err := d.Gateway.Submit(ctx, *asked, d.noted(asked, form))
	if err != nil {
		return nil, d.refusal(c, err)
	}
	if result.Replay == nil {
		return d.answerOf(asked, form, result), smpp.OK
	}
	first, err := readAnswer(result.Replay)
	if err != nil {
		return nil, d.refusal(c, err)
	}
	return first, smpp.OK
}

// refusal is how a submission is answered that the gateway did not take.
func (d *Door) refusal(c *client, err error) smpp.Status {
	status, known := statusOf(err)
	if !known {
		d.Log.Error("a message was put off", "door", "smpp", "system_id", c.systemID, "error", err)
	}
	return status
}

// lasting is the context of what is done for a client though it has gone.
func (s *session) lasting() context.Context { return context.WithoutCancel(s.door.stopping) }
