package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// Pause is the pause of a connector.
type Pause struct {
	By    sms.Actor  `json:"by" doc:"who paused it"`
	Why   string     `json:"why" doc:"in the words of that person"`
	At    time.Time  `json:"at" doc:"when it began"`
	Until *time.Time `json:"until,omitempty" doc:"absent: until somebody resumes it"`
	Keep  bool       `json:"keep,omitempty" doc:"messages wait, though others could send them"`
}

// PauseRequest is the body of POST /v1/connectors/{name}/pause.
type PauseRequest struct {
	Why     string `json:"why" doc:"one line of at most 200 characters; colleagues read it until the connector is resumed"`
	For     string `json:"for,omitempty" required:"false" example:"2h" doc:"how long: 90m, 2h; absent, as until is: until somebody resumes it"`
	Until   string `json:"until,omitempty" required:"false" format:"date-time" doc:"its end, in the place of for"`
	Keep    bool   `json:"keep,omitempty" required:"false" doc:"messages wait for this connector, though another one of their route could send them"`
	Preview bool   `json:"preview,omitempty" required:"false" doc:"only tell what the pause would do"`
}

// PauseAnswer is a pause, and what it does.
type PauseAnswer struct {
	Pause   Pause    `json:"pause" doc:"as it holds, or would"`
	Preview bool     `json:"preview,omitempty" doc:"nothing was paused"`
	Waiting int      `json:"waiting" doc:"messages that wait for the connector, of every account"`
	Codes   int      `json:"codes" doc:"one-time codes among them"`
	Movable int      `json:"movable" doc:"those of them that have another connector on their route"`
	Says    []string `json:"says" doc:"what the pause does, for people"`
}

// ResumeAnswer says whether there was a pause.
type ResumeAnswer struct {
	Resumed bool `json:"resumed" doc:"false: it was not paused"`
}

// pauseKeeper pauses connectors and lets them go on.
type pauseKeeper interface {
	Check(p *lane.Pause) error
	Pause(ctx context.Context, p lane.Pause, from string) (lane.Pause, error)
	Resume(ctx context.Context, ended lane.Pause, from string) (bool, error)
	Outlook(ctx context.Context, connector string) (lane.Outlook, error)
}

// pauses lets people stop connectors.
type pauses struct {
	failures
	keeper pauseKeeper
	now    func() time.Time
}

func (h *pauses) register(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "pause", Method: http.MethodPost, Path: "/v1/connectors/{name}/pause",
		Tags:    []string{"connectors"},
		Summary: "Pause a connector, for every account",
		Description: "Nothing leaves through it until the end of the pause, on any node and after a restart. " +
			"Calls under way end as usual; receipts and replies are still taken. Messages with another " +
			"connector on their route go on through it, unless keep is true. A pause takes the place of an " +
			"earlier one.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, PauseAnswer{}, 400, 408, 413, 415, 422),
	}, h.pause)
	r.describe(body, PauseRequest{}, map[string]any{"why": "maintenance at the operator", "for": "2h"})
	huma.Register(r.api, huma.Operation{
		OperationID: "resume", Method: http.MethodPost, Path: "/v1/connectors/{name}/resume",
		Tags:      []string{"connectors"},
		Summary:   "Resume a connector that is paused",
		Responses: r.answers(http.StatusOK, ResumeAnswer{}),
	}, h.resume)
}

type pauseInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	Name      string `path:"name" doc:"the connector"`
	RawBody   []byte `contentType:"application/json"`
}

type pauseOutput struct{ Body *PauseAnswer }

var pauseKeys = jsonbody.KeysOf(reflect.TypeFor[PauseRequest]())

func (h *pauses) pause(ctx context.Context, in *pauseInput) (*pauseOutput, error) {
	var r PauseRequest
	if err := decode(in.RawBody, &r, pauseKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	p := lane.Pause{Connector: in.Name, By: callerOf(ctx).Actor(), Why: r.Why, Keep: r.Keep}
	var wrong *refusal
	if p.Until, wrong = h.until(&r, in.RawBody); wrong != nil {
		return nil, wrong
	}
	if err := h.keeper.Check(&p); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	outlook, err := h.keeper.Outlook(ctx, in.Name)
	if err == nil && !r.Preview {
		p, err = h.keeper.Pause(ctx, p, "")
	}
	if err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	answer := &PauseAnswer{
		Pause: *pauseOf(&p), Preview: r.Preview,
		Waiting: outlook.Waiting, Codes: outlook.Codes, Movable: outlook.Movable,
	}
	for _, s := range outlook.Sentences(p.Keep) {
		answer.Says = append(answer.Says, s.In(reason.Match(in.Languages)))
	}
	return &pauseOutput{answer}, nil
}

// until is the end of a pause; zero: it has none.
func (h *pauses) until(r *PauseRequest, body []byte) (time.Time, *refusal) {
	switch {
	case r.For != "" && r.Until != "":
		return time.Time{}, refuse(body, "/until", reason.Of(sayPauseEnds, nil))
	case r.For != "":
		length, err := time.ParseDuration(r.For)
		if err != nil || length <= 0 {
			return time.Time{}, refuse(body, "/for", reason.Of(sayPauseFor, nil))
		}
		return h.now().Add(length).Truncate(time.Microsecond), nil
	case r.Until != "":
		until, ok := instant(r.Until)
		if !ok {
			return time.Time{}, refuse(body, "/until", reason.Of(sayPauseUntil, nil))
		}
		return until, nil
	}
	return time.Time{}, nil
}

type resumeInput struct {
	Name string `path:"name" doc:"the connector; it need not be configured any more"`
}

type resumeOutput struct{ Body *ResumeAnswer }

func (h *pauses) resume(ctx context.Context, in *resumeInput) (*resumeOutput, error) {
	was, err := h.keeper.Resume(ctx, lane.Pause{Connector: in.Name, By: callerOf(ctx).Actor()}, "")
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &resumeOutput{&ResumeAnswer{was}}, nil
}

// pauseOf shows a pause; nil for none.
func pauseOf(p *lane.Pause) *Pause {
	if p == nil {
		return nil
	}
	return &Pause{By: p.By, Why: p.Why, At: p.At.UTC(), Until: moment(p.Until), Keep: p.Keep}
}
