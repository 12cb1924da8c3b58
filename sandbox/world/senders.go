package world

import (
	"slices"
	"sync"
)

// DeclaredSender is one that a simulated operator knows.
type DeclaredSender struct {
	Operator string `json:"operator"`          // OVH or DMC
	Name     string `json:"name"`              // a name or a number
	Status   string `json:"status"`            // one of SenderStatuses; DMC knows enable alone
	Comment  string `json:"comment,omitempty"` // of OVH's moderator
}

// The statuses of a sender (documented: sms.StatusSenderEnum).
const (
	SenderEnabled  = "enable"
	SenderWaiting  = "waitingValidation"
	SenderRefused  = "refused"
	SenderDisabled = "disable"
	SenderAbsent   = "absent" // not OVH's: it takes a sender away
)

// SenderStatuses are what a sender may be set to.
var SenderStatuses = []string{SenderEnabled, SenderWaiting, SenderRefused, SenderDisabled, SenderAbsent}

// Senders are those of one simulated operator, in the order in which they came.
type Senders struct {
	mu  sync.RWMutex
	all []DeclaredSender
}

// NewSenders declares names, each followed by its status.
func NewSenders(operator string, statuses ...string) *Senders {
	s := &Senders{}
	for i := 0; i < len(statuses); i += 2 {
		s.Set(DeclaredSender{Operator: operator, Name: statuses[i], Status: statuses[i+1]})
	}
	return s
}

// Set declares a sender, changes it or takes it away.
func (s *Senders) Set(d DeclaredSender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.all, func(known DeclaredSender) bool { return known.Name == d.Name })
	switch {
	case d.Status == SenderAbsent && at >= 0:
		s.all = slices.Delete(s.all, at, at+1)
	case d.Status == SenderAbsent:
	case at >= 0:
		s.all[at] = d
	default:
		s.all = append(s.all, d)
	}
}

// Get finds a sender by its name.
func (s *Senders) Get(name string) (DeclaredSender, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at := slices.IndexFunc(s.all, func(known DeclaredSender) bool { return known.Name == name })
	if at < 0 {
		return DeclaredSender{}, false
	}
	return s.all[at], true
}

// Names are those of some statuses.
func (s *Senders) Names(statuses ...string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := []string{}
	for _, d := range s.all {
		if slices.Contains(statuses, d.Status) {
			names = append(names, d.Name)
		}
	}
	return names
}

// List is every sender.
func (s *Senders) List() []DeclaredSender {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.all)
}
