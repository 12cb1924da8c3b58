package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/sms"
)

// campaignFollower makes campaigns that go on from others.
type campaignFollower interface {
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	Retry(ctx context.Context, account string, id sms.ID, r engine.Retry) (ledger.Campaign, error)
	Correct(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// campaignFollowUps send again what did not arrive, and mended tables.
type campaignFollowUps struct {
	*campaigns

	follower campaignFollower
}

// CampaignRetry is the body of a retry.
type CampaignRetry struct {
	Outcomes []sms.Status `json:"outcomes,omitempty" required:"false" enum:"undelivered,expired,rejected,canceled" doc:"of the messages that are sent once more; absent: undelivered, expired and rejected. Of those that expired only those are taken of which it is certain that no handset has them"`
	Codes    []string     `json:"codes,omitempty" required:"false" doc:"rows with these codes too, such as no_receipt, whose messages may have arrived"`
}

func (h *campaignFollowUps) register(r *router) {
	tags := []string{"campaigns"}
	retried := bodyOf(r, tags, huma.Operation{
		OperationID: "retry-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/retry",
		Summary: "Make a draft of what did not arrive",
		Description: "A new campaign with the rows of one that ended whose messages certainly reached nobody: never one " +
			"in doubt, never a person who wants none. Nothing is sent: it is checked and started as any other.",
		DefaultStatus: http.StatusCreated,
		Responses:     r.answers(http.StatusCreated, Campaign{}, 400, 404, 408, 409, 413, 415),
	}, h.retry)
	r.describe(retried, CampaignRetry{}, map[string]any{"outcomes": []string{"undelivered", "rejected"}})
	huma.Register(r.api, huma.Operation{
		OperationID: "correct-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/correction", Tags: tags,
		Summary: "Make a draft for a mended table",
		Description: "A new campaign like one that ended; its file is put next. Its check leaves out every number that " +
			"has a message of that campaign or of one that went on from it, unless it certainly did not arrive.",
		DefaultStatus: http.StatusCreated, Responses: r.answers(http.StatusCreated, Campaign{}, 404, 409),
	}, h.correct)
}

type retryCampaignInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	RawBody   []byte `contentType:"application/json"`
}

var campaignRetryKeys = jsonbody.KeysOf(reflect.TypeFor[CampaignRetry]())

func (h *campaignFollowUps) retry(ctx context.Context, in *retryCampaignInput) (*campaignOutput, error) {
	var body CampaignRetry
	if err := decode(in.RawBody, &body, campaignRetryKeys); err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	of := &campaignIDInput{in.ID, in.Languages}
	return h.follow(ctx, of, in.RawBody, func(id sms.ID) (ledger.Campaign, error) {
		return h.follower.Retry(ctx, caller.Account, id, engine.Retry{
			Outcomes: body.Outcomes, Codes: body.Codes, By: caller.Actor(),
		})
	})
}

func (h *campaignFollowUps) correct(ctx context.Context, in *campaignIDInput) (*campaignOutput, error) {
	caller := callerOf(ctx)
	return h.follow(ctx, in, nil, func(id sms.ID) (ledger.Campaign, error) {
		return h.follower.Correct(ctx, caller.Account, id, caller.Actor())
	})
}

// follow makes a campaign that goes on from one whose messages the caller may make.
func (h *campaignFollowUps) follow(
	ctx context.Context, in *campaignIDInput, body []byte, step func(id sms.ID) (ledger.Campaign, error),
) (*campaignOutput, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	caller := callerOf(ctx)
	c, err := h.follower.Campaign(ctx, caller.Account, id)
	if err == nil {
		err = mayUse(caller, &c.Content)
	}
	if err == nil {
		c, err = step(id)
	}
	return h.answer(&c, err, body, in.Languages)
}
