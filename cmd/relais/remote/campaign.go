package remote

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"relais/campaign"
	"relais/client"
	"relais/cmd/relais/terminal"
)

type campaignCommand struct {
	Create  campaignCreateCommand  `cmd:"" help:"Give a text and a table to the gateway, and have every row judged. Sends nothing."`
	Check   campaignCheckCommand   `cmd:"" help:"Judge each row of a table before anything is sent: number, text, segments. Sends nothing."`
	Preview campaignPreviewCommand `cmd:"" help:"What a row becomes, and why. Sends nothing."`
	Test    campaignTestCommand    `cmd:"" help:"Send the text of a row to a number of your own."`
	Start   campaignStartCommand   `cmd:"" help:"Send what was checked."`
	Approve campaignApproveCommand `cmd:"" help:"Agree to a campaign that somebody else started: it starts at once, or at its time."`
	Refuse  campaignRefuseCommand  `cmd:"" help:"Do not agree to a campaign that somebody else started, and say why."`
	Watch   campaignWatchCommand   `cmd:"" help:"Tell how a campaign goes on, until it ends. Ctrl-C ends the watching alone."`
	Pause   campaignPauseCommand   `cmd:"" help:"Make no more messages of its rows."`
	Resume  campaignResumeCommand  `cmd:"" help:"Go on with a paused campaign."`
	Cancel  campaignCancelCommand  `cmd:"" help:"End a campaign before its last row."`
	Results campaignResultsCommand `cmd:"" help:"What became of each row, as a table."`
	Retry   campaignRetryCommand   `cmd:"" help:"Make a campaign of what did not arrive, and have it checked. Sends nothing."`
	Correct campaignCorrectCommand `cmd:"" help:"Make a campaign of a mended table, without those who have their message; of reminders, of the table as it is now. Sends nothing."`
	List    campaignListCommand    `cmd:"" default:"withargs" help:"The account's campaigns, newest first."`
	Show    campaignShowCommand    `cmd:"" help:"One campaign, with its counts and what happened to it."`
}

type campaignCreateCommand struct {
	apiFlags
	tableFlags
	mergeText
	File         string            `arg:"" optional:"" help:"The table: CSV, TSV, XLSX, XLSM or ODS; --list and --group instead take the people of a list or of a group."`
	List         string            `help:"The people of that list instead, by its name or id." placeholder:"LIST"`
	Group        string            `help:"The people of that group instead, by its name or id." placeholder:"GROUP"`
	Purpose      string            `help:"What those of the group are to have agreed to; advertising goes to them alone."`
	Name         string            `help:"By which people find it; default: the name of the file, of the list or of the group."`
	Class        string            `required:"" help:"transactional or marketing." enum:"transactional,marketing"`
	Sender       string            `help:"Sender; default: the account's, else the connector's."`
	Connector    string            `help:"The connector that sends it; default: as the routes say."`
	Reference    string            `help:"A column with a reference of each message." placeholder:"COLUMN"`
	Rate         int               `help:"Messages a minute at most." placeholder:"COUNT"`
	Guard        map[string]string `help:"Another share from which it pauses by itself: errors, opt_outs or doubt, in percent, or off." placeholder:"KIND=PERCENT"`
	EndBy        string            `help:"Rows of which no message was made by then are left out; the forms of --start-at." placeholder:"TIME"`
	Hours        string            `help:"Messages leave at these hours alone: 09:00-12:00,14:00-18:00, in the zone of the gateway." placeholder:"HOURS"`
	Days         string            `help:"Messages leave on these days alone: mon-fri, or tue,sat." placeholder:"DAYS"`
	StartAt      string            `help:"When it begins, once it is started: RFC 3339, \"2026-03-01 09:30\" in local time, or how far ahead: 2h." placeholder:"TIME"`
	Remind       string            `help:"Makes reminders of appointments, of which each row is one: when they leave, such as \"1d 18:00, 2h\" or \"la veille à 18 h, 2 h avant\"." placeholder:"RULES"`
	Key          string            `name:"appointment-key" help:"The column with what names an appointment; default: the one that is called so." placeholder:"COLUMN"`
	Date         string            `name:"appointment-date" help:"The column with the dates; default: the one that is called so." placeholder:"COLUMN"`
	Time         string            `name:"appointment-time" help:"The column with the times; default: the one that is called so, else the dates have them." placeholder:"COLUMN"`
	Zone         string            `help:"Zone of the place of the appointments, such as Indian/Reunion; default: the gateway's." placeholder:"NAME"`
	AllowSkipped bool              `name:"allow-skipped" help:"Rows that are left out are no failure: exit code 0 instead of 3."`
}

// Run implements the command. A file that cannot be read leaves no campaign behind.
func (c *campaignCreateCommand) Run(t *terminal.Terminal) error {
	given := 0
	for _, one := range []string{c.File, c.List, c.Group} {
		if one != "" {
			given++
		}
	}
	if given != 1 {
		return t.Misuse("campaign_file_or_list")
	}
	r, err := c.request(t)
	if err != nil {
		return err
	}
	if c.File == "" {
		return c.ofPeople(t, r)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return t.Failed(err, "file_unreadable", "file", c.File)
	}
	defer file.Close()
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	made, err := gateway.CreateCampaign(t.Ctx, r)
	if err != nil {
		return c.failed(t, err)
	}
	return c.giveTable(t, gateway, made.ID, file, c.AllowSkipped)
}

