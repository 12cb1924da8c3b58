package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"relais/reason"
)

// Drafted is a first declaration, with exchanges that it stands up to. What begins with Decide is to
// be looked at by a person.
type Drafted struct {
	Declaration []byte
	Exchanges   []byte
	Decisions   int // that are marked
}

// Decide begins each comment where a person must decide.
const Decide = "# DECIDE: "

// toDecide stands where a value is missing; no declaration with it is read.
const toDecide = "DECIDE"

// Hints tell what a pasted request is about, where that does not show.
type Hints struct {
	Name   string // of the operator, and of the files
	Number string // as it stands in the request
	Text   string
}

var (
	errNoNumber = reason.NewError(whyDraftNumber, nil)
	errNoText   = reason.NewError(whyDraftText, nil)
	errPathHas  = reason.NewError(whyDraftPath, nil)
	errNoJSON   = reason.NewError(whyDraftBody, nil)
	errSecrets  = reason.NewError(whyDraftSecrets, nil)
)

// Draft makes a first declaration of a request, as an operator's documentation shows it, and of the
// answer that takes it. Credentials that show by their names, or by the header Authorization, do not stand
// in what it makes. What Parse would refuse of the declaration stands in a decision at its end.
func Draft(request, answer string, hints Hints) (*Drafted, error) {
	p, err := readPasted(strings.ToValidUTF8(request, "\uFFFD"))
	if err != nil {
		return nil, err
	}
	a, err := readPastedAnswer(strings.ToValidUTF8(answer, "\uFFFD"))
	if err != nil {
		return nil, err
	}
	d := &draft{pasted: p, answer: a, hints: hints, settings: map[string]string{}}
	if err := d.find(); err != nil {
		return nil, err
	}
	d.unnameAnswer()
	declaration := d.declaration()
	declaration += mistakesIn(declaration)
	exchanges := d.exchanges()
	return &Drafted{
		[]byte(declaration), []byte(exchanges), strings.Count(declaration, Decide) + strings.Count(exchanges, Decide),
	}, nil
}

// mistakesIn are decisions about what no gateway would read in a declaration.
func mistakesIn(declaration string) string {
	_, err := Parse([]byte(declaration))
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, one := range joined.Unwrap() {
		b.WriteString(Decide + strings.Join(strings.Fields(one.Error()), " ") + "\n")
	}
	return b.String()
}

// draft is one under way.
type draft struct {
	*pasted
	answer *pastedAnswer
	hints  Hints

	shape      string // of the body
	tree       any    // of JSON
	form       url.Values
	number     string // as it is written
	numberForm string
	text       string
	settings   map[string]string // that the declaration wants, with invented values
	secrets    []change          // from what was pasted to the invented value
	notes      []string          // decisions about the request
	id         string            // place of the operator's id; empty: none was found
	nameless   bool              // a credential found no name that is free
}

// change is a pasted value with what stands for it: in the declaration a placeholder, in the exchanges
// an invented value.
type change struct{ pasted, placeholder, invented string }

var (
	looksNumber = regexp.MustCompile(`^(?:tel:)?(?:\+|00)?[1-9][0-9]{7,14}$`)
	keyish      = regexp.MustCompile(`(?i)key|token|secret|passw|^pass$|pwd|auth`)
	userish     = regexp.MustCompile(`(?i)^(user|username|user_?id|login|account|api[-_]?login)$`)
	textish     = regexp.MustCompile(`(?i)^(text|message|msg|body|content|sms)$`)
	fromish     = regexp.MustCompile(`(?i)^(from|sender|source|src|originator|emetteur|sender_?id|from_?number)$`)
	refish      = regexp.MustCompile(`(?i)(^|[-_])(ref|reference|tag)|client.?(ref|id|message)|custom.?id|external.?id`)
	sayish      = regexp.MustCompile(`(?i)^(status|success|code|result|response[-_]?code|error[-_]?code|accepted)$`)
)

// idish are names of an id, the likeliest first: a message's own, and that of a batch around it last.
var idish = []*regexp.Regexp{
	regexp.MustCompile(`(?i)^(api)?(message|sms|msg)[-_]?(id|uuid)$`), regexp.MustCompile(`(?i)^(id|sid|uuid)$`),
	regexp.MustCompile(`(?i)ticket$`), regexp.MustCompile(`(?i)^(batch[-_]?id|reference)$`),
}

