package jasmin

import (
	"relais/sms"
)

// unknown is said for what is not counted (JAC, jasmin/protocols/http/endpoints/balance.py).
const unknown = "ND"

// balance tells what is left at the operator, where it tells. Texts are not counted.
func (c *call) balance() (*answer, error) {
	a, err := c.arguments()
	if err != nil {
		return nil, err
	}
	if err := a.check(nil); err != nil {
		return nil, err
	}
	left := map[string]any{"balance": unknown, "sms_count": unknown}
	connector := c.user.Connector
	if connector == "" {
		connector = c.Main(c.user.Account)
	}
	if connector != "" {
		record, err := c.Reader.Credit(c.ctx(), connector, c.Now())
		if err != nil {
			return nil, err
		}
		if !record.At.IsZero() {
			left["balance"] = record.Amount
		}
	}
	return &answer{value: left}, nil
}

// rate tells what a message would cost: the price of one of its parts, and how many there are.
func (c *call) rate() (*answer, error) {
	a, err := c.arguments()
	if err != nil {
		return nil, err
	}
	if err := a.check(ofRate, "to"); err != nil {
		return nil, err
	}
	if a.values["content"] == "" && a.values["hex-content"] == "" {
		a.values["content"], a.values["coding"] = "?", codingDefault // the text does not matter
	}
	s, err := c.submission(a)
	if err != nil {
		return nil, err
	}
	result, err := c.Gateway.Preview(c.ctx(), s, c.Now())
	if err != nil {
		return nil, err
	}
	m := &result.Messages[0].Message
	parts := max(m.Segments, 1)
	return &answer{value: map[string]any{
		"unit_rate": float64(m.Price) / float64(sms.Unit) / float64(parts), "submit_sm_count": parts,
	}}, nil
}
