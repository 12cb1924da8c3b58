package console

import "relais/reason"

// bar is one bar of a chart.
type bar struct {
	Label string
	Value int64
}

// chart is a picture of bars. It has no word that is not in the table beside it.
type chart struct {
	Width, Height int
	Base          int // where bars stand
	Bars          []drawnBar
}

// drawnBar is a bar as SVG has it, with the value above and the label below.
type drawnBar struct {
	bar

	X, Y, Width, Height int
	Middle              int
	Above, Below        int // where value and label stand
	Shown               string
}

// Sizes of a chart, in units of its drawing.
const (
	barSpace    = 72
	barWidth    = 44
	chartHeight = 160
	chartTop    = 24
	chartFoot   = 24
)

// chartOf draws bars, the largest as high as there is room.
func chartOf(bars []bar, in reason.Language) *chart {
	var most int64 = 1
	for _, b := range bars {
		most = max(most, b.Value)
	}
	c := &chart{Width: barSpace * len(bars), Height: chartHeight + chartTop + chartFoot, Base: chartTop + chartHeight}
	for i, b := range bars {
		height := int(b.Value * chartHeight / most)
		if b.Value > 0 {
			height = max(height, 2)
		}
		c.Bars = append(c.Bars, drawnBar{
			bar: b, X: i*barSpace + (barSpace-barWidth)/2, Y: c.Base - height, Width: barWidth, Height: height,
			Middle: i*barSpace + barSpace/2, Above: c.Base - height - 6, Below: c.Base + 17, Shown: grouping(b.Value, in),
		})
	}
	return c
}
