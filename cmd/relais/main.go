// Command relais is the gateway, its simulated operators and the command line
// that speaks to it. main.go holds the commands and what they share; each
// command lives in the file named after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"relais/config"
	"relais/reason"
)

// Exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitLeftOut = 3 // done, but for some, each of which was named
)

// commandLine is every command, in the order of the help.
type commandLine struct {
	Serve   serveCommand   `cmd:"" help:"Run the gateway."`
	Sandbox sandboxCommand `cmd:"" help:"Run the simulated operators alone."`
	Demo    demoCommand    `cmd:"" help:"Send a first SMS through each simulated operator and show every step."`
	Bench   benchCommand   `cmd:"" help:"Load this gateway and a bare HTTP handler in one run, and compare."`
	clientCommands
	administrationCommands
	Help       helpCommand       `cmd:"" help:"The help of a command; without one, this list."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands, flags and words in a shell."`
	Version    versionCommand    `cmd:"" help:"Version, commit and Go version."`

	Lang        string      `name:"lang" help:"Language of the sentences for people, such as fr; without it that of the locale." placeholder:"LANGUAGE"`
	ShowVersion versionFlag `name:"version" help:"Version, commit and Go version."`
}

// terminal is what a command speaks through.
type terminal struct {
	ctx      context.Context
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	language reason.Language
	zone     *time.Location // nil: the local one
}

func main() {
	os.Exit(run(os.Args[1:], terminal{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}))
}

// run executes one command and returns its exit code. The first signal asks the
// command to end; a second one ends the process at once.
func run(args []string, t terminal) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	t.ctx, t.language = ctx, languageOf(os.LookupEnv)
	plain := t.stdout
	t.stdout = screenOf(plain, os.LookupEnv)

	var commands commandLine
	leave, nothing := -1, false
	parser, err := kong.New(&commands,
		kong.Name("relais"),
		kong.Description(description),
		kong.Writers(plain, t.stderr),
		kong.Exit(func(code int) { leave = code }),
		kong.Help(t.printHelp),
		kong.Bind(&t),
	)
	if err != nil {
		fmt.Fprintln(t.stderr, "relais:", err)
		return exitFailed
	}
	if at := slices.IndexFunc(args, func(a string) bool { return !utf8.ValidString(a) }); at >= 0 { // kong would put U+FFFD into them
		fmt.Fprintln(t.stderr, "relais:", t.text("argument_not_utf8", "argument", argumentName(args, at)))
		return exitUsage
	}
	if asked := askedLanguage(args); !t.speak(asked) {
		fmt.Fprintln(t.stderr, "relais:", t.text("language_unknown", "language", asked, "languages", reason.Names(reason.Languages())))
		return exitUsage
	}
	if len(args) > 0 && args[0] == completeCommand {
		return t.codeOf(t.complete(parser.Model, args[1:]))
	}
	if len(args) == 0 {
		parser.Stdout, args, nothing = t.stderr, []string{"--help"}, true
	}
	parsed, err := parser.Parse(withStdin(withHelp(args)))
	if nothing {
		return exitUsage
	}
	if leave >= 0 {
		return leave
	}
	if err != nil {
		t.misuse(err)
		return exitUsage
	}
	return t.codeOf(parsed.Run(&t))
}

const description = "One API in front of every SMS operator: no message lost, none sent twice, and an answer to \"why?\" for each."

// codeOf says what is wrong, unless it was said, and is the exit code of a command.
func (t *terminal) codeOf(err error) int {
	if err == nil {
		return exitDone
	}
	if usage, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintln(t.stderr, "relais:", usage)
		return exitUsage
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok && wrong.OfFlags() {
		fmt.Fprintln(t.stderr, "relais:", wrong.In(t.language))
		return exitUsage
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		fmt.Fprintf(t.stderr, "relais: %s\n%s\n", t.text("config_problems"), wrong.In(t.language))
		return exitFailed
	}
	if errors.Is(err, errLeftOut) {
		return exitLeftOut
	}
	if !errors.Is(err, errSaid) {
		fmt.Fprintln(t.stderr, "relais:", err)
	}
	return exitFailed
}

// argumentName names an argument without its value: by the flag that it belongs to, else by
// its place.
func argumentName(args []string, at int) string {
	if name, _, joined := strings.Cut(args[at], "="); joined && strings.HasPrefix(name, "--") && utf8.ValidString(name) {
		return name
	}
	if at > 0 && strings.HasPrefix(args[at-1], "-") && utf8.ValidString(args[at-1]) {
		return args[at-1]
	}
	return strconv.Itoa(at + 1)
}

// withStdin joins "--text -" and "--to -": kong takes a dash alone for no value of a
// flag.
func withStdin(args []string) []string {
	joined := slices.Clone(args)
	for i := 0; i+1 < len(joined); i++ {
		if (joined[i] == "--text" || joined[i] == "--to") && joined[i+1] == standardInput {
			joined = slices.Replace(joined, i, i+2, joined[i]+"="+standardInput)
		}
	}
	return joined
}

// errSaid ends a command that failed and has already said why.
var errSaid = errors.New("said")

// errLeftOut ends a command that did what it was asked, but for some that it named.
var errLeftOut = errors.New("some were left out")

// usageError is a command line that cannot be carried out as it is written.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }
