package httpapi

import (
	"bufio"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"relais/reason"
)

// pasted is a request that somebody pasted: a command line of curl, or the request as it travels.
type pasted struct {
	method string
	url    *url.URL
	header http.Header
	body   string
}

// Errors of what was pasted.
var (
	errNoRequest   = reason.NewError(whyDraftRequest, nil)
	errMultipart   = reason.NewError(whyDraftParts, nil)
	errBodyElse    = reason.NewError(whyDraftFile, nil)
	errOpenQuote   = reason.NewError(whyDraftQuote, nil)
	errNoAddress   = reason.NewError(whyDraftAddress, nil)
	errCurlUnknown = reason.NewError(whyDraftOption, nil)
)

func readPasted(text string) (*pasted, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	var p *pasted
	var err error
	switch first, _, _ := strings.Cut(text, " "); {
	case first == "curl", strings.HasPrefix(text, "$ curl "):
		p, err = readCurl(strings.TrimPrefix(text, "$ "))
	case strings.Contains(text, " HTTP/"):
		p, err = readRaw(text)
	default:
		return nil, errNoRequest
	}
	if err != nil {
		return nil, err
	}
	if p.url == nil || p.url.Host == "" {
		return nil, errNoAddress
	}
	p.takeUser()
	return p, nil
}

// takeUser moves a name and a password out of the address, to where every client sends them.
func (p *pasted) takeUser() {
	user := p.url.User
	if p.url.User = nil; user == nil || p.header.Get("Authorization") != "" {
		return
	}
	password, _ := user.Password()
	p.header.Set("Authorization", basicOf(user.Username(), password))
}

// readRaw reads a request as it travels. Its length is what was pasted, whatever it announces.
func readRaw(text string) (*pasted, error) {
	head, body, _ := strings.Cut(text, "\n\n")
	line, rest, _ := strings.Cut(head, "\n")
	words := strings.Fields(line)
	if len(words) != 3 {
		return nil, errNoRequest
	}
	header, err := headersIn(rest)
	if err != nil {
		return nil, err
	}
	address := words[1]
	if strings.HasPrefix(address, "/") {
		address = "https://" + header.Get("Host") + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errNoAddress
	}
	return &pasted{words[0], u, header, body}, nil
}

func headersIn(text string) (http.Header, error) {
	mime, err := textproto.NewReader(bufio.NewReader(strings.NewReader(text + "\n\n"))).ReadMIMEHeader()
	if err != nil {
		return nil, errNoRequest
	}
	return http.Header(mime), nil
}

// readCurl reads a command line of curl, as the pages of operators have them.
func readCurl(text string) (*pasted, error) {
	words, err := shellWords(text)
	if err != nil {
		return nil, err
	}
	p, data, query := &pasted{header: http.Header{}}, []string{}, false
	for i := 1; i < len(words); i++ {
		option, value, glued := words[i], "", false
		if strings.HasPrefix(option, "--") {
			option, value, glued = strings.Cut(option, "=")
		} else if len(option) > 2 && option[0] == '-' && strings.ContainsRune("XHdu", rune(option[1])) {
			option, value, glued = option[:2], option[2:], true
		}
		if takesValue[option] && !glued {
			if i++; i == len(words) {
				return nil, errCurlUnknown
			}
			value = words[i]
		}
		if err := p.option(option, value, &data, &query); err != nil {
			return nil, err
		}
	}
	p.body = strings.Join(data, "&")
	if query && p.url != nil {
		p.url.RawQuery = strings.Trim(p.url.RawQuery+"&"+p.body, "&")
		p.body = ""
	}
	if p.method == "" {
		if p.method = http.MethodGet; p.body != "" {
			p.method = http.MethodPost
		}
	}
	if p.body != "" && p.header.Get("Content-Type") == "" {
		p.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p, nil
}

var takesValue = map[string]bool{
	"-X": true, "--request": true, "-H": true, "--header": true, "-d": true, "--data": true, "--data-raw": true, "--data-binary": true,
	"--data-ascii": true, "--data-urlencode": true, "-u": true, "--user": true, "--url": true, "--json": true, "-o": true, "--output": true,
	"-A": true, "--user-agent": true, "-m": true, "--max-time": true,
}

func (p *pasted) option(option, value string, data *[]string, query *bool) error {
	switch option {
	case "-X", "--request":
		p.method = value
	case "-H", "--header":
		name, text, _ := strings.Cut(value, ":")
		p.header.Add(strings.TrimSpace(name), strings.TrimSpace(text))
	case "-u", "--user":
		login, secret, _ := strings.Cut(value, ":")
		p.header.Set("Authorization", basicOf(login, secret))
	case "--json":
		p.header.Set("Content-Type", "application/json")
		*data = append(*data, value)
	case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii":
		if strings.HasPrefix(value, "@") && option != "--data-raw" {
			return errBodyElse
		}
		*data = append(*data, value)
	case "--data-urlencode":
		name, text, named := strings.Cut(value, "=")
		if !named {
			return errCurlUnknown
		}
		*data = append(*data, name+"="+url.QueryEscape(text))
	case "-G", "--get":
		*query = true
	case "-F", "--form":
		return errMultipart
	case "--url":
		return p.to(value)
	default:
		if !strings.HasPrefix(option, "-") {
			return p.to(option)
		} // what is left says how curl behaves
	}
	return nil
}

func (p *pasted) to(address string) error {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return errNoAddress
	}
	p.url = u
	return nil
}

// shellWords cuts a command line as a shell does, quotation marks and line ends included.
func shellWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	begun, quote := false, rune(0)
	runes := []rune(strings.ReplaceAll(text, "\\\n", " "))
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; {
		case quote == '\'' && c != '\'', quote == '"' && c != '"' && c != '\\':
			word.WriteRune(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && i+1 < len(runes):
			if i++; quote == '"' && !strings.ContainsRune("\"\\$`", runes[i]) {
				word.WriteRune(c)
			}
			word.WriteRune(runes[i])
			begun = true
		case quote == 0 && (c == '\'' || c == '"'):
			quote, begun = c, true
		case strings.ContainsRune(" \t\n", c):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, errOpenQuote
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// pastedAnswer is an answer as it travels, or its body alone.
type pastedAnswer struct {
	status int
	header http.Header
	body   string
}

func readPastedAnswer(text string) (*pastedAnswer, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if !strings.HasPrefix(text, "HTTP/") {
		return &pastedAnswer{http.StatusOK, http.Header{}, text}, nil
	}
	head, body, _ := strings.Cut(text, "\n\n")
	line, rest, _ := strings.Cut(head, "\n")
	words := strings.Fields(line)
	if len(words) < 2 {
		return nil, errNoRequest
	}
	status, err := strconv.Atoi(words[1])
	if err != nil || status < 100 || status > 599 {
		return nil, errNoRequest
	}
	header, err := headersIn(rest)
	if err != nil {
		return nil, err
	}
	return &pastedAnswer{status, header, strings.TrimSpace(body)}, nil
}
