package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"relais/sms"
)

// The runs of the console. What they take is the time that a browser on this machine
// waits for a page, with a backlog present.
const (
	runConsole = "console"

	consoleHome    = runConsole + "/home"
	consolePreview = runConsole + "/preview"
	consoleFirst   = runConsole + "/first" // KiB of a first page and its files, as they travel
	consoleNext    = runConsole + "/next"  // KiB of the page after it
)

// page is one of the console, and what is asked of it.
type page struct {
	run  string
	path string
	form url.Values // nil: GET
	part string     // of the page, as the script of it asks
	from string     // who leads to it, as browsers say (Sec-Fetch-Site); empty: the console
}

// pages are those that people look at all day. Searches by number are two requests: the
// form, and the list that it leads to.
func pages(id sms.ID) []page {
	send := url.Values{
		"to": {"+33639980101"}, "text": {"Votre rendez-vous est demain à 10 h, guichet 3."}, "class": {""},
		"sender": {""}, "when": {""}, "form": {""}, "do": {"check"},
	}
	return []page{
		{run: consoleHome, path: ""},
		{run: runConsole + "/messages", path: "messages"},
		{run: runConsole + "/queued", path: "messages?status=queued"},
		{run: runConsole + "/search", path: "messages/search", form: url.Values{
			"number": {"+33639980101"}, "reference": {""}, "status": {""}, "class": {""},
		}},
		{run: runConsole + "/message", path: "messages/" + id.String()},
		{run: runConsole + "/held", path: "held"},
		{run: runConsole + "/inbox", path: "inbox"},
		{run: runConsole + "/connectors", path: "connectors"},
		{run: runConsole + "/usage", path: "usage"},
		{run: consolePreview, path: "send", form: send, part: "preview"},
	}
}

// looks is how often each page is asked for. Its first answer is left out.
const looks = 20

// console fills the queue and asks for pages as somebody does who is signed in.
func (s *session) console(ctx context.Context) ([]Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return nil, err
	}
	defer operator.close()
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url}, runConsole, 0)
	if err != nil {
		return nil, err
	}
	runs, err := server.lookAround(ctx)
	if err = errors.Join(err, server.stop(), server.remove(ctx)); err != nil {
		return nil, fmt.Errorf("%s: %w; the %s said last: %s", runConsole, err, server.child.Role, server.log)
	}
	return runs, nil
}

func (s *server) lookAround(ctx context.Context) ([]Run, error) {
	if err := s.fill(ctx, s.session.Backlog); err != nil {
		return nil, err
	}
	last, err := s.generate(ctx, 1, func(ctx context.Context, g *generator, _ int) error {
		return g.post(ctx, dueLater(1)[0])
	})
	if err != nil {
		return nil, err
	}
	agent, err := s.signIn(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := agent.weigh(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pages(last.ids[0]) {
		run, err := agent.look(ctx, p)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	suffix := ""
	if s.session.postgres {
		suffix = onPostgres
	}
	for i := range runs {
		runs[i].Name += suffix
	}
	return runs, nil
}

// agent is somebody at a browser.
type agent struct {
	server *server
	http   *http.Client
}

// signIn makes a user and takes the link that the program prints.
func (s *server) signIn(ctx context.Context) (*agent, error) {
	arguments := []string{"users", "create", "agent", "--role", "manager@sandbox", "--data", s.child.Data}
	if s.child.Database != "" {
		arguments = append(arguments, "--database", s.child.Database)
	}
	command := exec.CommandContext(ctx, s.session.Program, arguments...)
	command.Env, command.Dir = withoutSettings(os.Environ()), s.session.dir
	said, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("make a user: %w", err)
	}
	_, code, found := strings.Cut(strings.TrimSpace(string(said)), "#")
	if !found {
		return nil, errors.New("users create prints no link")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	a := &agent{s, &http.Client{Jar: jar, Transport: &http.Transport{DisableCompression: true}}}
	const password = "a phrase that is long enough"
	answer, err := a.ask(ctx, page{path: "welcome", form: url.Values{
		"link": {code}, "password": {password}, "again": {password},
	}})
	if err == nil && answer.path == "/console/welcome" {
		err = errors.New("the console does not take the link")
	}
	return a, err
}

// shown is what a browser got.
type shown struct {
	path string // where it ended
	body []byte
}

// ask makes a request as a page's form, link or script does, and follows where it leads.
func (a *agent) ask(ctx context.Context, p page) (shown, error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if p.form != nil {
		method, body = http.MethodPost, strings.NewReader(p.form.Encode())
	}
	address := p.path
	if !strings.HasPrefix(address, "/") {
		address = "/console/" + address
	}
	request, err := http.NewRequestWithContext(ctx, method, a.server.url(address), body)
	if err != nil {
		return shown{}, err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("Accept-Language", "fr")
	request.Header.Set("Sec-Fetch-Site", cmp.Or(p.from, "same-origin"))
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	if p.form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.part != "" {
		request.Header.Set("Sec-Fetch-Mode", "cors")
		request.Header.Set("Relais-Part", p.part)
	}
	answer, err := a.http.Do(request)
	if err != nil {
		return shown{}, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %d", p.path, answer.StatusCode)
	}
	return shown{answer.Request.URL.Path, got}, err
}

// look asks for a page again and again. Its value is the 95th percentile, in ms.
func (a *agent) look(ctx context.Context, p page) (Run, error) {
	var took []time.Duration
	size := 0
	for i := range looks + 1 {
		begun := time.Now()
		answer, err := a.ask(ctx, p)
		if err != nil {
			return Run{}, err
		}
		if answer.path == "/console/signin" {
			return Run{}, fmt.Errorf("%s asks to sign in", p.path)
		}
		if i > 0 {
			took = append(took, time.Since(begun))
		}
		size = len(answer.body)
	}
	return Run{
		Name: p.run, Value: millis(percentile(took, 95)), P50: millis(percentile(took, 50)), Answer: size,
	}, nil
}

// filesOf are the addresses of what a page needs beside itself.
var filesOf = regexp.MustCompile(`(?:href|src)="(/console/static/[^"]+)"`)

// weigh counts what travels for a first page, and for the next one, whose files the
// browser has.
func (a *agent) weigh(ctx context.Context) ([]Run, error) {
	home, err := a.ask(ctx, page{from: "none"}) // somebody typed the address
	if err != nil {
		return nil, err
	}
	sum := len(home.body)
	files := map[string]bool{}
	for _, match := range filesOf.FindAllSubmatch(home.body, -1) {
		files[string(match[1])] = true
	}
	if len(files) == 0 {
		return nil, errors.New("a page without style")
	}
	for path := range files {
		file, err := a.ask(ctx, page{path: path})
		if err != nil {
			return nil, err
		}
		sum += len(file.body)
	}
	next, err := a.ask(ctx, page{path: "messages"})
	const kilo = 1 << 10
	return []Run{
		{Name: consoleFirst, Value: float64(sum) / kilo},
		{Name: consoleNext, Value: float64(len(next.body)) / kilo},
	}, err
}

// slowest is the slowest page of the console but home and the preview, which have bars of
// their own.
func slowest(suffix string) func([]Run) []one {
	return func(runs []Run) []one {
		var worst one
		for _, r := range runs {
			name, here := strings.CutSuffix(r.Name, suffix)
			if !here || suffix == "" && strings.HasSuffix(name, onPostgres) {
				continue
			}
			if !strings.HasPrefix(name, runConsole+"/") {
				continue
			}
			switch name {
			case consoleHome, consolePreview, consoleFirst, consoleNext:
				continue
			}
			if r.Value > worst.value {
				worst = one{r.Value, r}
			}
		}
		return []one{worst}
	}
}
