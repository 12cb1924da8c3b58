package remote

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"relais/campaign"
	"relais/cmd/relais/terminal"
	"relais/merge"
	"relais/plaintext"
	"relais/sheet"
)

// tableFlags say how a table is read, where its content leaves a choice.
type tableFlags struct {
	Column     string `help:"The column with the numbers, by its name or letter; default: as the content says."`
	HeaderRow  int    `help:"The row with the names of the columns; -1: there is none; default: as the content says." placeholder:"ROW"`
	Sheet      string `help:"The sheet of a workbook; default: the first with data." placeholder:"NAME"`
	Hidden     bool   `help:"Hidden rows count too."`
	Encoding   string `help:"Encoding of a text file; default: as the content says." enum:",utf-8,utf-8-twice,windows-1252,macintosh,ibm850,utf-16le,utf-16be" default:""`
	Separator  string `help:"What stands between two cells of a text file; default: as the content says." placeholder:"CHARACTER"`
	Region     string `help:"Country in which national numbers are dialled (ISO 3166-1); default: the account's, else FR." placeholder:"COUNTRY"`
	Duplicates string `help:"Rows with the same number: one message where texts are the same (same_text, the default), the first row alone (first), or each row (none)." enum:",same_text,first,none" default:""`
	Segments   int    `help:"Most segments of one message; default: 10." placeholder:"COUNT"`
	GSM        bool   `name:"gsm" help:"Characters of the GSM alphabet in place of dear ones."`
}

// separator is what was given; a shell has no easy tab.
func (f *tableFlags) separator() string {
	if f.Separator == `\t` {
		return "\t"
	}
	return f.Separator
}

// mergeText is a text with fields, on the command line or in a file.
type mergeText struct {
	Text     string `help:"The text, with fields such as ((name)) that are columns of the table." xor:"text"`
	TextFile string `help:"A file with the text." placeholder:"FILE" xor:"text"`
}

// read is the text that --text or --text-file gives.
func (f *mergeText) read(t *terminal.Terminal) (string, error) {
	if f.TextFile == "" {
		return f.Text, nil
	}
	data, err := plaintext.ReadFile(f.TextFile)
	if err != nil {
		return "", t.Failed(err, "file_unreadable", "file", f.TextFile)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

type campaignCheckCommand struct {
	apiFlags
	tableFlags
	mergeText
	Local        bool   `help:"Judge a file on this machine, without a gateway."`
	File         string `arg:"" name:"campaign" help:"The campaign's id; with --local the table: CSV, TSV, XLSX, XLSM or ODS."`
	BadRows      string `help:"With --local: write the rows that are left out, as CSV with the reasons, to be mended. Not over a file that exists." placeholder:"OUT"`
	AllowSkipped bool   `name:"allow-skipped" help:"Rows that are left out are no failure: exit code 0 instead of 3."`
}

// Run implements the command. Rows that are left out are an exit code of their own.
func (c *campaignCheckCommand) Run(t *terminal.Terminal) error {
	if !c.Local {
		return c.atGateway(t)
	}
	text, err := c.read(t)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return t.Failed(err, "file_unreadable", "file", c.File)
	}
	defer file.Close()
	report, err := c.check(t, file, text)
	if err != nil {
		return c.refused(t, err)
	}
	report.In(t.Language)
	return c.show(t, report)
}

// atGateway checks a campaign once more, with all that its gateway knows.
func (c *campaignCheckCommand) atGateway(t *terminal.Terminal) error {
	if c.tableFlags != (tableFlags{}) || c.mergeText != (mergeText{}) || c.BadRows != "" {
		return t.Misuse("campaign_flags_local")
	}
	if _, err := os.Stat(c.File); err == nil {
		return t.Misuse("campaign_file_local", "file", c.File)
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	report, err := c.checkNow(t, gateway, c.File)
	if err != nil {
		return err
	}
	return c.show(t, report)
}

// show prints a report.
func (c *campaignCheckCommand) show(t *terminal.Terminal, report *campaign.Report) error {
	var err error
	if c.JSON {
		err = terminal.PrintJSON(t.Stdout, report)
	} else {
		err = printCheck(t, report)
	}
	if err != nil {
		return err
	}
	return terminal.LeftOutIf(report.Rows.Skipped > 0 && !c.AllowSkipped)
}

// refused names the file before what is wrong with it.
func (c *campaignCheckCommand) refused(t *terminal.Terminal, err error) error {
	if wrong, ok := errors.AsType[*merge.Error](err); ok {
		return t.Misuse("campaign_text", "why", wrong.Reason)
	}
	if wrong, ok := errors.AsType[*os.PathError](err); ok && wrong.Path == c.BadRows {
		return t.Failed(err, "campaign_bad_rows", "file", c.BadRows)
	}
	return t.Failed(err, "campaign_refused", "file", c.File)
}

func (c *campaignCheckCommand) check(t *terminal.Terminal, file *os.File, text string) (*campaign.Report, error) {
	about, err := file.Stat()
	if err != nil {
		return nil, err
	}
	c.Region = strings.ToUpper(c.Region)
	book, err := sheet.Open(file, about.Size(), sheet.Options{
		Encoding: c.Encoding, Separator: c.separator(), Sheet: c.Sheet, Hidden: c.Hidden,
		English: c.Region == "GB" || c.Region == "US",
	})
	if err != nil {
		return nil, err
	}
	o := campaign.Options{
		Column: c.Column, Header: c.HeaderRow, Text: text, Region: c.Region,
		Duplicates: campaign.Duplicates(c.Duplicates), Segments: c.Segments, GSM: c.GSM,
	}
	layout, err := campaign.Look(book, o)
	if err != nil {
		return nil, err
	}
	checker, err := campaign.NewChecker(layout, o)
	if err != nil {
		return nil, err
	}
	report, err := c.judge(t, checker, layout, book)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, about.Size())); err != nil {
		return nil, err
	}
	report.Seal(about.Name(), hash.Sum(nil), o)
	return report, nil
}

// judge checks every row, writes those that are left out, and shows how far it is.
func (c *campaignCheckCommand) judge(
	t *terminal.Terminal, checker *campaign.Checker, layout *campaign.Layout, book *sheet.Book,
) (report *campaign.Report, err error) {
	see := func(*campaign.Judged) error { return nil }
	if c.BadRows != "" {
		const private = 0o600
		out, err := os.OpenFile(c.BadRows, os.O_CREATE|os.O_EXCL|os.O_WRONLY, private)
		if err != nil {
			return nil, err
		}
		buffered := bufio.NewWriter(out)
		bad, err := campaign.NewBadRows(buffered, layout, book.Separator, t.Language)
		if err != nil {
			return nil, errors.Join(err, out.Close())
		}
		see = bad.Row
		defer func() {
			err = errors.Join(err, buffered.Flush(), out.Close())
			if err != nil {
				_ = os.Remove(c.BadRows)
			}
		}()
	}
	const percent, pause = 100, 10 * time.Second
	bar := t.Progress("campaign_progress", percent, pause)
	defer bar.Clear()
	shown := int64(-1)
	return checker.Check(t.Ctx, book, see, func(done, total int64) {
		if now := percent * done / max(total, 1); now != shown {
			shown = now
			bar.At(int(now))
		}
	})
}
