package smpp

import (
	"time"

	"relais/gateway"
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
	if status := s.admitted(c, &sm, len(to)); status != smpp.OK {
		return status, nil
	}
	asked, status := s.submission(c, &sm)
	if status == smpp.OK {
		status = c.fill(&asked, &sm)
	}
	if status != smpp.OK {
		return status, nil
	}
	asked.To = to
	id := messageID(sms.BucketOf(c.Account).NewID(time.Now()), s.form(c))
	asked.Metadata[keptMessageID] = id
	delete(asked.Metadata, keptDest) // each has its own
	result, status := s.send(c, &asked, nil)
	if status != smpp.OK {
		return status, nil
	}
	return smpp.OK, &smpp.SubmitMultiResp{MessageID: id, Failed: refusals(body, result)}
}

// refusals are the numbers that get no message.
func refusals(body *smpp.SubmitMulti, result *gateway.Result) (all []smpp.FailedDest) {
	for _, refused := range result.Rejected {
		all = append(all, smpp.FailedDest{
			Address: body.Dests[refused.Index].Address, Status: statusOfCode(refused.Code, smpp.RINVDSTADR),
		})
	}
	return all
}
