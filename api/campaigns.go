package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/auth"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// campaignDrafts are campaigns as people write them.
type campaignDrafts interface {
	Create(ctx context.Context, account string, c ledger.Content, by sms.Actor) (ledger.Campaign, error)
	CreateOnce(
		ctx context.Context, account string, c ledger.Content, request ledger.Request, by sms.Actor,
	) (made ledger.Campaign, known bool, err error)
	Campaigns(ctx context.Context, q ledger.Query) (found []ledger.Campaign, more bool, err error)
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	Change(
		ctx context.Context, account string, id sms.ID, seen int, c ledger.Content, by sms.Actor,
	) (ledger.Campaign, error)
	Drop(ctx context.Context, account string, id sms.ID) error
	Timeline(ctx context.Context, account string, id sms.ID) ([]ledger.Event, error)
}

// campaigns are what the account sends to the rows of tables.
type campaigns struct {
	failures
	desk     campaignDrafts
	currency interface{ Currency() string }
}

// Codes about campaigns that are made here.
const (
	codeCampaignUnknown  reason.Code = "campaign_unknown"
	codeCampaignOutdated reason.Code = "campaign_outdated"
	codeStartAt          reason.Code = "start_at_invalid"
	codeFileTooLarge     reason.Code = "file_too_large/bytes"
	sayNoFile            reason.Code = "body_empty/file"
)

var campaignExample = map[string]any{
	"name": "Wishes 2027", "class": "transactional", "sender": "MAIRIE",
	"text": "Dear ((name)), the town wishes you a happy new year.", "options": map[string]any{"column": "Mobile"},
}

func (h *campaigns) register(r *router) {
	tags := []string{"campaigns"}
	made := bodyOf(r, tags, huma.Operation{
		OperationID: "create-campaign", Method: http.MethodPost, Path: "/v1/campaigns",
		Summary:       "Begin a campaign",
		DefaultStatus: http.StatusCreated,
		Description: "It is a draft: its file is put next, then it is checked, then started. With an Idempotency-Key the " +
			"same request may be sent again: it begins one campaign, and each answer shows that as it is by then.",
		Responses: r.answers(http.StatusCreated, Campaign{}, 400, 408, 409, 413, 415),
	}, h.create)
	r.describe(made, CampaignRequest{}, campaignExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaigns", Method: http.MethodGet, Path: "/v1/campaigns", Tags: tags,
		Summary: "The account's campaigns, newest first", Responses: r.answers(http.StatusOK, CampaignList{}),
	}, h.list)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign", Method: http.MethodGet, Path: "/v1/campaigns/{id}", Tags: tags,
		Summary:     "One campaign, with its file, its progress and its counts",
		Description: "The ETag is the version; a change names it in If-Match.",
		Responses:   r.answers(http.StatusOK, Campaign{}, 404),
	}, h.show)
	changed := bodyOf(r, tags, huma.Operation{
		OperationID: "change-campaign", Method: http.MethodPatch, Path: "/v1/campaigns/{id}",
		Summary: "Change a campaign that has not begun",
		Description: "What is absent stays. If-Match names the version that was read. When somebody changed it since, " +
			"the answer is 412 and nothing changes. A change makes a draft of it: it has to be checked again.",
		Responses: r.answers(http.StatusOK, Campaign{}, 400, 404, 408, 409, 412, 413, 415, 428),
	}, h.change)
	r.describe(changed, CampaignRequest{}, map[string]any{"text": "Dear ((name)), happy new year."})
	huma.Register(r.api, huma.Operation{
		OperationID: "drop-campaign", Method: http.MethodDelete, Path: "/v1/campaigns/{id}", Tags: tags,
		Summary:       "Forget a campaign that has not begun, with its file",
		DefaultStatus: http.StatusNoContent, Responses: r.noContent(404, 409),
	}, h.drop)
	huma.Register(r.api, huma.Operation{
		OperationID: "campaign-timeline", Method: http.MethodGet, Path: "/v1/campaigns/{id}/timeline", Tags: tags,
		Summary: "What happened to a campaign, oldest first", Responses: r.answers(http.StatusOK, CampaignTimeline{}, 404),
	}, h.timeline)
}

type newCampaignInput struct {
	Key     string `header:"Idempotency-Key" doc:"1 to 255 visible ASCII characters; kept as long as the campaign"`
	RawBody []byte `contentType:"application/json"`
}

type newCampaignOutput struct {
	ETag     string `header:"ETag"`
	Replayed string `header:"Idempotency-Replayed"`
	Body     *Campaign
}

