package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/auth"
	"relais/campaign/ledger"
	"relais/sms"
)

// campaignSteps move campaigns. Each returns the campaign as it is then; with an error about
// its status too.
type campaignSteps interface {
	Start(ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor) (ledger.Campaign, error)
	StartAgain(ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor) (ledger.Campaign, error)
	Pause(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Resume(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Cancel(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// campaignStep moves a campaign.
type campaignStep func(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)

// campaignMoves check, start, pause and end campaigns.
type campaignMoves struct {
	*campaigns

	steps campaignSteps
}

// CampaignStart is the body of a start.
type CampaignStart struct {
	Check string `json:"check" doc:"of the report that was read: what is started is what was checked"`
	Force bool   `json:"force,omitempty" required:"false" doc:"send although the same texts went to the same numbers within 30 days (sent_before); the key needs the right approve"`
}

func (h *campaignMoves) register(r *router) {
	tags := []string{"campaigns"}
	move := func(id, word, summary, description string, status int, step campaignStep) {
		huma.Register(r.api, huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: "/v1/campaigns/{id}/" + word, Tags: tags,
			Summary: summary, Description: description, DefaultStatus: status,
			Responses: r.answers(status, Campaign{}, 404, 409),
		}, func(ctx context.Context, in *campaignIDInput) (*campaignOutput, error) {
			return h.move(ctx, in, nil, step)
		})
	}
	started := bodyOf(r, tags, huma.Operation{
		OperationID: "start-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/start",
		Summary: "Send what was checked",
		Description: "The check names what was read: where text, file or options changed since, the answer is 409 " +
			"and nothing is sent, as where another campaign sent the same texts to the same numbers within 30 days " +
			"(sent_before). With start_at it waits for its time. A second start does nothing.",
		Responses: r.answers(http.StatusOK, Campaign{}, 400, 403, 404, 408, 409, 413, 415),
	}, h.start)
	r.describe(started, CampaignStart{}, map[string]any{"check": "c_7f2e19a0b4c3d2e1"})
	move("pause-campaign", "pause", "Make no more messages of its rows",
		"What waits in the gateway waits again as a row; what the operator has cannot be called back.", http.StatusOK, h.steps.Pause)
	move("resume-campaign", "resume", "Go on with a paused campaign", "", http.StatusOK, h.sending(h.steps.Resume))
	move("cancel-campaign", "cancel", "End a campaign before its last row",
		"Rows that wait are canceled; what the operator has ends by itself, and is counted.", http.StatusOK, h.steps.Cancel)
}

// move makes one step.
func (h *campaignMoves) move(
	ctx context.Context, in *campaignIDInput, body []byte, step campaignStep,
) (*campaignOutput, error) {
	caller := callerOf(ctx)
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	c, err := step(ctx, caller.Account, id, caller.Actor())
	return h.answer(&c, err, body, in.Languages)
}

type startCampaignInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	RawBody   []byte `contentType:"application/json"`
}

var campaignStartKeys = jsonbody.KeysOf(reflect.TypeFor[CampaignStart]())

func (h *campaignMoves) start(ctx context.Context, in *startCampaignInput) (*campaignOutput, error) {
	var s CampaignStart
	if err := decode(in.RawBody, &s, campaignStartKeys); err != nil {
		return nil, err
	}
	start := h.steps.Start
	if s.Force {
		if limits := callerOf(ctx).Limits; !limits.May(auth.KeyApprove) {
			return nil, refusalFor(http.StatusForbidden, limits.RefusesRight(auth.KeyApprove))
		}
		start = h.steps.StartAgain
	}
	return h.move(ctx, &campaignIDInput{in.ID, in.Languages}, in.RawBody, h.sending(
		func(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
			return start(ctx, account, id, s.Check, time.Time{}, by)
		}))
}

// sending is a step that makes messages: whoever asks for it must be allowed to make them.
func (h *campaignMoves) sending(step campaignStep) campaignStep {
	return func(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
		c, err := h.desk.Campaign(ctx, account, id)
		if err == nil {
			err = mayUse(callerOf(ctx), &c.Content)
		}
		if err != nil {
			return c, err
		}
		return step(ctx, account, id, by)
	}
}
