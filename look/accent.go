package look

// Readable is the least contrast of a text with what is behind it (WCAG 2.1, 1.4.3, AA).
const Readable = 4.5

// What is behind the accent on the pages; a test holds them to console.css.
var (
	white     = mustParse("#ffffff")
	black     = mustParse("#000000")
	paper     = mustParse("#f7f6f3")
	darkCard  = mustParse("#1c1e20")
	darkPaper = mustParse("#141517")
)

// Accent is the colour of links and buttons, in one theme.
type Accent struct {
	Colour Colour // on the page; behind On
	On     Colour // text on it
	Soft   Colour // behind texts of the colour
}

// On the light theme the colour is the one that was chosen, and on the dark theme it is
// as much lighter as it must be to be read.
const (
	softLight = 0.12
	softDark  = 0.22
	steps     = 200
)

// Light is the accent of the light theme.
func Light(chosen Colour) Accent {
	return Accent{Colour: chosen, On: on(chosen), Soft: white.mix(chosen, softLight).rounded()}
}

// Dark is the accent of the dark theme.
func Dark(chosen Colour) Accent {
	for step := range steps {
		c := chosen.mix(white, float64(step)/steps).rounded()
		a := Accent{Colour: c, On: on(c), Soft: darkPaper.mix(c, softDark).rounded()}
		if a.leastOn(darkCard, darkPaper) >= Readable {
			return a
		}
	}
	return Accent{Colour: white, On: black, Soft: darkPaper.mix(white, softDark).rounded()}
}

// Worst is the least contrast that the colour has on the light theme: of a text in it,
// or on it.
func Worst(chosen Colour) float64 { return Light(chosen).leastOn(white, paper) }

// Nearest is the first darker shade of a colour that can be read.
func Nearest(chosen Colour) Colour {
	for step := range steps {
		if c := chosen.mix(black, float64(step)/steps).rounded(); Worst(c) >= Readable {
			return c
		}
	}
	return black
}

func (a Accent) leastOn(backs ...Colour) float64 {
	least := min(Contrast(a.Colour, a.On), Contrast(a.Colour, a.Soft))
	for _, back := range backs {
		least = min(least, Contrast(a.Colour, back))
	}
	return least
}

func on(c Colour) Colour {
	if Contrast(c, white) >= Contrast(c, black) {
		return white
	}
	return black
}
