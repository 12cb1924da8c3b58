package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// unsaid are headers that the connector writes by itself, or that say nothing.
var unsaid = map[string]bool{
	"Host": true, "Content-Length": true, "Content-Type": true, "Accept": true, "User-Agent": true, "Connection": true,
	"Accept-Encoding": true, "Cookie": true, "Authorization": true, "Cache-Control": true, "Accept-Language": true,
}

// declaration writes the file.
func (d *draft) declaration() string {
	send := d.sendTable() // it finds settings and notes, which stand above it
	rules := d.ruleTables()
	auth := d.authTable()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s: a draft, of one request and one answer. Each line that begins with %q is for a person.", d.hints.Name, strings.TrimSpace(Decide))
	line("version = 1\ntitle = %s", quoted(d.hints.Name))
	line("%sname the page that documents the API.\n# page = \"https://…\"", Decide)
	if d.url.Scheme != "https" && wrongBaseURL(d.url.Scheme+"://"+d.url.Host) != "" {
		line("%sthe request went without TLS, and the credentials with it. Does the operator take https?", Decide)
		d.url.Scheme = "https"
	}
	line("base_url = %s", quoted(d.url.Scheme+"://"+d.url.Host))
	var wants []string
	for _, name := range settingNames {
		if d.settings[name] != "" {
			wants = append(wants, quoted(name))
		}
	}
	line("wants = [%s]", strings.Join(wants, ", "))
	line("number = %s # as the request has it\n", quoted(d.numberForm))
	b.WriteString(auth)
	b.WriteString(send)
	b.WriteString(rules)
	line("%swhat the operator pushes. Copy an example of a receipt from its page, and fill in where things stand.", Decide)
	line("# [receipts]\n# path = \"/receipt\"\n# id = \"/id\"\n# status = \"/status\"\n# [receipts.states]\n# delivered = \"delivered\"\n# failed = \"undelivered\"")
	return b.String()
}

func (d *draft) authTable() string {
	value := d.header.Get("Authorization")
	switch {
	case strings.HasPrefix(value, "Basic "):
		return "[auth]\nkind = \"basic\"\nuser = \"{login}\"\npassword = \"{secret}\"\n\n"
	case strings.HasPrefix(value, "Bearer "):
		return "[auth]\nkind = \"bearer\"\nvalue = \"{key}\"\n\n"
	case value != "":
		return "[auth]\nkind = \"header\"\nheader = \"Authorization\"\nvalue = " + quoted(d.concealed(value, false)) + "\n\n"
	}
	for _, name := range sortedKeys(d.header) {
		if keyish.MatchString(name) {
			return "[auth]\nkind = \"header\"\nheader = " + quoted(name) + "\nvalue = " + quoted(d.concealed(d.header.Get(name), false)) + "\n\n"
		}
	}
	if name := d.queryKey(); name != "" {
		return Decide + "the key stands in the address, where logs keep it. Does the operator take it in a header?\n[auth]\nkind = \"query\"\nparameter = " +
			quoted(name) + "\nvalue = " + quoted(d.concealed(d.url.Query().Get(name), false)) + "\n\n"
	}
	if len(d.secrets) == 0 {
		return Decide + "the request has no credentials that show.\n"
	}
	return ""
}

// queryKey is the parameter of the address that has the key.
func (d *draft) queryKey() string {
	for _, name := range sortedKeys(d.url.Query()) {
		if keyish.MatchString(name) {
			return name
		}
	}
	return ""
}

