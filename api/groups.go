package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/contact"
	"relais/sms"
)

// Group is contacts under a name.
type Group struct {
	ID      sms.ID    `json:"id" format:"uuid" doc:"UUIDv7"`
	Version int       `json:"version" doc:"rises with each change of name and note, from 1"`
	Name    string    `json:"name" doc:"by which people find it"`
	Note    string    `json:"note,omitempty" doc:"for people"`
	Members int       `json:"members" doc:"contacts in it"`
	MadeAt  time.Time `json:"made_at" doc:"when"`
	MadeBy  sms.Actor `json:"made_by" doc:"api:KEY or user:NAME"`
}

// GroupList are all groups of the account, by name.
type GroupList struct {
	Items []Group `json:"items" doc:"by name"`
}

// GroupRequest is the body of a new group and of a change, which is whole.
type GroupRequest struct {
	Name string `json:"name" doc:"at most 100 characters; capitals, accents and spaces do not tell two names apart"`
	Note string `json:"note,omitempty" required:"false" doc:"for people, at most 500 characters"`
}

// groups are contacts under names.
type groups struct{ contacts }

var (
	groupKeys    = jsonbody.KeysOf(reflect.TypeFor[GroupRequest]())
	groupExample = map[string]any{"name": "Friends of the library", "note": "from the forms of 2026"}
)

func (h *groups) register(r *router) {
	tags := []string{"contacts"}
	huma.Register(r.api, huma.Operation{
		OperationID: "groups", Method: http.MethodGet, Path: "/v1/groups", Tags: tags,
		Summary: "The account's groups, by name", Responses: r.answers(http.StatusOK, GroupList{}),
	}, h.groups)
	made := bodyOf(r, tags, huma.Operation{
		OperationID: "create-group", Method: http.MethodPost, Path: "/v1/groups", Summary: "Make a group without anybody in it",
		Description:   "A contact says which groups it is in.",
		DefaultStatus: http.StatusCreated, Responses: r.answers(http.StatusCreated, Group{}, 400, 408, 413, 415),
	}, h.createGroup)
	r.describe(made, GroupRequest{}, groupExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "group", Method: http.MethodGet, Path: "/v1/groups/{id}", Tags: tags, Summary: "One group",
		Description: "The ETag is the version; a change names it in If-Match. Its contacts are GET /v1/contacts?group=.",
		Responses:   r.answers(http.StatusOK, Group{}, 404),
	}, h.showGroup)
	changed := bodyOf(r, tags, huma.Operation{
		OperationID: "change-group", Method: http.MethodPut, Path: "/v1/groups/{id}", Summary: "Change what a group is called",
		Description: "If-Match names the version that was read. When somebody changed it since, the answer is 412 and " +
			"nothing changes.",
		Responses: r.answers(http.StatusOK, Group{}, 400, 404, 408, 412, 413, 415, 428),
	}, h.changeGroup)
	r.describe(changed, GroupRequest{}, groupExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "drop-group", Method: http.MethodDelete, Path: "/v1/groups/{id}", Tags: tags,
		Summary: "Forget a group", Description: "Its contacts stay, and campaigns keep their copies.",
		DefaultStatus: http.StatusNoContent, Responses: r.noContent(404),
	}, h.dropGroup)
}

func groupOf(g *contact.Group) Group {
	return Group{
		ID: g.ID, Version: g.Version, Name: g.Name, Note: g.Note, Members: g.Members, MadeAt: g.MadeAt.UTC(), MadeBy: g.MadeBy,
	}
}

type groupOutput struct {
	ETag string `header:"ETag"`
	Body *Group
}

func (h *groups) answer(g *contact.Group, err error, body []byte) (*groupOutput, error) {
	if err != nil {
		return nil, h.noContact(err, body)
	}
	shown := groupOf(g)
	return &groupOutput{etag(g.Version), &shown}, nil
}

type groupsOutput struct{ Body *GroupList }

func (h *groups) groups(ctx context.Context, _ *struct{}) (*groupsOutput, error) {
	found, err := h.book.Groups(ctx, callerOf(ctx).Account)
	if err != nil {
		return nil, h.noContact(err, nil)
	}
	all := &GroupList{Items: make([]Group, len(found))}
	for i := range found {
		all.Items[i] = groupOf(&found[i])
	}
	return &groupsOutput{all}, nil
}

type newGroupInput struct {
	RawBody []byte `contentType:"application/json"`
}

func (h *groups) createGroup(ctx context.Context, in *newGroupInput) (*groupOutput, error) {
	var r GroupRequest
	if err := decode(in.RawBody, &r, groupKeys); err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	g, err := h.book.AddGroup(ctx, caller.Account, r.Name, r.Note, caller.Actor())
	return h.answer(&g, err, in.RawBody)
}

type groupInput struct {
	ID string `path:"id" doc:"the group's id"`
}

func (h *groups) showGroup(ctx context.Context, in *groupInput) (*groupOutput, error) {
	id, err := idOf(in.ID, contact.ErrNoGroup)
	if err != nil {
		return nil, h.noContact(err, nil)
	}
	g, err := h.book.Group(ctx, callerOf(ctx).Account, id)
	return h.answer(&g, err, nil)
}

type changeGroupInput struct {
	ID      string `path:"id" doc:"the group's id"`
	IfMatch string `header:"If-Match" doc:"the ETag of the group that was read; *: whichever is present"`
	RawBody []byte `contentType:"application/json"`
}

func (h *groups) changeGroup(ctx context.Context, in *changeGroupInput) (*groupOutput, error) {
	var r GroupRequest
	if err := decode(in.RawBody, &r, groupKeys); err != nil {
		return nil, err
	}
	id, err := idOf(in.ID, contact.ErrNoGroup)
	if err != nil {
		return nil, h.noContact(err, nil)
	}
	seen, p := versionOf(in.IfMatch)
	if p != nil {
		return nil, p
	}
	caller := callerOf(ctx)
	g, err := h.book.ChangeGroup(ctx, caller.Account, id, seen, r.Name, r.Note, caller.Actor())
	return h.answer(&g, err, in.RawBody)
}

func (h *groups) dropGroup(ctx context.Context, in *groupInput) (*struct{}, error) {
	id, err := idOf(in.ID, contact.ErrNoGroup)
	if err == nil {
		caller := callerOf(ctx)
		err = h.book.DropGroup(ctx, caller.Account, id, caller.Actor())
	}
	if err != nil {
		return nil, h.noContact(err, nil)
	}
	return nil, nil
}
