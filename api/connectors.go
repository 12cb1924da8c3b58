package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/connector"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// Connector is a configured connector as the API shows it.
type Connector struct {
	Name         string             `json:"name" doc:"of the instance, as it is configured"`
	Provider     string             `json:"provider" doc:"the operator whose API it speaks"`
	State        lane.State         `json:"state" enum:"running,throttled,failing,blocked,missing,elsewhere,paused" doc:"whether it runs"`
	Reason       string             `json:"reason,omitempty" doc:"why it does not run"`
	Since        time.Time          `json:"since" doc:"in this state since"`
	RetryAt      *time.Time         `json:"retry_at,omitempty" doc:"when it tries again, while it does not run"`
	CallsUnder   int                `json:"calls_under_way" doc:"calls to the operator that wait for their answer"`
	MaxBatch     int                `json:"max_batch" doc:"most messages in one call"`
	Rate         float64            `json:"calls_per_second,omitempty" doc:"absent: no limit"`
	Capabilities []string           `json:"capabilities" doc:"what the operator can do"`
	Credit       *Credit            `json:"credit,omitempty" doc:"absent when the operator cannot tell"`
	Left         string             `json:"left,omitempty" doc:"why new messages avoid it where they have another connector"`
	Unmatched    int                `json:"unmatched_receipts,omitempty" doc:"receipts that no message is known by"`
	Waiting      map[sms.Status]int `json:"waiting" doc:"messages by status"`
	Pause        *Pause             `json:"pause,omitempty" doc:"who paused it; absent: nobody"`
	Sessions     *Sessions          `json:"sessions,omitempty" doc:"the live sessions with the operator; absent: it has none, or another node keeps them"`
}

// Sessions are the live sessions with an operator.
type Sessions struct {
	Standing   int `json:"standing" doc:"sessions that stand"`
	Wanted     int `json:"wanted" doc:"sessions that the configuration asks for"`
	Window     int `json:"window" doc:"most messages without an answer, of all that stand"`
	Unanswered int `json:"unanswered" doc:"messages without an answer"`
	Throttled  int `json:"throttled" doc:"messages, or parts of one, that the operator did not take because they came too fast, since the start"`
}

// Credit is what is left with the operator.
type Credit struct {
	Amount float64   `json:"amount" doc:"what is left"`
	Unit   string    `json:"unit" doc:"of the amount: a currency, or the operator's credits"`
	At     time.Time `json:"at" doc:"when the operator said so"`

	Threshold  *float64   `json:"threshold,omitempty" doc:"people are told when it falls below"`
	BurnPerDay float64    `json:"burn_per_day,omitempty" doc:"what goes in a day, by the last day"`
	EmptyAt    *time.Time `json:"empty_at,omitempty" doc:"when it will be used up at that rate"`
}

// ConnectorList is every configured connector.
type ConnectorList struct {
	Items []Connector `json:"items" doc:"one for each that is configured"`
}

// ReassignRequest is the body of POST /v1/connectors/{name}/reassign.
type ReassignRequest struct {
	To string `json:"to" doc:"the connector that gets them" example:"ovh"`
}

// Reassigned is what became of the messages.
type Reassigned struct {
	Moved int `json:"moved" doc:"messages that were queued"`
	Left  int `json:"left" doc:"queued messages that it may not get: to numbers of fiction, which no real operator gets, or of a kind that it does not send"`
}

// connectorGateway knows the connectors, and moves what waits for one.
type connectorGateway interface {
	Connectors(ctx context.Context) ([]lane.Description, error)
	Reassign(ctx context.Context, r lane.Reassignment) (lane.Reassigned, error)
	Trace(ctx context.Context, name string, after int64) ([]connector.Said, error)
}

// connectors shows the connectors.
type connectors struct {
	failures
	gateway connectorGateway
}

func (h *connectors) register(r *router) {
	h.registerReassign(r)
	h.registerTrace(r)
	huma.Register(r.api, huma.Operation{
		OperationID: "connectors", Method: http.MethodGet, Path: "/v1/connectors",
		Tags:      []string{"connectors"},
		Summary:   "The configured connectors: state, credit, what waits",
		Responses: r.answers(http.StatusOK, ConnectorList{}),
	}, h.list)
}

type connectorsOutput struct{ Body *ConnectorList }

type connectorsInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
}

func (h *connectors) list(ctx context.Context, in *connectorsInput) (*connectorsOutput, error) {
	states, err := h.gateway.Connectors(ctx)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	list := &ConnectorList{Items: make([]Connector, len(states))}
	for i := range states {
		list.Items[i] = connectorOf(&states[i], reason.Match(in.Languages))
	}
	return &connectorsOutput{list}, nil
}

func (h *connectors) registerReassign(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "reassign", Method: http.MethodPost, Path: "/v1/connectors/{name}/reassign",
		Tags:    []string{"connectors"},
		Summary: "Give the account's queued messages of a connector to another",
		Description: "For a connector that was renamed or removed while messages wait. What is in doubt " +
			"stays with it.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, Reassigned{}, 400, 408, 413, 415, 422),
	}, h.reassign)
	r.describe(body, ReassignRequest{}, map[string]any{"to": "ovh"})
}

type reassignInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	Name      string `path:"name" doc:"the connector that they wait for; it need not be configured any more"`
	RawBody   []byte `contentType:"application/json"`
}

type reassignOutput struct{ Body *Reassigned }

var reassignKeys = jsonbody.KeysOf(reflect.TypeFor[ReassignRequest]())

func (h *connectors) reassign(ctx context.Context, in *reassignInput) (*reassignOutput, error) {
	var r ReassignRequest
	if err := decode(in.RawBody, &r, reassignKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	caller := callerOf(ctx)
	within := withinOf(caller)
	if why := within.RefusesConnector(r.To); !why.IsZero() {
		return nil, refuse(in.RawBody, "/to", why)
	}
	done, err := h.gateway.Reassign(ctx, lane.Reassignment{
		Account: caller.Account, From: in.Name, To: r.To, Actor: caller.Actor(),
	})
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	return &reassignOutput{&Reassigned{Moved: done.Moved, Left: done.Left}}, nil
}

func connectorOf(s *lane.Description, l reason.Language) Connector {
	c := Connector{
		Name: s.Name, Provider: s.Provider, State: s.State, Reason: s.Reason.In(l), Since: s.Since.UTC(),
		CallsUnder: s.CallsUnder, MaxBatch: s.Facts.MaxBatch, Rate: s.Facts.CallsPerSecond,
		Capabilities: s.Capabilities, Left: s.Left.In(l), Unmatched: s.Unmatched,
		Waiting: map[sms.Status]int{}, Pause: pauseOf(s.Pause),
	}
	if !s.Until.IsZero() {
		until := s.Until.UTC()
		c.RetryAt = &until
	}
	if s.Balance != nil {
		c.Credit = &Credit{
			Amount: s.Balance.Amount, Unit: s.Balance.Unit, At: s.Balance.At.UTC(), Threshold: s.CreditAlert,
			BurnPerDay: s.BurnPerDay,
		}
		if !s.EmptyAt.IsZero() {
			empty := s.EmptyAt.UTC()
			c.Credit.EmptyAt = &empty
		}
	}
	if s.Sessions != nil {
		sessions := Sessions(*s.Sessions)
		c.Sessions = &sessions
	}
	for _, b := range s.Waiting {
		c.Waiting[b.Status] = b.Messages
	}
	return c
}
