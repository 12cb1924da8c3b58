package console_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// corpus are words that try to be more than words.
var corpus = []string{
	`<script>document.title="pwned"</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' autofocus onfocus=alert(1) x='`,
	"</title></textarea></pre><svg onload=alert(1)>",
	"{{.User}} ${7*7} javascript:alert(1)",
	"\u202egnp.exe\u202c \u2066isole\u2069 \u200fdroite",
	"pay\u200bpal\ufeff.example\u00ad",
	"a" + strings.Repeat("\u0301\u0489", 60),
	"\u0301devant",
	"ligne\u2028separee\u0085\x1b[31m",
	strings.Repeat("motinsecable", 100),
}

// harmless reports what is wrong with a page that shows the corpus: characters that hide or
// turn the text around, or HTML of others.
func harmless(t *testing.T, where string, p *consoletest.Page) {
	t.Helper()
	for _, r := range p.HTML {
		if unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || unicode.IsControl(r) && r != '\n' && r != '\t' ||
			r == '\u200b' || r == '\ufeff' || r == '\u00ad' {
			t.Errorf("%s has a bare U+%04X", where, r)
		}
	}
	for _, begun := range []string{"<script>", "<img src=x", "<svg onload", "\" onerror=", "' autofocus"} {
		if strings.Contains(p.HTML, begun) {
			t.Errorf("%s has the HTML of others: %s", where, begun)
		}
	}
	if strings.Contains(p.HTML, strings.Repeat("\u0301\u0489", 3)) {
		t.Errorf("%s has a heap of accents", where)
	}
}

func TestHostileWordsAreShownAsWords(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("gaston", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "gaston")
	var pages []string
	for i, words := range corpus {
		reference := []rune(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, words))
		sent, err := w.API.Submit(t.Context(), client.SubmitRequest{
			To: []string{"0639980001"}, Text: words + " fin", Reference: string(reference[:min(len(reference), 60)]),
		})
		if err != nil {
			t.Logf("%d is refused: %v", i, err) // what is refused is shown nowhere
			continue
		}
		pages = append(pages, "/console/messages/"+sent.Messages[0].ID)
	}
	if len(pages) < len(corpus)/2 {
		t.Fatalf("only %d of %d are taken", len(pages), len(corpus))
	}
	pages = append(pages, hostileReplies(t, w)...)
	pages = append(pages, "/console/", "/console/messages", "/console/inbox", "/console/held", "/console/usage",
		"/console/handsets", "/console/me")
	marks := 0
	for _, path := range pages {
		p := b.Get(path)
		if p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
		harmless(t, path, p)
		marks += strings.Count(p.HTML, "‹")
	}
	if marks == 0 {
		t.Error("nothing is marked")
	}
	for _, words := range corpus {
		preview := b.Post("/console/send", "to", "0639980001", "text", words)
		for _, begun := range []string{"<script>document", "<img src=x", "<svg onload"} {
			if strings.Contains(preview.HTML, begun) {
				t.Errorf("the form gives back HTML: %s", begun)
			}
		}
	}
}

// hostileReplies has somebody write the corpus, and returns the pages of the replies.
func hostileReplies(t *testing.T, w *consoletest.World) (pages []string) {
	t.Helper()
	const some = 3
	for _, words := range corpus {
		text, err := json.Marshal(map[string]string{"text": words + " fin"})
		if err != nil {
			t.Fatal(err)
		}
		order(t, w, http.MethodPost, "/handsets/+33639980001/reply", string(text))
	}
	await(t, "replies are there", func() bool {
		list, err := w.API.Inbounds(t.Context(), client.InboundQuery{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		pages = nil
		for _, in := range list.Items {
			pages = append(pages, "/console/inbox/"+in.ID)
		}
		return len(pages) >= some
	})
	return pages
}

// What stands in bdi was written by others.
func TestPagesMarkWhatOthersWrote(t *testing.T) {
	files, err := filepath.Glob("page/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	bare := regexp.MustCompile(`<bdi[^>]*>[^<]*\{\{(\.|\$\.)[A-Z][A-Za-z.]*\}\}`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range bare.FindAllString(string(text), -1) {
			t.Errorf("%s shows it without marks, which {{marked .X}} makes: %s", file, found)
		}
	}
}