// concealed puts placeholders, or invented values, in the place of credentials.
func (d *draft) concealed(text string, invented bool) string {
	secrets := slices.Clone(d.secrets) // the longest first: one may begin with another
	slices.SortStableFunc(secrets, func(a, b change) int { return len(b.pasted) - len(a.pasted) })
	var pairs []string
	for _, c := range secrets {
		with := c.placeholder
		if invented {
			with = c.invented
		}
		if c.pasted != "" {
			pairs = append(pairs, c.pasted, with)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (d *draft) sendTable() string {
	var b strings.Builder
	var fields any
	var form map[string]any
	switch d.shape {
	case shapeJSON:
		fields, _, _ = d.filled("", d.tree)
	case shapeForm:
		form = map[string]any{}
		for _, name := range sortedKeys(d.form) {
			if text, _, left := d.placeholder(name, d.form.Get(name)); !left {
				form[name] = text
			}
		}
		fields = form
	}
	query := map[string]any{}
	for _, name := range sortedKeys(d.url.Query()) {
		if text, _, left := d.placeholder(name, d.url.Query().Get(name)); !left && name != d.queryKey() {
			query[name] = text
		}
	}
	for _, note := range d.notes {
		b.WriteString(Decide + note + "\n")
	}
	d.notes = nil
	b.WriteString(Decide + "is a value below that of this one message alone, or one that words of the class or of the alphabet decide?\n[send]\n")
	if d.method != http.MethodPost {
		b.WriteString("method = " + quoted(d.method) + "\n")
	}
	b.WriteString("path = " + quoted(d.concealed(d.url.Path, false)) + "\n")
	if len(query) > 0 {
		b.WriteString("query = " + inTOML(query) + "\n")
	}
	if headers := d.headerTable(false); len(headers) > 0 {
		b.WriteString("headers = " + inTOML(headers) + "\n")
	}
	if d.shape != "" {
		b.WriteString("body = " + quoted(d.shape) + "\nfields = " + inTOML(fields) + "\n")
	}
	return b.String()
}

// headerTable are the headers beside the credentials, and those of a second credential.
func (d *draft) headerTable(invented bool) map[string]any {
	all := map[string]any{}
	first := d.header.Get("Authorization") == ""
	for _, name := range sortedKeys(d.header) {
		if unsaid[name] {
			continue
		}
		if keyish.MatchString(name) && first {
			first = false
			continue
		}
		all[name] = d.concealed(d.header.Get(name), invented)
	}
	return all
}

// yes is how the answer is known again.
type yes struct {
	kind  string // shape of the answer
	where map[string]any
	id    string // place of the id; empty: it has none
}

// yes reads the answer.
func (d *draft) yes() yes {
	tree, err := readJSON([]byte(d.answer.body))
	switch {
	case d.answer.body == "":
		return yes{kind: shapeJSON}
	case err == nil:
		y := yes{shapeJSON, map[string]any{}, toDecide}
		place, says := d.idPlace(tree)
		for at, text := range says {
			y.where[at] = text
		}
		if d.id = place; place != "" {
			y.id, y.where[place] = place, map[string]any{"present": true}
			delete(y.where, "")
		}
		return y
	case strings.HasPrefix(d.answer.body, "<"):
		return yes{shapeXML, nil, toDecide}
	}
	d.id = "id"
	return yes{shapeText, map[string]any{"id": map[string]any{"present": true}}, "id"}
}

func (d *draft) ruleTables() string {
	var b strings.Builder
	y := d.yes()
	if y.kind != shapeJSON {
		b.WriteString("answers = " + quoted(y.kind) + "\n")
	}
	if y.kind == shapeText {
		b.WriteString(Decide + "the answer is a text: a regular expression says where the id is.\npattern = " + literal(textPattern(d.answer.body)) + "\n")
	}
	b.WriteString("\n" + Decide + "does all of this stand in every yes, and in no refusal? Is this the id that receipts name?\n[[send.rule]]\n")
	fmt.Fprintf(&b, "status = %d\n", d.answer.status)
	if len(y.where) > 0 {
		b.WriteString("where = " + inTOML(y.where) + "\n")
	}
	b.WriteString("then = \"taken\"\n")
	if y.id == "" {
		b.WriteString(Decide + "the answer has no body, and no id: are the receipts found by {ref}?\nwithout_id = true\n\n")
	} else {
		b.WriteString("id = " + quoted(y.id) + "\n\n")
	}
	b.WriteString(Decide + "say rejected, temporary, throttled, credit and auth only of answers of which the page says that the message was not taken. What no rule knows is in doubt.\n")
	for _, r := range []struct{ status, then string }{{"[400, 422]", "rejected"}, {"[401, 403]", "auth"}, {"429", "throttled"}} {
		fmt.Fprintf(&b, "[[send.rule]]\nstatus = %s\nthen = %s\n\n", r.status, quoted(r.then))
	}
	return b.String()
}

// mostOfAWord bounds how much of the first word a pattern has.
const mostOfAWord = 40

// textPattern finds the last word with a digit in a text.
func textPattern(text string) string {
	words := strings.Fields(text)
	if len(words) < 2 {
		return "^(?P<id>[0-9A-Za-z_-]+)$"
	}
	first := []rune(words[0])
	return "^" + regexp.QuoteMeta(string(first[:min(len(first), mostOfAWord)])) + ".*[ |:=](?P<id>[0-9A-Za-z_-]+)$"
}

// literal is a text of TOML in which a backslash is one, where that can be.
func literal(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r == '\'' || unicode.IsControl(r) }) {
		return quoted(text)
	}
	return "'" + text + "'"
}

// unnamed is what the operator said without the credentials, the number and the text that were pasted.
func (d *draft) unnamed(text string) string {
	return strings.ReplaceAll(d.unnumbered(d.concealed(text, true)), d.text, "Bonjour")
}

func (d *draft) unnumbered(text string) string {
	digits := strings.TrimLeft(strings.TrimPrefix(d.number, "tel:"), "+0")
	if digits == "" {
		return text
	}
	return strings.ReplaceAll(text, digits, strings.TrimPrefix(string(exampleNumber), "+"))
}

// unnameAnswer makes the answer one that may be kept: of JSON in its values, so that it stays JSON.
func (d *draft) unnameAnswer() {
	tree, err := readJSON([]byte(d.answer.body))
	if err != nil {
		d.answer.body = d.unnamed(d.answer.body)
		return
	}
	unnamed := d.unnamedTree(tree)
	if reflect.DeepEqual(tree, unnamed) {
		return // in the words of the page
	}
	if body, err := json.Marshal(unnamed); err == nil {
		d.answer.body = string(body)
	}
}

func (d *draft) unnamedTree(tree any) any {
	switch t := tree.(type) {
	case map[string]any:
		all := map[string]any{}
		for key := range t {
			all[d.unnumbered(key)] = d.unnamedTree(t[key])
		}
		return all
	case []any:
		all := make([]any, len(t))
		for i := range t {
			all[i] = d.unnamedTree(t[i])
		}
		return all
	case string:
		return d.unnamed(t)
	case json.Number:
		text := d.unnamed(t.String())
		if text == t.String() || strings.Trim(text, "0123456789") == "" {
			return json.Number(text)
		}
		return text
	}
	return tree
}

// idIn is the id in an answer, or the word for a person.
func (d *draft) idIn(body string) string {
	if tree, err := readJSON([]byte(body)); err == nil && d.id != "" {
		id, _ := inJSON(tree, pointer(d.id))
		return id
	}
	if re, err := regexp.Compile(textPattern(body)); err == nil && d.id == "id" {
		if found := (&pattern{re}).find(body); found["id"] != "" {
			return found["id"]
		}
	}
	return toDecide
}

// exchanges writes the file of exchanges.
func (d *draft) exchanges() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Exchanges with %s, of one request and one answer. The credentials are invented, the number is kept for fiction.", d.hints.Name)
	line("declaration = %s\n\n[settings]", quoted(d.hints.Name+".toml"))
	for _, name := range settingNames {
		if d.settings[name] != "" {
			line("%s = %s", name, quoted(d.settings[name]))
		}
	}
	line("\n[[request]]\nname = \"a message\"\nmethod = %s", quoted(d.method))
	line("url = %s", quoted(d.recordedURL()))
	if headers := d.recordedHeaders(); len(headers) > 0 {
		line("headers = %s", inTOML(headers))
	}
	if body, there := d.recordedBody(); there {
		line("body = %s", quoted(body))
	}
	line("\n[[send]]\nname = \"taken\"\nstatus = %d\nbody = %s\nthen = \"taken\"", d.answer.status, quoted(d.answer.body))
	if d.answer.body != "" {
		line("id = %s", quoted(d.idIn(d.answer.body)))
	}
	line("\n[[send]]\nname = \"a page of a proxy\"\nstatus = 502\nbody = \"<html>Bad Gateway</html>\"\nthen = \"uncertain\"\n")
	line("%scopy each refusal of the operator's page here, as [[send]], and each receipt as [[push]].", Decide)
	return b.String()
}

