package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "relais"
)

// source is one Go file, whatever its build tags.
type source struct {
	name    string // relative to the root, with slashes
	text    string
	syntax  *ast.File
	fileSet *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

// imports lists the paths that the file imports.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// packages returns the Go files of the module by directory; the root is ".".
func packages(t *testing.T) map[string][]source {
	t.Helper()
	found := map[string][]source{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return enter(name, entry)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file := parse(t, name)
		dir := path.Dir(file.name)
		found[dir] = append(found[dir], file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 5 {
		t.Fatalf("only %d packages under %s: is this the repository?", len(found), root)
	}
	return found
}

// enter skips what is no package of this module: hidden directories, test
// data, what npm brought, and other modules (tools).
func enter(name string, entry fs.DirEntry) error {
	if name == root {
		return nil
	}
	hidden := strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_")
	if hidden || entry.Name() == "testdata" || entry.Name() == "node_modules" {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func parse(t *testing.T, name string) source {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(root, name)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{filepath.ToSlash(relative), string(text), syntax, set}
}

func sorted(found map[string][]source) []string {
	return slices.Sorted(maps.Keys(found))
}
