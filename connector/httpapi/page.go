package httpapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Page is the page of a preset in Markdown, made from its declaration, and whether there is one. What
// the file marks as documented, observed or inferred stands beside what it is about.
func Page(name string) (text []byte, found bool) {
	declared, found := Preset(name)
	if !found {
		return nil, false
	}
	var w written
	p := &pageWriter{name: name, judge: decode(declared, &w), lines: strings.Split(string(declared), "\n")}
	p.head(&w)
	p.configure(&w)
	p.asks(&w)
	p.answers(&w)
	p.pushes(&w)
	p.questions(&w)
	return []byte(strings.TrimRight(p.out.String(), "\n") + "\n"), true
}

// pageWriter writes a page.
type pageWriter struct {
	name  string
	judge *judge   // knows the line of each key
	lines []string // of the declaration
	out   strings.Builder
}

func (p *pageWriter) line(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

// comment is what stands behind a key in its line.
func (p *pageWriter) comment(key string) string {
	line, known := p.judge.lines[key]
	if !known {
		return ""
	}
	quote := rune(0)
	for i, r := range p.lines[line-1] {
		switch {
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case r == quote:
			quote = 0
		case quote == 0 && r == '#':
			return strings.TrimSpace(p.lines[line-1][i+1:])
		}
	}
	return ""
}

// inOrder are the keys of a table as the file has them.
func inOrder[V any](p *pageWriter, at string, table map[string]V) []string {
	keys := sortedKeys(table)
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(p.judge.lines[join(at, a)], p.judge.lines[join(at, b)])
	})
	return keys
}

// head is the comment that the file begins with.
func (p *pageWriter) head(w *written) {
	p.line("# %s\n", w.Title)
	p.line("<!-- made by relais connector preset %s --page -->\n", p.name)
	first := true
	for _, line := range p.lines {
		text, isComment := strings.CutPrefix(line, "#")
		if !isComment {
			break
		}
		if text = strings.TrimSpace(text); first {
			text = strings.TrimSuffix(text, ".") + "."
			first = false
		}
		p.line("%s", strings.ReplaceAll(text, "<", `\<`))
	}
	if w.Country != "" {
		p.line("\nIts head office is in %s%s.", w.Country, beside(p.comment("country")))
	}
	p.line("\nIt was not tried against a real account. [The operator's own page](%s); [how a declaration works](../http.md).\n", w.Page)
}

// valuesOf are made up for the settings that an instance wants.
var valuesOf = map[string]string{
	"login": `login = "…"`, "profile": `profile = "…"`, "key": `key_file = "%s.key"`, "secret": `secret_file = "%s.secret"`,
	"signing_key": `signing_key_file = "%s.signing"`, "sender": `sender = "MAIRIE"`,
}

func (p *pageWriter) configure(w *written) {
	p.line("## Configure\n\n```\n[connector.%s]\nprovider = \"http\"\npreset = %q", p.name, p.name)
	for _, name := range w.Wants {
		value := strings.ReplaceAll(valuesOf[name], "%s", p.name)
		if name == "sender" && len(w.Senders) > 0 && !slices.Contains(w.Senders, kindName) {
			value = `sender = "+33639980099"`
		}
		p.line("%s", value)
	}
	if w.Signature != nil && !slices.Contains(w.Wants, "signing_key") && strings.Contains(w.Signature.Key, "signing_key") {
		p.line("%s # else pushes are known by their address alone", strings.ReplaceAll(valuesOf["signing_key"], "%s", p.name))
	}
	p.line("```\n")
	if w.OwnBaseURL {
		p.line("The API is at `%s`; `base_url` names another address%s.\n", w.BaseURL, behind(p.comment("own_base_url")))
	}
}

// behind is a comment as the end of a sentence.
func behind(comment string) string {
	if comment == "" {
		return ""
	}
	return ": " + comment
}

// beside is a comment within a sentence.
func beside(comment string) string {
	if comment == "" {
		return ""
	}
	return " (" + comment + ")"
}

// asks says what the operator is sent.
func (p *pageWriter) asks(w *written) {
	p.line("## What it is asked\n")
	if w.Token != nil {
		p.call("token", "For a token", w, &w.Token.writtenCall, &w.Token.Auth, "token.auth")
	}
	p.call("send", "For each message", w, &w.Send, &w.Auth, "auth")
	p.words(w)
}

func (p *pageWriter) call(at, what string, w *written, c *writtenCall, by *writtenAuth, byAt string) {
	p.line("%s, `%s %s%s`%s%s:\n", what, cmp.Or(c.Method, http.MethodPost), w.BaseURL, c.Path, shapeOf(c), beside(p.comment(at)))
	p.line("| field | is | |\n|---|---|---|")
	if by.Kind != "" {
		p.line("| %s | | %s |", authWords(by), cell(p.comment(byAt)))
	}
	for _, name := range inOrder(p, at+".headers", c.Headers) {
		p.row("header `"+name+"`", at+".headers."+name, c.Headers[name])
	}
	p.fields(at+".query", "query `", c.Query)
	p.fields(at+".fields", "`", c.Fields)
	p.line("")
}

