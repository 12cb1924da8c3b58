package console

import (
	"context"
	"net/http"
	"strconv"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// CampaignAudiences gives campaigns the people of lists and of groups.
type CampaignAudiences interface {
	PutList(ctx context.Context, account string, id sms.ID, seen int, of sms.ID, by sms.Actor) (ledger.Campaign, error)
	PutGroup(
		ctx context.Context, account string, id sms.ID, seen int, of sms.ID, purpose string, by sms.Actor,
	) (ledger.Campaign, error)
}

// offerLists has the page offer the lists that have somebody on them.
func (p *campaignRecipientsPage) offerLists(q *request) error {
	found, err := q.console.Lists.Lists(q.ctx(), q.account)
	wanted := q.URL.Query().Get("list")
	if wanted == "" && !p.Campaign.Options.List.IsZero() {
		wanted = p.Campaign.Options.List.String()
	}
	for i := range found {
		l := &found[i]
		if l.Entries == 0 {
			continue
		}
		p.Lists = append(p.Lists, option{
			l.ID.String(), p.many("lists_option", l.Entries, "list", l.Name), l.ID.String() == wanted,
		})
	}
	return err
}

// putCampaignList gives a campaign a copy of a list as its table.
func putCampaignList(q *request) (answer, error) {
	if err := q.read("version", "list"); err != nil {
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
	seen, err := strconv.Atoi(q.field("version"))
	if err != nil {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	of, err := sms.ParseID(q.field("list"))
	if err != nil {
		p.refuse("list", p.say("lists_choose"))
		return view{"campaign_recipients", p, refusedForm}, nil //nolint:nilerr // the page says it
	}
	_, err = q.console.Campaigns.PutList(withoutCancel(q), q.account, p.Campaign.ID, seen, of, q.actor())
	if err != nil {
		return refusedStep(q, "campaign_recipients", p, err, "list")
	}
	return redirect{to: p.Path + "/" + stepColumns}, nil
}
