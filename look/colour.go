package look

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Colour is one of sRGB; each part is from 0 to 1.
type Colour struct{ Red, Green, Blue float64 }

var hexColour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// ParseColour reads "#0a5a66".
func ParseColour(text string) (Colour, bool) {
	if !hexColour.MatchString(text) {
		return Colour{}, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	part := func(shift int) float64 { return float64(n>>shift&0xff) / 0xff }
	return Colour{part(16), part(8), part(0)}, err == nil
}

func mustParse(text string) Colour {
	c, ok := ParseColour(text)
	if !ok {
		panic("look: " + text + " is no colour")
	}
	return c
}

// String is the colour as style sheets have it.
func (c Colour) String() string {
	byteOf := func(part float64) int { return int(math.Round(part * 0xff)) }
	return fmt.Sprintf("#%02x%02x%02x", byteOf(c.Red), byteOf(c.Green), byteOf(c.Blue))
}

// luminance is the relative luminance of WCAG 2.1.
func (c Colour) luminance() float64 {
	linear := func(part float64) float64 {
		if part <= 0.03928 {
			return part / 12.92
		}
		return math.Pow((part+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.Red) + 0.7152*linear(c.Green) + 0.0722*linear(c.Blue)
}

// Contrast is the ratio of WCAG 2.1 of two colours: from 1 to 21.
func Contrast(a, b Colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// mix is c with a share of another colour in it.
func (c Colour) mix(other Colour, share float64) Colour {
	part := func(a, b float64) float64 { return a + (b-a)*share }
	return Colour{part(c.Red, other.Red), part(c.Green, other.Green), part(c.Blue, other.Blue)}
}

// rounded is what a browser makes of the colour: eight bits a part.
func (c Colour) rounded() Colour { return mustParse(c.String()) }
