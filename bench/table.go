package bench

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// campaignText is that of the campaigns that are measured; textOf says the same of a row.
const campaignText = "Bonjour ((Prénom)) ((Nom)), rendez-vous le ((Date)) au ((Adresse))."

// columns are those of the tables; the last one is there for the length.
var columns = []string{"Portable", "Prénom", "Nom", "Date", "Adresse", "Remarque"}

func cellsOf(row int) []string {
	return []string{
		numberOf(row), []string{"Zoé", "Anne-Marie", "Karim", "Léa"}[row%4], fmt.Sprintf("Dupont%d", row),
		fmt.Sprintf("%02d/12/2026", row%28+1), fmt.Sprintf("%d rue de la Paix", row%300),
		"Merci de venir à l'accueil, guichet 3",
	}
}

func textOf(row int) string {
	c := cellsOf(row)
	return "Bonjour " + c[1] + " " + c[2] + ", rendez-vous le " + c[3] + " au " + c[4] + "."
}

// numberOf is an ordinary handset of its own for each row.
func numberOf(row int) string { return fmt.Sprintf("+3367%07d", row/fates*hundreds+row%fates) }

// writeTable writes so many rows as CSV: a million are 100 MiB.
func writeTable(dir string, rows int) (path string, err error) {
	path = filepath.Join(dir, "table.csv")
	return path, writeFile(path, func(w io.Writer) error {
		writeCSV(w, columns)
		for row := range rows {
			writeCSV(w, cellsOf(row))
		}
		return nil
	})
}

func writeCSV(w io.Writer, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			cell = ";" + cell
		}
		_, _ = io.WriteString(w, cell) // the flush says what fails
	}
	_, _ = io.WriteString(w, "\r\n")
}

// writeFile writes a file through a buffer.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make a table: %w", err)
	}
	b := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(b), b.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	return nil
}

const (
	sheetSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	partSpace  = "http://schemas.openxmlformats.org/package/2006/"
	linkSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	partKind   = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// workbookParts are those of an XLSX but for what it says.
var workbookParts = []struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="` + partSpace + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + partKind + `sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + partKind + `worksheet+xml"/>` +
		`<Override PartName="/xl/sharedStrings.xml" ContentType="` + partKind + `sharedStrings+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="` + partSpace + `relationships">` +
		`<Relationship Id="rId1" Type="` + linkSpace + `/officeDocument" Target="xl/workbook.xml"/>` +
		`</Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + partSpace + `relationships">` +
		`<Relationship Id="rId1" Type="` + linkSpace + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + linkSpace + `/sharedStrings" Target="sharedStrings.xml"/>` +
		`</Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="` + sheetSpace + `" xmlns:r="` + linkSpace + `"><sheets>` +
		`<sheet name="Feuil1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
}

// writeWorkbook writes so many rows as XLSX, with the texts beside the sheet as Excel has
// them.
func writeWorkbook(dir string, rows int) (path string, err error) {
	path = filepath.Join(dir, "table.xlsx")
	return path, writeFile(path, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		for _, p := range workbookParts {
			part, err := archive.Create(p.name)
			if err != nil {
				return err //nolint:wrapcheck // writeFile says what it is of
			}
			if _, err := io.WriteString(part, p.text); err != nil {
				return err //nolint:wrapcheck // as above
			}
		}
		return errors.Join(writeSheet(archive, rows), writeShared(archive, rows), archive.Close())
	})
}

func writeSheet(archive *zip.Writer, rows int) error {
	part, err := archive.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err //nolint:wrapcheck // writeFile says what it is of
	}
	w := bufio.NewWriterSize(part, 1<<16)
	fmt.Fprintf(w, `<worksheet xmlns="%s"><sheetData>`, sheetSpace)
	for row, n := 0, 0; row <= rows; row++ {
		fmt.Fprintf(w, `<row r="%d">`, row+1)
		for column := range columns {
			fmt.Fprintf(w, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+column, row+1, n)
			n++
		}
		_, _ = w.WriteString(`</row>`)
	}
	_, _ = w.WriteString(`</sheetData></worksheet>`)
	return w.Flush() //nolint:wrapcheck // as above
}

func writeShared(archive *zip.Writer, rows int) error {
	part, err := archive.Create("xl/sharedStrings.xml")
	if err != nil {
		return err //nolint:wrapcheck // writeFile says what it is of
	}
	w := bufio.NewWriterSize(part, 1<<16)
	fmt.Fprintf(w, `<sst xmlns="%s">`, sheetSpace)
	for row := -1; row < rows; row++ {
		cells := columns
		if row >= 0 {
			cells = cellsOf(row)
		}
		for _, cell := range cells {
			fmt.Fprintf(w, `<si><t>%s</t></si>`, cell)
		}
	}
	_, _ = w.WriteString(`</sst>`)
	return w.Flush() //nolint:wrapcheck // as above
}

// onHandsets reports whether each of the first rows has its text on its handset, once, and
// nobody else has one.
func onHandsets(p phones, rows int) error {
	lost, doubled, odd := 0, 0, 0
	for row := range rows {
		switch texts := p.Handset(numberOf(row)); {
		case len(texts) == 0:
			lost++
		case len(texts) > 1:
			doubled++
		case texts[0].Text != textOf(row):
			odd++
		}
	}
	all := len(p.Handsets())
	if lost > 0 || doubled > 0 || odd > 0 || all != rows {
		return fmt.Errorf("of %d rows %d have no text, %d have several, %d another one; %d handsets have one",
			rows, lost, doubled, odd, all)
	}
	return nil
}
