package config

import (
	"net/url"
	"strconv"
)

// ProxyURL is the proxy of webhooks; nil where there is none.
func (w Webhooks) ProxyURL() *url.URL {
	parsed, err := url.Parse(w.Proxy.Reveal())
	if err != nil || parsed.Host == "" {
		return nil
	}
	return parsed
}

// wrongProxy does not repeat the value, which may hold a password.
func wrongProxy(text string) string {
	if text == "" {
		return ""
	}
	const example = `such as "http://proxy.town.example:3128" or "http://user:password@proxy.town.example:3128"`
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return "want a URL " + example + "; in a password %2F stands for /, %23 for #, %3F for ? and %25 for %"
	case parsed.Scheme != "http":
		return "want the http:// address of an HTTP proxy, " + example
	case parsed.Hostname() == "" || !isPort(parsed.Port()):
		return "want a host with its port, " + example
	case parsed.Path != "" && parsed.Path != "/" || parsed.RawQuery != "" || parsed.Fragment != "":
		return "want nothing behind the port, " + example
	}
	return ""
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
