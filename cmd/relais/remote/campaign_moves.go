package remote

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type campaignStartCommand struct {
	campaignFlags
	Check string `help:"Only what this check found, by the hash that it printed; default: what the last check found." placeholder:"HASH"`
	Force bool   `help:"Send although the same texts went to the same numbers within 30 days. The key needs the right approve."`
	Watch bool   `help:"Stay, and tell how it goes on."`
}

// Run implements the command.
func (c *campaignStartCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	check := c.Check
	if check == "" {
		now, err := gateway.Campaign(t.Ctx, c.ID)
		if err != nil {
			return c.failed(t, err)
		}
		check = now.Check
	}
	start := gateway.StartCampaign
	if c.Force {
		start = gateway.StartCampaignAgain
	}
	started, err := start(t.Ctx, c.ID, check)
	if err != nil || !c.Watch {
		if err := c.showCampaign(t, started, err); err != nil || c.JSON {
			return err
		}
		sayAwaited(t, started)
		return nil
	}
	return c.watch(t, gateway)
}

type campaignWatchCommand struct{ campaignFlags }

// Run implements the command.
func (c *campaignWatchCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	return c.watch(t, gateway)
}

// watch tells how a campaign goes on: a bar on a terminal, lines elsewhere, with --json an
// object whenever something changed. A campaign that does not end well fails the command.
func (c *campaignFlags) watch(t *terminal.Terminal, gateway *client.Client) error {
	shown := &campaignShown{t: t, json: c.JSON}
	now, err := gateway.WatchCampaign(t.Ctx, c.ID, campaignPause, shown.at)
	shown.clear()
	switch {
	case errors.Is(err, context.Canceled) && t.Ctx.Err() != nil:
		t.Say("campaign_watch_ended", "id", c.ID)
		return nil //nolint:nilerr // Ctrl-C ends the watching, as was asked
	case err != nil:
		return c.failed(t, err)
	case shown.failed != nil:
		return shown.failed
	}
	if !c.JSON {
		if err := printCampaigns(t, *now); err != nil {
			return err
		}
	}
	if now.Status == client.CampaignPaused {
		t.Say("campaign_paused", "code", now.Reason, "detail", now.Detail, "id", c.ID)
	}
	sayAwaited(t, now)
	return terminal.FailedIf(now.Status != client.CampaignFinished)
}

// campaignShown shows a campaign as it goes on.
type campaignShown struct {
	t      *terminal.Terminal
	json   bool
	bar    *terminal.Progress
	last   client.Campaign
	failed error // of standard output
}

func (s *campaignShown) at(now *client.Campaign) {
	if s.json {
		if now.Status != s.last.Status || now.Counts != s.last.Counts {
			s.failed = errors.Join(s.failed, terminal.PrintLine(s.t.Stdout, now))
		}
		s.last = *now
		return
	}
	n := &now.Counts
	if s.bar == nil {
		s.bar = s.t.Progress("campaign_watch", n.Rows-n.Skipped, linePause)
	}
	s.bar.At(n.Rows-n.Skipped-n.Waiting, "status", string(now.Status), "delivered", n.Delivered, "failed", notArrived(n))
}

func (s *campaignShown) clear() {
	if s.bar != nil {
		s.bar.Clear()
	}
}

type campaignPauseCommand struct{ campaignFlags }

// Run implements the command.
func (c *campaignPauseCommand) Run(t *terminal.Terminal) error {
	return c.move(t, (*client.Client).PauseCampaign)
}

type campaignResumeCommand struct{ campaignFlags }

// Run implements the command.
func (c *campaignResumeCommand) Run(t *terminal.Terminal) error {
	return c.move(t, (*client.Client).ResumeCampaign)
}

type campaignCancelCommand struct{ campaignFlags }

// Run implements the command.
func (c *campaignCancelCommand) Run(t *terminal.Terminal) error {
	return c.move(t, (*client.Client).CancelCampaign)
}

func (c *campaignFlags) move(
	t *terminal.Terminal, step func(*client.Client, context.Context, string) (*client.Campaign, error),
) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	moved, err := step(gateway, t.Ctx, c.ID)
	return c.showCampaign(t, moved, err)
}

type campaignResultsCommand struct {
	campaignFlags
	Output string `short:"o" help:"Write into this file, which must not exist: a workbook where it ends in .xlsx, else CSV. Default: CSV on standard output." placeholder:"FILE"`
	Excel  bool   `help:"CSV as a French Excel opens it: semicolons, and numbers as they are dialled."`
	State  string `help:"Rows in this state alone: waiting, taken, ended, skipped, canceled."`
	Code   string `help:"Rows with this code alone."`
}

// Run implements the command.
func (c *campaignResultsCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	q := client.RowQuery{State: c.State, Code: c.Code}
	if c.JSON {
		return c.lines(t, gateway, q)
	}
	form := client.TableCSV
	switch {
	case strings.EqualFold(filepath.Ext(c.Output), ".xlsx"):
		form = client.TableXLSX
	case c.Excel:
		form = client.TableExcel
	}
	return c.write(t, func(into io.Writer) error { return gateway.ExportCampaign(t.Ctx, c.ID, form, q, into) })
}

// write writes into the file, which nobody else may read; one that is not whole goes away.
func (c *campaignResultsCommand) write(t *terminal.Terminal, table func(io.Writer) error) error {
	if c.Output == "" || c.Output == terminal.StandardInput {
		if err := table(t.Stdout); err != nil {
			return c.failed(t, err)
		}
		return nil
	}
	const private = 0o600
	out, err := os.OpenFile(c.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, private)
	if err != nil {
		return t.Failed(err, "campaign_bad_rows", "file", c.Output)
	}
	err = table(out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(c.Output)
		return c.failed(t, err)
	}
	return nil
}

// lines prints an object for each row.
func (c *campaignResultsCommand) lines(t *terminal.Terminal, gateway *client.Client, q client.RowQuery) error {
	const page = 1000
	for q.Limit = page; ; {
		found, err := gateway.CampaignRows(t.Ctx, c.ID, q)
		if err != nil {
			return c.failed(t, err)
		}
		for i := range found.Items {
			if err := terminal.PrintLine(t.Stdout, &found.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = found.Next; q.Cursor == "" {
			return nil
		}
	}
}
