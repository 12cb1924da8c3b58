package httpapi

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"relais/connector"
	"relais/sms"
)

// Balance asks for the credit.
func (p *purse) Balance(ctx context.Context) (connector.Balance, error) {
	of := p.declaration.credit
	answer, err := p.exchange(ctx, &of.call, p.source(nil))
	if err != nil {
		return connector.Balance{}, err
	}
	return p.balance(of, answer)
}

func (c *client) balance(of *creditCall, answer *document) (connector.Balance, error) {
	if err := c.good(&of.call, answer, c.source(nil)); err != nil {
		return connector.Balance{}, err
	}
	text, _ := answer.at(of.amount)
	amount, ok := amountOf(text)
	unit := of.unit
	if unit == "" {
		unit, _ = answer.at(of.unitAt)
	}
	if !ok || unit == "" || len(unit) > 20 {
		return connector.Balance{}, errors.New("the answer has no credit where the declaration says")
	}
	return connector.Balance{Amount: amount, Unit: unit, At: c.now()}, nil
}

// good is nil when an answer is the one that the declaration calls good.
func (c *client) good(of *call, answer *document, s *source) error {
	if of.statuses.have(answer.status) && all(of.where, answer, s) {
		return nil
	}
	return &connector.Error{
		Fault: connector.Uncertain, Code: statusCode(answer.status), Detail: "not the answer that the declaration calls good",
	}
}

// amountOf reads an amount: operators write some of them with a comma.
func amountOf(text string) (float64, bool) {
	amount, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	return amount, err == nil && amount-amount == 0 // neither infinite nor no number
}

// errNotSeen is a no that proves nothing: what an operator shows comes some time after it took a
// message.
var errNotSeen = errors.New("the operator shows no message with this reference; it may show it later")

// Lookup asks for our reference. A find is proof; that nothing is found is none.
func (i *inquirer) Lookup(ctx context.Context, id sms.ID) (connector.Outcome, error) {
	of := i.declaration.lookup
	s := i.source(nil)
	s.id = id
	answer, err := i.exchange(ctx, &of.call, s)
	if err != nil {
		return connector.Outcome{}, inDoubt(err)
	}
	if !of.statuses.have(answer.status) {
		return connector.Outcome{}, inDoubt(i.good(&of.call, answer, s))
	}
	return of.found(answer, s)
}

// found reads what was asked of a reference.
func (of *lookupCall) found(answer *document, s *source) (connector.Outcome, error) {
	id, _ := answer.at(of.id)
	if !of.statuses.have(answer.status) || !all(of.where, answer, s) || !usable(id) {
		return connector.Outcome{}, errNotSeen
	}
	return connector.Outcome{ProviderID: id}, nil
}

// inDoubt keeps the words of err and drops its fault: a question that was refused says nothing of
// the message.
func inDoubt(err error) error {
	return &connector.Error{
		Fault: connector.Uncertain, Code: connector.CodeOf(err), Detail: "the operator could not be asked", Err: err,
	}
}
