package credit

import "time"

// Alert is what people and callers are told of credit that runs out.
type Alert struct {
	Connector  string     `json:"connector"`
	Amount     float64    `json:"amount"`
	Unit       string     `json:"unit"`
	Threshold  float64    `json:"threshold"`
	BurnPerDay float64    `json:"burn_per_day,omitempty" doc:"what went in the last day, or as long as is known"`
	EmptyAt    *time.Time `json:"empty_at,omitempty" doc:"when it will be used up at that rate"`
	At         time.Time  `json:"at"`
}

func alertOf(r *Record, threshold float64) Alert {
	a := Alert{
		Connector: r.Connector, Amount: r.Amount, Unit: r.Unit, Threshold: threshold, At: r.AlertedAt.UTC(),
	}
	perDay, empty := r.Forecast()
	if a.BurnPerDay = perDay; !empty.IsZero() {
		empty = empty.UTC()
		a.EmptyAt = &empty
	}
	return a
}
