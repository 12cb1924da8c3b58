package ovh

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"relais/reason"
	"relais/search"
	"relais/sms"
)

// batchBody is the body of POST batches (documented: sms.BatchParams).
type batchBody struct {
	Name              loose     `json:"name"`
	Message           loose     `json:"message"`
	From              loose     `json:"from"`
	SenderForResponse loose     `json:"senderForResponse"`
	To                looseList `json:"to"`
	SlotID            loose     `json:"slotID"`
	Deferred          loose     `json:"deferred"`
	NoStop            loose     `json:"noStop"`
	Tag               loose     `json:"tag"`
	Class             loose     `json:"class"`
}

// batchData is what is kept of a batch. Its text and its receivers are with its
// messages, so that they are erased with them.
type batchData struct {
	Name     string       `json:"name"`
	From     string       `json:"from"`
	Deferred time.Time    `json:"deferred"`
	Total    int          `json:"total"`
	Errors   []batchError `json:"errors"`
}

// batchError is a receiver that was refused, masked.
type batchError struct {
	Message  string `json:"message"`
	Receiver string `json:"receiver"`
}

// batchCalls are the calls about batches: texts that were sent together.
type batchCalls struct{ *call }

func (c batchCalls) readBatch() (job, batchData, error) {
	var b batchBody
	var j job
	var d batchData
	if err := c.decode(&b, "name", "message", "from", "senderForResponse", "to", "slotID", "deferred", "noStop",
		"tag", "class"); err != nil {
		return j, d, err
	}
	var err error
	for _, field := range []struct {
		name  string
		value loose
		into  *string
	}{
		{"name", b.Name, &d.Name},
		{"message", b.Message, &j.text},
		{"from", b.From, &j.sender},
		{"tag", b.Tag, &j.tag},
	} {
		if *field.into, err = field.value.str(field.name); err != nil {
			return j, d, err
		}
	}
	if b.SlotID.text != "" {
		return j, d, notBuilt("Relais has no receiver lists: send the numbers in to")
	}
	if j.text == "" {
		return j, d, required("message")
	}
	if len(b.To) == 0 {
		return j, d, invalid("one of to, slotID is required")
	}
	j.receivers, d.From, d.Errors, d.Total = b.To, j.sender, []batchError{}, len(b.To)
	err = b.readOptions(&j, &d, c.Now())
	return j, d, err
}

// readOptions reads class too, which is checked and has no effect (documented:
// BatchClassEnum).
func (b *batchBody) readOptions(j *job, d *batchData, now time.Time) error {
	class, err := b.Class.str("class")
	if err != nil {
		return err
	}
	if class != "" && !slices.Contains([]string{"FLASH", "PHONE", "SIM"}, class) {
		return invalid("'class' is not one of FLASH, PHONE, SIM")
	}
	if j.noStop, err = b.NoStop.boolean("noStop"); err != nil {
		return err
	}
	if j.answers, err = b.SenderForResponse.boolean("senderForResponse"); err != nil ||
		b.Deferred.text == "" {
		return err
	}
	at, ok := date(b.Deferred.text)
	if !ok {
		return invalid("'deferred' is not a datetime")
	}
	if at.After(now) {
		j.at = at
	}
	d.Deferred = at
	return nil
}

func postBatch(c *call) (any, error) {
	j, d, err := batchCalls{c}.readBatch()
	if err != nil {
		return nil, err
	}
	done, err := jobCalls{c}.submit(j, scope{})
	if err != nil {
		return nil, err
	}
	for _, refused := range done.refused {
		d.Errors = append(d.Errors, batchError{
			Message:  refused.In(reason.English),
			Receiver: sms.Number(refused.To).Masked(),
		})
	}
	b := Batch{Account: c.app.Account, ID: sms.BucketOf(c.app.Account).NewID(c.Now()), At: c.Now()}
	if len(done.messages) > 0 {
		b.ID, b.At = done.messages[0].Submission, done.messages[0].AcceptedAt
	}
	if b.Data, err = json.Marshal(d); err != nil {
		return nil, err
	}
	if err := c.Store.KeepOVHBatch(context.WithoutCancel(c.ctx()), b); err != nil {
		// The messages are on disk: a program that hears no would send them twice.
		c.Log.Error("a batch was accepted, and cannot be kept as one", "query", c.id, "error", err)
	}
	accepted := make([]sms.Message, len(done.messages)) // which are not read back, for the same reason
	for i := range done.messages {
		accepted[len(accepted)-1-i] = done.messages[i].Message
	}
	return b.shown(d, accepted), nil
}

// period is when the messages of a batch were accepted: all at once.
func (b *Batch) period() (since, until time.Time) {
	at := b.At.Truncate(time.Microsecond) // as stores keep it
	return at, at.Add(time.Microsecond)
}

func (c batchCalls) batchMessages(b Batch) ([]sms.Message, error) {
	q := search.Query{Account: c.app.Account}
	q.Since, q.Until = b.period()
	return c.walk(q, func(m *sms.Message) bool { return m.Submission == b.ID })
}

func (c batchCalls) findBatch(text string) (Batch, error) {
	id, err := sms.ParseID(text)
	if err != nil {
		return Batch{}, noObject("batch") // what is no id is no batch
	}
	b, err := c.Store.OVHBatch(c.ctx(), c.app.Account, id)
	return b, missing(err, "batch")
}

