package campaign_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"relais/campaign"
	"relais/sheet"
)

// people is a table of so many rows, each with its own number.
func people(rows int) []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "Nom;Prénom;Portable;Date;Adresse\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "Dupont%d;Zoé;06%08d;%02d/12/2026;%d rue de la République, 69500 Bron\r\n", i, i, i%28+1, i%300)
	}
	return b.Bytes()
}

// check judges a table and throws the rows away.
func check(b *testing.B, file io.ReaderAt, size int64) {
	b.Helper()
	o := campaign.Options{Text: "Bonjour ((prénom)) ((nom)), votre rendez-vous est le ((date)) au ((adresse))."}
	book, err := sheet.Open(file, size, sheet.Options{})
	if err != nil {
		b.Fatal(err)
	}
	layout, err := campaign.Look(book, o)
	if err != nil {
		b.Fatal(err)
	}
	checker, err := campaign.NewChecker(layout, o)
	if err != nil {
		b.Fatal(err)
	}
	report, err := checker.Check(b.Context(), book, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	if report.Rows.Ready == 0 {
		b.Fatal("no row")
	}
}

func BenchmarkCheckCSV(b *testing.B) {
	const rows = 100_000
	data := people(rows)
	b.ReportAllocs()
	for b.Loop() {
		check(b, bytes.NewReader(data), int64(len(data)))
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkLook(b *testing.B) {
	const rows = 1_000_000
	data := people(rows)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := campaign.Look(book, campaign.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
