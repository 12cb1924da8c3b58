package console

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

//go:embed page/*.html
var pageFiles embed.FS

// parsePages reads the templates: each page with the frame and the parts that pages share.
func parsePages() map[string]*template.Template {
	read := func(onto *template.Template, file string) *template.Template {
		text, err := pageFiles.ReadFile(file)
		if err != nil {
			panic(err) // it is part of the program
		}
		return template.Must(onto.New(path.Base(file)).Parse(withAccount(string(text))))
	}
	shared := template.New("shared").Funcs(template.FuncMap{"marked": marked})
	read(shared, "page/frame.html")
	read(shared, "page/parts.html")
	files, err := fs.Glob(pageFiles, "page/*.html")
	if err != nil {
		panic(err) // the pattern is right
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		pages[name] = read(template.Must(shared.Clone()), file)
	}
	addManuals(pages, shared)
	return pages
}

// answer is what a request gets.
type answer interface {
	write(w http.ResponseWriter, q *request)
}

// view is a page: a template of page/, with what it shows.
type view struct {
	name   string
	data   framed
	status int // 0: 200
}

// framed is the data of a page, which has the frame in it.
type framed interface{ setFrame(f *frame) }

// redirect sends the browser on after a form. said, if any, is what the next page tells:
// the part of a code behind "console/said_".
type redirect struct {
	to   string
	said string
}

func (a redirect) write(w http.ResponseWriter, q *request) {
	to := a.to
	if a.said != "" {
		mark := "?"
		if strings.Contains(to, "?") {
			mark = "&"
		}
		to += mark + "said=" + escaped(a.said)
	}
	http.Redirect(w, q.Request, to, http.StatusSeeOther)
}

// withCookies does something to the headers before an answer.
type withCookies struct {
	answer

	set func(w http.ResponseWriter)
}

func (a withCookies) write(w http.ResponseWriter, q *request) {
	a.set(w)
	a.answer.write(w, q)
}

// partHeader asks for a part of a page: mainPart for what a page that is kept up to date
// reads again.
const (
	partHeader = "Relais-Part"
	mainPart   = "main"
)

func (a view) write(w http.ResponseWriter, q *request) {
	if q.Header.Get(partHeader) == mainPart {
		a.execute(w, q, mainPart)
		return
	}
	a.execute(w, q, "frame")
}

// execute writes a template of the page.
func (a view) execute(w http.ResponseWriter, q *request, template string) {
	f := q.frame()
	a.data.setFrame(f)
	var b bytes.Buffer
	if err := q.console.pages[a.name].ExecuteTemplate(&b, template, a.data); err != nil {
		q.console.Log.Error("a page cannot be made", "page", a.name, "error", err)
		http.Error(w, reason.Of(sayBroken, nil).In(q.lang), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(q.lang))
	h.Set("Vary", "Accept-Language, Cookie")
	page := b.Bytes()
	if q.compresses(a.name) {
		h.Set("Content-Encoding", "gzip")
		page = compressed(page)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	w.Write(page) //nolint:errcheck // the browser may have gone
}

// part is a piece of a page, by the name of its template: a script puts it where it
// belongs.
type part struct {
	view

	name string
}

func (a part) write(w http.ResponseWriter, q *request) { a.execute(w, q, a.name) }

// frame is what every page has, and what its template may ask.
type frame struct {
	Lang    reason.Language
	Theme   string // light, dark; empty: the system's
	Path    string // of this page: where forms that stand on every page come back to
	User    auth.User
	Account string
	Has     []string // accounts that the person may look at
	Menu    []section
	Said    string
	Sandbox bool
	Version string
	Live    *live // nil: the page is not kept up to date

	q *request
}

func (f *frame) setFrame(from *frame) { *f = *from }

func (q *request) frame() *frame {
	f := &frame{
		Lang: q.lang, Theme: q.cookie(themeCookie), Path: q.URL.RequestURI(), User: q.session.User,
		Account: q.account, Has: q.has, Sandbox: q.console.Sandbox,
		Version: q.console.Version, Live: q.live, q: q,
	}
	if q.Method != http.MethodGet {
		f.Path = Home
	}
	if f.Theme != "light" && f.Theme != "dark" {
		f.Theme = ""
	}
	if f.User.ID != "" && q.session.Step == auth.StepNone {
		f.Menu = q.menu()
	}
	code := Words + "/said_" + reason.Code(q.URL.Query().Get("said"))
	if slices.Contains(reason.Codes(), code) {
		f.Said = reason.Of(code, nil).In(q.lang)
	}
	return f
}

// Say puts a phrase of the console into the language of the page. Arguments come in
// pairs: a name, and a word, a number or a reason.
func (f *frame) Say(name string, pairs ...any) (string, error) {
	args, err := argsOf(pairs)
	return reason.Of(Words+"/"+reason.Code(name), args).In(f.Lang), err
}

func argsOf(pairs []any) (reason.Args, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("an argument without a value")
	}
	args := reason.Args{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("an argument without a name")
		}
		switch value := pairs[i+1].(type) {
		case string:
			args[name] = reason.Name(marked(value))
		case sms.Sender:
			args[name] = reason.Name(marked(value))
		case int:
			args[name] = reason.Count(value)
		case reason.Arg:
			args[name] = value
		default:
			return nil, errors.New("an argument of a type that no sentence takes")
		}
	}
	return args, nil
}

