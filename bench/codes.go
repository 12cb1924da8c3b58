package bench

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"relais/client"
)

const (
	codesEachSecond = 20
	codesBehind     = 1_500_000 // rows: nobody else is written to at their numbers
	besideRate      = 6000      // rows a minute of the campaign that runs meanwhile
)

// codes measures one-time codes from the request until they are on their handset, alone and
// while a campaign runs that sends as much as a fast operator takes.
func (c *campaigning) codes(ctx context.Context, path string) error {
	alone, err := c.sendCodes(ctx, codesBehind)
	if err != nil {
		return err
	}
	ready, err := c.beside(ctx, path, client.CampaignOptions{Rate: besideRate})
	if err != nil {
		return err
	}
	if _, err := c.api.StartCampaign(ctx, ready.ID, ready.Check); err != nil {
		return err
	}
	if _, err := c.until(ctx, ready.ID, func(now *client.Campaign) bool { return now.Counts.Delivered > 0 }); err != nil {
		return err
	}
	beside, err := c.sendCodes(ctx, 2*codesBehind)
	if err != nil {
		return err
	}
	_, err = c.api.CancelCampaign(ctx, ready.ID)
	if err = unlessOver(err); err == nil {
		_, err = c.until(ctx, ready.ID, func(now *client.Campaign) bool { return now.Status.Ended() })
	}
	c.found(campaignAlone, alone)
	c.found(campaignBeside, beside/alone)
	return err
}

// unlessOver is an error but of what a campaign refuses that has come to its end meanwhile.
func unlessOver(err error) error {
	if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Status == http.StatusConflict {
		return nil
	}
	return err
}

// sendCodes sends so many a second for the length of a measurement, and returns the 99th
// percentile in milliseconds.
func (c *campaigning) sendCodes(ctx context.Context, first int) (p99 float64, err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	var failures error
	begun := time.Now()
	for n := range max(int(c.session.Length.Seconds()*codesEachSecond), 1) {
		if err := wait(ctx, begun.Add(time.Duration(n)*time.Second/codesEachSecond)); err != nil {
			return 0, err
		}
		all.Go(func() {
			one, err := c.sendCode(ctx, numberOf(first+n))
			mu.Lock()
			defer mu.Unlock()
			took, failures = append(took, one), errors.Join(failures, err)
		})
	}
	all.Wait()
	return millis(percentile(took, 99)), failures
}

func (c *campaigning) sendCode(ctx context.Context, to string) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, throughWithin)
	defer cancel()
	begun := time.Now()
	_, err = c.api.Submit(ctx, client.SubmitRequest{
		To: []string{to}, Text: "Votre code : 482913", Class: "otp", Connector: "ovh",
	})
	for err == nil && len(c.operator.sandbox.Handset(to)) == 0 {
		err = wait(ctx, time.Now().Add(time.Millisecond))
	}
	return time.Since(begun), err
}
