package jasmin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"relais/gateway"
	"relais/sms"
)

// keptBatch is the batch of a message, in its metadata.
const keptBatch = "jasmin-batch"

// batch is what /secure/sendbatch is asked (documented: JAS).
type batch struct {
	Messages []map[string]json.RawMessage `json:"messages"`
	Globals  map[string]json.RawMessage   `json:"globals"`
	Config   struct {
		CallbackURL string `json:"callback_url"`
		ErrbackURL  string `json:"errback_url"`
		ScheduleAt  string `json:"schedule_at"`
	} `json:"batch_config"`
}

// takenBatch is the answer, and what is kept of it for when the same key comes again. Refused are the numbers that got nothing,
// which Jasmin tells to errback_url alone, and are not kept.
type takenBatch struct {
	ID        string          `json:"batchId"`
	Count     int             `json:"messageCount"`
	Scheduled string          `json:"scheduled,omitempty"`
	Refused   []refusedNumber `json:"refused,omitempty"`
}

type refusedNumber struct {
	To      string `json:"to"`
	Message string `json:"message"`
}

// batching is a batch on its way.
type batching struct {
	*call
	id          sms.ID
	at          time.Time // zero: now
	submissions []gateway.Submission
	told        takenBatch
	first       *refusal // the first one; nil: nothing was refused
}

// sendBatch takes what is acceptable of many messages, in one write.
func (c *call) sendBatch() (*answer, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	var asked batch
	if !readable(body) || json.Unmarshal(body, &asked) != nil {
		return nil, errJSON
	}
	key, err := c.idempotencyKey(body)
	if err != nil {
		return nil, err
	}
	if first, err := c.Gateway.Repeated(c.ctx(), c.user.Account, key); err != nil || first != nil {
		return againBatch(first, err)
	}
	b := &batching{call: c, id: sms.BucketOf(c.user.Account).NewID(c.Now())}
	if err := b.read(&asked); err != nil {
		return nil, err
	}
	return b.submit(key)
}

func againBatch(first *gateway.Result, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	var told takenBatch
	if err := json.Unmarshal(first.Replay, &told); err != nil {
		return nil, fmt.Errorf("read what was answered: %w", err)
	}
	return &answer{value: told, replayed: true}, nil
}

// read makes submissions of the messages, and notes those that are none.
func (b *batching) read(asked *batch) (err error) {
	if asked.Config.CallbackURL != "" || asked.Config.ErrbackURL != "" {
		return bad("Argument [batch_config] has an invalid value. callback_url and errback_url are not called here: what is refused stands in the " +
			"answer, and dlr-url tells of the rest.")
	}
	if b.at, err = b.schedule(asked.Config.ScheduleAt); err != nil {
		return err
	}
	if len(asked.Messages) == 0 {
		return missing("messages")
	}
	for _, message := range asked.Messages {
		numbers, s, err := b.message(asked.Globals, message)
		if err == nil && len(b.submissions) == gateway.MaxBatch {
			return bad("There are too many messages: want at most " + strconv.Itoa(gateway.MaxBatch) + ". One message may have many numbers.")
		}
		if err == nil {
			b.submissions = append(b.submissions, s)
			continue
		}
		refused := b.refusalOf(b.name, err)
		if refused.status >= http.StatusInternalServerError {
			return err
		}
		for _, number := range numbers {
			b.refuse(number, refused)
		}
	}
	return nil
}

// message reads one, with what holds for all.
func (b *batching) message(globals, own map[string]json.RawMessage) (numbers []string, s gateway.Submission, err error) {
	to, given := own["to"]
	if !given {
		to = globals["to"]
	}
	if numbers, err = numbersOf(to); err != nil {
		return numbers, s, err
	}
	a := &args{values: map[string]string{}, plain: true}
	for _, some := range []map[string]json.RawMessage{globals, own} {
		part := &args{values: map[string]string{}}
		if err := part.addMembers(without(some, "to", "username", "password")); err != nil {
			return numbers, s, err
		}
		maps.Copy(a.values, part.values)
	}
	for _, number := range numbers {
		if !toPattern.MatchString(number) {
			return numbers, s, invalid("to", number, "")
		}
	}
	a.values["to"] = numbers[0]
	if s, err = b.submission(a); err != nil {
		return numbers, s, err
	}
	s.To = nil
	for _, number := range numbers {
		s.To = append(s.To, international(number))
	}
	if s.SendAt.IsZero() {
		s.SendAt = b.at
	}
	s.Metadata[keptBatch] = b.id.String()
	return numbers, s, nil
}

