package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/merge"
	"relais/reason"
	"relais/sms"
	"relais/template"
)

// Template is a text with fields. It is the present version where no other was asked for.
type Template struct {
	ID         sms.ID          `json:"id" format:"uuid" doc:"UUIDv7"`
	Version    int             `json:"version" doc:"of what is shown, from 1"`
	Latest     int             `json:"latest" doc:"the present version"`
	Name       string          `json:"name" doc:"by which people find it"`
	Folder     string          `json:"folder,omitempty" doc:"where it stands in lists; absent: nowhere"`
	Text       string          `json:"text" doc:"with fields: ((name)), ((name|otherwise)), ((name??text where it says yes)); \\(( is two parentheses"`
	Fields     []TemplateField `json:"fields" doc:"of the text, in the order in which they stand"`
	Class      sms.Class       `json:"class,omitempty" doc:"of messages that name none; absent: the account's"`
	Sender     sms.Sender      `json:"sender,omitempty" doc:"of messages that name none; absent: the account's"`
	Circle     template.Circle `json:"circle" enum:"everyone,approvers,managers" doc:"which people may use it in the console; a key may use all of its account"`
	Answer     bool            `json:"answer" doc:"offered where replies are answered in the console"`
	MadeAt     time.Time       `json:"made_at" doc:"this version"`
	MadeBy     sms.Actor       `json:"made_by" doc:"api:KEY or user:NAME"`
	ArchivedAt *time.Time      `json:"archived_at,omitempty" doc:"when it was put away; absent: it may be used"`
	Uses       int             `json:"uses" doc:"messages that were made with it, of all versions"`
	UsedAt     *time.Time      `json:"used_at,omitempty" doc:"the last time; absent: never"`
}

// TemplateField is a field of a text.
type TemplateField struct {
	Name      string `json:"name" doc:"as it is written where it stands first"`
	Required  bool   `json:"required" doc:"without a value no text is made"`
	Condition bool   `json:"condition" doc:"its value is asked whether it says yes: yes, true, 1, oui, vrai, x"`
}

// TemplateList is every template of the account, by folder and name.
type TemplateList struct {
	Items []Template `json:"items" doc:"by folder and name"`
}

