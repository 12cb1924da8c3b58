package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"relais/client"
)

// The runs of campaigns.
const (
	runCampaign = "campaign"

	campaignLook      = runCampaign + "/look"             // ms
	campaignCSV       = runCampaign + "/check_csv"        // s
	campaignCSVMemory = runCampaign + "/check_csv_memory" // MiB above idle
	campaignXLSX      = runCampaign + "/check_xlsx"
	campaignXLSXMore  = runCampaign + "/check_xlsx_memory"
	campaignLedger    = runCampaign + "/ledger"      // bytes a row
	campaignFirst     = runCampaign + "/first"       // ms
	campaignMemory    = runCampaign + "/memory"      // MiB
	campaignPause     = runCampaign + "/pause"       // ms
	campaignWhole     = runCampaign + "/whole"       // rows a second
	campaignAlone     = runCampaign + "/codes_alone" // ms
	campaignBeside    = runCampaign + "/codes"       // over those alone
)

// campaigning measures campaigns against one gateway.
type campaigning struct {
	*server
	operator *operator
	api      *client.Client
	runs     []Run
}

// campaign measures a table of a million rows from its upload to the pause of its campaign,
// one of a tenth in a workbook, and one of a tenth from the start to the last receipt.
func (s *session) campaign(ctx context.Context) ([]Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return nil, err
	}
	defer operator.close()
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url}, runCampaign, 0)
	if err != nil {
		return nil, err
	}
	c := &campaigning{server: server, operator: operator, api: client.New(server.url(""), key)}
	c.api.HTTP = &http.Client{Timeout: time.Minute}
	err = c.all(ctx)
	if err = errors.Join(err, server.stop(), server.remove(ctx)); err != nil {
		return nil, fmt.Errorf("%s: %w; the %s said last: %s", runCampaign, err, server.child.Role, server.log)
	}
	if s.postgres {
		for i := range c.runs {
			c.runs[i].Name += onPostgres
		}
	}
	return c.runs, nil
}

func (c *campaigning) found(name string, value float64) {
	c.runs = append(c.runs, Run{Name: name, Value: value})
}

func (c *campaigning) all(ctx context.Context) error {
	rows := c.session.Backlog
	table, err := writeTable(c.session.dir, rows)
	if err != nil {
		return err
	}
	book, err := writeWorkbook(c.session.dir, rows/tenth)
	if err != nil {
		return err
	}
	large, err := c.checked(ctx, table, campaignCSV, campaignCSVMemory)
	if err != nil {
		return err
	}
	bytes, err := c.ledger(ctx)
	if err != nil {
		return err
	}
	c.found(campaignLedger, bytes/float64(rows))
	small, err := c.checked(ctx, book, campaignXLSX, campaignXLSXMore)
	if err != nil {
		return err
	}
	if err := c.whole(ctx, small); err != nil {
		return err
	}
	if err := c.codes(ctx, book); err != nil {
		return err
	}
	return c.startAndPause(ctx, large)
}

const (
	tenth   = 10
	nothing = 0.1 // what is shown of it
)

// checked uploads a table and has it checked. It notes how long the check took, and the most
// memory in it above what the process had before.
func (c *campaigning) checked(ctx context.Context, path, took, memory string) (*client.Campaign, error) {
	made, err := c.upload(ctx, path, campaignText, client.CampaignOptions{})
	if err != nil {
		return nil, err
	}
	idle, err := c.memory()
	if err == nil {
		err = c.forgetPeak()
	}
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	ready, err := c.check(ctx, made)
	if err != nil {
		return nil, err
	}
	c.found(took, time.Since(begun).Seconds())
	peak, err := c.peak()
	if err != nil {
		return nil, err
	}
	c.found(memory, max(peak-idle, nothing))
	return ready, nil
}

// beside makes a campaign that can be started while something else is measured. It says something else than
// the others: the same is not sent twice.
func (c *campaigning) beside(ctx context.Context, path string, o client.CampaignOptions) (*client.Campaign, error) {
	made, err := c.upload(ctx, path, "Beside: "+campaignText, o)
	if err != nil {
		return nil, err
	}
	return c.check(ctx, made)
}

// check has every row judged, of which none is left out.
func (c *campaigning) check(ctx context.Context, id string) (*client.Campaign, error) {
	if _, err := c.api.CheckCampaign(ctx, id); err != nil {
		return nil, err
	}
	ready, err := c.until(ctx, id, func(now *client.Campaign) bool { return now.Status != client.CampaignChecking })
	if err == nil && (ready.Status != client.CampaignReady || ready.Counts.Waiting != ready.Counts.Rows) {
		err = fmt.Errorf("a check ends with %s and %+v", ready.Status, ready.Counts)
	}
	return ready, err
}