func without(members map[string]json.RawMessage, names ...string) map[string]json.RawMessage {
	rest := maps.Clone(members)
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

// numbersOf reads one number, or a list of them.
func numbersOf(raw json.RawMessage) (numbers []string, err error) {
	list := []json.RawMessage{raw}
	if strings.HasPrefix(string(raw), "[") {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, errJSON
		}
	}
	for _, one := range list {
		number, ok := scalar(one)
		if !ok {
			numbers = nil
			break
		}
		numbers = append(numbers, number)
	}
	if len(numbers) == 0 {
		return []string{""}, missing("to")
	}
	return numbers, nil
}

var secondsPattern = regexp.MustCompile(`^([0-9]{1,8})s$`)

// schedule reads when the batch is to leave: a moment of the gateway's clock, or seconds from now (JAC, jasmin/protocols/rest/api.py).
func (b *batching) schedule(text string) (at time.Time, err error) {
	now := b.Now()
	if text == "" {
		return at, nil
	}
	if seconds := secondsPattern.FindStringSubmatch(text); seconds != nil {
		n, err := strconv.Atoi(seconds[1])
		at = now.Add(time.Duration(n) * time.Second)
		b.told.Scheduled = text
		return at, err
	}
	at, err = time.ParseInLocation(time.DateTime, text, b.Zone)
	switch {
	case err != nil:
		return at, &refusal{
			status: http.StatusPreconditionFailed, title: "Cannot parse scheduled_at value",
			message: "Got unknown format: " + shown(text) + ", correct formats are 'YYYY-MM-DD hh:mm:ss' or number of seconds, such as 3600s",
		}
	case at.Before(now):
		return at, &refusal{
			status: http.StatusPreconditionFailed, title: "Cannot schedule batch in past date", message: "Invalid past date given: " + text,
		}
	}
	b.told.Scheduled = strconv.FormatInt(int64(at.Sub(now)/time.Second), 10) + "s"
	return at, nil
}

func (b *batching) refuse(number string, why *refusal) {
	if b.first == nil {
		b.first = why
	}
	b.told.Refused = append(b.told.Refused, refusedNumber{number, `Error "` + strings.ReplaceAll(why.message, `"`, "'") + `"`})
}

// submit stores what was read. Where nothing is acceptable the batch is refused.
func (b *batching) submit(key *gateway.IdempotencyKey) (*answer, error) {
	b.told.ID = b.id.String()
	if len(b.submissions) == 0 {
		return nil, b.first
	}
	result, err := b.Gateway.SubmitBatch(b.ctx(), gateway.Batch{Account: b.user.Account, Submissions: b.submissions, Key: key},
		func(outcomes []gateway.Outcome) ([]byte, error) {
			return json.Marshal(takenBatch{ID: b.told.ID, Count: countOf(outcomes), Scheduled: b.told.Scheduled})
		})
	if err != nil {
		return nil, err
	}
	if result.Replay != nil {
		return againBatch(&gateway.Result{Replay: result.Replay}, nil)
	}
	for i := range result.Outcomes {
		b.judged(&b.submissions[i], &result.Outcomes[i])
	}
	if b.told.Count = countOf(result.Outcomes); b.told.Count == 0 {
		return nil, b.first
	}
	return &answer{value: b.told}, nil
}

func countOf(outcomes []gateway.Outcome) (count int) {
	for i := range outcomes {
		if outcomes[i].Result != nil {
			count += len(outcomes[i].Result.Messages)
		}
	}
	return count
}

// judged notes whom the gateway refused.
func (b *batching) judged(s *gateway.Submission, o *gateway.Outcome) {
	if o.Refusal != nil && len(o.Refusal.Rejected) == 0 {
		for _, number := range s.To {
			b.refuse(number, refusedBy(b.name, o.Refusal))
		}
		return
	}
	var rejected []gateway.Refusal
	if o.Refusal != nil {
		rejected = o.Refusal.Rejected
	} else {
		rejected = o.Result.Rejected
	}
	for _, r := range rejected {
		b.refuse(r.To, refusedBy(b.name, &gateway.Error{Field: "/to", Reason: r.Reason}))
	}
}
