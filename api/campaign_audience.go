package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"relais/campaign/ledger"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// campaignAudiences give campaigns the people of lists.
type campaignAudiences struct {
	*campaigns

	desk listTaker
}

// listTaker copies lists and groups into campaigns.
type listTaker interface {
	PutList(ctx context.Context, account string, id sms.ID, seen int, of sms.ID, by sms.Actor) (ledger.Campaign, error)
	PutGroup(
		ctx context.Context, account string, id sms.ID, seen int, of sms.ID, purpose string, by sms.Actor,
	) (ledger.Campaign, error)
}

func (h *campaignAudiences) register(r *router) {
	put := bodyOf(r, []string{"campaigns"}, huma.Operation{
		OperationID: "put-campaign-recipients", Method: http.MethodPut, Path: "/v1/campaigns/{id}/recipients",
		Summary: "Give a campaign the people of a list or of a group",
		Description: "The campaign gets a copy as its table: its audience stands still while the list or the group goes on. " +
			"Advertising to a group goes to those alone who agreed to the purpose, at the check and when their turn comes; the " +
			"report counts the others (consent_missing). The answer is that of a file.",
		Responses: r.answers(http.StatusOK, CampaignLook{}, 400, 404, 408, 409, 412, 413, 415),
	}, h.put)
	r.describe(put, RecipientsRequest{}, map[string]any{"list": "019e3f8a-0000-7000-8000-000000000001"})
}

// codeAudience refuses recipients that are neither those of a list nor of a group, or both.
const codeAudience reason.Code = "recipients_ambiguous"

type recipientsInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	IfMatch   string `header:"If-Match" doc:"the ETag of the campaign that was read; absent: as it is now"`
	Languages string `header:"Accept-Language" hidden:"true"`
	RawBody   []byte `contentType:"application/json"`
}

type recipientsOutput struct {
	ETag string `header:"ETag"`
	Body *CampaignLook
}

func (h *campaignAudiences) put(ctx context.Context, in *recipientsInput) (*recipientsOutput, error) {
	var r RecipientsRequest
	if err := decode(in.RawBody, &r, recipientsKeys); err != nil {
		return nil, err
	}
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	if (r.List == "") == (r.Group == "") {
		return nil, refuse(in.RawBody, "/list", reason.Of(codeAudience, nil))
	}
	list, wrong := idOf(r.List, contact.ErrUnknown)
	if r.List != "" && wrong != nil {
		return nil, refuse(in.RawBody, "/list", reason.Of(contact.CodeMissing, nil))
	}
	group, wrong := idOf(r.Group, contact.ErrNoGroup)
	if r.Group != "" && wrong != nil {
		return nil, refuse(in.RawBody, "/group", reason.Of(contact.CodeGroupMissing, nil))
	}
	seen := 0
	if strings.TrimSpace(in.IfMatch) != "" {
		seen, _ = versionOf(in.IfMatch)
	}
	caller := callerOf(ctx)
	var changed ledger.Campaign
	if r.List != "" {
		changed, err = h.desk.PutList(ctx, caller.Account, id, seen, list, caller.Actor())
	} else {
		changed, err = h.desk.PutGroup(ctx, caller.Account, id, seen, group, r.Purpose, caller.Actor())
	}
	if err != nil {
		return nil, h.noCampaign(err, in.RawBody)
	}
	look, err := lookOf(changed.Look, reason.Match(in.Languages))
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	return &recipientsOutput{etag(changed.Version), look}, nil
}
