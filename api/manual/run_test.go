package manual_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"relais/api"
	"relais/api/manual"
	"relais/app"
	"relais/gateway"
	"relais/webhook"
)

var update = flag.Bool("update", false, "write down anew what the gateway answers to the examples")

// described is the description of the API.
func described() *huma.OpenAPI {
	return api.New(api.Options{
		Gateway: &gateway.Gateway{}, Metrics: http.NotFoundHandler(), Webhooks: &webhook.Manager{}, Version: "test",
	}).Description()
}

// examples are those of the manual; a route without one fails the test, with what to add.
func examples(t *testing.T, spec *huma.OpenAPI) []*manual.Example {
	t.Helper()
	all, err := manual.New(manual.Options{Described: spec}).Examples()
	if err != nil {
		t.Error(err)
	}
	return all
}

// TestExamplesInEveryLanguage runs each example of the manual in each of its languages
// against a gateway beside simulated operators: the status and the shape of what it
// answers are those that the pages show.
func TestExamplesInEveryLanguage(t *testing.T) {
	w := newWorld(t, beside)
	spec := described()
	all := examples(t, spec)
	if *update {
		for _, e := range all {
			w.record(e)
		}
		w.recordEvents()
		return
	}
	for _, code := range manual.Codes {
		t.Run(code.ID, func(t *testing.T) {
			w := w.in(t)
			w.tidy()
			programs := map[string]string{}
			for _, e := range all {
				call := w.once(e.Call(w.app.URL(), app.SandboxKey, w.values(e)), code.ID)
				programs[e.Name] = code.Write(call)
			}
			said := runners[code.ID](t, programs)
			for _, e := range all {
				compare(t, spec, e, said[e.Name])
			}
		})
	}
}

// once gives an example an Idempotency-Key of its own: those of the pages are the same in
// each language.
func (*world) once(c *manual.Call, code string) *manual.Call {
	for i := range c.Header {
		if c.Header[i].Name == "Idempotency-Key" {
			c.Header[i].Value += "-" + code
		}
	}
	return c
}

// values makes what an example wants to be there.
func (w *world) values(e *manual.Example) map[string]string {
	w.t.Helper()
	values := map[string]string{}
	for _, word := range e.Wants {
		maker := makers[word]
		if maker == nil {
			w.t.Fatalf("the example %s wants $%s: add to makers in world_test.go what makes one", e.Name, word)
		}
		values[word] = maker(w, values)
	}
	return values
}

// heard is what came back.
type heard struct {
	status int
	body   string
}

// compare holds what came against what the pages show.
func compare(t *testing.T, spec *huma.OpenAPI, e *manual.Example, got heard) {
	t.Helper()
	switch {
	case e.Answer.Status == 0:
		t.Errorf("nobody has written down what %s answers: go test ./api/manual -run TestExamples -update", e.Name)
		return
	case e.Answer.Status != e.Wanted():
		t.Errorf("%s: the pages show the status %d, and success is %d", e.Name, e.Answer.Status, e.Wanted())
	case got.status != e.Answer.Status:
		t.Errorf("%s: status %d, the pages show %d: %s", e.Name, got.status, e.Answer.Status, got.body)
		return
	}
	if e.Answer.Body == nil {
		if head, _, _ := strings.Cut(e.Answer.Text, "\n"); !strings.HasPrefix(strings.TrimSpace(got.body), head) {
			t.Errorf("%s: %q came, the pages show %q", e.Name, got.body, e.Answer.Text)
		}
		return
	}
	for what, text := range map[string]string{"the answer": got.body, "what the pages show": string(e.Answer.Body)} {
		for _, wrong := range misfits(spec, e.Schema(spec), text) {
			t.Errorf("%s: %s%s", e.Name, what, wrong)
		}
	}
}

// misfits says where JSON has not the shape that the description gives it.
func misfits(spec *huma.OpenAPI, schema *huma.Schema, text string) []string {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return []string{" is no JSON: " + text}
	}
	return misfit(spec, schema, value, "")
}

func misfit(spec *huma.OpenAPI, s *huma.Schema, value any, where string) (all []string) {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		s = spec.Components.Schemas.Map()[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	switch v := value.(type) {
	case map[string]any:
		if s.Properties == nil {
			return nil
		}
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				all = append(all, fmt.Sprintf(" lacks %s/%s", where, name))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := s.Properties[name]
			if inner == nil {
				all = append(all, fmt.Sprintf(" has %s/%s, which is not described", where, name))
			}
			all = append(all, misfit(spec, inner, v[name], where+"/"+name)...)
		}
	case []any:
		if s.Type != huma.TypeArray {
			return []string{" has a list at " + where}
		}
		for i, one := range v {
			all = append(all, misfit(spec, s.Items, one, fmt.Sprint(where, "/", i))...)
		}
	}
	return all
}

// record writes down what a gateway answers to an example.
func (w *world) record(e *manual.Example) {
	w.t.Helper()
	values := w.values(e)
	call := e.Call(w.app.URL(), app.SandboxKey, values)
	status, header, body := exchange(w.t, call)
	a := manual.Answer{Values: values, Status: status, Type: header.Get("Content-Type"), Header: map[string]string{}}
	for _, name := range []string{"Idempotency-Replayed", "Retry-After"} {
		if v := header.Get(name); v != "" {
			a.Header[name] = v
		}
	}
	body = bytes.ReplaceAll(body, []byte(w.operators.URL()), []byte("http://127.0.0.1:8081"))
	body = bytes.ReplaceAll(body, []byte(w.receiver.URL), []byte("https://forms.town.example"))
	if strings.HasSuffix(a.Type, "json") {
		a.Body = compact(w.t, body)
	} else {
		a.Text = string(body)
	}
	write(w.t, "answer/"+e.Name+".json", a)
}

