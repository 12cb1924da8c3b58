package sheet

import (
	"slices"
	"strings"

	"relais/reason"
)

// area is cells that are one: rows and columns from 1 and 0, both ends included.
type area struct {
	firstRow, lastRow       int
	firstColumn, lastColumn int
	cell                    Cell
}

func (a *area) overlaps(b area) bool {
	return a.firstColumn <= b.lastColumn && b.firstColumn <= a.lastColumn
}

// grid makes rows of the cells of a workbook.
type grid struct {
	limits Limits
	hidden bool         // hidden rows and columns count
	unseen map[int]bool // columns
	areas  []area       // by their first row
	passed int          // areas that begin in the row or before
	live   []area       // those of them that give cells to the row, beside each other
	cells  []Cell
	any    bool // a cell of the row has content of its own
	held   int  // bytes of the row
	tally  Tally
}

func newGrid(o Options) *grid {
	return &grid{limits: Usual, hidden: o.Hidden, unseen: map[int]bool{}}
}

func (g *grid) begin() {
	g.cells = g.cells[:0]
	g.any, g.held = false, 0
}

// set puts a cell into the row. Those beyond the last column that may be stand in one: who
// reads the row sees that there is too much.
func (g *grid) set(column int, c Cell) {
	column = min(column, g.limits.Columns)
	if !g.hidden && g.unseen[column] {
		return
	}
	if c.Stored == "" && c.Shown == "" && c.Fault == "" {
		return
	}
	for len(g.cells) <= column {
		g.cells = append(g.cells, Cell{})
	}
	if len(c.Shown) > g.limits.Cell && len([]rune(c.Shown)) > g.limits.Cell {
		c = Cell{Shown: clipped(c.Shown), Stored: clipped(c.Stored), Fault: CodeLongCell}
	}
	g.any = g.any || c.Fault != "" || strings.TrimSpace(c.Stored) != ""
	if g.held += max(len(c.Shown), len(c.Stored)); g.held <= longestLine {
		g.cells[column] = c
	}
}

func (g *grid) hide(column int) {
	if !g.hidden && column <= g.limits.Columns && !g.unseen[column] {
		g.unseen[column] = true
		g.tally.Columns++
	}
}

// end makes a row of what was set. ok is false where there is nothing for who reads.
func (g *grid) end(number int, unseen bool) (row Row, ok bool, err error) {
	g.merge(number)
	if !g.any {
		g.tally.Blank++
		return Row{}, false, nil
	}
	if unseen && !g.hidden {
		g.tally.Hidden++
		return Row{}, false, nil
	}
	if g.tally.Rows++; g.tally.Rows > g.limits.Rows+1 {
		return Row{}, false, refuse(codeRows, reason.Args{"most": reason.Count(g.limits.Rows)})
	}
	row = Row{Number: number, Cells: g.cells}
	if g.held > longestLine {
		row.Fault = CodeLongLine
	}
	return row, true, nil
}

// merge gives the cells of an area the value of its first one, in rows that have content
// of their own.
func (g *grid) merge(number int) {
	if !g.any {
		return
	}
	g.live = slices.DeleteFunc(g.live, func(a area) bool { return a.lastRow < number })
	for g.passed < len(g.areas) && g.areas[g.passed].firstRow <= number {
		g.enter(g.areas[g.passed], number)
		g.passed++
	}
	for i := range g.live {
		a := &g.live[i]
		for column := a.firstColumn; column <= min(a.lastColumn, g.limits.Columns-1); column++ {
			if column >= len(g.cells) || g.cells[column] == (Cell{}) {
				g.set(column, a.cell)
			}
		}
	}
}

// enter takes an area that begins in a row, unless its first cell is empty or it overlaps
// another, which no program writes.
func (g *grid) enter(a area, number int) {
	if a.firstRow != number || a.lastRow < number || a.lastColumn < a.firstColumn ||
		a.firstColumn >= min(len(g.cells), g.limits.Columns) || g.cells[a.firstColumn] == (Cell{}) ||
		slices.ContainsFunc(g.live, a.overlaps) {
		return
	}
	a.cell = g.cells[a.firstColumn]
	g.live = append(g.live, a)
}
