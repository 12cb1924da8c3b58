package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"relais/auth"
	"relais/openid"
	"relais/reason"
)

// Identities is the provider of identities.
type Identities interface {
	Begin(ctx context.Context, again bool) (to string, a openid.Attempt, err error)
	Finish(ctx context.Context, a openid.Attempt, answer url.Values) (openid.Person, error)
	SignOut(ctx context.Context, hint, state string) (to string, err error)
}

// Arrivals lets people in who come from there.
type Arrivals interface {
	SignInBy(ctx context.Context, a auth.Arrival) (token string, s auth.Session, err error)
	ProveBy(ctx context.Context, token string, a auth.Arrival) (string, auth.Session, error)
	Refuse(ctx context.Context, a auth.Arrival, code auth.ActCode) error
}

// Elsewhere is how people sign in by a provider of identities, and what is believed of what
// it says.
type Elsewhere struct {
	Provider Identities
	People   Arrivals
	Name     string // how people call the provider
	// EmergencyOnly hides passwords and passkeys from all but the accounts for emergencies.
	EmergencyOnly bool
	TrustEmail    bool
	RolesClaim    string // empty: the provider gives no roles
	Roles         map[string][]auth.Grant
	TrustACR      []string
	TrustAMR      []string
	Siret         []string // empty: any
}

// Addresses of the console that a provider has to know.
const (
	BackFromProvider = Home + "oidc/back"
	LeftProvider     = Home + "oidc/ended"
)

// elsewhereRoutes are those of the provider. They lead nowhere where there is none.
func elsewhereRoutes() []route {
	return []route{
		{"GET /console/oidc/begin", open, beginElsewhere},
		{"GET " + BackFromProvider, open, backFromElsewhere},
		{"GET /console/oidc/prove", self, proveElsewhere},
		{"GET /console/oidc/left", open, showLeft},
		{"GET /console/oidc/end", open, endElsewhere},
		{"GET " + LeftProvider, open, endedElsewhere},
	}
}

// journey is what the browser keeps while its person is at the provider.
type journey struct {
	openid.Attempt

	Next    string `json:"next"`
	User    string `json:"user,omitempty"`    // who proves who they are; empty: somebody signs in
	Leaving string `json:"leaving,omitempty"` // the state of who signs out
}

// Names of cookies, and what begins that which is sealed in them.
const (
	journeyCookie = "relais-oidc"
	tokenCookie   = "relais-oidc-token"
	elsewherePath = Home + "oidc/"
	journeyMark   = "\x00oidc\x00"
	tokenMark     = "\x00oidc-token\x00"
	mostOfCookie  = 3800 // bytes; browsers keep 4096 with the name
)

// beginElsewhere sends somebody to the provider. It is a link and no form: a policy of
// forms that go nowhere else stops their redirects too.
func beginElsewhere(q *request) (answer, error) {
	return q.leave(journey{Next: next(q.URL.Query().Get("next"))})
}

// proveElsewhere has somebody who is signed in prove there who they are.
func proveElsewhere(q *request) (answer, error) {
	return q.leave(journey{Next: next(q.URL.Query().Get("next")), User: q.session.User.ID})
}

func (q *request) leave(j journey) (answer, error) {
	there := q.console.Elsewhere
	if there == nil {
		return nil, notFound()
	}
	to, attempt, err := there.Provider.Begin(q.ctx(), j.User != "")
	if err != nil {
		return q.lost(j, err)
	}
	j.Attempt = attempt
	keep := func(w http.ResponseWriter) { q.seal(w, journeyCookie, Home, journeyMark, j) }
	return withCookies{away(to), keep}, nil
}

// backFromElsewhere takes who comes back.
func backFromElsewhere(q *request) (answer, error) {
	there := q.console.Elsewhere
	if there == nil {
		return nil, notFound()
	}
	var j journey
	q.unseal(journeyCookie, journeyMark, &j)
	forget := func(w http.ResponseWriter) { q.drop(w, journeyCookie, Home) }
	person, err := there.Provider.Finish(withoutCancel(q), j.Attempt, q.URL.Query())
	if err != nil {
		shown, err := q.lost(j, err)
		return withCookies{shown, forget}, err
	}
	shown, err := q.arrive(j, &person)
	if err != nil {
		return nil, err
	}
	return withCookies{shown, func(w http.ResponseWriter) {
		forget(w)
		q.seal(w, tokenCookie, elsewherePath, tokenMark, person.Token)
	}}, nil
}