// TemplateVersions are versions of a template, newest first.
type TemplateVersions struct {
	Items []Template `json:"items" doc:"newest first"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// TemplateRequest is the body of a new template and of a change, which is whole.
type TemplateRequest struct {
	Name   string `json:"name" doc:"by which people find it; capitals, accents and spaces do not tell two names apart"`
	Folder string `json:"folder,omitempty" required:"false" doc:"where it stands in lists; absent: nowhere"`
	Text   string `json:"text" doc:"with fields, at most 5000 characters"`
	Class  string `json:"class,omitempty" required:"false" enum:"otp,transactional,marketing" doc:"of messages that name none; absent: the account's"`
	Sender string `json:"sender,omitempty" required:"false" doc:"of messages that name none; absent: the account's"`
	Circle string `json:"circle,omitempty" required:"false" enum:"everyone,approvers,managers" doc:"absent: everyone"`
	Answer bool   `json:"answer,omitempty" required:"false" doc:"offered where replies are answered; such a text has no fields"`
}

// TemplatePreviewRequest is the body of a preview; it may be empty.
type TemplatePreviewRequest struct {
	Values map[string]string `json:"values,omitempty" required:"false" doc:"by the names of the fields"`
}

// TemplatePreview is what a template becomes with values.
type TemplatePreview struct {
	Text     string     `json:"text" doc:"empty when a value is missing"`
	Missing  []string   `json:"missing" doc:"fields that need a value and have none"`
	Doubtful []string   `json:"doubtful" doc:"conditions whose values say neither yes nor no, which counts as no"`
	Cost     TextAdvice `json:"cost" doc:"for one person, by the account's usual connector; when a value is missing, of the text without its fields"`
}

// templateBook keeps templates.
type templateBook interface {
	Create(ctx context.Context, account string, c template.Content, by sms.Actor) (template.Template, error)
	Change(
		ctx context.Context, account string, id sms.ID, seen int, c template.Content, by sms.Actor,
	) (template.Template, error)
	Archive(ctx context.Context, account string, id sms.ID) error
	Restore(ctx context.Context, account string, id sms.ID) error
}

// templateReader finds them.
type templateReader interface {
	Templates(ctx context.Context, account string, archived bool) ([]template.Template, error)
	Template(ctx context.Context, account string, id sms.ID, version int) (template.Template, error)
	TemplateVersions(ctx context.Context, account string, id sms.ID, below, limit int) ([]template.Template, error)
}

// scales work out what a text costs.
type scales interface {
	Weigh(s gateway.Submission) *gateway.TextAdvice
	Currency() string
}

// templates are the texts with fields of an account.
type templates struct {
	failures
	book   templateBook
	reader templateReader
	scales scales
}

// Codes about templates that are made here.
const (
	codeIfMatch    reason.Code = "if_match_missing"
	codeNoTemplate reason.Code = "template_missing"
)

var templateExample = map[string]any{
	"name": "Appointment", "folder": "Reception", "class": "transactional",
	"text": "Dear ((name|Sir or Madam)), your appointment is on ((date)).((documents?? Bring your papers.))",
}

func (h *templates) register(r *router) {
	tags := []string{"templates"}
	huma.Register(r.api, huma.Operation{
		OperationID: "templates", Method: http.MethodGet, Path: "/v1/templates", Tags: tags,
		Summary: "The account's templates, by folder and name", Responses: r.answers(http.StatusOK, TemplateList{}),
	}, h.list)
	made := bodyOf(r, tags, huma.Operation{
		OperationID: "create-template", Method: http.MethodPost, Path: "/v1/templates",
		Summary: "Keep a text with fields", DefaultStatus: http.StatusCreated,
		Responses: r.answers(http.StatusCreated, Template{}, 400, 408, 413, 415),
	}, h.create)
	r.describe(made, TemplateRequest{}, templateExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "template", Method: http.MethodGet, Path: "/v1/templates/{id}", Tags: tags,
		Summary:     "One template, or one of its versions",
		Description: "The ETag is the present version; a change names it in If-Match.",
		Responses:   r.answers(http.StatusOK, Template{}, 404),
	}, h.show)
	changed := bodyOf(r, tags, huma.Operation{
		OperationID: "change-template", Method: http.MethodPut, Path: "/v1/templates/{id}",
		Summary: "Make the next version of a template",
		Description: "If-Match names the version that was read. When somebody changed it since, the answer is " +
			"412 and nothing changes. The same content again makes no version.",
		Responses: r.answers(http.StatusOK, Template{}, 400, 404, 408, 412, 413, 415, 428),
	}, h.change)
	r.describe(changed, TemplateRequest{}, templateExample)
	huma.Register(r.api, huma.Operation{
		OperationID: "archive-template", Method: http.MethodDelete, Path: "/v1/templates/{id}", Tags: tags,
		Summary:       "Put a template away",
		Description:   "Nobody can use it any more, and another one may have its name. Its versions stay.",
		DefaultStatus: http.StatusNoContent, Responses: r.noContent(404),
	}, h.archive)
	huma.Register(r.api, huma.Operation{
		OperationID: "restore-template", Method: http.MethodPost, Path: "/v1/templates/{id}/restore", Tags: tags,
		Summary:   "Bring a template back that was put away",
		Responses: r.answers(http.StatusOK, Template{}, 404),
	}, h.restore)
	huma.Register(r.api, huma.Operation{
		OperationID: "template-versions", Method: http.MethodGet, Path: "/v1/templates/{id}/versions", Tags: tags,
		Summary: "Its versions, newest first", Responses: r.answers(http.StatusOK, TemplateVersions{}, 404),
	}, h.versions)
	previewed := bodyOf(r, tags, huma.Operation{
		OperationID: "preview-template", Method: http.MethodPost, Path: "/v1/templates/{id}/preview",
		Summary: "What a template becomes with values",
		Description: "Nobody is written to, and no recipient is needed. POST /v1/messages/preview with template " +
			"and values tells all that would happen to a message.",
		Responses: r.answers(http.StatusOK, TemplatePreview{}, 400, 404, 408, 413, 415),
	}, h.preview)
	r.describe(previewed, TemplatePreviewRequest{}, map[string]any{
		"values": map[string]string{"name": "Ms Martin", "date": "3 December", "documents": "yes"},
	})
}

// bodyOf registers an operation with a body that its handler decodes itself.
func bodyOf[I, O any](
	r *router, tags []string, op huma.Operation, handler func(context.Context, *I) (*O, error),
) *huma.RequestBody {
	op.Tags, op.RequestBody = tags, &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	op.MaxBodyBytes, op.BodyReadTimeout, op.SkipValidateBody = maxBody+1, bodyTimeout, true
	huma.Register(r.api, op, handler)
	return op.RequestBody
}

type templatesInput struct {
	Archived bool `query:"archived" doc:"true: those that were put away instead"`
}

type templatesOutput struct{ Body *TemplateList }

func (h *templates) list(ctx context.Context, in *templatesInput) (*templatesOutput, error) {
	found, err := h.reader.Templates(ctx, callerOf(ctx).Account, in.Archived)
	if err != nil {
		return nil, h.unread(err)
	}
	return &templatesOutput{&TemplateList{templatesOf(found)}}, nil
}

func templatesOf(found []template.Template) []Template {
	all := make([]Template, len(found))
	for i := range found {
		all[i] = templateOf(&found[i])
	}
	return all
}

func templateOf(t *template.Template) Template {
	shown := Template{
		ID: t.ID, Version: t.Version, Latest: t.Latest, Name: t.Name, Folder: t.Folder, Text: t.Text,
		Fields: []TemplateField{}, Class: t.Class, Sender: t.Sender, Circle: t.Circle, Answer: t.Answer,
		MadeAt: t.MadeAt.UTC(), MadeBy: t.MadeBy, ArchivedAt: moment(t.ArchivedAt), Uses: t.Uses,
		UsedAt: moment(t.UsedAt),
	}
	if text, err := merge.Parse(t.Text); err == nil { // it was parsed before it was kept
		for _, f := range text.Fields() {
			shown.Fields = append(shown.Fields, TemplateField(f))
		}
	}
	return shown
}

type newTemplateInput struct {
	RawBody []byte `contentType:"application/json"`
}

type templateOutput struct {
	ETag string `header:"ETag"`
	Body *Template
}

func answerWith(t *template.Template) *templateOutput {
	shown := templateOf(t)
	return &templateOutput{etag(t.Latest), &shown}
}

var templateKeys = jsonbody.KeysOf(reflect.TypeFor[TemplateRequest]())

func contentOf(body []byte) (template.Content, error) {
	var r TemplateRequest
	if err := decode(body, &r, templateKeys); err != nil {
		return template.Content{}, err
	}
	return template.Content{
		Name: r.Name, Folder: r.Folder, Text: r.Text, Class: sms.Class(r.Class), Sender: sms.Sender(r.Sender),
		Circle: template.Circle(r.Circle), Answer: r.Answer,
	}, nil
}

func (h *templates) create(ctx context.Context, in *newTemplateInput) (*templateOutput, error) {
	caller := callerOf(ctx)
	content, err := contentOf(in.RawBody)
	if err != nil {
		return nil, err
	}
	made, err := h.book.Create(ctx, caller.Account, content, caller.Actor())
	if err != nil {
		return nil, h.noTemplate(err, in.RawBody)
	}
	return answerWith(&made), nil
}

// noTemplate turns an error about a template into a problem document.
func (h *templates) noTemplate(err error, body []byte) *refusal {
	wrong, mendable := errors.AsType[*template.Error](err)
	switch {
	case mendable && wrong.Field == "":
		return refusalFor(http.StatusUnprocessableEntity, wrong.Reason)
	case mendable:
		return refuse(body, wrong.Field, wrong.Reason)
	case errors.Is(err, template.ErrUnknown):
		return refusalOf(http.StatusNotFound, template.CodeUnknown)
	case errors.Is(err, template.ErrOutdated):
		return refusalOf(http.StatusPreconditionFailed, template.CodeOutdated).at(FieldError{Field: "If-Match"})
	default:
		return h.unread(err)
	}
}

type templateIDInput struct {
	ID string `path:"id" doc:"the template's id"`
}

type templateInput struct {
	ID      string `path:"id" doc:"the template's id"`
	Version int    `query:"version" minimum:"1" doc:"absent: the present one"`
}

func (h *templates) show(ctx context.Context, in *templateInput) (*templateOutput, error) {
	return h.one(ctx, in.ID, in.Version)
}

func (h *templates) one(ctx context.Context, text string, version int) (*templateOutput, error) {
	id, err := idOf(text, template.ErrUnknown)
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	t, err := h.reader.Template(ctx, callerOf(ctx).Account, id, version)
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	return answerWith(&t), nil
}

type changeTemplateInput struct {
	ID      string `path:"id" doc:"the template's id"`
	IfMatch string `header:"If-Match" doc:"the ETag of the template that was read; *: whichever is present"`
	RawBody []byte `contentType:"application/json"`
}

func (h *templates) change(ctx context.Context, in *changeTemplateInput) (*templateOutput, error) {
	caller := callerOf(ctx)
	id, err := idOf(in.ID, template.ErrUnknown)
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	content, err := contentOf(in.RawBody)
	if err != nil {
		return nil, err
	}
	seen, p := versionOf(in.IfMatch)
	if p != nil {
		return nil, p
	}
	changed, err := h.book.Change(ctx, caller.Account, id, seen, content, caller.Actor())
	if err != nil {
		return nil, h.noTemplate(err, in.RawBody)
	}
	return answerWith(&changed), nil
}

func (h *templates) archive(ctx context.Context, in *templateIDInput) (*struct{}, error) {
	id, err := idOf(in.ID, template.ErrUnknown)
	if err == nil {
		err = h.book.Archive(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	return nil, nil
}

func (h *templates) restore(ctx context.Context, in *templateIDInput) (*templateOutput, error) {
	id, err := idOf(in.ID, template.ErrUnknown)
	if err == nil {
		err = h.book.Restore(ctx, callerOf(ctx).Account, id)
	}
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	return h.one(ctx, in.ID, 0)
}

type templateVersionsInput struct {
	ID     string `path:"id" doc:"the template's id"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"at most so many"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
}

