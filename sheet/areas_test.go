package sheet

import (
	"fmt"
	"testing"
)

// filledRow is a row with a cell in the first and in the last of ten columns.
func filledRow(t *testing.T, g *grid, number int) []Cell {
	t.Helper()
	g.begin()
	for _, column := range []int{0, 9} {
		text := fmt.Sprint(number, "/", column)
		g.set(column, Cell{Shown: text, Stored: text})
	}
	row, ok, err := g.end(number, false)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return row.Cells
}

// Areas that ended, whose first cell is empty, or that overlap are not walked in each row.
func TestAreasAreWalkedOnce(t *testing.T) {
	const rows, most = 1000, 100_000
	g := newGrid(Options{})
	g.areas = append(g.areas, area{firstRow: 1, lastRow: lastRow, firstColumn: 0, lastColumn: 1})
	for i := range most - 1 {
		a := area{firstRow: 1 + i*rows/most, lastRow: lastRow, firstColumn: i % 3 * 5, lastColumn: 8}
		g.areas = append(g.areas, a)
	}
	for number := range rows {
		cells := filledRow(t, g, number+1)
		if len(g.live) != 1 {
			t.Fatalf("%d areas in row %d", len(g.live), number+1)
		}
		if number == 0 && cells[1].Shown != "1/0" || number > 0 && cells[0].Shown == "1/0" {
			t.Fatalf("row %d: %v", number+1, cells)
		}
	}
}

// An area gives its value to the rows that it covers, and to none behind.
func TestAreasEnd(t *testing.T) {
	g := newGrid(Options{})
	g.areas = []area{
		{firstRow: 1, lastRow: 3, firstColumn: 9, lastColumn: 11},
		{firstRow: 2, lastRow: 2, firstColumn: 0, lastColumn: 4},
		{firstRow: 4, lastRow: 5, firstColumn: 9, lastColumn: 10},
	}
	for i, want := range []string{"1/9", "1/9", "1/9", "4/9", "4/9", ""} {
		cells, got := filledRow(t, g, i+1), ""
		if len(cells) > 10 {
			got = cells[10].Shown
		}
		if got != want {
			t.Errorf("row %d: %q, want %q", i+1, got, want)
		}
		if inside := cells[4].Shown; inside != map[bool]string{true: "2/0"}[i == 1] {
			t.Errorf("row %d: %q", i+1, inside)
		}
	}
}
