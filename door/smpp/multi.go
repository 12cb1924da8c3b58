package smpp

import (
	"time"

	"relais/smpp"
	"relais/sms"
)

// multi takes one text for many numbers (3.4, 4.5). Its messages have one id, which receipts tell
// apart by their address; the numbers that get none are listed in the answer.
func (s *session) multi(c *client, body *smpp.SubmitMulti) (smpp.Status, smpp.Body) {
	sm := body.SM
	var to []string
	for _, dest := range body.Dests {
		if dest.List != "" { // lists are an SMSC's own, and there are none here
			return smpp.RINVDLNAME, nil
		}
		to = append(to, c.number(dest.Address))
	}
	if len(to) == 0 {
		return smpp.RINVNUMDESTS, nil
	}
	sm.Dest = body.Dests[0].Address
	if _, part := partOf(&sm); part { // of a long message to many: each number would be one (nobody was observed to)
		return smpp.RINVESMCLASS, nil
	}
	asked, status := s.asked(c, &sm)
	if status == smpp.OK {
		status = s.paced(c, len(to)*segments(&asked))
	}
	if status != smpp.OK {
		return status, nil
	}
	asked.To = to
	asked.Metadata[keptMessageID] = messageID(sms.BucketOf(c.Account).NewID(time.Now()), s.form(c))
	delete(asked.Metadata, keptDest) // each has its own
	given, status := s.give(c, &sm, &asked)
	if status != smpp.OK {
		return status, nil
	}
	answer := &smpp.SubmitMultiResp{MessageID: given.ID}
	for _, one := range given.Failed {
		if one.Index < len(body.Dests) {
			answer.Failed = append(answer.Failed, smpp.FailedDest{Address: body.Dests[one.Index].Address, Status: one.Status})
		}
	}
	return smpp.OK, answer
}
