package app_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"relais/campaign"
	"relais/client"
	"relais/sandbox"
	"relais/sheet"
)

// town is a table as a town hall has it: in Windows-1252, with semicolons, and of each
// twenty rows four that get no message and three whose numbers are mended. want are the
// texts by number, written here without the code that makes them.
func town(rows int) (table []byte, want map[string]string) {
	var b strings.Builder
	want = map[string]string{}
	b.WriteString("Prénom;Téléphone;Date\r\n")
	const few, among = 50, 20
	for i := range rows {
		digits := fmt.Sprintf("3998%02d%02d", i/few+1, i%few) // behind 06, to people who answer
		name, day := fmt.Sprintf("Zoé%d", i), fmt.Sprintf("%d mai", i%31+1)
		cell, sent := "06"+digits, true
		switch i % among {
		case 0:
			cell, sent = "6,39E+08", false
		case 1:
			cell = "6" + digits
		case 2:
			cell = "06." + digits[:2] + "." + digits[2:4] + "." + digits[4:6] + "." + digits[6:]
		case 3:
			cell = "+336" + digits
		case 4:
			name, sent = "", false
		case 5:
			cell, sent = "0199001122", false
		case 7: // the row above once more
			above := fmt.Sprintf("3998%02d%02d", (i-1)/few+1, (i-1)%few)
			cell, name, day, sent = "06"+above, fmt.Sprintf("Zoé%d", i-1), fmt.Sprintf("%d mai", (i-1)%31+1), false
		}
		if sent {
			want["+336"+digits] = "Bonjour " + name + ", rendez-vous le " + day + "."
		}
		fmt.Fprintf(&b, "%s;%s;%s\r\n", name, cell, day)
	}
	table, err := charmap.Windows1252.NewEncoder().Bytes([]byte(b.String()))
	if err != nil {
		panic(err)
	}
	return table, want
}

// A table with faults goes through the whole program: each handset gets one text with its own
// values, each row an end, and the results open again as a table.
func TestCampaignFromAFaultyTable(t *testing.T) {
	w := live(t, sandbox.Options{}, "")
	const rows = 200
	table, want := town(rows)
	made, err := w.CreateCampaign(t.Context(), client.CampaignRequest{
		Name: "Vœux", Class: "transactional", Sender: "MAIRIE", Connector: "ovh",
		Text: "Bonjour ((prénom)), rendez-vous le ((date)).",
	})
	if err != nil {
		t.Fatal(err)
	}
	look, err := w.PutCampaignFile(t.Context(), made.ID, "inscrits.csv", bytes.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	if look.Encoding != "windows-1252" || !look.Columns[1].Phone {
		t.Errorf("%+v", look)
	}
	if _, err := w.CheckCampaign(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	watched := func(ends client.CampaignStatus) *client.Campaign {
		const often = 50 * time.Millisecond
		now, err := w.WatchCampaign(t.Context(), made.ID, often, func(*client.Campaign) {})
		if err != nil || now.Status != ends {
			t.Fatalf("%+v, %v; want %s", now, err, ends)
		}
		return now
	}
	ready := watched(client.CampaignReady)
	report, err := w.CampaignReport(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows.Total != rows || report.Rows.Ready != len(want) || report.Rows.Skipped != rows-len(want) {
		t.Fatalf("%+v, want %d of %d", report.Rows, len(want), rows)
	}
	for range 2 { // a second click does nothing
		if _, err := w.StartCampaign(t.Context(), made.ID, ready.Check); err != nil {
			t.Fatal(err)
		}
	}
	ended := watched(client.CampaignFinished)
	if n := ended.Counts; n.Rows != rows || n.Delivered != len(want) || n.Skipped != rows-len(want) || n.Waiting+n.Taken != 0 {
		t.Errorf("%+v", n)
	}
	for number, text := range want {
		if got := w.sandbox.Handset(number); len(got) != 1 || got[0].Text != text {
			t.Errorf("%s got %+v, want %q once", number, got, text)
		}
	}
	openAgain(t, w, made.ID, want)
}

// openAgain reads the results as any table that somebody brings.
func openAgain(t *testing.T, w *world, id string, want map[string]string) {
	t.Helper()
	for _, form := range []client.TableForm{client.TableCSV, client.TableExcel, client.TableXLSX} {
		var out bytes.Buffer
		if err := w.ExportCampaign(t.Context(), id, form, client.RowQuery{}, &out); err != nil {
			t.Fatal(err)
		}
		book, err := sheet.Open(bytes.NewReader(out.Bytes()), int64(out.Len()), sheet.Options{})
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		o := campaign.Options{Text: "Bonjour ((prénom)), rendez-vous le ((date))."}
		layout, err := campaign.Look(book, o)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		checker, err := campaign.NewChecker(layout, o)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		got := map[string]string{}
		_, err = checker.Check(t.Context(), book, func(j *campaign.Judged) error {
			if j.Skipped.IsZero() {
				got[string(j.Number)] = j.Text
			}
			return nil
		}, nil)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		for number, text := range want {
			if got[number] != text {
				t.Errorf("%s: %s is read with %q, want %q", form, number, got[number], text)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d rows are read, want %d", form, len(got), len(want))
		}
	}
}
