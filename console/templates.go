package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"relais/auth"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/template"
)

// Templates keeps texts with fields.
type Templates interface {
	Create(ctx context.Context, account string, c template.Content, by sms.Actor) (template.Template, error)
	Change(
		ctx context.Context, account string, id sms.ID, seen int, c template.Content, by sms.Actor,
	) (template.Template, error)
	Archive(ctx context.Context, account string, id sms.ID) error
	Restore(ctx context.Context, account string, id sms.ID) error
}

// TemplateReader finds them.
type TemplateReader interface {
	Templates(ctx context.Context, account string, archived bool) ([]template.Template, error)
	Template(ctx context.Context, account string, id sms.ID, version int) (template.Template, error)
	TemplateVersions(ctx context.Context, account string, id sms.ID, below, limit int) ([]template.Template, error)
}

// templatesPage lists the templates of an account.
type templatesPage struct {
	frame

	Rows     []templateRow
	Archived bool // those that were put away
}

// templateRow is a template in a list.
type templateRow struct {
	template.Template

	Path  string
	Class string // in words; empty: the account's
}

func showTemplates(q *request) (answer, error) {
	p := &templatesPage{frame: *q.frame(), Archived: q.URL.Query().Get("show") == "archived"}
	found, err := q.console.TemplateReader.Templates(q.ctx(), q.account, p.Archived)
	for i := range found {
		row := templateRow{Template: found[i], Path: templatePath(found[i].ID)}
		if row.Template.Class != "" {
			row.Class = p.class(row.Template.Class)
		}
		p.Rows = append(p.Rows, row)
	}
	return view{name: "templates", data: p}, err
}

func templatePath(id sms.ID) string { return Home + "templates/" + id.String() }

// templatePage is a template with the form that changes it, or the form for a new one.
type templatePage struct {
	frame

	ID       sms.ID // zero: it is a new one
	Present  template.Template
	Draft    template.Content
	Samples  string // values to look at it with, one a line
	Seen     int    // version that the form was made of
	Archived bool
	Uses     string
	Versions []templateVersion
	Problems []fieldProblem
	Alone    bool // the preview is all that is shown
	Preview  *templatePreview
}

// templateVersion is one version, as a list shows it.
type templateVersion struct {
	Number int
	Text   string
	At     moment
	By     string
}

// templatePreview is what a template becomes.
type templatePreview struct {
	Text     []piece
	Segments int
	UCS2     bool
	Missing  []string
	Doubtful []string
}

// Wrong is what is wrong with a field, empty when nothing is.
func (p *templatePage) Wrong(field string) string { return wrongWith(p.Problems, field) }

// Manage reports whether the person may change the template.
func (p *templatePage) Manage() bool { return p.May(auth.ManageTemplates) && !p.Archived }

// Usable reports whether the person may send with the template.
func (p *templatePage) Usable() bool {
	return !p.ID.IsZero() && !p.Archived && p.q.mayUse(p.Present.Circle)
}

// mayUse reports whether the person belongs to a circle.
func (q *request) mayUse(c template.Circle) bool {
	switch c {
	case template.Managers:
		return q.may(auth.ManageTemplates)
	case template.Approvers:
		return q.may(auth.UseTemplates) && q.may(auth.Decide)
	default:
		return q.may(auth.UseTemplates)
	}
}

// Classes are the kinds of a text, and the account's own.
func (p *templatePage) Classes() []option {
	all := []option{{"", phrase("templates_class_account").In(p.Lang), p.Draft.Class == ""}}
	for _, one := range []sms.Class{sms.Transactional, sms.Marketing, sms.OTP} {
		all = append(all, option{string(one), p.class(one), one == p.Draft.Class})
	}
	return all
}

// Circles are the people who may use it.
func (p *templatePage) Circles() (all []option) {
	for _, one := range template.Circles() {
		word := phrase("templates_circle_" + string(one)).In(p.Lang)
		all = append(all, option{string(one), word, one == p.Draft.Circle})
	}
	return all
}

func showNewTemplate(q *request) (answer, error) {
	return view{name: "template", data: &templatePage{frame: *q.frame()}}, nil
}

func showTemplate(q *request) (answer, error) {
	p, err := templatePageOf(q)
	if err != nil {
		return nil, err
	}
	p.Draft = p.Present.Content
	p.preview(q)
	return view{name: "template", data: p}, nil
}

// templatePageOf is the page of the template in the path, without what the form has.
func templatePageOf(q *request) (*templatePage, error) {
	const most = 20
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	t, err := q.console.TemplateReader.Template(q.ctx(), q.account, id, 0)
	if errors.Is(err, template.ErrUnknown) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	p := &templatePage{frame: *q.frame(), ID: id, Present: t, Seen: t.Version, Archived: !t.ArchivedAt.IsZero()}
	p.Uses = reason.Of(Words+"/templates_uses", reason.Args{"count": reason.Count(t.Uses)}).In(p.Lang)
	versions, err := q.console.TemplateReader.TemplateVersions(q.ctx(), q.account, id, 0, most)
	for i := range versions {
		v := &versions[i]
		p.Versions = append(p.Versions, templateVersion{v.Version, v.Text, p.At(v.MadeAt), p.actor(v.MadeBy)})
	}
	return p, err
}

