package sandbox

import (
	"errors"
	"fmt"
	"net/http"
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
	senderEnabled  = "enable"
	senderWaiting  = "waitingValidation"
	senderRefused  = "refused"
	senderDisabled = "disable"
	senderAbsent   = "absent" // not OVH's: it takes a sender away
)

// SenderStatuses are what a sender may be set to.
var SenderStatuses = []string{senderEnabled, senderWaiting, senderRefused, senderDisabled, senderAbsent}

// senders are those of one simulated operator, in the order in which they came.
type senders struct {
	mu  sync.RWMutex
	all []DeclaredSender
}

func newSenders(operator string, statuses ...string) *senders {
	s := &senders{}
	for i := 0; i < len(statuses); i += 2 {
		s.set(DeclaredSender{Operator: operator, Name: statuses[i], Status: statuses[i+1]})
	}
	return s
}

func (s *senders) set(d DeclaredSender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.all, func(known DeclaredSender) bool { return known.Name == d.Name })
	switch {
	case d.Status == senderAbsent && at >= 0:
		s.all = slices.Delete(s.all, at, at+1)
	case d.Status == senderAbsent:
	case at >= 0:
		s.all[at] = d
	default:
		s.all = append(s.all, d)
	}
}

func (s *senders) get(name string) (DeclaredSender, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at := slices.IndexFunc(s.all, func(known DeclaredSender) bool { return known.Name == name })
	if at < 0 {
		return DeclaredSender{}, false
	}
	return s.all[at], true
}

// names are those of some statuses.
func (s *senders) names(statuses ...string) []string {
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

func (s *senders) list() []DeclaredSender {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.all)
}

// SetSender declares a sender at a simulated operator, changes its status or takes it
// away.
func (s *Server) SetSender(d DeclaredSender) error {
	switch {
	case d.Name == "":
		return &SenderError{"name", "a sender needs a name", nil}
	case d.Operator == DMC && d.Status != senderEnabled && d.Status != senderAbsent:
		return &SenderError{"status", "DMC lists a sender or does not", []string{senderEnabled, senderAbsent}}
	case !slices.Contains(SenderStatuses, d.Status):
		return &SenderError{"status", fmt.Sprintf("unknown status %q", d.Status), SenderStatuses}
	}
	switch d.Operator {
	case OVH:
		s.ovh.senders.set(d)
	case DMC:
		s.dmc.senders.set(d)
	default:
		return &SenderError{"operator", fmt.Sprintf("unknown operator %q", d.Operator), []string{OVH, DMC}}
	}
	return nil
}

// SenderError says what is wrong with a sender that is to be set.
type SenderError struct {
	Field, Detail string
	Valid         []string
}

func (e *SenderError) Error() string { return e.Field + ": " + e.Detail }

func (s *Server) orderSender(w http.ResponseWriter, r *http.Request) {
	var d DeclaredSender
	if !readControl(w, r, &d, "operator", "name", "status", "comment") {
		return
	}
	if wrong, ok := errors.AsType[*SenderError](s.SetSender(d)); ok {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_sender", Field: wrong.Field, Detail: wrong.Detail, Valid: wrong.Valid,
		}.write(w)
		return
	}
	s.showSenders(w, r)
}

func (s *Server) showSenders(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"senders": append(s.ovh.senders.list(), s.dmc.senders.list()...), "statuses": SenderStatuses})
}