// tally counts the messages of a batch.
type tally struct {
	total, waiting, queued, sent, delivered, failed, stopped, canceled int
	credits, estimated                                                 float64
}

func tallyOf(messages []sms.Message) (t tally) {
	t.total = len(messages)
	for i := range messages {
		m := &messages[i]
		receipt, _ := stateOf(m)
		t.estimated += float64(m.Segments)
		if !waits(m) && m.Status != sms.Canceled && receipt != receiptError {
			t.credits += float64(m.Segments)
			t.sent++
		}
		switch {
		case m.Status == sms.Canceled:
			t.canceled++
		case waits(m):
			t.waiting++
			if m.Status == sms.Queued {
				t.queued++
			}
		case m.Status == sms.Delivered:
			t.delivered++
		case m.Reason == string(sms.ReasonOptedOut):
			t.stopped++
		case m.Status.Final():
			t.failed++
		}
	}
	return t
}

// status is that of a batch (documented: BatchStatusEnum; its order is inferred).
func (t tally) status() string {
	switch {
	case t.total == 0:
		return "FAILED"
	case t.canceled == t.total:
		return "CANCELED"
	case t.waiting > 0:
		return "PENDING"
	default:
		return "COMPLETED"
	}
}

func (c batchCalls) shownBatch(b Batch) (any, error) {
	var d batchData
	if err := json.Unmarshal(b.Data, &d); err != nil {
		return nil, err
	}
	messages, err := c.batchMessages(b)
	if err != nil {
		return nil, err
	}
	return b.shown(d, messages), nil
}

// shown is a batch with its messages, newest first (documented: sms.Batch).
func (b *Batch) shown(d batchData, messages []sms.Message) any {
	t := tallyOf(messages)
	text, receivers, updated := "", []string{}, b.At
	for i := range messages {
		text = messages[i].Text
		receivers = append(receivers, string(messages[i].To))
		if messages[i].UpdatedAt.After(updated) {
			updated = messages[i].UpdatedAt
		}
	}
	slices.Reverse(receivers)
	starts := d.Deferred
	if starts.IsZero() {
		starts = b.At
	}
	var finished any
	if t.waiting == 0 {
		finished = moment(updated)
	}
	return map[string]any{
		"id": b.ID.String(), "accountID": 0, "name": d.Name, "from": textOrNil(d.From), "message": text,
		"receivers": receivers, "slotID": nil,
		"createdAt": moment(b.At), "updatedAt": moment(updated), "startedAt": moment(b.At),
		"sentAt": moment(starts), "finishedAt": finished,
		"status": t.status(), "totalRecords": d.Total,
		"processedRecords": t.total - t.waiting + len(d.Errors),
		"estimatedCredits": t.estimated,
		"errors":           append([]batchError{}, d.Errors...),
	}
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func batches(c *call) (any, error) {
	all, err := c.Store.OVHBatches(c.ctx(), c.app.Account)
	if err != nil {
		return nil, err
	}
	shown := make([]any, len(all))
	for i := range all {
		if shown[i], err = (batchCalls{c}).shownBatch(all[i]); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func getBatch(c *call) (any, error) {
	b, err := batchCalls{c}.findBatch(c.values["id"])
	if err != nil {
		return nil, err
	}
	return batchCalls{c}.shownBatch(b)
}

func renameBatch(c *call) (any, error) {
	b, err := batchCalls{c}.findBatch(c.values["id"])
	if err != nil {
		return nil, err
	}
	var body struct {
		Name loose `json:"name"`
	}
	if err := c.decode(&body, "name"); err != nil {
		return nil, err
	}
	if body.Name.absent() {
		return nil, required("name")
	}
	var d batchData
	if err := json.Unmarshal(b.Data, &d); err != nil {
		return nil, err
	}
	d.Name = body.Name.text
	if b.Data, err = json.Marshal(d); err != nil {
		return nil, err
	}
	if err := c.Store.KeepOVHBatch(c.ctx(), b); err != nil {
		return nil, err
	}
	return batchCalls{c}.shownBatch(b)
}

// cancelBatch cancels a batch of which nothing has been sent (documented).
func cancelBatch(c *call) (any, error) {
	b, err := batchCalls{c}.findBatch(c.values["id"])
	if err != nil {
		return nil, err
	}
	messages, err := batchCalls{c}.batchMessages(b)
	if err != nil {
		return nil, err
	}
	if t := tallyOf(messages); t.queued != t.total || t.total == 0 {
		return nil, &refusal{status: 409, message: "A part of the batch was sent, or it has ended"}
	}
	for i := range messages {
		if err := c.Gateway.Cancel(c.ctx(), messages[i], c.actor()); err != nil {
			return nil, err
		}
	}
	return batchCalls{c}.shownBatch(b)
}

func batchStatistics(c *call) (any, error) {
	b, err := batchCalls{c}.findBatch(c.values["id"])
	if err != nil {
		return nil, err
	}
	messages, err := batchCalls{c}.batchMessages(b)
	if err != nil {
		return nil, err
	}
	t := tallyOf(messages)
	return map[string]any{
		"id": b.ID.String(), "credits": t.credits, "estimatedCredits": t.estimated, "delivered": t.delivered,
		"failed":  t.failed,
		"pending": t.waiting, "sent": t.sent, "stoplisted": t.stopped,
	}, nil
}