type campaignOutput struct {
	ETag string `header:"ETag"`
	Body *Campaign
}

var (
	campaignKeys = jsonbody.KeysOf(reflect.TypeFor[CampaignRequest]())
	optionKeys   = jsonbody.KeysOf(reflect.TypeFor[CampaignOptions]())
	// objectKeys are those of options that have options of their own.
	objectKeys = map[string]jsonbody.Keys{
		"guards":       jsonbody.KeysOf(reflect.TypeFor[ledger.Guards]()),
		"appointments": jsonbody.KeysOf(reflect.TypeFor[ledger.Appointments]()),
	}
)

// unknownOption refuses an option that does not exist, with those that do.
func unknownOption(body []byte) *jsonbody.Fault {
	var r struct{ Options map[string]json.RawMessage }
	if json.Unmarshal(body, &r) != nil {
		return nil //nolint:nilerr // what is wrong is said when the whole is read
	}
	if f := unknownKey(body, "/options", r.Options, optionKeys); f != nil {
		return f
	}
	for _, name := range slices.Sorted(maps.Keys(objectKeys)) {
		var object map[string]json.RawMessage
		if json.Unmarshal(r.Options[name], &object) != nil {
			continue // the same
		}
		if f := unknownKey(body, "/options/"+name, object, objectKeys[name]); f != nil {
			return f
		}
	}
	return nil
}

// unknownKey refuses a key that an object may not have.
func unknownKey(
	body []byte, at string, object map[string]json.RawMessage, keys jsonbody.Keys,
) *jsonbody.Fault {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if !keys.Has(key) {
			return keys.Unknown(key, jsonbody.Locate(body, at+jsonbody.Pointer(key)))
		}
	}
	return nil
}

// content reads what a body says, over what was there.
func (r *CampaignRequest) content(body []byte) (ledger.Content, error) {
	if f := unknownOption(body); f != nil {
		return ledger.Content{}, misread(f)
	}
	if err := decode(body, r, campaignKeys); err != nil {
		return ledger.Content{}, err
	}
	c := ledger.Content{
		Name: r.Name, Text: r.Text, Class: sms.Class(r.Class), Sender: sms.Sender(r.Sender), Connector: r.Connector,
		Options: ledger.Options(r.Options),
	}
	if r.StartAt != nil {
		at, ok := instant(*r.StartAt)
		if !ok {
			return c, refuse(body, "/start_at", reason.Of(codeStartAt, nil))
		}
		c.StartAt = at
	}
	return c, nil
}

func (h *campaigns) create(ctx context.Context, in *newCampaignInput) (*newCampaignOutput, error) {
	caller := callerOf(ctx)
	content, err := new(CampaignRequest).content(in.RawBody)
	if err != nil {
		return nil, err
	}
	if err := mayUse(caller, &content); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	key, err := idempotencyKey(in.Key, in.RawBody)
	if err != nil {
		return nil, err
	}
	made, known, err := h.begin(ctx, key, content)
	shown, err := h.answer(&made, err, in.RawBody, "")
	if err != nil {
		return nil, err
	}
	out := &newCampaignOutput{ETag: shown.ETag, Body: shown.Body}
	if known {
		out.Replayed = "true"
	}
	return out, nil
}

// begin keeps a draft, or finds the one that the same request began before.
func (h *campaigns) begin(
	ctx context.Context, key *gateway.IdempotencyKey, content ledger.Content,
) (made ledger.Campaign, known bool, err error) {
	caller := callerOf(ctx)
	if key.Key == "" {
		made, err = h.desk.Create(ctx, caller.Account, content, caller.Actor())
		return made, false, err
	}
	request := ledger.Request{Key: key.Key, SHA256: key.Request}
	return h.desk.CreateOnce(ctx, caller.Account, content, request, caller.Actor())
}

// mayUse refuses a campaign whose messages the key of a caller may not make.
func mayUse(caller auth.Key, c *ledger.Content) error {
	within := withinOf(caller)
	return within.RefusesLater(c.Sender, c.Connector)
}

// answer shows a campaign, or says why there is none.
func (h *campaigns) answer(
	c *ledger.Campaign, err error, body []byte, languages string,
) (*campaignOutput, error) {
	if err != nil {
		return nil, h.noCampaign(err, body)
	}
	shown := campaignOf(c, h.currency.Currency(), reason.Match(languages))
	return &campaignOutput{etag(c.Version), &shown}, nil
}