func exchange(t *testing.T, c *manual.Call) (int, http.Header, []byte) {
	t.Helper()
	text := c.Text
	if c.Body != nil {
		text = manual.JSON(c.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), c.Method, c.URL, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range c.Header {
		r.Header.Set(h.Name, h.Value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, body
}

// recordEvents writes down what a webhook gets of each type of event.
func (w *world) recordEvents() {
	w.t.Helper()
	w.happen()
	for _, event := range webhook.Types {
		if event == webhook.CreditLow {
			recordCredit(w.t)
			continue
		}
		w.await("the event "+string(event), func() bool { _, ok := w.receiver.event(string(event)); return ok })
		got, _ := w.receiver.event(string(event))
		d := manual.Delivery{Header: map[string]string{"Content-Type": got.header.Get("Content-Type")}, Body: compact(w.t, got.body)}
		for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			d.Header[name] = got.header.Get(name)
		}
		write(w.t, "event/"+string(event)+".json", d)
	}
}

// recordCredit writes down the event of a credit that is low. It is told once, and may be so
// before anybody listens: the feed has it all the same.
func recordCredit(t *testing.T) {
	t.Helper()
	w := newWorld(t, poor)
	var event map[string]any
	w.await("the credit that is low", func() bool {
		_, list := w.ask("GET", "/v1/events?types=credit.low", "")
		if items, _ := list["items"].([]any); len(items) > 0 {
			event = items[0].(map[string]any)
		}
		return event != nil
	})
	delete(event, "seq") // a webhook has none
	body, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	write(t, "event/credit.low.json", manual.Delivery{Body: body})
}

func write(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// runners run programs of a language in one process, and say what each printed.
var runners = map[string]func(*testing.T, map[string]string) map[string]heard{
	"curl": func(t *testing.T, programs map[string]string) map[string]heard {
		dir := save(t, programs, ".sh")
		out := run(t, dir, "sh", "-c", `for f in *.sh; do echo "=== ${f%.sh}"; . "./$f"; echo; done`)
		return parts(out, func(text string) heard {
			head, body, _ := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n")
			status := regexp.MustCompile(`^HTTP/1\.1 (\d+)`).FindStringSubmatch(head)
			if status == nil {
				return heard{}
			}
			n, _ := strconv.Atoi(status[1])
			return heard{n, body}
		})
	},
	"python": func(t *testing.T, programs map[string]string) map[string]heard {
		dir := save(t, programs, ".py")
		driver := "import glob, runpy, traceback\nfor f in sorted(glob.glob('*.py')):\n    print('===', f[:-3], flush=True)\n    try:\n        runpy.run_path(f)\n    except Exception:\n        traceback.print_exc()\n"
		return parts(run(t, dir, "python3", "-c", driver), statusFirst)
	},
	"php": func(t *testing.T, programs map[string]string) map[string]heard {
		dir := save(t, programs, ".php")
		driver := `foreach (glob('*.php') as $file) { echo '=== ', substr($file, 0, -4), "\n"; include $file; }`
		return parts(run(t, dir, "php", "-r", driver), statusFirst)
	},
	"javascript": func(t *testing.T, programs map[string]string) map[string]heard {
		dir := save(t, programs, ".mjs")
		driver := `import { readdirSync } from "node:fs";
for (const file of readdirSync(".").filter((f) => f.endsWith(".mjs")).sort()) {
  console.log("=== " + file.slice(0, -4));
  await import(process.cwd() + "/" + file);
}`
		return parts(run(t, dir, "node", "--input-type=module", "-e", driver), statusFirst)
	},
	"go": func(t *testing.T, programs map[string]string) map[string]heard {
		main := "package main\n\nimport \"fmt\"\n\nfunc main() {\n"
		dir := t.TempDir()
		for i, name := range slices.Sorted(maps.Keys(programs)) {
			// One process runs all of them, so each needs a name of its own.
			program := strings.Replace(programs[name], "func main()", fmt.Sprintf("func example%d()", i), 1)
			put(t, filepath.Join(dir, fmt.Sprintf("example%d.go", i)), program)
			main += fmt.Sprintf("\tfmt.Println(\"===\", %q)\n\texample%d()\n", name, i)
		}
		put(t, filepath.Join(dir, "main.go"), main+"}\n")
		put(t, filepath.Join(dir, "go.mod"), "module examples\n\ngo 1.24\n")
		return parts(run(t, dir, "go", "run", "."), statusFirst)
	},
}

func statusFirst(text string) heard {
	first, rest, _ := strings.Cut(text, "\n")
	n, _ := strconv.Atoi(strings.TrimSpace(first))
	return heard{n, rest}
}

// parts are what a process printed behind each name.
func parts(out string, read func(string) heard) map[string]heard {
	all := map[string]heard{}
	for _, part := range strings.Split("\n"+out, "\n=== ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		all[name] = read(text)
	}
	return all
}

// save puts programs into a directory.
func save(t *testing.T, programs map[string]string, ending string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range programs {
		put(t, filepath.Join(dir, name+ending), text)
	}
	return dir
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	c.Env = append(c.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8", "GOFLAGS=-mod=mod", "GOWORK=off")
	var said, complaint bytes.Buffer
	c.Stdout, c.Stderr = &said, &complaint
	if err := c.Run(); err != nil {
		t.Errorf("%s: %v; scripts/deps clients installs what is missing\n%s", name, err, complaint.String())
	}
	if complaint.Len() > 0 && name == "python3" {
		t.Log(complaint.String())
	}
	return said.String()
}
