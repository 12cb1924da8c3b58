package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"relais/client"
)

// person sends one campaign after the other.
type person struct {
	*campaignWorld
	dice *rand.Rand
	asks int
}

// send makes a campaign and has it sent, whatever happens meanwhile. It ends when no row
// waits, so that messages in doubt keep nobody.
func (p *person) send(ctx context.Context, t *testing.T) {
	ctx, cancel := context.WithTimeout(ctx, campaignPatience)
	defer cancel()
	s := p.invent()
	steps := []func(context.Context, *testing.T, *sending) error{p.upload, p.check, p.start, p.meddle, p.follow}
	if err := p.create(ctx, s); err != nil {
		t.Errorf("a campaign was not made: %v", err)
		return
	}
	p.mu.Lock()
	p.all = append(p.all, s)
	p.mu.Unlock()
	for _, step := range steps {
		if err := step(ctx, t, s); err != nil {
			t.Errorf("campaign %s: %v", s.id, err)
			return
		}
	}
}

func (p *person) create(ctx context.Context, s *sending) error {
	return p.insist(ctx, func(api *client.Client) error {
		c, err := api.CreateCampaign(ctx, s.request())
		if err == nil {
			s.id = c.ID
		}
		return err
	})
}

func (p *person) upload(ctx context.Context, _ *testing.T, s *sending) error {
	p.enter(whileUploaded)
	for {
		err := p.insist(ctx, func(api *client.Client) error {
			_, err := api.PutCampaignFile(ctx, s.id, "people.csv", &slowly{rest: s.table()})
			return err
		})
		problem, said := errors.AsType[*client.Problem](err)
		switch {
		case said && problem.Code == "upload_broken": // the gateway stopped in it
		case changedMeanwhile(err): // by a request of before that the gateway saw late
		default:
			return err
		}
	}
}

func (p *person) check(ctx context.Context, t *testing.T, s *sending) error {
	p.enter(whileChecked)
	for {
		err := p.insist(ctx, func(api *client.Client) error {
			_, err := api.CheckCampaign(ctx, s.id)
			return err
		})
		if err != nil && !changedMeanwhile(err) {
			return err
		}
		c, err := p.until(ctx, t, s, client.CampaignReady, client.CampaignDraft)
		if err != nil {
			return err
		}
		if c.Status == client.CampaignReady {
			s.check = c.Check
			return nil
		}
		p.waits(100 * time.Millisecond) // an upload of before came late: it is checked again
	}
}

// changedMeanwhile reports whether a campaign was changed between a look at it and a change.
func changedMeanwhile(err error) bool {
	problem, said := errors.AsType[*client.Problem](err)
	return said && problem.Status == http.StatusPreconditionFailed
}

// start starts it, at times by a double click. A request of before that the gateway saw late
// may have begun another check: then that is awaited.
func (p *person) start(ctx context.Context, t *testing.T, s *sending) error {
	p.enter(whileStarted)
	start := func(api *client.Client) error {
		_, err := api.StartCampaign(ctx, s.id, s.check)
		return err
	}
	if p.dice.IntN(2) == 0 {
		var second sync.WaitGroup
		defer second.Wait()
		api := p.nodes[p.dice.IntN(len(p.nodes))].api
		second.Go(func() { _ = start(api) })
	}
	err := p.insist(ctx, start)
	for conflicts(err) {
		if err = p.check(ctx, t, s); err == nil {
			err = p.insist(ctx, start)
		}
	}
	p.enter(whileRunning)
	return err
}

// conflicts reports whether a campaign is not in a status in which that can be done.
func conflicts(err error) bool {
	problem, said := errors.AsType[*client.Problem](err)
	return said && problem.Status == http.StatusConflict
}

// meddle pauses and resumes it, or cancels it, or neither.
func (p *person) meddle(ctx context.Context, _ *testing.T, s *sending) error {
	pause := p.step(ctx, s, (*client.Client).PauseCampaign)
	resume := p.step(ctx, s, (*client.Client).ResumeCampaign)
	for range p.dice.IntN(3) {
		p.waits(400 * time.Millisecond)
		p.enter(whilePaused)
		if err := p.insist(ctx, pause); err != nil {
			return err
		}
		p.waits(400 * time.Millisecond)
		p.enter(whileResumed)
		if err := p.insist(ctx, resume); err != nil {
			return err
		}
	}
	if !s.cancel {
		return nil
	}
	p.waits(400 * time.Millisecond)
	p.enter(whileCanceled)
	return p.insist(ctx, p.step(ctx, s, (*client.Client).CancelCampaign))
}

func (p *person) waits(most time.Duration) { <-time.After(time.Duration(p.dice.Int64N(int64(most)))) }

// step moves a campaign. One that has ended meanwhile does not move.
func (p *person) step(
	ctx context.Context, s *sending,
	move func(*client.Client, context.Context, string) (*client.Campaign, error),
) func(*client.Client) error {
	return func(api *client.Client) error {
		_, err := move(api, ctx, s.id)
		if conflicts(err) {
			return nil
		}
		return err
	}
}

// follow looks at it until no row waits, and resumes it when it pauses by itself.
func (p *person) follow(ctx context.Context, t *testing.T, s *sending) error {
	for {
		c, err := p.until(ctx, t, s, client.CampaignPaused, client.CampaignFinishing, client.CampaignFinished,
			client.CampaignCanceling, client.CampaignCanceled)
		if err != nil {
			return err
		}
		if c.Status != client.CampaignPaused {
			p.enter(whileFinishing)
			return nil
		}
		if c.Reason != "by_person" { // else a request that was seen after the next one
			p.byThemselves.Add(1)
		}
		if err := p.insist(ctx, p.step(ctx, s, (*client.Client).ResumeCampaign)); err != nil {
			return err
		}
	}
}

// until looks at a campaign until it has one of these statuses.
func (p *person) until(
	ctx context.Context, t *testing.T, s *sending, statuses ...client.CampaignStatus,
) (*client.Campaign, error) {
	var last *client.Campaign
	for {
		if c := p.look(ctx, t, s, p.nextNode().api); c != nil {
			last = c
			if slices.Contains(statuses, c.Status) {
				return c, nil
			}
		}
		select {
		case <-ctx.Done():
			return last, errors.Join(ctx.Err(), stuck(last))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *person) nextNode() *crashNode {
	p.asks++
	return p.nodes[p.asks%len(p.nodes)]
}

// insist repeats a call, at one node after the other, until the gateway has done it.
func (p *person) insist(ctx context.Context, call func(*client.Client) error) error {
	for {
		err := call(p.nextNode().api)
		if err == nil {
			return nil
		}
		_, silent := errors.AsType[*client.ConnectionError](err)
		problem, said := errors.AsType[*client.Problem](err)
		later := said && problem.Status >= http.StatusInternalServerError
		if !silent && !later || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}
