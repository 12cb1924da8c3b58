package docs_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// curl is enough of curl for the examples, so that the tests need Go alone.
func curl(args []string, w io.Writer) int {
	method, address, body := http.MethodGet, "", ""
	header := http.Header{}
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-s":
		case "-X", "-H", "-d":
			i++
			switch args[i-1] {
			case "-X":
				method = args[i]
			case "-H":
				name, value, _ := strings.Cut(args[i], ": ")
				header.Set(name, value)
			case "-d":
				body = args[i]
			}
		default:
			address = args[i]
		}
	}
	if body != "" && method == http.MethodGet {
		method = http.MethodPost
	}
	return exchange(method, address, body, header, w)
}

func exchange(method, address, body string, header http.Header, w io.Writer) int {
	const couldNotConnect = 7 // curl's own
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return couldNotConnect
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return couldNotConnect
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return couldNotConnect
	}
	return 0
}

// same stands for what differs from run to run.
var same = []struct {
	form *regexp.Regexp
	word string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`("reference": ?)"[\w-]{20}"`), `$1"REFERENCE"`},
	{regexp.MustCompile(`("(?:provider|operator)_id": ?)"\d+"`), `$1"NUMBER"`},
	{regexp.MustCompile(`(operator's id|id\. opérateur)  \d+`), "$1  NUMBER"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)`), "TIME"},
	{regexp.MustCompile(`\d\d:\d\d:\d\d\.\d{3} [+-]\d\d:\d\d`), "TIME"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "ADDRESS"},
}

func shape(text string) string {
	for _, s := range same {
		text = s.form.ReplaceAllString(text, s.word)
	}
	return strings.TrimSpace(text)
}

// settled leaves out the lines of the operator's answer: in a demo the receipt may be
// there first, and the message goes on to delivered at once.
func settled(timeline string) string {
	return answered.ReplaceAllString(timeline, "")
}

var answered = regexp.MustCompile(`(?m)^.*\boperator_accepted$\n`)

// difference compares what a page shows with what came; JSON by its content.
func difference(want fence, got string) string {
	shown, came := shape(want.text), shape(got)
	if want.language != "json" {
		return cmp.Diff(shown, came)
	}
	var a, b any
	if err := json.Unmarshal([]byte(shown), &a); err != nil {
		return "the page shows no JSON: " + err.Error()
	}
	if err := json.Unmarshal([]byte(came), &b); err != nil {
		return "no JSON came: " + err.Error() + "\n" + came
	}
	return cmp.Diff(a, b)
}

func languageOf(p page) string {
	if strings.HasPrefix(p.name, "docs/fr/") {
		return "fr_FR.UTF-8"
	}
	return "C"
}

func TestDemoIsTheOneOfTheProgram(t *testing.T) {
	for _, name := range []string{"README.md", "docs/fr/premiers-pas.md"} {
		t.Run(name, func(t *testing.T) {
			p := pageAt(t, name)
			shown := page{name, p.between(t, "demo")}.fences()
			if len(shown) != 1 {
				t.Fatalf("%d blocks in the demo, want 1", len(shown))
			}
			_, want, _ := strings.Cut(shown[0].text, "\n") // without the command
			if diff := cmp.Diff(
				shape(settled(want)), shape(settled(relais(t, languageOf(p), "demo", "--once"))),
			); diff != "" {
				t.Errorf("the demo says something else (-page +program):\n%s", diff)
			}
		})
	}
}

func TestExamplesDoWhatThePageShows(t *testing.T) {
	ran := 0
	for _, p := range pages(t) {
		if !strings.Contains(p.text, "<!-- run") {
			continue
		}
		ran++
		t.Run(p.name, func(t *testing.T) {
			s := startSession(t, languageOf(p))
			blocks := p.fences()
			for i, block := range blocks {
				if !strings.HasPrefix(block.mark, "run") {
					continue
				}
				var want *fence
				if i+1 < len(blocks) && blocks[i+1].mark == "output" {
					want = &blocks[i+1]
				}
				s.expect(t, block, want)
			}
		})
	}
	if ran < 4 {
		t.Errorf("only %d pages have examples", ran)
	}
}

// session is a gateway beside simulated operators and a shell that speaks to it.
type session struct {
	stdin   io.Writer
	stdout  *bufio.Reader
	stderr  *bytes.Buffer
	gateway string
	sandbox string
}

var answers = regexp.MustCompile(`msg="relais answers" url=http://(\S+) sandbox=http://(\S+)`)

func startSession(t *testing.T, language string) *session {
	t.Helper()
	home := t.TempDir()
	s := &session{stderr: &bytes.Buffer{}}
	serve := exec.Command(program, "serve", "--sandbox", "--listen", "127.0.0.1:0",
		"--sandbox-listen", "127.0.0.1:0")
	serve.Env, serve.Dir = environment(home, language), home
	log, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, serve)
	lines := bufio.NewScanner(log)
	for s.gateway == "" && lines.Scan() {
		if found := answers.FindStringSubmatch(lines.Text()); found != nil {
			s.gateway, s.sandbox = found[1], found[2]
		}
	}
	if s.gateway == "" {
		t.Fatal("the gateway did not start")
	}
	go io.Copy(io.Discard, log)
	s.startShell(t, home, language)
	return s
}

func (s *session) startShell(t *testing.T, home, language string) {
	t.Helper()
	shell := exec.Command("sh")
	shell.Env, shell.Dir, shell.Stderr = environment(home, language), home, s.stderr
	stdin, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, shell)
	s.stdin, s.stdout = stdin, bufio.NewReader(stdout)
}

// start runs a program until the test ends.
func start(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it keeps nothing that outlives the test
		_ = c.Wait()
	})
}

// expect runs a block until it prints what the page shows; once, unless its
// mark says "run until".
func (s *session) expect(t *testing.T, block fence, want *fence) {
	t.Helper()
	const patience = time.Minute
	end := time.Now().Add(patience)
	for {
		got, code := s.run(t, block.text)
		diff := ""
		if want != nil {
			diff = difference(*want, got)
		}
		if diff == "" && code == "0" {
			return
		}
		if block.mark != "run until" || time.Now().After(end) {
			t.Fatalf("line %d: exit code %s (-page +came):\n%s\n%s", block.line, code, diff, s.stderr)
		}
		<-time.After(20 * time.Millisecond) // the operator takes its time
	}
}

// run gives a block to the shell, which keeps its variables for the next one.
func (s *session) run(t *testing.T, text string) (printed, code string) {
	t.Helper()
	text = strings.NewReplacer("127.0.0.1:8080", s.gateway, "127.0.0.1:8081", s.sandbox).Replace(text)
	const mark = "exit code of the block: "
	if _, err := fmt.Fprintf(s.stdin, "%s\nprintf '\\n%s%%s\\n' $?\n", text, mark); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := s.stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("the shell ended: %v\n%s", err, s.stderr)
		}
		if rest, found := strings.CutPrefix(line, mark); found {
			return printed, strings.TrimSpace(rest)
		}
		printed += line
	}
}
