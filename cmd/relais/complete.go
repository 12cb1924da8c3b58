package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	_ "embed" // the scripts

	"relais/cmd/relais/terminal"
)

// completeCommand asks for what may follow words of a command line. The scripts of the
// shells call it.
const completeCommand = "__complete"

//go:embed completion/relais.bash
var bashScript string

//go:embed completion/relais.zsh
var zshScript string

//go:embed completion/relais.fish
var fishScript string

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run implements the command.
func (c *completionCommand) Run(t *terminal.Terminal) error {
	_, err := io.WriteString(t.Stdout,
		map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell])
	return err
}

// proposal is a word that may come next, and what it means.
type proposal struct{ word, meaning string }

// filesWanted stands for the names of files, which the shell knows.
const filesWanted = ":files"

// complete prints what may stand in place of the last word, one a line with its
// meaning behind a tab.
func complete(t *terminal.Terminal, model *kong.Application, words []string) error {
	current := ""
	if words = joinedEquals(words); len(words) > 0 {
		current, words = words[len(words)-1], words[:len(words)-1]
	}
	var b strings.Builder
	for _, p := range proposals(t, model.Node, words, current) {
		if p.word == filesWanted || strings.HasPrefix(p.word, current) {
			fmt.Fprintf(&b, "%s\t%s\n", p.word, p.meaning)
		}
	}
	_, err := io.WriteString(t.Stdout, b.String())
	return err
}

// joinedEquals joins --flag = value, which bash takes apart.
func joinedEquals(words []string) (joined []string) {
	for i := range words {
		last := len(joined) - 1
		switch {
		case words[i] == "=" && last >= 0 && strings.HasPrefix(joined[last], "--"):
			joined[last] += "="
		case last >= 0 && strings.HasPrefix(joined[last], "--") && strings.HasSuffix(joined[last], "="):
			joined[last] += words[i]
		default:
			joined = append(joined, words[i])
		}
	}
	return joined
}

func proposals(t *terminal.Terminal, root *kong.Node, words []string, current string) []proposal {
	node, flag, args := reached(root, words)
	if flag != nil {
		return valuesOf(flag.Value, flag.Name, "")
	}
	if name, _, valued := strings.Cut(current, "="); valued && strings.HasPrefix(name, "--") {
		if f := flagOf(node, name); f != nil {
			return valuesOf(f.Value, f.Name, name+"=")
		}
		return nil
	}
	if strings.HasPrefix(current, "-") {
		return flagsOf(t, node, words)
	}
	var all []proposal
	for _, child := range visible(node) {
		all = append(all, proposal{child.Name, t.Help(child.Help)})
	}
	if args < len(node.Positional) {
		all = append(all, valuesOf(node.Positional[args], node.Positional[args].Name, "")...)
	}
	return all
}

// reached is the command that the words lead to, the flag that waits for its value, and
// how many arguments there are.
func reached(root *kong.Node, words []string) (node *kong.Node, flag *kong.Flag, args int) {
	node = root
	if len(words) > 0 && words[0] == "help" {
		words = words[1:]
	}
	for _, word := range words {
		switch child := childOf(node, word); {
		case flag != nil:
			flag = nil
		case strings.HasPrefix(word, "-"):
			if f := flagOf(node, word); f != nil && !f.IsBool() {
				flag = f
			}
		case child != nil:
			node = child
		default:
			args++
		}
	}
	return node, flag, args
}

func childOf(node *kong.Node, name string) *kong.Node {
	at := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name })
	if at < 0 {
		return nil
	}
	return node.Children[at]
}

func flagOf(node *kong.Node, word string) *kong.Flag {
	for _, level := range withoutName(node).AllFlags(true) {
		for _, f := range level {
			if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// flagsOf are those that the words lack; one that takes a list may come again.
func flagsOf(t *terminal.Terminal, node *kong.Node, words []string) []proposal {
	var all []proposal
	for _, level := range withoutName(node).AllFlags(true) {
		for _, f := range level {
			there := slices.ContainsFunc(words,
				func(w string) bool { name, _, _ := strings.Cut(w, "="); return name == "--"+f.Name })
			if !there || f.IsSlice() {
				all = append(all, proposal{"--" + f.Name, t.Help(f.Help)})
			}
		}
	}
	return all
}

// knownValues are those of flags whose words the gateway judges.
var knownValues = map[string][]string{
	"status": {"queued", "submitting", "uncertain", "submitted", "delivered", "undelivered", "expired", "rejected", "canceled"},
	"class":  {"otp", "transactional", "marketing"},
	"intent": {"reply", "stop", "start", "unsure"},
	"state":  {"pending", "delivered", "failed"},
}

// valuesOf are the words that a flag or an argument takes, or the wish for files.
func valuesOf(v *kong.Value, name, before string) []proposal {
	words := knownValues[name]
	if v.Enum != "" {
		words = strings.Split(v.Enum, ",")
	}
	var all []proposal
	for _, word := range words {
		all = append(all, proposal{before + word, ""})
	}
	place := v.Name
	if v.Flag != nil {
		place = v.Flag.PlaceHolder
	}
	if place = strings.ToUpper(place); len(all) == 0 && (place == "FILE" || place == "DIR") {
		all = append(all, proposal{filesWanted, ""})
	}
	return all
}
