package terminal

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/cmd/relais/terminal/terminaltest"
)

func environment(set map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := set[name]; return v, ok }
}

var someMessages = [][]string{
	{"ID", "TO", "STATUS", "REASON", "CONNECTOR", "SEGMENTS"},
	{"01a20395-5c04-7000-b4c4-229a0deb4f44", "+33639980070", "delivered", "delivered", "ovh", "1"},
	{"01a20395-5c04-7000-b4c4-229a0deb4f45", "+33639980071", "rejected", "operator_rejected", "ovh", "1"},
}

func TestTablesFitTheScreen(t *testing.T) {
	for _, tc := range []struct {
		name    string
		columns uint16
		env     map[string]string
		rows    [][]string
		want    string
	}{
		{"room for all", 120, nil, someMessages, `
ID                                    TO            STATUS     REASON             CONNECTOR  SEGMENTS
01a20395-5c04-7000-b4c4-229a0deb4f44  +33639980070  delivered  delivered          ovh        1
01a20395-5c04-7000-b4c4-229a0deb4f45  +33639980071  rejected   operator_rejected  ovh        1
`},
		{"80 columns", 80, nil, someMessages, `
ID                                    TO            STATUS     REASON
    CONNECTOR  SEGMENTS
01a20395-5c04-7000-b4c4-229a0deb4f44  +33639980070  delivered  delivered
    ovh        1
01a20395-5c04-7000-b4c4-229a0deb4f45  +33639980071  rejected   operator_rejected
    ovh        1
`},
		{"COLUMNS asks for another width", 200, map[string]string{"COLUMNS": "80"}, someMessages[:2], `
ID                                    TO            STATUS     REASON
    CONNECTOR  SEGMENTS
01a20395-5c04-7000-b4c4-229a0deb4f44  +33639980070  delivered  delivered
    ovh        1
`},
		{"a sentence is wrapped", 60, nil, [][]string{
			{"  number", "Read as a number reserved for examples, country FR, family fr-metro."},
			{"  class", "Class transactional, the account's default."},
		}, `
  number  Read as a number reserved for examples, country
          FR, family fr-metro.
  class   Class transactional, the account's default.
`},
		{"a cell that is too wide stays whole", 30, nil, [][]string{{"CONNECTOR", "ADDRESS"}, {"ovh", "https://sms.town.example/callbacks/ovh/secret"}}, `
CONNECTOR
    ADDRESS
ovh
    https://sms.town.example/callbacks/ovh/secret
`},
		{"emoji and accents take the room that they take", 80, nil, [][]string{{"TEXT", "N"}, {"🌴 cœur", "1"}, {"e\u0301te\u0301", "2"}}, "\nTEXT     N\n🌴 cœur  1\ne\u0301te\u0301      2\n"},
		{"what would steer the terminal is not sent to it", 80, nil, [][]string{{"code", "\x1b[2Jgone"}}, "\ncode  \ufffd[2Jgone\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := terminaltest.On(t, tc.columns, func(tty *os.File) {
				if err := PrintTable(ScreenOf(tty, environment(tc.env)), tc.rows...); err != nil {
					t.Error(err)
				}
			})
			if diff := cmp.Diff(tc.want, "\n"+got); diff != "" {
				t.Errorf("on the screen (-want +got):\n%s", diff)
			}
			for line := range strings.Lines(got) {
				if n := Cells(strings.TrimSuffix(line, "\n")); n > int(tc.columns) &&
					!strings.Contains(line, "https://") {
					t.Errorf("%d columns: %q", n, line)
				}
			}
		})
	}
}

func TestColours(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"a terminal", map[string]string{"TERM": "xterm-256color"}, true},
		{"NO_COLOR", map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		{"NO_COLOR that is set to nothing says nothing", map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		{"a dumb terminal", map[string]string{"TERM": "dumb"}, false},
		{"no terminal is named", nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := terminaltest.On(t, 120, func(tty *os.File) {
				if err := PrintTable(ScreenOf(tty, environment(tc.env)), someMessages...); err != nil {
					t.Error(err)
				}
			})
			want := []bool{tc.want, tc.want, tc.want}
			if diff := cmp.Diff(want, []bool{
				strings.Contains(got, "\x1b[1mSTATUS\x1b[0m"),
				strings.Contains(got, "\x1b[32mdelivered\x1b[0m"),
				strings.Contains(got, "\x1b[31mrejected\x1b[0m"),
			}); diff != "" {
				t.Errorf("heading, delivered, rejected (-want +got):\n%s\n%q", diff, got)
			}
			plain := regexp.MustCompile(`\x1b\[\d+m`).ReplaceAllString(got, "")
			if want := "delivered  delivered          ovh        1"; !strings.Contains(plain, want) {
				t.Errorf("colours move the columns: %q", plain)
			}
		})
	}
}

// TestPipesGetWholeRows writes to a file: a row stays a line, whatever its length.
func TestPipesGetWholeRows(t *testing.T) {
	var b strings.Builder
	if err := PrintTable(
		ScreenOf(&b, environment(map[string]string{"TERM": "xterm"})), someMessages...,
	); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != len(someMessages) || strings.Contains(b.String(), "\x1b") {
		t.Errorf("%d lines for %d rows: %q", n, len(someMessages), b.String())
	}
}
