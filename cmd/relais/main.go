// Command relais is the gateway, its simulated operators and the command line
// that speaks to it. The commands that call a gateway are in remote/, those that look
// after one on its machine in local/, what both speak through in terminal/; here are those
// that run something. Each command lives in the file named after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"relais/cmd/relais/local"
	"relais/cmd/relais/remote"
	"relais/cmd/relais/terminal"
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

// The commands that call a gateway, and those on its machine.
type (
	remoteCommands = remote.Commands
	localCommands  = local.Commands
)

// commandLine is every command, in the order of the help.
type commandLine struct {
	Serve   serveCommand   `cmd:"" help:"Run the gateway."`
	Sandbox sandboxCommand `cmd:"" help:"Run the simulated operators alone."`
	Demo    demoCommand    `cmd:"" help:"Send a first SMS through each simulated operator and show every step."`
	Bench   benchCommand   `cmd:"" help:"Load this gateway and a bare HTTP handler in one run, and compare."`
	remoteCommands
	localCommands
	Help       helpCommand       `cmd:"" help:"The help of a command; without one, this list."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands, flags and words in a shell."`
	Version    versionCommand    `cmd:"" help:"Version, commit and Go version."`

	Lang        string      `name:"lang" help:"Language of the sentences for people, such as fr; without it that of the locale." placeholder:"LANGUAGE"`
	ShowVersion versionFlag `name:"version" help:"Version, commit and Go version."`
}

func main() {
	os.Exit(run(os.Args[1:], terminal.Terminal{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}

// run executes one command and returns its exit code. The first signal asks the
// command to end; a second one ends the process at once.
func run(args []string, t terminal.Terminal) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	t.Ctx, t.Language = ctx, terminal.LanguageOf(os.LookupEnv)
	plain := t.Stdout
	t.Stdout = terminal.ScreenOf(plain, os.LookupEnv)

	var commands commandLine
	leave, nothing := -1, false
	parser, err := kong.New(&commands,
		kong.Name("relais"),
		kong.Description(description),
		kong.Writers(plain, t.Stderr),
		kong.Exit(func(code int) { leave = code }),
		kong.Help(helpOf(&t)),
		kong.Bind(&t),
	)
	if err != nil {
		fmt.Fprintln(t.Stderr, "relais:", err)
		return exitFailed
	}
	// kong would put U+FFFD into them
	if at := slices.IndexFunc(args, func(a string) bool { return !utf8.ValidString(a) }); at >= 0 {
		fmt.Fprintln(t.Stderr, "relais:", t.Text("argument_not_utf8", "argument", argumentName(args, at)))
		return exitUsage
	}
	if asked := terminal.AskedLanguage(args); !t.Speak(asked) {
		fmt.Fprintln(t.Stderr, "relais:",
			t.Text("language_unknown", "language", asked, "languages", reason.Names(reason.Languages())))
		return exitUsage
	}
	if len(args) > 0 && args[0] == completeCommand {
		return codeOf(&t, complete(&t, parser.Model, args[1:]))
	}
	if len(args) == 0 {
		parser.Stdout, args, nothing = t.Stderr, []string{"--help"}, true
	}
	parsed, err := parser.Parse(withStdin(withHelp(args)))
	if nothing {
		return exitUsage
	}
	if leave >= 0 {
		return leave
	}
	if err != nil {
		misuse(&t, err)
		return exitUsage
	}
	return codeOf(&t, parsed.Run(&t))
}

const description = "One API in front of every SMS operator: no message lost, none sent twice, and an answer to \"why?\" for each."

// codeOf says what is wrong, unless it was said, and is the exit code of a command.
func codeOf(t *terminal.Terminal, err error) int {
	if err == nil {
		return exitDone
	}
	if usage, ok := errors.AsType[*terminal.UsageError](err); ok {
		fmt.Fprintln(t.Stderr, "relais:", usage)
		return exitUsage
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok && wrong.OfFlags() {
		fmt.Fprintln(t.Stderr, "relais:", wrong.In(t.Language))
		return exitUsage
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		fmt.Fprintf(t.Stderr, "relais: %s\n%s\n", t.Text("config_problems"), wrong.In(t.Language))
		return exitFailed
	}
	if errors.Is(err, terminal.ErrLeftOut) {
		return exitLeftOut
	}
	if t.Ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New(t.Text("interrupted"))
	}
	if !errors.Is(err, terminal.ErrSaid) {
		fmt.Fprintln(t.Stderr, "relais:", t.Of(err))
	}
	return exitFailed
}

// argumentName names an argument without its value: by the flag that it belongs to, else by
// its place.
func argumentName(args []string, at int) string {
	if name, _, joined := strings.Cut(args[at], "="); joined && strings.HasPrefix(name, "--") &&
		utf8.ValidString(name) {
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
		if (joined[i] == "--text" || joined[i] == "--to") && joined[i+1] == terminal.StandardInput {
			joined = slices.Replace(joined, i, i+2, joined[i]+"="+terminal.StandardInput)
		}
	}
	return joined
}