// ofPeople makes a campaign of the people of a list or of a group.
func (c *campaignCreateCommand) ofPeople(t *terminal.Terminal, r client.CampaignRequest) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	find, name := listOf, c.List
	if c.Group != "" {
		find, name = groupOf, c.Group
	}
	people, err := find(t, gateway, name)
	if err != nil {
		return c.failed(t, err)
	}
	made, err := gateway.CreateCampaign(t.Ctx, r)
	if err != nil {
		return c.failed(t, err)
	}
	if c.Group == "" {
		_, err = gateway.PutCampaignList(t.Ctx, made.ID, people)
	} else {
		_, err = gateway.PutCampaignGroup(t.Ctx, made.ID, people, c.Purpose)
	}
	if err != nil {
		return c.giveUp(t, gateway, made.ID, err)
	}
	report, err := c.reportMade(t, gateway, made.ID)
	if err != nil {
		return err
	}
	return terminal.LeftOutIf(report.Rows.Skipped > 0 && !c.AllowSkipped)
}

// giveUp drops a draft that gets no table.
func (c *apiFlags) giveUp(t *terminal.Terminal, gateway *client.Client, id string, why error) error {
	if gateway.DropCampaign(t.Ctx, id) != nil {
		t.Say("campaign_stays", "id", id)
	}
	return c.failed(t, why)
}

// giveTable gives a campaign that was just made its table, and has it checked. A draft that gets
// none is dropped.
func (c *apiFlags) giveTable(
	t *terminal.Terminal, gateway *client.Client, id string, table *os.File, allowSkipped bool,
) error {
	if _, err := gateway.PutCampaignFile(t.Ctx, id, filepath.Base(table.Name()), table); err != nil {
		return c.giveUp(t, gateway, id, err)
	}
	report, err := c.reportMade(t, gateway, id)
	if err != nil {
		return err
	}
	return terminal.LeftOutIf(report.Rows.Skipped > 0 && !allowSkipped)
}

// reportMade has a campaign that was just made checked, and prints the report and its id.
func (c *apiFlags) reportMade(t *terminal.Terminal, gateway *client.Client, id string) (*campaign.Report, error) {
	report, err := c.checkNow(t, gateway, id)
	if err != nil {
		t.Say("campaign_stays", "id", id)
		return nil, err
	}
	if c.JSON {
		now, err := gateway.Campaign(t.Ctx, id)
		if err != nil {
			return nil, c.failed(t, err)
		}
		return report, terminal.PrintJSON(t.Stdout, map[string]any{"campaign": now, "report": report})
	}
	if err := printCheck(t, report); err != nil {
		return nil, err
	}
	fmt.Fprintln(t.Stdout, id)
	t.Say("campaign_next", "id", id)
	return report, nil
}

func (c *campaignCreateCommand) request(t *terminal.Terminal) (client.CampaignRequest, error) {
	text, err := c.read(t)
	if err != nil {
		return client.CampaignRequest{}, err
	}
	if text == "" {
		return client.CampaignRequest{}, t.Misuse("campaign_no_text")
	}
	r := client.CampaignRequest{
		Name: c.Name, Text: text, Class: c.Class, Sender: c.Sender, Connector: c.Connector,
		Options: client.CampaignOptions{
			Column: c.Column, Header: c.HeaderRow, Reference: c.Reference, Region: c.Region, Duplicates: c.Duplicates,
			Segments: c.Segments, GSM: c.GSM, Sheet: c.Sheet, Hidden: c.Hidden, Encoding: c.Encoding,
			Separator: c.separator(), Rate: c.Rate, Hours: c.Hours, Days: c.Days,
			Appointments: client.CampaignAppointments{
				Rules: c.Remind, Key: c.Key, Date: c.Date, Time: c.Time, Zone: c.Zone,
			},
		},
	}
	if r.Name == "" {
		r.Name = cmp.Or(c.List, c.Group, filepath.Base(c.File))
	}
	if err := c.guards(t, &r.Options.Guards); err != nil {
		return r, err
	}
	end, err := t.ReadTime("--end-by", c.EndBy, terminal.Ahead)
	if err != nil {
		return r, err
	}
	if !end.IsZero() {
		r.Options.EndBy = end.UTC().Format(time.RFC3339)
	}
	at, err := t.ReadTime("--start-at", c.StartAt, terminal.Ahead)
	if err != nil {
		return r, err
	}
	if !at.IsZero() {
		r.StartAt = &at
	}
	return r, nil
}

