package manual

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Call is a request of an example, ready to be written in a language.
type Call struct {
	Method, URL string
	Header      []Header
	Body        any    // of JSON; nil: none
	Text        string // a body that is no JSON
	Refused     bool   // the answer is a refusal
}

// Header is a header field.
type Header struct{ Name, Value string }

// Code is a language of programs.
type Code struct {
	ID, Name string
	Write    func(*Call) string
}

// Codes are those in which the examples stand.
var Codes = []Code{
	{"curl", "curl", curl},
	{"python", "Python", python},
	{"php", "PHP", php},
	{"javascript", "JavaScript", javascript},
	{"go", "Go", golang},
}

func (c *Call) hasBody() bool { return c.Body != nil || c.Text != "" }

var plainKey = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// shText quotes for a POSIX shell.
func shText(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func phpText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// goText is a literal of Go, without escapes where it can be.
func goText(s string) string {
	if strings.ContainsAny(s, "`\r") || !strings.ContainsAny(s, "\"\n\\") {
		return fmt.Sprintf("%q", s)
	}
	return "`" + s + "`"
}

// word is a piece of a URL that needs no quotes.
var bare = regexp.MustCompile(`^[\w:/.%+~-]+$`)

func curl(c *Call) string {
	address := c.URL
	if !bare.MatchString(address) {
		address = shText(address)
	}
	lines := []string{"curl -i " + address}
	if c.Method != http.MethodGet && (c.Method != http.MethodPost || !c.hasBody()) {
		lines[0] = "curl -i -X " + c.Method + " " + address
	}
	for _, h := range c.Header {
		lines = append(lines, "-H "+shText(h.Name+": "+h.Value))
	}
	switch {
	case c.Body != nil:
		lines = append(lines, "-d "+shText(inJSON.of(c.Body, "")))
	case c.Text != "":
		lines = append(lines, "--data-binary "+shText(c.Text))
	}
	return strings.Join(lines, " \\\n  ")
}

func python(c *Call) string {
	var b strings.Builder
	if c.Body != nil {
		b.WriteString("import json\n")
	}
	if c.Refused {
		b.WriteString("from urllib.error import HTTPError\n")
	}
	b.WriteString("from urllib.request import Request, urlopen\n\nrequest = Request(\n")
	fmt.Fprintf(&b, "    %s,\n    method=%s,\n    headers={\n", jsonText(c.URL), jsonText(c.Method))
	for _, h := range c.Header {
		fmt.Fprintf(&b, "        %s: %s,\n", jsonText(h.Name), jsonText(h.Value))
	}
	b.WriteString("    },\n")
	switch {
	case c.Body != nil:
		fmt.Fprintf(&b, "    data=json.dumps(%s).encode(),\n", inPython.of(c.Body, "    "))
	case c.Text != "":
		fmt.Fprintf(&b, "    data=%s.encode(),\n", jsonText(c.Text))
	}
	b.WriteString(")\n")
	if c.Refused {
		b.WriteString("try:\n    answer = urlopen(request)\nexcept HTTPError as refusal:\n    answer = refusal\n")
		b.WriteString("print(answer.status)\nprint(answer.read().decode())\n")
	} else {
		b.WriteString("with urlopen(request) as answer:\n    print(answer.status)\n    print(answer.read().decode())\n")
	}
	return b.String()
}

func php(c *Call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?php\n$curl = curl_init(%s);\ncurl_setopt_array($curl, [\n", phpText(c.URL))
	fmt.Fprintf(&b, "    CURLOPT_CUSTOMREQUEST => %s,\n    CURLOPT_HTTPHEADER => [\n", phpText(c.Method))
	for _, h := range c.Header {
		fmt.Fprintf(&b, "        %s,\n", phpText(h.Name+": "+h.Value))
	}
	b.WriteString("    ],\n")
	switch {
	case c.Body != nil:
		fmt.Fprintf(&b, "    CURLOPT_POSTFIELDS => json_encode(%s),\n", inPHP.of(c.Body, "    "))
	case c.Text != "":
		text := strings.ReplaceAll(strings.ReplaceAll(jsonText(c.Text), "$", `\$`), `\/`, "/")
		fmt.Fprintf(&b, "    CURLOPT_POSTFIELDS => %s,\n", text)
	}
	b.WriteString("    CURLOPT_RETURNTRANSFER => true,\n]);\n$answer = curl_exec($curl);\n")
	b.WriteString("echo curl_getinfo($curl, CURLINFO_RESPONSE_CODE), \"\\n\", $answer, \"\\n\";\n")
	return b.String()
}

func javascript(c *Call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "const answer = await fetch(%s, {\n", jsonText(c.URL))
	if c.Method != http.MethodGet {
		fmt.Fprintf(&b, "  method: %s,\n", jsonText(c.Method))
	}
	b.WriteString("  headers: {\n")
	for _, h := range c.Header {
		fmt.Fprintf(&b, "    %s%s,\n", inJavaScript.key(h.Name), jsonText(h.Value))
	}
	b.WriteString("  },\n")
	switch {
	case c.Body != nil:
		fmt.Fprintf(&b, "  body: JSON.stringify(%s),\n", inJavaScript.of(c.Body, "  "))
	case c.Text != "":
		fmt.Fprintf(&b, "  body: %s,\n", jsonText(c.Text))
	}
	b.WriteString("});\nconsole.log(answer.status);\nconsole.log(await answer.text());\n")
	return b.String()
}

// stop is what the example in Go does with an error.
const stop = "\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n"

func golang(c *Call) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"log\"\n\t\"net/http\"\n")
	sent := "nil"
	if c.hasBody() {
		b.WriteString("\t\"strings\"\n")
		sent = "body"
	}
	b.WriteString(")\n\nfunc main() {\n")
	switch {
	case c.Body != nil:
		fmt.Fprintf(&b, "\tbody := strings.NewReader(%s)\n", goText(inJSON.of(c.Body, "")))
	case c.Text != "":
		fmt.Fprintf(&b, "\tbody := strings.NewReader(%s)\n", goText(c.Text))
	}
	fmt.Fprintf(&b, "\trequest, err := http.NewRequest(%q, %q, %s)\n%s", c.Method, c.URL, sent, stop)
	for _, h := range c.Header {
		fmt.Fprintf(&b, "\trequest.Header.Set(%q, %q)\n", h.Name, h.Value)
	}
	b.WriteString("\tanswer, err := http.DefaultClient.Do(request)\n" + stop)
	b.WriteString("\tdefer answer.Body.Close()\n\ttext, err := io.ReadAll(answer.Body)\n" + stop)
	b.WriteString("\tfmt.Println(answer.StatusCode)\n\tfmt.Println(string(text))\n}\n")
	return b.String()
}
