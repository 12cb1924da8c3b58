package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// page is one document.
type page struct {
	name string // relative to the root, with slashes
	text string
}

func pageAt(t *testing.T, name string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return page{name, string(text)}
}

// pages are all documents for people.
func pages(t *testing.T) []page {
	t.Helper()
	names := []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".md" {
			names = append(names, "docs/"+filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 10 {
		t.Fatalf("only %d documents found", len(names))
	}
	var all []page
	for _, name := range names {
		all = append(all, pageAt(t, name))
	}
	return all
}

// fence is a fenced block.
type fence struct {
	language string
	mark     string // of the comment on the line before: "run", "run until", "output"
	text     string
	line     int
}

var (
	opening = regexp.MustCompile("^( *)```([a-z]*)$")
	comment = regexp.MustCompile(`^<!-- ([a-z ]+) -->$`)
)

// fences lists the fenced blocks of a page, those in lists without their indent.
func (p page) fences() []fence {
	var all []fence
	var open *fence
	indent, mark := "", ""
	for n, line := range strings.Split(p.text, "\n") {
		switch {
		case open != nil && line == indent+"```":
			all = append(all, *open)
			open, mark = nil, ""
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		case opening.MatchString(line):
			found := opening.FindStringSubmatch(line)
			indent, open = found[1], &fence{language: found[2], mark: mark, line: n + 1}
		case comment.MatchString(line):
			mark = comment.FindStringSubmatch(line)[1]
		case line != "":
			mark = ""
		}
	}
	return all
}

// between is what stands between the comments name:begin and name:end.
func (p page) between(t *testing.T, name string) string {
	t.Helper()
	_, rest, opened := strings.Cut(p.text, "<!-- "+name+":begin -->\n")
	inside, _, closed := strings.Cut(rest, "<!-- "+name+":end -->")
	if !opened || !closed {
		t.Fatalf("%s has no block %s", p.name, name)
	}
	return inside
}

// section is the text under a heading, up to the next one of its level.
func (p page) section(t *testing.T, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(p.text, "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", p.name, heading)
	}
	level, _, _ := strings.Cut(heading, " ")
	inside, _, _ := strings.Cut(rest, "\n"+level+" ")
	return inside
}

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	firstRow = regexp.MustCompile(`(?m)^\| ([^|]*)\|`)
)

// firstColumn lists the words in code in the first column of the tables of text.
func firstColumn(text string) []string {
	var words []string
	for _, row := range firstRow.FindAllStringSubmatch(text, -1) {
		for _, span := range codeSpan.FindAllStringSubmatch(row[1], -1) {
			words = append(words, span[1])
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// anchors are the names that the headings of a page have on a forge.
func anchors(text string) []string {
	var names []string
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, h[1]))
	}
	return names
}

func TestLinksResolve(t *testing.T) {
	found := 0
	for _, p := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(p.text, -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			found++
			text := p.text
			if target != "" {
				data, err := os.ReadFile(filepath.Join(root, filepath.Dir(p.name), target))
				if err != nil {
					t.Errorf("%s: link to %s: %v", p.name, match[1], err)
					continue
				}
				text = string(data)
			}
			if anchor != "" && !slices.Contains(anchors(text), anchor) {
				t.Errorf("%s: link to %s: there is no such heading", p.name, match[1])
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d links found", found)
	}
}