// guards reads when it pauses by itself. What is no share the gateway refuses.
func (c *campaignCreateCommand) guards(t *terminal.Terminal, g *client.CampaignGuards) error {
	for kind, share := range c.Guard {
		into := map[string]*int{"errors": &g.Errors, "opt_outs": &g.OptOuts, "doubt": &g.Doubt}[kind]
		percent, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(share), "%"))
		if share == "off" {
			percent, err = -1, nil
		}
		if into == nil || err != nil || percent == 0 {
			return t.Misuse("campaign_guard", "guard", kind+"="+share)
		}
		*into = percent
	}
	return nil
}

// Pauses between two questions about a campaign.
const (
	checkPause    = 200 * time.Millisecond
	campaignPause = time.Second
	linePause     = 10 * time.Second // between two lines where no terminal shows a bar
)

// checkNow has a campaign checked, and waits for the report.
func (c *apiFlags) checkNow(t *terminal.Terminal, gateway *client.Client, id string) (*campaign.Report, error) {
	if _, err := gateway.CheckCampaign(t.Ctx, id); err != nil {
		return nil, c.failed(t, err)
	}
	const percent = 100
	bar := t.Progress("campaign_progress", percent, linePause)
	now, err := gateway.WatchCampaign(t.Ctx, id, checkPause, func(now *client.Campaign) {
		if now.Status == client.CampaignChecking {
			bar.At(int(percent * now.Progress.Done / max(now.Progress.Total, 1)))
		}
	})
	bar.Clear()
	switch {
	case err != nil:
		return nil, c.failed(t, err)
	case now.Problem != nil:
		t.Say("refused", "detail", now.Problem.Detail, "code", now.Problem.Code)
		return nil, terminal.ErrSaid
	}
	found, err := gateway.CampaignReport(t.Ctx, id)
	if err != nil {
		return nil, c.failed(t, err)
	}
	return reportFrom(found)
}

// reportFrom is a report as this machine makes them; both are the same in JSON.
func reportFrom(found *client.CampaignReport) (*campaign.Report, error) {
	data, err := json.Marshal(found)
	if err != nil {
		return nil, err
	}
	report := &campaign.Report{}
	return report, json.Unmarshal(data, report)
}

// campaignFlags name a campaign and how to reach its gateway.
type campaignFlags struct {
	apiFlags
	ID string `arg:"" name:"campaign" help:"The campaign's id."`
}

// showCampaign prints a campaign.
func (c *apiFlags) showCampaign(t *terminal.Terminal, one *client.Campaign, err error) error {
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, one)
	}
	return printCampaigns(t, *one)
}

// printCampaigns prints a line for each.
func printCampaigns(t *terminal.Terminal, all ...client.Campaign) error {
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_name"), t.Text("head_status"), t.Text("head_rows"), t.Text("head_waiting"),
		t.Text("head_under_way"), t.Text("head_delivered"), t.Text("head_failed"), t.Text("head_left_out"),
	}}
	for i := range all {
		one, n := &all[i], &all[i].Counts
		rows = append(rows, []string{
			one.ID, terminal.ShownSafely(one.Name), string(one.Status), strconv.Itoa(n.Rows), strconv.Itoa(n.Waiting),
			strconv.Itoa(n.Taken), strconv.Itoa(n.Delivered), strconv.Itoa(notArrived(n)),
			strconv.Itoa(n.Skipped + n.Canceled),
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// notArrived counts rows whose messages ended elsewhere than on a handset.
func notArrived(n *client.CampaignCounts) int { return n.Undelivered + n.Expired + n.Rejected }

type campaignListCommand struct {
	apiFlags
	Status string `help:"Campaigns in this status alone."`
	Limit  int    `help:"Most campaigns." default:"100"`
}

// Run implements the command.
func (c *campaignListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Campaigns(t.Ctx, client.CampaignStatus(c.Status), c.Limit, "")
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("campaigns_none")
		return nil
	}
	return printCampaigns(t, list.Items...)
}

type campaignShowCommand struct{ campaignFlags }

// Run implements the command.
func (c *campaignShowCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	one, err := gateway.Campaign(t.Ctx, c.ID)
	if err != nil || c.JSON {
		return c.showCampaign(t, one, err)
	}
	happened, err := gateway.CampaignTimeline(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if err := printCampaigns(t, *one); err != nil {
		return err
	}
	if one.Problem != nil {
		t.Say("refused", "detail", one.Problem.Detail, "code", one.Problem.Code)
	}
	if err := c.showAwaited(t, gateway, one); err != nil {
		return err
	}
	switch one.Waiting {
	case "window":
		t.Say("campaign_waits_window")
	case "rate":
		t.Say("campaign_waits_rate")
	case "connector":
		t.Say("campaign_waits_connector")
	case "time":
		t.Say("campaign_waits_time")
	}
	fmt.Fprintf(t.Stdout, "\n%s\n\n", terminal.ShownSafely(one.Text))
	rows := [][]string{{t.Text("head_time"), t.Text("head_status"), t.Text("head_actor"), t.Text("head_reason"), ""}}
	for _, e := range happened.Items {
		rows = append(rows, []string{t.Shown(e.At), string(e.Status), e.Actor, e.Reason, e.Detail})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}
