package remote

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type contactsImportCommand struct {
	apiFlags
	File        string   `arg:"" help:"The table: CSV, TSV, XLSX, XLSM or ODS."`
	Apply       bool     `help:"Do it at once, whatever it changes."`
	Group       []string `sep:"none" help:"A group that everybody comes into, by its name or id. May be repeated." placeholder:"GROUP"`
	Purpose     string   `help:"What everybody agreed to; default: nothing."`
	Source      string   `help:"Where it was given, such as a form, paper, the telephone."`
	Proof       string   `help:"The words that were shown, or where they are kept."`
	GivenAt     string   `help:"When it was given: RFC 3339, \"2026-03-01 09:30\" in local time, or how long ago: 2h; default: now." placeholder:"TIME"`
	GivenColumn string   `help:"The column with the day on which each agreed; who has none there did not." placeholder:"COLUMN"`
	Column      string   `help:"The column with the numbers, by its name or letter; default: as the content says." placeholder:"COLUMN"`
	Field       []string `sep:"none" help:"A column that is kept; default: all others. May be repeated." placeholder:"COLUMN"`
	HeaderRow   int      `help:"The row with the names of the columns; -1: there is none; default: as the content says." placeholder:"ROW"`
	Sheet       string   `help:"Of a workbook; default: the first with data."`
	Hidden      bool     `help:"Hidden rows and columns count too."`
	Encoding    string   `help:"Of a text file; default: as the content says."`
	Separator   string   `help:"Of a text file; default: as the content says; \"tab\" is one."`
}

// Run implements the command. What is done is what was checked a moment before.
func (c *contactsImportCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	o := client.ImportOptions{
		TableOptions: client.TableOptions{
			Name: filepath.Base(c.File), Column: c.Column, Fields: c.Field, Header: c.HeaderRow, Sheet: c.Sheet, Hidden: c.Hidden,
			Encoding: c.Encoding, Separator: c.Separator,
		},
		Purpose: c.Purpose, Source: c.Source, Proof: c.Proof, GivenColumn: c.GivenColumn,
	}
	if strings.EqualFold(c.Separator, "tab") {
		o.Separator = "\t"
	}
	if o.GivenAt, err = t.ReadTime("--given-at", c.GivenAt, terminal.Ago); err != nil {
		return err
	}
	if o.Groups, err = groupsOf(t, gateway, c.Group); err != nil {
		return c.failed(t, err)
	}
	done, err := c.send(t, gateway, o, "")
	if err == nil && c.Apply {
		done, err = c.send(t, gateway, o, done.Check)
	}
	if err != nil {
		return c.failed(t, err)
	}
	return c.show(t, done)
}

func (c *contactsImportCommand) send(
	t *terminal.Terminal, gateway *client.Client, o client.ImportOptions, check string,
) (*client.ContactImport, error) {
	file, err := os.Open(c.File)
	if err != nil {
		return nil, t.Failed(err, "file_unreadable", "file", c.File)
	}
	defer file.Close()
	return gateway.ImportContacts(t.Ctx, o, check, file)
}

// importOutcome is a word for what becomes of a row.
func importOutcome(t *terminal.Terminal, outcome string) string {
	switch outcome {
	case "added":
		return t.Text("import_added")
	case "changed":
		return t.Text("import_changed")
	}
	return t.Text("import_refused")
}

// show prints what a table did, or would do.
func (c *contactsImportCommand) show(t *terminal.Terminal, done *client.ContactImport) error {
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, done)
	}
	rows := [][]string{{t.Text("head_row"), t.Text("head_number"), t.Text("head_outcome"), t.Text("head_reason")}}
	for _, r := range done.Rows {
		rows = append(rows, []string{strconv.Itoa(r.Row), r.Number, importOutcome(t, r.Outcome), r.Detail})
	}
	if len(rows) > 1 {
		if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
			return err
		}
	}
	t.Say("contacts_import", "added", done.Added, "changed", done.Changed, "unchanged", done.Unchanged, "refused", done.Refused,
		"consents", done.Consents)
	if !done.Applied {
		t.Say("contacts_import_next")
	}
	for _, s := range done.Skipped {
		t.Say("list_skipped", "rows", s.Rows, "first", s.First, "why", s.Detail)
	}
	return nil
}