// leaf is a value of the request with its name.
type leaf struct{ at, name, text string }

func (d *draft) leaves() []leaf {
	var all []leaf
	for _, name := range sortedKeys(d.url.Query()) {
		all = append(all, leaf{"query:" + name, name, d.url.Query().Get(name)})
	}
	for _, name := range sortedKeys(d.form) {
		all = append(all, leaf{name, name, d.form.Get(name)})
	}
	return append(all, leavesOf("", "", d.tree)...)
}

func leavesOf(at, name string, tree any) []leaf {
	var all []leaf
	switch t := tree.(type) {
	case map[string]any:
		for _, key := range sortedKeys(t) {
			all = append(all, leavesOf(at+"/"+key, key, t[key])...)
		}
	case []any:
		for i := range t {
			all = append(all, leavesOf(at+"/"+strconv.Itoa(i), name, t[i])...)
		}
	case nil:
	default:
		all = append(all, leaf{at, name, fmt.Sprint(t)})
	}
	return all
}

// find tells what the values of the request are.
func (d *draft) find() error {
	switch kind := d.header.Get("Content-Type"); {
	case d.body == "":
	case strings.Contains(kind, "json"):
		d.shape = shapeJSON
		tree, err := readJSON([]byte(d.body))
		if err != nil {
			return errNoJSON
		}
		d.tree = tree
	case strings.Contains(kind, "x-www-form-urlencoded"):
		d.shape = shapeForm
		form, err := url.ParseQuery(d.body)
		if err != nil {
			return errNoJSON
		}
		d.form = form
	default:
		return errNoJSON
	}
	d.findNumber()
	if d.number == "" {
		return errNoNumber
	}
	d.findText()
	if d.text == "" {
		return errNoText
	}
	if path := d.url.Path; strings.Contains(path, strings.TrimLeft(d.number, "+0")) || strings.Contains(path, d.text) {
		return errPathHas
	}
	d.findCredentials()
	if d.nameless {
		return errSecrets
	}
	return nil
}

func (d *draft) findNumber() {
	for _, one := range d.leaves() {
		if d.hints.Number == one.text && one.text != "" || d.hints.Number == "" && looksNumber.MatchString(one.text) && !fromish.MatchString(one.name) {
			d.number = one.text
			break
		}
	}
	switch plain := strings.TrimPrefix(d.number, "tel:"); {
	case strings.HasPrefix(plain, "+"):
		d.numberForm = numberE164
	case strings.HasPrefix(plain, "00"):
		d.numberForm = numberZeros
	default:
		d.numberForm = numberDigits
	}
}

func (d *draft) findText() {
	d.text = d.hints.Text
	for _, one := range d.leaves() {
		if d.text == "" && textish.MatchString(one.name) && one.text != d.number {
			d.text = one.text
		}
	}
	for _, one := range d.leaves() {
		if d.text == "" && strings.Contains(one.text, " ") {
			d.text = one.text
		}
	}
}

// credential notes one of the request, unless it is noted.
func (d *draft) credential(pasted string, names ...string) {
	if pasted == "true" || pasted == "false" { // of JSON: it says something about a key
		return
	}
	if !slices.ContainsFunc(d.secrets, func(c change) bool { return c.pasted == pasted }) {
		d.setting(pasted, names...)
	}
}

// setting notes a credential of the request under the first name that is free.
func (d *draft) setting(pasted string, names ...string) {
	for _, name := range append(names, "key", "secret", "signing_key") {
		if _, taken := d.settings[name]; taken {
			continue
		}
		invented := "invented-" + strings.ReplaceAll(name, "_", "-") + "-1"
		d.settings[name] = invented
		d.secrets = append(d.secrets, change{pasted, "{" + name + "}", invented})
		return
	}
	d.nameless = true
}

func (d *draft) findCredentials() {
	if user, password, ok := (&http.Request{Header: d.header}).BasicAuth(); ok {
		d.setting(user, "login")
		d.setting(password, "secret")
	}
	for _, name := range sortedKeys(d.header) {
		value := d.header.Get(name)
		if name == "Authorization" && !strings.HasPrefix(value, "Basic ") {
			_, token, two := strings.Cut(value, " ")
			if !two {
				token = value
			}
			d.credential(token, "key")
		} else if name != "Authorization" && userish.MatchString(name) {
			d.credential(value, "login")
		} else if name != "Authorization" && keyish.MatchString(name) {
			d.credential(value, "key")
		}
	}
	for _, one := range d.leaves() {
		switch {
		case userish.MatchString(one.name):
			d.credential(one.text, "login")
		case keyish.MatchString(one.name):
			d.credential(one.text, "key")
		}
	}
}