// upload makes a campaign with a table. The look is what is left when its last byte has left.
func (c *campaigning) upload(ctx context.Context, path, text string, o client.CampaignOptions) (id string, err error) {
	made, err := c.api.CreateCampaign(ctx, client.CampaignRequest{
		Name: "Bench", Text: text, Class: "transactional", Connector: "ovh", Options: o,
	})
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open a table: %w", err)
	}
	defer f.Close()
	file := &untilRead{file: f}
	if _, err := c.api.PutCampaignFile(ctx, made.ID, path, file); err != nil {
		return "", err
	}
	if strings.HasSuffix(path, ".csv") {
		c.found(campaignLook, millis(time.Since(file.over)))
	}
	return made.ID, nil
}

// untilRead is a file that notes when it was read.
type untilRead struct {
	file io.Reader
	over time.Time
}

func (u *untilRead) Read(p []byte) (int, error) {
	n, err := u.file.Read(p)
	u.over = time.Now()
	return n, err //nolint:wrapcheck // io.Reader's EOF
}

// until asks for a campaign until it is as wanted.
func (c *campaigning) until(
	ctx context.Context, id string, done func(*client.Campaign) bool,
) (*client.Campaign, error) {
	const patience, often = 20 * time.Minute, 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		now, err := c.api.Campaign(ctx, id)
		if err != nil || done(now) {
			return now, err
		}
		if err := wait(ctx, time.Now().Add(often)); err != nil {
			return now, err
		}
	}
}

// whole measures a campaign from its start to the end of its last row, and holds every text
// against the row that it is of.
func (c *campaigning) whole(ctx context.Context, ready *client.Campaign) error {
	rows := ready.Counts.Rows
	begun := time.Now()
	before, err := c.processor()
	if err != nil {
		return err
	}
	if _, err := c.api.StartCampaign(ctx, ready.ID, ready.Check); err != nil {
		return err
	}
	ended, err := c.until(ctx, ready.ID, func(now *client.Campaign) bool {
		return now.Status.Ended() || now.Status == client.CampaignPaused
	})
	if err != nil {
		return err
	}
	took := time.Since(begun)
	after, err := c.processor()
	if err != nil {
		return err
	}
	if ended.Status != client.CampaignFinished || ended.Counts.Delivered != rows {
		return fmt.Errorf("a campaign of %d rows ends with %s (%s) and %+v",
			rows, ended.Status, ended.Reason, ended.Counts)
	}
	if err := onHandsets(c.operator.sandbox, rows); err != nil {
		return err
	}
	c.runs = append(c.runs, Run{
		Name: campaignWhole, Value: float64(rows) / took.Seconds(), Checked: rows,
		ServerUS: float64((after - before).Microseconds()) / float64(rows),
	})
	return nil
}

// awaitThrough waits until so many messages went through the operator, for so long at most.
func (c *campaigning) awaitThrough(ctx context.Context, most int64, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for c.operator.through.Load() < most {
		if err := wait(ctx, time.Now().Add(time.Millisecond)); err != nil {
			return err
		}
	}
	return nil
}

// runFor lets a campaign run for the length of a measurement, or until so many messages went
// through: one that is over cannot be paused.
func (c *campaigning) runFor(ctx context.Context, most int64) error {
	err := c.awaitThrough(ctx, most, c.session.Length)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// startAndPause measures how long the first message of a large campaign takes, and how long
// after a pause something new leaves. What was called for before that may still arrive.
func (c *campaigning) startAndPause(ctx context.Context, ready *client.Campaign) error {
	before := c.operator.through.Load()
	begun := time.Now()
	if _, err := c.api.StartCampaign(ctx, ready.ID, ready.Check); err != nil {
		return err
	}
	if err := c.awaitThrough(ctx, before+1, throughWithin); err != nil {
		return fmt.Errorf("the first message of a campaign: %w", err)
	}
	c.found(campaignFirst, millis(time.Since(begun)))
	if err := c.runFor(ctx, before+int64(ready.Counts.Rows/tenth)); err != nil {
		return err
	}
	memory, err := c.memory()
	if err != nil {
		return err
	}
	c.found(campaignMemory, memory)
	paused, seen := time.Now(), c.operator.through.Load()
	if _, err := c.api.PauseCampaign(ctx, ready.ID); err != nil {
		return err
	}
	const calm = 3 * time.Second
	last := time.Now()
	for time.Since(last) < calm {
		if err := wait(ctx, time.Now().Add(time.Millisecond)); err != nil {
			return err
		}
		if now := c.operator.through.Load(); now != seen {
			last, seen = time.Now(), now
		}
	}
	c.found(campaignPause, max(millis(last.Sub(paused)), nothing))
	now, err := c.until(ctx, ready.ID, func(now *client.Campaign) bool { return now.Counts.Taken == 0 })
	if err == nil && now.Counts.Waiting+now.Counts.Delivered != now.Counts.Rows {
		err = fmt.Errorf("a campaign that was paused has %+v", now.Counts)
	}
	return err
}
