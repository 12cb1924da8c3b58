package ovh

import (
	"context"
	"strconv"

	"relais/door"
	"relais/gateway"
	"relais/gsm"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// report is the answer of POST jobs (documented: SmsSendingReportUser).
type report struct {
	TotalCreditsRemoved float64  `json:"totalCreditsRemoved"`
	InvalidReceivers    []string `json:"invalidReceivers"`
	IDs                 []int64  `json:"ids"`
	ValidReceivers      []string `json:"validReceivers"`
	Tag                 string   `json:"tag"`
	CreditsLeft         *float64 `json:"creditsLeft,omitempty"` // not for virtual numbers
}

// sent is what became of a job.
type sent struct {
	messages []gateway.Draft
	numbers  []int64
	refused  []gateway.Refusal
}

// submit sends a job. Numbers that cannot be read, and people who said STOP, are
// told apart; when nobody is left that is no error either (documented and
// observed).
func (c jobCalls) submit(j job, s scope) (*sent, error) {
	done := &sent{}
	asked := j.receivers
	j.receivers = nil
	for i, text := range asked {
		read, ok := c.receiver(text)
		if !ok {
			done.refused = append(done.refused,
				gateway.Refusal{Index: i, To: text, Reason: reason.Of(codeNotInternational, nil)})
			continue
		}
		j.receivers = append(j.receivers, read)
	}
	submission, err := c.submission(j, s)
	if err != nil || len(j.receivers) == 0 {
		return done, err
	}
	if submission.Endpoint, err = c.door.Endpoint(c.ctx(), c.app.Account); err != nil {
		return nil, err
	}
	result, err := c.Gateway.Submit(c.ctx(), submission, nil)
	if refusal, none := door.Refused(err, gateway.CodeNoRecipient); none {
		done.refused = append(done.refused, refusal.Rejected...)
		return done, nil
	}
	if err != nil {
		return nil, err
	}
	done.messages, done.refused = result.Messages, append(done.refused, result.Rejected...)
	ids := make([]sms.ID, len(result.Messages))
	for i := range result.Messages {
		ids[i] = result.Messages[i].ID
	}
	// The messages are on disk. Their numbers are given though the caller left, and
	// a failure does not make the answer a no: the caller would send them twice.
	if done.numbers, err = c.door.Numbers(context.WithoutCancel(c.ctx()), c.app.Account, ids); err != nil {
		c.Log.Error("messages were accepted, and their numbers cannot be given", "query", c.id, "error", err)
	}
	return done, nil
}

func postJob(c *call) (any, error) {
	s, err := c.scope()
	if err != nil {
		return nil, err
	}
	j, err := jobCalls{c}.readJob()
	if err != nil {
		return nil, err
	}
	done, err := jobCalls{c}.submit(j, s)
	if err != nil {
		return nil, err
	}
	r := report{InvalidReceivers: []string{}, IDs: []int64{}, ValidReceivers: []string{}, Tag: j.tag}
	for i := range done.messages {
		r.TotalCreditsRemoved += float64(done.messages[i].Segments)
		r.ValidReceivers = append(r.ValidReceivers, string(done.messages[i].To))
	}
	r.IDs = append(r.IDs, done.numbers...)
	for _, refused := range done.refused {
		r.InvalidReceivers = append(r.InvalidReceivers, refused.To)
	}
	if s.number == "" {
		left, err := c.credits()
		if err != nil { // as above
			c.Log.Error("cannot read the credit", "query", c.id, "error", err)
		}
		r.CreditsLeft = &left
	}
	return r, nil
}

// jobs are the messages that wait.
func jobs(c *call) (any, error) {
	s, err := c.scope()
	if err != nil {
		return nil, err
	}
	var found []sms.Message
	for _, status := range []sms.Status{sms.Queued, sms.Submitting, sms.Uncertain} {
		some, err := c.walk(search.Query{Account: c.app.Account, Status: status}, s.holds)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return c.shown(found)
}

// message is the one behind the id of the path.
func (c *call) message(s scope, what string) (*sms.Message, int64, error) {
	n, err := c.numbered(what)
	if err != nil {
		return nil, 0, err
	}
	m, err := c.Reader.Message(c.ctx(), c.app.Account, n.ID)
	if err != nil {
		return nil, 0, missing(err, what)
	}
	if !s.holds(&m) {
		return nil, 0, noObject(what)
	}
	return &m, n.Number, nil
}

// numbered reads the id of the path.
func (c *call) numbered(what string) (Numbered, error) {
	id, err := strconv.ParseInt(c.values["id"], 10, 64)
	if err != nil {
		return Numbered{}, invalid("'id' is not an integer")
	}
	n, err := c.Store.OVHNumbered(c.ctx(), c.app.Account, id)
	if err != nil {
		return n, missing(err, what)
	}
	if n.Gone {
		return n, noObject(what)
	}
	return n, nil
}

func (c jobCalls) job() (*sms.Message, int64, scope, error) {
	s, err := c.scope()
	if err != nil {
		return nil, 0, s, err
	}
	m, id, err := c.message(s, "job")
	if err == nil && !waits(m) {
		err = noObject("job") // it left the queue (inferred: 404)
	}
	return m, id, s, err
}

// getJob shows a message that waits. It has no tag, as at OVH.
func getJob(c *call) (any, error) {
	m, id, s, err := jobCalls{c}.job()
	if err != nil {
		return nil, err
	}
	shown := jobOf(m, id)
	if s.number != "" { // documented: VirtualNumberJob
		for _, key := range []string{"sender", "sentAt", "deliveredAt"} {
			delete(shown, key)
		}
	}
	return shown, nil
}

// deleteJob cancels a message that waits; one that a lane has is a conflict.
func deleteJob(c *call) (any, error) {
	m, _, _, err := jobCalls{c}.job()
	if err != nil {
		return nil, err
	}
	return nil, c.Gateway.Cancel(c.ctx(), *m, c.actor())
}

// jobOf is a message as a job (documented: sms.Job). Its messageLength counts as the
// characters of an estimate do, where escapes count (documented) and UCS-2 does
// (inferred).
func jobOf(m *sms.Message, id int64) map[string]any {
	receipt, ptt := stateOf(m)
	var delivered any
	if m.Status == sms.Delivered {
		delivered = moment(m.UpdatedAt)
	}
	differed, err := strconv.ParseInt(m.Metadata[metaDiffer], 10, 64)
	if err != nil {
		differed = 0
	}
	credits := float64(m.Segments)
	if receipt == receiptError {
		credits = 0
	}
	return map[string]any{
		"id": id, "creationDatetime": moment(m.AcceptedAt), "credits": credits, "deliveredAt": delivered,
		"deliveryReceipt":  receipt,
		"differedDelivery": differed, "message": m.Text, "messageLength": gsm.Count(m.Text).Units,
		"numberOfSms": m.Segments, "ptt": ptt,
		"receiver": string(m.To), "sender": string(m.Sender), "sentAt": momentOrNil(m.SubmittedAt),
	}
}