// placeholder is what a value of the request becomes, and what it is in the exchanges. left is true for
// one that is left out.
func (d *draft) placeholder(name, text string) (template, recorded string, left bool) {
	digits := strings.TrimLeft(strings.TrimPrefix(d.number, "tel:"), "+0")
	switch {
	case text == d.number:
		before := strings.TrimSuffix(text, strings.TrimPrefix(text, "tel:"))
		return before + "{to}", before + formed(string(exampleNumber), d.numberForm), false
	case text == d.text:
		return "{text}", "Bonjour", false
	case fromish.MatchString(name):
		d.settings["sender"] = text
		if looksNumber.MatchString(text) {
			d.settings["sender"] = "+" + strings.TrimLeft(text, "+0")
			return "{sender}", formed(d.settings["sender"], d.numberForm), false
		}
		return "{sender}", text, false
	case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"):
		d.note("%q was an address. Where it is that of receipts, write \"{callback}/receipt\", and fill in [receipts] below.", name)
		return "", "", true
	case refish.MatchString(name):
		return "{ref}", exampleRef, false
	}
	for _, c := range d.secrets {
		if text == c.pasted && text != "" {
			return c.placeholder, c.invented, false
		}
	}
	if digits != "" && strings.Contains(text, digits) {
		text = strings.ReplaceAll(text, digits, strings.TrimPrefix(string(exampleNumber), "+"))
	}
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text), text, false
}

// exampleRef is the reference of the example.
const exampleRef = "AZM7XIoBw-fQmobLD1OX"

// filled gives a value of JSON as the declaration has it, and as it is recorded.
func (d *draft) filled(name string, value any) (declared, recorded any, left bool) {
	switch v := value.(type) {
	case map[string]any:
		a, b := map[string]any{}, map[string]any{}
		for _, key := range sortedKeys(v) {
			if x, y, out := d.filled(key, v[key]); !out {
				a[key], b[key] = x, y
			}
		}
		return a, b, false
	case []any:
		var a, b []any
		for i := range v {
			if x, y, out := d.filled(name, v[i]); !out {
				a, b = append(a, x), append(b, y)
			}
		}
		return a, b, len(a) == 0 && len(v) > 0
	case string:
		return d.placeholder(name, v)
	case json.Number:
		return d.filledNumber(name, v)
	case nil:
		return nil, nil, true
	default:
		return v, v, false
	}
}

// filledNumber is filled of a number: what a placeholder stands for goes as a text.
func (d *draft) filledNumber(name string, v json.Number) (declared, recorded any, left bool) {
	text := v.String()
	template, written, left := d.placeholder(name, text)
	if template == text || left {
		return v, v, false
	}
	d.note("%q was a number of JSON, and goes as a text. Does the operator take it so?", name)
	return template, written, false
}

// note keeps a decision about the request, once.
func (d *draft) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// idPlace looks for the operator's id in the answer.
func (d *draft) idPlace(tree any) (id string, says map[string]string) {
	says = map[string]string{}
	leaves := leavesOf("", "", tree)
	for _, one := range leaves {
		if sayish.MatchString(one.name) && len(one.text) < 20 {
			says[one.at] = one.text
		}
	}
	for _, form := range idish {
		for _, one := range leaves {
			if form.MatchString(one.name) && one.text != "" {
				return one.at, says
			}
		}
	}
	return "", says
}

func basicOf(login, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+secret))
}

// quoted is a text of TOML, which takes what JSON writes, but for a raw DEL.
func quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return `""`
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func keyOf(name string) string {
	if bareKey.MatchString(name) {
		return name
	}
	return quoted(name)
}

// inTOML is a value of JSON in TOML, on one line.
func inTOML(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var all []string
		for _, key := range sortedKeys(v) {
			all = append(all, keyOf(key)+" = "+inTOML(v[key]))
		}
		return "{ " + strings.Join(all, ", ") + " }"
	case []any:
		var all []string
		for i := range v {
			all = append(all, inTOML(v[i]))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case string:
		return quoted(v)
	default:
		return fmt.Sprint(v)
	}
}
