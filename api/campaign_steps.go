package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// campaignSteps move campaigns. Each returns the campaign as it is then; with an error about
// its status too.
type campaignSteps interface {
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	Check(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Start(ctx context.Context, account string, id sms.ID, check string, by sms.Actor) (ledger.Campaign, error)
	Pause(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Resume(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Cancel(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Retry(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// campaignMoves check, start, pause and end campaigns.
type campaignMoves struct {
	*campaigns

	steps campaignSteps
}

// CampaignStart is the body of a start.
type CampaignStart struct {
	Check string `json:"check" doc:"of the report that was read: what is started is what was checked"`
}

func (h *campaignMoves) register(r *router) {
	tags := []string{"campaigns"}
	move := func(id, word, summary, description string, status int, step func(
		context.Context, string, sms.ID, sms.Actor,
	) (ledger.Campaign, error)) {
		huma.Register(r.api, huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: "/v1/campaigns/{id}/" + word, Tags: tags,
			Summary: summary, Description: description, DefaultStatus: status,
			Responses: r.answers(status, Campaign{}, 404, 409),
		}, func(ctx context.Context, in *campaignIDInput) (*campaignOutput, error) {
			return h.move(ctx, in, nil, step)
		})
	}
	move("check-campaign", "check", "Judge every row of the file",
		"The answer comes at once; the check goes on, and the campaign is ready when it is done, with a report. "+
			"Nobody is written to.", http.StatusAccepted, h.steps.Check)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign-report", Method: http.MethodGet, Path: "/v1/campaigns/{id}/report", Tags: tags,
		Summary: "What the check found", Responses: r.answers(http.StatusOK, CampaignReport{}, 404, 409),
	}, h.report)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign-look", Method: http.MethodGet, Path: "/v1/campaigns/{id}/look", Tags: tags,
		Summary: "What the first rows of its file look like", Responses: r.answers(http.StatusOK, CampaignLook{}, 404, 409),
	}, h.look)
	started := bodyOf(r, tags, huma.Operation{
		OperationID: "start-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/start",
		Summary: "Send what was checked",
		Description: "The check names what was read: where text, file or options changed since, the answer is 409 " +
			"and nothing is sent. With start_at it waits for its time. A second start does nothing.",
		Responses: r.answers(http.StatusOK, Campaign{}, 400, 404, 408, 409, 413, 415),
	}, h.start)
	r.describe(started, CampaignStart{}, map[string]any{"check": "c_7f2e19a0b4c3d2e1"})
	move("pause-campaign", "pause", "Make no more messages of its rows",
		"What waits in the gateway waits again as a row; what the operator has cannot be called back.", http.StatusOK, h.steps.Pause)
	move("resume-campaign", "resume", "Go on with a paused campaign", "", http.StatusOK, h.steps.Resume)
	move("cancel-campaign", "cancel", "End a campaign before its last row",
		"Rows that wait are canceled; what the operator has ends by itself, and is counted.", http.StatusOK, h.steps.Cancel)
	move("retry-campaign", "retry", "Begin a new campaign with the rows that certainly did not arrive",
		"It is a draft, which has to be checked and started. Rows in doubt, and those whose receipt is missing, are "+
			"not among them: they may have arrived.", http.StatusCreated, h.steps.Retry)
}

// move makes one step.
func (h *campaignMoves) move(
	ctx context.Context, in *campaignIDInput, body []byte,
	step func(context.Context, string, sms.ID, sms.Actor) (ledger.Campaign, error),
) (*campaignOutput, error) {
	caller := callerOf(ctx)
	id, err := campaignID(in.ID)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	c, err := step(ctx, caller.Account, id, caller.Actor())
	return h.answer(&c, err, body, in.Languages)
}

type startCampaignInput struct {
	campaignIDInput

	RawBody []byte `contentType:"application/json"`
}

var campaignStartKeys = jsonbody.KeysOf(reflect.TypeFor[CampaignStart]())

func (h *campaignMoves) start(ctx context.Context, in *startCampaignInput) (*campaignOutput, error) {
	var s CampaignStart
	if err := decode(in.RawBody, &s, campaignStartKeys); err != nil {
		return nil, err
	}
	return h.move(ctx, &in.campaignIDInput, in.RawBody,
		func(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
			return h.steps.Start(ctx, account, id, s.Check, by)
		})
}

type campaignReportOutput struct{ Body *CampaignReport }

func (h *campaignMoves) report(ctx context.Context, in *campaignIDInput) (*campaignReportOutput, error) {
	c, err := h.found(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(c.Report) == 0 {
		return nil, refusalOf(http.StatusConflict, codeNotChecked)
	}
	shown, err := reportOf(c.Report, reason.Match(in.Languages))
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &campaignReportOutput{shown}, nil
}

type campaignLookOutput struct{ Body *CampaignLook }

func (h *campaignMoves) look(ctx context.Context, in *campaignIDInput) (*campaignLookOutput, error) {
	c, err := h.found(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(c.Look) == 0 {
		return nil, refusalOf(http.StatusConflict, codeNoFile)
	}
	shown, err := lookOf(c.Look, reason.Match(in.Languages))
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &campaignLookOutput{shown}, nil
}

func (h *campaignMoves) found(ctx context.Context, in *campaignIDInput) (*ledger.Campaign, error) {
	id, err := campaignID(in.ID)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	c, err := h.steps.Campaign(ctx, callerOf(ctx).Account, id)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	return &c, nil
}
