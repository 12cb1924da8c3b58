package smpp

import (
	"context"
	"strconv"
	"time"

	"relais/gateway"
	"relais/reason"
	"relais/smpp"
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
	if status := s.admitted(c, sm, 1); status != smpp.OK {
		return status, nil
	}
	asked, status := s.submission(c, sm)
	if status == smpp.OK {
		status = c.fill(&asked, sm)
	}
	if status != smpp.OK {
		return status, nil
	}
	asked.To = []string{c.number(sm.Dest)}
	id, status := s.sendOne(c, sm, &asked)
	if status != smpp.OK {
		return status, nil
	}
	return smpp.OK, &smpp.SubmitSMResp{MessageID: id}
}

// admitted judges the form of a message, and puts it off where the client is too fast.
func (s *session) admitted(c *client, sm *smpp.SM, segments int) smpp.Status {
	if status := unsendable(sm); status != smpp.OK {
		return status
	}
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

// submission translates all of a message but what it says and to whom.
func (s *session) submission(c *client, sm *smpp.SM) (gateway.Submission, smpp.Status) {
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
	s.keep(c, sm, asked.Metadata)
	return asked, s.times(sm, &asked)
}

// keep notes what receipts are made of.
func (s *session) keep(c *client, sm *smpp.SM, metadata map[string]string) {
	if sm.RegisteredDelivery&(wantsReceipts|wantsIntermediate) == 0 {
		return
	}
	metadata[keptRegistered] = strconv.Itoa(int(sm.RegisteredDelivery))
	metadata[keptSource], metadata[keptDest] = keepForm(sm.Source, isName(sm.Source)), keepForm(sm.Dest, false)
	if reference, present := sm.TLVs.Number(smpp.TagUserMessageReference); present {
		metadata[keptReference] = strconv.FormatUint(uint64(reference), 10)
	}
	if form := s.form(c); form != "" {
		metadata[keptIDs] = form
	}
}

// times reads schedule_delivery_time and validity_period. The gateway counts the validity from
// the date of sending, SMPP from now.
func (s *session) times(sm *smpp.SM, asked *gateway.Submission) smpp.Status {
	now := s.door.Now()
	at, ok := smpp.ParseTime(sm.Schedule, now, s.door.Zone)
	if !ok {
		return smpp.RINVSCHED
	}
	if at.After(now) {
		asked.SendAt = at
	}
	ends, ok := smpp.ParseTime(sm.Validity, now, s.door.Zone)
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

// send gives a submission to the gateway.
func (s *session) send(
	c *client, asked *gateway.Submission, answer func(*gateway.Result) ([]byte, error),
) (*gateway.Result, smpp.Status) {
	d := s.door
	ctx := context.WithoutCancel(d.stopping) // what a client gave is stored, though it has gone
	if _, wanted := asked.Metadata[keptRegistered]; wanted {
		endpoint, err := d.endpointOf(ctx, c)
		if err != nil {
			d.Log.Error("a message was put off: its receipts cannot be kept", "door", "smpp", "system_id", c.systemID, "error", err)
			return nil, statusTrouble
		}
		asked.Endpoint = endpoint
	}
	result, err := d.Gateway.Submit(ctx, *asked, answer)
	if err == nil {
		return result, smpp.OK
	}
	status, known := statusOf(err)
	if !known {
		d.Log.Error("a message was put off", "door", "smpp", "system_id", c.systemID, "error", err)
	}
	return nil, status
}
