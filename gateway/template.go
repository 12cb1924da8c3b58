package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"relais/lane"
	"relais/number"
	"relais/reason"
	"relais/sms"
	"relais/template"
)

// Templates make texts of fields and values.
type Templates interface {
	// Fill makes a text. It returns template.ErrUnknown, or a *template.Error.
	Fill(ctx context.Context, account string, use template.Use) (*template.Made, error)
}

// CodeTextTwice refuses a text beside a template.
const CodeTextTwice reason.Code = "text_and_template"

// prepare is all of Submit and of one submission of a batch but storing.
func (g *Gateway) prepare(ctx context.Context, s *Submission, now time.Time) (*Result, error) {
	if err := g.makeText(ctx, s); err != nil {
		return nil, err
	}
	result, err := g.plan(ctx, s, now, lane.ToSend)
	if err != nil {
		return nil, s.blameTemplate(err)
	}
	return result, nil
}

// makeText makes the text of a submission that names a template. What the submission says
// of itself goes before what the template says.
func (g *Gateway) makeText(ctx context.Context, s *Submission) error {
	if err := s.makeOctets(); err != nil {
		return err
	}
	if s.Template == nil {
		return nil
	}
	if s.Text != "" {
		return refusedFor("/text", reason.Of(CodeTextTwice, nil))
	}
	made, err := g.filled(ctx, s)
	if err != nil {
		return err
	}
	s.Text = made.Filled
	if s.Sender == "" {
		s.Sender = made.Sender
	}
	if s.Class == "" {
		s.Class = made.Class
	}
	s.Notes = append(slices.Clip(s.Notes), made.Decision())
	s.warnings = warned(made.Doubtful...)
	return nil
}

func (g *Gateway) filled(ctx context.Context, s *Submission) (*template.Made, error) {
	err := template.ErrUnknown
	var made *template.Made
	if g.texts != nil {
		made, err = g.texts.Fill(ctx, s.Account, *s.Template)
	}
	wrong, mendable := errors.AsType[*template.Error](err)
	switch {
	case mendable:
		return nil, refusedFor(wrong.Field, wrong.Reason)
	case errors.Is(err, template.ErrUnknown):
		return nil, refusedFor("/template", reason.Of(template.CodeNone, nil))
	case err != nil:
		return nil, unavailable(err)
	}
	return made, nil
}

// blameTemplate points to the values where a text that was made with a template is wrong:
// the submission has no other.
func (s *Submission) blameTemplate(err error) error {
	if refused, ok := errors.AsType[*Error](err); ok && s.Template != nil && refused.Field == "/text" {
		blamed := *refused
		blamed.Field = "/values"
		return &blamed
	}
	return err
}

// template is the one that the text was made with; zero: none.
func (s *Submission) template() (id sms.ID) {
	if s.Template != nil {
		id = s.Template.Template
	}
	return id
}

// Weigh works out what a text costs one person in the account's country, as it would go
// without a routing rule. It is for texts that nobody is written to yet; nil: there is no
// connector.
func (g *Gateway) Weigh(s Submission) *TextAdvice {
	names := g.lanes.Names()
	if len(names) == 0 {
		return nil
	}
	account, now := g.account(s.Account), g.now()
	decideClass(&s, account)
	way := wayOf(&s, account, nil, number.Parsed{}, g.router.standard, names[0]).connectors[0]
	if !slices.Contains(names, way) {
		way = names[0]
	}
	const some = 1 // a message without a price has no price of a segment either
	draft := Draft{Message: sms.Message{Connector: way, Country: account.Region, AcceptedAt: now, Segments: some}}
	return g.adviser.advise(&s, s.Text, &Result{Messages: []Draft{draft}})
}
