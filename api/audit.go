package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/person"
	"relais/sms"
)

// AuditEntry is the proof of one export or erasure.
type AuditEntry struct {
	ID       sms.ID        `json:"id" format:"uuid" doc:"UUIDv7"`
	At       time.Time     `json:"at" doc:"when"`
	Actor    sms.Actor     `json:"actor" doc:"who: api:KEY"`
	Action   person.Action `json:"action" enum:"export,erase" doc:"what was done"`
	Subject  sms.Number    `json:"subject" doc:"pseudonym of the number, which is never kept here" example:"~exzx3o2t5k7fanx4yw5s6ddt4e"`
	Messages int           `json:"messages" doc:"messages that it was about"`
	Replies  int           `json:"replies" doc:"replies that it was about"`
	OptOuts  int           `json:"opt_outs" doc:"entries of the suppression list"`
}

// AuditList is a page of the audit, newest first.
type AuditList struct {
	Items []AuditEntry `json:"items" doc:"newest first"`
	Next  string       `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// auditReader reads the audit.
type auditReader interface {
	Audit(ctx context.Context, q person.AuditQuery) (found []person.AuditEntry, more bool, err error)
}

// auditNames knows how the audit names a number.
type auditNames interface {
	Hidden(account string, n sms.Number) sms.Number
}

// audit shows who exported or erased a person.
type audit struct {
	failures
	reader  auditReader
	regions regions
	names   auditNames
}

func (h *audit) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "audit", Method: http.MethodGet, Path: "/v1/audit", Tags: []string{"people"},
		Summary:   "Who exported or erased a person, newest first",
		Responses: r.answers(http.StatusOK, AuditList{}),
	}, h.list)
}

type auditInput struct {
	Number string `query:"number" doc:"of one person, written as in a submission"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
}

type auditOutput struct{ Body *AuditList }

func (h *audit) list(ctx context.Context, in *auditInput) (*auditOutput, error) {
	q := person.AuditQuery{Account: callerOf(ctx).Account, Limit: in.Limit}
	if in.Number != "" {
		n, err := handset("number", in.Number, h.regions.Region(q.Account))
		if err != nil {
			return nil, err
		}
		q.Subject = h.names.Hidden(q.Account, n)
	}
	if in.Cursor != "" {
		var err error
		if q.Before, err = sms.ParseRef(in.Cursor); err != nil {
			return nil, badCursor()
		}
	}
	found, more, err := h.reader.Audit(ctx, q)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &AuditList{Items: make([]AuditEntry, len(found))}
	for i, e := range found {
		list.Items[i] = AuditEntry{
			ID: e.ID, At: e.At.UTC(), Actor: e.Actor, Action: e.Action, Subject: e.Subject,
			Messages: e.Messages, Replies: e.Replies, OptOuts: e.OptOuts,
		}
	}
	if more {
		list.Next = found[len(found)-1].ID.Ref()
	}
	return &auditOutput{list}, nil
}