type templateVersionsOutput struct{ Body *TemplateVersions }

func (h *templates) versions(ctx context.Context, in *templateVersionsInput) (*templateVersionsOutput, error) {
	id, err := idOf(in.ID, template.ErrUnknown)
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	below := 0
	if in.Cursor != "" {
		if below, err = strconv.Atoi(in.Cursor); err != nil || below < 1 {
			return nil, badCursor()
		}
	}
	found, err := h.reader.TemplateVersions(ctx, callerOf(ctx).Account, id, below, in.Limit)
	if err == nil && len(found) == 0 {
		err = template.ErrUnknown
	}
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	list := &TemplateVersions{Items: templatesOf(found)}
	if last := found[len(found)-1].Version; last > 1 {
		list.Next = strconv.Itoa(last)
	}
	return &templateVersionsOutput{list}, nil
}

type previewTemplateInput struct {
	ID      string `path:"id" doc:"the template's id"`
	Version int    `query:"version" minimum:"1" doc:"absent: the present one"`
	RawBody []byte `contentType:"application/json"`
}

type templatePreviewOutput struct{ Body *TemplatePreview }

var templatePreviewKeys = jsonbody.KeysOf(reflect.TypeFor[TemplatePreviewRequest]())

func (h *templates) preview(ctx context.Context, in *previewTemplateInput) (*templatePreviewOutput, error) {
	var r TemplatePreviewRequest
	if err := decode(in.RawBody, &r, templatePreviewKeys); err != nil {
		return nil, err
	}
	account := callerOf(ctx).Account
	id, err := idOf(in.ID, template.ErrUnknown)
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	t, err := h.reader.Template(ctx, account, id, in.Version)
	if err != nil {
		return nil, h.noTemplate(err, nil)
	}
	filled, err := template.FillText(t.Text, r.Values)
	if err != nil {
		return nil, h.noTemplate(err, in.RawBody)
	}
	shown := &TemplatePreview{Text: filled.Text, Missing: listed(filled.Missing), Doubtful: listed(filled.Doubtful)}
	s := gateway.Submission{Account: account, Text: filled.Text, Class: t.Class, Sender: t.Sender}
	if len(filled.Missing) > 0 {
		s.Text = filled.Bare
	}
	if weighed := h.scales.Weigh(s); weighed != nil {
		shown.Cost = adviceOf(weighed, h.scales.Currency())
	}
	return &templatePreviewOutput{shown}, nil
}

// listed is a list in JSON, which is never null.
func listed(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}