func shapeOf(c *writtenCall) string {
	text := map[string]string{"json": " with JSON", "form": " with a form", "xml": " with XML"}[c.Body]
	if c.Charset != "" {
		text += " in " + c.Charset
	}
	return text
}

func authWords(by *writtenAuth) string {
	switch by.Kind {
	case authBasic:
		return "Basic, `" + by.User + "` and `" + by.Password + "`"
	case authBearer:
		return "Bearer `" + by.Value + "`"
	case authHeader:
		return "header `" + by.Header + "`: `" + by.Value + "`"
	default:
		return "parameter `" + by.Parameter + "`: `" + by.Value + "`"
	}
}

// fields writes a table of values, and those within.
func (p *pageWriter) fields(at, before string, table map[string]any) {
	for _, name := range inOrder(p, at, table) {
		p.field(join(at, name), before+name, table[name])
	}
}

func (p *pageWriter) field(key, shown string, value any) {
	switch v := value.(type) {
	case map[string]any:
		p.fields(key, shown+".", v)
	case []any:
		for i := range v {
			p.field(element(key, i), fmt.Sprintf("%s[%d]", shown, i), v[i])
		}
	default:
		p.row(shown+"`", key, fmt.Sprint(value))
	}
}

func (p *pageWriter) row(shown, key, value string) {
	p.line("| %s | `%s` | %s |", shown, value, cell(p.comment(key)))
}

// cell is a text that ends no cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// words says what the operator calls things.
func (p *pageWriter) words(w *written) {
	for _, name := range sortedKeys(w.Words) {
		at := "words." + name
		p.line("`{%s}`%s:\n", name, beside(p.comment(at)))
		p.line("| here | there | |\n|---|---|---|")
		for _, word := range inOrder(p, at, w.Words[name]) {
			p.line("| %s | `%v` | %s |", word, w.Words[name][word], cell(p.comment(join(at, word))))
		}
		p.line("")
	}
	number := map[string]string{numberE164: "+33639980001", numberDigits: "33639980001", numberZeros: "0033639980001"}
	p.line("A number is written as `%s`%s.\n", number[cmp.Or(w.Number, numberE164)], behind(p.comment("number")))
}

// ledTo says what follows of an answer.
var ledTo = map[string]string{
	thenRejected: "rejected", thenTemporary: "tried again later", thenThrottled: "the lane slows down",
	thenCredit: "the lane is blocked: credit", thenAuth: "the lane is blocked: credentials", thenUncertain: "in doubt",
}

func (p *pageWriter) answers(w *written) {
	p.line("## What its answers mean\n\nIn this order; what none of them knows is in doubt.\n")
	p.line("| answer | leads to | |\n|---|---|---|")
	for i := range w.Send.Rules {
		r := &w.Send.Rules[i]
		then := ledTo[r.Then]
		switch {
		case r.Then == thenTaken && r.WithoutID:
			then = "taken, without an id"
		case r.Then == thenTaken:
			then = "taken; the id is at `" + r.ID + "`"
			if r.IDPattern != "" {
				then += ", what `" + r.IDPattern + "` matches of it"
			}
		case r.Say != "":
			then += ": " + r.Say
		}
		p.line("| %s | %s | %s |", cell(answerWords(r.Status, r.Where)), cell(then), cell(p.comment(element("send.rule", i))))
	}
	p.line("")
}

func answerWords(status any, where map[string]any) string {
	var parts []string
	if statuses := listed(status); len(statuses) > 0 {
		parts = append(parts, "status "+oneOfWords(statuses))
	}
	return strings.Join(append(parts, whereWords(where)...), ", ")
}

func whereWords(where map[string]any) []string {
	var parts []string
	for _, at := range sortedKeys(where) {
		place := "`" + at + "` "
		switch v := where[at].(type) {
		case map[string]any:
			switch v["present"] {
			case true:
				place += "is there"
			case false:
				place += "is not there"
			default:
				place += fmt.Sprintf("matches `%v`", v["matches"])
			}
		default:
			place += "is " + oneOfWords(listed(v))
		}
		parts = append(parts, place)
	}
	return parts
}

func oneOfWords(values []any) string {
	words := make([]string, len(values))
	for i := range values {
		words[i] = "`" + fmt.Sprint(values[i]) + "`"
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// endWords say what becomes of a message.
func endWords(state string) string {
	end, why, _ := strings.Cut(state, ":")
	if end == stays {
		return "stays submitted"
	}
	if why == "" || why == end {
		return end
	}
	return end + ", `" + why + "`"
}
