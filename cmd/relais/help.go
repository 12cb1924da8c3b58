package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"relais/cmd/relais/remote"
	"relais/cmd/relais/terminal"
)

// helpCommand stands in the list; withHelp puts the flag in its place.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command."`
}

// withHelp makes "help COMMAND" what "COMMAND --help" is.
func withHelp(args []string) []string {
	if len(args) > 0 && args[0] == "help" {
		return append(slices.Clone(args[1:]), "--help")
	}
	return args
}

// helpOf is the help of a command, or of all, in the language of the person, as
// wide as the screen.
func helpOf(t *terminal.Terminal) kong.HelpPrinter {
	return func(_ kong.HelpOptions, ctx *kong.Context) error { return printHelp(t, ctx) }
}

func printHelp(t *terminal.Terminal, ctx *kong.Context) error {
	w := helpWriter{t: t, width: helpWidth(ctx.Stdout)}
	node := ctx.Selected()
	if node == nil {
		node = ctx.Model.Node
	}
	w.usage(ctx.Model, node)
	w.paragraph(t.Help(node.Help))
	if len(node.Positional) > 0 {
		w.title("help_arguments")
		for _, arg := range node.Positional {
			w.entry(arg.Summary(), helpOfValue(t, arg))
		}
	}
	if node.Parent == nil {
		w.groups(node)
	} else if children := visible(node); len(children) > 0 {
		w.title("help_commands")
		for _, child := range children {
			w.entry(child.Path(), t.Help(child.Help))
		}
	}
	w.title("help_flags")
	for _, level := range withoutName(node).AllFlags(true) {
		for _, flag := range level {
			w.entry(flagSummary(flag), helpOfFlag(t, flag))
		}
	}
	if node.Parent == nil {
		w.paragraph(t.Text("help_more"))
	}
	_, err := io.WriteString(ctx.Stdout, w.String())
	return err
}

// withoutName is the command that a group is when none of it is named.
func withoutName(node *kong.Node) *kong.Node {
	if node.DefaultCmd != nil {
		return node.DefaultCmd
	}
	return node
}

func visible(node *kong.Node) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(node.Children), func(n *kong.Node) bool { return n.Hidden })
}

// flagSummary is a flag as it is written.
func flagSummary(f *kong.Flag) string {
	text := "--" + f.Name
	if f.Short != 0 {
		text = fmt.Sprintf("-%c, %s", f.Short, text)
	}
	if f.IsBool() {
		return text
	}
	return text + "=" + strings.ToUpper(cmp.Or(f.PlaceHolder, f.Name))
}

// helpOfFlag adds the default and the variable.
func helpOfFlag(t *terminal.Terminal, f *kong.Flag) string { return helpOfValue(t, f.Value) }

func helpOfValue(t *terminal.Terminal, v *kong.Value) string {
	text := t.Help(v.Help)
	var more []string
	if v.HasDefault && v.Default != "" && !v.IsBool() {
		more = append(more, t.Text("help_default", "value", v.Default))
	}
	if len(v.Tag.Envs) > 0 {
		more = append(more, "$"+strings.Join(v.Tag.Envs, ", $"))
	}
	if len(more) == 0 {
		return text
	}
	return strings.TrimSuffix(text, ".") + " (" + strings.Join(more, t.Text("help_separator")) + ")."
}

// helpWidth is that of the screen; lines that are longer are hard to read.
func helpWidth(w io.Writer) int {
	const usual, widest = 80, 110
	return min(cmp.Or(terminal.ColumnsOf(w, os.LookupEnv), usual), widest)
}

type helpWriter struct {
	strings.Builder
	t     *terminal.Terminal
	width int
}

func (w *helpWriter) usage(app *kong.Application, node *kong.Node) {
	text := app.Name + app.Summary()
	if node.Parent != nil {
		text = app.Name + " " + node.Summary()
	}
	words := strings.NewReplacer(
		"[flags]", "["+w.t.Text("help_word_flags")+"]", "<command>", "<"+w.t.Text("help_word_command")+">")
	text = words.Replace(text)
	label := w.t.Text("help_usage") + " "
	fmt.Fprintf(w, "%s%s\n", label, terminal.Wrapped(text, w.width-terminal.Indent, terminal.Indent))
}

func (w *helpWriter) paragraph(text string) {
	if text != "" {
		fmt.Fprintf(w, "\n%s\n", terminal.Wrapped(text, w.width, 0))
	}
}

func (w *helpWriter) title(key string) { fmt.Fprintf(w, "\n%s\n", w.t.Text(key)) }

// entry is a word and what it means: beside it, or below where it is long.
func (w *helpWriter) entry(word, text string) {
	const left = 28
	lead := "  " + word
	if n := terminal.Cells(lead); n+terminal.Gap <= left {
		lead += strings.Repeat(" ", left-n)
	} else {
		lead += "\n" + strings.Repeat(" ", left)
	}
	fmt.Fprintln(w, strings.TrimRight(lead+terminal.Wrapped(text, w.width-left, left), " "))
}

// groups are the commands by what they are for.
func (w *helpWriter) groups(root *kong.Node) {
	running := []string{"serve", "sandbox", "demo", "bench"}
	list := func(belongs func(name string) bool) {
		for _, child := range visible(root) {
			if belongs(child.Name) {
				w.entry(child.Name, w.t.Help(child.Help))
			}
		}
	}
	w.title("help_run")
	list(func(name string) bool { return slices.Contains(running, name) })
	w.title("help_client")
	list(func(name string) bool { return slices.Contains(remote.Names, name) })
	w.title("help_administration")
	list(func(name string) bool {
		return !slices.Contains(running, name) && !slices.Contains(remote.Names, name)
	})
}
