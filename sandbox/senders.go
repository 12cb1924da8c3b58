package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"relais/sandbox/world"
)

// SetSender declares a sender at a simulated operator, changes its status or takes it
// away.
func (s *Server) SetSender(d world.DeclaredSender) error {
	switch {
	case d.Name == "":
		return &SenderError{"name", "a sender needs a name", nil}
	case d.Operator == world.DMC && d.Status != world.SenderEnabled && d.Status != world.SenderAbsent:
		either := []string{world.SenderEnabled, world.SenderAbsent}
		return &SenderError{"status", "DMC lists a sender or does not", either}
	case !slices.Contains(world.SenderStatuses, d.Status):
		return &SenderError{"status", fmt.Sprintf("unknown status %q", d.Status), world.SenderStatuses}
	}
	switch d.Operator {
	case world.OVH:
		s.ovh.Senders().Set(d)
	case world.DMC:
		s.dmc.Senders().Set(d)
	default:
		return &SenderError{
			"operator", fmt.Sprintf("unknown operator %q", d.Operator), []string{world.OVH, world.DMC},
		}
	}
	return nil
}

// SenderError says what is wrong with a sender that is to be set.
type SenderError struct {
	Field, Detail string
	Valid         []string
}

func (e *SenderError) Error() string { return e.Field + ": " + e.Detail }

func (s controls) orderSender(w http.ResponseWriter, r *http.Request) {
	var d world.DeclaredSender
	if !readControl(w, r, &d, "operator", "name", "status", "comment") {
		return
	}
	if wrong, ok := errors.AsType[*SenderError](s.SetSender(d)); ok {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_sender", Field: wrong.Field,
			Detail: wrong.Detail, Valid: wrong.Valid,
		}.write(w)
		return
	}
	s.showSenders(w, r)
}

func (s controls) showSenders(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"senders":  append(s.ovh.Senders().List(), s.dmc.Senders().List()...),
		"statuses": world.SenderStatuses,
	})
}