// templateFields are those of the form.
var templateFields = []string{
	"name", "folder", "text", "class", "sender", "circle", "answer", "samples", "version", "do",
}

// createTemplate keeps a new template, or looks at it first.
func createTemplate(q *request) (answer, error) {
	p := &templatePage{frame: *q.frame()}
	if err := p.read(q); err != nil {
		return nil, err
	}
	if q.field("do") != "save" {
		return p.looked(q), nil
	}
	made, err := q.console.Templates.Create(withoutCancel(q), q.account, p.Draft, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{templatePath(made.ID), "template_saved"}, nil
}

// changeTemplate makes the next version, or looks at it first.
func changeTemplate(q *request) (answer, error) {
	p, err := templatePageOf(q)
	if err == nil {
		err = p.read(q)
	}
	if err != nil {
		return nil, err
	}
	if q.field("do") != "save" {
		return p.looked(q), nil
	}
	_, err = q.console.Templates.Change(withoutCancel(q), q.account, p.ID, p.Seen, p.Draft, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{templatePath(p.ID), "template_saved"}, nil
}

// read takes what was typed.
func (p *templatePage) read(q *request) error {
	if err := q.read(templateFields...); err != nil {
		return err
	}
	p.Draft = template.Content{
		Name: q.field("name"), Folder: q.field("folder"), Class: sms.Class(q.field("class")),
		Text:   strings.ReplaceAll(q.form.Get("text"), "\r\n", "\n"),
		Sender: sms.Sender(q.field("sender")), Circle: template.Circle(q.field("circle")),
		Answer: q.field("answer") == "yes",
	}
	p.Samples = q.form.Get("samples")
	p.Seen, _ = strconv.Atoi(q.field("version"))
	return nil
}

// looked shows what the template would become.
func (p *templatePage) looked(q *request) answer {
	p.preview(q)
	status := http.StatusOK
	if len(p.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if q.Header.Get("Relais-Part") == "preview" {
		p.Alone = true
		return part{view{"template", p, http.StatusOK}, "template_preview"}
	}
	return view{"template", p, status}
}

// preview fills the text with the samples.
func (p *templatePage) preview(q *request) {
	if strings.TrimSpace(p.Draft.Text) == "" {
		return
	}
	filled, err := template.FillText(p.Draft.Text, samplesOf(p.Samples))
	if wrong, ok := errors.AsType[*template.Error](err); ok {
		field := "text"
		if strings.HasPrefix(wrong.Field, "/values") {
			field = "samples"
		}
		p.Problems = append(p.Problems, fieldProblem{field, wrong.Reason.In(p.Lang)})
		return
	}
	s := gateway.Submission{Account: q.account, Text: filled.Text, Class: p.Draft.Class, Sender: p.Draft.Sender}
	if len(filled.Missing) > 0 {
		s.Text = filled.Bare
	}
	p.Preview = &templatePreview{Missing: filled.Missing}
	for _, name := range filled.Doubtful {
		p.Preview.Doubtful = append(p.Preview.Doubtful, template.Doubt(name).In(p.Lang))
	}
	if advice := q.console.Gateway.Weigh(s); advice != nil {
		p.Preview.Text, p.Preview.Segments = pieces(advice), advice.Written.Segments
		p.Preview.UCS2 = advice.Written.Encoding == sms.UCS2
	}
}

// samplesOf reads values, one a line: a name, an equals sign and the value.
func samplesOf(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) != "" {
			values[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return values
}

// refused shows the form again, with what was typed and what is wrong.
func (p *templatePage) refused(q *request, err error) (answer, error) {
	wrong, mendable := errors.AsType[*template.Error](err)
	switch {
	case errors.Is(err, template.ErrUnknown):
		return nil, notFound()
	case errors.Is(err, template.ErrOutdated):
		p.Problems = append(p.Problems, fieldProblem{"text", phrase("templates_outdated").In(p.Lang)})
		p.Seen = p.Present.Version // whoever saves again has seen what the colleague did
		p.preview(q)
		return view{"template", p, http.StatusConflict}, nil
	case !mendable:
		return nil, err
	}
	field := strings.TrimPrefix(wrong.Field, "/")
	if field == "" || field == "template" {
		field = "name"
	}
	p.Problems = append(p.Problems, fieldProblem{field, wrong.Reason.In(p.Lang)})
	return view{"template", p, http.StatusUnprocessableEntity}, nil
}

// archiveTemplate puts a template away.
func archiveTemplate(q *request) (answer, error) {
	return moveTemplate(q, q.console.Templates.Archive, auth.TemplateArchived)
}

// restoreTemplate brings one back.
func restoreTemplate(q *request) (answer, error) {
	return moveTemplate(q, q.console.Templates.Restore, auth.TemplateRestored)
}

func moveTemplate(
	q *request, move func(context.Context, string, sms.ID) error, act auth.ActCode,
) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	p, err := templatePageOf(q)
	if err != nil {
		return nil, err
	}
	to := redirect{templatePath(p.ID), string(act)}
	if p.Archived == (act == auth.TemplateArchived) {
		return to, nil // a colleague was faster, or the form was sent twice
	}
	if err := move(withoutCancel(q), q.account, p.ID); err != nil {
		p.Draft = p.Present.Content
		return p.refused(q, err)
	}
	return to, nil
}
