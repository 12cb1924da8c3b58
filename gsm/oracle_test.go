//go:build oracle

package gsm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/gsm"
)

// opinion is what one library says of a text.
type opinion struct {
	Alphabet string
	Segments int
	Units    int
	Codes    []int    // calculator only: a septet or a 16-bit unit each
	Parts    []string // splitter only
}

type verdict struct{ Calculator, Splitter opinion }

// ask runs the libraries of internal/oracle. They must be there: whoever gives
// the tag wants their opinion.
func ask(t *testing.T, texts []string) []verdict {
	t.Helper()
	question, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "segments.js")
	cmd.Dir = "../internal/oracle"
	cmd.Stdin = bytes.NewReader(question)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	var verdicts []verdict
	if err := json.Unmarshal(answer, &verdicts); err != nil {
		t.Fatal(err)
	}
	if len(verdicts) != len(texts) {
		t.Fatalf("%d verdicts on %d texts", len(verdicts), len(texts))
	}
	return verdicts
}

// Our own tables are written again here, in another order, so that a slip in
// one of them shows.
const (
	letters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n\r"
	signs     = "!\"#%&'()*+,-./:;<=>?@_$£¥¤§¡¿"
	accented  = "àäåæèéìñòöøùüßÄÅÆÇÉÑÖØÜ"
	greek     = "ΔΦΓΛΩΠΨΣΘΞ"
	extended  = "\f^{}\\[~]|€"
	expensive = "âêîôûçëïÿœŒÀÈ«»’…–`\t\u00a0Ж中"
	pictures  = "😀🎉🚀𝄞"
)

// clusters are several characters that a person sees as one.
var clusters = []string{"e\u0301", "👍🏽", "👨‍👩‍👧", "🇫🇷", "c\u0327\u0301"}

func TestAlphabetAgainstOracle(t *testing.T) {
	var texts []string
	for r := rune(1); r < 0x3400; r++ {
		texts = append(texts, string(r))
	}
	for _, r := range letters + signs + accented + greek + extended + expensive + pictures + "\uFB01\uFFFD" {
		texts = append(texts, string(r))
	}
	sevenBit := 0
	for i, v := range ask(t, texts) {
		compare(t, texts[i], v.Splitter)
		compare(t, texts[i], v.Calculator)
		if gsm.Count(texts[i]).Alphabet == gsm.SevenBit {
			sevenBit++
			compareCodes(t, texts[i], v.Calculator.Codes)
		}
	}
	if once := 127 + 10; sevenBit < once {
		t.Errorf("%d texts in the 7-bit alphabet, want at least %d", sevenBit, once)
	}
}

func TestSegmentsAgainstOracle(t *testing.T) {
	texts := generate()
	for i, v := range ask(t, texts) {
		compare(t, texts[i], v.Splitter)
		compare(t, texts[i], v.Calculator)
		if diff := cmp.Diff(v.Splitter.Parts, gsm.Split(texts[i])); diff != "" {
			t.Errorf("parts of %q (-splitter +got):\n%s", texts[i], diff)
		}
		if gsm.Count(texts[i]).Alphabet == gsm.SevenBit {
			compareCodes(t, texts[i], v.Calculator.Codes)
		}
	}
	t.Logf("%d texts", len(texts))
}

// Clusters: the splitter cuts between characters as the standard does; the
// calculator keeps a cluster whole, which is kind to the reader and may take a
// segment more. Operators bill by the standard. Units and alphabet agree.
func TestClustersAgainstOracle(t *testing.T) {
	texts := generateClusters()
	longer := 0
	for i, v := range ask(t, texts) {
		compare(t, texts[i], v.Splitter)
		if v.Calculator.Segments == gsm.Count(texts[i]).Segments+1 {
			longer++
			v.Calculator.Segments--
		}
		compare(t, texts[i], v.Calculator)
	}
	if longer == 0 {
		t.Error(
			"the calculator never took a segment more: drop this test and compare clusters with the others",
		)
	}
}

// Where the libraries leave the standard, and why. A change of theirs shows.
func TestKnownDifferences(t *testing.T) {
	for _, tc := range []struct {
		name, text, reason         string
		want, calculator, splitter int // segments
	}{
		{
			"empty text", "", "both count the message that carries nothing; we are asked what a text costs",
			0, 1, 1,
		},
		{
			"cluster at the border", strings.Repeat("ê", 66) + "e\u0301" + strings.Repeat("ê", 66),
			"the calculator keeps a cluster whole", 2, 3, 2,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := ask(t, []string{tc.text})[0]
			got := [...]int{gsm.Count(tc.text).Segments, v.Calculator.Segments, v.Splitter.Segments}
			if want := [...]int{tc.want, tc.calculator, tc.splitter}; got != want {
				t.Errorf("segments here, of calculator, of splitter: %v, want %v (%s)", got, want, tc.reason)
			}
		})
	}
}

func compare(t *testing.T, text string, want opinion) {
	t.Helper()
	info := gsm.Count(text)
	got := opinion{Alphabet: info.Alphabet.String(), Segments: info.Segments, Units: info.Units}
	want.Codes, want.Parts = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q (-library +got):\n%s", text, diff)
	}
}

func compareCodes(t *testing.T, text string, want []int) {
	t.Helper()
	septets, err := gsm.Encode(text)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	got := make([]int, len(septets))
	for i, septet := range septets {
		got[i] = int(septet)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("septets of %q (-calculator +got):\n%s", text, diff)
	}
}

var lengths = []int{
	1, 2, 33, 34, 35, 36, 66, 67, 68, 69, 70, 71, 72, 79, 80, 81, 133, 134, 135, 136, 151, 152, 153, 154,
	158, 159, 160, 161, 162, 200, 201, 202, 304, 305, 306, 307, 308, 458, 459, 460, 611, 612, 613,
}

// generate makes texts of each length around a border, of each mixture, always
// the same ones.
func generate() []string {
	random := rand.New(rand.NewPCG(20, 973))
	mixtures := []string{
		letters,
		letters + signs + accented + greek,
		letters + extended,
		extended,
		letters + expensive,
		letters + extended + expensive + pictures,
		expensive + pictures,
		pictures,
	}
	var texts []string
	for _, mixture := range mixtures {
		for _, length := range lengths {
			for range 5 {
				texts = append(texts, pick(random, mixture, length))
			}
		}
	}
	return append(texts, onBorders()...)
}

// onBorders puts a character of two units on every place near a border.
func onBorders() []string {
	var texts []string
	for _, fill := range []struct {
		with, pairs string
		part        int
	}{
		{"a", extended, 153},
		{"ê", pictures, 67},
	} {
		for _, pair := range fill.pairs {
			for place := fill.part - 3; place <= fill.part+1; place++ {
				for rest := range 12 {
					text := strings.Repeat(fill.with, place) + string(pair)
					texts = append(texts, text+strings.Repeat(fill.with, rest),
						text+strings.Repeat(fill.with, fill.part-2+rest))
				}
			}
		}
	}
	return texts
}

func generateClusters() []string {
	random := rand.New(rand.NewPCG(16, 18))
	var texts []string
	for _, length := range lengths {
		for _, cluster := range clusters {
			text := []rune(pick(random, letters+expensive, length))
			at := min(length, 60+random.IntN(10))
			texts = append(texts, fmt.Sprintf("%s%s%s", string(text[:at]), cluster, string(text[at:])))
		}
	}
	return texts
}

func pick(random *rand.Rand, from string, length int) string {
	choice := []rune(from)
	text := make([]rune, length)
	for i := range text {
		text[i] = choice[random.IntN(len(choice))]
	}
	return string(text)
}
