package console

import (
	"relais/auth"
	"relais/credit"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// connectorsPage shows each operator: its state, what waits, what is left.
type connectorsPage struct {
	frame

	Rows []connectorRow
}

// Operates reports whether the reader may look after the operators.
func (p *connectorsPage) Operates() bool { return p.May(auth.Operate) }

// connectorRow is a connector.
type connectorRow struct {
	Name     string
	Provider string
	Pill     pill
	Why      string
	Since    moment
	RetryAt  *moment
	Queued   int
	Doubtful int
	Rate     string // how fast it may be called
	Calls    int
	Credit   *creditCard
}

func showConnectors(q *request) (answer, error) {
	q.follow(q.ctx(), "connectors")
	states, err := q.console.Gateway.Connectors(q.ctx())
	if err != nil {
		return nil, err
	}
	p := &connectorsPage{frame: *q.frame()}
	for i := range states {
		row := connectorRowOf(&p.frame, &states[i])
		if card, ok := creditOf(&p.frame, &states[i]); ok {
			row.Credit = &card
		}
		p.Rows = append(p.Rows, row)
	}
	return view{name: "connectors", data: p}, nil
}

func connectorRowOf(f *frame, s *lane.Description) connectorRow {
	row := connectorRow{
		Name: s.Name, Provider: s.Provider, Pill: f.state(s.State), Why: s.Reason.In(f.Lang), Since: f.At(s.Since), Calls: s.CallsUnder,
	}
	if !s.Left.IsZero() && s.Pause == nil {
		row.Why = s.Left.In(f.Lang)
	}
	if !s.Until.IsZero() {
		at := f.At(s.Until)
		row.RetryAt = &at
	}
	row.Rate = reason.Of(Words+"/pace_free", nil).In(f.Lang)
	if perSecond := s.Facts.CallsPerSecond; perSecond > 0 {
		row.Rate = reason.Of(Words+"/calls_per_second", reason.Args{"rate": reason.Decimal(perSecond)}).In(f.Lang)
	}
	for _, b := range s.Waiting {
		if b.Status == sms.Queued {
			row.Queued += b.Messages
		}
		if b.Status == sms.Uncertain {
			row.Doubtful += b.Messages
		}
	}
	return row
}

// creditOf is what is left at an operator that tells.
func creditOf(f *frame, s *lane.Description) (creditCard, bool) {
	if s.Balance == nil {
		return creditCard{}, false
	}
	card := creditCard{
		Name: s.Name,
		Amount: reason.Of(Words+"/credit_left", reason.Args{
			"amount": reason.Decimal(s.Balance.Amount), "unit": credit.Unit(s.Balance.Unit),
		}).In(f.Lang),
		Low: s.CreditAlert != nil && s.Balance.Amount < *s.CreditAlert,
	}
	if !s.EmptyAt.IsZero() {
		at := f.At(s.EmptyAt)
		card.EmptyAt = &at
	}
	return card, true
}
