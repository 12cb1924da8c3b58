package api

import (
	"context"
	"slices"

	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// timelineReader reads what happened to a message.
type timelineReader interface {
	Timeline(ctx context.Context, account string, id sms.ID) ([]sms.Event, []reason.Reason, error)
}

// timelineGateway knows what a timeline means.
type timelineGateway interface {
	HasConnector(name string) bool
	Currency() string
}

// timelines tells what happened to messages.
type timelines struct {
	failures
	reader  timelineReader
	gateway timelineGateway
	pauses  interface {
		Of(connector string) (lane.Pause, bool)
	}
}

// with shows a message and what happened to it.
func (h *timelines) with(ctx context.Context, m sms.Message, languages string) (*messageOutput, error) {
	events, decisions, err := h.reader.Timeline(ctx, m.Account, m.ID)
	if err != nil {
		return nil, h.unread(err)
	}
	decisions = slices.Concat(reading(m.To, decisions), decisions)
	l := reason.Match(languages)
	return &messageOutput{&MessageWithTimeline{
		Message: messageOf(&m, h.gateway.Currency()), Notice: h.notice(&m, l),
		Decisions: decisionsOf(decisions, l), Timeline: eventsOf(events, l),
	}}, nil
}

// notice says what keeps a message that waits, or is in doubt, from going on by
// itself.
func (h *timelines) notice(m *sms.Message, l reason.Language) string {
	if p, paused := h.pauses.Of(m.Connector); paused && m.Status == sms.Queued {
		return p.Notice().In(l)
	}
	if h.gateway.HasConnector(m.Connector) {
		return ""
	}
	code, known := connectorless[m.Status]
	if !known {
		return ""
	}
	args := reason.Args{"connector": reason.Name(m.Connector), "id": reason.Name(m.ID.String())}
	return reason.Of(code, args).In(l)
}

// connectorless are the sentences on what a person can do about a message whose connector
// is not configured.
var connectorless = map[sms.Status]reason.Code{sms.Queued: sayQueuedNotice, sms.Uncertain: sayUncertainHeld}

// reading begins the decisions about a message, in a preview and in a timeline.
func reading(to sms.Number, others []reason.Reason) []reason.Reason {
	if read, ok := gateway.DecideReading(to, others); ok {
		return []reason.Reason{read}
	}
	return nil
}

func eventsOf(events []sms.Event, l reason.Language) []Event {
	shown := make([]Event, len(events))
	for i, e := range events {
		shown[i] = Event{
			At: e.At.UTC(), Status: e.Status, Actor: e.Actor, Code: e.Code,
			Detail: e.Detail.In(l), Attempt: e.Attempt,
			OperatorCode: e.OperatorCode, OperatorText: e.OperatorText,
		}
	}
	return shown
}