// recordedURL is the address with its parameters as the connector writes them.
func (d *draft) recordedURL() string {
	address, query := *d.url, url.Values{}
	for name := range d.url.Query() {
		if _, text, left := d.placeholder(name, d.url.Query().Get(name)); !left {
			query.Set(name, text)
		}
	}
	if key := d.queryKey(); key != "" { // the connector writes it last
		last := url.Values{key: {query.Get(key)}}
		query.Del(key)
		address.RawQuery = strings.TrimPrefix(query.Encode()+"&"+last.Encode(), "&")
	} else {
		address.RawQuery = query.Encode()
	}
	address.Path = d.concealed(address.Path, true)
	return address.String()
}

func (d *draft) recordedHeaders() map[string]any {
	headers := d.headerTable(true)
	if value := d.header.Get("Authorization"); strings.HasPrefix(value, "Basic ") {
		headers["Authorization"] = basicOf(d.settings["login"], d.settings["secret"])
	} else if value != "" {
		headers["Authorization"] = d.concealed(value, true)
	}
	for name := range d.header {
		if keyish.MatchString(name) && name != "Authorization" {
			headers[name] = d.concealed(d.header.Get(name), true)
		}
	}
	return headers
}

func (d *draft) recordedBody() (body string, there bool) {
	switch d.shape {
	case shapeJSON:
		_, recorded, _ := d.filled("", d.tree)
		text, err := json.Marshal(recorded)
		return string(text), err == nil
	case shapeForm:
		form := url.Values{}
		for name := range d.form {
			if _, text, left := d.placeholder(name, d.form.Get(name)); !left {
				form.Set(name, text)
			}
		}
		return form.Encode(), true
	}
	return "", false
}
