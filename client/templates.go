package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Template is a text with fields, or one of its versions.
type Template struct {
	ID         string          `json:"id"`
	Version    int             `json:"version"` // of what is shown, from 1
	Latest     int             `json:"latest"`  // the present version
	Name       string          `json:"name"`
	Folder     string          `json:"folder,omitempty"`
	Text       string          `json:"text"`
	Fields     []TemplateField `json:"fields"`
	Class      string          `json:"class,omitempty"`
	Sender     string          `json:"sender,omitempty"`
	Circle     string          `json:"circle"` // people who may use it: everyone, approvers, managers
	Answer     bool            `json:"answer"` // offered where replies are answered
	MadeAt     time.Time       `json:"made_at"`
	MadeBy     string          `json:"made_by"`
	ArchivedAt *time.Time      `json:"archived_at,omitempty"` // nil: it may be used
	Uses       int             `json:"uses"`                  // messages that were made with it
	UsedAt     *time.Time      `json:"used_at,omitempty"`
}

// TemplateField is a field of a text.
type TemplateField struct {
	Name      string `json:"name"`
	Required  bool   `json:"required"`  // without a value no text is made
	Condition bool   `json:"condition"` // its value is asked whether it says yes
}

// TemplateList is every template of the account, by folder and name.
type TemplateList struct {
	Items []Template `json:"items"`
}

// TemplateVersions are versions of a template, newest first.
type TemplateVersions struct {
	Items []Template `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// TemplateRequest is what a template is to have; a change gives all of it.
type TemplateRequest struct {
	Name   string `json:"name"`
	Folder string `json:"folder,omitempty"`
	Text   string `json:"text"`
	Class  string `json:"class,omitempty"`
	Sender string `json:"sender,omitempty"`
	Circle string `json:"circle,omitempty"`
	Answer bool   `json:"answer,omitempty"`
}

// TemplatePreview is what a template becomes with values.
type TemplatePreview struct {
	Text     string     `json:"text"` // empty when a value is missing
	Missing  []string   `json:"missing"`
	Doubtful []string   `json:"doubtful"`
	Cost     TextAdvice `json:"cost"`
}

// templates are the calls about texts with fields.
type templates struct{ *Connection }

func templatePath(id, rest string) string { return "/v1/templates/" + url.PathEscape(id) + rest }

// Templates returns the templates of the account; archived: those that were put away.
func (c templates) Templates(ctx context.Context, archived bool) (*TemplateList, error) {
	only := ""
	if archived {
		only = "true"
	}
	return ask[TemplateList](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/templates" + query("archived", only),
	})
}

// Template returns a version of a template; 0: the present one.
func (c templates) Template(ctx context.Context, id string, version int) (*Template, error) {
	return ask[Template](ctx, c.Connection, call{
		method: http.MethodGet, path: templatePath(id, query("version", number(int64(version)))),
	})
}

// TemplateVersions returns one page of the versions, newest first.
func (c templates) TemplateVersions(
	ctx context.Context, id string, limit int, cursor string,
) (*TemplateVersions, error) {
	return ask[TemplateVersions](ctx, c.Connection, call{
		method: http.MethodGet,
		path:   templatePath(id, "/versions"+query("limit", number(int64(limit)), "cursor", cursor)),
	})
}

// CreateTemplate keeps a text with fields.
func (c templates) CreateTemplate(ctx context.Context, r TemplateRequest) (*Template, error) {
	return ask[Template](ctx, c.Connection, call{method: http.MethodPost, path: "/v1/templates", body: r})
}

// ChangeTemplate makes the next version of a template whose present one was read. When
// somebody was faster, the error is a *Problem with the code template_outdated.
func (c templates) ChangeTemplate(
	ctx context.Context, id string, read int, r TemplateRequest,
) (*Template, error) {
	return ask[Template](ctx, c.Connection, call{
		method: http.MethodPut, path: templatePath(id, ""), body: r, ifMatch: tagOf(read),
	})
}

// ArchiveTemplate puts a template away.
func (c templates) ArchiveTemplate(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: templatePath(id, "")})
	return err
}

// RestoreTemplate brings a template back.
func (c templates) RestoreTemplate(ctx context.Context, id string) (*Template, error) {
	return ask[Template](ctx, c.Connection, call{method: http.MethodPost, path: templatePath(id, "/restore")})
}

// PreviewTemplate returns what a version becomes with values; 0: the present one.
func (c templates) PreviewTemplate(
	ctx context.Context, id string, version int, values map[string]string,
) (*TemplatePreview, error) {
	body := map[string]any{}
	if len(values) > 0 {
		body["values"] = values
	}
	return ask[TemplatePreview](ctx, c.Connection, call{
		method: http.MethodPost, path: templatePath(id, "/preview"+query("version", number(int64(version)))),
		body: body,
	})
}
