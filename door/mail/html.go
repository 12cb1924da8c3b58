package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// silent are elements whose text nobody reads.
var silent = map[atom.Atom]bool{
	atom.Head: true, atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true, atom.Object: true, atom.Svg: true, atom.Noscript: true,
}

// blocks are elements that stand on lines of their own.
var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Table: true, atom.Ul: true, atom.Ol: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true,
	atom.H5: true, atom.H6: true, atom.Hr: true, atom.Pre: true, atom.Blockquote: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Address: true,
	atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Center: true,
}

// spaced are blocks with an empty line around them.
var spaced = map[atom.Atom]bool{
	atom.P: true, atom.Ul: true, atom.Ol: true, atom.Table: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Blockquote: true, atom.Pre: true,
}

// marks are what elements begin with, to a reader.
var marks = map[atom.Atom]string{atom.Li: "- ", atom.Td: " ", atom.Th: " "}

// page reduces HTML to its text, with lines where a reader sees them. What is quoted begins with > as in plain text.
type page struct {
	text    strings.Builder
	line    strings.Builder
	quoted  int
	lines   int // line ends that are due before the next text
	begun   bool
	verbose bool // inside of pre
}

// textOfHTML is the text of a page, as it is read.
func textOfHTML(source string) string {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil { // the limits of the library: what it cannot parse holds no text
		return ""
	}
	p := &page{}
	p.walk(root)
	p.end(0)
	return p.text.String()
}

// walk goes through the tree without recursion: pages of strangers may be as deep as they like.
func (p *page) walk(root *html.Node) {
	for n := root; n != nil; {
		inside := p.enter(n)
		if inside && n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		if inside {
			p.leave(n)
		}
		for n != root && n.NextSibling == nil {
			n = n.Parent
			p.leave(n)
		}
		if n == root {
			return
		}
		n = n.NextSibling
	}
}

// enter reads the beginning of a node, and reports whether what is in it counts.
func (p *page) enter(n *html.Node) bool {
	switch n.Type {
	case html.TextNode:
		p.write(n.Data)
		return false
	case html.ElementNode:
	case html.DocumentNode:
		return true
	default:
		return false
	}
	if silent[n.DataAtom] || hidden(n) {
		return false
	}
	p.edge(n.DataAtom)
	p.verbose = p.verbose || n.DataAtom == atom.Pre
	p.write(marks[n.DataAtom])
	if n.DataAtom == atom.Blockquote {
		p.quoted++
	}
	return true
}

func (p *page) leave(n *html.Node) {
	if n.Type != html.ElementNode || n.DataAtom == atom.Br {
		return
	}
	p.edge(n.DataAtom)
	p.verbose = p.verbose && n.DataAtom != atom.Pre
	if n.DataAtom == atom.Blockquote {
		p.quoted--
	}
}

// edge ends the line where a block begins or ends.
func (p *page) edge(a atom.Atom) {
	switch {
	case a == atom.Br:
		p.end(0)
		p.lines++
	case spaced[a]:
		p.end(2)
	case blocks[a]:
		p.end(1)
	}
}

// end closes the line; at least so many line ends are due after it.
func (p *page) end(due int) {
	if line := strings.TrimRight(p.line.String(), " "); line != "" || p.verbose && p.line.Len() > 0 {
		if p.line.String() == signature {
			line = signature
		}
		if p.begun {
			p.text.WriteString(strings.Repeat("\n", max(p.lines, 1)))
		}
		if p.quoted > 0 {
			line = "> " + line
		}
		p.text.WriteString(line)
		p.begun, p.lines = true, 0
	}
	p.line.Reset()
	p.lines = max(p.lines, due)
}

// write adds text to the line; runs of space are one, but for those that do not break.
func (p *page) write(text string) {
	if p.verbose {
		for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
			if i > 0 {
				p.end(0)
				p.lines++
			}
			p.line.WriteString(line)
		}
		return
	}
	for _, r := range text {
		switch r {
		case ' ', '\t', '\n', '\r', '\f':
			if had := p.line.String(); had != "" && !strings.HasSuffix(had, " ") {
				p.line.WriteByte(' ')
			}
		default:
			p.line.WriteRune(r)
		}
	}
}

// hidden reports whether an element is not shown: programs put the first words of a list of mails there.
func hidden(n *html.Node) bool {
	for _, a := range n.Attr {
		style := strings.ToLower(strings.ReplaceAll(a.Val, " ", ""))
		if a.Key == "hidden" || a.Key == "style" && (strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")) {
			return true
		}
	}
	return false
}
