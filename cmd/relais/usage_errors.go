package main

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/alecthomas/kong"
)

// misuse says what is wrong with a command line, and which help tells more.
func (t *terminal) misuse(err error) {
	fmt.Fprintln(t.stderr, "relais:", t.wrongLine(err.Error()))
	path := ""
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
		if node := wrong.Context.Selected(); node != nil {
			path = " " + node.Path()
		}
	}
	if path == "" {
		t.say("usage_hint")
		return
	}
	t.say("usage_hint_of", "relais"+path)
}

// parserWords are what the parser of the command line says, and the phrases for it.
var parserWords = []struct {
	said *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^unexpected argument (.*), did you mean one of (.*)\?$`), "parser_argument_several"},
	{regexp.MustCompile(`^unexpected argument (.*), did you mean (.*)\?$`), "parser_argument_near"},
	{regexp.MustCompile(`^unexpected argument (.*)$`), "parser_argument"},
	{regexp.MustCompile(`^unknown flag (.*), did you mean one of (.*)\?$`), "parser_flag_several"},
	{regexp.MustCompile(`^unknown flag (.*), did you mean (.*)\?$`), "parser_flag_near"},
	{regexp.MustCompile(`^unknown flag (.*)$`), "parser_flag"},
	{regexp.MustCompile(`^missing flags: (.*)$`), "parser_missing"},
	{regexp.MustCompile(`^missing positional arguments (.*)$`), "parser_missing"},
	{regexp.MustCompile(`^expected (<.*>|"<.*>.*")$`), "parser_missing"},
	{regexp.MustCompile(`^expected one of (.*)$`), "parser_one_of"},
	{regexp.MustCompile(`^(.*) must be one of (.*) but got (.*)$`), "parser_enum"},
	{regexp.MustCompile(`^(--[a-z0-9-]+): expected .* but got "EOL" \(<EOL>\)$`), "parser_no_value"},
	{regexp.MustCompile(`^(--[a-z0-9-]+): expected a valid \d+ bit u?int but got (.*)$`), "parser_number"},
	{regexp.MustCompile(`^(--[a-z0-9-]+): expected duration but got (".*"): .*$`), "parser_duration"},
	{regexp.MustCompile(`^(--[a-z0-9-]+): bool value must be true, 1, yes, false, 0 or no but got (.*)$`), "parser_bool"},
	{regexp.MustCompile(`^(.*) and (.*) can't be used together$`), "parser_together"},
}

// wrongLine puts what the parser says into our words. What it says anew stays English.
func (t *terminal) wrongLine(said string) string {
	for _, known := range parserWords {
		if match := known.said.FindStringSubmatch(said); match != nil {
			values := make([]any, len(match)-1)
			for i := range values {
				values[i] = match[i+1]
			}
			return fmt.Sprintf(t.text(known.key), values...)
		}
	}
	return said
}
