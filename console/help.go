package console

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"relais/docs"
	"relais/reason"
)

// manuals are the documents of the console by language. They are part of the program, so
// that help is there without a network.
var manuals = map[reason.Language][]byte{reason.English: docs.Console, "fr": docs.ConsoleFrench}

// helpPage is the manual.
type helpPage struct{ frame }

func showHelp(q *request) (answer, error) {
	name := helpName(q.lang)
	if q.console.pages[name] == nil {
		name = helpName(reason.English)
	}
	return view{name: name, data: &helpPage{}}, nil
}

func helpName(l reason.Language) string { return "help." + string(l) }

// addManuals makes a page of each manual: its HTML is a template as those of the other
// pages are, and comes from the program too.
func addManuals(pages map[string]*template.Template, shared *template.Template) {
	for language, source := range manuals {
		page := template.Must(template.Must(shared.Clone()).Parse(`{{define "title"}}{{.Say "menu_help"}}{{end}}`))
		pages[helpName(language)] = template.Must(page.New("main").Parse(manual(source)))
	}
}

// manual makes HTML of Markdown. Raw HTML in it is left out, and links to what is not in
// the program are words.
func manual(source []byte) string {
	table := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))
	m := goldmark.New(goldmark.WithExtensions(table), goldmark.WithParserOptions(
		parser.WithAutoHeadingID(), parser.WithASTTransformers(util.Prioritized(transformer{}, 1000)),
	))
	var b bytes.Buffer
	if err := m.Convert(source, &b); err != nil {
		panic(err) // it is written into memory
	}
	return `<article class="manual">` + strings.ReplaceAll(captioned(b.String()), "{{", `{{"{{"}}`) + "</article>"
}

// captioned gives each table the heading above it as its caption. A table may be wider
// than a telephone, and is then moved by keyboard too.
func captioned(page string) string {
	const table, heading = `<table class="list">`, "<h2"
	var b strings.Builder
	for {
		before, after, found := strings.Cut(page, table)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, above, _ := strings.Cut(before[max(0, strings.LastIndex(before, heading)):], ">")
		title, _, _ := strings.Cut(above, "</h2>")
		b.WriteString(`<table class="list" tabindex="0"><caption class="unseen">` + title + "</caption>")
		page = after
	}
}

// transformer fits a document to the console.
type transformer struct{}

// Transform implements parser.ASTTransformer.
func (transformer) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var links []*ast.Link
	walk := func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch node := n.(type) {
		case *ast.Link:
			if entering && !bytes.HasPrefix(node.Destination, []byte("#")) {
				links = append(links, node)
			}
		case *tables.Table:
			node.SetAttributeString("class", []byte("list"))
		case *tables.TableCell:
			if _, head := node.Parent().(*tables.TableHeader); head {
				node.SetAttributeString("scope", []byte("col"))
			}
		}
		return ast.WalkContinue, nil
	}
	if err := ast.Walk(doc, walk); err != nil {
		panic(err) // walk has none
	}
	for _, link := range links {
		unlink(link)
	}
}

// unlink leaves the words of a link where it stood.
func unlink(link *ast.Link) {
	for child := link.FirstChild(); child != nil; child = link.FirstChild() {
		link.Parent().InsertBefore(link.Parent(), link, child)
	}
	link.Parent().RemoveChild(link.Parent(), link)
}
