package archtest

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// lanesPage goes on where the page about the architecture ends.
const lanesPage = root + "/docs/lanes.md"

// mostOfLine is how many files somebody reads who follows a message.
const mostOfLine = 12

const (
	lineBegin = "<!-- line:begin -->\n"
	lineEnd   = "<!-- line:end -->"
	treeBegin = "```text\n"
	treeEnd   = "```"
)

var (
	quoted     = regexp.MustCompile("`([^`\n]+)`")
	lineItem   = regexp.MustCompile(`(?m)^[0-9]+\. (.*)$`)
	extension  = regexp.MustCompile(`\.(go|md|toml|sql|mod)$`)
	aPackage   = regexp.MustCompile("(?i)package `([a-z]+)`")
	manySpaces = regexp.MustCompile(` {2,}`)
)

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between is the part of a page between two marks.
func between(t *testing.T, text, begin, end string) string {
	t.Helper()
	_, after, ok := strings.Cut(text, begin)
	part, _, closed := strings.Cut(after, end)
	if !ok || !closed {
		t.Fatalf("the page has no block between %q and %q", strings.TrimSpace(begin), end)
	}
	return part
}

// namedPaths are the files and directories that a page names in its sentences and tables:
// what is quoted and has a slash or the ending of a file. Of connector/<name>/ it is the
// part that exists.
func namedPaths(text string) (names []string) {
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		name, _, _ := strings.Cut(m[1], "<")
		isPath := strings.Contains(name, "/") || extension.MatchString(name)
		if isPath && !strings.HasPrefix(name, "/") && !strings.Contains(name, " ") {
			names = append(names, name)
		}
	}
	for _, m := range aPackage.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// treePaths are the directories that the tree has a line for. "sandbox/ovh, dmc" is two.
func treePaths(tree string) (names []string) {
	for line := range strings.SplitSeq(tree, "\n") {
		if strings.HasPrefix(line, "   ") {
			continue // goes on with the line before
		}
		first, _, _ := strings.Cut(manySpaces.ReplaceAllString(strings.TrimSpace(line), "\t"), "\t")
		for i, name := range strings.Split(first, ", ") {
			if name = path.Clean(name); i > 0 {
				name = path.Join(path.Dir(names[len(names)-1]), name)
			}
			if name != "." {
				names = append(names, name)
			}
		}
	}
	return names
}

// missing are those of the names that are nowhere in the repository. A file without a
// directory is one of several, and must be somewhere.
func missing(t *testing.T, names []string) (lacking []string) {
	t.Helper()
	somewhere := map[string]bool{}
	for _, files := range packages(t) {
		for _, file := range files {
			somewhere[path.Base(file.name)] = true
		}
	}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
		found := err == nil && (info.IsDir() || !strings.HasSuffix(name, "/"))
		if !found && (strings.Contains(name, "/") || !somewhere[name]) {
			lacking = append(lacking, name)
		}
	}
	return lacking
}

func TestFilesOfThePagesExist(t *testing.T) {
	for _, page := range []string{architecture, lanesPage} {
		names := namedPaths(readPage(t, page))
		if len(names) < 10 {
			t.Fatalf("%s names only %q", page, names)
		}
		for _, name := range missing(t, names) {
			t.Errorf("%s names %s, which does not exist", page, name)
		}
	}
}

func TestTheLineIsShort(t *testing.T) {
	line := between(t, readPage(t, architecture), lineBegin, lineEnd)
	files := map[string]bool{}
	for _, name := range namedPaths(line) {
		if strings.HasSuffix(name, ".go") {
			files[name] = true
		}
	}
	items := lineItem.FindAllStringSubmatch(line, -1)
	if len(files) == 0 {
		t.Fatal("the line names no file")
	}
	if len(files) > mostOfLine || len(items) > mostOfLine {
		t.Errorf("the line has %d steps and %d files, want at most %d", len(items), len(files), mostOfLine)
	}
	if len(items) != len(files) {
		t.Errorf("%d steps name other files, want one each: %q", len(items), slices.Sorted(maps.Keys(files)))
	}
	if all := namedPaths(line); !strings.HasPrefix(all[0], "api/") ||
		!strings.HasPrefix(all[len(all)-1], "webhook/") {
		t.Errorf("the line goes from %s to %s, want from the API to the webhooks", all[0], all[len(all)-1])
	}
	for _, item := range items {
		names := namedPaths(item[1])
		if !strings.HasPrefix(item[1], "`") || len(names) == 0 || !strings.HasSuffix(names[0], ".go") {
			t.Errorf("a step of the line begins without its file: %s", item[0])
		}
	}
}

func TestTheTreeIsTheOneOfTheRepository(t *testing.T) {
	tree := between(t, readPage(t, architecture), treeBegin, treeEnd)
	listed := treePaths(tree)
	for _, name := range missing(t, listed) {
		t.Errorf("the tree has a line for %s, which does not exist", name)
	}
	for _, pkg := range sorted(packages(t)) {
		aside := strings.HasPrefix(pkg, "internal/") || strings.Contains(tree, path.Base(pkg)+"/ ")
		if !aside && !slices.Contains(listed, pkg) {
			t.Errorf("the tree of docs/architecture.md has no line for %s", pkg)
		}
	}
}

func TestPathFinders(t *testing.T) {
	text := "`api/submit.go`, `Submit`, `queued`, `gateway.Submission`, `connector/<name>/`, " +
		"`GET /v1/connectors`, `read.go`, `go.mod`, `*_file`, package `wish`"
	want := []string{"api/submit.go", "connector/", "read.go", "go.mod", "wish"}
	if got := namedPaths(text); !slices.Equal(got, want) {
		t.Errorf("namedPaths = %q, want %q", got, want)
	}
	tree := "api/                 the door\n  sandbox/ovh, dmc     two\n" +
		"deploy/              alert rules,\n                     with tests\n"
	want = []string{"api", "sandbox/ovh", "sandbox/dmc", "deploy"}
	if got := treePaths(tree); !slices.Equal(got, want) {
		t.Errorf("treePaths = %q, want %q", got, want)
	}
	names := []string{
		"gateway/nowhere.go", "nowhere.go", "gateway/", "gateway/submit.go", "submit.go", "nowhere/",
	}
	want = []string{"gateway/nowhere.go", "nowhere.go", "nowhere/"}
	if got := missing(t, names); !slices.Equal(got, want) {
		t.Errorf("missing = %q, want %q", got, want)
	}
}
