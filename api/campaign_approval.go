package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/campaign/ledger"
	"relais/sms"
)

// campaignApprovals are what somebody else says of campaigns that wait for it.
type campaignApprovals interface {
	Approve(ctx context.Context, account string, id sms.ID, check string, by sms.Actor) (ledger.Campaign, error)
	Refuse(ctx context.Context, account string, id sms.ID, check, sentence string, by sms.Actor) (ledger.Campaign, error)
}

// campaignSeconds approve campaigns, and refuse them.
type campaignSeconds struct {
	*campaignMoves

	approvals campaignApprovals
}

// CampaignApproval is the body of an approval.
type CampaignApproval struct {
	Check string `json:"check" doc:"of the report that was read: what is approved is what was checked"`
}

// CampaignRefusal is the body of a refusal.
type CampaignRefusal struct {
	Check    string `json:"check" doc:"of the report that was read"`
	Sentence string `json:"sentence" doc:"why it is not approved, for whoever wrote it; at most 500 characters"`
}

func (h *campaignSeconds) register(r *router) {
	tags := []string{"campaigns"}
	approved := bodyOf(r, tags, huma.Operation{
		OperationID: "approve-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/approve",
		Summary: "Agree to a campaign that somebody else started",
		Description: "It starts at once, or at its time. Whoever wrote it or started it is refused (own_approval), and " +
			"where it was changed or checked again since, nothing is sent. A second approval of the same does nothing.",
		Responses: r.answers(http.StatusOK, Campaign{}, 400, 404, 408, 409, 413, 415),
	}, h.approve)
	r.describe(approved, CampaignApproval{}, map[string]any{"check": "c_7f2e19a0b4c3d2e1"})
	refused := bodyOf(r, tags, huma.Operation{
		OperationID: "refuse-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/refuse",
		Summary:     "Do not agree to a campaign that somebody else started",
		Description: "It is a draft again, with the sentence in its timeline, and has to be checked anew.",
		Responses:   r.answers(http.StatusOK, Campaign{}, 400, 404, 408, 409, 413, 415),
	}, h.refuse)
	r.describe(refused, CampaignRefusal{}, map[string]any{
		"check": "c_7f2e19a0b4c3d2e1", "sentence": "The date of the market is wrong.",
	})
}

var (
	campaignApprovalKeys = jsonbody.KeysOf(reflect.TypeFor[CampaignApproval]())
	campaignRefusalKeys  = jsonbody.KeysOf(reflect.TypeFor[CampaignRefusal]())
)

func (h *campaignSeconds) approve(ctx context.Context, in *startCampaignInput) (*campaignOutput, error) {
	var a CampaignApproval
	if err := decode(in.RawBody, &a, campaignApprovalKeys); err != nil {
		return nil, err
	}
	return h.move(ctx, &campaignIDInput{in.ID, in.Languages}, in.RawBody, h.sending(
		func(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
			return h.approvals.Approve(ctx, account, id, a.Check, by)
		}))
}

func (h *campaignSeconds) refuse(ctx context.Context, in *startCampaignInput) (*campaignOutput, error) {
	var r CampaignRefusal
	if err := decode(in.RawBody, &r, campaignRefusalKeys); err != nil {
		return nil, err
	}
	return h.move(ctx, &campaignIDInput{in.ID, in.Languages}, in.RawBody,
		func(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
			return h.approvals.Refuse(ctx, account, id, r.Check, r.Sentence, by)
		})
}
