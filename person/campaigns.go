package person

import (
	"cmp"
	"context"
	"time"

	"relais/duty"
	"relais/sms"
)

// KeepingCampaigns forgets what campaigns have of people.
type KeepingCampaigns interface {
	// PurgeCampaigns makes one step of a retention of campaigns: it takes their files and the
	// values of their rows, or hides the numbers of their rows. A campaign that was never
	// started loses its rows with its file, and is a draft then. It reports false where nothing
	// was left to do.
	PurgeCampaigns(ctx context.Context, p CampaignPurge) (done CampaignPurged, err error)
	// PersonRows returns rows of campaigns that have a number, in the order of their
	// place.
	PersonRows(ctx context.Context, q RowsQuery) (found []CampaignRow, more bool, err error)
}

// CampaignPurge asks for one step of a retention of campaigns.
type CampaignPurge struct {
	Account string
	// Ended and Begun choose campaigns that have ended: before one of them, or that began
	// before the other. Zero chooses none.
	Ended, Begun time.Time
	// Untouched chooses campaigns that were never started, and that nobody touched since.
	Untouched time.Time
	// After is where the step before ended.
	After RowPlace
	Limit int // most rows
	At    time.Time
	// Hide replaces a number by a pseudonym, which it leaves alone; nil: files and values go.
	Hide func(sms.Number) sms.Number
}

// RowPlace is a row of a campaign.
type RowPlace struct {
	Campaign sms.ID
	Row      int
}

// CampaignPurged is what became of a step.
type CampaignPurged struct {
	Some    bool // there was something to do; else all is done
	Changed int  // rows
	Next    RowPlace
}

// RowsQuery asks for the rows of a person.
type RowsQuery struct {
	Account string
	Number  sms.Number // or the pseudonym that hides it
	After   RowPlace
	Limit   int
}

// CampaignRow is a row of a campaign that has a person's number.
type CampaignRow struct {
	RowPlace

	Name      string // of the campaign
	State     string
	Code      string // why it was skipped, or of the last event of its message
	Reference string
	Values    map[string]string // of the fields
	Text      string            // that was made for the person; empty: the campaign's own
	Message   sms.ID            // zero: none

	Appointment Appointment // that it reminds of; zero: none
}

// Appointment is what a row reminds of.
type Appointment struct {
	Key  string
	Rule string // by which the reminder leaves; empty: by none
	// Meets and Due are wall-clock times of the place, as if they were UTC: when the appointment is, and
	// when its reminder leaves. Zero: nobody knows.
	Meets, Due time.Time
}

const purgeRows = 1000

// retainCampaigns forgets what campaigns of an account have of people, each when its time is
// over. Files and values go after the first of their times.
func (p *Persons) retainCampaigns(ctx context.Context, r Retention) {
	if r.Files > 0 || r.Texts > 0 {
		p.purgeCampaigns(ctx, r.Account, "files", CampaignPurge{
			Ended: p.before(r.Files), Begun: p.before(r.Texts), Untouched: p.before(cmp.Or(r.Files, r.Texts)),
		})
	}
	if r.Numbers > 0 {
		p.purgeCampaigns(ctx, r.Account, "numbers", CampaignPurge{
			Begun: p.before(r.Numbers), Hide: func(n sms.Number) sms.Number { return p.hide(r.Account, n) },
		})
	}
}

// before is the time that was so long ago; zero for 0.
func (p *Persons) before(age time.Duration) time.Time {
	if age <= 0 {
		return time.Time{}
	}
	return p.now().Add(-age)
}

func (p *Persons) purgeCampaigns(ctx context.Context, account, what string, step CampaignPurge) {
	step.Account, step.Limit, step.At = account, purgeRows, p.now()
	changed := 0
	for ctx.Err() == nil {
		done, err := p.store.PurgeCampaigns(ctx, step)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Error("cannot remove what an account keeps no longer", "account", account,
					"what", what+" of campaigns", "error", err)
			}
			break
		}
		if !done.Some {
			break
		}
		changed += done.Changed
		step.After = done.Next
		if duty.Sleep(ctx, purgePause) != nil {
			break
		}
	}
	if changed > 0 {
		p.purged.WithLabelValues(what).Add(float64(changed))
		p.log.Info("removed what an account keeps no longer", "account", account, "what", what+" of campaigns",
			"rows", changed)
	}
}
