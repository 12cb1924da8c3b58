package config

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"relais/config/section"
	"relais/reason"
)

// path is a key from the top level down.
type path = section.Path

// tableAt names the table at p for people.
func tableAt(p path) reason.Arg {
	if len(p) == 0 {
		return reason.Of(whyTopLevel, nil)
	}
	return reason.Name("[" + p.String() + "]")
}

// node is one key of the file with its place: a value, or a table.
type node struct {
	line, column int
	value        any // string, bool, int64, float64, a date, []any, map[string]any
	table        bool
	closed       bool // a header or an inline table has defined it
	order        []string
	children     map[string]*node
}

// invalid stands for a value that has been complained of already.
type invalid struct{}

// find returns the node at p, or nil.
func (n *node) find(p path) *node {
	for _, key := range p {
		if n == nil {
			return nil
		}
		n = n.children[key]
	}
	return n
}

// treeBuilder turns the expressions of a file into nodes. go-toml's own decoder
// keeps no place for the values that it accepts and stops at the first
// duplicate, hence this walk over its parser.
type treeBuilder struct {
	data     []byte
	parser   unstable.Parser
	root     *node
	problems []Problem
}

// parseTree reads a whole file. After a syntax error the rest of the file is
// unknown: the problem is alone and there is no tree.
func parseTree(data []byte) (*node, []Problem) {
	b := &treeBuilder{data: data, root: newTable()}
	b.parser.Reset(data)
	current := b.root
	for b.parser.NextExpression() {
		switch expr := b.parser.Expression(); expr.Kind {
		case unstable.Table:
			current = b.header(expr)
		case unstable.ArrayTable:
			at := b.keys(expr.Key())
			b.complain(at[len(at)-1], whyListOfTables, reason.Args{"table": reason.Name(dotted(at))})
			current = newTable()
		default: // a key with its value: nothing else stands at the top level
			b.keyValue(current, expr)
		}
	}
	if err := b.parser.Error(); err != nil {
		return nil, []Problem{b.syntax(err)}
	}
	return b.root, b.problems
}

func newTable() *node {
	return &node{table: true, children: map[string]*node{}}
}

// placedKey is one part of a dotted key.
type placedKey struct {
	name         string
	line, column int
}

func dotted(keys []placedKey) string {
	names := make(path, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names.String()
}

func (b *treeBuilder) keys(it unstable.Iterator) []placedKey {
	var keys []placedKey
	for it.Next() {
		line, column := b.position(int(it.Node().Raw.Offset))
		keys = append(keys, placedKey{string(it.Node().Data), line, column})
	}
	return keys
}

func (b *treeBuilder) position(offset int) (line, column int) {
	before := b.data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')
}

func (b *treeBuilder) complain(at placedKey, why reason.Code, args reason.Args) {
	b.problems = append(b.problems, Problem{Line: at.line, Column: at.column, Reason: reason.Of(why, args)})
}

// header opens the table of a [header]. After a problem it opens one that
// belongs to nothing, so that the keys under it are not judged.
func (b *treeBuilder) header(expr *unstable.Node) *node {
	keys := b.keys(expr.Key())
	parent := b.descend(b.root, keys[:len(keys)-1])
	if parent == nil {
		return newTable()
	}
	last := keys[len(keys)-1]
	table := b.descend(parent, keys[len(keys)-1:])
	if table == nil {
		return newTable()
	}
	if table.closed {
		b.complain(last, whyTableTwice,
			reason.Args{"table": reason.Name(dotted(keys)), "line": reason.Count(table.line)})
		return newTable()
	}
	table.closed, table.line, table.column = true, last.line, last.column
	return table
}

// descend walks keys from n, making tables on the way. It returns nil after a
// problem: a value stands where a table is wanted.
func (b *treeBuilder) descend(n *node, keys []placedKey) *node {
	for i, key := range keys {
		next := n.children[key.name]
		if next == nil {
			next = newTable()
			next.line, next.column = key.line, key.column
			n.add(key.name, next)
		}
		if !next.table {
			b.complain(key, whyNoTable, reason.Args{
				"key":  reason.Name(dotted(keys[:i+1])),
				"line": reason.Count(next.line),
			})
			return nil
		}
		n = next
	}
	return n
}

func (n *node) add(key string, child *node) {
	n.order = append(n.order, key)
	n.children[key] = child
}

func (b *treeBuilder) keyValue(parent *node, expr *unstable.Node) {
	keys := b.keys(expr.Key())
	last := keys[len(keys)-1]
	if parent = b.descend(parent, keys[:len(keys)-1]); parent == nil {
		return
	}
	if before := parent.children[last.name]; before != nil {
		b.complain(last, whyKeyTwice, reason.Args{
			"key":  section.Quoted(dotted(keys)),
			"line": reason.Count(before.line),
		})
		return
	}
	child := &node{}
	if value := expr.Value(); value.Kind == unstable.InlineTable {
		child = newTable()
		child.closed = true
		for it := value.Children(); it.Next(); {
			b.keyValue(child, it.Node())
		}
	} else {
		child.value = b.value(last, value)
	}
	child.line, child.column = last.line, last.column
	parent.add(last.name, child)
}

// value converts a node that is no table. Tables inside an array lose their
// places: no key of ours takes any.
func (b *treeBuilder) value(at placedKey, n *unstable.Node) any {
	switch n.Kind {
	case unstable.String:
		return string(n.Data)
	case unstable.Array:
		items := []any{}
		for it := n.Children(); it.Next(); {
			items = append(items, b.value(at, it.Node()))
		}
		return items
	case unstable.InlineTable:
		return map[string]any{}
	default:
		var holder struct{ V any }
		if err := toml.Unmarshal(append([]byte("V = "), n.Data...), &holder); err != nil {
			b.complain(at, whyBadValue, reason.Args{"key": section.Quoted(at.name)})
			return invalid{}
		}
		return holder.V
	}
}

// syntax words the parser's error without the characters that it saw, which
// may be those of a secret whose quotes were forgotten.
func (b *treeBuilder) syntax(err error) Problem {
	problem := Problem{Reason: reason.Of(whySyntax, nil)}
	parserError, ok := errors.AsType[*unstable.ParserError](err)
	if !ok || len(parserError.Highlight) == 0 {
		return problem
	}
	problem.Line, problem.Column = b.position(int(b.parser.Range(parserError.Highlight).Offset))
	switch message := parserError.Message; {
	case strings.Contains(message, "escape"), strings.Contains(message, "hexadecimal"):
		problem.Reason = reason.Of(whySyntaxEscape, nil)
	case strings.Contains(message, "start of value"), strings.HasPrefix(message, "expected keyword"),
		strings.HasPrefix(message, "expected newline"), strings.HasPrefix(message, "expected digit"):
		problem.Reason = reason.Of(whySyntaxValue, nil)
	case strings.Contains(message, "U+"), strings.Contains(message, "unable to parse"):
	default:
		problem.Reason = reason.Of(whySyntaxOther, reason.Args{"why": reason.Name(message)})
	}
	return problem
}
