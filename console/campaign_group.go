package console

import (
	"errors"
	"net/http"
	"strconv"

	"relais/contact"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// offerGroups has the page offer the groups that have somebody in them.
func (p *campaignRecipientsPage) offerGroups(q *request) error {
	found, err := q.console.Contacts.Groups(q.ctx(), q.account)
	wanted := q.URL.Query().Get("group")
	if o := &p.Campaign.Options; wanted == "" && !o.Group.IsZero() {
		wanted, p.Purpose = o.Group.String(), o.Purpose
	}
	for i := range found {
		g := &found[i]
		if g.Members == 0 {
			continue
		}
		p.Groups = append(p.Groups, option{
			g.ID.String(), p.many("lists_option", g.Members, "list", g.Name), g.ID.String() == wanted,
		})
	}
	return err
}

// putCampaignGroup gives a campaign a copy of a group as its table, with what it is for: of
// advertising, who agreed to that gets it.
func putCampaignGroup(q *request) (answer, error) {
	if err := q.read("version", "group", "purpose"); err != nil {
		return nil, err
	}
	f, elsewhere, err := q.atStep(stepRecipients)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignRecipientsPage{campaignFrame: f}
	if err := p.offer(q); err != nil {
		return nil, err
	}
	p.Purpose = q.field("purpose")
	seen, err := strconv.Atoi(q.field("version"))
	if err != nil {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	of, err := sms.ParseID(q.field("group"))
	if err != nil {
		p.refuse("group", p.say("groups_choose"))
	}
	for i := range p.Groups {
		p.Groups[i].Chosen = p.Groups[i].Value == q.field("group")
	}
	if p.Campaign.Class == sms.Marketing && contact.PurposeKey(p.Purpose) == "" {
		p.refuse("purpose", p.say("groups_purpose_missing"))
	}
	if len(p.Problems) > 0 {
		return view{"campaign_recipients", p, refusedForm}, nil
	}
	_, err = q.console.Campaigns.PutGroup(withoutCancel(q), q.account, p.Campaign.ID, seen, of, p.Purpose, q.actor())
	if err != nil {
		field := "group"
		if wrong, ok := errors.AsType[*gateway.Error](err); ok && wrong.Field == "/purpose" {
			field = "purpose"
		}
		return refusedStep(q, "campaign_recipients", p, err, field)
	}
	return redirect{to: p.Path + "/" + stepColumns}, nil
}