// Keys reports whether keys of one letter do something (RGAA 12.10: they can be turned
// off).
func (f *frame) Keys() bool { return f.User.ID != "" && f.q.cookie(keysCookie) != keysOff }

// Tell puts a reason into the language of the page.
func (f *frame) Tell(r reason.Reason) string { return r.In(f.Lang) }

// May reports whether the person has a right in the account of the page.
func (f *frame) May(right auth.Right) bool { return f.q.may(right) }

// Other is the language that the page is not in, by its code and its own name.
func (f *frame) Other() language {
	if f.Lang == "fr" {
		return language{"en", "English"}
	}
	return language{"fr", "Français"}
}

// language is one that the person may choose.
type language struct{ Code, Name string }

// problem is an answer that is no page of its own: what happened, and what to do.
type problem struct {
	status int
	reason reason.Reason
}

// Error implements error, in English, for the log.
func (p *problem) Error() string { return p.reason.In(reason.English) }

// problemPage shows a problem.
type problemPage struct {
	frame

	Status int
	Why    string
}

// refusal is the page for an error.
func (c *Console) refusal(q *request, err error) answer {
	p := c.problemOf(err)
	shown := view{"problem", &problemPage{Status: p.status, Why: p.reason.In(q.lang)}, p.status}
	if p.status != http.StatusTooManyRequests {
		return shown
	}
	return withCookies{shown, func(w http.ResponseWriter) { w.Header().Set("Retry-After", soonAgain) }}
}

// soonAgain is after how many seconds it is worth asking again where too much is under way.
const soonAgain = "30"

// problemOf is what people are told of an error. What they cannot mend is logged.
func (c *Console) problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if errors.Is(err, gateway.ErrNotFound) {
		return &problem{http.StatusNotFound, reason.Of(sayNotFound, nil)}
	}
	if e, ok := errors.AsType[*auth.Error](err); ok {
		return &problem{http.StatusUnprocessableEntity, e.Reason}
	}
	if e, ok := errors.AsType[*gateway.Error](err); ok && e.Kind != gateway.Unavailable {
		return &problem{http.StatusUnprocessableEntity, e.Reason}
	}
	c.Log.Error("a page of the console failed", "error", err)
	return &problem{http.StatusServiceUnavailable, reason.Of(sayUnavailable, nil)}
}

// moment is a time as a page shows it.
type moment struct {
	Machine string // RFC 3339, with the zone
	People  string
}

// At is a time as pages show it: the hour alone when it is today, else with the day.
func (f *frame) At(t time.Time) moment {
	local := t.In(f.q.console.Zone)
	hour := reason.Clock(local.Hour()*60 + local.Minute())
	shown := moment{Machine: local.Format(time.RFC3339)}
	if sameDay(local, f.q.now()) {
		shown.People = unbroken(reason.Of(Words+"/hour", reason.Args{"time": hour}).In(f.Lang))
		return shown
	}
	shown.People = unbroken(reason.Of(Words+"/day_and_hour", reason.Args{
		"day": reason.Day(local.Format(time.DateOnly)), "time": hour,
	}).In(f.Lang))
	return shown
}

// unbroken keeps the hour of a time on one line.
func unbroken(people string) string { return strings.ReplaceAll(people, " h ", "\u00a0h\u00a0") }

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }
