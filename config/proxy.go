package config

import (
	"net/url"
	"strconv"

	"relais/reason"
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
func wrongProxy(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return reason.Of(whyProxyURL, nil)
	case parsed.Scheme != "http":
		return reason.Of(whyProxyScheme, nil)
	case parsed.Hostname() == "" || !isPort(parsed.Port()):
		return reason.Of(whyProxyPort, nil)
	case parsed.Path != "" && parsed.Path != "/" || parsed.RawQuery != "" || parsed.Fragment != "":
		return reason.Of(whyProxyPath, nil)
	}
	return reason.Reason{}
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
