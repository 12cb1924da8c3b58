package console

import (
	"strings"

	"relais/sms"
)

// cannedAnswer is a template that is offered where replies are answered. It has no fields.
type cannedAnswer struct {
	ID   sms.ID
	Name string // with its folder
	Text string
}

// offer lists the answers that the person may choose.
func (p *conversationPage) offer(q *request) error {
	if !p.Answer.Possible || !p.MaySend() {
		return nil
	}
	found, err := q.console.TemplateReader.Templates(q.ctx(), q.account, false)
	for i := range found {
		t := &found[i]
		if !t.Answer || t.Class != "" && t.Class != sms.Transactional || !q.mayUse(t.Circle) {
			continue
		}
		name := t.Name
		if t.Folder != "" {
			name = t.Folder + " / " + t.Name
		}
		p.Canned = append(p.Canned, cannedAnswer{t.ID, name, t.Text})
	}
	return err
}

// take puts a canned answer behind what was typed. It reports whether there is such an
// answer; it may have been put away since the page was made.
func (p *conversationPage) take(id string) bool {
	for i := range p.Canned {
		if p.Canned[i].ID.String() != id {
			continue
		}
		typed := strings.TrimRight(p.Answer.Text, " \n")
		if typed != "" {
			typed += "\n"
		}
		p.Answer.Text = typed + p.Canned[i].Text
		return true
	}
	return false
}
