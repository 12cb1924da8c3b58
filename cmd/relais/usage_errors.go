package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"relais/cmd/relais/terminal"
)

// misuse says what is wrong with a command line, and which help tells more.
func misuse(t *terminal.Terminal, err error) {
	fmt.Fprintln(t.Stderr, "relais:", wrongLine(t, err.Error()))
	path := ""
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
		if node := wrong.Context.Selected(); node != nil {
			path = " " + node.Path()
		}
	}
	if path == "" {
		t.Say("usage_hint")
		return
	}
	t.Say("usage_hint_of", "command", "relais"+path)
}

// parserWords are what the parser of the command line says, and the phrases for it,
// whose arguments are the groups.
var parserWords = []struct {
	said *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^unexpected argument (?P<argument>.*), did you mean one of (?P<near>.*)\?$`), "parser_argument_several"},
	{regexp.MustCompile(`^unexpected argument (?P<argument>.*), did you mean (?P<near>.*)\?$`), "parser_argument_near"},
	{regexp.MustCompile(`^unexpected argument (?P<argument>.*)$`), "parser_argument"},
	{regexp.MustCompile(`^unknown flag (?P<flag>.*), did you mean one of (?P<near>.*)\?$`), "parser_flag_several"},
	{regexp.MustCompile(`^unknown flag (?P<flag>.*), did you mean (?P<near>.*)\?$`), "parser_flag_near"},
	{regexp.MustCompile(`^unknown flag (?P<flag>.*)$`), "parser_flag"},
	{regexp.MustCompile(`^missing flags: (?P<what>.*)$`), "parser_missing"},
	{regexp.MustCompile(`^missing positional arguments (?P<what>.*)$`), "parser_missing"},
	{regexp.MustCompile(`^expected (?P<what><.*>|"<.*>.*")$`), "parser_missing"},
	{regexp.MustCompile(`^expected one of (?P<choices>.*)$`), "parser_one_of"},
	{regexp.MustCompile(`^(?P<what>.*) must be one of (?P<choices>.*) but got (?P<value>.*)$`), "parser_enum"},
	{regexp.MustCompile(`^(?P<flag>--[a-z0-9-]+): expected .* but got "EOL" \(<EOL>\)$`), "parser_no_value"},
	{regexp.MustCompile(`^(?P<flag>--[a-z0-9-]+): expected a valid \d+ bit u?int but got (?P<value>.*)$`), "parser_number"},
	{regexp.MustCompile(`^(?P<flag>--[a-z0-9-]+): expected duration but got (?P<value>".*"): .*$`), "parser_duration"},
	{regexp.MustCompile(`^(?P<flag>--[a-z0-9-]+): bool value must be true, 1, yes, false, 0 or no but got (?P<value>.*)$`), "parser_bool"},
	{regexp.MustCompile(`^(?P<first>.*) and (?P<second>.*) can't be used together$`), "parser_together"},
}

// wrongLine puts what the parser says into our words. What it says anew stays English.
func wrongLine(t *terminal.Terminal, said string) string {
	for _, known := range parserWords {
		if match := known.said.FindStringSubmatch(said); match != nil {
			var pairs []any
			for i, name := range known.said.SubexpNames()[1:] {
				group := match[i+1]
				if known.key == "parser_missing" { // of flags of which one does
					group = strings.ReplaceAll(group, " or ", " "+t.Text("parser_or")+" ")
				}
				pairs = append(pairs, name, group)
			}
			return t.Text(known.key, pairs...)
		}
	}
	return said
}
