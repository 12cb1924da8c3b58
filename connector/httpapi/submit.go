package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"relais/connector"
	"relais/sms"
)

// Submit offers each message in a call of its own: Facts.MaxBatch is 1.
func (c *client) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	outcomes := make([]connector.Outcome, len(batch))
	for i := range batch {
		outcomes[i] = c.submit(ctx, &batch[i])
	}
	return outcomes, nil
}

func (c *client) submit(ctx context.Context, m *sms.Message) connector.Outcome {
	s := c.source(m)
	if err := c.declaration.reaches(s); err != nil {
		return connector.Outcome{Err: err}
	}
	answer, err := c.exchange(ctx, &c.declaration.send, s)
	if err != nil {
		return connector.Outcome{Err: err}
	}
	_, outcome := c.outcome(answer, s)
	return outcome
}

// outcome is what the first rule that holds makes of an answer; nil: none does.
func (c *client) outcome(answer *document, s *source) (*rule, connector.Outcome) {
	if r := c.ruleFor(answer, s); r != nil {
		return r, c.apply(r, answer, s)
	}
	return nil, connector.Outcome{Err: &connector.Error{
		Fault: connector.Uncertain, Code: statusCode(answer.status), Detail: "no rule of the declaration knows this answer",
	}}
}

// ruleFor is the first rule that holds; nil: none does.
func (c *client) ruleFor(answer *document, s *source) *rule {
	for i := range c.declaration.rules {
		if r := &c.declaration.rules[i]; r.holds(answer, s) {
			return r
		}
	}
	return nil
}

func (c *client) apply(r *rule, answer *document, s *source) connector.Outcome {
	if r.then != thenTaken {
		return connector.Outcome{Err: c.fault(r, answer, s)}
	}
	if r.withoutID {
		return connector.Outcome{}
	}
	id, _ := answer.at(r.id)
	if r.idPattern != nil {
		id = r.idPattern.re.FindString(id)
	}
	if !usable(id) { // a yes without the id that belongs to it is none
		return connector.Outcome{Err: &connector.Error{
			Fault: connector.Uncertain, Code: statusCode(answer.status), Detail: "the answer says yes and has no id",
		}}
	}
	return connector.Outcome{ProviderID: id}
}

// longestID bounds an operator's id: none that is documented comes near it.
const longestID = 200

// usable reports whether an id can be kept and compared.
func usable(id string) bool {
	return id != "" && len(id) <= longestID &&
		!strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
}

func (c *client) fault(r *rule, answer *document, s *source) *connector.Error {
	code, _ := answer.at(r.code)
	detail, _ := answer.at(r.detail)
	e := &connector.Error{
		Fault: faults[r.then], Code: c.code(code, answer.status, s.message), Detail: c.clean(detail, s.message),
	}
	if e.Detail == "" {
		e.Detail = cmp.Or(r.say, standardDetail[r.then])
	}
	if e.Fault == connector.Throttled {
		e.RetryAfter = c.retryAfter(answer.header)
	}
	return e
}

// standardDetail is what is said of a fault whose answer has no words, or none that can be shown.
var standardDetail = map[string]string{
	thenRejected: "the operator refuses the message", thenTemporary: "the operator does not take it now",
	thenThrottled: "the operator wants fewer calls", thenCredit: "the credit at the operator is used up",
	thenAuth: "the operator does not accept the credentials", thenUncertain: "the operator does not say whether it took it",
}

func (c *client) retryAfter(h http.Header) time.Duration {
	return connector.ParseRetryAfter(h, c.now())
}

// statusCode stands for the operator's code where there is none.
func statusCode(status int) string { return statusCodePrefix + strconv.Itoa(status) }

// statusCodePrefix begins the code of an answer that has none but its status.
const statusCodePrefix = "http_"