// noCampaign turns an error about a campaign into a problem document.
func (f failures) noCampaign(err error, body []byte) *refusal {
	switch {
	case errors.Is(err, ledger.ErrUnknown):
		return refusalOf(http.StatusNotFound, codeCampaignUnknown)
	case errors.Is(err, ledger.ErrOutdated):
		return refusalOf(http.StatusPreconditionFailed, codeCampaignOutdated).at(FieldError{Field: "If-Match"})
	default:
		return f.fail(err, body)
	}
}

type campaignIDInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
}

type campaignsInput struct {
	Status string `query:"status" enum:"draft,checking,ready,awaiting_approval,scheduled,running,paused,finishing,finished,canceling,canceled" doc:"campaigns in this status alone"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor string `query:"cursor" doc:"the next of the page before"`

	Languages string `header:"Accept-Language" hidden:"true"`
}

type campaignsOutput struct{ Body *CampaignList }

func (h *campaigns) list(ctx context.Context, in *campaignsInput) (*campaignsOutput, error) {
	q := ledger.Query{Account: callerOf(ctx).Account, Status: ledger.Status(in.Status), Limit: in.Limit}
	if in.Cursor != "" {
		var err error
		if q.Before, err = sms.ParseRef(in.Cursor); err != nil {
			return nil, badCursor()
		}
	}
	found, more, err := h.desk.Campaigns(ctx, q)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	list := &CampaignList{Items: make([]Campaign, len(found))}
	for i := range found {
		list.Items[i] = campaignOf(&found[i], h.currency.Currency(), reason.Match(in.Languages))
	}
	if more {
		list.Next = found[len(found)-1].ID.Ref()
	}
	return &campaignsOutput{list}, nil
}

func (h *campaigns) show(ctx context.Context, in *campaignIDInput) (*campaignOutput, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	c, err := h.desk.Campaign(ctx, callerOf(ctx).Account, id)
	return h.answer(&c, err, nil, in.Languages)
}

type changeCampaignInput struct {
	ID        string `path:"id" doc:"the campaign's id"`
	Languages string `header:"Accept-Language" hidden:"true"`
	IfMatch   string `header:"If-Match" doc:"the ETag of the campaign that was read; *: whichever is present"`
	RawBody   []byte `contentType:"application/json"`
}

func (h *campaigns) change(ctx context.Context, in *changeCampaignInput) (*campaignOutput, error) {
	caller := callerOf(ctx)
	if _, err := new(CampaignRequest).content(in.RawBody); err != nil {
		return nil, err
	}
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	now, err := h.desk.Campaign(ctx, caller.Account, id)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	seen, p := versionOf(in.IfMatch)
	if p != nil {
		return nil, p
	}
	if seen == 0 {
		seen = now.Version
	}
	if seen != now.Version { // what is absent stays as it was read
		return nil, h.noCampaign(ledger.ErrOutdated, nil)
	}
	content, err := requestOf(&now.Content).content(in.RawBody)
	if err != nil {
		return nil, err
	}
	if err := mayUse(caller, &content); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	changed, err := h.desk.Change(ctx, caller.Account, id, seen, content, caller.Actor())
	return h.answer(&changed, err, in.RawBody, in.Languages)
}

// requestOf is a request that would leave a campaign as it is.
func requestOf(c *ledger.Content) *CampaignRequest {
	r := &CampaignRequest{
		Name: c.Name, Text: c.Text, Class: string(c.Class), Sender: string(c.Sender), Connector: c.Connector,
		Options: CampaignOptions(c.Options),
	}
	if !c.StartAt.IsZero() {
		at := c.StartAt.UTC().Format(time.RFC3339Nano)
		r.StartAt = &at
	}
	return r
}

func (h *campaigns) drop(ctx context.Context, in *campaignIDInput) (*struct{}, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err == nil {
		err = h.desk.Drop(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	return nil, nil
}

type campaignTimelineOutput struct{ Body *CampaignTimeline }

func (h *campaigns) timeline(ctx context.Context, in *campaignIDInput) (*campaignTimelineOutput, error) {
	id, err := idOf(in.ID, ledger.ErrUnknown)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	events, err := h.desk.Timeline(ctx, callerOf(ctx).Account, id)
	if err != nil {
		return nil, h.noCampaign(err, nil)
	}
	shown := &CampaignTimeline{Items: make([]CampaignEvent, len(events))}
	for i, e := range events {
		shown.Items[i] = CampaignEvent{At: e.At.UTC(), Status: e.Status, Actor: e.Actor, Reason: e.Why.Wire()}
		if e.Why != "" {
			shown.Items[i].Detail = detailOf(e.Why, e.Saw, reason.Match(in.Languages))
		}
	}
	return &campaignTimelineOutput{shown}, nil
}
