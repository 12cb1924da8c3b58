package notify

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"relais/merge"
	"relais/template"
)

// templateShown is a template as clients read it (documented: GNA, get_template_by_id_response).
type templateShown struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	Type            string           `json:"type"`
	CreatedAt       string           `json:"created_at"`
	UpdatedAt       *string          `json:"updated_at"`
	CreatedBy       string           `json:"created_by"`
	Version         int              `json:"version"`
	Body            string           `json:"body"`
	Subject         *string          `json:"subject"`
	Contact         *string          `json:"letter_contact_block"`
	Postage         *string          `json:"postage"`
	Personalisation map[string]field `json:"personalisation"`
}

type field struct {
	Required bool `json:"required"`
}

// templateOf shows a template. Its first version has no date of change.
func templateOf(t *template.Template) templateShown {
	shown := templateShown{
		ID: t.ID.String(), Name: t.Name, Type: "sms", CreatedAt: moment(t.ID.Time()), CreatedBy: string(t.MadeBy), Version: t.Version,
		Body: t.Text, Personalisation: map[string]field{},
	}
	if t.Version > 1 {
		shown.UpdatedAt = new(moment(t.MadeAt))
	}
	if parsed, err := merge.Parse(t.Text); err == nil {
		for _, f := range parsed.Fields() {
			shown.Personalisation[f.Name] = field{f.Required}
		}
	}
	return shown
}

// templates shows those that may be used.
func (c *call) templates() (int, any, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return 0, nil, bad("The query cannot be read")
	}
	all := []templateShown{}
	switch kind := values.Get("type"); kind {
	case "", "sms":
		found, err := c.Reader.Templates(c.ctx(), c.service.Account, false)
		if err != nil {
			return 0, nil, err
		}
		for i := range found {
			all = append(all, templateOf(&found[i]))
		}
	case "email", "letter":
	default:
		return 0, nil, invalid("type is not one of [sms, email, letter]")
	}
	return http.StatusOK, map[string]any{"templates": all}, nil
}

// find finds the template of the path.
func (c *call) find() (t template.Template, err error) {
	if !isUUID(c.values[0]) {
		return t, invalid("id is not a valid UUID")
	}
	version := 0
	if len(c.values) > 1 {
		if version, err = strconv.Atoi(c.values[1]); err != nil || version < 1 {
			return t, invalid("version is not an integer from 1 on")
		}
	}
	t, err = c.findTemplate(c.ctx(), c.values[0], version)
	if err == nil {
		return t, nil
	}
	if errors.Is(err, template.ErrUnknown) || errors.Is(err, errArchived) {
		return t, errNoResult
	}
	return t, err
}

func (c *call) template() (int, any, error) {
	t, err := c.find()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, templateOf(&t), nil
}

// preview fills a template, and stores nothing.
func (c *call) preview() (int, any, error) {
	t, err := c.find()
	if err != nil {
		return 0, nil, err
	}
	body, _, err := c.readBody("personalisation")
	if err != nil {
		return 0, nil, err
	}
	f := &fields{body: body}
	values := f.values("personalisation")
	if len(f.wrong) > 0 {
		return 0, nil, invalid(f.wrong...)
	}
	filled, _, err := fill(&t, values)
	if err != nil {
		return 0, nil, err
	}
	if len(filled.Missing) > 0 {
		return 0, nil, missing(filled.Missing)
	}
	return http.StatusOK, map[string]any{
		"id": t.ID.String(), "type": "sms", "version": t.Version, "body": filled.Text, "subject": nil, "html": nil, "postage": nil,
	}, nil
}
