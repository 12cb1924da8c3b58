package look_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"relais/look"
)

func colour(t *testing.T, text string) look.Colour {
	t.Helper()
	c, ok := look.ParseColour(text)
	if !ok {
		t.Fatalf("%q is no colour", text)
	}
	return c
}

// TestContrast has figures of the W3C's own examples and of its formula.
func TestContrast(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#ffffff", "#000000", 21},
		{"#777777", "#777777", 1},
		{"#767676", "#ffffff", 4.54},
		{"#ff0000", "#ffffff", 4.00},
		{"#0000ff", "#ffffff", 8.59},
	} {
		if got := look.Contrast(colour(t, test.a), colour(t, test.b)); math.Abs(got-test.want) > 0.005 {
			t.Errorf("Contrast(%s, %s) = %.3f, want %.2f", test.a, test.b, got, test.want)
		}
	}
}

func TestParseColour(t *testing.T) {
	for _, wrong := range []string{"", "#fff", "0a5a66", "#0a5a6g", "#0a5a66 ", "teal", "#0a5a6666"} {
		if _, ok := look.ParseColour(wrong); ok {
			t.Errorf("ParseColour(%q) is a colour", wrong)
		}
	}
	if got := colour(t, "#0A5a66").String(); got != "#0a5a66" {
		t.Errorf("String = %s", got)
	}
}

// TestEveryColourIsReadable walks the colours that a town may choose: what is taken can
// be read on both themes, and what is refused comes with a shade that is taken.
func TestEveryColourIsReadable(t *testing.T) {
	paper, card := colour(t, "#f7f6f3"), colour(t, "#ffffff")
	night, shade := colour(t, "#141517"), colour(t, "#1c1e20")
	taken, refused := 0, 0
	for red := 0; red < 256; red += 36 {
		for green := 0; green < 256; green += 36 {
			for blue := 0; blue < 256; blue += 36 {
				chosen := colour(t, fmt.Sprintf("#%02x%02x%02x", red, green, blue))
				if look.Worst(chosen) < look.Readable {
					refused++
					chosen = look.Nearest(chosen)
				} else {
					taken++
				}
				light, dark := look.Light(chosen), look.Dark(chosen)
				for _, pair := range [][2]look.Colour{
					{light.Colour, paper},
					{light.Colour, card},
					{light.Colour, light.Soft},
					{light.On, light.Colour},
					{dark.Colour, night},
					{dark.Colour, shade},
					{dark.Colour, dark.Soft},
					{dark.On, dark.Colour},
				} {
					if got := look.Contrast(pair[0], pair[1]); got < look.Readable {
						t.Fatalf("of %s: %s on %s has %.2f", chosen, pair[0], pair[1], got)
					}
				}
			}
		}
	}
	if taken < 50 || refused < 50 {
		t.Errorf("%d taken and %d refused: the walk is too narrow", taken, refused)
	}
}

// TestBacksAreThoseOfThePages holds the colours of this package to the style sheet.
func TestBacksAreThoseOfThePages(t *testing.T) {
	style, err := os.ReadFile("../console/static/console.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"--paper: #f7f6f3", "--card: #fff;", "--paper: #141517", "--card: #1c1e20"} {
		if !strings.Contains(string(style), token) {
			t.Errorf("console.css has no %q any more: change colour.go and accent.go with it", token)
		}
	}
}

func TestReadLogo(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 20)
	for _, test := range []struct{ name, data, want, refused string }{
		{"png", png, "image/png", ""},
		{"jpeg", "\xff\xd8\xff\xe0", "image/jpeg", ""},
		{"webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", ""},
		{"svg", `<?xml version="1.0"?><!-- ours --><svg xmlns="http://www.w3.org/2000/svg"/>`, "image/svg+xml", ""},
		{"page", "<html><body><svg/></body></html>", "", "no picture"},
		{"half a svg", "<svg", "", "no picture"},
		{"nothing", "", "", "no picture"},
		{"gif", "GIF89a", "", "no picture"},
		{"bomb of entities", `<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>`, "", "no picture"},
		{"large", png + strings.Repeat("x", look.MaxLogo), "", "larger than 256 KiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			logo, err := look.ReadLogo(bytes.NewReader([]byte(test.data)))
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("error %v, want %q", err, test.refused)
				}
				return
			}
			if err != nil || logo.Type != test.want || string(logo.Data) != test.data {
				t.Errorf("logo %+v, %v", logo, err)
			}
		})
	}
}
