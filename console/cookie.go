package console

import (
	"net/http"
	"net/url"
	"time"
)

// Cookies of the console. Those that hold a choice are no secret; the session is.
const (
	accountCookie  = "relais-account"
	languageCookie = "relais-language"
	themeCookie    = "relais-theme"
	liveCookie     = "relais-live"
	keysCookie     = "relais-keys"
)

// sessionCookie is the name of the cookie with the session: a browser takes a name that
// begins with __Host- from this host alone, over HTTPS.
func (c *Console) sessionCookie() string {
	if c.Secure {
		return "__Host-relais"
	}
	return "relais"
}

// cookie is the value of a cookie, empty without one.
func (q *request) cookie(name string) string {
	c, err := q.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// setSession gives the browser a session, or takes it away when token is empty. It ends
// with the browser; the server ends it earlier.
func (c *Console) setSession(w http.ResponseWriter, token string) {
	age := 0
	if token == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: c.sessionCookie(), Value: token, Path: "/", MaxAge: age, Secure: c.Secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

// remember keeps a choice in the browser for a year.
func (c *Console) remember(w http.ResponseWriter, name, value string) {
	const year = 365 * 24 * time.Hour
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: Home, MaxAge: int(year.Seconds()), Secure: c.Secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

func escaped(path string) string { return url.QueryEscape(path) }