// arrive lets a person in whom the provider knows, or says why not.
func (q *request) arrive(j journey, person *openid.Person) (answer, error) {
	there := q.console.Elsewhere
	a, err := q.arrival(person)
	if err != nil {
		return nil, err
	}
	if !there.admits(person) {
		return q.stranger(a, phrase("elsewhere_siret"), auth.SiretRefused)
	}
	var token string
	var s auth.Session
	switch {
	case j.User == "":
		token, s, err = there.People.SignInBy(withoutCancel(q), a)
	case j.User != q.session.User.ID:
		return redirect{to: Home + "signin"}, nil
	default:
		token, s, err = there.People.ProveBy(withoutCancel(q), q.token(), a)
	}
	refused, ok := errors.AsType[*auth.Error](err)
	switch {
	case err == nil && j.User != "":
		return q.renewed(token, redirect{to: j.Next}), nil
	case err == nil:
		return q.enter(token, s, j.Next), nil
	case !ok:
		return nil, err
	case refused.Reason.Code == auth.CodeStranger, refused.Reason.Code == auth.CodeNoRole:
		return q.strangerPage(a, refused.Reason), nil
	case j.User != "":
		p := newProofPage(q, j.Next, "")
		p.refuse(p.field(), refused.Reason.In(q.lang))
		return refuseForm("proof", p, refused), nil
	default:
		return refuseForm("signin", newSignInPage(q, j.Next, "", refused.Reason.In(q.lang)), refused), nil
	}
}

// admits reports whether people of this establishment may come in.
func (e *Elsewhere) admits(person *openid.Person) bool {
	return len(e.Siret) == 0 || slices.Contains(e.Siret, person.Text("siret"))
}

// arrival is what is believed of a person.
func (q *request) arrival(person *openid.Person) (auth.Arrival, error) {
	there := q.console.Elsewhere
	a := auth.Arrival{
		Issuer: person.Issuer, Subject: person.Subject, Told: person.Text("email"), Display: nameOf(person),
		RolesTold: there.RolesClaim != "", From: q.browser(),
		Strong: slices.Contains(there.TrustACR, person.Text("acr")) ||
			slices.ContainsFunc(person.List("amr"), func(way string) bool {
				return slices.Contains(there.TrustAMR, way)
			}),
	}
	if there.TrustEmail || person.True("email_verified") {
		if mail, err := auth.MailAddress(a.Told); err == nil {
			a.Mail = mail
		}
	}
	if !a.RolesTold {
		return a, nil
	}
	for _, value := range person.List(there.RolesClaim) {
		a.Roles = append(a.Roles, there.Roles[value]...)
	}
	accounts, err := q.console.Reader.Accounts(q.ctx())
	if err != nil {
		return a, err
	}
	a.Roles = slices.DeleteFunc(a.Roles, func(g auth.Grant) bool {
		known := g.Account == "" || slices.ContainsFunc(accounts, func(of auth.Account) bool {
			return of.Name == g.Account
		})
		if !known {
			q.console.Log.Warn("a role of the configuration is for an account that there is not", "role", g.String())
		}
		return !known
	})
	return a, nil
}

// nameOf is how a person is called: the name that they use, where the provider tells it.
func nameOf(person *openid.Person) string {
	family := person.Text("usual_name")
	if family == "" {
		family = person.Text("family_name")
	}
	name := strings.TrimSpace(person.Text("given_name") + " " + family)
	if name == "" {
		name = person.Text("name")
	}
	return name
}

// lost says why somebody could not be let in, and lets them begin anew.
func (q *request) lost(j journey, err error) (answer, error) {
	var word string
	status := http.StatusBadRequest
	switch {
	case errors.Is(err, openid.ErrUnreachable):
		word, status = "elsewhere_unreachable", http.StatusServiceUnavailable
	case errors.Is(err, openid.ErrStale):
		word = "elsewhere_stale"
	case errors.Is(err, openid.ErrDeclined):
		word = "elsewhere_declined"
	case errors.Is(err, openid.ErrDoubtful):
		word = "elsewhere_doubtful"
	default:
		return nil, err
	}
	from := q.browser().Address
	q.console.Log.Warn("a sign-in by the provider of identities failed", "error", err, "address", from)
	why := q.console.Elsewhere.say(word).In(q.lang)
	if j.User != "" && q.session.User.ID == j.User {
		p := newProofPage(q, next(j.Next), "")
		p.refuse(p.field(), why)
		return view{"proof", p, status}, nil
	}
	return view{"signin", newSignInPage(q, next(j.Next), "", why), status}, nil
}

// say is a phrase with the name of the provider.
func (e *Elsewhere) say(word string) reason.Reason {
	return reason.Of(Words+"/"+reason.Code(word), reason.Args{"provider": reason.Name(e.Name)})
}

