package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// campaignTrier previews and tests single rows.
type campaignTrier interface {
	PreviewRow(ctx context.Context, account string, id sms.ID, n int) (*engine.RowPreview, error)
	Test(ctx context.Context, account string, id sms.ID, t engine.Test) (*gateway.Result, error)
}

// campaignTrials show what single rows become, before all leave.
type campaignTrials struct {
	*campaigns

	trier campaignTrier
}

// CampaignPreview is what would become of a row.
type CampaignPreview struct {
	Row     CampaignRow      `json:"row" doc:"as the check left it, or as it is by now"`
	Refused *CampaignProblem `json:"refused,omitempty" doc:"why it gets no message; absent: it gets one"`
	Preview *PreviewAnswer   `json:"preview,omitempty" doc:"of its message, as POST /v1/messages/preview; absent: it gets none"`
}

// CampaignTest is the body of a test.
type CampaignTest struct {
	Row int    `json:"row" doc:"whose text is sent, as the spreadsheet counts"`
	To  string `json:"to" doc:"a number of your own"`
}

func (h *campaignTrials) register(r *router) {
	tags := []string{"campaigns"}
	huma.Register(r.api, huma.Operation{
		OperationID: "preview-campaign-row", Method: http.MethodGet, Path: "/v1/campaigns/{id}/rows/{row}/preview",
		Tags: tags, Summary: "What a row becomes, and why",
		Description: "The gateway's own preview of the message of a row that was checked: text, segments, way, " +
			"price, time. Nobody is written to.",
		Responses: r.answers(http.StatusOK, CampaignPreview{}, 404, 409),
	}, h.preview)
	tested := bodyOf(r, tags, huma.Operation{
		OperationID: "test-campaign", Method: http.MethodPost, Path: "/v1/campaigns/{id}/test",
		Summary: "Send the text of a row to yourself",
		Description: "An ordinary message, which counts in usage and in no results of the campaign. Each key and each " +
			"person may send five in 24 hours.",
		DefaultStatus: http.StatusAccepted,
		Responses:     r.answers(http.StatusAccepted, SubmitAnswer{}, 400, 404, 408, 409, 413, 415, 429),
	}, h.test)
	r.describe(tested, CampaignTest{}, map[string]any{"row": 2, "to": "+33639980009"})
}

type campaignRowInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Row       int    `path:"row" doc:"as the spreadsheet counts"`
	Languages string `header:"Accept-Language" hidden:"true"`
}

type campaignPreviewOutput struct{ Body *CampaignPreview }

func (h *campaignTrials) preview(ctx context.Context, in *campaignRowInput) (*campaignPreviewOutput, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	p, err := h.trier.PreviewRow(ctx, callerOf(ctx).Account, id, in.Row)
	if err != nil {
		return nil, h.noRow(err, nil)
	}
	language, currency := reason.Match(in.Languages), h.currency.Currency()
	shown := &CampaignPreview{Row: campaignRowOf(&p.Row, currency, language)}
	if !p.Refused.IsZero() {
		shown.Refused = &CampaignProblem{p.Refused.Code.Wire(), p.Refused.In(language)}
	}
	if p.Result != nil {
		for i := range p.Result.Messages {
			d := &p.Result.Messages[i]
			d.Decisions = slices.Concat(reading(d.To, d.Decisions), p.Result.Common, d.Decisions)
		}
		shown.Preview = previewAnswerOf(p.Result, currency, language)
	}
	return &campaignPreviewOutput{shown}, nil
}

// noRow is noCampaign, for a row that is not there.
func (h *campaignTrials) noRow(err error, body []byte) *refusal {
	if refused, ok := errors.AsType[*gateway.Error](err); ok && refused.Is(engine.CodeNoRow) {
		return refusalFor(http.StatusNotFound, refused.Reason)
	}
	return h.noCampaign(err, body)
}

type testCampaignInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	RawBody   []byte `contentType:"application/json"`
}

var campaignTestKeys = jsonbody.KeysOf(reflect.TypeFor[CampaignTest]())

func (h *campaignTrials) test(ctx context.Context, in *testCampaignInput) (*encoded, error) {
	var t CampaignTest
	if err := decode(in.RawBody, &t, campaignTestKeys); err != nil {
		return nil, err
	}
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	caller := callerOf(ctx)
	result, err := h.trier.Test(ctx, caller.Account, id, engine.Test{
		Row: t.Row, To: t.To, By: caller.Actor(), Within: withinOf(caller),
	})
	if err != nil {
		return nil, h.noRow(err, in.RawBody)
	}
	body, err := encodeSubmitIn(reason.Match(in.Languages), h.currency.Currency())(result)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	return &encoded{ContentType: jsonType, Body: body}, nil
}
