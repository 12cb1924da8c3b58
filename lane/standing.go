package lane

import "relais/connector"

// Standing is how a lane stands, as far as this node knows without asking anybody.
type Standing struct {
	State   State
	Balance connector.Balance // that was read last; without a date: none was
}

// UsedUp reports whether the credit is known, and nothing is left of it.
func (s *Standing) UsedUp() bool { return !s.Balance.At.IsZero() && s.Balance.Amount <= 0 }

// Standing returns how the lane stands.
func (l *Lane) Standing() Standing {
	s := Standing{State: l.state.describe().State, Balance: l.credit.last()}
	if l.duty.Elsewhere() {
		s.State = Elsewhere
	}
	if _, paused := l.paused(); paused {
		s.State = Paused
	}
	return s
}
