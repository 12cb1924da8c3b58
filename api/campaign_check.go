package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// campaignChecker checks campaigns.
type campaignChecker interface {
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	Check(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// campaignChecks has files judged, and shows what was found.
type campaignChecks struct {
	*campaigns

	checker campaignChecker
}

func (h *campaignChecks) register(r *router) {
	tags := []string{"campaigns"}
	huma.Register(r.api, huma.Operation{
		OperationID: "check-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/check", Tags: tags,
		Summary: "Judge every row of the file",
		Description: "The answer comes at once; the check goes on, and the campaign is ready when it is done, with a report. " +
			"Nobody is written to.",
		DefaultStatus: http.StatusAccepted, Responses: r.answers(http.StatusAccepted, Campaign{}, 404, 409),
	}, h.check)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign-report", Method: http.MethodGet, Path: "/v1/campaigns/{id}/report", Tags: tags,
		Summary: "What the check found", Responses: r.answers(http.StatusOK, CampaignReport{}, 404, 409),
	}, h.report)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign-look", Method: http.MethodGet, Path: "/v1/campaigns/{id}/look", Tags: tags,
		Summary: "What the first rows of its file look like", Responses: r.answers(http.StatusOK, CampaignLook{}, 404, 409),
	}, h.look)
}

func (h *campaignChecks) check(ctx context.Context, in *campaignIDInput) (*campaignOutput, error) {
	caller := callerOf(ctx)
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	c, err := h.checker.Check(ctx, caller.Account, id, caller.Actor())
	return h.answer(&c, err, nil, in.Languages)
}

type campaignReportOutput struct{ Body *CampaignReport }

func (h *campaignChecks) report(ctx context.Context, in *campaignIDInput) (*campaignReportOutput, error) {
	c, err := h.found(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(c.Report) == 0 {
		return nil, refusalOf(http.StatusConflict, engine.CodeNotChecked)
	}
	shown, err := reportOf(c.Report, reason.Match(in.Languages))
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &campaignReportOutput{shown}, nil
}

type campaignLookOutput struct{ Body *CampaignLook }

func (h *campaignChecks) look(ctx context.Context, in *campaignIDInput) (*campaignLookOutput, error) {
	c, err := h.found(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(c.Look) == 0 {
		return nil, refusalOf(http.StatusConflict, engine.CodeNoFile)
	}
	shown, err := lookOf(c.Look, reason.Match(in.Languages))
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &campaignLookOutput{shown}, nil
}

func (h *campaignChecks) found(ctx context.Context, in *campaignIDInput) (*ledger.Campaign, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	c, err := h.checker.Campaign(ctx, callerOf(ctx).Account, id)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	return &c, nil
}
