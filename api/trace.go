package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/connector"
)

// Said is one request or response of a live session.
type Said struct {
	At       time.Time `json:"at" doc:"when it was sent, or came"`
	Sent     bool      `json:"sent" doc:"by the gateway; false: by the operator"`
	Session  int       `json:"session" doc:"numbers the sessions of the connector since the start"`
	Command  string    `json:"command" doc:"as the protocol calls it" example:"submit_sm"`
	Status   string    `json:"status,omitempty" doc:"of a response" example:"ESME_ROK"`
	Sequence uint32    `json:"sequence" doc:"a response has that of its request"`
	Octets   int       `json:"octets" doc:"its length"`
	Detail   string    `json:"detail,omitempty" doc:"fields that say how it travels; no number of a person, no text, no password"`
}

// Trace is a piece of what live sessions say, oldest first.
type Trace struct {
	Items  []Said `json:"items" doc:"oldest first, at most 1000"`
	Next   string `json:"next" doc:"a text without a meaning: give it as after to go on; always there"`
	Missed int64  `json:"missed,omitempty" doc:"how many were said since after and are kept no longer"`
}

func (h *connectors) registerTrace(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "trace", Method: http.MethodGet, Path: "/v1/connectors/{name}/trace",
		Tags:    []string{"connectors"},
		Summary: "What the live sessions of a connector say",
		Description: "Requests and responses of SMPP without numbers, texts and passwords. They are kept while somebody asks, " +
			"and for 30 seconds after: the first answer is mostly empty. Keep next, and give it as after a second later.",
		Responses: r.answers(http.StatusOK, Trace{}, 409, 422),
	}, h.trace)
}

type traceInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	Name      string `path:"name" doc:"the connector"`
	After     string `query:"after" doc:"next of the piece before; absent: from the oldest that is kept"`
}

type traceOutput struct{ Body *Trace }

func (h *connectors) trace(ctx context.Context, in *traceInput) (*traceOutput, error) {
	after, p := place(in.After, "after")
	if p != nil {
		return nil, p
	}
	said, err := h.gateway.Trace(ctx, in.Name, after)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	answer := &Trace{Items: make([]Said, len(said))}
	for i := range said {
		answer.Items[i] = tracedOf(&said[i])
	}
	if len(said) > 0 {
		if after > 0 {
			answer.Missed = said[0].Number - after - 1
		}
		after = said[len(said)-1].Number
	}
	answer.Next = cursorAt(after)
	return &traceOutput{answer}, nil
}

func tracedOf(s *connector.Said) Said {
	return Said{
		At: s.At, Sent: s.Sent, Session: s.Session, Command: s.Command, Status: s.Status,
		Sequence: s.Sequence, Octets: s.Octets, Detail: s.Detail,
	}
}