// strangerPage is for who was recognised and has no place here.
type strangerPage struct {
	frame

	As       string // the address that the provider tells; hostile text
	Provider string
	Why      string
}

func (q *request) strangerPage(a auth.Arrival, why reason.Reason) answer {
	return view{"stranger", &strangerPage{
		As: a.Told, Provider: q.console.Elsewhere.Name, Why: why.In(q.lang),
	}, http.StatusForbidden}
}

// stranger refuses somebody for a reason of this page, which the audit tells.
func (q *request) stranger(a auth.Arrival, why reason.Reason, code auth.ActCode) (answer, error) {
	if err := q.console.Elsewhere.People.Refuse(withoutCancel(q), a, code); err != nil {
		return nil, err
	}
	return q.strangerPage(a, why), nil
}

// leftPage tells somebody who signed out here that they are still signed in there.
type leftPage struct {
	frame

	Provider string
}

// showLeft comes after signing out, where the cookie of the provider is sent.
func showLeft(q *request) (answer, error) {
	var token string
	if q.unseal(tokenCookie, tokenMark, &token); token == "" || q.console.Elsewhere == nil {
		return redirect{Home + "signin", "signed_out"}, nil
	}
	return view{name: "left", data: &leftPage{Provider: q.console.Elsewhere.Name}}, nil
}

// endElsewhere signs somebody out at the provider, who then sends them back.
func endElsewhere(q *request) (answer, error) {
	there := q.console.Elsewhere
	if there == nil {
		return nil, notFound()
	}
	var hint string
	q.unseal(tokenCookie, tokenMark, &hint)
	state, err := openid.Secret()
	if err != nil {
		return nil, err
	}
	to, err := there.Provider.SignOut(q.ctx(), hint, state)
	if err != nil {
		return q.lost(journey{Next: Home}, err)
	}
	var shown answer = away(to)
	if to == "" { // the provider knows no such thing
		shown = redirect{Home + "signin", "signed_out"}
	}
	return withCookies{shown, func(w http.ResponseWriter) {
		q.drop(w, tokenCookie, elsewherePath)
		q.seal(w, journeyCookie, Home, journeyMark, journey{Leaving: state})
	}}, nil
}

// endedElsewhere is where the provider sends who signed out.
func endedElsewhere(q *request) (answer, error) {
	var j journey
	q.unseal(journeyCookie, journeyMark, &j)
	shown := redirect{to: Home + "signin"}
	if j.Leaving != "" && j.Leaving == q.URL.Query().Get("state") {
		shown.said = "signed_out"
	}
	return withCookies{shown, func(w http.ResponseWriter) { q.drop(w, journeyCookie, Home) }}, nil
}

// away sends the browser to another site.
type away string

func (a away) write(w http.ResponseWriter, q *request) {
	http.Redirect(w, q.Request, string(a), http.StatusSeeOther)
}

// cookieAt is the name of a cookie for a path: a browser takes one for all paths from this
// host alone.
func (q *request) cookieAt(name, path string) *http.Cookie {
	if q.console.Secure && path == Home {
		name, path = "__Host-"+name, "/"
	}
	return &http.Cookie{
		Name: name, Path: path, Secure: q.console.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// seal puts a value into a cookie that nobody can read or make. What is too long for one is
// left out.
func (q *request) seal(w http.ResponseWriter, name, path, mark string, value any) {
	plain, err := json.Marshal(value)
	c := q.cookieAt(name, path)
	c.Value = base64.RawURLEncoding.EncodeToString(q.console.Sealer.Seal(append([]byte(mark), plain...)))
	if err != nil || len(c.Value) > mostOfCookie {
		return
	}
	if name == journeyCookie {
		c.MaxAge = int(openid.AttemptLife.Seconds())
	}
	http.SetCookie(w, c)
}

// unseal reads what seal wrote; the value stays as it is where there is nothing to read.
func (q *request) unseal(name, mark string, value any) {
	path := Home
	if name == tokenCookie {
		path = elsewherePath
	}
	sealed, err := base64.RawURLEncoding.DecodeString(q.cookie(q.cookieAt(name, path).Name))
	if err != nil || len(sealed) == 0 {
		return
	}
	plain, err := q.console.Sealer.Open(sealed)
	if err != nil {
		return
	}
	if rest, marked := strings.CutPrefix(string(plain), mark); marked {
		_ = json.Unmarshal([]byte(rest), value)
	}
}

func (q *request) drop(w http.ResponseWriter, name, path string) {
	c := q.cookieAt(name, path)
	c.MaxAge = -1
	http.SetCookie(w, c)
}
